"""doctor over Stream: a connection may be opened, or why not and where that is mended; no callback address is asked."""

from pathlib import Path

import pytest

from bot.clock import MovedClock
from bot.commands import reach
from bot.commands.signs import Mark
from bot.config import load_config
from bot.fakes.rules import Fault
from tests.bot.stage import fakes, write_config
from tests.house import MONDAY_MORNING

OPEN = "/v1.0/gateway/connections/open"


@pytest.mark.parametrize(
    ("fault", "mark", "words"),
    [
        pytest.param(None, Mark.WELL, "可以建立连接", id="well"),
        pytest.param(
            Fault("errcode", OPEN, status=401, code="invalidClientIdOrSecret"),
            Mark.BROKEN,
            "凭证与基础信息",
            id="refused",
        ),
        pytest.param(Fault("status", OPEN, status=503), Mark.BROKEN, "暂时无法访问", id="out of order"),
    ],
)
async def test_a_stream_is_tried(tmp_path: Path, fault: Fault | None, mark: Mark, words: str) -> None:
    async with fakes(MovedClock(MONDAY_MORNING)) as (_, wecom_url, dingtalk, dingtalk_url):
        path = write_config(tmp_path, wecom_url, dingtalk_url)
        path.write_text(path.read_text(encoding="utf-8").replace('mode = "http"', 'mode = "stream"'), encoding="utf-8")
        dingtalk.rules.arm(*([fault] if fault else []))
        found = await reach.reach(load_config(path))
    [stream] = [sign for sign in found if "钉钉Stream" in sign.text]
    assert (stream.mark, words in stream.text) == (mark, True)
    assert not [sign for sign in found if "/callback/dingtalk/robot" in sign.text]
