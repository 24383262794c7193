"""period correct: a later notice that names the old one, two persons, a new version beside the old."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from bot.commands.periods import Changes, correct, finding_of, show
from bot.commands.scores import score
from bot.commands.session import UsageError
from domain.casework.work import Work
from domain.errors import Missing, NotFound, RuleError, WrongState
from domain.finding import Finding
from tests.bot.commands.files import FINDINGS_HEAD, session_of, write
from tests.house import LEADERS, House, open_house

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
        await house.store.findings.add(rows)
        for person in ("吴主任", "冯副主任"):
            await house.say(person, "授权自动通报")
        await house.until(house.local(6, 10, month=7))
        await house.say("刘局", "申诉 督0001 已批准", photo="permit")
        await house.say("吴主任", "不采纳 申001 时段不符")
        await house.until(house.local(7, 9, 30, month=7))
        assert len(house.all_heard(LEADERS)) == 1
        yield house


async def printed(house: House, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    capsys.readouterr()
    await score(session_of(house), "2026-06", None, as_json=True)
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return {row["subject"]: row["score"] for listed in found["sequences"] for row in listed["rows"]}


async def test_a_correction_names_what_it_corrects(june: House, capsys: pytest.CaptureFixture[str]) -> None:
    before = await printed(june, capsys)
    assert (before["市水利局"], before["市农业局"]) == ("98.00", "99.50")
    changes = Changes(withdraw=["2026-督0001"], points=["督0002=0.5"])
    await correct(session_of(june), "2026-06", "吴主任,feng", "复核误录", changes, dry_run=True)
    rehearsed = capsys.readouterr().out
    assert rehearsed.startswith("2026年6月将更正为第2版，")
    assert rehearsed.endswith("以上为预演，未保存。\n")
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
    assert (await printed(june, capsys))["市水利局"] == "98.00"
    await correct(session_of(june), "2026-06", "吴主任,冯副主任", "终审采纳", NONE, dry_run=False)
    assert (await printed(june, capsys))["市水利局"] == "100.00"
    with pytest.raises(WrongState, match="没有变化"):
        await correct(session_of(june), "2026-06", "吴主任,冯副主任", "再来一次", NONE, dry_run=False)


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
