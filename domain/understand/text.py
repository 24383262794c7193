"""Text as the matchers see it: the same length as the original, so that every offset holds in both."""

import re
import unicodedata
from functools import lru_cache

# everything but the characters that stand for themselves: plain ideographs, ASCII without capitals, 。 and 、
_FOLDABLE = re.compile(r"[^\u4e00-\u9fff -@\[-~。、]+")
_COMMON = tuple(zip("，！？：；（）", ",!?:;()", strict=True))  # folded in the same way, only sooner
MASK = "\ufffc"  # stands where a place name stood: no word list contains it
_MENTION = re.compile(r"@[^\s,,。:：@]{1,12}(?:\s|$|(?=[,。:：]))")
_LEADING_BOT = re.compile(r"^\s*@\S{1,12}?(?:助手|bot|机器人|小助手|智能助手|小路)")


@lru_cache(maxsize=8192)
def _folded(char: str) -> str:
    plain = unicodedata.normalize("NFKC", char)
    return plain.casefold() if len(plain.casefold()) == 1 else char


def normalise(text: str) -> str:
    """Return `text` with full width, case and compatibility forms folded, character by character (same length)."""
    for full, half in _COMMON:
        text = text.replace(full, half)
    return _FOLDABLE.sub(_fold, text)


def _fold(match: re.Match[str]) -> str:
    return "".join(map(_folded, match.group()))


def without_mentions(text: str) -> str:
    """Return `text` with every @name blanked out, in the same length."""
    if "@" not in text:
        return text
    return _MENTION.sub(_blank, _LEADING_BOT.sub(_blank, text))


def _blank(match: re.Match[str]) -> str:
    return " " * len(match.group())


def masked(text: str, spans: list[tuple[int, int]]) -> str:
    """Return `text` with each (start, end) replaced by masks of the same length."""
    for start, end in spans:
        text = text[:start] + MASK * (end - start) + text[end:]
    return text
