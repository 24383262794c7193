"""inspection plan: the draw of a month, the same again, and the morning's word that follows it."""

import json
from pathlib import Path

import pytest

from bot.commands.inspection import plan
from domain.errors import WrongState
from tests.bot.commands.files import session_of
from tests.house import House


async def test_the_plan_is_drawn_from_the_head_before_the_month(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    await plan(session_of(house), "2026-06", as_json=True)
    blind = json.loads(capsys.readouterr().out)
    assert (blind["seed"], blind["is_published_head"]) == ("2026-06", False)
    with pytest.raises(WrongState, match="尚未开始"):
        await plan(session_of(house), "2026-07", as_json=False)
    await house.until(house.local(1, 9, month=7))
    await plan(session_of(house), "2026-07", as_json=True)
    drawn = json.loads(capsys.readouterr().out)
    heads = (house.folder / "heads" / "heads.txt").read_text(encoding="utf-8").splitlines()
    [last] = [line for line in heads if line.startswith("2026-06-30 ")]
    assert (drawn["seed"], drawn["is_published_head"]) == (last.split()[2][:16], True)
    counts: dict[str, int] = {}
    for day in drawn["days"]:
        for road in day["roads"]:
            assert (road["inspector"], road["name"]) == ("sun", "孙督查")
            for segment in road["segments"]:
                counts[segment] = counts.get(segment, 0) + 1
    assert counts == {f"XC{n:03d}": 2 for n in range(1, 6)}


async def test_the_plan_for_eyes(house: House, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    await house.say("孙督查", "无问题 滨河路")
    house.clock.advance(house.rules.waits.gather)
    await plan(session_of(house), "2026-06", as_json=False)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("2026年6月督查抽签：种子2026-06（月初前没有台账校验值，以月份为种子），每路段2次")
    assert lines[0].endswith("本月已督查1/5个路段。")
    assert any("滨河路（东关街道，1个路段） 孙督查" in line for line in lines[1:])


async def test_inspectors_hear_their_roads_each_morning(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    await plan(session_of(house), "2026-06", as_json=True)
    days = json.loads(capsys.readouterr().out)["days"]
    coming = {day["day"]: [road["road"] for road in day["roads"]] for day in days if day["day"] > "2026-06-01"}
    heard = []
    for day in range(2, 31):
        await house.until(house.local(day, 8, 29))
        heard += house.heard("孙督查")
    hints = [text for text in heard if text.startswith("今日督查（抽签）：1 ")]
    assert len(hints) == len(coming)
    for text, roads in zip(hints, coming.values(), strict=True):
        assert all(road in text for road in roads)
        assert "开始请回“开始督查 " in text
    kinds = [entry.event.kind for entry in await house.store.ledger.events("publication")]
    assert kinds.count("inspection_draw") == 1
