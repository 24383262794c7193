"""score and period: the contract's JSON, a published month as it was printed, and whose word it takes."""

import json
from pathlib import Path
from typing import Any

import pytest

from bot.commands import periods
from bot.commands.importing import take
from bot.commands.scores import score
from bot.commands.session import UsageError
from domain import tables
from domain.errors import LuzhangError, Missing, NotAllowed, RuleError, WrongState
from tests.bot.commands.files import FINDINGS_HEAD, session_of, write
from tests.house import LEADERS, House

RULES = Path(tables.__file__).with_name("rules.toml")


async def with_findings(house: House, folder: Path, month: str = "2026-05", points: str = "5") -> str:
    code = house.rules.categories.rows[0].code
    row = f"{month}-05T09:30:00+08:00,XC001,{code},{points},sun,"
    await take(session_of(house), "findings", write(folder, "f.csv", FINDINGS_HEAD, row), None, dry_run=False)
    return code


async def scored(house: House, capsys: pytest.CaptureFixture[str], period: str = "2026-05") -> dict[str, Any]:
    capsys.readouterr()
    assert await score(session_of(house), period, None, as_json=True) == 0
    got: dict[str, Any] = json.loads(capsys.readouterr().out)
    return got


async def test_a_month_as_json(house: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = await with_findings(house, tmp_path)
    got = await scored(house, capsys)
    assert list(got) == ["period", "head", "sequences"]
    assert [(s["sequence"], s["group"]) for s in got["sequences"]] == [
        ("township", None),
        ("second_level", "A"),
        ("second_level", "B"),
        ("unit", None),
    ]
    [unit] = [row for row in got["sequences"][3]["rows"] if row["subject"] == "市农业局"]
    assert {k: v for k, v in unit.items() if k != "deductions"} == {
        "subject": "市农业局",
        "name": "市农业局",
        "score": "97.50",
        "rank": 3,
        "grade": "未设定",
        "flag": "black",
    }
    [deduction] = unit["deductions"]
    assert set(deduction) == {"finding", "segment", "category", "points"}
    assert (deduction["segment"], deduction["category"], deduction["points"]) == ("XC001", code, "5.00")


async def test_the_running_month_counts_what_is_entered(
    house: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    await with_findings(house, tmp_path, "2026-06")
    got = await scored(house, capsys, "2026-06")
    assert any(row["deductions"] for listed in got["sequences"] for row in listed["rows"])


async def test_a_published_month_is_printed_as_it_was(
    house: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    await with_findings(house, tmp_path)
    before = await scored(house, capsys)
    await periods.publish(session_of(house), "2026-05", "吴主任，feng")
    assert "已通报，署名：吴主任、冯副主任" in capsys.readouterr().out
    await house.machine.settle()
    assert len(house.all_heard(LEADERS)) == 1
    assert (await scored(house, capsys))["sequences"] == before["sequences"]
    with pytest.raises(WrongState):
        await periods.publish(session_of(house), "2026-05", "吴主任,冯副主任")


async def test_scores_for_eyes(house: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    await with_findings(house, tmp_path)
    await score(session_of(house), "2026-05", None, as_json=False)
    shown = capsys.readouterr().out
    assert "二级路长（A）：" in shown
    assert "  市农业局 97.50分 第3名 未设定 黑旗，扣分1处" in shown


@pytest.mark.parametrize(
    ("period", "error", "said"),
    [
        pytest.param("2026Q5", RuleError, "不是季度", id="quarter"),
        pytest.param("2026-5", RuleError, "不是月份", id="short"),
        pytest.param("2026-13", RuleError, "没有2026年13月", id="no-month"),
    ],
)
async def test_a_wrong_period(house: House, period: str, error: type[LuzhangError], said: str) -> None:
    with pytest.raises(error, match=said):
        await score(session_of(house), period, None, as_json=True)


async def test_another_rule_book_can_be_tried(house: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    await with_findings(house, tmp_path)
    with pytest.raises(UsageError, match="没有文件"):
        await score(session_of(house), "2026-05", tmp_path / "none.toml", as_json=True)
    book = RULES.read_text(encoding="utf-8")
    tried = write(tmp_path, "rules.toml", book)
    capsys.readouterr()
    await score(session_of(house), "2026-05", tried, as_json=True)
    assert json.loads(capsys.readouterr().out)["sequences"] == (await scored(house, capsys))["sequences"]


async def test_hold_and_release(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    session = session_of(house)
    await periods.hold(session, "2026-05", "wu", "数据核对中")
    await periods.show(session, "2026-05", as_json=True)
    facts = json.loads(capsys.readouterr().out.split("。\n", 1)[1])
    assert (facts["period"], facts["stage"], facts["hold_reason"]) == ("2026-05", "open", "数据核对中")
    assert "已暂缓：数据核对中" in facts["obstacles"]
    with pytest.raises(WrongState, match="恢复通报"):
        await periods.publish(session, "2026-05", "吴主任,冯副主任")
    await periods.release(session, "2026-05", None)
    await periods.hold(session, "2026-05", None, None)
    assert "管理员在命令行暂缓" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("names", "error"),
    [
        pytest.param("吴主任", Missing, id="one"),
        pytest.param("吴主任,wu", Missing, id="the-same-person-twice"),
        pytest.param(" , ", Missing, id="none"),
    ],
)
async def test_publishing_takes_two_persons(house: House, names: str, error: type[LuzhangError]) -> None:
    with pytest.raises(error):
        await periods.publish(session_of(house), "2026-05", names)


async def test_a_running_month_is_not_published(house: House) -> None:
    with pytest.raises(WrongState, match="尚未结束"):
        await periods.publish(session_of(house), "2026-06", "吴主任,冯副主任")


async def test_a_quarter_is_not_published_as_such(house: House) -> None:
    with pytest.raises(UsageError, match="这里须写月份"):
        await periods.publish(session_of(house), "2026Q2", "吴主任,冯副主任")


async def test_only_the_office_steers(house: House) -> None:
    with pytest.raises(NotAllowed):
        await periods.hold(session_of(house), "2026-05", "zhao", "x")
    with pytest.raises(NotAllowed):
        await periods.approve(session_of(house), "admin")


async def test_the_standing_approval_takes_two(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    for person, expected in (("wu", "还需1人"), ("wu", "还需1人"), ("冯副主任", "登记生效")):
        await periods.approve(session_of(house), person)
        assert expected in capsys.readouterr().out
