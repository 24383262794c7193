"""The month's end: figures from the findings, and the steps of a period's life (草稿、异议、通报、暂缓)."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from domain import standings
from domain.appeal import open_count
from domain.assessment import SequenceKind
from domain.case import Case
from domain.casework import objecting, votes
from domain.casework.kept import ready
from domain.casework.work import Work
from domain.comparison import differences
from domain.effects import Effects, LedgerEvent, Notice, PeriodState, Timer, ToPurpose
from domain.finding import as_scored
from domain.ledger import canonical
from domain.month import Month, Quarter
from domain.period import Period, Plan, Stage
from domain.ports import CaseQuery
from domain.quarter import groups_key
from domain.ranking import CaseFigures
from domain.scores import SequenceScores
from domain.scoring import Evidence, Scores, score_month, standing_so_far
from domain.tally import less
from domain.texts import leadership, shops

APPROVAL = "standing_approval"  # setting: person ids of those who approved automatic publication
ENOUGH = 2
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
        stored = await work.view.setting(_figures_key(period))
    return stored


def _figures_key(period: Period) -> str:
    return f"figures:{period.month}:{period.version}"


def _correction_key(period: Period) -> str:
    return f"correction:{period.month}:{period.version}"


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


async def approval_of(work: Work) -> list[str]:
    """Return the person ids of the standing approval."""
    return list(await work.view.setting(APPROVAL) or [])


async def approve(work: Work, by: str) -> tuple[list[str], Effects]:
    """Return the standing approval with one more named person; two make it valid."""
    people = await approval_of(work)
    if by not in people:
        people.append(by)
    effects = Effects(settings={APPROVAL: people})
    effects.events.append(LedgerEvent("publication", "standing_approval", {"persons": len(people)}, {"by": by}))
    return people, effects


async def open_appeals(work: Work, month: Month) -> int:
    """Return how many appeals about a month wait for a decision; they hold its publication (S92)."""
    return open_count(await work.view.inspected.appeals(str(month)))


async def draft(work: Work, month: Month) -> Effects:
    """Return the month drafted and its objection window open; the office hears the figures.

    A month that somebody has brought further by hand stays as it is.
    """
    period = await period_of(work, month)
    plan = work.rules.plan(month)
    if period.stage is not Stage.OPEN:
        return Effects()
    opened = period.draft(work.now, plan).open_objections(work.now, plan)
    scores = await scores_of(work, month)
    effects = await keep(work, opened, "drafted", scores=digest_of(scores), planned=_put_off(work, plan, month))
    names = [work.w.name(p) for p in await approval_of(work)]
    obstacles = opened.obstacles(plan, await open_appeals(work, month), names)
    text = leadership.draft_notice(scores, opened, obstacles, is_signed=plan.rule.is_signed, zone=work.rules.zone)
    effects.notices.append(Notice(f"draft:{month}", ToPurpose("office"), text, "draft"))
    effects.notices += objecting.notices(work, month, opened, scores)
    effects.notices += await votes.shops_awaited(work, month)
    if opened.publish_at is not None:
        effects.timers.append(Timer(f"publish:{month}", "publish", str(month), opened.publish_at))
    return effects


def _put_off(work: Work, plan: Plan, month: Month) -> str | None:
    """Return the day for which a month was planned whose draft downtime has put off, else None."""
    drafted_at = plan.draft_at(month)
    if work.now - drafted_at <= work.rules.waits.late:
        return None
    return work.rules.day(plan.publish_at(work.rules.day(drafted_at))).isoformat()


async def publish(work: Work, month: Month) -> Effects:
    """Return the month published by the clock, or put off to the next working day with the office told why."""
    period = await period_of(work, month)
    plan = work.rules.plan(month)
    names = [work.w.name(p) for p in await approval_of(work)]
    obstacles = await _obstacles(work, period, names)
    if obstacles:
        later = period.postpone(work.now, plan)
        effects = await keep(work, later, "postponed", obstacles=len(obstacles))
        text = leadership.postponed(later, obstacles, work.rules.zone)
        key = f"blocked:{month}:{work.day}"
        effects.notices.append(Notice(key, ToPurpose("office"), text, "blocked"))
        return effects
    done = period.publish(work.now, plan, 0, names)
    return await announce(work, done, makes_up_for=await _makes_up_for(work, period))


async def _obstacles(work: Work, period: Period, names: Sequence[str]) -> list[str]:
    """Return all that keeps a month from being published by the clock."""
    found = period.obstacles(work.rules.plan(period.month), await open_appeals(work, period.month), names)
    if period.is_frozen and await _has_changed(work, period):
        found.append("定稿后数据有变化，请核对后由两人署名立即通报")
    return found


async def to_be_published(work: Work, month: Month) -> Period | None:
    """Return a month as it will be once the clock has published it, None when that is not to come or is blocked."""
    period = await period_of(work, month)
    if period.publish_at is None or period.is_published:
        return None
    names = [work.w.name(p) for p in await approval_of(work)]
    if await _obstacles(work, period, names):
        return None
    return period.publish(max(work.now, period.publish_at), work.rules.plan(month), 0, names)


async def _makes_up_for(work: Work, period: Period) -> date | None:
    """Return the day for which a publication now makes up, None when it is in time."""
    stored = await work.view.period(str(period.month))
    planned = stored.facts.get("planned") if stored else None
    if planned:
        return date.fromisoformat(planned)
    late = period.is_made_up(work.now) and period.publish_at is not None
    return work.rules.day(period.publish_at) if late and period.publish_at else None


async def _has_changed(work: Work, period: Period) -> bool:
    """Tell whether the figures differ from those that were signed."""
    stored = await work.view.period(str(period.month))
    signed = stored.facts.get("scores") if stored else None
    return signed is not None and signed != digest_of(await scores_of(work, period.month))


async def publish_now(work: Work, month: Month, names: Sequence[str], *, without_shops: bool = False) -> Effects:
    """Return the month frozen and published at once on two persons' word."""
    return await announce(work, await published_now(work, month, names, without_shops=without_shops))


