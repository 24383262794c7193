import base64
import json
import random
from datetime import timedelta

import pytest
from wechatpy.enterprise.crypto import PrpCrypto

from bot.platforms.base import Accepted, Callback, Refused
from bot.platforms.wecom.callback import BODY_CAP, AppCallback, BotCallback
from tests.bot.platforms.wecom.samples import (
    APP,
    BOT,
    NOW,
    STAMP,
    Query,
    app_envelope,
    app_payload,
    app_request,
    bot_payload,
    bot_request,
    encrypt,
    sign,
    signed,
)

BOT_CALLBACK = BotCallback(BOT, welcome="您好，我是路长助手。")
APP_CALLBACK = AppCallback(APP)


def post(callback: Callback, query: Query, body: bytes) -> Accepted:
    return callback.accept("POST", query, {}, body, NOW)


def refusal(callback: Callback, query: Query, body: bytes, method: str = "POST") -> tuple[int, str]:
    with pytest.raises(Refused) as caught:
        callback.accept(method, query, {}, body, NOW)
    return caught.value.status, caught.value.code


def echo(token: str, aes_key: str, receiveid: str, timestamp: str = STAMP) -> Query:
    ciphertext = encrypt(aes_key, "5927364810293847561", receiveid)
    return signed(token, ciphertext, timestamp) | {"echostr": ciphertext}


def test_the_address_check_is_answered_with_the_bare_text() -> None:
    for callback, query in (
        (BOT_CALLBACK, echo(BOT.token, BOT.aes_key, "")),
        (APP_CALLBACK, echo(APP.token, APP.aes_key, APP.corp_id)),
    ):
        accepted = callback.accept("GET", query, {}, b"", NOW)
        assert (accepted.message_id, accepted.payload, accepted.answer) == ("", "", b"5927364810293847561")


def test_an_address_check_for_another_corporation_is_refused() -> None:
    assert refusal(APP_CALLBACK, echo(APP.token, APP.aes_key, "ww-other"), b"", "GET") == (403, "receiveid")


@pytest.mark.parametrize(
    ("name", "message_id"),
    [
        ("group_text", "M-0001"),
        ("single_voice", "M-0021"),
        ("enter_chat", "E1"),
        ("feedback", "E3"),
        ("card_flat", "lisi:1767225720:template_card_event:f223e9b94072c19c"),
    ],
)
def test_a_bot_message_is_taken_with_its_id(name: str, message_id: str) -> None:
    accepted = post(BOT_CALLBACK, *bot_request(bot_payload(name)))
    assert (accepted.message_id, accepted.payload, accepted.is_late) == (message_id, bot_payload(name), False)


@pytest.mark.parametrize(
    ("name", "message_id"),
    [
        ("text", "7300000000000000001"),
        ("card", "zhangsan:1767225660:template_card_event:faecda1a62040244"),
        ("change_contact", "zhangsan:1767225660:change_contact:6e340b9cffb37a98"),
    ],
)
def test_an_app_message_is_taken_with_its_id(name: str, message_id: str) -> None:
    accepted = post(APP_CALLBACK, *app_request(app_payload(name)))
    assert (accepted.message_id, accepted.payload, accepted.answer) == (message_id, app_payload(name), b"")


def test_two_taps_in_one_second_are_two_messages() -> None:
    tap = json.loads(bot_payload("card_flat"))
    ids = set()
    for key in ("ack", "done"):
        tap["event"]["event_key"] = key
        ids.add(post(BOT_CALLBACK, *bot_request(json.dumps(tap))).message_id)
    assert len(ids) == 2


def test_a_stream_poll_needs_no_storing() -> None:
    poll = json.dumps({"msgid": "P1", "aibotid": "AIB01", "msgtype": "stream", "stream": {"id": "s"}})
    accepted = post(BOT_CALLBACK, *bot_request(poll))
    assert (accepted.message_id, accepted.answer) == ("", b"")


def test_who_opens_the_chat_is_greeted() -> None:
    query, body = bot_request(bot_payload("enter_chat"))
    accepted = post(BOT_CALLBACK, query, body)
    answer = json.loads(accepted.answer)
    assert accepted.content_type == "application/json"
    assert (answer["nonce"], answer["timestamp"]) == (query["nonce"], int(STAMP))
    assert answer["msgsignature"] == sign(BOT.token, STAMP, query["nonce"], answer["encrypt"])
    greeting = PrpCrypto(base64.b64decode(BOT.aes_key + "=")).decrypt(answer["encrypt"], "")
    assert json.loads(greeting) == {"msgtype": "text", "text": {"content": "您好，我是路长助手。"}}
    assert post(BotCallback(BOT), query, body).answer == b""


