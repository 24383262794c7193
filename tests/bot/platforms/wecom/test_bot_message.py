import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.platforms.wecom.bot_message import name_pattern, parse, with_line, without_names
from domain.messages import Incoming, Kind, Quote
from tests.bot.platforms.wecom.samples import BOT, NOW, bot_payload

NAMES = name_pattern(BOT.names)
GROUP = "wrAbCdEfGh1234567890"


def read(name: str) -> Incoming:
    return parse(bot_payload(name), NOW, NAMES)


def urls(photos: tuple[Any, ...]) -> list[str]:
    return [json.loads(photo.handle)["url"].split("myqcloud.com/")[1].split("?")[0] for photo in photos]


@pytest.mark.parametrize(
    ("name", "kind", "text", "pictures", "may_be_missing"),
    [
        ("group_text", Kind.TEXT, "人民路东段 路灯不亮", [], True),
        ("group_text_name_behind", Kind.TEXT, "人民路东段 路灯不亮", [], True),
        ("group_mixed", Kind.MIXED, "建设路3号 井盖破损🗑️", ["a"], False),
        ("group_mixed_image_first", Kind.MIXED, "垃圾未清", ["a", "b"], False),
        ("group_quote_text", Kind.TEXT, "已处理", [], True),
        ("group_quote_image", Kind.TEXT, "已处理", [], False),
        ("group_quote_mixed", Kind.MIXED, "请东关今天解决", ["a"], False),
        ("group_quote_file", Kind.TEXT, "看一下", [], True),
        ("single_image", Kind.PHOTO, "", ["a"], False),
        ("single_voice", Kind.VOICE, "人民路口有一个井盖破了", [], False),
        ("single_file", Kind.FILE, "", [], False),
        ("single_video", Kind.VIDEO, "", [], False),
        ("single_text", Kind.TEXT, "收到", [], False),
        ("enter_chat", Kind.ENTERED, "", [], False),
        ("card_nested", Kind.CHOICE, "", [], False),
        ("card_flat", Kind.CHOICE, "", [], False),
        ("feedback", Kind.OTHER, "", [], False),
        ("unknown_type", Kind.OTHER, "", [], False),
    ],
)
def test_what_a_message_says(name: str, kind: Kind, text: str, pictures: list[str], may_be_missing: bool) -> None:
    incoming = read(name)
    assert (incoming.kind, incoming.text, urls(incoming.photos)) == (kind, text, pictures)
    assert incoming.photo_may_be_missing is may_be_missing


def test_a_group_message_belongs_to_its_chat() -> None:
    incoming = read("group_text")
    assert (incoming.platform, incoming.channel, incoming.message_id) == ("wecom", "wecom.bot", "M-0001")
    assert (incoming.chat_id, incoming.is_group, incoming.sender) == (GROUP, True, "wangwu")
    assert (incoming.received_at, incoming.sent_at) == (NOW, None)
    assert not incoming.sender_is_outsider


def test_a_private_message_belongs_to_its_sender() -> None:
    incoming = read("single_text")
    assert (incoming.chat_id, incoming.is_group) == ("wangwu", False)
    assert incoming.sent_at == datetime(2026, 1, 1, 0, 1, 40, tzinfo=UTC)


def test_the_reply_address_lives_an_hour_and_serves_once() -> None:
    reply = read("group_text").reply
    assert reply is not None
    assert (reply.uses, reply.expires_at) == (1, NOW + timedelta(hours=1))
    assert json.loads(reply.data)["chat_id"] == GROUP
    late = read("single_text").reply  # where the platform says when it was sent, the hour counts from then
    assert late is not None
    assert late.expires_at == datetime(2026, 1, 1, 1, 1, 40, tzinfo=UTC)
    assert read("enter_chat").reply is None


def test_quotes() -> None:
    text, image, mixed = (read(f"group_quote_{name}").quote for name in ("text", "image", "mixed"))
    assert text == Quote("【2026-0123】处置中｜占道经营｜人民路")
    assert image is not None
    assert (image.text, urls(image.photos)) == ("", ["q"])
    assert mixed is not None
    assert (mixed.text, urls(mixed.photos)) == ("建设街口流动摊", ["q"])
    assert read("group_quote_file").quote == Quote()
    assert read("group_text").quote is None


def test_a_link_keeps_its_own_key_and_its_exact_address() -> None:
    incoming = read("group_quote_mixed")
    handle = json.loads(incoming.photos[0].handle)
    assert handle["aes_key"] == "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
    assert handle["url"].endswith("/a?sign=q-sign-algorithm%3Dsha1%26q-ak%3DAKID")
    assert "aes_key" not in json.loads(read("group_mixed").photos[0].handle)


def test_taps_and_outsiders() -> None:
    assert (read("card_nested").choice, read("card_flat").choice, read("group_text").choice) == ("ack", "ack", "")
    assert read("card_nested").chat_id == GROUP
    assert read("outsider").sender_is_outsider


