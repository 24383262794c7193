"""Shops (门店, sequence 5): a panel's scores, checked by the office before anything names a worst one (S61–S66).

A month's shops are published with the month only once two persons of the office verified them and the objection time
after that, in which the shop is told first, is over (S62, S65).
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from domain.assessment import SequenceKind
from domain.ballots import Ballot
from domain.month import Month
from domain.ranking import CaseFigures, competition_ranks, half_up, order

ENOUGH = 2
PANEL = ("二级路长", "职能单位", "网格员", "商户代表")  # who may vote (S61)


@dataclass(frozen=True, slots=True)
class Shop:
    """A shop on its segment (S66)."""

    segment: str
    name: str

    @property
    def subject(self) -> str:
        """Return what tells it from a shop of the same name elsewhere."""
        return f"{self.segment}/{self.name}"


@dataclass(frozen=True, slots=True)
class ShopRow:
    """A shop's mean score and place."""

    shop: Shop
    score: Decimal
    rank: int
    from_end: int
    failed: tuple[tuple[str, int], ...] = ()  # what of 门前五包 it did not keep to, by how many votes; the most first

    def pick(self, best: int | None, worst: int | None) -> str:
        """Return best, worst or "" by the numbers set."""
        return _pick(self.rank, self.from_end, best, worst)


def pick(rank: int, ranks: Sequence[int], best: int | None, worst: int | None) -> str:
    """Return best, worst or "" for one of all ranks of a contest, by the numbers set."""
    return _pick(rank, 1 + sum(other > rank for other in ranks), best, worst)


def _pick(rank: int, from_end: int, best: int | None, worst: int | None) -> str:
    """Return the pick; who has or shares rank 1 is never a worst one."""
    if best and rank <= best:
        return "best"
    return "worst" if worst and rank > 1 and from_end <= worst else ""


@dataclass(frozen=True, slots=True)
class Contest:
    """One month's contest: sealed votes, and how far the office's check has come."""

    month: Month
    ballot: Ballot
    shops: Mapping[str, Shop]  # by subject
    verified_by: tuple[str, ...] = ()  # person ids
    objections_end: datetime | None = None  # set by the second verifier

    def with_votes(self, ballot: Ballot, shops: Iterable[Shop]) -> "Contest":
        """Return the contest with more votes; a check made before no longer holds."""
        known = {**self.shops, **{shop.subject: shop for shop in shops}}
        return replace(self, ballot=ballot, shops=known, verified_by=(), objections_end=None)

    @property
    def is_verified(self) -> bool:
        """Tell whether two persons of the office have checked it."""
        return len(self.verified_by) >= ENOUGH

    def is_open(self, now: datetime) -> bool:
        """Tell whether names may be read: verified, and the objection time over."""
        return self.is_verified and self.objections_end is not None and now >= self.objections_end

    def rows(self) -> list[ShopRow]:
        """Return the shops, best first; equals share a rank."""
        means = {who: half_up(score) for who, score in self.ballot.means(SequenceKind.SHOP).items()}
        ranks = dict(zip(means, competition_ranks([order(s, CaseFigures()) for s in means.values()]), strict=True))
        ordered = sorted(ranks.values())
        failed = self.ballot.failed(SequenceKind.SHOP)
        rows = [
            ShopRow(
                self.shops[who],
                score,
                ranks[who],
                1 + len(ordered) - bisect_right(ordered, ranks[who]),
                tuple(sorted(failed[who].items(), key=lambda one: (-one[1], one[0]))),
            )
            for who, score in means.items()
        ]
        return sorted(rows, key=lambda row: (row.rank, row.shop.subject))

    def to_facts(self) -> dict[str, Any]:
        """Return the contest as JSON values."""
        return {
            **self.ballot.to_facts(),
            "shops": {subject: [shop.segment, shop.name] for subject, shop in self.shops.items()},
            "verified_by": list(self.verified_by),
            "objections_end": self.objections_end.isoformat() if self.objections_end else None,
        }

    @classmethod
    def from_facts(cls, month: Month, facts: Mapping[str, Any] | None, salt: str = "") -> "Contest":
        """Return the contest that `to_facts` wrote; an empty one with `salt` where there is none."""
        ballot = Ballot.from_facts(facts, salt)
        if not facts:
            return cls(month, ballot, {})
        end = facts["objections_end"]
        return cls(
            month,
            ballot,
            {subject: Shop(*shop) for subject, shop in facts["shops"].items()},
            tuple(facts["verified_by"]),
            datetime.fromisoformat(end) if end else None,
        )


def shops_key(month: Month) -> str:
    """Return the name under which a month's contest is kept."""
    return f"shops:{month}"
