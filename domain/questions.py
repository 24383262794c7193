"""The words in which figures are asked about (怎么样, 多少处, 谁挂黑旗), from `tables/questions.toml`."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, cached_property

from domain.assessment import SequenceKind
from domain.tables import load_toml

TABLE = "questions.toml"


class Topic(StrEnum):
    """What is wanted; the value names a row of the table."""

    STANDING = "standing"  # 怎么样, 得多少分, 排第几
    WHY = "why"  # 为什么扣分
    COUNT = "count"  # 多少处, 有哪些
    FLAGS = "flags"
    RANKING = "ranking"
    APPEALS = "appeals"
    COVERAGE = "coverage"


@dataclass(frozen=True)
class Vocabulary:
    """Words by what they stand for; those of a topic that comes first win."""

    topics: Mapping[Topic, tuple[str, ...]]
    score: tuple[str, ...]  # with somebody named they ask how he stands
    sequences: Mapping[str, SequenceKind]
    unranked: tuple[str, ...]  # whom no list of the scheme holds
    mine: tuple[str, ...]  # 我们局, 本单位
    fillers: tuple[str, ...]  # say nothing by themselves
    surnames: frozenset[str]
    places: tuple[str, ...]  # how the name of a place or a unit ends

    @cached_property
    def asking(self) -> tuple[str, ...]:
        """Return the words of every topic."""
        return tuple(word for words in self.topics.values() for word in words)


@cache
def vocabulary() -> Vocabulary:
    """Return the packaged words."""
    table = load_toml(TABLE)
    words = {name: tuple(text.split()) for name, text in table["words"].items()}
    whose = [f"{we}{ours}" for we in words["we"] for ours in words["ours"]]
    return Vocabulary(
        topics={Topic(name): tuple(text.split()) for name, text in table["topics"].items()},
        score=words["score"],
        sequences=_longest_first(table["sequences"]),
        unranked=words["unranked"],
        mine=(*whose, *words["alone"]),
        fillers=words["fillers"],
        surnames=frozenset(table["surnames"]),
        places=words["places"],
    )


def _longest_first(rows: Mapping[str, str]) -> dict[str, SequenceKind]:
    named = [(word, SequenceKind(kind)) for kind, text in rows.items() for word in text.split()]
    return dict(sorted(named, key=lambda one: -len(one[0])))
