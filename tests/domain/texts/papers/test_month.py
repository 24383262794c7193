"""The month's documents: every figure where it belongs, phone numbers nowhere, drafts marked as such."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from domain.assessment import SequenceKind
from domain.comparison import Difference
from domain.flags import Flag
from domain.imprint import Imprint
from domain.papers import Level, Link, Sheet
from domain.printed import PrintedRow
from domain.texts.leadership import Correction
from domain.texts.papers import month_book, month_letter, month_poster
from domain.texts.papers.month import MonthFacts
from tests.papers import HEAD, finding, month_facts


def sheet(title: str, book_of: object = None) -> Sheet:
    book = month_book.book(month_facts())
    return next(one for one in book.sheets if one.title == title)


def test_the_book_has_its_nine_sheets_in_order() -> None:
    book = month_book.book(month_facts())
    assert book.file == "6月考评得分表.xlsx"
    assert [one.title for one in book.sheets] == [
        "总表",
        "辖区",
        "二级路长",
        "责任单位",
        "职能单位",
        "扣分明细",
        "红黑旗累计",
        "申诉",
        "经费测算",
    ]
    for one in book.sheets:
        assert HEAD in one.notes[0]
        assert "示例市路长制日督查扣分细则" in one.notes[0]
        assert all(len(row) == len(one.columns) for row in one.rows)


def test_figures_are_those_of_the_score() -> None:
    facts = month_facts()
    listed = {(row[0], row[3]): row[4] for row in sheet("总表").rows}
    for scored in facts.scores.sequences:
        for row in scored.rows:
            name = {"township": "辖区", "second_level": "二级路长", "unit": "责任单位"}[scored.sequence.value]
            assert listed[name, row.name] == row.score


def test_the_letter_begins_with_what_the_city_is_to_be() -> None:
    facts = month_facts()
    basis = "根据《溪城市城市精细化管理“路长制”考评办法》，现将6月份考评结果通报如下。"
    assert month_letter.letter(facts).body[0].text == basis
    facts = replace(facts, bulletin=replace(facts.bulletin, goals=("安全", "整洁", "文明", "有序")))
    assert month_letter.letter(facts).body[0].text == f"为建设安全、整洁、文明、有序的城市环境，{basis}"


def test_a_deduction_names_road_chief_unit_clause_and_finder() -> None:
    first = sheet("扣分明细").rows[0]
    assert first[:9] == (
        "2026-0131",
        "2026-06-02 10:00",
        "XC001",
        "人民路（建设街—文化街）",
        "东关街道",
        "陈涛",
        "市农业局",
        "乱设摊点",
        Decimal("2.50"),
    )
    assert str(first[9]).startswith("示例细则二（1）")
    assert first[10] == "孙督查"


def test_no_phone_number_is_printed() -> None:
    note = sheet("扣分明细").rows[0][11]
    assert note == "=cmd|'/c calc'!A0 电话138****5678"


def test_a_case_is_a_link_where_cases_are_shown_and_an_imported_finding_never() -> None:
    imprint = Imprint("溪城市", case_url="https://lz.example.cn/case/{number}")
    rows = next(s for s in month_book.book(month_facts(imprint=imprint)).sheets if s.title == "扣分明细").rows
    assert rows[0][0] == Link("2026-0131", "https://lz.example.cn/case/2026-0131")
    assert rows[1][0] == "2026-督0002"


def test_a_draft_says_so_everywhere() -> None:
    facts = month_facts(is_final=False)
    assert "代拟稿" in month_book.book(facts).file
    assert all("代拟稿" in one.heading for one in month_book.book(facts).sheets)
    assert (month_letter.letter(facts).mark, month_poster.poster(facts).mark) == ("代拟稿", "代拟稿")
    final = month_facts()
    assert (month_letter.letter(final).mark, month_poster.poster(final).mark, month_book.book(final).file) == (
        "",
        "",
        "6月考评得分表.xlsx",
    )


def test_the_letter_says_what_the_announcement_says() -> None:
    letter = month_letter.letter(month_facts())
    assert (letter.number, letter.title) == ("溪路长办〔2026〕6号", "溪城市路长办关于2026年6月份\n路长制考评结果的通报")
    heads = [p.text for p in letter.body if p.level is Level.FIRST]
    assert heads == ["一、辖区排名", "二、二级路长", "三、责任单位", "四、主要问题", "五、申诉", "六、说明"]
    assert any("1.东关街道99.48分" in p.text for p in letter.body)
    assert [(one.label, one.title) for one in letter.enclosures] == [
        ("附件1", "辖区排名"),
        ("附件2", "责任单位红旗、黑旗名单"),
    ]
    assert ("2", "河西镇", "99.00", "未设定", "黑旗") in letter.enclosures[0].grids[0].rows
    assert letter.issued == "2026年7月7日印发"
    assert month_letter.letter(month_facts(is_final=False)).issued == "　　年　月　日印发"


def test_a_month_without_flags_says_why_instead_of_counting_none() -> None:
    letter = month_letter.letter(month_facts(finding(1, points="0")))
    texts = [p.text for p in letter.body]
    assert not any("0名" in text or "0个" in text for text in texts)
    assert any("同分，不设红旗、黑旗" in text for text in texts)
    assert [(one.label, one.title) for one in letter.enclosures] == [("附件", "辖区排名")]


def test_a_corrected_letter_has_its_own_number() -> None:
    assert month_letter.letter(replace(month_facts(), version=2)).number == "溪路长办〔2026〕6号（更正1）"
    assert month_letter.letter(month_facts(imprint=Imprint("溪城市"))).number == "2026年第6期"


def test_the_poster_shows_ranks_and_flags() -> None:
    poster = month_poster.poster(month_facts())
    lines = [(line.place, line.name, line.flag) for line in poster.panels[0].lines]
    assert lines == [("1", "东关街道", Flag.RED), ("2", "河西镇", Flag.BLACK)]
    units = next(p for p in poster.panels if p.title == "责任单位")
    assert [(flag, names[0]) for flag, names in units.names] == [
        (Flag.RED, "市水利局 99.70"),
        (Flag.BLACK, "市科技局 99.00"),
    ]
    assert any(HEAD in line for line in poster.footer)


def test_many_townships_keep_the_flagged_ones() -> None:
    facts = month_facts(finding(1))
    listed = facts.scores.sequences[0]
    rows = tuple(
        listed.rows[0]._replace(name=f"{n}号", rank=n, flag=Flag.BLACK if n == 60 else None) for n in range(1, 61)
    )
    panel = month_poster._townships(replace(listed, rows=rows))
    assert (len(panel.lines), panel.lines[-1].name, panel.note) == (
        month_poster.MOST_LINES + 1,
        "60号",
        "其余29个见得分表",
    )


def printed(kind: SequenceKind, name: str, score: str, rank: int, flag: Flag | None = None) -> PrintedRow:
    return PrintedRow(kind, None, name, name, Decimal(score), rank, "良好", flag)


def corrected() -> MonthFacts:
    town, unit = SequenceKind.TOWNSHIP, SequenceKind.UNIT
    changes = (
        Difference(printed(town, "城关乡", "97.58", 9), printed(town, "城关乡", "97.58", 10)),
        Difference(printed(town, "新华路街道", "97.21", 12, Flag.BLACK), printed(town, "新华路街道", "97.63", 8)),
        Difference(printed(town, "新区管委会", "97.29", 11), printed(town, "新区管委会", "97.29", 12, Flag.BLACK)),
        Difference(printed(unit, "市档案局", "98.13", 24), printed(unit, "市档案局", "98.63", 12)),
    )
    facts = month_facts()
    notice = Correction(1, date(2026, 7, 7), HEAD, "复核误录", changes, ("吴静", "冯涛"))
    return replace(facts, bulletin=replace(facts.bulletin, correction=notice), version=2)


def test_a_corrected_poster_shows_first_which_flags_move() -> None:
    panel = month_poster.poster(corrected()).panels[0]
    assert [(line.name, line.figure, line.flag) for line in panel.lines] == [
        ("新华路街道", "97.21→97.63", None),
        ("新区管委会", "第11→12名", Flag.BLACK),
        ("市档案局", "98.13→98.63", None),
        ("城关乡", "第9→10名", None),
    ]
    assert panel.note.startswith("新华路街道撤销黑旗；新区管委会新挂黑旗。\n本通报更正")


def test_a_corrected_letter_has_old_and_new_side_by_side_list_by_list() -> None:
    first = month_letter.letter(corrected()).enclosures[0]
    assert (first.label, first.title) == ("附件1", "更正对照")
    assert [grid.title for grid in first.grids] == ["辖区", "责任单位"]
    assert first.grids[0].rows[2] == ("新华路街道", "97.21", "97.63", "12", "8", "黑旗", "")