async def published_now(work: Work, month: Month, names: Sequence[str], *, without_shops: bool = False) -> Period:
    """Return a month as it is once two persons have published it. Raises RuleError where they may not.

    As when it is signed: not while the shops' objection time runs, unless they are to be left out (S65).
    """
    period = await period_of(work, month)
    done = period.publish_now(work.now, work.rules.plan(month), names, await open_appeals(work, month))
    if not without_shops:
        await votes.require_shops_settled(work, month, shops.PUBLISH_WITHOUT)
    return done


async def announce(
    work: Work,
    period: Period,
    makes_up_for: date | None = None,
    *,
    scores: Scores | None = None,
    correction: leadership.Correction | None = None,
) -> Effects:
    """Return the frozen figures in the ledger and their announcement in the leadership groups, once each.

    scores: the figures where they are not those of what is stored. correction: what a later version says of this one.
    """
    scores = scores or await scores_of(work, period.month)
    head = await work.view.head()
    figures = scores.to_json(head)
    published_on = work.day.isoformat()
    kind = "corrected" if correction else "published"
    effects = await keep(work, period, kind, scores=digest_of(scores), published_on=published_on)
    effects.settings[_figures_key(period)] = figures
    if correction:
        effects.settings[_correction_key(period)] = correction.to_facts()
    if work.rules.groups and period.version == 1:
        # a run of last places asks later how the groups stood then (S85a)
        effects.settings[groups_key(Quarter.of(period.month))] = [group.to_facts() for group in work.rules.groups]
    bulletin = await bulletin_of(work, period, scores, makes_up_for, correction)
    key = bulletin_key(period)
    made = await ready(work, key, fingerprint_of(bulletin))
    text = leadership.announcement(replace(bulletin, attachments=made.titles))
    notice = Notice(key, ToPurpose("leadership"), text, "bulletin", photos=made.photos, files=made.files)
    effects.notices.append(notice)
    # what the figures lead to is worked out apart: it must not hold up their publication
    effects.timers.append(Timer(f"settle:{period.month}:{period.version}", "settle", str(period.month), work.now))
    return effects


