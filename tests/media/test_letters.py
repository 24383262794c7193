"""Letters and forms: fields wherever Word has cut them, lines that fall away, templates that are wrong."""

import io
from datetime import date

import docx
import pytest
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Mm

from domain.errors import TableError
from domain.papers import Enclosure, Form, Grid, Letter, Level, Paragraph
from media.letter_styles import STYLE_BODY, STYLE_FIRST
from media.letter_templates import letter_template, order_template
from media.letters import render_form, render_letter
from tests.media.pictures import picture

LETTER = Letter(
    file="第6期通报.docx",
    office="溪城市路长办",
    number="溪路长办〔2026〕6号",
    mark="代拟稿",
    title="溪城市路长办关于6月\n考评结果的通报",
    recipient="各街道",
    body=(Paragraph("一、辖区排名", Level.FIRST), Paragraph("东关街道95.60分，电话13812345678。")),
    signature="溪城市路长办",
    day="2026年7月7日",
    enclosures=(
        Enclosure("附件1", "名单", (Grid("", (("名次", "名称"), ("1", "东关街道")), (1, 3)),)),
        Enclosure("附件2", "对照", (Grid("A类道路", (("名称",), *((f"{n}号",) for n in range(60))), (1,)),)),
    ),
    copies="市委办",
    issued="2026年7月7日印发",
    source="校验值：a3f1",
    dated=date(2026, 6, 30),
)
FORM = Form(
    "督办单.docx", (("编号", "督〔2026〕0119号"), ("问题", "占道经营"), ("时限", "6月3日")), dated=date(2026, 6, 3)
)


def lines(data: bytes) -> list[str]:
    return [p.text for p in docx.Document(io.BytesIO(data)).paragraphs if p.text]


def test_every_field_is_filled_and_the_page_is_a4() -> None:
    document = docx.Document(io.BytesIO(render_letter(LETTER)))
    texts = [p.text for p in document.paragraphs if p.text]
    assert texts[:5] == [
        "代拟稿",
        "溪城市路长办文件",
        "溪路长办〔2026〕6号",
        "溪城市路长办关于6月\n考评结果的通报",
        "各街道：",
    ]
    assert "附件：1.名单\n2.对照" in texts
    assert texts[-6:] == ["附件1", "名单", "附件2", "对照", "A类道路", "校验值：a3f1"]
    assert "校验值：a3f1" in texts
    assert not any("{{" in text for text in texts)
    section = document.sections[0]
    assert abs((section.page_width or 0) - Mm(210)) < Mm(1)
    assert abs((section.page_height or 0) - Mm(297)) < Mm(1)
    heading = next(p for p in document.paragraphs if p.text.startswith("一、"))
    assert heading.style is not None
    assert heading.style.name == STYLE_FIRST
    table, _, foot = document.tables
    assert [[cell.text for cell in row.cells] for row in table.rows] == [["名次", "名称"], ["1", "东关街道"]]
    assert [cell.text for cell in foot._cells] == ["抄送：市委办", "抄送：市委办", "溪城市路长办", "2026年7月7日印发"]
    assert document.core_properties.title == "溪城市路长办关于6月考评结果的通报"


def test_a_clerk_finds_nothing_cut_or_left_alone_on_a_page() -> None:
    document = docx.Document(io.BytesIO(render_letter(LETTER)))
    by_text = {p.text: p for p in document.paragraphs}
    last = by_text["东关街道95.60分，电话138****5678。"]
    assert last.paragraph_format.keep_with_next  # nor the signature by itself
    assert [p.text for p in document.paragraphs if p.paragraph_format.page_break_before] == ["附件1", "附件2"]
    assert all(by_text[text].paragraph_format.keep_with_next for text in ("附件1", "名单", "A类道路"))
    rows = document.tables[1].rows
    assert [row._tr.xpath("count(w:trPr/w:cantSplit)") for row in rows] == [1] * 61
    assert [row._tr.xpath("count(w:trPr/w:tblHeader)") for row in rows[:2]] == [1, 0]
    joined = [row.cells[0].paragraphs[0].paragraph_format.keep_with_next for row in rows]
    assert [n for n, value in enumerate(joined) if value] == [0, 1, 59]