@pytest.mark.parametrize(
    ("age", "outcome"),
    [
        pytest.param(0, False, id="now"),
        pytest.param(300, False, id="five minutes"),
        pytest.param(301, True, id="a late retry"),
        pytest.param(86_400, True, id="a day"),
        pytest.param(86_401, (403, "stale"), id="older than a day"),
        pytest.param(-300, False, id="our clock is behind"),
        pytest.param(-301, (403, "stale"), id="from the future"),
    ],
)
def test_age(age: int, outcome: bool | tuple[int, str]) -> None:
    stamp = str(int(STAMP) - age)
    for callback, query, body in (
        (BOT_CALLBACK, *bot_request(bot_payload("group_text"), stamp)),
        (APP_CALLBACK, *app_request(app_payload("text"), stamp)),
    ):
        if isinstance(outcome, bool):
            assert post(callback, query, body).is_late is outcome
        else:
            assert refusal(callback, query, body) == outcome


@pytest.mark.parametrize("stamp", ["now", "-5", "1e9", "１７６７２２５７２０", "9" * 40, "0x10", " 1767225720"])
def test_a_signed_timestamp_that_is_none(stamp: str) -> None:
    assert refusal(BOT_CALLBACK, *bot_request(bot_payload("group_text"), stamp)) == (400, "timestamp")


def test_methods_sizes_and_missing_fields() -> None:
    query, body = bot_request(bot_payload("group_text"))
    assert refusal(BOT_CALLBACK, query, body, "PUT") == (405, "method")
    assert refusal(BOT_CALLBACK, query, b"x" * (BODY_CAP + 1)) == (413, "size")
    assert refusal(BOT_CALLBACK, query | {"echostr": "A" * (BODY_CAP + 1)}, b"", "GET") == (413, "size")
    for name in ("msg_signature", "timestamp", "nonce"):
        assert refusal(BOT_CALLBACK, {k: v for k, v in query.items() if k != name}, body) == (400, "query")
    assert refusal(BOT_CALLBACK, query, b"", "GET") == (400, "query")


def test_another_bots_message_is_refused() -> None:
    payload = bot_payload("group_text").replace("AIB01", "AIB02")
    query, body = bot_request(payload)
    assert refusal(BOT_CALLBACK, query, body) == (403, "aibotid")


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        pytest.param("", "payload", id="empty"),
        pytest.param("[]", "payload", id="a list"),
        pytest.param("[" * 20_000, "payload", id="nested deeply"),
        pytest.param('{"aibotid":"AIB01"}', "msgid", id="no id"),
        pytest.param('{"aibotid":"AIB01","msgid":5}', "msgid", id="a number for an id"),
        pytest.param('{"aibotid":"AIB01","msgtype":"event","event":{}}', "msgid", id="an event of nobody"),
        pytest.param('{"aibotid":"AIB01","msgid":"' + "x" * 129 + '"}', "msgid", id="an endless id"),
    ],
)
def test_signed_garbage_for_the_bot(payload: str, code: str) -> None:
    assert refusal(BOT_CALLBACK, *bot_request(payload)) == (400, code)


TEXT = app_payload("text")


@pytest.mark.parametrize(
    ("payload", "refused"),
    [
        pytest.param("", (400, "xml_prolog"), id="empty"),
        pytest.param('<!DOCTYPE xml [<!ENTITY a "b">]>' + TEXT, (400, "xml_prolog"), id="DOCTYPE"),
        pytest.param("<?xml version='1.0'?><!DOCTYPE xml>" + TEXT, (400, "xml_prolog"), id="DOCTYPE behind a head"),
        pytest.param(TEXT.replace("<急>", "&急;"), None, id="an ampersand inside CDATA"),
        pytest.param(TEXT.replace("<xml>", "<xml>&bomb;"), (400, "xml"), id="an undeclared entity"),
        pytest.param("<xml>" + "<a>" * 9_000, (400, "xml"), id="nested deeply"),
        pytest.param("<xml>" + "<a/>" * 9_000 + "</xml>", (400, "xml_form"), id="thousands of siblings"),
        pytest.param(TEXT.replace("</xml>", "<MsgId>2</MsgId></xml>"), (400, "xml_form"), id="two ids"),
        pytest.param(TEXT.replace("<MsgId>", "<MsgId a='1'>"), (400, "xml_form"), id="an attribute"),
        pytest.param(TEXT.replace("MsgId>", "MsgID>"), (400, "msgid"), id="no id"),
        pytest.param(TEXT.replace("ww1234567890abcdef", "ww-other"), (403, "corp"), id="another corporation inside"),
        pytest.param(TEXT.replace("1000002", "1000003"), (403, "agent"), id="another app inside"),
        pytest.param(app_payload("card").replace("zhangsan", ""), (400, "msgid"), id="an event of nobody"),
    ],
)
def test_signed_payloads_for_the_app(payload: str, refused: tuple[int, str] | None) -> None:
    query, body = app_request(payload)
    if refused is None:
        assert post(APP_CALLBACK, query, body).payload == payload
    else:
        assert refusal(APP_CALLBACK, query, body) == refused


