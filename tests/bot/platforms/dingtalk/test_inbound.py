import json
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.platforms.dingtalk.callback import RobotCallback
from bot.platforms.dingtalk.handles import Session, picture_code, session_of
from domain.messages import Incoming, Kind

FOLDER = Path(__file__).parents[3] / "payloads" / "dingtalk"
RECEIVED_AT = datetime.fromtimestamp(1_795_437_721, UTC)
CALLBACK = RobotCallback("roadchief-app-secret", ["路长助手"])
WEBHOOK = "https://oapi.dingtalk.com/robot/sendBySession?session=s1"


def parse(name: str, **changed: Any) -> Incoming:
    message = {**json.loads((FOLDER / f"{name}.json").read_text()), **changed}
    kept = {key: value for key, value in message.items() if value is not None}
    return CALLBACK.parse(json.dumps(kept), RECEIVED_AT)


def codes(message: Incoming) -> list[str]:
    return [picture_code(photo).download_code for photo in message.photos]


@pytest.mark.parametrize(
    ("name", "kind", "text", "photos"),
    [
        ("group_text", Kind.TEXT, "上报 人民路3号井盖破损", []),
        ("group_text_other_mentioned", Kind.TEXT, "人民路3号井盖破损 请看", []),
        ("group_text_own_name_left", Kind.TEXT, "人民路3号井盖破损", []),
        ("group_rich_text", Kind.MIXED, "人民路3号\n井盖破损", ["dcOne", "dcTwo"]),
        ("group_rich_text_mention_left", Kind.MIXED, "井盖破损", ["dcOne"]),
        ("group_rich_text_pictures_only", Kind.PHOTO, "", ["dcOne"]),
        ("group_rich_text_words_only", Kind.TEXT, "今日待办", []),
        ("group_text_quoted_picture", Kind.TEXT, "上报", []),
        ("group_text_quoted_as_json_text", Kind.TEXT, "已处理", []),
        ("group_text_quoted_rich_text", Kind.TEXT, "上报", []),
        ("group_text_quoted_own_card", Kind.TEXT, "收到", []),
        ("private_picture", Kind.PHOTO, "", ["dcOne"]),
        ("private_picture_old_code", Kind.PHOTO, "", ["pdcOne"]),
        ("private_audio", Kind.VOICE, "人民路有垃圾没清。", []),
        ("private_video", Kind.VIDEO, "", []),
        ("private_file", Kind.FILE, "", []),
        ("private_unknown", Kind.OTHER, "", []),
        ("private_outsider", Kind.TEXT, "井盖破损", []),
    ],
)
def test_recorded_payloads(name: str, kind: Kind, text: str, photos: list[str]) -> None:
    message = parse(name)
    assert (message.kind, message.text, codes(message)) == (kind, text, photos)
    assert (message.platform, message.channel, message.message_id) == ("dingtalk", "dingtalk.robot", "msgA1==")
    assert message.is_group == name.startswith("group")
    assert message.received_at == RECEIVED_AT
    assert message.sent_at == datetime.fromtimestamp(1_795_437_720, UTC)
    assert message.sender_name == "李巡"


def test_every_recorded_payload_is_in_the_table() -> None:
    table = next(mark for mark in test_recorded_payloads.pytestmark if mark.name == "parametrize")  # type: ignore[attr-defined]
    assert {row[0] for row in table.args[1]} == {path.stem for path in FOLDER.glob("*.json")}


@pytest.mark.parametrize(
    ("name", "text", "quoted_id", "photos"),
    [
        ("group_text_quoted_picture", "", "msgOld==", ["dcOld"]),
        ("group_text_quoted_as_json_text", "【2026-0123】占道经营", "msgOld==", []),
        ("group_text_quoted_rich_text", "桥头", "msgOld==", ["dcOld"]),
        ("group_text_quoted_own_card", "", "pqk-77", []),
    ],
)
def test_quotes(name: str, text: str, quoted_id: str, photos: list[str]) -> None:
    quote = parse(name).quote
    assert quote is not None
    assert (quote.text, quote.message_id) == (text, quoted_id)
    assert [picture_code(photo).download_code for photo in quote.photos] == photos


def test_an_old_client_quotes_in_bare_text() -> None:
    quote = parse("group_text", content={"quoteContent": "桥头有垃圾"}).quote
    assert quote is not None
    assert quote.text == "桥头有垃圾"


def test_no_quote_is_none() -> None:
    assert parse("group_text").quote is None


def test_a_group_is_known_by_its_conversation_and_a_private_chat_by_its_sender() -> None:
    assert (parse("group_text").chat_id, parse("group_text").sender) == ("cidEast==", "u1001")
    assert (parse("private_picture").chat_id, parse("private_picture").sender) == ("u1001", "u1001")


