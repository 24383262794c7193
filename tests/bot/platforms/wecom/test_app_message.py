import json
import logging
from datetime import UTC, datetime

import pytest

from bot.platforms.wecom.app_message import parse
from domain.messages import Kind
from tests.bot.platforms.wecom.samples import NOW, app_payload


@pytest.mark.parametrize(
    ("name", "kind", "text"),
    [
        ("text", Kind.TEXT, "解放路 18 号门前井盖破损 & 积水 <急>"),
        ("text_that_mentions_doctype", Kind.TEXT, "<!DOCTYPE html> 这是什么"),
        ("image", Kind.PHOTO, ""),
        ("voice", Kind.VOICE, ""),
        ("video", Kind.VIDEO, ""),
        ("location", Kind.LOCATION, "人民路与建设街交叉口"),
        ("location_off_the_globe", Kind.LOCATION, "?"),
        ("link", Kind.OTHER, ""),
        ("enter_agent", Kind.ENTERED, ""),
        ("card", Kind.CHOICE, ""),
        ("inactive", Kind.OTHER, ""),
        ("change_contact", Kind.OTHER, ""),
    ],
)
def test_what_a_message_says(name: str, kind: Kind, text: str) -> None:
    incoming = parse(app_payload(name), NOW)
    assert (incoming.kind, incoming.text) == (kind, text)
    assert (incoming.platform, incoming.channel) == ("wecom", "wecom.app")
    assert (incoming.chat_id, incoming.sender, incoming.is_group) == ("zhangsan", "zhangsan", False)
    assert incoming.sent_at == datetime(2026, 1, 1, 0, 1, tzinfo=UTC)
    assert incoming.reply is None
    assert not incoming.photo_may_be_missing


def test_a_picture_is_held_by_its_media_id_not_by_its_address() -> None:
    (photo,) = parse(app_payload("image"), NOW).photos
    assert json.loads(photo.handle) == {"media_id": "MEDIA-1"}


def test_coordinates_are_longitude_then_latitude() -> None:
    assert parse(app_payload("location"), NOW).coordinates == (113.738, 34.401)
    assert parse(app_payload("location_off_the_globe"), NOW).coordinates is None


def test_a_tap_names_its_button() -> None:
    assert parse(app_payload("card"), NOW).choice == "ack"


def test_a_warning_about_the_apps_life_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        parse(app_payload("inactive"), NOW)
    assert [record.__dict__["event"] for record in caplog.records] == ["inactive_alert"]


@pytest.mark.parametrize(
    "payload",
    [
        pytest.param("", id="empty"),
        pytest.param("<xml>", id="cut"),
        pytest.param("<html></html>", id="another root"),
        pytest.param("<xml></xml>", id="nothing inside"),
        pytest.param(app_payload("text").replace("MsgType", "MsgKind"), id="no type"),
        pytest.param(app_payload("card").replace("<Event>", "<Evint>").replace("</Event>", "</Evint>"), id="no event"),
        pytest.param(app_payload("text").replace("zhangsan", ""), id="no sender"),
        pytest.param(app_payload("text").replace("</xml>", "<Content>b</Content></xml>"), id="a field twice"),
        pytest.param('<!DOCTYPE xml [<!ENTITY a "b">]>' + app_payload("text"), id="DOCTYPE"),
    ],
)
def test_garbage_is_a_value_error(payload: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        parse(payload, NOW)


def test_a_field_that_holds_others_is_read_as_empty() -> None:
    payload = app_payload("text").replace("<Content>", "<Content><a>").replace("</Content>", "</a></Content>")
    assert parse(payload, NOW).text == ""
