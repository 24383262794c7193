import pytest

from bot.platforms.dingtalk.capabilities import CAPABILITIES
from domain.messages import Kind


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("is_group", [True, False], ids=["group", "private"])
@pytest.mark.parametrize("mentions_bot", [True, False], ids=["called", "not called"])
def test_every_refusal_has_its_reason(kind: Kind, is_group: bool, mentions_bot: bool) -> None:
    refusal = CAPABILITIES.inbound_refusal(kind, is_group=is_group, mentions_bot=mentions_bot)
    assert refusal is None or any("\u4e00" <= character <= "\u9fff" for character in refusal.reason)


@pytest.mark.parametrize(
    ("kind", "is_group", "arrives"),
    [
        (Kind.TEXT, True, True),
        (Kind.MIXED, True, True),
        (Kind.VOICE, True, False),
        (Kind.VIDEO, True, False),
        (Kind.FILE, True, False),
        (Kind.VOICE, False, True),
        (Kind.PHOTO, False, True),
        (Kind.LOCATION, False, False),
    ],
)
def test_what_arrives(kind: Kind, is_group: bool, arrives: bool) -> None:
    assert (CAPABILITIES.inbound_refusal(kind, is_group=is_group, mentions_bot=True) is None) is arrives


def test_a_group_message_must_call_the_robot() -> None:
    assert CAPABILITIES.inbound_refusal(Kind.TEXT, is_group=True, mentions_bot=False) is not None
    assert CAPABILITIES.inbound_refusal(Kind.TEXT, is_group=False, mentions_bot=False) is None
