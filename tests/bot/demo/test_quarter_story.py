"""The demo's quarter: every step comes out as it must, from the first walk to the approved fund."""

import asyncio

from bot.demo.quarter_story import QUARTER
from bot.demo.session import Session


async def test_the_quarter_is_played_to_its_end(session: Session) -> None:
    done = asyncio.Event()
    lines = session.feed.read()

    async def watch() -> None:
        async for line in lines:
            if '"kind": "story"' in line and '"running"' not in line:
                done.set()

    watching = asyncio.create_task(watch())
    await session.tell(pace=0, key=QUARTER.key)
    await done.wait()
    watching.cancel()
    assert (session.story.status, session.story.problem) == ("done", "")
