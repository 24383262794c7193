"""Classes of words and the patterns over them: one engine for categories, intents and severity.

A pattern such as "manhole+missing 4.2" speaks with weight 4.2 when a word of each class stands near the other; "-again" keeps
it silent where such a word is near; "@place" is a fact of the whole message that the caller supplies.
"""

import itertools
import re
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, NamedTuple

import ahocorasick

from domain.errors import TableError

NEUTRAL = "neutral"
_NEAR, _NEAR_SINGLE, _NEAR_ACROSS = 12, 4, 6  # characters between two words; of one character; across a comma
_ECHO = (1.0, 0.3, 0.12)  # how much the best, second and third pattern of one label count
_PATTERN = re.compile(r"^(?P<classes>\S+)\s+(?P<weight>\d+(?:\.\d+)?)$")
_COMMA = re.compile(r"[,，、]")
_STOP = re.compile(r"[。;;!!\n]")


class Word(NamedTuple):
    """A word of the lexicon found in a text at [start, end)."""

    start: int
    end: int
    surface: str


@dataclass(frozen=True, slots=True)
class Pattern:
    """One row of [patterns], compiled: class names as bits and as names."""

    label: str
    needs: tuple[str, ...]  # classes of words
    facts: frozenset[str]  # "@…" that must hold
    weight: float
    mask: int  # of the classes it needs
    bars: int  # of the classes that keep it silent
    bar_facts: frozenset[str]  # "@…" that keep it silent


@dataclass(frozen=True, slots=True)
class Score:
    """How strongly a text speaks for a label, and the words that do."""

    label: str
    value: float
    words: tuple[Word, ...]

    @property
    def first(self) -> int:
        """Return where in the text the earliest of its words stands."""
        return min((word.start for word in self.words), default=0)

    @property
    def last(self) -> int:
        """Return where in the text the latest of its words ends."""
        return max((word.end for word in self.words), default=0)


class _Entry(NamedTuple):
    """What the automaton says of one word."""

    size: int
    word: str
    names: tuple[str, ...]  # its classes
    bits: int  # of its classes
    shadows: bool  # a word of a proper class: shorter ones inside it do not count


class Matches:
    """The words of a text by class."""

    def __init__(self, text: str, by_class: Mapping[str, list[Word]], mask: int) -> None:
        self.text = text
        self.by_class = by_class
        self.mask = mask

    def has(self, name: str) -> bool:
        """Tell whether any word of the class stands in the text."""
        return name in self.by_class

    def words(self, name: str) -> list[str]:
        """Return the words of a class, as they stand in the text."""
        return [word.surface for word in self.by_class.get(name, ())]


