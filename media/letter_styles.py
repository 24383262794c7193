"""What the built-in templates of letters and orders share: page, styles, lines, rules, page numbers.

Measures are those of GB/T 9704: A4, the text 156 × 225 mm in 22 lines of 28 characters, the body in third size (16
points), the page's number outside below. A font that a computer lacks is replaced there by the one named beside it.
"""

import io
from collections.abc import Sequence
from typing import Any, Final

import docx
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Length, Mm, Pt, RGBColor

TITLE, BODY, HEADING, SUBHEADING, PLAIN = "方正小标宋简体", "仿宋_GB2312", "黑体", "楷体_GB2312", "宋体"
# on a computer without the first, the second is used
SUBSTITUTES: Final = {TITLE: "宋体", BODY: "仿宋", HEADING: "黑体", SUBHEADING: "楷体"}
STYLE_BODY, STYLE_FIRST, STYLE_SECOND = "公文正文", "公文一级标题", "公文二级标题"
STYLE_ENCLOSURE, STYLE_ENCLOSURE_TITLE = "公文附件", "公文附件标题"
STYLE_GRID_TITLE, STYLE_CELL = "公文附表标题", "公文表格"
ALIGNED: Final = {
    "left": WD_ALIGN_PARAGRAPH.LEFT,
    "center": WD_ALIGN_PARAGRAPH.CENTER,
    "right": WD_ALIGN_PARAGRAPH.RIGHT,
    "justify": WD_ALIGN_PARAGRAPH.JUSTIFY,
}
RED: Final = RGBColor(0xD8, 0x1E, 0x06)
RED_RULE: Final = "D81E06"
LINE: Final = Pt(28.9)  # 225 mm in 22 lines
TEXT_WIDTH: Final = Mm(156)
_NARROWER = "-5"  # twentieths of a point between characters: 28 of 16 points in 156 mm
_AFTER_BORDERS = ("w:shd", "w:tabs", "w:spacing", "w:ind", "w:jc", "w:rPr")


def document() -> Any:
    """Return an empty document with page, styles and page numbers."""
    made = docx.Document()
    section = made.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    section.footer_distance = Mm(22)
    _styles(made)
    made.settings.odd_and_even_pages_header_footer = True
    _page_number(section.footer.paragraphs[0], "right")
    _page_number(section.even_page_footer.paragraphs[0], "left")
    return made


def _styles(made: Any) -> None:
    for name, font in ((STYLE_BODY, BODY), (STYLE_FIRST, HEADING), (STYLE_SECOND, SUBHEADING)):
        style = _style(made, name, font, 16)
        style.paragraph_format.first_line_indent = Pt(32)
        style.paragraph_format.alignment = ALIGNED["justify"]
        style.paragraph_format.keep_with_next = name != STYLE_BODY
        narrow(style)
    _style(made, STYLE_ENCLOSURE, HEADING, 16).paragraph_format.page_break_before = True
    shape = _style(made, STYLE_ENCLOSURE_TITLE, TITLE, 22, Pt(34)).paragraph_format
    shape.alignment, shape.space_before, shape.space_after = ALIGNED["center"], Pt(14), Pt(10)
    shape.keep_with_next = True
    shape = _style(made, STYLE_GRID_TITLE, HEADING, 14).paragraph_format
    shape.space_before, shape.space_after, shape.keep_with_next = Pt(10), Pt(4), True
    _style(made, STYLE_CELL, BODY, 12, Pt(20))


def _style(made: Any, name: str, font: str, size: float, spacing: Length = LINE) -> Any:
    style = made.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
    style.base_style = made.styles["Normal"]
    _font(style, font, size)
    _spaced(style.paragraph_format, spacing)
    return style


def _spaced(shape: Any, spacing: Length) -> None:
    shape.space_before = shape.space_after = Pt(0)
    shape.line_spacing_rule = WD_LINE_SPACING.EXACTLY
    shape.line_spacing = spacing


def _font(thing: Any, font: str, size: float) -> None:
    thing.font.name, thing.font.size = font, Pt(size)
    fonts = thing.element.get_or_add_rPr().get_or_add_rFonts()
    for kind in ("w:eastAsia", "w:ascii", "w:hAnsi"):
        fonts.set(qn(kind), font)


