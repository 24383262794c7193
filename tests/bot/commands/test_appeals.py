"""appeal list, show, decide: what chat lodged, by the same rules."""

import json
from typing import Any

import pytest

from bot.commands.appeals import Verdict, decide, list_appeals, show
from bot.commands.session import UsageError
from domain.errors import Missing, NotAllowed, NotFound
from tests.bot.commands.files import session_of
from tests.house import House

ACCEPT = Verdict(is_accepted=True, reason="确有批准", points=None, is_final=False)


async def lodged(house: House) -> None:
    await house.say("孙督查", "开始督查 建设街")
    await house.say("孙督查", "流动摊 -0.5", photo="a")
    await house.advance(minutes=1)
    await house.say("刘局", "申诉 0001 已批准", photo="permit")


def out(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)


async def test_listed_and_shown(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    await lodged(house)
    session = session_of(house)
    await list_appeals(session, "2026-06", only_open=True, as_json=True)
    [listed] = out(capsys)
    await show(session, "申001", as_json=True)
    shown = out(capsys)
    assert listed == shown
    assert {key: shown[key] for key in ("number", "state", "period", "finding", "segment", "points", "applicant")} == {
        "number": "2026-申001",
        "state": "open",
        "period": "2026-06",
        "finding": "2026-0001",
        "segment": "XC003",
        "points": "0.50",
        "applicant": "liu",
    }
    assert len(shown["photos"]) == 1
    await list_appeals(session, "2026-05", only_open=False, as_json=False)
    assert capsys.readouterr().out == "没有申诉。\n"
    await show(session, "2026-申001", as_json=False)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "2026-申001 复核中｜2026年6月｜刘局：已批准"
    assert lines[1].startswith(
        "扣分：2026-0001 流动商贩 建设街（人民路—中山路） 0.50分（示例细则二（3）流动商贩）｜材料1份"
    )


async def test_decided_from_the_command_line(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    await lodged(house)
    with pytest.raises(Missing, match="请写明理由"):
        await decide(session_of(house), "申001", "wu", Verdict(True, "", None, False))
    with pytest.raises(NotAllowed):
        await decide(session_of(house), "申001", "qian", ACCEPT)
    await decide(session_of(house), "申001", "吴主任", Verdict(True, "核减", "0.2", False))
    assert capsys.readouterr().out == "2026-申001已采纳，已告知刘局。\n"
    await house.machine.settle()
    assert "扣分由0.5分改为0.2分（核减）" in house.all_heard("刘局")[-1]
    await show(session_of(house), "1", as_json=False)
    assert "复核：吴主任 2026-06-01T09:01+08:00 扣0.20分，核减" in capsys.readouterr().out


async def test_the_final_word_by_two(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    await lodged(house)
    final = Verdict(is_accepted=False, reason="时段不符", points=None, is_final=True)
    await decide(session_of(house), "申001", "wu", final)
    assert "还需另一名具名人员" in capsys.readouterr().out
    await decide(session_of(house), "申001", "feng", final)
    assert "已终审维持" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("number", "error"),
    [pytest.param("申009", NotFound, id="no such"), pytest.param("甲乙", UsageError, id="no number")],
)
async def test_a_wrong_number(house: House, number: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        await show(session_of(house), number, as_json=False)
