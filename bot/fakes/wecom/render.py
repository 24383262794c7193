"""How a WeCom client shows a post: which @ really rings, and what can be tapped as a link."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_INLINE_CALL = re.compile(r"<@([^<>\s]{1,64})>")
_INVISIBLE = re.compile("[\u200b-\u200f\u2060\ufeff]")
_TEXT_LINK = re.compile(
    r"<a\s[^>]*href|\bhttps?://|\bwww\.|(?<![0-9A-Za-z])[0-9A-Za-z-]+\.(?:com|cn|net|org|top)\b", re.I
)
_MARKDOWN_LINK = re.compile(r"\[[^\]\n]*\]\s?[(\[:]|<https?:", re.IGNORECASE)
_DRESS = re.compile(r"<font|`|\*\*|__|^#{1,6}\s|^>|^\s*[-*+]\s|!\[", re.IGNORECASE | re.MULTILINE)
RINGING = ("webhook", "appchat")
WEBHOOK_CALLS = ("text", "markdown")  # markdown_v2 calls nobody


@dataclass(frozen=True, slots=True)
class Shown:
    """A post as people see it. `rings`: whom it calls, "@all" for everybody; `dress`: pieces read as markup."""

    text: str
    rings: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    dress: tuple[str, ...] = ()


def shown(channel: str, msgtype: str, content: str, listed: Sequence[object] = ()) -> Shown:
    """Return what a client makes of a post.

    channel: "webhook" and "private" honour `<@userid>` in text and markdown; in a "reply" of the AI bot an @ is text.
    """
    is_markdown = msgtype.startswith("markdown")
    inline = _INLINE_CALL.findall(content) if channel != "reply" and msgtype in WEBHOOK_CALLS else []
    rings = [name for name in listed if isinstance(name, str)] if channel in RINGING and msgtype == "text" else []
    links = _TEXT_LINK.findall(content) + (_MARKDOWN_LINK.findall(content) if is_markdown else [])
    everybody = ["@all" if name.casefold() in ("all", "@all") else name for name in (*rings, *inline)]
    dress = tuple(_DRESS.findall(content)) if is_markdown else ()
    return Shown(_INVISIBLE.sub("", content), tuple(dict.fromkeys(everybody)), tuple(links), dress)


def content_of(body: Mapping[str, object], msgtype: str) -> str:
    """Return the words of a text or markdown body, "" when there are none."""
    holder = body.get(msgtype)
    content = holder.get("content") if isinstance(holder, dict) else None
    return content if isinstance(content, str) else ""
