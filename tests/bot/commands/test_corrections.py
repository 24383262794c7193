"""period correct: a later notice that names the old one, two persons, a new version beside the old."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from bot.commands.periods import Changes, correct, finding_of, show
from bot.commands.scores import score
from bot.commands.session import Session, UsageError
from domain.casework import opening, papers
from domain.casework.kept import Sheaf
from domain.casework.opening import Draft
from domain.casework.work import Work
from domain.errors import Missing, NotFound, RuleError, WrongState
from domain.finding import Finding
from domain.flags import Flag
from domain.month import Month
from domain.papers import Book, Letter, Poster
from schedules.printing import make
from tests.bot.commands.files import FINDINGS_HEAD, session_of, write
from tests.house import LEADERS, OFFICE_GROUP, House, open_house
from tests.schedules.test_printing import FakePress, posts

NONE = Changes()


@pytest.fixture
async def june(tmp_path: Path) -> AsyncIterator[House]:
    """June is published, with two findings; an appeal against the first was refused at the last moment."""
    async with open_house(tmp_path, datetime(2026, 6, 29, 1, 0, tzinfo=UTC)) as house:
        at = datetime(2026, 6, 15, 2, 0, tzinfo=UTC)
        rows = [
            Finding("a", at, "XC003", "luan.vendor", Decimal("2.00"), "sun"),
            Finding("b", at.replace(hour=3), "XC001", "luan.vendor", Decimal("1.00"), "sun"),
        ]
        await house.store.findings.add(rows, at)
        for person in ("吴主任", "冯副主任"):
            await house.say(person, "授权自动通报")
        await house.until(house.local(6, 10, month=7))
        await house.say("刘局", "申诉 督0001 已批准", photo="permit")
        await house.say("吴主任", "不采纳 申001 时段不符")
        await house.until(house.local(7, 9, 30, month=7))
        assert len(house.all_heard(LEADERS)) == 1
        yield house


@pytest.fixture(autouse=True)
def press(june: House, monkeypatch: pytest.MonkeyPatch) -> FakePress:
    """The command's documents are noted instead of drawn."""
    press = FakePress(june)

    async def noted(session: Session, step: Callable[[Work], Awaitable[Sheaf]]) -> list[str]:
        await make(session.store, press, await session.read(step), session.now)
        return []

    monkeypatch.setattr("bot.commands.periods.printed", noted)
    return press


