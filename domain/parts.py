"""A post and its parts: words first, then what doesn't fit into one message, then pictures, then files.

Each part is a post of its own, so that what a platform has taken is never sent again when a later part fails or the
process is killed in between. A part leaves behind the post it belongs to and counts with it as one for the reader.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from domain.ports import Post

PART, NOTE = "part", "parts_note"  # kinds: a picture, a file or further text; what could not be sent along
MOST_PHOTOS = 9  # of one post; the case keeps them all
_MORE = timedelta(microseconds=1)


def of(post: Post) -> list[Post]:
    """Return the post without its pictures and files, and each of these as a part behind it."""
    if not post.photos and not post.files:
        return [post]
    bare = replace(post, photos=(), files=())
    blank = _part_of(bare)
    parts = [replace(blank, photos=(photo,)) for photo in post.photos[:MOST_PHOTOS]]
    parts += [replace(blank, files=(file,)) for file in post.files]
    return [bare, *(replace(part, key=f"{post.key}#{place}") for place, part in enumerate(parts, 1))]


def continued(post: Post, pieces: Sequence[str]) -> list[Post]:
    """Return the pieces of a text after the first as parts: behind the post, before its pictures and files."""
    blank, count = _part_of(post), len(pieces)
    # an earlier due time sorts them before the pictures, which are in the outbox already
    return [
        replace(blank, key=f"{post.key}#+{place}", due_at=post.due_at - (count - place) * _MORE, text=text)
        for place, text in enumerate(pieces[1:], 1)
    ]


def note_for(part: Post, key: str) -> Post:
    """Return the line about parts that could not be sent; its words are written when all others have been tried."""
    return replace(_part_of(part), key=f"{key}#note", kind=NOTE, text=None, head=key)


def _part_of(post: Post) -> Post:
    return replace(
        post,
        kind=PART,
        text="",
        choices=(),
        mentions=(),
        photos=(),
        files=(),
        reply="",
        fallback=None,
        head=post.head or post.key,
    )


def pieces(text: str, size: int) -> list[str]:
    """Return the text in pieces of at most `size` UTF-8 bytes each, cut behind a line, else behind a character.

    Signs that a platform may replace by their full-width twins count as these do. An accent stays with its letter.
    """
    found = []
    rest = text
    while _size(rest) > size:
        end = _fitting(rest, size)
        line = rest.rfind("\n", 0, end)
        cut = line if line > end // 2 else end
        found.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip("\n")
    return [*found, rest] if rest or not found else found


_WIDENED = re.compile(r"[!-/:-@\[-`{-~]")  # ASCII signs: three bytes when they are made full-width
_JOINED = re.compile("[\u0300-\u036f\u200d\ufe00-\ufe0f\U0001f3fb-\U0001f3ff]")  # never at the start of a piece


def _size(text: str) -> int:
    return len(text.encode()) + 2 * len(_WIDENED.findall(text))


def _fitting(text: str, size: int) -> int:
    """Return how many characters fit."""
    room, end = size, 0
    for character in text:
        room -= _size(character)
        if room < 0:
            break
        end += 1
    while end > 1 and (_JOINED.match(text[end]) or text[end - 1] == "\u200d"):
        end -= 1
    return max(end, 1)
