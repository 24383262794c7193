import asyncio
import json

import pytest

from bot.demo.session import Session
from bot.demo.stage import Utterance
from bot.demo.story import FULL
from domain.errors import WrongState


async def story_until(session: Session, *, step: int, state: str) -> None:
    """Wait until a step of the story is in a state."""
    lines = session.feed.read()
    async for line in lines:
        change = json.loads(line)
        if change["kind"] == "story" and change["data"]["steps"][step]["state"] == state:
            return


async def test_an_unexpected_turn_is_told_by_step_and_cause(session: Session) -> None:
    told = asyncio.create_task(story_until(session, step=0, state="done"))
    await asyncio.sleep(0)
    await session.tell(pace=0.2)
    await told
    session.pause()
    await session.stage.say(Utterance("wujing", "wujing", "作废 0001 误报"))
    failed = asyncio.create_task(story_until(session, step=1, state="failed"))
    await asyncio.sleep(0)
    session.resume()
    await failed
    story = session.story.as_json()
    assert story["status"] == "failed"
    assert story["problem"].startswith("第2步未按预期：")
    assert "2026-0001应为处置中，实为作废" in story["problem"]


async def test_a_story_that_is_stopped_leaves_the_stage_to_the_user(session: Session) -> None:
    told = asyncio.create_task(story_until(session, step=0, state="done"))
    await asyncio.sleep(0)
    await session.tell(pace=10)
    await told
    with pytest.raises(WrongState, match="演示正在进行"):
        session.move("10m")
    await session.stop()
    assert session.story.status == "stopped"
    assert [step["state"] for step in session.story.as_json()["steps"]] == ["done"] + ["pending"] * (
        len(FULL.steps) - 1
    )
    session.move("10m")
    await session.stop()


async def test_a_reset_begins_again_but_keeps_the_chosen_platform(session: Session) -> None:
    await session.stage.wear("dingtalk")
    await session.stage.say(Utterance("group-xinhualu", "liufang", "人民路百货大楼门口，水果摊占道经营"))
    session.move("1h")
    await session.reset()
    assert session.stage.platform.worn.platform == "dingtalk"
    assert f"{session.stage.rules.local(session.stage.now):%m-%d %H:%M}" == "06-29 08:40"
    assert not [entry for entry in session.stage.chats.entries if entry.chat == "group-xinhualu"]
    assert session.story.status == "idle"
