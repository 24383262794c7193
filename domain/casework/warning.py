"""Early notice (预警): who is one black flag before a trigger, told in private with what can be done about it (S89)."""

from collections import Counter
from collections.abc import Sequence

from domain.accountability import FlagCount, count_flags
from domain.assessment import SequenceKind
from domain.casework import month as months
from domain.casework.work import Work
from domain.effects import Effects, LedgerEvent
from domain.month import Month
from domain.printed import Party, PrintedMonth
from domain.texts.accountability import EarlyNotice, Outlook

STREAM = "accountability"  # of the ledger

_MAIN_LOSSES = 3


async def warned(work: Work, effects: Effects, history: Sequence[PrintedMonth]) -> dict[str, list[EarlyNotice]]:
    """Return the warnings of the latest month by who is concerned, once; they are noted in the effects."""
    latest = history[-1]
    run = ("early_notice", str(latest.month))
    if await work.view.claimed(*run):
        return {}
    rules = work.rules.quarterly.accountability
    rule = rules.on(latest.month.first)
    counts = count_flags(history, rules)
    effects.claims.append(run)
    concerned: dict[str, list[EarlyNotice]] = {}
    for party in sorted(counts):
        count = counts[party]
        if count.flags[-1:] != [latest.month] or not count.is_near(rule) or count.entries_in([latest.month]):
            continue
        warning = EarlyNotice(count, rule, await _outlook(work, party), tuple(await _losses(work, latest, party)))
        people = contacts(work, *party) + _in_charge(work, *party)
        # "": the office hears of it even where nobody answers for the party
        for person in dict.fromkeys([*people, ""]):
            concerned.setdefault(person, []).append(warning)
        effects.events.append(LedgerEvent(STREAM, "warned", _facts(latest.month, count)))
    return concerned


def _facts(month: Month, count: FlagCount) -> dict[str, object]:
    return {"month": str(month), "sequence": count.sequence.value, "streak": count.streak, "total": count.year_total}


def contacts(work: Work, sequence: SequenceKind, subject: str) -> list[str]:
    """Return who answers for a party today: township heads, the unit's segment chiefs, the second-level chief himself."""
    segments = work.roster.on(work.day)
    if sequence is SequenceKind.TOWNSHIP:
        return [s.township_head for s in segments if s.township == subject]
    if sequence is SequenceKind.UNIT:
        return [s.chief for s in segments if s.has_unit and s.unit == subject]
    return [subject] if sequence is SequenceKind.SECOND_LEVEL else []


def _in_charge(work: Work, sequence: SequenceKind, subject: str) -> list[str]:
    """Return the leader in charge: of a township its first-level chief (S24)."""
    is_town = sequence is SequenceKind.TOWNSHIP
    return [s.first_level for s in work.roster.on(work.day) if is_town and s.township == subject]


async def _outlook(work: Work, party: Party) -> Outlook | None:
    """Return how a party stands in the running month, None before anything was inspected in it."""
    scores = await months.scores_of(work, work.rules.month(work.now))
    lists = scores.of(party[0]) if scores.coverage.visits else []
    for listed in lists:
        for row in listed.rows:
            if row.subject == party[1]:
                better = [other.score for other in listed.rows if other.rank is not None and other.score > row.score]
                return Outlook(row.score, min(better) - row.score if better else None)
    return None


async def _losses(work: Work, latest: PrintedMonth, party: Party) -> list[str]:
    """Return the categories that cost most findings in a published month."""
    period = await months.period_of(work, latest.month)
    figures = await months.figures_of(work, period)
    found = Counter(
        deduction["category"]
        for listed in figures["sequences"]
        if listed["sequence"] == party[0].value
        for row in listed["rows"]
        if row["subject"] == party[1]
        for deduction in row["deductions"]
    )
    names = {row.code: row.name for row in work.rules.categories.rows}
    return [f"{names.get(code, code)}{count}处" for code, count in found.most_common(_MAIN_LOSSES)]