def test_the_envelope_must_be_ours_and_nothing_else() -> None:
    ciphertext = encrypt(APP.aes_key, TEXT, APP.corp_id)
    query = signed(APP.token, ciphertext)
    assert post(APP_CALLBACK, query, app_envelope(ciphertext)).payload == TEXT
    assert refusal(APP_CALLBACK, query, app_envelope(ciphertext, corp_id="ww-other")) == (403, "corp")
    assert refusal(APP_CALLBACK, query, app_envelope(ciphertext, agent_id=7)) == (403, "agent")
    assert refusal(APP_CALLBACK, query, app_envelope(ciphertext).replace(b"<xml>", b"<xml>x")) == (400, "xml_form")
    assert refusal(APP_CALLBACK, query, b"\xff\xfe" + app_envelope(ciphertext)) == (400, "xml_prolog")
    utf16 = app_envelope(ciphertext).decode().encode("utf-16")
    assert refusal(APP_CALLBACK, query, utf16) == (400, "xml_prolog")
    assert refusal(APP_CALLBACK, query, b'<?xml version="1.0" encoding="utf-16"?><xml>\xff</xml>') == (400, "xml")
    extra = app_envelope(ciphertext).replace(b"</xml>", b"<X>1</X></xml>")
    assert refusal(APP_CALLBACK, query, extra) == (400, "envelope")
    bot_query, _ = bot_request(bot_payload("group_text"))
    for body in (b"", b"{}", b"[]", b'"x"', b'{"encrypt":5}', b'{"encrypt":"x","y":1}', b"\xff", b"[" * 60_000):
        assert refusal(BOT_CALLBACK, bot_query, body) == (400, "envelope")


def test_a_signature_fits_one_body_alone() -> None:
    query, _ = bot_request(bot_payload("group_text"))
    _, other = bot_request(bot_payload("group_text"))
    assert refusal(BOT_CALLBACK, query, other) == (403, "signature")


def mutated(rng: random.Random, query: Query, body: bytes) -> tuple[Query, bytes]:
    """Change one thing of a good request: a byte of the body, or a character or a whole field of the query."""
    if rng.random() < 0.5:
        at = rng.randrange(len(body))
        spoilt = rng.choice((body[:at], body[:at] + body[at + 1 :], body[:at] + rng.randbytes(1) + body[at + 1 :]))
        return query, spoilt
    name = rng.choice(sorted(query))
    value = query[name]
    at = rng.randrange(len(value))
    odd = chr(rng.choice((rng.randrange(32, 127), rng.randrange(0x80, 0x10FFFF))))
    return query | {name: rng.choice((value[:at] + odd + value[at + 1 :], value[at:] + value[:at], value + odd))}, body


@pytest.mark.fuzz
@pytest.mark.parametrize("channel", ["bot", "app"])
def test_no_mutated_request_is_accepted(channel: str) -> None:
    rng = random.Random(channel)
    callback: Callback = BOT_CALLBACK if channel == "bot" else APP_CALLBACK
    query, body = bot_request(bot_payload("group_mixed")) if channel == "bot" else app_request(TEXT)
    good = post(callback, query, body)
    refused = 0
    while refused < 1000:
        other = mutated(rng, query, body)
        if other == (query, body):
            continue
        try:
            accepted = post(callback, *other)
        except Refused:
            refused += 1
            continue
        # the JSON or XML around the ciphertext is not signed: a blank there changes nothing that is read
        assert other[0] == query
        assert accepted == good
        assert other[1].translate(None, b" \t\r\n") == body.translate(None, b" \t\r\n")


@pytest.mark.fuzz
def test_hostile_bytes_are_refused_within_the_time(request: pytest.FixtureRequest) -> None:
    rng = random.Random(4)
    later = NOW + timedelta(seconds=1)
    for _ in range(1500):
        body = rng.randbytes(rng.randrange(0, 600))
        query = {
            name: rng.randbytes(6).decode("latin-1") for name in ("msg_signature", "timestamp", "nonce", "echostr")
        }
        for callback in (BOT_CALLBACK, APP_CALLBACK):
            for method in ("GET", "POST"):
                with pytest.raises(Refused):
                    callback.accept(method, query, {}, body, later)
