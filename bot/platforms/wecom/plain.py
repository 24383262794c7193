"""Plain words for WeCom: what a person wrote can never call anybody, link anywhere or dress itself up.

WeCom reads `<@userid>` in the text and markdown of webhooks, `<a href>` in the text of apps, and links, headings, bold,
code and colours in markdown. Our own posts carry no markup at all, so every character of them is meant as it stands:
the few that could act are replaced by their full-width twins, which look alike and do nothing.
"""

import re
from typing import Final

from domain.messages import Outgoing

CUT_MARK: Final = "…\n（内容较长，请回复“详情”查看全部）"
RESENT_MARK: Final = "（补发）"

# zero-width, bidirectional and other invisible characters, which can hide or reverse what stands there
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\u3164\ufeff\uffa0\ufff9-\ufffb\U0001bca0-\U0001bca3\U000e0000-\U000e0fff\ud800-\udfff]"
)
_CALL = re.compile(r"@(?=[\s]*(?:[0-9A-Za-z_]|所有人|全体|全员|大家))")
_SCHEME = re.compile("://")
_DOMAIN_DOT = re.compile(r"(?<=[0-9A-Za-z-])\.(?=[A-Za-z]{2})")  # clients turn a bare domain name into a link
_WIDE: Final = str.maketrans({"<": "＜", ">": "＞", "`": "｀"})
_WIDE_MARKDOWN: Final = str.maketrans({"*": "＊", "[": "［", "]": "］", "|": "｜", "\\": "＼", "~": "～", "$": "＄"})
_ENTITY = re.compile(r"&(?=#|[A-Za-z]+;)")
_LINE_START = re.compile(r"^([ \t]*)(#+|[-+=_]{2,}|[-+](?=\s))", re.MULTILINE)
_UNDERSCORES = re.compile(r"(?<![0-9A-Za-z])_+|_+(?![0-9A-Za-z])|__+")


def harmless(text: str, own_link: str = "") -> str:
    """Return a text that no WeCom text channel reads as anything but words.

    own_link: the beginning of our own web addresses, which stay links; "" when there is no web page.
    """
    quiet = _CALL.sub("＠", _INVISIBLE.sub("", text)).translate(_WIDE)
    return _without_links(_ENTITY.sub("＆", quiet), own_link)


def harmless_markdown(text: str, own_link: str = "") -> str:
    """Return a text that WeCom's markdown shows as it stands."""
    quiet = harmless(text, own_link).translate(_WIDE_MARKDOWN)
    return _LINE_START.sub(_widen, _UNDERSCORES.sub(_widen, quiet))


def marked(outgoing: Outgoing) -> str:
    """Return a post's text, marked when an earlier try may have arrived."""
    return RESENT_MARK + outgoing.text if outgoing.is_resend else outgoing.text


def with_names(outgoing: Outgoing) -> str:
    """Return the text for a channel that cannot call anybody: who is meant is at least named."""
    unnamed = [name for name in outgoing.mention_names if name and name not in outgoing.text]
    text = marked(outgoing)
    return f"{text}\n请关注：{'、'.join(unnamed)}" if unnamed else text


def cut(text: str, longest: int) -> str:
    """Return a text of at most `longest` UTF-8 bytes, cut between characters, with a note that it was cut."""
    raw = text.encode()
    if len(raw) <= longest:
        return text
    kept = raw[: longest - len(CUT_MARK.encode())].decode("utf-8", "ignore")
    return kept.rstrip() + CUT_MARK


def _without_links(text: str, own_link: str) -> str:
    """Break every address that is not one of our own pages."""
    if not own_link:
        return _broken(text)
    own = re.compile(rf"(?<![0-9A-Za-z]){re.escape(own_link.rstrip('/'))}(?=/|$|\s)[0-9A-Za-z/_?=&%#.-]*")
    parts, end = [], 0
    for found in own.finditer(text):
        parts += [_broken(text[end : found.start()]), found.group()]
        end = found.end()
    return "".join(parts) + _broken(text[end:])


def _broken(text: str) -> str:
    return _DOMAIN_DOT.sub("．", _SCHEME.sub("：//", text))


def _widen(found: re.Match[str]) -> str:
    return "".join(chr(ord(mark) + 0xFEE0) if "!" <= mark <= "~" else mark for mark in found.group())
