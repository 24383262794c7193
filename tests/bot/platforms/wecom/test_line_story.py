"""A case from report to closing over the long connection, and the dialogues that only it has."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.fakes.wecom import Quoted
from domain.case import State
from tests.bot.platforms.wecom.line_stage import LineStage, line_staged
from tests.bot.stage import WECOM_GROUP
from tests.house import picture


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[LineStage]:
    async with line_staged(tmp_path, with_others=False) as running:
        yield running


async def test_a_case_from_report_to_closing(stage: LineStage) -> None:
    say, posts = stage.hand.say, stage.wecom.deliveries
    for person in ("zhao", "qian"):  # who has written to the bot hears from it in private
        await say("你好", userid=person)
    await say("人民路百货大楼门口占道经营", userid="fang", chat_id=WECOM_GROUP, photos=[picture("before")])
    await stage.settled()
    [case] = await stage.cases()
    assert (case.state, case.segment, case.handler, len(case.photos)) == (State.ASSIGNED, "XC001", "zhao", 1)
    receipt = next(post for post in posts if post.chat_id == WECOM_GROUP)
    assert (receipt.way, case.number in receipt.text) == ("reply", True)
    work = next(post for post in posts if post.userids == ("zhao",) and case.number in post.text)
    assert (work.way, "[收到]" in work.text) == ("card", True)

    await say("收到", userid="zhao")
    await stage.settled()
    assert (await stage.cases())[0].state is State.ACKNOWLEDGED

    await say("已处理", userid="zhao", chat_id=WECOM_GROUP, photos=[picture("after")], quote=Quoted(receipt.text))
    await stage.settled()
    [case] = await stage.cases()
    assert (case.state, [p.role for p in case.photos]) == (State.RESOLVED, ["before", "after"])

    await say(f"{case.short} 通过", userid="qian")
    await stage.settled()
    assert (await stage.cases())[0].state is State.CLOSED
    assert {post.way for post in posts} == {"reply", "push", "card"}
