import json

import pytest

from bot.platforms.wecom import frames


def test_a_callback_and_an_answer_are_read() -> None:
    callback = frames.read('{"cmd":"aibot_msg_callback","headers":{"req_id":"R1"},"body":{"msgtype":"text"}}')
    answer = frames.read('{"headers":{"req_id":"p-9"},"errcode":45009,"errmsg":"freq","body":{"upload_id":"U"}}')
    assert callback is not None
    assert answer is not None
    assert (callback.cmd, callback.req_id, callback.body, callback.is_kick) == (
        "aibot_msg_callback",
        "R1",
        {"msgtype": "text"},
        False,
    )
    assert (answer.cmd, answer.answer.number("errcode"), answer.answer.text("upload_id")) == ("", 45009, "U")


def test_a_takeover_is_known_by_its_event() -> None:
    body = {"msgtype": "event", "event": {"eventtype": "disconnected_event"}}
    text = json.dumps({"cmd": "aibot_event_callback", "headers": {"req_id": "R"}, "body": body})
    frame = frames.read(text)
    assert frame is not None
    assert frame.is_kick
    other = frames.read(text.replace("aibot_event_callback", "aibot_msg_callback"))
    assert other is not None
    assert not other.is_kick


@pytest.mark.parametrize(
    "text",
    ["", "[]", "null", "[" * 50_000, '{"cmd":"x"}', '{"headers":{"req_id":"R"}}', '{"headers":{"req_id":5},"errcode":0}',
     '{"headers":{"req_id":"R"},"errcode":0} {}', '{"headers":[],"errcode":0}', '{"headers":{"req_id":"R"},"errcode":true}', '{"headers":{"req_id":"R"},"errcode":"0"}'],
)  # fmt: skip
def test_what_is_no_frame_is_none(text: str) -> None:
    assert frames.read(text) is None


def test_blanks_around_a_frame_are_nothing() -> None:
    frame = frames.read(' {"headers": {"req_id": "R"}, "errcode": 0}\r\n')
    assert frame is not None
    assert frame.text == '{"headers": {"req_id": "R"}, "errcode": 0}'


def test_a_body_of_another_type_is_an_empty_one() -> None:
    frame = frames.read('{"headers":{"req_id":"R"},"errcode":0,"body":["x"]}')
    assert frame is not None
    assert frame.body == {}


def test_a_frame_goes_out_as_the_platform_reads_it() -> None:
    sent = json.loads(frames.write(frames.SEND, "p-9", {"chatid": "wrAb", "chat_type": 2}))
    assert sent == {"cmd": "aibot_send_msg", "headers": {"req_id": "p-9"}, "body": {"chatid": "wrAb", "chat_type": 2}}
    assert json.loads(frames.write(frames.PING, "ping_1")) == {"cmd": "ping", "headers": {"req_id": "ping_1"}}
    assert len({frames.new_req_id(frames.PING) for _ in range(100)}) == 100