def bulletin_key(period: Period) -> str:
    """Return the key of a month's announcement and of the documents that go with it."""
    return f"bulletin:{period.month}:{period.version}"


async def bulletin_of(
    work: Work,
    period: Period,
    scores: Scores | None = None,
    makes_up_for: date | None = None,
    correction: leadership.Correction | None = None,
) -> leadership.Bulletin:
    """Return what a month's announcement says when it is made now; of a corrected one that is out, what it corrects."""
    appeals = await work.view.inspected.appeals(str(period.month))
    assessment = work.rules.scoring.assessments.on(period.month.first)
    return leadership.Bulletin(
        scores=scores or await scores_of(work, period.month),
        rule_title=f"{work.rules.city}{work.rules.rule_title}",
        category_names={row.code: row.name for row in work.rules.categories.rows},
        published_on=await published_on(work, period),
        head=await work.view.head(),
        city=work.rules.city,
        cutoffs=assessment.cutoffs,
        goals=work.rules.frame.on(period.month.first).goals,
        targets=((leadership.LIT_RATE, assessment.lit_rate), (leadership.PURIFIERS, assessment.purifiers)),
        makes_up_for=makes_up_for,
        appeals=len(appeals),
        appeals_accepted=sum(appeal.is_won for appeal in appeals),
        correction=correction or await _correction_of(work, period),
    )


async def _correction_of(work: Work, period: Period) -> leadership.Correction | None:
    """Return what the latest version of a month corrects, as its notice said; None of a first version."""
    facts = await work.view.setting(_correction_key(period))
    if not facts:
        return None
    old, new = [await work.view.setting(f"figures:{period.month}:{n}") for n in (period.version - 1, period.version)]
    return leadership.Correction.from_facts(facts, differences(old, new), period.signed_by)


async def published_on(work: Work, period: Period) -> date:
    """Return the day that a month's announcement bears: its own once it is out, else today."""
    stored = await work.view.period(str(period.month)) if period.is_published else None
    day = stored.facts.get("published_on") if stored and stored.facts.get("version") == period.version else None
    return date.fromisoformat(day) if day else work.day


def fingerprint_of(bulletin: leadership.Bulletin) -> str:
    """Return what two announcements of the same figures, head and day have in common."""
    said = {
        "figures": bulletin.scores.to_json(bulletin.head),
        "day": bulletin.published_on.isoformat(),
        "appeals": [bulletin.appeals, bulletin.appeals_accepted],
        "corrects": bulletin.correction.to_facts() if bulletin.correction else None,
    }
    return hashlib.sha256(canonical(said).encode()).hexdigest()


def digest_of(scores: Scores) -> str:
    """Return the hash of a month's figures, for the ledger."""
    return hashlib.sha256(canonical(scores.to_json()).encode()).hexdigest()


async def hold(work: Work, month: Month, by: str, reason: str) -> tuple[Period, Effects]:
    """Return the month held (暂缓通报)."""
    held = (await period_of(work, month)).hold(reason)
    return held, await keep(work, held, "held", by, {"reason": reason})


async def release(work: Work, month: Month, by: str) -> tuple[Period, Effects]:
    """Return the month released (恢复通报)."""
    free = (await period_of(work, month)).release()
    return free, await keep(work, free, "released", by)


async def sign(work: Work, month: Month, by: str, *, without_shops: bool = False) -> tuple[Period, Effects]:
    """Return the month signed (定稿) by a named person.

    Raises WrongState while the shops' objection time runs, unless they are to be left out of the month (S65).
    """
    period, plan = await period_of(work, month), work.rules.plan(month)
    signed = period.sign(work.now, plan, work.w.name(by), await open_appeals(work, month))
    if not without_shops:
        await votes.require_shops_settled(work, month, shops.sign_without(month))
    return signed, await keep(work, signed, "signed", by, scores=digest_of(await scores_of(work, month)))
