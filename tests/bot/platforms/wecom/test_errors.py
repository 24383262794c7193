from collections import Counter
from datetime import timedelta

import pytest

from bot.platforms.http import Answer
from bot.platforms.wecom.errors import APP_PATH, BY_CODE, ROWS, OutOfRange, error_of, refuse
from domain.messages import (
    HandleSpent,
    Misconfigured,
    OutcomeUnknown,
    PersonLost,
    PlatformError,
    PlatformUnreachable,
    RateLimited,
    TokenDead,
    Undeliverable,
)


@pytest.mark.parametrize(
    ("code", "error", "pause_s"),
    [
        (-1, PlatformUnreachable, None),
        (45009, RateLimited, 60),
        (45033, RateLimited, 5),
        (40014, TokenDead, None),
        (42001, TokenDead, None),
        (40001, Misconfigured, None),
        (40013, Misconfigured, None),
        (60020, Misconfigured, None),
        (50003, Misconfigured, None),
        (48002, Misconfigured, None),
        (301002, Misconfigured, None),
        (93000, Misconfigured, None),
        (93004, Misconfigured, None),
        (81013, PersonLost, None),
        (60111, PersonLost, None),
        (60011, OutOfRange, None),
        (44004, Undeliverable, None),
        (45002, Undeliverable, None),
        (40008, Undeliverable, None),
        (93006, Undeliverable, None),
        (93008, Undeliverable, None),
        (86008, Undeliverable, None),
        (40007, Undeliverable, None),
        (846605, HandleSpent, None),
        (999999, Undeliverable, None),
    ],
)
def test_a_code_says_what_may_be_done(code: int, error: type[PlatformError], pause_s: int | None) -> None:
    with pytest.raises(PlatformError) as caught:
        refuse(Answer(200, {"errcode": code, "errmsg": "echo of canary-0451"}))
    assert type(caught.value) is error
    assert caught.value.retry_after == (timedelta(seconds=pause_s) if pause_s else None)
    assert str(code) in caught.value.text
    assert "canary" not in caught.value.text


def test_success_is_silent() -> None:
    refuse(Answer(200, {"errcode": 0, "errmsg": "whatever it says"}))


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        pytest.param(200, {}, OutcomeUnknown, id="no errcode"),
        pytest.param(200, {"errcode": "zero"}, OutcomeUnknown, id="a text"),
        pytest.param(200, {"errcode": None}, OutcomeUnknown, id="null"),
        pytest.param(403, {"message": "x"}, PlatformUnreachable, id="a gateway's refusal"),
    ],
)
def test_an_answer_without_a_code(status: int, body: dict[str, object], error: type[PlatformError]) -> None:
    with pytest.raises(PlatformError) as caught:
        refuse(Answer(status, body))
    assert type(caught.value) is error


def test_an_unknown_code_of_a_reply_address_means_that_it_is_spent() -> None:
    with pytest.raises(HandleSpent):
        refuse(Answer(200, {"errcode": 40029}), is_reply=True)
    with pytest.raises(RateLimited):
        refuse(Answer(200, {"errcode": 45009}), is_reply=True)


def test_the_callers_address_is_named_with_the_place_to_enter_it() -> None:
    error = error_of(60020, "not allow to access from your ip, hint: [1], from ip: 203.0.113.9, more info at …")
    assert "203.0.113.9" in error.text
    assert f"{APP_PATH}→企业可信IP" in error.text


def test_every_code_stands_once() -> None:
    counted = Counter(code for row in ROWS for code in row.codes)
    assert [code for code, times in counted.items() if times > 1] == []
    assert len(BY_CODE) == len(counted)
