"""The words of a post as DingTalk may show them: nobody's text turns into a mention or a link, nothing is too long.

Posts go out as plain text, so markdown has no effect; what is left to disarm: `@`, addresses, invisible characters.
"""

import re
import unicodedata
from collections.abc import Sequence

from domain.messages import Choice, Outgoing

RESEND_MARK = "（补发）"
ELLIPSIS = "…"
MAX_MENTIONS = 50
# Characters without a shape of their own: zero-width, direction marks and overrides, soft hyphen, tags, controls.
_INVISIBLE = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e"
    r"\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\uffff\ud800-\udfff\U000e0000-\U000e0fff]"
)
_ADDRESS_DOT = re.compile(r"(?<=\w)\.(?=[A-Za-z])|(?<=[wW]{3})\.")
_MARKDOWN_LINK = re.compile(r"\][ \t]*\(")
_HTML_LINK = re.compile(r"<(?=\s*a\b)", re.IGNORECASE)


def disarmed(text: str, link_base: str = "") -> str:
    """Return the text without live mentions, links and invisible characters; a person reads the same words.

    link_base: our own public address; a link that begins with it stays one. "" keeps none.
    """
    visible = _INVISIBLE.sub("", text.replace("\r\n", "\n"))
    if not link_base:
        return _without_links(visible)
    kept = re.split(rf"({re.escape(link_base.rstrip('/'))}/[\w\-./?=&%#]*)", visible, flags=re.ASCII)
    # A split with one group gives text, link, text, link …
    return "".join(_without_links(part) if place % 2 == 0 else part for place, part in enumerate(kept))


def _without_links(text: str) -> str:
    text = text.replace("@", "＠").replace("://", "：//")
    return _HTML_LINK.sub("＜", _MARKDOWN_LINK.sub("］（", _ADDRESS_DOT.sub("．", text)))


def cut(text: str, size: int) -> str:
    """Return the text, shortened to `size` bytes of its JSON form (UTF-8, escapes counted) with an ellipsis.

    The cut falls between characters and never leaves an accent without its letter.
    """
    if _json_size(text) <= size:
        return text
    room = size - _json_size(ELLIPSIS)
    end = 0
    for character in text:
        room -= _json_size(character)
        if room < 0:
            break
        end += 1
    while end and (unicodedata.combining(text[end]) or "\ufe00" <= text[end] <= "\ufe0f"):
        end -= 1
    return text[:end].rstrip() + ELLIPSIS


def _json_size(text: str) -> int:
    """Return the bytes of a text inside JSON; the text has no controls but newline and tab."""
    return len(text.encode()) + sum(text.count(escaped) for escaped in '"\\\n\t')


def choice_line(text: str, choices: Sequence[Choice]) -> str:
    """Return the line that offers the choices by digit, "" when there is none or the text names them already."""
    offered = [f"{digit} {choice.label}" for digit, choice in enumerate(choices, 1)]
    if all(offer in text for offer in offered):
        return ""
    return "回复数字：" + " ".join(offered)


def mentionable(outgoing: Outgoing) -> tuple[str, ...]:
    """Return the userids that can be called with an @: people of the organisation, 50 at most."""
    return tuple(dict.fromkeys(m for m in outgoing.mentions if is_staff(m)))[:MAX_MENTIONS]


def is_staff(userid: str) -> bool:
    """Tell whether this is an organisation-wide id, and not the key of an outsider or anything odd."""
    return re.fullmatch(r"[\w.\-]{1,64}", userid, re.ASCII) is not None


def named_only(outgoing: Outgoing, called: Sequence[str]) -> tuple[str, ...]:
    """Return the names of the people to call who get no real @ and stand nowhere in the text."""
    pairs = zip(outgoing.mentions, outgoing.mention_names, strict=False)
    names = [name for userid, name in pairs if userid not in called]
    return tuple(dict.fromkeys(name for name in names if name and name not in outgoing.text))


def compose(outgoing: Outgoing, *, size: int, called: Sequence[str], is_marked: bool, link_base: str) -> str:
    """Return the whole post: text, choices by digit, people by name, then the real mentions.

    size: bytes of JSON that the post may take. called: userids that get a real `@userid`. is_marked: 补发 in front.
    """
    names = named_only(outgoing, called) if outgoing.target.is_group else ()
    lines = (choice_line(outgoing.text, outgoing.choices), f"请{'、'.join(names)}查看。" if names else "")
    tail = "".join(f"\n{cut(disarmed(line), size // 4)}" for line in lines if line)
    tail += "\n" + " ".join(f"@{userid}" for userid in called) if called else ""
    head = RESEND_MARK if is_marked else ""
    body = disarmed(outgoing.text, link_base)
    return head + cut(body, size - _json_size(head + tail)) + tail
