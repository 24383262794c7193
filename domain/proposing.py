"""What frozen figures call for: proposals of a month, a quarter and a year, each with what it rests on (S80–S89, S99)."""

from collections.abc import Mapping, Sequence

from domain.accountability import AccountabilityRule, FlagCount
from domain.assessment import SEQUENCE_NAMES, SequenceKind
from domain.imports.awards import AwardRow
from domain.month import Month, title_of
from domain.printed import Party, PrintedMonth
from domain.proposals import Proposal, ProposalKind
from domain.quarter import GroupScores, QuarterRow, QuarterScores
from domain.texts import quarterly, yearly
from domain.yearly import YearRow, YearScores


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
    evidence += [f"{title_of(one.period)}{one.measure}，已由{'、'.join(one.signatures)}批准" for one in approved]
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
