"""Category (分类) of a report: which of the table's codes the words speak for, and how sure that is."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from heapq import nsmallest
from pathlib import Path

from domain.categories import OTHER, Categories
from domain.tables import load_toml
from domain.understand.lexicon import Lexicon, Matches, Score

_ALSO_SCORE, _ALSO_SHARE = 2.6, 0.5  # a second category counts as said when it reaches both
_HEARD = 0.005  # a first named problem that the reader finds less likely than this was none
_LIKELIEST = 3  # categories that anybody asks for
_PART = re.compile(r"[,,。;;!!?? 、]")


@dataclass(frozen=True, slots=True)
class Ranking:
    """The few likeliest categories of one text, best first, with the probability of each.

    `named` are those the lexicon speaks for.
    """

    scores: tuple[Score, ...]
    shares: tuple[float, ...]
    named: tuple[Score, ...]

    @property
    def best(self) -> Score:
        """Return the best category, `other` without words when nothing is known."""
        return self.scores[0] if self.scores else Score(OTHER, 0.0, ())

    def also(self) -> tuple[Score, ...]:
        """Return further categories that the text names in words of their own, beside a best one that it names as well."""
        if not self.best.words:
            return ()
        used = set(self.best.words)
        found: list[Score] = []
        for score in [other for other in self.named if other.label != self.best.label][:3]:
            own = [word for word in score.words if word not in used]
            if score.value >= max(_ALSO_SCORE, self.best.value * _ALSO_SHARE) and len(own) == len(score.words):
                found.append(score)
                used.update(own)
        return tuple(found)


class Classifier:
    """Scores every category by the lexicon."""

    def __init__(self, categories: Categories, override: Path | None = None) -> None:
        rows: Mapping[str, tuple[str, ...]] = {f"={row.code}": row.words for row in categories.rows}
        self._lexicon = Lexicon(load_toml("lexicon.toml", override), "lexicon.toml", rows)
        self._codes = frozenset(row.code for row in categories.rows)

    def match(self, text: str) -> Matches:
        """Return the lexicon's words in a normalised text whose place names are masked."""
        return self._lexicon.match(text)

    def named(self, matches: Matches) -> list[Score]:
        """Return the categories that the lexicon speaks for, best first, with their scores."""
        found = [score for score in self._lexicon.scores(matches).values() if score.label in self._codes]
        found.sort(key=lambda score: (-round(score.value, 3), score.first))
        return _first_named(found, matches.text)

    def rank(self, named: list[Score], shares: Mapping[str, float], text: str) -> Ranking:
        """Return the categories by their probability, each with the words that speak for it."""
        scores = {score.label: score for score in named}
        shares = _first_stays_ahead(named, shares, text)
        order = nsmallest(_LIKELIEST, shares, key=lambda code: (-shares[code], code))
        return Ranking(
            tuple(scores.get(code) or Score(code, 0.0, ()) for code in order),
            tuple(shares[code] for code in order),
            tuple(named),
        )


def _first_named(found: list[Score], text: str) -> list[Score]:
    """Put the problem named first at the head when two stand in different parts of the text and weigh much the same."""
    if len(found) < 2:
        return found
    best = found[0]
    for score in found[1:3]:
        apart = _PART.search(text, score.last, best.first) if score.last <= best.first else None
        if apart and score.value >= max(_ALSO_SCORE, best.value * _ALSO_SHARE):
            # the first named takes the place, and the weight, of the strongest
            ahead = replace(score, value=best.value + 0.3)
            return [ahead, *(other for other in found if other is not score)]
    return found


def _first_stays_ahead(named: list[Score], shares: Mapping[str, float], text: str) -> Mapping[str, float]:
    """Swap the shares of the two problems a text names apart from each other, if need be: the first named is the main one."""
    if len(named) < 2 or not _PART.search(text, named[0].last, named[1].first):
        return shares
    one, other = named[0].label, named[1].label
    if shares[one] >= shares[other] or shares[one] < _HEARD:
        return shares
    return {**shares, one: shares[other], other: shares[one]}
