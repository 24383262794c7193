"""Corrections (更正): figures that are out change only by a later notice that names the old one, on two persons' word.

The old version stays; what is wrong with a finding is changed in the same commit, so that nothing ever counts that no
notice has told of. The notice carries its documents as the first one did, marked 更正.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from domain.appeal import Appeal
from domain.casework import month as months
from domain.casework import outlook, publication
from domain.casework.appealing import relieved
from domain.casework.deducting import stream_of
from domain.casework.work import Work
from domain.comparison import differences
from domain.effects import Effects, LedgerEvent
from domain.errors import Missing, NotFound, RuleError, WrongState
from domain.finding import CORRECTION, LATE, ZERO, Finding, facts_of
from domain.month import Month
from domain.period import Period
from domain.scores import Scores
from domain.scoring import Evidence, score_month
from domain.texts.leadership import Correction


@dataclass(frozen=True, slots=True)
class Wanted:
    """What two persons want changed; what appeals have won and what was placed since is added by itself."""

    withdrawn: Sequence[Finding] = ()
    points: Mapping[str, Decimal] = field(default_factory=dict)  # by key of the finding
    added: Sequence[Finding] = ()  # left out when the month was frozen


@dataclass(frozen=True, slots=True)
class Corrected:
    """A month's next version: its figures, what they come from, and what the notice says of the version before."""

    period: Period
    correction: Correction
    evidence: Evidence
    scores: Scores
    findings: tuple[Finding, ...]  # as they will be
    appeals: tuple[Appeal, ...]  # that are counted with it


async def worked_out(work: Work, month: Month, signed_by: Sequence[str], reason: str, wanted: Wanted) -> Corrected:
    """Return the month's next version without storing anything of it.

    Raises WrongState before the month is published and when nothing would change, Missing without a reason or a second
    name, RuleError for a finding of another month.
    """
    period = await months.period_of(work, month)
    done = period.correct(signed_by)
    if not reason.strip():
        raise Missing("请写明更正原因，如 --reason 复核误录。")
    appeals = [one for one in await work.view.inspected.appeals(str(month)) if one.awaits_correction]
    changed = await _changed(work, month, wanted, appeals)
    evidence = await outlook.evidence_if(work, month, changed)
    scores = score_month(month, evidence, work.rules.scoring)
    old = await months.published_figures(work, period) or {"period": str(month), "sequences": []}
    changes = differences(old, scores.to_json())
    if not changes:
        raise WrongState(f"{month.title}的数据没有变化，无需更正。")
    stored = await work.view.period(str(month))
    day = stored.facts.get("published_on") if stored else None
    published_on = date.fromisoformat(day) if day else None
    correction = Correction(
        period.version, published_on, old.get("head", ""), reason.strip(), changes, done.signed_by
    )  # fmt: skip
    return Corrected(done, correction, evidence, scores, tuple(changed), tuple(appeals))


async def corrected(work: Work, done: Corrected) -> Effects:
    """Return the next version published, with everything that goes with it."""
    effects = await publication.announce(work, done.period, scores=done.scores, correction=done.correction)
    effects.findings += done.findings
    effects.events += [_event(one, done.correction.reason) for one in done.findings]
    effects.appeals += [replace(one, awaits_correction=False) for one in done.appeals]
    return effects


async def _changed(work: Work, month: Month, wanted: Wanted, appeals: Sequence[Appeal]) -> list[Finding]:
    changed = {one.key: replace(one, withdrawn="") for one in await _late(work, month)}
    changed |= {one.key: replace(one, withdrawn=CORRECTION) for one in wanted.withdrawn}
    for key, points in wanted.points.items():
        found = changed.get(key) or await _finding(work, key)
        changed[key] = replace(found, points=points, by_book=False)
    for appeal in appeals:
        left = appeal.final.points if appeal.final else ZERO
        changed.setdefault(appeal.finding, relieved(await _finding(work, appeal.finding), left))
    changed |= {one.key: await _numbered(work, one) for one in wanted.added}
    for finding in changed.values():
        if Month.of(finding.found_at, work.rules.zone) != month:
            raise RuleError(f"{finding.label}不属于{month.title}，不能在该月更正。")
    return list(changed.values())


async def _late(work: Work, month: Month) -> list[Finding]:
    zone = work.rules.zone
    found = await work.view.inspected.findings(month.start(zone), month.end(zone))
    return [one for one in found if one.withdrawn == LATE]


async def _numbered(work: Work, finding: Finding) -> Finding:
    if not finding.category or finding.number:
        return finding
    year = Month.of(finding.found_at, work.rules.zone).year
    return replace(finding, number=await work.view.inspected.next_finding(year))


async def _finding(work: Work, key: str) -> Finding:
    found = await work.view.inspected.finding(key)
    if found is None:
        raise NotFound(f"没有督查问题{key}。")
    return found


def _event(finding: Finding, reason: str) -> LedgerEvent:
    facts = {**facts_of(finding), "withdrawn": finding.withdrawn}  # whole: it may have been left out before
    return LedgerEvent(stream_of(finding), "correction", facts, words={"reason": reason})
