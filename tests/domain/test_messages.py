from dataclasses import replace

import pytest

from domain.errors import LuzhangError
from domain.messages import (
    Capabilities,
    HandleSpent,
    Kind,
    Misconfigured,
    OutcomeUnknown,
    Photo,
    PlatformError,
    PlatformUnreachable,
    RateLimited,
    Target,
    TokenDead,
    Undeliverable,
)

GROUP_ONLY_MIXED = Capabilities(
    platform="x",
    title="某平台",
    group_inbound=frozenset({Kind.TEXT, Kind.MIXED}),
    private_inbound=frozenset({Kind.TEXT, Kind.PHOTO}),
    mention_needed=True,
    quote_brings_photo=False,
    group_push="webhook",
    real_mention=False,
    buttons=False,
    edits=False,
    text_bytes=2048,
    posts_per_minute=20,
    unseen={"unmentioned": "未@机器人", "group:photo": "群内单独的图片收不到", "private:video": "不收视频"},
)


@pytest.mark.parametrize(
    ("kind", "is_group", "mentions_bot", "reason"),
    [
        pytest.param(Kind.TEXT, True, True, None, id="mentioned text arrives"),
        pytest.param(Kind.TEXT, True, False, "未@机器人", id="unmentioned text does not"),
        pytest.param(Kind.PHOTO, True, True, "群内单独的图片收不到", id="a lone photo in a group"),
        pytest.param(Kind.PHOTO, False, False, None, id="a photo in private"),
        pytest.param(Kind.VIDEO, False, True, "不收视频", id="a video in private"),
    ],
)
def test_what_a_platform_would_not_deliver(kind: Kind, is_group: bool, mentions_bot: bool, reason: str | None) -> None:
    refusal = GROUP_ONLY_MIXED.inbound_refusal(kind, is_group=is_group, mentions_bot=mentions_bot)
    assert (refusal.reason if refusal else None) == reason


def test_a_platform_that_hears_everything_needs_no_mention() -> None:
    open_ear = replace(GROUP_ONLY_MIXED, mention_needed=False)
    assert open_ear.inbound_refusal(Kind.TEXT, is_group=True, mentions_bot=False) is None


def test_targets_and_photos() -> None:
    assert Target("x", chat_id="g").is_group
    assert not Target("x", userid="zhao").is_group
    assert Photo("a" * 64, "png", 10).name == f"{'a' * 64}.png"


@pytest.mark.parametrize(
    "error", [PlatformUnreachable, OutcomeUnknown, RateLimited, TokenDead, Misconfigured, Undeliverable, HandleSpent]
)
def test_platform_errors_speak_chinese_without_being_told(error: type[PlatformError]) -> None:
    raised = error()
    assert isinstance(raised, LuzhangError)
    assert raised.text.endswith("。")
    assert raised.retry_after is None
    assert error("另有说明").text == "另有说明"


def test_a_spent_handle_is_a_way_that_is_closed() -> None:
    assert issubclass(HandleSpent, Undeliverable)
