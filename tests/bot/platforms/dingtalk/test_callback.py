import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.platforms.base import Refused
from bot.platforms.dingtalk.callback import FRESH_MS, MAX_BODY_BYTES, RobotCallback, sign
from domain.errors import ConfigError

SECRET = "roadchief-app-secret"
TIMESTAMP = "1700000000000"
SIGNED = "McUWScPU+YND7KvlbQu3ofE0e/LNi0IjmKBqHUx9SLk="
NOW = datetime.fromtimestamp(1_700_000_000, UTC)
BODY = json.dumps({"msgId": "msgA1==", "msgtype": "text", "text": {"content": "井盖破损"}}).encode()
CALLBACK = RobotCallback(SECRET, ["路长助手"])


def headers(**changed: str) -> dict[str, str]:
    return {"timestamp": TIMESTAMP, "sign": SIGNED, **changed}


def test_the_published_vector() -> None:
    assert sign(SECRET, TIMESTAMP) == SIGNED


def test_a_signed_message_is_accepted_with_the_empty_reply() -> None:
    accepted = CALLBACK.accept("POST", {}, headers(), BODY, NOW)
    assert accepted.message_id == "msgA1=="
    assert accepted.payload == BODY.decode()
    assert json.loads(accepted.answer) == {"msgtype": "empty"}
    assert accepted.content_type == "application/json"
    assert not accepted.is_late


def test_header_names_have_no_case() -> None:
    accepted = CALLBACK.accept("POST", {}, {"Timestamp": TIMESTAMP, "Sign": SIGNED}, BODY, NOW)
    assert accepted.message_id == "msgA1=="


@pytest.mark.parametrize(
    ("method", "given_headers", "body", "now", "status"),
    [
        pytest.param("GET", headers(), BODY, NOW, 405, id="not a post"),
        pytest.param("POST", headers(), b" " * (MAX_BODY_BYTES + 1), NOW, 413, id="body over the cap"),
        pytest.param("POST", {}, BODY, NOW, 403, id="unsigned"),
        pytest.param("POST", headers(sign=""), BODY, NOW, 403, id="empty signature"),
        pytest.param("POST", headers(sign=SIGNED.lower()), BODY, NOW, 403, id="signature in other case"),
        pytest.param("POST", headers(sign=SIGNED + "="), BODY, NOW, 403, id="longer signature"),
        pytest.param("POST", headers(sign="签\udcff"), BODY, NOW, 403, id="signature of odd characters"),
        pytest.param("POST", headers(timestamp="1700000000001"), BODY, NOW, 403, id="timestamp moved"),
        pytest.param("POST", headers(timestamp="١٧٠"), BODY, NOW, 403, id="digits that are not ascii"),
        pytest.param("POST", headers(timestamp="1" * 400), BODY, NOW, 403, id="endless timestamp"),
        pytest.param("POST", headers(), BODY, NOW + timedelta(milliseconds=FRESH_MS + 1), 403, id="too old"),
        pytest.param("POST", headers(), BODY, NOW - timedelta(milliseconds=FRESH_MS + 1), 403, id="from the future"),
        pytest.param("POST", headers(), b"", NOW, 400, id="empty"),
        pytest.param("POST", headers(), b"\xff\xfe", NOW, 400, id="not utf-8"),
        pytest.param("POST", headers(), b"[" * 60_000, NOW, 400, id="nesting"),
        pytest.param("POST", headers(), b'{"a":' * 10_000, NOW, 400, id="nested objects"),
        pytest.param("POST", headers(), b'{"msgId":"a","n":NaN}', NOW, 400, id="not json"),
        pytest.param("POST", headers(), b'{"msgId":"a","n":' + b"9" * 5_000 + b"}", NOW, 400, id="endless number"),
        pytest.param("POST", headers(), b'["msgId"]', NOW, 400, id="a list"),
        pytest.param("POST", headers(), b"{}", NOW, 400, id="no id"),
        pytest.param("POST", headers(), b'{"msgId":7}', NOW, 400, id="id is a number"),
        pytest.param("POST", headers(), b'{"msgId":""}', NOW, 400, id="empty id"),
        pytest.param("POST", headers(), b'{"msgId":"\\ud800"}', NOW, 400, id="id cannot be stored"),
        pytest.param("POST", headers(), b'{"msgId":"' + b"a" * 257 + b'"}', NOW, 400, id="id too long"),
    ],
)
def test_what_is_refused(method: str, given_headers: dict[str, str], body: bytes, now: datetime, status: int) -> None:
    with pytest.raises(Refused) as refused:
        CALLBACK.accept(method, {}, given_headers, body, now)
    assert refused.value.status == status
    assert SECRET not in str(refused.value)
    assert SIGNED not in str(refused.value)


@pytest.mark.parametrize("shift", [-FRESH_MS, FRESH_MS], ids=["an hour early", "an hour late"])
def test_an_hour_either_way_is_still_fresh(shift: int) -> None:
    accepted = CALLBACK.accept("POST", {}, headers(), BODY, NOW + timedelta(milliseconds=shift))
    assert accepted.message_id == "msgA1=="


def test_a_callback_without_a_secret_cannot_be_made() -> None:
    with pytest.raises(ConfigError):
        RobotCallback("")


def test_nobody_prints_the_secret() -> None:
    assert SECRET not in repr(CALLBACK)


@pytest.mark.fuzz
@settings(max_examples=400)
@given(st.binary(max_size=300), st.text(max_size=40), st.text(max_size=60), st.booleans())
def test_no_bytes_make_it_fail_otherwise(body: bytes, timestamp: str, signature: str, is_signed: bool) -> None:
    given_headers = headers() if is_signed else headers(timestamp=timestamp, sign=signature)
    with pytest.raises(Refused):
        CALLBACK.accept("POST", {}, given_headers, body, NOW)