def narrow(thing: Any) -> None:
    """Set the characters of a style or run so that 28 stand in a line."""
    gap = OxmlElement("w:spacing")
    gap.set(qn("w:val"), _NARROWER)
    shape = thing.element.get_or_add_rPr()
    shape.insert_element_before(gap, "w:w", "w:kern", "w:position", "w:sz", "w:szCs", "w:u", "w:lang")


def line(
    made: Any,
    text: str,
    font: str,
    size: float,
    *,
    align: str = "left",
    colour: RGBColor | None = None,
    spacing: Length = LINE,
) -> Any:
    """Add a paragraph in one font and return it."""
    paragraph = made.add_paragraph()
    paragraph.alignment = ALIGNED[align]
    _spaced(paragraph.paragraph_format, spacing)
    run(paragraph, text, font, size, colour)
    return paragraph


def run(paragraph: Any, text: str, font: str, size: float, colour: RGBColor | None = None) -> Any:
    """Add a text in a font to a paragraph."""
    part = paragraph.add_run(text)
    _font(part, font, size)
    if colour is not None:
        part.font.color.rgb = colour
    return part


def rule(paragraph: Any, side: str, eighths: int, colour: str, space: int = 6) -> None:
    """Draw a line along a side of the paragraph, so many eighths of a point thick."""
    shape = paragraph._p.get_or_add_pPr()
    borders = shape.find(qn("w:pBdr"))
    if borders is None:
        borders = OxmlElement("w:pBdr")
        shape.insert_element_before(borders, *_AFTER_BORDERS)
    edge = OxmlElement(f"w:{side}")
    for name, value in (("val", "single"), ("sz", str(eighths)), ("space", str(space)), ("color", colour)):
        edge.set(qn(f"w:{name}"), value)
    borders.append(edge)


def frame(table: Any, edges: Sequence[tuple[str, int]]) -> None:
    """Draw a table's lines, so many eighths of a point thick, and no others."""
    borders = OxmlElement("w:tblBorders")
    for name, eighths in edges:
        edge = OxmlElement(f"w:{name}")
        for key, value in (("val", "single"), ("sz", str(eighths)), ("space", "0"), ("color", "000000")):
            edge.set(qn(f"w:{key}"), value)
        borders.append(edge)
    table._tbl.tblPr.insert_element_before(borders, "w:shd", "w:tblLayout", "w:tblCellMar", "w:tblLook")


def pin(table: Any) -> None:
    """Take a table out of the flow of the text and put it at the foot of the page where it stands."""
    place = OxmlElement("w:tblpPr")
    for name, value in (
        ("vertAnchor", "margin"),
        ("horzAnchor", "margin"),
        ("tblpXSpec", "left"),
        ("tblpYSpec", "bottom"),
    ):
        place.set(qn(f"w:{name}"), value)
    table._tbl.tblPr.insert_element_before(
        place, "w:tblOverlap", "w:bidiVisual", "w:tblStyleRowBandSize", "w:tblStyleColBandSize", "w:tblW", "w:jc"
    )


def _page_number(paragraph: Any, align: str) -> None:
    paragraph.alignment = ALIGNED[align]
    paragraph.paragraph_format.left_indent = paragraph.paragraph_format.right_indent = Pt(14)
    run(paragraph, "— ", PLAIN, 14)
    field = run(paragraph, "", PLAIN, 14)
    for kind, text in (("begin", ""), ("", "PAGE"), ("end", "")):
        part = OxmlElement("w:instrText" if text else "w:fldChar")
        if text:
            part.text = text
        else:
            part.set(qn("w:fldCharType"), kind)
        field._r.append(part)
    run(paragraph, " —", PLAIN, 14)


def saved(made: Any) -> bytes:
    """Return the document as a file that names its fonts' substitutes."""
    _name_substitutes(made)
    buffer = io.BytesIO()
    made.save(buffer)
    return buffer.getvalue()


def _name_substitutes(made: Any) -> None:
    """Write into the font table what stands in for a font that the reader's computer lacks."""
    entries = "".join(
        f'<w:font w:name="{font}"><w:altName w:val="{other}"/><w:charset w:val="86"/></w:font>'
        for font, other in SUBSTITUTES.items()
        if font != other
    )
    for part in made.part.package.iter_parts():
        if str(part.partname) == "/word/fontTable.xml":
            part._blob = part.blob.replace(b"</w:fonts>", entries.encode() + b"</w:fonts>")
