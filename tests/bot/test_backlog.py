import asyncio

import pytest

from bot import backlog
from bot.backlog import Backlog

AT_ONCE = 0.5  # seconds; far less than anything waits for here


async def test_nothing_waits_where_nothing_is_to_be_decided() -> None:
    async with asyncio.timeout(AT_ONCE):
        await Backlog().over()


async def test_posts_wait_until_the_last_message_is_decided() -> None:
    waiting = Backlog()
    waiting.grows()
    waiting.grows()
    posts = asyncio.create_task(waiting.over())
    await asyncio.sleep(0)
    assert not posts.done()
    waiting.ends()
    async with asyncio.timeout(AT_ONCE):
        await posts


async def test_a_backlog_that_lasts_does_not_hold_posts_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backlog, "PATIENCE", 0.01)
    waiting = Backlog()
    waiting.grows()
    async with asyncio.timeout(AT_ONCE):
        await waiting.over()
        waiting.grows()  # more of the same backlog begins no new patience
        await waiting.over()


async def test_the_next_backlog_has_its_own_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backlog, "PATIENCE", 0.01)
    waiting = Backlog()
    waiting.grows()
    await waiting.over()
    waiting.ends()
    monkeypatch.setattr(backlog, "PATIENCE", 60.0)
    waiting.grows()
    posts = asyncio.create_task(waiting.over())
    await asyncio.sleep(0)
    assert not posts.done()
    posts.cancel()
