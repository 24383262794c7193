"""The month for the media: every party's score, the flags, shops only where they are picked, nobody called to account."""

from datetime import date
from decimal import Decimal

from domain.assessment import Cutoffs, SequenceKind
from domain.flags import Flag
from domain.imprint import Imprint
from domain.month import Month
from domain.papers import Level
from domain.printed import PrintedMonth, PrintedRow
from domain.texts.papers import press
from domain.texts.papers.press import PressFacts


def row(kind: SequenceKind, name: str, score: str, rank: int | None, flag: Flag | None = None) -> PrintedRow:
    group = "A" if kind is SequenceKind.SECOND_LEVEL else None
    return PrintedRow(kind, group, name, name, Decimal(score), rank, "良好", flag)


UNITS = [row(SequenceKind.UNIT, f"{n}号单位", f"{100 - n}.00", n) for n in range(1, 24)]
ROWS = (
    row(SequenceKind.TOWNSHIP, "东关街道", "98.40", 1, Flag.RED),
    row(SequenceKind.TOWNSHIP, "河西镇", "81.40", 2, Flag.BLACK),
    row(SequenceKind.SECOND_LEVEL, "陈涛", "97.00", None),
    *UNITS,
    row(SequenceKind.SHOP, "老李面馆", "99.00", 1),
    row(SequenceKind.SHOP, "无名小店", "60.00", 2),
)


def facts(*, praised: tuple[str, ...] = (), is_corrected: bool = False) -> PressFacts:
    return PressFacts(
        printed=PrintedMonth(Month(2026, 10), ROWS),
        imprint=Imprint("溪城市"),
        rule_title="溪城市路长制考评办法",
        published_on=date(2026, 11, 6),
        is_corrected=is_corrected,
        problems=[("占道经营", 12), ("乱堆放", 3)],
        cutoffs=Cutoffs(Decimal(95), Decimal(85)),
        praised=praised,
        exposed=(),
        basis="台账校验值a3f1",
    )


def text_of(given: PressFacts) -> str:
    return "\n".join(paragraph.text for paragraph in press.release(given).body)


def test_flags_problems_and_how_to_read_the_table() -> None:
    text = text_of(facts())
    assert "参加考评的有2个辖区、1名二级路长、23个责任单位、2家门店。" in text
    assert "红旗1面，东关街道（98.40分）；黑旗1面，河西镇（81.40分）。" in text
    assert "督查共发现问题15处，较多的是占道经营12处、乱堆放3处。" in text
    assert text.endswith(
        "各考评对象的成绩见附表，满分为100分，95分及以上为良好，85分及以上为一般，以下为较差；"
        "名次为“—”的，任职不足半月，不参加排名。"
    )
    heads = [p.text for p in press.release(facts()).body if p.level is Level.FIRST]
    assert heads == ["一、辖区", "二、二级路长", "三、责任单位", "四、主要问题"]


def test_every_party_has_its_score_and_a_long_list_stands_in_two_halves() -> None:
    [enclosed] = press.release(facts()).enclosures
    assert [grid.title for grid in enclosed.grids] == ["辖区", "二级路长（A类道路）", "责任单位"]
    assert enclosed.grids[0].rows[1] == ("1", "东关街道", "98.40", "红旗")
    assert enclosed.grids[1].rows[1] == ("—", "陈涛", "97.00", "")
    units = enclosed.grids[2].rows[1:]
    assert units[0] == ("1", "1号单位", "99.00", "", "13", "13号单位", "87.00", "")
    assert units[-1] == ("12", "12号单位", "88.00", "", "", "", "", "")
    named = {name for _, left, _, _, _, right, _, _ in units for name in (left, right)}
    assert {one.name for one in UNITS} <= named


def test_shops_are_named_only_where_they_are_picked() -> None:
    assert "老李面馆" not in press.plain(facts())
    told = press.plain(facts(praised=("老李面馆",)))
    assert "门店评比" in told
    assert "表扬1家：老李面馆。" in told
    assert "无名小店" not in told  # nor its score


def test_the_plain_text_says_the_same_in_lines() -> None:
    lines = press.plain(facts(is_corrected=True)).splitlines()
    assert lines[0] == "溪城市公布2026年10月份路长制考评结果"
    assert "　　此前公布的数据经核实作了更正，以本稿为准。" in lines
    assert "2　河西镇　81.40分　良好　黑旗" in lines
    assert lines[-3:] == ["供稿：溪城市路长办", "2026年11月6日", "依据：台账校验值a3f1"]
