"""Proposals (建议) of the office for penalties and rewards: nothing is carried out before two named persons approve (S80).

They follow from frozen figures alone and keep what they rest on: months, scores, ranks and the ledger's head under which
each month was published (S89). A month, a quarter and a year each have their own; one does not cancel another (S90).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from domain.assessment import SequenceKind
from domain.errors import Missing, WrongState

ENOUGH = 2


class ProposalKind(StrEnum):
    """What a proposal is about; the value is stored and never renamed."""

    INQUIRY = "inquiry"  # black flags of a township or unit (S81)
    PERSONAL = "personal"  # black flags of a second-level chief (S83)
    LAST = "last"  # last place of a quarter (S84–S86)
    FUND = "fund"  # the quarter's fund of a group (S93–S95)
    AWARD = "award"  # a yearly special reward (S99)
    YEAR = "year"  # serious dereliction by the year's results (S87)


KIND_NAMES = {
    ProposalKind.INQUIRY: "黑旗问责",
    ProposalKind.PERSONAL: "个人提示",
    ProposalKind.LAST: "季度末位",
    ProposalKind.FUND: "季度经费",
    ProposalKind.AWARD: "专项奖励",
    ProposalKind.YEAR: "年度问责",
}


@dataclass(frozen=True, slots=True)
class Proposal:
    """One measure for one party, or one group's fund."""

    id: str  # 2026-09-1, 2026Q3-2: period and a number within it
    period: str
    kind: ProposalKind
    sequence: SequenceKind
    subject: str  # of a fund the group's name
    name: str
    measure: str
    way: str  # who does what once it is approved
    evidence: tuple[str, ...]
    is_public: bool = False  # the scheme has the outcome made known city-wide (S86, S91)
    proposed_at: str = ""  # ISO
    approved_by: tuple[str, ...] = ()  # names
    approved_as: Mapping[str, str] = field(default_factory=dict)  # in what place each did, where that is known (S18)
    approved_at: str = ""
    amount: int | None = None  # yuan, of a fund or a reward
    is_withdrawn: bool = False  # its basis is gone; the number stays taken

    @property
    def key(self) -> tuple[str, str, str, str]:
        """Return what makes it the same proposal when it is worked out again."""
        return self.period, self.kind.value, self.sequence.value, self.subject

    @property
    def is_approved(self) -> bool:
        """Tell whether two named persons have approved it."""
        return len(self.approved_by) >= ENOUGH

    @property
    def signatures(self) -> tuple[str, ...]:
        """Return who approved it, with the place in the leading group: 梁和（领导小组组长）."""
        places = ((name, self.approved_as.get(name)) for name in self.approved_by)
        return tuple(f"{name}（{place}）" if place else name for name, place in places)

    def approve(self, names: Iterable[str], now: datetime, places: Mapping[str, str] | None = None) -> "Proposal":
        """Return the proposal with further names under it, in the places given.

        Raises WrongState once it is approved, Missing without a name.
        """
        if self.is_withdrawn:
            raise WrongState(f"{self.id}的依据已变，建议已撤回。")
        if self.is_approved:
            raise WrongState(f"{self.id}已由{'、'.join(self.signatures)}批准。")
        fresh = [name.strip() for name in names if name.strip()]
        if not fresh:
            raise Missing("批准须写明姓名，例如：张三,李四。")
        approved = replace(
            self,
            approved_by=tuple(dict.fromkeys([*self.approved_by, *fresh])),
            approved_as={**self.approved_as, **(places or {})},
        )
        return replace(approved, approved_at=now.isoformat()) if approved.is_approved else approved

    def to_facts(self) -> dict[str, Any]:
        """Return the proposal as JSON values."""
        return {
            "id": self.id,
            "period": self.period,
            "kind": self.kind.value,
            "sequence": self.sequence.value,
            "subject": self.subject,
            "name": self.name,
            "measure": self.measure,
            "way": self.way,
            "evidence": list(self.evidence),
            "public": self.is_public,
            "proposed_at": self.proposed_at,
            "approved_by": list(self.approved_by),
            "approved_as": dict(self.approved_as),
            "approved_at": self.approved_at,
            "amount": self.amount,
            "withdrawn": self.is_withdrawn,
        }

    @classmethod
    def from_facts(cls, facts: Mapping[str, Any]) -> "Proposal":
        """Return the proposal that `to_facts` wrote."""
        return cls(
            id=facts["id"],
            period=facts["period"],
            kind=ProposalKind(facts["kind"]),
            sequence=SequenceKind(facts["sequence"]),
            subject=facts["subject"],
            name=facts["name"],
            measure=facts["measure"],
            way=facts["way"],
            evidence=tuple(facts["evidence"]),
            is_public=facts["public"],
            proposed_at=facts["proposed_at"],
            approved_by=tuple(facts["approved_by"]),
            approved_as=facts.get("approved_as", {}),  # those approved by an earlier release know no places
            approved_at=facts["approved_at"],
            amount=facts["amount"],
            is_withdrawn=facts["withdrawn"],
        )


def proposals_key(period: str) -> str:
    """Return the name under which the proposals of a month or quarter are kept."""
    return f"proposals:{period}"


def renewed(before: Sequence[Proposal], wanted: Sequence[Proposal], now: datetime) -> list[Proposal]:
    """Return a period's proposals worked out again.

    One that was approved stays as it was; one whose basis is gone is withdrawn; the others take the new basis and keep
    the names under them only while nothing about them changed. A number is never given to another proposal.
    """
    known = {proposal.key: proposal for proposal in before}
    keys = {proposal.key for proposal in wanted}
    gone = [proposal for proposal in before if proposal.key not in keys]
    kept = [p if p.is_approved else replace(p, is_withdrawn=True, approved_by=(), approved_as={}) for p in gone]
    number = max((int(proposal.id.rsplit("-", 1)[1]) for proposal in before), default=0)
    for proposal in wanted:
        old = known.get(proposal.key)
        if old is None:
            number += 1
            fresh = replace(proposal, id=f"{proposal.period}-{number}", proposed_at=now.isoformat())
            kept.append(fresh)
        elif old.is_approved or (_basis(old) == _basis(proposal) and not old.is_withdrawn):
            kept.append(old)
        else:
            kept.append(replace(proposal, id=old.id, proposed_at=now.isoformat()))
    return sorted(kept, key=lambda proposal: int(proposal.id.rsplit("-", 1)[1]))


def _basis(proposal: Proposal) -> tuple[object, ...]:
    return proposal.measure, proposal.way, proposal.evidence, proposal.name
