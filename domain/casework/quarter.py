"""The quarter's end: frozen months read back, groups as they stood, figures of a quarter (S75, S97a)."""

from collections.abc import Sequence

from domain.casework import month as months
from domain.casework.work import Work
from domain.month import Month, Quarter
from domain.period import Period
from domain.printed import PrintedMonth
from domain.quarter import Group, QuarterScores, groups_key, score_quarter
from domain.yearly import YearScores, score_year


async def frozen_months(work: Work, until: Month) -> list[PrintedMonth]:
    """Return every frozen month up to `until`, in order, as it was printed; a corrected one as corrected."""
    found = []
    for state in await work.view.periods():
        period = Period.from_facts(Month.parse(state.period), state.facts)
        if period.month <= until and period.is_frozen:
            found.append(PrintedMonth.from_json(await months.figures_of(work, period)))
    return found


async def quarter_of(work: Work, quarter: Quarter) -> QuarterScores:
    """Return a quarter's figures; empty while one of its months is not frozen."""
    history = await frozen_months(work, quarter.last)
    earlier = await _recorded(work, history)

    # the latest quarter's groups may still be put right; once the next is being published it stands as it was paid
    is_past = await _is_past(work, quarter)

    def groups_of(asked: Quarter) -> Sequence[Group]:
        recorded = earlier.get(asked) if is_past or asked != quarter else None
        return recorded or work.rules.groups

    return score_quarter(quarter, history, groups_of, work.rules.quarterly)


async def _is_past(work: Work, quarter: Quarter) -> bool:
    states = await work.view.periods()
    periods = (Period.from_facts(Month.parse(state.period), state.facts) for state in states)
    return any(period.is_published and period.month > quarter.last for period in periods)


async def _recorded(work: Work, history: Sequence[PrintedMonth]) -> dict[Quarter, tuple[Group, ...]]:
    """Return the groups as they stood when a quarter's months were published; what was not recorded is left out."""
    found: dict[Quarter, tuple[Group, ...]] = {}
    for quarter in {Quarter.of(printed.month) for printed in history}:
        facts = await work.view.setting(groups_key(quarter))
        if facts:
            found[quarter] = tuple(Group.from_facts(group) for group in facts)
    return found


async def year_of(work: Work, year: int) -> YearScores:
    """Return a year's figures from its frozen months."""
    funding = work.rules.quarterly.funding.on(Month(year, 12).last)
    return score_year(year, await frozen_months(work, Month(year, 12)), funding.target_share)
