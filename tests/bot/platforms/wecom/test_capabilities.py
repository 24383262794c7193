import pytest

from bot.platforms.wecom.capabilities import CAPABILITIES
from domain.messages import Kind


@pytest.mark.parametrize("is_group", [True, False], ids=["group", "private"])
@pytest.mark.parametrize("kind", list(Kind))
def test_whatever_does_not_arrive_has_a_reason(kind: Kind, is_group: bool) -> None:
    arrives = kind in (CAPABILITIES.group_inbound if is_group else CAPABILITIES.private_inbound)
    refusal = CAPABILITIES.inbound_refusal(kind, is_group=is_group, mentions_bot=True)
    assert (refusal is None) is arrives
    assert refusal is None or refusal.reason.endswith("。")


def test_a_lone_photo_in_a_group_is_refused_with_the_way_out() -> None:
    refusal = CAPABILITIES.inbound_refusal(Kind.PHOTO, is_group=True, mentions_bot=True)
    assert refusal is not None
    assert "引用" in refusal.reason
    assert "私聊" in refusal.reason


def test_a_group_message_must_name_the_bot_a_private_one_need_not() -> None:
    assert CAPABILITIES.inbound_refusal(Kind.TEXT, is_group=True, mentions_bot=False) is not None
    assert CAPABILITIES.inbound_refusal(Kind.TEXT, is_group=False, mentions_bot=False) is None
