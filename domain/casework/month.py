"""A month's figures, from what was found, and how far the month has come."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from domain import standings
from domain.appeal import open_count
from domain.assessment import SequenceKind
from domain.case import Case
from domain.casework import votes
from domain.casework.work import Work
from domain.effects import Effects, LedgerEvent, PeriodState
from domain.finding import as_scored
from domain.ledger import canonical
from domain.month import Month
from domain.period import Period
from domain.ports import CaseQuery
from domain.ranking import CaseFigures
from domain.scores import SequenceScores
from domain.scoring import Evidence, Scores, score_month, standing_so_far
from domain.tally import less

MOST_CASES = 200_000


async def evidence_of(work: Work, month: Month) -> Evidence:
    """Return what the month's score is computed from."""
    start, end = month.start(work.rules.zone), month.end(work.rules.zone)
    findings = await work.view.findings(start, end)
    due = await work.view.cases(CaseQuery(due_since=start, due_before=end, limit=MOST_CASES))
    ballot = await votes.ballot_of(work, month)
    return Evidence(
        findings,
        work.roster,
        _case_figures(due, work),
        ratings=ballot.means(SequenceKind.UNIT),
        department_ratings=ballot.means(SequenceKind.DEPARTMENT),
        shops=await votes.readable_shops(work, month),
    )


def _case_figures(cases: Iterable[Case], work: Work) -> dict[tuple[SequenceKind, str], CaseFigures]:
    """Return overdue, reworked and due counts by subject, for ties only (S45b): cases opened by findings alone (S42)."""
    held: dict[tuple[SequenceKind, str], list[Case]] = defaultdict(list)
    for case in cases:
        if case.inspector and case.segment:
            held[SequenceKind.TOWNSHIP, case.township].append(case)
            held[SequenceKind.SECOND_LEVEL, case.chain.second_level].append(case)
            if case.chain.has_unit:
                held[SequenceKind.UNIT, case.chain.unit].append(case)
    return {
        key: CaseFigures(
            overdue=sum(_is_overdue(case, work.now) for case in found),
            reworked=sum(bool(case.reworks) for case in found),
            due=len(found),
        )
        for key, found in held.items()
    }


def _is_overdue(case: Case, now: datetime) -> bool:
    if case.due is None:
        return False
    return (case.resolved_at or now) > case.due


async def scores_of(work: Work, month: Month) -> Scores:
    """Return the month's figures: whole when it is over, else as they stand."""
    evidence = await evidence_of(work, month)
    if work.now < month.end(work.rules.zone):
        return standing_so_far(month, evidence, work.rules.scoring, work.now)
    return score_month(month, evidence, work.rules.scoring)


async def standing_of(work: Work, month: Month) -> tuple[SequenceScores, ...]:
    """Return the lists of a running month as they stand, without the deductions of each row.

    From the sums that are kept at every write, so that it costs the same however many findings there are.
    """
    settings, zone = work.rules.scoring, work.rules.zone
    if not standings.can_be_summed(month, settings):
        return (await scores_of(work, month)).sequences
    start, end, inspected = month.start(zone), month.end(zone), work.view.inspected
    ballot = await votes.ballot_of(work, month)
    if ballot.means(SequenceKind.DEPARTMENT) or await votes.readable_shops(work, month):
        return (await scores_of(work, month)).sequences  # departments are scored by the deductions' categories
    whole = await inspected.tally(start, end, month)
    ahead = await inspected.tally(max(work.now, start), end, None)  # entered before their time
    changed = standings.to_be_listed(work.roster, month, settings, work.now)
    listed = await inspected.findings_on(changed, start, min(work.now, end)) if changed else []
    due = await work.view.cases(CaseQuery(due_since=start, due_before=end, limit=MOST_CASES))
    sums = standings.Sums(
        less(whole, ahead), work.roster, as_scored(listed), _case_figures(due, work), ballot.means(SequenceKind.UNIT)
    )
    ranked = standings.rank(month, sums, settings, work.now)
    return (await scores_of(work, month)).sequences if ranked is None else ranked


async def figures_of(work: Work, period: Period) -> dict[str, Any]:
    """Return a frozen month's figures as they were published; of a signed one not yet announced as they stand."""
    return await published_figures(work, period) or (await scores_of(work, period.month)).to_json()


async def published_figures(work: Work, period: Period) -> dict[str, Any] | None:
    """Return a month's figures as its latest announcement had them, None before the first."""
    stored: dict[str, Any] | None = None
    if period.is_published:
        stored = await work.view.setting(figures_key(period))
    return stored


def figures_key(period: Period) -> str:
    """Return the key under which the figures of a month's version are kept."""
    return f"figures:{period.month}:{period.version}"


async def period_of(work: Work, month: Month) -> Period:
    """Return how far a month has come."""
    stored = await work.view.period(str(month))
    return Period.from_facts(month, stored.facts if stored else {})


async def keep(
    work: Work, period: Period, kind: str, by: str = "", words: dict[str, str] | None = None, **facts: object
) -> Effects:
    """Return the record of a period's step, in the ledger too; facts of earlier steps stay on record."""
    before = await work.view.period(str(period.month))
    stored = {**(before.facts if before else {}), **period.to_facts(), **facts}
    persons = {"by": by} if by else {}
    known = {"stage": period.stage.value, "version": period.version, **facts}
    event = LedgerEvent(f"period:{period.month}", kind, known, persons, words or {})
    return Effects(periods=[PeriodState(str(period.month), stored)], events=[event])


async def open_appeals(work: Work, month: Month) -> int:
    """Return how many appeals about a month wait for a decision; they hold its publication (S92)."""
    return open_count(await work.view.inspected.appeals(str(month)))


def digest_of(scores: Scores) -> str:
    """Return the hash of a month's figures, for the ledger."""
    return hashlib.sha256(canonical(scores.to_json()).encode()).hexdigest()
