"""A month's announcement (通报): what it says, of a correction too, and what makes two of them the same."""

import hashlib
from datetime import date

from domain.casework import month as months
from domain.casework.work import Work
from domain.comparison import differences
from domain.ledger import canonical
from domain.period import Period
from domain.scoring import Scores
from domain.texts import leadership


def correction_key(period: Period) -> str:
    """Return the key under which the latest version of a month says what it corrects."""
    return f"correction:{period.month}:{period.version}"


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
        scores=scores or await months.scores_of(work, period.month),
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
    facts = await work.view.setting(correction_key(period))
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