@pytest.mark.parametrize(
    ("text", "left"),
    [
        pytest.param("@路长助手\u2005收到", "收到", id="the client's narrow blank"),
        pytest.param("@路长助手收到", "收到", id="no blank"),
        pytest.param("收到@路长助手", "收到", id="behind"),
        pytest.param("人民路 @路长助手 井盖", "人民路 井盖", id="in the middle"),
        pytest.param("人民路@路长助手\u2005井盖", "人民路 井盖", id="words stay apart"),
        pytest.param("@路长助手 @路长助手 收到", "收到", id="twice"),
        pytest.param("第一行\n@路长助手 第二行", "第一行\n第二行", id="lines stay"),
        pytest.param("＠路长助手 收到", "收到", id="full width"),
        pytest.param("@路长 收到", "收到", id="another of its names"),
        pytest.param("@赵强 @路长助手 请看", "@赵强 请看", id="other people stay"),
        pytest.param("路长助手好用", "路长助手好用", id="the bare word stays"),
    ],
)
def test_the_bots_own_name_is_taken_out(text: str, left: str) -> None:
    assert without_names(text, NAMES) == left


def test_without_configured_names_nothing_is_taken_out() -> None:
    assert name_pattern(("",)) is None
    assert without_names(" @路长助手 收到 ", None) == "@路长助手 收到"


def test_a_name_is_no_pattern() -> None:
    assert without_names("@a.b+ x @aab x", name_pattern(("a.b+",))) == "x @aab x"


ODD: list[object] = [None, True, 5, 1e300, "x", [], [[]], {}, {"content": 5}, {"url": []}, {"msg_item": {}}, "\ud800"]


@pytest.mark.parametrize("field", ["msgtype", "text", "image", "mixed", "quote", "event", "chattype", "create_time"])
def test_wrong_types_never_raise(field: str) -> None:
    for name in ("group_mixed", "group_quote_mixed", "single_voice", "card_nested"):
        message = json.loads(bot_payload(name))
        for odd in ODD:
            incoming = parse(json.dumps(message | {field: odd}), NOW, NAMES)
            assert incoming.text.encode() is not None
            json.dumps([photo.handle for photo in incoming.photos], ensure_ascii=False).encode()


@pytest.mark.parametrize("create_time", [0, -1, 10**12, 10**30, "soon", "9" * 30, True])
def test_an_impossible_time_is_none(create_time: object) -> None:
    message = json.loads(bot_payload("single_text")) | {"create_time": create_time}
    assert parse(json.dumps(message), NOW, NAMES).sent_at is None


def test_items_that_nest_are_left_out() -> None:
    message = json.loads(bot_payload("group_mixed"))
    message["mixed"]["msg_item"].append(
        {"msgtype": "mixed", "mixed": dict(json.loads(bot_payload("group_mixed"))["mixed"])}
    )
    assert urls(parse(json.dumps(message), NOW, NAMES).photos) == ["a"]


@pytest.mark.parametrize(
    "payload",
    [
        pytest.param("", id="empty"),
        pytest.param("[1]", id="a list"),
        pytest.param("[" * 20_000, id="nested deeply"),
        pytest.param('{"msgid":"1","msgtype":"text"}', id="no sender"),
        pytest.param('{"from":{"userid":"a"},"msgtype":"text"}', id="no id"),
        pytest.param('{"msgid":"1","from":{"userid":"a"},"chattype":"group"}', id="a group without a chat"),
    ],
)
def test_garbage_is_a_value_error(payload: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        parse(payload, NOW, NAMES)


def test_no_half_characters_and_no_nul_get_in() -> None:
    message = json.loads(bot_payload("single_text")) | {"text": {"content": "a\0b\ud83d c\ud83d\ude00"}}
    assert parse(json.dumps(message), NOW, NAMES).text == "ab\ufffd c😀"


def frame(text: str) -> str:
    """A frame as the gateway writes it, with its blanks; `text` is JSON."""
    body = (
        '{"msgid": "M1", "chattype": "single", "from": {"userid": "lisi"}, "msgtype": "text", "text": {"content": %s}}'
    )
    return f'{{"cmd": "aibot_msg_callback", "headers": {{"req_id": "R1"}}, "body": {body % text}}}'


@pytest.mark.parametrize(
    ("written", "text"),
    [
        pytest.param('"井盖破损"', "井盖破损", id="as it is"),
        pytest.param('"\\u4e95\\u76d6破损"', "井盖破损", id="escaped"),
        pytest.param('"a\\\\u0041 \\"}"', 'a\\u0041 "}', id="what only looks escaped, and a quote"),
        pytest.param('"路灯\\ud83d"', "路灯?", id="half of an emoji"),
        pytest.param('"路\\u0000灯"', "路灯", id="NUL"),
    ],
)
def test_a_frame_is_kept_as_it_came(written: str, text: str) -> None:
    payload = with_line(frame(written), "c0ffee")
    assert payload.encode().decode() == payload
    incoming = parse(payload, NOW, None)
    assert (incoming.message_id, incoming.sender, incoming.text) == ("M1", "lisi", text)
    assert incoming.reply is not None
    handle = json.loads(incoming.reply.data)
    assert (handle["connection"], handle["req_id"]) == ("c0ffee", "R1")


def test_who_is_named_in_an_escaped_frame_can_be_found() -> None:
    assert "王建国" in with_line(frame(json.dumps("王建国")), "c0ffee")


def test_a_payload_of_an_earlier_version_is_read() -> None:
    body = json.loads(frame('"井盖破损"'))["body"]
    payload = json.dumps({**body, "luzhang_line": {"connection": "c0ffee", "req_id": "R1"}})
    incoming = parse(payload, NOW, None)
    assert incoming.reply is not None
    assert (incoming.text, json.loads(incoming.reply.data)["req_id"]) == ("井盖破损", "R1")
