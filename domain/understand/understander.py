"""The understander: intent, category, severity, hazard and place of one message, put together."""

import re
from dataclasses import dataclass
from itertools import chain

from domain.categories import OTHER, Categories
from domain.tables import load_toml
from domain.understand.calibration import Trust
from domain.understand.classify import Classifier, Ranking
from domain.understand.gazetteer import Gazetteer
from domain.understand.intent import Context, IntentReader
from domain.understand.lexicon import Score
from domain.understand.locate import Location, Locator
from domain.understand.reader import CLASS, Reader, written
from domain.understand.severity import SeverityTable
from domain.understand.text import masked, normalise, without_mentions

ACT, ASK, DESK = "act", "ask", "desk"
OWN = "报事人所在路段"  # why a segment is the sender's own, when no word says where
_CLAUSE = re.compile(r"[,。;!?\n]")  # of normalised text, in which ，；！？ are folded


@dataclass(frozen=True, slots=True)
class Hints:
    """What is known about a message beside its words."""

    sender_segment: str | None = None
    township: str = ""  # of the group
    has_photo: bool = False
    quotes_bot: bool = False
    has_open_case: bool = False


NO_HINTS = Hints()


@dataclass(frozen=True, slots=True)
class Problem:
    """One of the problems a message names."""

    category: str
    text: str  # the part of the message that names it
    severity: str
    severity_reason: str
    is_hazard: bool
    words: tuple[str, ...] = ()  # that speak for the category


@dataclass(frozen=True, slots=True)
class Seen:
    """What the lexicons and the gazetteer find in a text, before anything is decided."""

    plain: str  # normalised, mentions blanked
    location: Location
    named: tuple[Score, ...]  # categories the lexicon speaks for, best first
    writing: frozenset[str]  # features of the readers: characters and pairs,
    category_marks: tuple[str, ...]  # and beside them what the lexicon of categories finds,
    intent_marks: tuple[str, ...]  # and what that of intents finds, with the facts of the message
    category_scores: dict[str, float]
    intent_scores: dict[str, float]

    @property
    def category_features(self) -> frozenset[str]:
        """Return all that the reader of categories goes by."""
        return self.writing.union(self.category_marks)

    @property
    def intent_features(self) -> frozenset[str]:
        """Return all that the reader of intents goes by."""
        return self.writing.union(self.intent_marks)


@dataclass(frozen=True, slots=True)
class Understanding:
    """What a message says. `category` and severity are None for every intent but report."""

    intent: str
    category: str | None
    category_candidates: tuple[tuple[str, float], ...]  # three (code, confidence), best first
    also: tuple[str, ...]
    severity: str | None
    severity_reason: str
    is_hazard: bool
    segment: str | None  # None when a person must be asked
    segment_candidates: tuple[tuple[str, str, float], ...]  # (segment id, reason, score), best first, at most 3
    location_text: str
    confidence: float  # that intent, category and place are right
    decision: str  # act | ask | desk
    evidence: tuple[str, ...]
    problems: tuple[Problem, ...]
    category_words: tuple[str, ...] = ()  # those of the evidence that speak for the category …
    place_words: tuple[str, ...] = ()  # … and those that say where

    @property
    def is_placed_by_words(self) -> bool:
        """Tell whether words say where, so that nothing else may."""
        return bool(self.location_text or self.place_words) or any(c[1] != OWN for c in self.segment_candidates)


