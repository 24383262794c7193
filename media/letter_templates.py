"""The built-in templates of letters (通报) and written orders (督办单), made as Word documents that an office can edit.

Measures are those of GB/T 9704: A4, the text 156 × 225 mm, red head and rule, 小标宋 for titles, 仿宋 in third size for
the body on 28 points of line. A font that a computer lacks is replaced there by the one named beside it.
"""

import io
from typing import Any, Final

import docx
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

TITLE, BODY, HEADING, SUBHEADING, PLAIN = "方正小标宋简体", "仿宋_GB2312", "黑体", "楷体_GB2312", "宋体"
# on a computer without the first, the second is used
SUBSTITUTES: Final = {TITLE: "宋体", BODY: "仿宋", HEADING: "黑体", SUBHEADING: "楷体"}
STYLE_BODY, STYLE_FIRST, STYLE_SECOND = "公文正文", "公文一级标题", "公文二级标题"
STYLE_GRID_TITLE, STYLE_CELL = "公文附表标题", "公文表格"
_ALIGNED = {
    "left": WD_ALIGN_PARAGRAPH.LEFT,
    "center": WD_ALIGN_PARAGRAPH.CENTER,
    "right": WD_ALIGN_PARAGRAPH.RIGHT,
}
RED = RGBColor(0xD8, 0x1E, 0x06)
_RULE = "D81E06"

# the fields of each template: name → what stands there
LETTER_FIELDS: Final = ("标记", "发文机关", "字号", "标题", "主送", "正文", "署名", "日期", "附表", "抄送", "依据")
ORDER_FIELDS: Final = (
    "标记",
    "发文机关",
    "编号",
    "主送",
    "交办依据",
    "问题",
    "位置",
    "责任单位",
    "整改要求",
    "时限",
    "照片",
    "日期",
    "依据",
)


def letter_template() -> bytes:
    """Return the template of a letter."""
    document = _document()
    _line(document, "{{标记}}", HEADING, 16)
    head = _line(document, "{{发文机关}}文件", TITLE, 40, align="center", colour=RED, spacing=Pt(56))
    head.paragraph_format.space_before = Pt(24)
    number = _line(document, "{{字号}}", BODY, 16, align="center")
    number.paragraph_format.space_before = Pt(16)
    _rule(number, "bottom", 18, _RULE)
    title = _line(document, "{{标题}}", TITLE, 22, align="center", spacing=Pt(34))
    title.paragraph_format.space_before, title.paragraph_format.space_after = Pt(28), Pt(14)
    _line(document, "{{主送}}：", BODY, 16)
    document.add_paragraph("{{正文}}", style=STYLE_BODY)
    signed = _line(document, "{{署名}}", BODY, 16, align="right")
    signed.paragraph_format.space_before, signed.paragraph_format.right_indent = Pt(28), Pt(48)
    dated = _line(document, "{{日期}}", BODY, 16, align="right")
    dated.paragraph_format.right_indent = Pt(64)
    document.add_paragraph("{{附表}}", style=STYLE_GRID_TITLE)
    copies = _line(document, "抄送：{{抄送}}", BODY, 14)
    copies.paragraph_format.space_before = Pt(28)
    copies.paragraph_format.left_indent, copies.paragraph_format.first_line_indent = Pt(56), Pt(-42)
    _rule(copies, "top", 6, "000000")
    _rule(copies, "bottom", 6, "000000")
    _line(document, "{{依据}}", PLAIN, 9, spacing=Pt(14))
    return _saved(document)


def order_template() -> bytes:
    """Return the template of a written order."""
    document = _document()
    section = document.sections[0]
    section.top_margin, section.bottom_margin, section.footer_distance = Mm(24), Mm(20), Mm(10)
    _line(document, "{{标记}}", HEADING, 16)
    head = _line(document, "{{发文机关}}", TITLE, 26, align="center", colour=RED, spacing=Pt(38))
    _rule(head, "bottom", 18, _RULE)
    title = _line(document, "督　办　单", TITLE, 22, align="center", spacing=Pt(34))
    title.paragraph_format.space_before, title.paragraph_format.space_after = Pt(12), Pt(10)
    rows = (
        ("编　　号", "{{编号}}"),
        ("主　　送", "{{主送}}"),
        ("交办依据", "{{交办依据}}"),
        ("问　　题", "{{问题}}"),
        ("位　　置", "{{位置}}"),
        ("责任单位", "{{责任单位}}"),
        ("整改要求", "{{整改要求}}"),
        ("时　　限", "{{时限}}"),
        ("整改前照片", "{{照片}}"),
        ("回复栏", "\n\n\n责任人签字：　　　　　　　　年　　月　　日"),
    )
    table = document.add_table(rows=0, cols=2)
    table.style, table.alignment, table.autofit = "Table Grid", WD_TABLE_ALIGNMENT.CENTER, False
    for column, width in zip(table.columns, (Mm(34), Mm(122)), strict=True):
        column.width = width
    for label, value in rows:
        name, content = table.add_row().cells
        name.width, content.width = Mm(34), Mm(122)
        _fill(name, label, align="center", font=HEADING)
        _fill(content, value)
    dated = _line(document, "{{发文机关}}　{{日期}}", BODY, 14, align="right")
    dated.paragraph_format.space_before = Pt(10)
    _line(document, "{{依据}}", PLAIN, 9, spacing=Pt(14))
    return _saved(document)


