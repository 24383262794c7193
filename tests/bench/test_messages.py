import json
from datetime import UTC, datetime
from itertools import islice
from urllib.parse import parse_qsl, urlsplit

import pytest

from bench import messages
from bot.platforms.base import Callback, Refused
from bot.platforms.dingtalk.callback import RobotCallback
from bot.platforms.wecom import bot_message, frames
from bot.platforms.wecom.callback import AppCallback
from bot.platforms.wecom.settings import WecomApp
from domain.messages import Kind

WECOM = AppCallback(WecomApp(messages.CORP, messages.AGENT, "secret", messages.TOKEN, messages.AES_KEY))
DINGTALK = RobotCallback(messages.APP_SECRET)


def accepted(callback: Callback, request: bytes) -> tuple[str, str, Kind]:
    """Return id, text and kind of a raw request as the product reads it."""
    now = datetime.now(UTC)
    head, _, body = request.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines)
    query = dict(parse_qsl(urlsplit(first.split()[1]).query))
    taken = callback.accept("POST", query, headers, body, now)
    incoming = callback.parse(taken.payload, now)
    return taken.message_id, incoming.text, incoming.kind


def test_the_product_takes_every_request_of_the_load() -> None:
    found = [accepted(WECOM, request) for request in islice(messages.wecom(5), 3)]
    found += [accepted(DINGTALK, request) for request in islice(messages.dingtalk(5, "http://127.0.0.1:9"), 3)]
    assert len({message_id for message_id, _text, _kind in found}) == 6
    assert all(kind is Kind.TEXT and len(text) > 30 for _id, text, kind in found)
    [photo] = islice(messages.wecom(5, media_id="m"), 1)
    assert accepted(WECOM, photo)[2] is Kind.PHOTO


def test_the_product_takes_every_frame_of_the_long_connection() -> None:
    found = [frames.read(text) for text in messages.wecom_frames(5, 3)]
    taken = [
        bot_message.parse(json.dumps(frame.body), datetime.now(UTC), bot_message.name_pattern(()))
        for frame in found
        if frame
    ]
    assert [bot_message.message_id(frame.body) for frame in found if frame] == ["w5", "w6", "w7"]
    assert all(one.kind is Kind.TEXT and len(one.text) > 30 for one in taken)


@pytest.mark.parametrize(
    ("callback", "request_"),
    [
        pytest.param(WECOM, messages.wecom_request("<xml/>", token="other"), id="wecom"),
        pytest.param(DINGTALK, messages.dingtalk_request("{}", secret="other"), id="dingtalk"),
    ],
)
def test_the_product_refuses_what_the_floors_refuse(callback: Callback, request_: bytes) -> None:
    with pytest.raises(Refused):
        accepted(callback, request_)
