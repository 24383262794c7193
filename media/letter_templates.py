"""The built-in templates of letters (通报) and written orders (督办单), made as Word documents that an office can edit.

Both in the look of GB/T 9704: red head and rule, 小标宋 for titles, 仿宋 for the body, the office's name over the date,
who gets a copy at the foot of the last page.
"""

from typing import Any, Final

from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT, WD_TABLE_ALIGNMENT
from docx.shared import Mm, Pt

from media import letter_styles as styles
from media.letter_styles import (
    ALIGNED,
    BODY,
    HEADING,
    PLAIN,
    RED,
    RED_RULE,
    STYLE_BODY,
    STYLE_CELL,
    STYLE_GRID_TITLE,
    TEXT_WIDTH,
    TITLE,
    line,
    rule,
    run,
)

# the fields of each template: name → what stands there
LETTER_FIELDS: Final = (
    "标记",
    "发文机关",
    "字号",
    "标题",
    "主送",
    "正文",
    "附件",
    "署名",
    "日期",
    "附表",
    "抄送",
    "印发",
    "依据",
)
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
    document = styles.document()
    line(document, "{{标记}}", HEADING, 16)
    head = line(document, "{{发文机关}}文件", TITLE, 40, align="center", colour=RED, spacing=Pt(56))
    head.paragraph_format.space_before = Mm(30)  # its letters begin 35 mm below the text's edge
    number = line(document, "{{字号}}", BODY, 16, align="center")
    number.paragraph_format.space_before = Pt(30)
    rule(number, "bottom", 18, RED_RULE, 8)
    title = line(document, "{{标题}}", TITLE, 22, align="center", spacing=Pt(34))
    title.paragraph_format.space_before, title.paragraph_format.space_after = Pt(40), Pt(20)
    recipient = line(document, "{{主送}}：", BODY, 16)
    styles.narrow(recipient.runs[0])
    document.add_paragraph("{{正文}}", style=STYLE_BODY)
    enclosures = line(document, "附件：{{附件}}", BODY, 16)
    enclosures.paragraph_format.space_before = Pt(28)
    enclosures.paragraph_format.keep_with_next = enclosures.paragraph_format.keep_together = True
    enclosures.paragraph_format.left_indent, enclosures.paragraph_format.first_line_indent = Pt(80), Pt(-48)
    _signature(document)
    document.add_paragraph("{{附表}}", style=STYLE_GRID_TITLE)
    source = line(document, "{{依据}}", PLAIN, 9, spacing=Pt(14))
    source.paragraph_format.space_before = Pt(10)
    _foot(document)
    return styles.saved(document)


def press_template() -> bytes:
    """Return the template of a text for the media: no red head, no foot."""
    document = styles.document()
    line(document, "{{标记}}", HEADING, 16)
    title = line(document, "{{标题}}", TITLE, 22, align="center", spacing=Pt(34))
    title.paragraph_format.space_before, title.paragraph_format.space_after = Pt(28), Pt(20)
    document.add_paragraph("{{正文}}", style=STYLE_BODY)
    _signature(document)
    document.add_paragraph("{{附表}}", style=STYLE_GRID_TITLE)
    source = line(document, "{{依据}}", PLAIN, 9, spacing=Pt(14))
    source.paragraph_format.space_before = Pt(10)
    return styles.saved(document)


def _signature(document: Any) -> None:
    """Add office and date, one centred over the other, the date four characters from the edge."""
    for text in ("{{署名}}", "{{日期}}"):
        signed = line(document, text, BODY, 16, align="center")
        signed.paragraph_format.left_indent, signed.paragraph_format.right_indent = TEXT_WIDTH - Pt(224), Pt(16)
        if text == "{{署名}}":
            signed.paragraph_format.space_before, signed.paragraph_format.keep_with_next = Pt(57), True


def _foot(document: Any) -> None:
    """Add who gets a copy and when it was issued, at the foot of the page where the text ends."""
    table = document.add_table(2, 2)
    table.autofit = False
    copies, office, issued = table.cell(0, 0).merge(table.cell(0, 1)), table.cell(1, 0), table.cell(1, 1)
    for cell, text, align in (
        (copies, "抄送：{{抄送}}", "left"),
        (office, "{{发文机关}}", "left"),
        (issued, "{{印发}}", "right"),
    ):
        paragraph = line(cell, text, BODY, 14, align=align, spacing=Pt(26))
        cell._tc.remove(cell.paragraphs[0]._p)
        paragraph.paragraph_format.left_indent = paragraph.paragraph_format.right_indent = Pt(9)
    shape = copies.paragraphs[0].paragraph_format
    shape.left_indent, shape.first_line_indent = Pt(51), Pt(-42)
    styles.frame(table, (("top", 8), ("insideH", 6), ("bottom", 8)))
    styles.pin(table)
    line(document, "", PLAIN, 1, spacing=Pt(1))  # a text cannot end in a table


def order_template() -> bytes:
    """Return the template of a written order."""
    document = styles.document()
    section = document.sections[0]
    section.top_margin, section.bottom_margin, section.footer_distance = Mm(24), Mm(20), Mm(10)
    line(document, "{{标记}}", HEADING, 16)
    head = line(document, "{{发文机关}}", TITLE, 26, align="center", colour=RED, spacing=Pt(38))
    rule(head, "bottom", 18, RED_RULE)
    title = line(document, "督　办　单", TITLE, 22, align="center", spacing=Pt(34))
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
    dated = line(document, "{{发文机关}}　{{日期}}", BODY, 14, align="right")
    dated.paragraph_format.space_before = Pt(10)
    line(document, "{{依据}}", PLAIN, 9, spacing=Pt(14))
    return styles.saved(document)


def _fill(cell: Any, text: str, *, align: str = "left", font: str = BODY) -> None:
    cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER
    paragraph = cell.paragraphs[0]
    paragraph.style = STYLE_CELL
    paragraph.alignment = ALIGNED[align]
    run(paragraph, text, font, 14)