def test_page_numbers_stand_outside_and_the_line_holds_28_characters() -> None:
    document = docx.Document(io.BytesIO(letter_template()))
    section = document.sections[0]
    assert document.settings.odd_and_even_pages_header_footer
    sides = [footer.paragraphs[0].alignment for footer in (section.footer, section.even_page_footer)]
    assert sides == [WD_ALIGN_PARAGRAPH.RIGHT, WD_ALIGN_PARAGRAPH.LEFT]
    style = document.styles[STYLE_BODY]
    assert style.element.xpath("w:rPr/w:spacing/@w:val") == ["-5"]  # 156 mm / (16 - 0.25 points) = 28.07
    assert round(Mm(225).pt / style.paragraph_format.line_spacing.pt) == 22


def test_phone_numbers_are_masked() -> None:
    assert any("138****5678" in text for text in lines(render_letter(LETTER)))


def test_lines_without_anything_to_say_fall_away() -> None:
    bare = Letter("a.docx", "办", "", "", "题", "各街道", (), "办", "7月7日")
    data = render_letter(bare)
    assert lines(data) == ["办文件", "题", "各街道：", "办", "7月7日"]
    [foot] = docx.Document(io.BytesIO(data)).tables
    assert [cell.text for cell in foot._cells] == ["办", ""]  # the row of copies is gone


def test_the_same_letter_gives_the_same_bytes_and_carries_its_own_date() -> None:
    data = render_letter(LETTER)
    assert data == render_letter(LETTER)
    assert docx.Document(io.BytesIO(data)).core_properties.created.date() == date(2026, 6, 30)


def test_a_field_that_word_cut_into_runs_keeps_the_look_of_its_beginning() -> None:
    document = docx.Document()
    paragraph = document.add_paragraph("前")
    for part in ("{{", "标", "题}", "}后"):
        run = paragraph.add_run(part)
        run.bold = part == "{{"
    buffer = io.BytesIO()
    document.save(buffer)
    found = docx.Document(io.BytesIO(render_letter(LETTER, buffer.getvalue()))).paragraphs[0]
    assert found.text == "前溪城市路长办关于6月\n考评结果的通报后"
    assert [run.text for run in found.runs if run.bold] == ["溪城市路长办关于6月\n考评结果的通报"]


def test_a_template_of_ones_own_may_leave_fields_out_and_use_tables() -> None:
    document = docx.Document()
    document.add_table(1, 1).cell(0, 0).text = "文号：{{字号}}"
    document.sections[0].header.paragraphs[0].text = "{{发文机关}}"
    buffer = io.BytesIO()
    document.save(buffer)
    made = docx.Document(io.BytesIO(render_letter(LETTER, buffer.getvalue())))
    assert made.tables[0].cell(0, 0).text == "文号：溪路长办〔2026〕6号"
    assert made.sections[0].header.paragraphs[0].text == "溪城市路长办"


def test_a_wrong_field_is_named_with_the_right_one() -> None:
    document = docx.Document()
    document.add_paragraph("{{标题名}}")
    buffer = io.BytesIO()
    document.save(buffer)
    with pytest.raises(TableError, match=r"\{\{标题名\}\}不是可填的字段，是否应为\{\{标题\}\}"):
        render_letter(LETTER, buffer.getvalue())
    with pytest.raises(TableError, match="模板打不开"):
        render_letter(LETTER, b"PK not a document")


def test_an_order_has_its_rows_the_picture_and_room_for_the_answer() -> None:
    document = docx.Document(io.BytesIO(render_form(FORM, [picture()])))
    rows = {row.cells[0].text: row.cells[1].text for row in document.tables[0].rows}
    assert list(rows) == [
        "编　　号",
        "主　　送",
        "交办依据",
        "问　　题",
        "位　　置",
        "责任单位",
        "整改要求",
        "时　　限",
        "整改前照片",
        "回复栏",
    ]
    assert rows["编　　号"] == "督〔2026〕0119号"
    assert "签字" in rows["回复栏"]
    assert len(document.inline_shapes) == 1
    without = docx.Document(io.BytesIO(render_form(FORM)))
    assert "（无）" in [cell.text for row in without.tables[0].rows for cell in row.cells]


@pytest.mark.parametrize("template", [letter_template, order_template])
def test_fonts_that_a_computer_may_lack_name_their_substitute(template: object) -> None:
    document = docx.Document(io.BytesIO(template()))  # type: ignore[operator]
    [fonts] = [p.blob for p in document.part.package.iter_parts() if str(p.partname).endswith("fontTable.xml")]
    assert '<w:font w:name="方正小标宋简体"><w:altName w:val="宋体"/>'.encode() in fonts
