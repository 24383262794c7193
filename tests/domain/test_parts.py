from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from domain.messages import Choice, Document, Photo, Target
from domain.parts import MOST_PHOTOS, continued, of, pieces
from domain.ports import Post

NOON = datetime(2026, 6, 1, 4, 0, tzinfo=UTC)
POST = Post(
    "k", Target("wecom", userid="zhao"), "请看", "work", NOON, about=7, person="zhao",
    choices=(Choice("ack", "收到"),), mentions=("zhao",), reply="{}", fallback=Target("wecom", chat_id="g"),
)  # fmt: skip
PHOTOS = tuple(Photo(f"{n:064x}", "jpg", 9) for n in range(12))
FILES = (Document("a" * 64, "docx", 9, "第6期通报.docx"), Document("b" * 64, "xlsx", 9, "得分表.xlsx"))


def test_words_alone_are_one_post() -> None:
    assert of(POST) == [POST]


def test_words_go_first_then_pictures_then_files_each_by_itself() -> None:
    head, *parts = of(replace(POST, photos=PHOTOS[:2], files=FILES))
    assert head == POST
    assert [(part.photos, part.files) for part in parts] == [
        ((PHOTOS[0],), ()), ((PHOTOS[1],), ()), ((), (FILES[0],)), ((), (FILES[1],)),
    ]  # fmt: skip
    assert len({post.key for post in (head, *parts)}) == 5
    for part in parts:
        assert (part.head, part.target, part.about, part.due_at, part.text) == ("k", POST.target, 7, NOON, "")
        assert (part.choices, part.mentions, part.reply, part.fallback) == ((), (), "", None)


def test_an_album_is_not_sent_in_full() -> None:
    assert len(of(replace(POST, photos=PHOTOS))) == 1 + MOST_PHOTOS


def test_the_rest_of_a_text_comes_before_the_pictures() -> None:
    first, second = continued(POST, ["甲", "乙", "丙"])
    assert (first.text, second.text, first.head) == ("乙", "丙", "k")
    assert first.due_at < second.due_at < NOON


@given(st.text(max_size=400), st.integers(12, 120))
def test_pieces_fit_and_lose_nothing_but_blanks_at_the_seams(text: str, size: int) -> None:
    found = pieces(text, size)
    joined = {"́", "️", "‍"}
    assert "".join("".join(found).split()) == "".join(text.split())
    for piece in found:
        assert len(piece.encode()) <= size or len(set(piece) & joined) > 0


def test_a_text_is_cut_behind_a_line_where_one_ends_near() -> None:
    assert pieces("一二三四五\n六七八九十\n甲乙丙丁", 36) == ["一二三四五\n六七八九十", "甲乙丙丁"]


def test_an_accent_stays_with_its_letter() -> None:
    assert pieces("甲乙e\u0301", 7) == ["甲乙", "e\u0301"]


def test_signs_count_as_wide_as_a_platform_makes_them() -> None:
    assert pieces("****", 6) == ["**", "**"]
