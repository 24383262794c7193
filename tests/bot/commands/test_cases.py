"""Cases by command: the contract's JSON, and the chat's rules for whoever acts."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot.commands import cases
from bot.commands.cases import act, assigning, closing, list_cases, reopening, show
from bot.commands.session import UsageError
from domain.case import Event, State
from domain.errors import LuzhangError, NotAllowed, NotFound, WrongState
from tests.bot.commands.files import session_of
from tests.house import GROUP, House

ROOT = Path(__file__).parents[3]
KEYS = [
    "number", "state", "category", "also", "severity", "segment", "responsible", "handler", "reporter_class",
    "reported_at", "deadline", "photos", "events",
]  # fmt: skip


async def reported(house: House) -> None:
    await house.say("刘芳", "人民路百货大楼门口占道经营", group=GROUP, photo="before")


async def resolved(house: House) -> None:
    await reported(house)
    await house.say("赵强", "已处理", photo="after")


async def closed(house: House) -> None:
    await resolved(house)
    await house.say("钱专干", "0001 通过")


async def test_a_case_as_json(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    await resolved(house)
    assert await show(session_of(house), "0001", as_json=True) == 0
    got: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert list(got) == [*KEYS, "why"]
    assert (got["number"], got["state"], got["segment"]) == ("2026-0001", "resolved", "XC001")
    assert (got["responsible"], got["handler"], got["reporter_class"]) == ("wang", "zhao", "public")
    assert got["reported_at"] == "2026-06-01T09:00:00+08:00"
    assert got["deadline"] > got["reported_at"]
    assert [photo["role"] for photo in got["photos"]] == ["before", "after"]
    assert [event["event"] for event in got["events"]] == ["report", "resolve"]
    assert got["events"][1]["by"] == "zhao"
    assert "刘芳" not in json.dumps(got, ensure_ascii=False)  # who reported is for seat and office alone


async def test_the_list_is_newest_first_and_can_be_narrowed(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    await closed(house)
    await house.advance(minutes=1)
    await house.say("刘芳", "建设街第一小学门口垃圾堆放", group=GROUP, photo="b")

    async def listed(**more: Any) -> list[str]:
        options = {"state": None, "segment": None, "only_open": False, "limit": 10, "as_json": True, **more}
        capsys.readouterr()
        await list_cases(session_of(house), **options)
        return [case["number"] for case in json.loads(capsys.readouterr().out)]

    assert await listed() == ["2026-0002", "2026-0001"]
    assert await listed(only_open=True) == ["2026-0002"]
    assert await listed(state="已办结") == await listed(state="closed") == ["2026-0001"]
    assert await listed(segment="XC003") == ["2026-0002"]
    assert await listed(limit=1) == ["2026-0002"]
    with pytest.raises(UsageError, match="没有“完成”"):
        await listed(state="完成")


async def test_the_list_for_eyes(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    await list_cases(session_of(house), state=None, segment=None, only_open=True, limit=9, as_json=False)
    assert capsys.readouterr().out == "没有符合的案件。\n"
    await reported(house)
    await show(session_of(house), "2026-0001", as_json=False)
    shown = capsys.readouterr().out
    assert shown.startswith("2026-0001 待认领｜")
    assert "承办赵强" in shown
    assert shown.endswith("06-01 09:00 上报\n")


async def test_a_case_says_why_in_the_words_of_the_chat(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    await house.say("刘芳", "人民路百货大楼门口井盖破损", group=GROUP)
    (said,) = await house.say("钱专干", "为什么 0001")
    assert "类别：因“井盖、破损”判为井盖箱盖缺失破损。" in said
    await show(session_of(house), "0001", as_json=False)
    assert f"\n{said}\n" in capsys.readouterr().out
    await show(session_of(house), "0001", as_json=True)
    assert json.loads(capsys.readouterr().out)["why"] == said.splitlines()[1:]


async def test_a_case_is_handed_to_another(house: House) -> None:
    await reported(house)
    house.read = len(house.platform.posted)
    await act(session_of(house), "1", "钱专干", "改派", assigning("周敏", None), as_json=False)
    await house.machine.settle()
    assert (await house.case(1)).handler == "zhou"
    assert house.heard("周敏")
    assert house.heard("赵强")


async def test_a_case_without_a_place_gets_one(house: House) -> None:
    await house.say("刘芳", "路边垃圾堆了一大堆没人清", group=GROUP, photo="a")
    assert (await house.case(1)).state is State.UNLOCATED
    await act(session_of(house), "0001", "qian", "定位", assigning(None, "XC002"), as_json=False)
    case = await house.case(1)
    assert (case.state, case.segment, case.handler) == (State.ASSIGNED, "XC002", "zhao")


async def test_closing_and_coming_back(house: House) -> None:
    await resolved(house)
    await act(session_of(house), "0001", "qian", "通过", closing, as_json=True)
    assert (await house.case(1)).state is State.CLOSED
    await act(session_of(house), "0001", "qian", "未解决", reopening("又摆出来了"), as_json=True)
    case = await house.case(1)
    assert (case.state, case.rebounds) == (State.REWORK, 1)
    assert await house.store.ledger.verify() is None


@pytest.mark.parametrize(
    ("before", "step", "by", "error"),
    [
        pytest.param(reported, assigning("周敏", None), "zhao", NotAllowed, id="handler-reassigns"),
        pytest.param(reported, closing, "qian", WrongState, id="close-before-done"),
        pytest.param(resolved, closing, "zhao", NotAllowed, id="handler-verifies"),
        pytest.param(resolved, closing, "zhou", NotAllowed, id="handler's-unit-verifies"),
        pytest.param(closed, closing, "qian", WrongState, id="close-twice"),
        pytest.param(closed, reopening("x"), "zhou", NotAllowed, id="stranger-reopens"),
        pytest.param(reported, assigning("无名", None), "qian", NotFound, id="unknown-handler"),
        pytest.param(reported, assigning(None, "XC999"), "qian", NotFound, id="unknown-segment"),
        pytest.param(reported, closing, "nobody", NotFound, id="unknown-actor"),
    ],
)
async def test_the_rules_hold_for_the_command_line_too(
    house: House, before: Callable[[House], Any], step: cases.Step, by: str, error: type[LuzhangError]
) -> None:
    await before(house)
    was = await house.case(1)
    with pytest.raises(error):
        await act(session_of(house), "0001", by, "操作", step, as_json=False)
    assert (await house.case(1)).state is was.state
    kinds = [event.event.kind for event in await house.store.ledger.events("case:2026-0001")]
    assert (kinds[-1] == "refused") is (error is NotAllowed)


async def test_who_acts_may_be_left_out_only_while_one_administrator_is_there(house: House) -> None:
    await reported(house)
    await act(session_of(house), "0001", None, "改派", assigning("zhou", None), as_json=False)  # the house's only admin
    assert (await house.case(1)).handler == "zhou"


@pytest.mark.parametrize(
    ("number", "error", "said"),
    [
        pytest.param("一号", UsageError, "不是案件编号", id="no-number"),
        pytest.param("2026-0009", NotFound, "没有找到", id="no-such-case"),
    ],
)
async def test_a_wrong_number(house: House, number: str, error: type[LuzhangError], said: str) -> None:
    with pytest.raises(error, match=said):
        await show(session_of(house), number, as_json=False)


async def test_every_entry_is_shown_in_words(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    await reported(house)
    await house.say("钱专干", "查 0001")
    await show(session_of(house), "0001", as_json=False)
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1].endswith("查看上报人姓名（钱专干）")
    assert not [line for line in lines if re.search("[a-z_]{4,}", line)]


def test_every_kind_of_entry_has_a_name() -> None:
    written = {event.value for event in Event}
    for path in (path for room in ("domain", "handlers", "schedules") for path in (ROOT / room).rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        written |= set(re.findall(r'LedgerEvent\(\s*f"case:\{[a-z.]+\}",\s*"([a-z_]+)"', text))
    assert {"reporter_seen", "delivered_late"} <= written
    assert sorted(written - set(cases.EVENT_NAMES)) == []