async def printed(house: House, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    capsys.readouterr()
    await score(session_of(house), "2026-06", None, as_json=True)
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return {row["subject"]: row["score"] for listed in found["sequences"] for row in listed["rows"]}


async def test_a_correction_names_what_it_corrects(
    june: House, capsys: pytest.CaptureFixture[str], press: FakePress
) -> None:
    before = await printed(june, capsys)
    assert (before["市水利局"], before["市农业局"]) == ("98.00", "99.50")
    changes = Changes(withdraw=["2026-督0001"], points=["督0002=0.5"])
    await correct(session_of(june), "2026-06", "吴主任,feng", "复核误录", changes, dry_run=True)
    rehearsed = capsys.readouterr().out
    assert rehearsed.startswith("2026年6月将更正为第2版，")
    assert rehearsed.endswith("以上为预演，未保存。\n")
    assert press.made == []
    assert await printed(june, capsys) == before
    await correct(session_of(june), "2026-06", "吴主任,feng", "复核误录", changes, dry_run=False)
    shown = capsys.readouterr().out
    assert shown.startswith("2026年6月已更正，现为第2版，署名：吴主任、冯副主任。更正")
    assert "  责任单位市水利局 98.00分第3名黑旗→100.00分第1名红旗\n" in shown
    after = await printed(june, capsys)
    assert (after["市水利局"], after["市农业局"]) == ("100.00", "99.75")
    await june.machine.settle()
    await june.until(june.local(8, 12, month=7))
    first, second = june.all_heard(LEADERS)
    assert "【更正】" not in first
    head = first.rpartition("台账校验值：")[2]
    assert second.startswith("【更正】本通报更正2026年7月7日发布的2026年6月份考评通报（第1版")
    assert head in second.split("\n")[0]
    assert "更正原因：复核误录。更正内容：" in second
    assert "责任单位市水利局 98.00分第3名黑旗→100.00分第1名红旗" in second
    [post] = posts(june, LEADERS, "【更正】")
    assert len(post.photos) == 1
    assert [file.title for file in post.files] == ["第6期通报（更正）.docx", "6月考评得分表（更正）.xlsx"]
    assert "附件：第6期通报（更正）.docx　6月考评得分表（更正）.xlsx" in post.text
    poster, letter, book = (paper for _, paper in press.made)
    assert isinstance(letter, Letter)
    assert letter.body[0].text.startswith("本通报更正2026年7月7日发布的2026年6月份考评通报（第1版")
    assert letter.enclosures[0].title == "更正对照"
    rows = [row for grid in letter.enclosures[0].grids for row in grid.rows]
    assert ("市水利局", "98.00", "100.00", "3", "1", "黑旗", "红旗") in rows
    assert isinstance(book, Book)
    assert book.sheets[0].title == "更正对照"
    assert ("责任单位", "", "市水利局", Decimal("98.00"), Decimal("100.00"), 3, 1, "黑旗", "红旗") in book.sheets[
        0
    ].rows
    assert isinstance(poster, Poster)
    assert ("市水利局", "98.00→100.00", Flag.RED) in [(o.name, o.figure, o.flag) for o in poster.panels[0].lines]
    again = await session_of(june).read(lambda work: papers.month_report(work, Month(2026, 6)))
    assert [paper.file for paper in again] == [poster.file, book.file, letter.file]
    async with june.store.reading(june.clock.now()) as view:
        old, new = [await view.setting(f"figures:2026-06:{version}") for version in (1, 2)]
    assert old["sequences"] != new["sequences"]
    kinds = [entry.event.kind for entry in await june.store.ledger.events("period:2026-06")]
    assert kinds[-2:] == ["published", "corrected"]
    await show(session_of(june), "2026-06", as_json=False)
    assert capsys.readouterr().out.startswith("2026年6月：已更正（第2版）")


async def test_the_final_word_after_publication_is_counted_by_the_correction(
    june: House, capsys: pytest.CaptureFixture[str]
) -> None:
    await june.say("刘局", "提请终审 申001 另附批准文件")
    await june.say("吴主任", "终审 申001 采纳 文件有效")
    await june.say("冯副主任", "终审 申001")
    assert "该月考评已定稿，将以更正通报计入" in june.heard("刘局")[0]
    await june.machine.settle()
    [due] = [text for text in june.all_heard(OFFICE_GROUP) if text.startswith("【待更正】")]
    assert due.startswith("【待更正】申诉2026-申001终审采纳，2026-督0001的2分尚未撤销。2026年6月考评已通报，")
    assert "luzhang period correct --period 2026-06 --signed-by 姓名,姓名 --reason 原因" in due
    assert (await printed(june, capsys))["市水利局"] == "98.00"
    await correct(session_of(june), "2026-06", "吴主任,冯副主任", "终审采纳", NONE, dry_run=False)
    assert (await printed(june, capsys))["市水利局"] == "100.00"
    with pytest.raises(WrongState, match="没有变化"):
        await correct(session_of(june), "2026-06", "吴主任,冯副主任", "再来一次", NONE, dry_run=False)


async def test_what_is_placed_too_late_waits_for_a_correction(june: House, capsys: pytest.CaptureFixture[str]) -> None:
    """An inspector's case of June that nobody could place until the month was out."""
    async with june.store.deciding(june.local(20, 10)) as view:
        work = Work(view, june.rules)
        heard = Draft("luan.vendor", "一般", "sun", "不知哪条路", inspector="sun", points="3")
        case, effects = await opening.open_case(work, heard, None)
        view.apply(effects)
    await june.say("吴主任", f"定位 {case.short} XC005")
    assert (await printed(june, capsys))["市科技局"] == "100.00"
    await june.machine.settle()
    [due] = [text for text in june.all_heard(OFFICE_GROUP) if text.startswith("【待更正】")]
    assert due.startswith(
        f"【待更正】督查问题{case.number}（流动商贩，XC005）在定稿后才定位，尚未计入。2026年6月考评已通报"
    )
    await correct(session_of(june), "2026-06", "吴主任,冯副主任", "定稿后定位", NONE, dry_run=False)
    assert (await printed(june, capsys))["市科技局"] == "97.00"


async def test_what_was_left_out_may_be_added(june: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    row = "2026-06-20T09:30:00+08:00,XC005,luan.vendor,3,sun,漏导"
    file = write(tmp_path, "missed.csv", FINDINGS_HEAD, row)
    await correct(session_of(june), "2026-06", "吴主任,冯副主任", "漏导", Changes(findings=file), dry_run=False)
    assert "辖区河西镇 100.00分第1名红旗→97.00分" in capsys.readouterr().out
    found = await session_of(june).read(lambda work: finding_of(work, "督0003"))
    assert (found.segment, found.label) == ("XC005", "2026-督0003")


IMPOSSIBLE = {
    "one person": ("2026-06", "吴主任", "r", NONE, Missing, "两名不同的人员署名"),
    "the same twice": ("2026-06", "吴主任,wu", "r", NONE, Missing, "两名不同的人员署名"),
    "no reason": ("2026-06", "吴主任,feng", " ", NONE, Missing, "更正原因"),
    "nothing changes": ("2026-06", "吴主任,feng", "r", NONE, WrongState, "没有变化"),
    "not published": ("2026-07", "吴主任,feng", "r", NONE, WrongState, "考评中"),
    "no such finding": ("2026-06", "吴主任,feng", "r", Changes(["督0009"]), NotFound, "核对编号"),
    "no number": ("2026-06", "吴主任,feng", "r", Changes(["甲"]), UsageError, "不是督查问题的编号"),
    "no points": ("2026-06", "吴主任,feng", "r", Changes((), ["督0001"]), UsageError, "编号=扣分"),
    "decimals": ("2026-06", "吴主任,feng", "r", Changes((), ["督0001=1.234"]), RuleError, "不是扣分"),
}


async def test_corrections_that_cannot_be(june: House, subtests: pytest.Subtests) -> None:
    for name, (period, names, reason, changes, error, said) in IMPOSSIBLE.items():
        with subtests.test(name):
            with pytest.raises(error, match=said):
                await correct(session_of(june), period, names, reason, changes, dry_run=False)
            assert len(june.all_heard(LEADERS)) == 1
            kinds = [entry.event.kind for entry in await june.store.ledger.events("period:2026-06")]
            assert "corrected" not in kinds


async def test_after_freezing_nothing_but_a_correction_changes_a_deduction(june: House) -> None:
    for who, text in (("吴主任", "分值 督0001 0.1"), ("刘局", "申诉 督0002 已批准")):
        answer = (await june.say(who, text))[0]
        assert any(words in answer for words in ("已定稿", "已通报", "责任单位", "已有申诉"))

    async def kept(work: Work) -> list[Decimal]:
        return [one.points for one in await work.view.inspected.findings(june.local(1, 0), june.local(30, 0))]

    assert await session_of(june).read(kept) == [Decimal("2.00"), Decimal("1.00")]
