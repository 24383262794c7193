"""A platform that only asks to wait costs no case its picture."""

from datetime import timedelta
from pathlib import Path

import pytest

from domain.messages import PhotoRef, RateLimited
from tests.house import GROUP, open_house


async def test_a_picture_is_asked_for_again_while_the_platform_says_to_wait(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_house(tmp_path) as house:
        fetch, asked = house.platform.fetch_photo, 0

        async def busy(ref: PhotoRef) -> bytes:
            nonlocal asked
            asked += 1
            if asked <= 5:  # more often than what is broken is tried
                limited = RateLimited("调用过快")
                limited.retry_after = timedelta(milliseconds=1)
                raise limited
            return await fetch(ref)

        monkeypatch.setattr(house.platform, "fetch_photo", busy)
        await house.say("刘芳", "人民路百货大楼门口垃圾没人捡", group=GROUP, photo="a")
        assert asked == 6
        assert len((await house.case(1)).photos) == 1
