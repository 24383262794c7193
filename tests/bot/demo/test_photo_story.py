"""The demo's story of pictures, with and without the recogniser."""

import asyncio
import json
from collections.abc import AsyncIterator

import pytest

from bot.demo import opening, photo_story
from bot.demo.photo_story import PHOTOS
from bot.demo.session import Session
from media.extras import can_read_watermarks

WAYS = [
    pytest.param(False, id="its own position"),
    pytest.param(
        True,
        id="its watermark",
        marks=pytest.mark.skipif(not can_read_watermarks(), reason="extra “ocr” is not installed (make photos)"),
    ),
]


async def _ended(lines: AsyncIterator[str]) -> None:
    async for line in lines:
        change = json.loads(line)
        if change["kind"] == "story" and change["data"]["status"] in ("done", "failed"):
            return


@pytest.mark.parametrize("reads", WAYS)
async def test_the_pictures_are_played_to_their_end(
    session: Session, reads: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (opening, photo_story):
        monkeypatch.setattr(module, "can_read_watermarks", lambda: reads)
    lines = session.feed.read()
    ended = asyncio.create_task(_ended(lines))
    await session.tell(pace=0, key=PHOTOS.key)
    await ended
    story = session.story.as_json()
    assert (story["status"], story["problem"]) == ("done", "")
    said = [entry.text for entry in session.stage.chats.entries if not entry.sender]
    assert any("水印识别为“人民路百货大楼" in text for text in said) is reads
    assert sum("高度相似" in text for text in said) == 1
