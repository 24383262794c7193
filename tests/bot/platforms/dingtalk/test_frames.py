"""Frames as the gateway writes them, also where pages and wire differ; acknowledgements with the right bodies."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.platforms.dingtalk import frames
from bot.platforms.dingtalk.frames import Frame

HEADERS = {"topic": "ping", "messageId": "m-1", "time": "1795437720494"}


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        pytest.param(
            {"specVersion": "1.0", "type": "SYSTEM", "headers": HEADERS, "data": '{"opaque":"x"}'},
            Frame("SYSTEM", "ping", "m-1", '{"opaque":"x"}', "1795437720494"),
            id="as on the page",
        ),
        pytest.param(
            {"type": "SYSTEM", "header": HEADERS, "data": ""},
            Frame("SYSTEM", "ping", "m-1", "", "1795437720494"),
            id="header without s, no version",
        ),
        pytest.param(
            {"type": "SYSTEM", "headers": {"topic": "disconnect"}},
            Frame("SYSTEM", "disconnect", "", ""),
            id="a disconnect without id, time and data",
        ),
        pytest.param(
            {"type": "CALLBACK", "headers": {**HEADERS, "time": 1795437720494}, "data": {"a": 1}},
            Frame("CALLBACK", "ping", "m-1", '{"a": 1}', "1795437720494"),
            id="a number for a text, an object for JSON text",
        ),
        pytest.param({"type": "SYSTEM", "headers": {}}, None, id="no topic"),
        pytest.param({"headers": HEADERS}, None, id="no type"),
        pytest.param({"type": ["SYSTEM"], "headers": HEADERS}, None, id="a type of a wrong type"),
        pytest.param({"type": "SYSTEM", "headers": [1]}, None, id="headers of a wrong type"),
    ],
)
def test_frames(document: object, expected: Frame | None) -> None:
    assert frames.read(json.dumps(document)) == expected


@given(st.text() | st.builds(json.dumps, st.recursive(st.none() | st.text(), st.lists, max_leaves=5)))
def test_rubbish_is_no_frame_and_never_raises(text: str) -> None:
    assert frames.read(text) is None


def test_nesting_beyond_measure_is_no_frame() -> None:
    assert frames.read("[" * 100_000) is None


@pytest.mark.parametrize(
    ("status", "phrase"), [(200, "OK"), (400, "Bad Request"), (404, "Not Found"), (500, "Internal Server Error")]
)
def test_an_acknowledgement_names_its_frame_and_keeps_its_data_as_text(status: int, phrase: str) -> None:
    frame = Frame("CALLBACK", frames.ROBOT_TOPIC, "m-77", "{}")
    assert json.loads(frames.ack(frame, frames.NOTHING, status)) == {
        "code": status,
        "headers": {"messageId": "m-77", "contentType": "application/json"},
        "message": phrase,
        "data": '{"response":null}',
    }
