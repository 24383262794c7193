from datetime import timedelta

from bot.fakes.wecom import State
from bot.platforms.wecom.crypto import decrypt_media
from tests.bot.platforms.wecom.stage import Clock


def test_a_link_holds_the_picture_as_the_platform_encrypts_it() -> None:
    state = State(Clock())
    kept = state.file(state.keep_link(b"\x89PNG picture", bytes(range(32))))
    assert kept is not None
    assert kept != b"\x89PNG picture"
    assert decrypt_media(kept, "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8") == b"\x89PNG picture"


def test_files_die_in_their_time() -> None:
    clock = Clock()
    state = State(clock)
    link, media_id = state.keep_link(b"a", bytes(32)), state.keep_media(b"a")
    clock.advance(299)
    assert state.file(link) is not None
    clock.advance(1)
    assert state.file(link) is None
    clock.advance(3 * 86_400 - 301)
    assert state.file(media_id) == b"a"
    clock.advance(1)
    assert state.file(media_id) is None


def test_a_repeat_is_the_same_words_to_the_same_person() -> None:
    clock = Clock()
    state = State(clock)
    state.remember("lisi", "收到", "m1")
    minute = timedelta(minutes=1)
    assert state.repeat("lisi", "收到", minute) == "m1"
    assert (state.repeat("wangwu", "收到", minute), state.repeat("lisi", "已收到", minute)) == ("", "")
    clock.advance(60)
    assert state.repeat("lisi", "收到", minute) == ""