def _fill(cell: Any, text: str, *, align: str = "left", font: str = BODY) -> None:
    paragraph = cell.paragraphs[0]
    paragraph.style = STYLE_CELL
    paragraph.alignment = _ALIGNED[align]
    _run(paragraph, text, font, 14)


def _document() -> Any:
    """Return an empty document with page, styles and page numbers."""
    document = docx.Document()
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    section.footer_distance = Mm(25)
    _style(document, STYLE_BODY, BODY, 16, indent=32)
    _style(document, STYLE_FIRST, HEADING, 16, indent=32)
    _style(document, STYLE_SECOND, SUBHEADING, 16, indent=32)
    grid = _style(document, STYLE_GRID_TITLE, HEADING, 14)
    grid.paragraph_format.space_before, grid.paragraph_format.space_after = Pt(18), Pt(6)
    grid.paragraph_format.keep_with_next = True
    _style(document, STYLE_CELL, BODY, 12, spacing=Pt(20))
    _page_number(section.footer.paragraphs[0])
    return document


def _style(document: Any, name: str, font: str, size: float, *, indent: float = 0, spacing: Any = None) -> Any:
    style = document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
    style.base_style = document.styles["Normal"]
    _font(style, font, size)
    _spaced(style.paragraph_format, spacing)
    if indent:
        style.paragraph_format.first_line_indent = Pt(indent)
    return style


def _spaced(shape: Any, spacing: Any = None) -> None:
    shape.space_before = shape.space_after = Pt(0)
    shape.line_spacing_rule = WD_LINE_SPACING.EXACTLY
    shape.line_spacing = spacing or Pt(28)


def _font(thing: Any, font: str, size: float) -> None:
    thing.font.name, thing.font.size = font, Pt(size)
    fonts = thing.element.get_or_add_rPr().get_or_add_rFonts()
    for kind in ("w:eastAsia", "w:ascii", "w:hAnsi"):
        fonts.set(qn(kind), font)


def _line(
    document: Any, text: str, font: str, size: float, *, align: str = "left", colour: Any = None, spacing: Any = None
) -> Any:
    paragraph = document.add_paragraph()
    paragraph.alignment = _ALIGNED[align]
    _spaced(paragraph.paragraph_format, spacing)
    _run(paragraph, text, font, size, colour)
    return paragraph


def _run(paragraph: Any, text: str, font: str, size: float, colour: Any = None) -> None:
    run = paragraph.add_run(text)
    _font(run, font, size)
    if colour is not None:
        run.font.color.rgb = colour


def _rule(paragraph: Any, side: str, eighths: int, colour: str) -> None:
    """Draw a line along a side of the paragraph, so many eighths of a point thick."""
    shape = paragraph._p.get_or_add_pPr()
    borders = shape.find(qn("w:pBdr"))
    if borders is None:
        borders = OxmlElement("w:pBdr")
        shape.insert_element_before(borders, "w:shd", "w:tabs", "w:spacing", "w:ind", "w:jc", "w:rPr")
    edge = OxmlElement(f"w:{side}")
    for name, value in (("val", "single"), ("sz", str(eighths)), ("space", "6"), ("color", colour)):
        edge.set(qn(f"w:{name}"), value)
    borders.append(edge)


def _page_number(paragraph: Any) -> None:
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _run(paragraph, "— ", PLAIN, 14)
    run = paragraph.add_run()
    _font(run, PLAIN, 14)
    for kind, text in (("begin", ""), ("", "PAGE"), ("end", "")):
        part = OxmlElement("w:instrText" if text else "w:fldChar")
        if text:
            part.text = text
        else:
            part.set(qn("w:fldCharType"), kind)
        run._r.append(part)
    _run(paragraph, " —", PLAIN, 14)


def _saved(document: Any) -> bytes:
    _name_substitutes(document)
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def _name_substitutes(document: Any) -> None:
    """Write into the font table what stands in for a font that the reader's computer lacks."""
    entries = "".join(
        f'<w:font w:name="{font}"><w:altName w:val="{other}"/><w:charset w:val="86"/></w:font>'
        for font, other in SUBSTITUTES.items()
        if font != other
    )
    for part in document.part.package.iter_parts():
        if str(part.partname) == "/word/fontTable.xml":
            part._blob = part.blob.replace(b"</w:fonts>", entries.encode() + b"</w:fonts>")