class Lexicon:
    """Word classes compiled to one automaton, and the patterns over them."""

    def __init__(self, table: Mapping[str, Any], file: str, extra: Mapping[str, Collection[str]] | None = None) -> None:
        classes: dict[str, list[str]] = {name: words.split() for name, words in table["words"].items()}
        classes.update({name: list(words) for name, words in (extra or {}).items()})
        self._phrases = [(name, _compiled(name, row, file)) for name, row in table.get("regex", {}).items()]
        classes.update({name: [] for name, _ in self._phrases if name not in classes})
        unions = {name: parts.split() for name, parts in table.get("unions", {}).items()}
        classes.update({name: [] for name in unions})
        member_of: dict[str, list[str]] = defaultdict(list)
        for name, parts in unions.items():
            for part in parts:
                member_of[part].append(name)
        soft = frozenset(table.get("soft", {}).get("classes", "").split())
        self._bit = {name: 1 << number for number, name in enumerate(classes)}
        known = {word.casefold() for words in table["words"].values() for word in words.split()}
        of_word: dict[str, list[str]] = defaultdict(list)
        for name, words in classes.items():
            for word in dict.fromkeys(word.casefold() for word in words):
                if name.startswith("=") and word in known:
                    continue  # a plain thing such as 盲道 says less than a category's own phrase
                of_word[word] += [n for n in (name, *member_of[name]) if n not in of_word[word]]
        self._automaton: Any = ahocorasick.Automaton()
        for word, names in of_word.items():
            solid = any(not name.startswith("=") and name not in soft and name not in unions for name in names)
            bits = sum(self._bit[name] for name in names)
            self._automaton.add_word(word, _Entry(len(word), word, tuple(names), bits, solid and len(word) > 1))
        self._automaton.make_automaton()
        self._patterns = tuple(
            self._compile(label, row, file) for label, rows in table["patterns"].items() for row in rows
        )
        # a pattern can only speak where its first class stands, so that few of them need a look
        self._led: dict[str, list[int]] = defaultdict(list)
        for place, pattern in enumerate(self._patterns):
            self._led[pattern.needs[0] if pattern.needs else ""].append(place)

    def _compile(self, label: str, row: str, file: str) -> Pattern:
        match = _PATTERN.match(row)
        if match is None:
            raise TableError(f"{file} [patterns] {label}：“{row}”写法不对，应为“词类+词类 权重”，如“井盖+缺失 4.2”。")
        first, *bars = match["classes"].split("-")
        parts = first.split("+")
        needs = tuple(part for part in parts if not part.startswith("@"))
        for name in (*needs, *(bar for bar in bars if not bar.startswith("@"))):
            if name not in self._bit:
                raise TableError(f"{file} [patterns] {label}：没有词类“{name}”，请在[words]中补上或改名。")
        mask = sum(self._bit[name] for name in set(needs))
        facts = frozenset(part for part in parts if part.startswith("@"))
        bar_mask = sum(self._bit[bar] for bar in set(bars) if not bar.startswith("@"))
        bar_facts = frozenset(bar for bar in bars if bar.startswith("@"))
        return Pattern(label, needs, facts, float(match["weight"]), mask, bar_mask, bar_facts)

    def match(self, text: str) -> Matches:
        """Return the words in a normalised text; a word inside a longer one of a proper class does not count."""
        found = list(self._automaton.iter(text))
        earlier, same = _reaches(found, len(text))
        neutral = [(last + 1 - entry.size, last + 1) for last, entry in found if NEUTRAL in entry.names]
        by_class: dict[str, list[Word]] = defaultdict(list)
        mask = 0
        for last, (size, word, names, bits, _) in found:
            end = last + 1
            start = end - size
            if earlier[start] >= end or same[start] > end:  # inside a longer one
                continue
            if neutral and any(s < end and start < e for s, e in neutral):
                continue
            item = Word(start, end, word)
            for name in names:
                by_class[name].append(item)
            mask |= bits
        for name, phrase in self._phrases:
            if phrase.search(text):
                by_class[name] += [Word(m.start(), m.end(), m.group()) for m in phrase.finditer(text)]
                mask |= self._bit[name]
        return Matches(text, by_class, mask)

    def scores(self, matches: Matches, facts: Collection[str] = ()) -> dict[str, Score]:
        """Return the score of each label that any pattern speaks for."""
        hits: dict[str, list[tuple[float, tuple[Word, ...]]]] = defaultdict(list)
        led = (self._led[name] for name in ("", *matches.by_class) if name in self._led)
        for place in sorted(itertools.chain.from_iterable(led)):
            pattern = self._patterns[place]
            if pattern.mask & ~matches.mask or pattern.bars & matches.mask:
                continue
            if not pattern.facts.issubset(facts) or not pattern.bar_facts.isdisjoint(facts):
                continue
            words = _together(pattern.needs, matches)
            if words is not None:
                hits[pattern.label].append((pattern.weight, words))
        return {label: _score(label, rows) for label, rows in hits.items()}


def _reaches(found: Sequence[tuple[int, "_Entry"]], length: int) -> tuple[list[int], list[int]]:
    """Return, for each place of a text, how far words of proper classes reach that begin before it, and at it."""
    same = [0] * (length + 1)
    for last, entry in found:
        if entry.shadows:
            start = last + 1 - entry.size
            if last >= same[start]:
                same[start] = last + 1
    return [0, *itertools.accumulate(same[:-1], max)], same


def _compiled(name: str, row: str, file: str) -> re.Pattern[str]:
    try:
        return re.compile(row)
    except re.error as error:
        raise TableError(f"{file} [regex] {name}：正则表达式有误（{error}），请更正。") from error


def _score(label: str, rows: list[tuple[float, tuple[Word, ...]]]) -> Score:
    if len(rows) == 1:
        weight, words = rows[0]
        return Score(label, weight * _ECHO[0], tuple(dict.fromkeys(words)))
    rows.sort(key=itemgetter(0), reverse=True)
    value, used, heard = 0.0, dict.fromkeys(rows[0][1]), 0
    for weight, words in rows:
        if heard and used.keys() >= set(words):
            continue  # the same words again, by another pattern
        value += weight * _ECHO[heard]
        used.update(dict.fromkeys(words))
        heard += 1
        if heard == len(_ECHO):
            break
    return Score(label, value, tuple(used))


def _together(needs: Sequence[str], matches: Matches) -> tuple[Word, ...] | None:
    """Return one word of each class, each near another and none on top of another; None when there are none."""
    if not needs:
        return ()
    if len(needs) == 1:
        return (matches.by_class[needs[0]][0],)
    chains: list[tuple[Word, ...]] = [(word,) for word in matches.by_class[needs[0]]]
    for name in needs[1:]:
        chains = [
            (*chain, word) for chain in chains for word in matches.by_class[name] if _is_near(chain, word, matches.text)
        ][:24]
    return chains[0] if chains else None


def _is_near(chain: tuple[Word, ...], word: Word, text: str) -> bool:
    near = False
    for other in chain:
        first, second = (other, word) if other.start <= word.start else (word, other)
        gap = second.start - first.end
        if gap < 0:
            return False
        single = len(word.surface) == 1 or len(other.surface) == 1
        reach = _NEAR_SINGLE if single else _NEAR
        if gap > reach or _STOP.search(text, first.end, second.start):
            continue
        near = near or gap <= _NEAR_ACROSS or not _COMMA.search(text, first.end, second.start)
    return near
