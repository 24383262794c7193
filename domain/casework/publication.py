"""The steps of a month's life: drafted, objected to, held, signed, published (草稿、异议、暂缓、定稿、通报)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from domain.casework import bulletin as bulletins
from domain.casework import month as months
from domain.casework import objecting, votes
from domain.casework.kept import ready
from domain.casework.work import Work
from domain.effects import Effects, LedgerEvent, Notice, Timer, ToPurpose
from domain.month import Month, Quarter
from domain.period import Period, Plan, Stage
from domain.quarter import groups_key
from domain.scoring import Scores
from domain.texts import leadership, shops

APPROVAL = "standing_approval"  # setting: person ids of those who approved automatic publication


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


async def draft(work: Work, month: Month) -> Effects:
    """Return the month drafted and its objection window open; the office hears the figures.

    A month that somebody has brought further by hand stays as it is.
    """
    period = await months.period_of(work, month)
    plan = work.rules.plan(month)
    if period.stage is not Stage.OPEN:
        return Effects()
    opened = period.draft(work.now, plan).open_objections(work.now, plan)
    scores = await months.scores_of(work, month)
    effects = await months.keep(
        work, opened, "drafted", scores=months.digest_of(scores), planned=_put_off(work, plan, month)
    )
    names = [work.w.name(p) for p in await approval_of(work)]
    obstacles = opened.obstacles(plan, await months.open_appeals(work, month), names)
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
    period = await months.period_of(work, month)
    plan = work.rules.plan(month)
    names = [work.w.name(p) for p in await approval_of(work)]
    obstacles = await _obstacles(work, period, names)
    if obstacles:
        later = period.postpone(work.now, plan)
        effects = await months.keep(work, later, "postponed", obstacles=len(obstacles))
        text = leadership.postponed(later, obstacles, work.rules.zone)
        key = f"blocked:{month}:{work.day}"
        effects.notices.append(Notice(key, ToPurpose("office"), text, "blocked"))
        return effects
    done = period.publish(work.now, plan, 0, names)
    return await announce(work, done, makes_up_for=await _makes_up_for(work, period))


async def _obstacles(work: Work, period: Period, names: Sequence[str]) -> list[str]:
    """Return all that keeps a month from being published by the clock."""
    found = period.obstacles(work.rules.plan(period.month), await months.open_appeals(work, period.month), names)
    if period.is_frozen and await _has_changed(work, period):
        found.append("定稿后数据有变化，请核对后由两人署名立即通报")
    return found


async def to_be_published(work: Work, month: Month) -> Period | None:
    """Return a month as it will be once the clock has published it, None when that is not to come or is blocked."""
    period = await months.period_of(work, month)
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
    return signed is not None and signed != months.digest_of(await months.scores_of(work, period.month))


async def publish_now(work: Work, month: Month, names: Sequence[str], *, without_shops: bool = False) -> Effects:
    """Return the month frozen and published at once on two persons' word."""
    return await announce(work, await published_now(work, month, names, without_shops=without_shops))


async def published_now(work: Work, month: Month, names: Sequence[str], *, without_shops: bool = False) -> Period:
    """Return a month as it is once two persons have published it. Raises RuleError where they may not.

    As when it is signed: not while the shops' objection time runs, unless they are to be left out (S65).
    """
    period = await months.period_of(work, month)
    done = period.publish_now(work.now, work.rules.plan(month), names, await months.open_appeals(work, month))
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
    scores = scores or await months.scores_of(work, period.month)
    head = await work.view.head()
    figures = scores.to_json(head)
    published_on = work.day.isoformat()
    kind = "corrected" if correction else "published"
    effects = await months.keep(work, period, kind, scores=months.digest_of(scores), published_on=published_on)
    effects.settings[months.figures_key(period)] = figures
    if correction:
        effects.settings[bulletins.correction_key(period)] = correction.to_facts()
    if work.rules.groups and period.version == 1:
        # a run of last places asks later how the groups stood then (S85a)
        effects.settings[groups_key(Quarter.of(period.month))] = [group.to_facts() for group in work.rules.groups]
    bulletin = await bulletins.bulletin_of(work, period, scores, makes_up_for, correction)
    key = bulletins.bulletin_key(period)
    made = await ready(work, key, bulletins.fingerprint_of(bulletin))
    text = leadership.announcement(replace(bulletin, attachments=made.titles))
    notice = Notice(key, ToPurpose("leadership"), text, "bulletin", photos=made.photos, files=made.files)
    effects.notices.append(notice)
    # what the figures lead to is worked out apart: it must not hold up their publication
    effects.timers.append(Timer(f"settle:{period.month}:{period.version}", "settle", str(period.month), work.now))
    return effects


async def hold(work: Work, month: Month, by: str, reason: str) -> tuple[Period, Effects]:
    """Return the month held (暂缓通报)."""
    held = (await months.period_of(work, month)).hold(reason)
    return held, await months.keep(work, held, "held", by, {"reason": reason})


async def release(work: Work, month: Month, by: str) -> tuple[Period, Effects]:
    """Return the month released (恢复通报)."""
    free = (await months.period_of(work, month)).release()
    return free, await months.keep(work, free, "released", by)


async def sign(work: Work, month: Month, by: str, *, without_shops: bool = False) -> tuple[Period, Effects]:
    """Return the month signed (定稿) by a named person.

    Raises WrongState while the shops' objection time runs, unless they are to be left out of the month (S65).
    """
    period, plan = await months.period_of(work, month), work.rules.plan(month)
    signed = period.sign(work.now, plan, work.w.name(by), await months.open_appeals(work, month))
    if not without_shops:
        await votes.require_shops_settled(work, month, shops.sign_without(month))
    return signed, await months.keep(
        work, signed, "signed", by, scores=months.digest_of(await months.scores_of(work, month))
    )
