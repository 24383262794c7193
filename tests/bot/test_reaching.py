"""Whom a message reaches: through the group until the bot may write to him, and once though he is on both platforms."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.fakes.dingtalk import Person as Writer
from domain.case import State
from tests.bot.platforms.wecom.line_stage import LineStage, line_staged
from tests.bot.stage import DINGTALK_GROUP, WECOM_GROUP, Stage, staged

REPORT = "人民路百货大楼门口占道经营"
WORK = "待认领【"
SECOND = "人民路人民医院门口垃圾没人捡"


@pytest.fixture
async def line(tmp_path: Path) -> AsyncIterator[LineStage]:
    """A bot over the long connection and nothing else: it may begin no private chat."""
    async with line_staged(tmp_path, with_others=False) as running:
        yield running


@pytest.fixture
async def both(tmp_path: Path) -> AsyncIterator[Stage]:
    async with staged(tmp_path) as running:
        yield running


async def test_who_has_not_activated_the_bot_is_reached_through_the_group_until_he_has(line: LineStage) -> None:
    def work() -> list[tuple[str, tuple[str, ...]]]:
        return [(post.chat_id, post.userids) for post in line.wecom.deliveries if WORK in post.text]

    await line.hand.say(REPORT, userid="fang", chat_id=WECOM_GROUP)
    await line.settled()
    assert work() == [(WECOM_GROUP, ())]
    [told] = [post for post in line.wecom.deliveries if WORK in post.text]
    assert "赵强" in told.text, "in the group he is named"
    await line.hand.say("收到", userid="zhao", chat_id=WECOM_GROUP)
    await line.settled()
    assert (await line.cases())[0].state is State.ACKNOWLEDGED
    await line.hand.say("你好", userid="zhao")  # that is all it takes
    await line.settled()
    await line.hand.say(SECOND, userid="fang", chat_id=WECOM_GROUP)
    await line.settled()
    assert work()[1:] == [("", ("zhao",))]


async def test_a_person_on_both_platforms_is_one_person(both: Stage) -> None:
    def private(userid: str, words: str) -> list[str]:
        wecom = [post.way for post in both.wecom.deliveries if post.userids == (userid,) and words in post.text]
        return wecom + [
            post.way for post in both.dingtalk.deliveries if post.userids == (userid,) and words in post.text
        ]

    for number, text in enumerate((REPORT, SECOND)):
        await both.to_dingtalk.say(text, person=Writer(f"guest{number}", "路人"), chat_id=DINGTALK_GROUP)
        await both.settled()
    assert len(private("zhao", WORK)) == 2, "each case once, on one platform"
    first, second = await both.cases()
    await both.to_wecom.tell_app(f"{first.short} 收到", userid="zhao")
    await both.to_dingtalk.say(f"{second.short} 收到", person=Writer("zhao", "赵强"))
    await both.settled()
    assert [(case.state, case.handler) for case in await both.cases()] == [(State.ACKNOWLEDGED, "zhao")] * 2
    before = len(private("zhao", "截至"))
    both.clock.advance(timedelta(hours=1, minutes=10))  # the slot of ten o'clock
    await both.machine.wake()
    await both.settled()
    digests = private("zhao", "截至")[before:]
    assert len(digests) <= 1, "one message a slot, not one a platform"
    assert await both.machine.store.ledger.verify() is None