class Understander:
    """Understands messages of one city: its categories and its gazetteer."""

    def __init__(self, categories: Categories, gazetteer: Gazetteer) -> None:
        self._categories = categories
        self._classifier = Classifier(categories)
        self._intents = IntentReader()
        self._severity = SeverityTable.load(categories)
        self.gazetteer = gazetteer
        self._locator = Locator(gazetteer)
        self._segments = frozenset(gazetteer.index_of)
        table = load_toml("understanding.toml")
        self.trust = Trust(**table["calibration"])
        self.act_from: float = table["thresholds"]["act_from"]  # confidence from which to act
        self._ask_from: float = table["thresholds"]["ask_from"]  # and from which a question helps
        self._intent_reader = Reader.load("reader_intent.toml")
        self._category_reader = Reader.load("reader_category.toml")

    def see(self, text: str, hints: Hints = NO_HINTS) -> Seen:
        """Return what is found in `text`; the training of the readers looks at the same."""
        plain = without_mentions(normalise(text))
        location = self._locator.locate(plain, hints.township, hints.sender_segment)
        hidden = masked(plain, list(location.spans))
        matches = self._classifier.match(hidden)
        named = self._classifier.named(matches)
        strength = named[0].value if named else 0.0
        context = Context(strength, bool(location.places), hints.has_photo, hints.quotes_bot, hints.has_open_case)
        intent_marks, intent_scores = self._intents.see(hidden, context)
        return Seen(
            plain,
            location,
            tuple(named),
            frozenset(written(hidden)),
            tuple(map(CLASS.__add__, matches.by_class)),
            tuple(intent_marks),
            {score.label: score.value for score in named},
            intent_scores,
        )

    def understand(self, text: str, hints: Hints = NO_HINTS) -> Understanding:
        """Return what `text` says, as far as words and the roster tell."""
        seen = self.see(text, hints)
        intents = self._intent_reader.shares(chain(seen.writing, seen.intent_marks), seen.intent_scores)
        intents = _without_mute_questions(_without_empty_reports(intents, seen), seen)
        intent = max(intents, key=lambda name: intents[name])
        if intent == "report":
            shares = self._category_shares(seen)
            ranking = self._classifier.rank(list(seen.named), shares, seen.plain)
            return self._report(text, seen.plain, hints, seen.location, ranking, intents[intent])
        return self._other_intent(text, intent, intents[intent], seen)

    def _report(
        self, text: str, plain: str, hints: Hints, location: Location, ranking: Ranking, sureness: float
    ) -> Understanding:
        best = ranking.best
        problems = tuple(self._problem(score, text, plain, location) for score in (best, *ranking.also()))
        segment, candidates = self._segment(location, hints)
        candidates3 = self._three(ranking)
        # which of several clearly named problems is the main one makes no difference to whether they are understood
        understood = sum(share for code, share in candidates3 if code in {problem.category for problem in problems})
        confidence = round(self.trust.honest(min(understood, sureness)), 3)
        return Understanding(
            intent="report",
            category=best.label,
            category_candidates=candidates3,
            also=tuple(problem.category for problem in problems[1:]),
            severity=problems[0].severity,
            severity_reason=problems[0].severity_reason,
            is_hazard=any(problem.is_hazard for problem in problems),
            segment=segment,
            segment_candidates=candidates[:3],
            location_text=_original(text, plain, location.text),
            confidence=confidence,
            decision=self._decision(confidence, segment is not None),
            evidence=tuple(dict.fromkeys([*problems[0].words, *location.places])),
            problems=problems,
            category_words=problems[0].words,
            place_words=tuple(dict.fromkeys(location.places)),
        )

    def _problem(self, score: Score, text: str, plain: str, location: Location) -> Problem:
        category = self._categories.by_code(score.label)
        severity, reason = self._severity.judge(category, plain)
        is_hazard = any(word in plain for word in category.hazards)
        words = tuple(dict.fromkeys(word.surface for word in score.words))
        return Problem(category.code, _clause(text, plain, score), severity, reason, is_hazard, words)

    def _segment(self, location: Location, hints: Hints) -> tuple[str | None, tuple[tuple[str, str, float], ...]]:
        """Return segment and candidates; a report without a word of place is taken to lie on the sender's own segment."""
        own = hints.sender_segment
        if own is not None and own in self._segments and not location.candidates and not location.text:
            return own, ((own, OWN, 0.6),)
        return location.segment, location.candidates

    def _decision(self, confidence: float, has_segment: bool) -> str:
        if confidence >= self.act_from and has_segment:
            return ACT
        return ASK if confidence >= self._ask_from else DESK

    def _other_intent(self, text: str, intent: str, share: float, seen: Seen) -> Understanding:
        sureness = self.trust.honest(share)
        return Understanding(
            intent=intent,
            category=None,
            category_candidates=self._guessed(seen),
            also=(),
            severity=None,
            severity_reason="",
            is_hazard=False,
            segment=seen.location.segment,
            segment_candidates=seen.location.candidates[:3],
            location_text=_original(text, seen.plain, seen.location.text),
            confidence=round(sureness, 3),
            decision=ACT if sureness >= self.act_from else ASK,
            evidence=seen.location.places,
            problems=(),
        )

    def _guessed(self, seen: Seen) -> tuple[tuple[str, float], ...]:
        """Return what a message that reports nothing is about, where its words name a problem."""
        if not seen.named:
            return ()
        shares = self._category_shares(seen)
        return self._three(self._classifier.rank(list(seen.named), shares, seen.plain))

    def _category_shares(self, seen: Seen) -> dict[str, float]:
        return self._category_reader.shares(chain(seen.writing, seen.category_marks), seen.category_scores)

    def _three(self, ranking: Ranking) -> tuple[tuple[str, float], ...]:
        """Return three candidates with their confidence, filled up with `other` and the commonest codes."""
        found = [(s.label, round(c, 3)) for s, c in zip(ranking.scores[:3], ranking.shares, strict=False)]
        if len(found) >= 3:
            return tuple(found)
        for code in (OTHER, *(row.code for row in self._categories.rows)):
            if len(found) >= 3:
                break
            if code not in (known for known, _ in found):
                found.append((code, 0.01))
        return tuple(found)


def _without_empty_reports(shares: dict[str, float], seen: Seen) -> dict[str, float]:
    """Return the shares of the intents; what names no problem and no place and shows nothing reports nothing."""
    if seen.named or not {"@place", "@photo"}.isdisjoint(seen.intent_marks):
        return shares
    return {**shares, "report": 0.0}


def _without_mute_questions(shares: dict[str, float], seen: Seen) -> dict[str, float]:
    """Return the shares of the intents; a named problem beside which no word asks anything reports, however short."""
    if seen.intent_scores["query"] > 0 or "@question" in seen.intent_marks:
        return shares
    if "@category" not in seen.intent_marks:
        return shares
    return {**shares, "report": shares["report"] + shares["query"], "query": 0.0}


def _clause(text: str, plain: str, score: Score) -> str:
    """Return the part of the text between the punctuation around a problem's words."""
    if not score.words:
        return text.strip()
    start, end = min(w.start for w in score.words), max(w.end for w in score.words)
    before = [m.end() for m in _CLAUSE.finditer(plain, 0, start)]
    after = _CLAUSE.search(plain, end)
    return text[before[-1] if before else 0 : after.start() if after else len(text)].strip()


def _original(text: str, plain: str, part: str) -> str:
    """Return the original characters of a part of the normalised text (same length, so offsets agree)."""
    at = plain.find(part) if part else -1
    return text[at : at + len(part)] if at >= 0 else part