@pytest.mark.parametrize("missing", [None, ""], ids=["absent", "empty"])
def test_an_outsider_is_known_to_this_robot_only(missing: str | None) -> None:
    message = parse("private_outsider", senderStaffId=missing)
    assert (message.sender, message.sender_is_outsider) == ("$:LWCP_v1:$s1", True)
    assert not parse("group_text").sender_is_outsider


@pytest.mark.parametrize("expiry", [1_795_443_120_000, "1795443120000"], ids=["number", "text"])
def test_the_session_is_a_reply_handle_until_it_expires(expiry: object) -> None:
    reply = parse("group_text", sessionWebhookExpiredTime=expiry).reply
    assert reply is not None
    assert (reply.expires_at, reply.uses) == (datetime.fromtimestamp(1_795_443_120, UTC), 0)
    assert session_of(reply) == Session(WEBHOOK, "cidEast==", "u1001")


def test_a_private_session_names_no_group() -> None:
    reply = parse("private_picture").reply
    assert reply is not None
    assert session_of(reply) == Session(WEBHOOK, "", "u1001")


@pytest.mark.parametrize("expiry", [None, True, -1, 1e300, "9" * 30, "soon", [1]])
def test_an_unreadable_expiry_means_ninety_minutes(expiry: object) -> None:
    reply = parse("group_text", sessionWebhookExpiredTime=expiry).reply
    assert reply is not None
    assert reply.expires_at == RECEIVED_AT + timedelta(minutes=90)


def test_without_a_session_there_is_no_handle() -> None:
    assert parse("group_text", sessionWebhook=None).reply is None


def test_pictures_carry_the_robot_that_may_fetch_them() -> None:
    assert picture_code(parse("private_picture").photos[0]).robot_code == "dingroadchief"


@pytest.mark.parametrize(
    ("name", "may_be_missing"),
    [
        ("group_text", True),
        ("group_rich_text", False),
        ("group_text_quoted_picture", False),
        ("private_outsider", False),
    ],
)
def test_a_photo_beside_a_group_text_is_lost(name: str, may_be_missing: bool) -> None:
    assert parse(name).photo_may_be_missing is may_be_missing


@pytest.mark.parametrize(
    ("content", "text"),
    [
        pytest.param("@路长助手", "", id="only the robot's name"),
        pytest.param("联系 a@b.cn 井盖破损", "联系 a@b.cn 井盖破损", id="nobody else was called"),
        pytest.param("第一行\r\n第二行\x00\ud83d", "第一行\n第二行", id="what cannot be stored goes"),
        pytest.param("  全角　空格  ", "全角　空格", id="blanks around"),
    ],
)
def test_text(content: str, text: str) -> None:
    assert parse("group_text", text={"content": content}).text == text


@pytest.mark.parametrize(
    "payload",
    [
        pytest.param("", id="empty"),
        pytest.param("[]", id="list"),
        pytest.param("[" * 60_000, id="nesting"),
        pytest.param('{"msgId":"a"}', id="nobody sent it"),
        pytest.param('{"msgId":"a","senderId":"s","conversationType":"2"}', id="group without id"),
        pytest.param('{"senderId":"s","conversationType":"1"}', id="no message id"),
    ],
)
def test_garbage_is_a_value_error(payload: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        CALLBACK.parse(payload, RECEIVED_AT)


ODD: tuple[object, ...] = (
    None,
    0,
    -1,
    True,
    1e308,
    "",
    "x" * 300,
    "{",
    "[]",
    [],
    [1, [2]],
    {},
    {"content": {}},
    "\ud800",
)


def spoil(value: Any, chance: random.Random) -> Any:
    """Put something odd in the place of one part of a JSON value."""
    if isinstance(value, dict) and value and chance.random() < 0.85:
        key = chance.choice(sorted(value))
        return {**value, key: spoil(value[key], chance)}
    if isinstance(value, list) and value and chance.random() < 0.85:
        place = chance.randrange(len(value))
        return [*value[:place], spoil(value[place], chance), *value[place + 1 :]]
    return chance.choice(ODD)


@pytest.mark.fuzz
def test_a_spoilt_message_is_read_or_refused() -> None:
    chance = random.Random(20261)
    recorded = [json.loads(path.read_text()) for path in sorted(FOLDER.glob("*.json"))]
    read = 0
    for _ in range(4_000):
        message = spoil(spoil(chance.choice(recorded), chance), chance)
        try:
            incoming = CALLBACK.parse(json.dumps(message), RECEIVED_AT)
        except ValueError:
            continue
        read += 1
        incoming.text.encode()
        assert incoming.sender
        assert incoming.chat_id
    assert read > 1_000
