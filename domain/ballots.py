"""Sealed votes: what chiefs rate units and departments (S57, S59), and what a panel gives shops (S61, S63).

Who voted for whom is kept as a salted commitment, as in the ledger: a voter's second vote replaces the first and a
repeated file changes nothing, yet only means can be read.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from domain.assessment import SequenceKind
from domain.ledger import commitment
from domain.month import Month
from domain.ranking import mean


@dataclass(frozen=True, slots=True)
class Vote:
    """One score, 0–100, for one subject; `failed` = what of a list it did not keep to (of a shop: 门前五包, S8)."""

    sequence: SequenceKind
    subject: str
    score: Decimal
    failed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cast:
    """A vote of a named voter, before it is sealed."""

    voter: str
    vote: Vote


@dataclass(frozen=True, slots=True)
class Ballot:
    """The sealed votes of one month."""

    salt: str
    votes: Mapping[str, Vote]  # by commitment of voter and subject

    def with_cast(self, casts: Iterable[Cast]) -> "Ballot":
        """Return the ballot with more votes; who voted for the same subject before has the later vote."""
        fresh = {self._mark(cast): cast.vote for cast in casts}
        return replace(self, votes={**self.votes, **fresh})

    def _mark(self, cast: Cast) -> str:
        return commitment(self.salt, f"{cast.vote.sequence}\n{cast.vote.subject}\n{cast.voter}")

    def means(self, sequence: SequenceKind) -> dict[str, Fraction]:
        """Return the exact mean of each subject of a sequence: it is rounded once, in the figure made of it (S43d)."""
        found: dict[str, list[Decimal]] = defaultdict(list)
        for vote in self.votes.values():
            if vote.sequence is sequence:
                found[vote.subject].append(vote.score)
        return {subject: mean(map(Fraction, scores)) for subject, scores in sorted(found.items())}

    def failed(self, sequence: SequenceKind) -> dict[str, Counter[str]]:
        """Return by how many votes each subject was said to fail in what."""
        found: dict[str, Counter[str]] = defaultdict(Counter)
        for vote in self.votes.values():
            if vote.sequence is sequence:
                found[vote.subject].update(vote.failed)
        return found

    def to_facts(self) -> dict[str, Any]:
        """Return the ballot as JSON values; a vote without failings is the three values it has always been."""
        votes = {
            mark: [v.sequence.value, v.subject, str(v.score), *([list(v.failed)] if v.failed else [])]
            for mark, v in sorted(self.votes.items())
        }
        return {"salt": self.salt, "votes": votes}

    @classmethod
    def from_facts(cls, facts: Mapping[str, Any] | None, salt: str = "") -> "Ballot":
        """Return the ballot that `to_facts` wrote; an empty one with `salt` where there is none."""
        if not facts:
            return cls(salt, {})
        votes = {
            mark: Vote(SequenceKind(kind), who, Decimal(score), *map(tuple, failed))
            for mark, (kind, who, score, *failed) in facts["votes"].items()
        }
        return cls(facts["salt"], votes)


def ratings_key(month: Month) -> str:
    """Return the name under which a month's ratings are kept."""
    return f"ratings:{month}"
