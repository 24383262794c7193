"""What a frame becomes: a message or a click for the inbox, and its acknowledgement."""

import asyncio
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.platforms.base import Accepted, Refused
from bot.platforms.dingtalk import topics
from bot.platforms.dingtalk.callback import RobotCallback
from bot.platforms.dingtalk.frames import CARD_TOPIC, ROBOT_TOPIC, Frame
from bot.platforms.dingtalk.topics import CardClicks, Desk, RobotMessages
from domain.messages import Kind, Quote

NOW = datetime(2026, 11, 23, 2, 30, tzinfo=UTC)
MESSAGE = {
    "msgId": "msgA1==",
    "msgtype": "text",
    "conversationType": "2",
    "conversationId": "cidEast==",
    "senderId": "$:LWCP_v1:$s1",
    "senderStaffId": "u1001",
    "text": {"content": " @路长助手 人民路3号井盖破损"},
}
CLICK: dict[str, Any] = {
    "type": "actionCallback",
    "outTrackId": "rc-C0101-n1",
    "userId": "u2002",
    "spaceType": "IM_GROUP",
    "spaceId": "cidEast==",
    "content": '{"cardPrivateData":{"actionIds":["ack"],"params":{"caseNo":"C-0101"}}}',
}


def robot(message: object = MESSAGE) -> Frame:
    return Frame("CALLBACK", ROBOT_TOPIC, "m-1", message if isinstance(message, str) else json.dumps(message))


def card(click: object = CLICK, time: str = "1795437720494") -> Frame:
    return Frame("CALLBACK", CARD_TOPIC, "m-2", click if isinstance(click, str) else json.dumps(click), time)


def test_a_message_reads_the_same_over_stream_and_over_http() -> None:
    names = ("路长助手",)
    accepted = RobotMessages(names).accept(robot())
    assert (accepted.message_id, accepted.payload, accepted.answer) == (
        "msgA1==",
        json.dumps(MESSAGE),
        b'{"response":null}',
    )
    over_http = RobotCallback("secret", names).parse(accepted.payload, NOW)
    assert RobotMessages(names).parse(accepted.payload, NOW) == over_http
    assert over_http.text == "人民路3号井盖破损"


@pytest.mark.parametrize("data", ["", "[]", "{}", '{"msgId":""}', '{"msgId":7}', "{"])
def test_what_is_no_message_is_refused(data: str) -> None:
    with pytest.raises(Refused):
        RobotMessages().accept(robot(data))


def test_a_click_names_its_button_its_card_and_who_pressed() -> None:
    clicks = CardClicks()
    accepted = clicks.accept(card())
    click = clicks.parse(accepted.payload, NOW)
    assert (click.kind, click.choice, click.quote) == (Kind.CHOICE, "ack", Quote(message_id="rc-C0101-n1"))
    assert (click.sender, click.chat_id, click.is_group) == ("u2002", "cidEast==", True)
    assert (click.message_id, accepted.answer) == (accepted.message_id, b'{"response":{}}')


def test_a_click_in_private_belongs_to_the_person_s_own_chat() -> None:
    clicks = CardClicks()
    click = clicks.parse(clicks.accept(card({**CLICK, "spaceType": "IM_ROBOT"})).payload, NOW)
    assert (click.chat_id, click.is_group) == ("u2002", False)


@pytest.mark.parametrize(
    ("other", "time", "is_same"),
    [
        pytest.param(CLICK, "1795437720494", True, id="delivered twice"),
        pytest.param(CLICK, "1795437720495", False, id="pressed twice"),
        pytest.param({**CLICK, "userId": "u3"}, "1795437720494", False, id="another person"),
        pytest.param({**CLICK, "outTrackId": "rc-2"}, "1795437720494", False, id="another card"),
        pytest.param({**CLICK, "content": "{}"}, "1795437720494", False, id="another button"),
    ],
)
def test_a_click_is_known_by_card_person_button_and_time(other: object, time: str, is_same: bool) -> None:
    clicks = CardClicks()
    assert (clicks.accept(card()).message_id == clicks.accept(card(other, time)).message_id) is is_same


@pytest.mark.parametrize("data", ["", "[]", "{}", '{"outTrackId":"rc-1"}', '{"userId":"u1"}'])
def test_what_is_no_click_is_refused(data: str) -> None:
    with pytest.raises(Refused):
        CardClicks().accept(card(data))


@pytest.mark.parametrize("content", ["", "[]", '{"cardPrivateData":[]}', '{"cardPrivateData":{"actionIds":[7]}}'])
def test_a_click_without_a_readable_button_is_one_all_the_same(content: str) -> None:
    clicks = CardClicks()
    assert clicks.parse(clicks.accept(card({**CLICK, "content": content})).payload, NOW).choice == ""


async def answered(frame: Frame, refusal: Refused | None = None) -> tuple[int, Any, list[str]]:
    """Return the acknowledgement's code and data, and the channels of what was stored."""
    stored: list[str] = []

    async def store(channel: str, accepted: Accepted) -> None:
        if refusal is not None:
            raise refusal
        stored.append(channel)

    ack = json.loads(await Desk((RobotMessages(), CardClicks()), store).take(frame))
    return ack["code"], json.loads(ack["data"]), stored


@pytest.mark.parametrize(
    ("frame", "refusal", "expected"),
    [
        pytest.param(robot(), None, (200, {"response": None}, ["dingtalk.robot"]), id="a message"),
        pytest.param(card(), None, (200, {"response": {}}, ["dingtalk.card"]), id="a click"),
        pytest.param(robot(), Refused(503, "store"), (500, {"response": None}, []), id="not durable"),
        pytest.param(card(), Refused(503, "store"), (500, {"response": None}, []), id="a click not durable"),
        pytest.param(robot("{}"), None, (400, {"response": None}, []), id="garbage"),
        pytest.param(Frame("CALLBACK", "/x", "m", "{}"), None, (404, {"response": None}, []), id="unknown topic"),
        pytest.param(Frame("NOVEL", ROBOT_TOPIC, "m", "{}"), None, (404, {"response": None}, []), id="unknown type"),
        pytest.param(
            Frame("EVENT", "*", "m", "{}"), None, (200, {"status": "SUCCESS", "message": "ok"}, []), id="an event"
        ),
    ],
)
async def test_acknowledgements(frame: Frame, refusal: Refused | None, expected: object) -> None:
    assert await answered(frame, refusal) == expected


async def test_a_click_is_answered_in_time_whatever_the_store_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(topics, "CARD_SECONDS", 0.02)

    async def store(channel: str, accepted: Accepted) -> None:
        await asyncio.Event().wait()

    ack = json.loads(await Desk((CardClicks(),), store).take(card()))
    assert ack["code"] == 500
