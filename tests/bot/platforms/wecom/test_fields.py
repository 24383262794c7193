from datetime import UTC, datetime

import pytest

from bot.platforms.base import Refused
from bot.platforms.wecom.fields import clean, event_id, inner, instant, xml_fields


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("人民路", "人民路"),
        ("plain", "plain"),
        ("a\0b", "ab"),
        ("路\0口", "路口"),
        ("x\ud83dy", "x\ufffdy"),
        ("\ud83d\ude00", "😀"),
        (5, ""),
        (None, ""),
        (["x"], ""),
    ],
)
def test_any_value_becomes_a_text_that_can_be_stored(value: object, text: str) -> None:
    assert clean(value) == text
    clean(value).encode()


@pytest.mark.parametrize(
    ("value", "at"),
    [
        (1767225720, datetime(2026, 1, 1, 0, 2, tzinfo=UTC)),
        ("1767225720", datetime(2026, 1, 1, 0, 2, tzinfo=UTC)),
        ("", None),
        ("１７６７", None),
        ("-1", None),
        (0, None),
        (True, None),
        (1.5, None),
        (10**15, None),
        ("9" * 5000, None),
    ],
)
def test_seconds_become_an_instant(value: object, at: datetime | None) -> None:
    assert instant(value) == at


def test_an_object_field_is_an_object() -> None:
    assert inner({"a": {"b": 1}}, "a") == {"b": 1}
    assert inner({"a": [1]}, "a") == {}
    assert inner({}, "a") == {}


def test_an_events_id_tells_its_keys_apart() -> None:
    assert event_id("lisi", "1", "tap", "a", "bc") != event_id("lisi", "1", "tap", "ab", "c")
    assert event_id("lisi", "1", "tap", "a") == event_id("lisi", "1", "tap", "a")
    assert len(event_id("l", "1", "tap", "x" * 1024, "\ud800")) < 40


def test_the_platforms_form_is_read() -> None:
    document = (
        '<?xml version="1.0" encoding="gbk"?>\n<xml>\n<A><![CDATA[路 & <x>]]></A>\n<B>1</B><C><D>2</D></C></xml>\n'
    )
    assert xml_fields(document.encode()) == {"A": "路 & <x>", "B": "1", "C": ""}


@pytest.mark.parametrize(
    "document",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b'<!DOCTYPE xml SYSTEM "file:///etc/passwd"><xml></xml>', id="external subset"),
        pytest.param(b'<!DOCTYPE xml [<!ENTITY a SYSTEM "file:///etc/passwd">]><xml><A>&a;</A></xml>', id="file"),
        pytest.param(b'<!DOCTYPE xml [<!ENTITY % a "b"> %a;]><xml></xml>', id="parameter entity"),
        pytest.param(b'<?xml version="1.0"?><!doctype xml><xml></xml>', id="lower case"),
        pytest.param(b"<!-- x --><!DOCTYPE xml><xml></xml>", id="behind a comment"),
        pytest.param(b"<?a?><!DOCTYPE xml><xml></xml>", id="behind an instruction"),
        pytest.param(b"<xml><A>&a;</A></xml>", id="undeclared entity"),
        pytest.param(b"<xml><!DOCTYPE a></xml>", id="inside"),
        pytest.param(b"<xml></xml><!DOCTYPE a>", id="behind the root"),
        pytest.param("\ufeff<!DOCTYPE a><xml></xml>".encode("utf-16"), id="UTF-16"),
        pytest.param(b"+ADwAIQ-DOCTYPE a><xml></xml>", id="UTF-7"),
        pytest.param(b"<xml><A>\xff</A></xml>", id="not UTF-8"),
        pytest.param(b"<xml><A>\x00</A></xml>", id="NUL"),
        pytest.param(b"<xml xmlns='a'></xml>", id="attributes on the root"),
        pytest.param(b"<xml><A b='1'/></xml>", id="attributes"),
        pytest.param(b"<xml><A/><A/></xml>", id="twice"),
        pytest.param(b"<xml>x<A/></xml>", id="words before"),
        pytest.param(b"<xml><A/>x</xml>", id="words between"),
        pytest.param(b"<xml>" + b"<a>" * 20_000, id="nested deeply"),
        pytest.param(b"<xml>" + b"<a/>" * 15_000 + b"</xml>", id="many siblings"),
        pytest.param(b"<XML></XML>", id="another root"),
        pytest.param(b"<xmlx></xmlx>", id="a longer root"),
    ],
)
def test_anything_else_is_refused(document: bytes) -> None:
    with pytest.raises(Refused) as caught:
        xml_fields(document)
    assert caught.value.status == 400
