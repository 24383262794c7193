"""Intent (意图) of a message: report, ack, resolve, query, reassign, supplement, extend, notice or chatter."""

import re
from dataclasses import dataclass
from pathlib import Path

from domain.tables import load_toml
from domain.understand.lexicon import Lexicon
from domain.understand.reader import CLASS

INTENTS = ("report", "ack", "resolve", "query", "reassign", "supplement", "extend", "notice", "chatter")
_CJK = re.compile(r"[\u4e00-\u9fff]")
_DIGITS = re.compile(r"^\s*[1-9]\d?\s*[.。]?\s*$")
_LATIN = re.compile(r"[a-z0-9]")
_SIGNS = re.compile(r"[\s,,。.!!??~、]")
_OK_SIGN = re.compile(r"👌|\[ok\]|✅|🫡|🙆")
_STICKERS = re.compile(r"\[[^\[\]]{1,6}\]")
_ASKS = re.compile(r"(?:吗|没|不|呢|没有|么|咋样|啥|中不|不呀|没呀|是谁|多少|谁)[\s.。!!~]*$")


@dataclass(frozen=True, slots=True)
class Context:
    """Facts of a message beyond its own words."""

    category: float  # score of its best category
    has_place: bool
    has_photo: bool
    quotes_bot: bool
    has_open_case: bool


class IntentReader:
    """Scores every intent by its lexicon and by facts of the whole message."""

    def __init__(self, override: Path | None = None) -> None:
        self._lexicon = Lexicon(load_toml("intents.toml", override), "intents.toml")

    def see(self, text: str, context: Context) -> tuple[list[str], dict[str, float]]:
        """Return (features, scores of all intents by the lexicon) of a normalised text with masked place names.

        The features are those beside the writing: classes of words, and facts.
        """
        matches, known = self._lexicon.match(text), facts(text, context)
        scores = self._lexicon.scores(matches, known)
        values = {intent: scores[intent].value if intent in scores else 0.0 for intent in INTENTS}
        values["report"] += _report_value(context)
        values["chatter"] += 0.9 if context.category < 1.5 and not context.has_place else 0.0
        return [*map(CLASS.__add__, matches.by_class), *known], values


def facts(text: str, context: Context) -> set[str]:
    """Return the facts "@…" of a message by which patterns may be conditioned."""
    plain = _STICKERS.sub("", text)
    size = len(_SIGNS.sub("", plain))
    has_ideograph = bool(_CJK.search(plain))
    tests = {
        "@place": context.has_place,
        "@category": context.category >= 2.0,
        "@strong": context.category >= 3.0,
        "@question": "?" in text or bool(_ASKS.search(plain)),
        "@short": size <= 9,
        "@tiny": 0 < size <= 4,
        "@long": size >= 22,
        "@digits": bool(_DIGITS.match(text)),
        "@emoji": not has_ideograph and not _LATIN.search(plain) and not _OK_SIGN.search(text),
        "@ok": not has_ideograph and bool(_OK_SIGN.search(text)),
        "@photo": context.has_photo,
        "@quote": context.quotes_bot,
        "@open": context.has_open_case,
    }
    return {name for name, holds in tests.items() if holds}


def _report_value(context: Context) -> float:
    place = 1.6 if context.has_place else 0.0  # who names a place and nothing else still reports something
    return min(context.category, 4.0) * 0.9 + place + (0.5 if context.has_photo else 0.0)
