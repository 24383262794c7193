"""Proposals (建议) of the office for penalties and rewards: nothing is carried out before two named persons approve (S80).

They follow from frozen figures alone and keep what they rest on: months, scores, ranks and the ledger's head under which
each month was published (S89). A month, a quarter and a year each have their own; one does not cancel another (S90).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from domain.accountability import AccountabilityRule, FlagCount
from domain.assessment import SEQUENCE_NAMES, SequenceKind
from domain.errors import Missing, WrongState
from domain.imports.awards import AwardRow
from domain.month import Month, title_of
from domain.printed import Party, PrintedMonth
from domain.quarter import GroupScores, QuarterRow, QuarterScores
from domain.texts import quarterly, yearly
from domain.yearly import YearRow, YearScores

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

    def approve(self, names: Iterable[str], now: datetime) -> "Proposal":
        """Return the proposal with further names under it. Raises WrongState once it is approved, Missing without name."""
        if self.is_withdrawn:
            raise WrongState(f"{self.id}的依据已变，建议已撤回。")
        if self.is_approved:
            raise WrongState(f"{self.id}已由{'、'.join(self.approved_by)}批准。")
        fresh = [name.strip() for name in names if name.strip()]
        if not fresh:
            raise Missing("批准须写明姓名，例如：张三,李四。")
        approved = replace(self, approved_by=tuple(dict.fromkeys([*self.approved_by, *fresh])))
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
            approved_at=facts["approved_at"],
            amount=facts["amount"],
            is_withdrawn=facts["withdrawn"],
        )


def proposals_key(period: str) -> str:
    """Return the name under which the proposals of a month or quarter are kept."""
    return f"proposals:{period}"


def of_month(
    month: Month, counts: Mapping[Party, FlagCount], history: Sequence[PrintedMonth], rule: AccountabilityRule
) -> list[Proposal]:
    """Return what a month's black flags call for: one proposal for a party, also when it has two entries (S82a)."""
    found = []
    for party in sorted(counts):
        entries = counts[party].entries_in([month])
        if not entries:
            continue
        is_personal = counts[party].sequence is SequenceKind.SECOND_LEVEL
        evidence = [quarterly.flag_count(counts[party], entries), *_flags_shown(party, counts[party], history, month)]
        found.append(
            Proposal(
                id="",
                period=str(month),
                kind=ProposalKind.PERSONAL if is_personal else ProposalKind.INQUIRY,
                sequence=counts[party].sequence,
                subject=counts[party].subject,
                name=counts[party].name,
                measure="个人提示" if is_personal else "启动问责",
                way=rule.personal if is_personal else rule.measure,
                evidence=tuple(evidence),
            )
        )
    return found


def _flags_shown(party: Party, count: FlagCount, history: Sequence[PrintedMonth], until: Month) -> list[str]:
    """Return the black flags that a count rests on: those of the year, and of the streak before it."""
    behind = [month for month in count.flags if month <= until]
    wanted = set(behind[-count.streak :] if count.streak else []) | {m for m in behind if m.year == until.year}
    lines = []
    for printed in history:
        if printed.month in wanted:
            row = printed.ranked[party]
            head = f"，通报校验值{printed.head}" if printed.head else ""
            lines.append(f"{printed.month.title}：{row.score:.2f}分，第{row.rank}名，黑旗{head}")
    return lines


def of_quarter(scores: QuarterScores) -> list[Proposal]:
    """Return what a quarter calls for: a measure for each last place, and each group's fund."""
    found = []
    for group in scores.groups:
        found += [_last(scores, group, row) for row in group.rows if row.place]
        if group.base is not None and group.rows:
            found.append(_fund(scores, group))
    return found


def _last(scores: QuarterScores, group: GroupScores, row: QuarterRow) -> Proposal:
    place = row.place
    if place is None:
        raise ValueError("not a last place")
    size = len(group.rows)
    evidence = [
        f"{group.group.name}（{SEQUENCE_NAMES[group.group.sequence]}，{size}个参评）{scores.quarter.title}末位，连续{row.run}个季度",
        f"季度成绩{row.score:.2f}分：{quarterly.monthly(row)}",
    ]
    return Proposal(
        id="",
        period=str(scores.quarter),
        kind=ProposalKind.LAST,
        sequence=group.group.sequence,
        subject=row.subject,
        name=row.name,
        measure=place.measure,
        way=place.way,
        evidence=tuple(evidence),
        is_public=place.is_public,
    )


def _fund(scores: QuarterScores, group: GroupScores) -> Proposal:
    awards = [(row, row.award) for row in group.rows if row.award]
    total = sum(award.amount for _, award in awards)
    return Proposal(
        id="",
        period=str(scores.quarter),
        kind=ProposalKind.FUND,
        sequence=group.group.sequence,
        subject=group.group.name,
        name=group.group.name,
        measure=f"核定经费{quarterly.yuan(total)}",
        way="由市路长办按季度成绩核拨",
        evidence=tuple(f"{row.name} {row.score:.2f}分：{quarterly.worked(award)}" for row, award in awards),
        amount=total,
    )


def of_dereliction(
    row: YearRow,
    count: FlagCount | None,
    year: int,
    approved: Sequence[Proposal],
    rule: AccountabilityRule,
    reason: str,
) -> Proposal:
    """Return what the office puts forward against a unit by its year (S87), with all that the year holds on it (S89).

    approved: the year's measures against it that were approved.
    """
    entries = [entry for entry in count.entries if entry.month.year == year] if count else []
    evidence = [f"认定理由：{reason}", yearly.line(row)]
    evidence += [quarterly.flag_count(count, entries)] if count else []
    evidence += [f"{title_of(one.period)}{one.measure}，已由{'、'.join(one.approved_by)}批准" for one in approved]
    return Proposal(
        id="",
        period=str(year),
        kind=ProposalKind.YEAR,
        sequence=row.sequence,
        subject=row.subject,
        name=row.name,
        measure=rule.year_measure,
        way=rule.year_way,
        evidence=tuple(evidence),
    )


def of_awards(scores: YearScores, awards: Sequence[AwardRow]) -> list[Proposal]:
    """Return the yearly special rewards that the office enters, each with the year it rests on (S99)."""
    rows = {(row.sequence, row.subject): row for row in scores.rows}
    return [
        Proposal(
            id="",
            period=str(scores.year),
            kind=ProposalKind.AWARD,
            sequence=award.party[0],
            subject=award.party[1],
            name=rows[award.party].name,
            measure=f"奖励{quarterly.yuan(award.amount)}",
            way="由市路长办从年度专项奖励资金发放",
            evidence=(award.reason, yearly.line(rows[award.party])),
            amount=award.amount,
        )
        for award in awards
    ]


def renewed(before: Sequence[Proposal], wanted: Sequence[Proposal], now: datetime) -> list[Proposal]:
    """Return a period's proposals worked out again.

    One that was approved stays as it was; one whose basis is gone is withdrawn; the others take the new basis and keep
    the names under them only while nothing about them changed. A number is never given to another proposal.
    """
    known = {proposal.key: proposal for proposal in before}
    keys = {proposal.key for proposal in wanted}
    gone = [proposal for proposal in before if proposal.key not in keys]
    kept = [p if p.is_approved else replace(p, is_withdrawn=True, approved_by=()) for p in gone]
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
