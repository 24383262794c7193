"""What each export is made of: frozen months, quarters and years, and nothing that is not yet fixed (S75).

The lists of patrols and duty are none of the results: they say how a month stands today.
"""

import re
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from domain import exports, exports_review
from domain.accountability import count_flags
from domain.assessment import SequenceKind
from domain.case import Case
from domain.casework import accountability, patrolling, votes
from domain.casework import bulletin as bulletins
from domain.casework import month as months
from domain.casework import quarter as quarters
from domain.casework.work import Work
from domain.categories import FIELDS
from domain.errors import RuleError, WrongState
from domain.exports import Listing, Reader
from domain.indicators import rates
from domain.month import Month, Quarter, titles
from domain.organisation import OFFICE_DEPUTY, LeadingGroup, leading_group, office_bodies, post_title
from domain.ports import CaseQuery
from domain.printed import Party, PrintedMonth
from domain.proposals import ProposalKind
from domain.quarter import QuarterScores
from domain.roster import Role
from domain.texts import patrols as patrol_texts
from domain.texts import shops as texts
from domain.texts.papers.press import PressFacts
from domain.yearly import YearScores

_YEAR = re.compile("[0-9]{4}")
# who gets the bulletin (S71): the four leading bodies, the leading group, the office and the departments
_READERS = (Role.GENERAL, Role.LEADER, Role.FIRST_LEVEL, Role.TOWNSHIP_HEAD, Role.OFFICE, Role.DEPARTMENT)


@dataclass(frozen=True, slots=True)
class Export:
    """One kind of export: what its period is, and how its lists are made."""

    name: str  # in Chinese, for the help
    gather: Callable[[Work, str], Awaitable[list[Listing]]]
    tell: Callable[[Work, str], Awaitable[PressFacts]] | None = None  # what its text is made of


async def _finance(work: Work, period: str) -> list[Listing]:
    scores = await _quarter(work, period)
    proposals = await accountability.of_period(work, str(scores.quarter))
    problems: Counter[str] = Counter()
    for month in scores.quarter.months:
        problems += await _problems(work, month)
    names, basis = _category_names(work), await _basis(work, *scores.rules)
    return [exports.finance(scores, proposals, basis), exports.upkeep(str(scores.quarter), problems, names, basis)]


async def _review(work: Work, period: str) -> list[Listing]:
    scores = await _quarter(work, period)
    quarter, basis = str(scores.quarter), await _basis(work, *scores.rules)
    printed = [p for p in await quarters.frozen_months(work, scores.quarter.last) if p.month in scores.quarter.months]
    found = {month: await _problems(work, month) for month in scores.quarter.months}
    return [
        exports_review.review(scores, basis),
        exports_review.review_flags(quarter, printed, basis),
        exports_review.review_problems(quarter, found, _category_names(work), basis),
        exports_review.review_people(quarter, _invited(work), basis),
    ]


def _category_names(work: Work) -> dict[str, tuple[str, str]]:
    categories = work.rules.categories
    return {row.code: (row.name, categories.department_name(row.code)) for row in categories.rows}


async def _problems(work: Work, month: Month) -> Counter[str]:
    """Return how many findings of each category a frozen month counts; every segment is in one township."""
    figures = await months.figures_of(work, await months.period_of(work, month))
    return Counter(
        deduction["category"]
        for listed in figures["sequences"]
        if listed["sequence"] == SequenceKind.TOWNSHIP.value
        for row in listed["rows"]
        for deduction in row["deductions"]
    )


async def _appraisal(work: Work, period: str) -> list[Listing]:
    scores = await _year(work, period)
    funding = work.rules.quarterly.funding.on(Month(scores.year, 12).last)
    return [exports.appraisal(scores, funding.target_share, await _basis(work, funding.name))]


async def _civilised(work: Work, period: str) -> list[Listing]:
    return [exports.civilised(await _year(work, period), await _basis(work))]


async def _cadre(work: Work, period: str) -> list[Listing]:
    scores = await _year(work, period)
    history = await quarters.frozen_months(work, scores.months[-1])
    counts = count_flags(history, work.rules.quarterly.accountability)
    year = [p for p in await accountability.all_proposals(work) if p.period.startswith(str(scores.year))]
    return [exports.cadre(scores, counts, year, await _basis(work))]


async def _awards(work: Work, period: str) -> list[Listing]:
    scores = await _year(work, period)
    given: dict[Party, tuple[int, str]] = {
        (p.sequence, p.subject): (p.amount or 0, exports.approval(p))
        for p in await accountability.of_period(work, str(scores.year))
        if p.kind is ProposalKind.AWARD and not p.is_withdrawn
    }
    return [exports.awards(scores, given, await _basis(work))]


async def _media(work: Work, period: str) -> list[Listing]:
    """Return the scores, the shops once they are named, and who gets the same (S70, S71)."""
    published = await _published(work, period)
    shops = [one for one in await _shops(work, period) if one.rows]
    listed = exports.media(published, await _basis(work))
    return [listed, *shops, *await _distribution(work, period)]


async def press_facts(work: Work, period: str) -> PressFacts:
    """Return what the media's text of a month prints. Raises WrongState before the month is published."""
    printed = await _published(work, period)
    kept, names = await months.period_of(work, printed.month), _category_names(work)
    problems = sorted((await _problems(work, printed.month)).items(), key=lambda pair: (-pair[1], pair[0]))
    assessment = work.rules.scoring.assessments.on(printed.month.first)
    picked = exports.picked(printed, assessment.best_shops, assessment.worst_shops)
    return PressFacts(
        printed=printed,
        imprint=work.rules.imprint,
        rule_title=f"{work.rules.city}{work.rules.rule_title}",
        published_on=await bulletins.published_on(work, kept),
        is_corrected=kept.version > 1,
        problems=[(names.get(code, (code, ""))[0], count) for code, count in problems],
        cutoffs=assessment.cutoffs,
        praised=[row.name for row, pick in picked if pick == "best"],
        exposed=[row.name for row, pick in picked if pick == "worst"],
        basis=await _basis(work),
    )


async def _published(work: Work, period: str) -> PrintedMonth:
    printed = await _month(work, period)
    if not (await months.period_of(work, printed.month)).is_published:
        raise WrongState(f"{printed.month.title}已定稿，尚未通报，通报后才能送媒体。")
    return printed


async def _indicators(work: Work, period: str) -> list[Listing]:
    month = (await _month(work, period)).month
    start, end = month.start(work.rules.zone), month.end(work.rules.zone)
    query = CaseQuery(reported_since=start, reported_until=end - end.resolution, limit=months.MOST_CASES)
    every = await work.view.cases(query)
    groups: dict[str, list[Case]] = {"全市": every} | {f"管理内容：{field}": [] for field in FIELDS}
    for case in every:
        for field in work.rules.categories.by_code(case.category).fields:
            groups[f"管理内容：{field}"].append(case)
        groups.setdefault(work.rules.categories.department_name(case.category), []).append(case)
    found = {who: rates(cases) for who, cases in groups.items()}
    return [exports.indicators(str(month), found, await _basis(work))]


async def _departments(work: Work, period: str) -> list[Listing]:
    printed = await _month(work, period)
    by = work.rules.quarterly.funding.on(printed.month.first).departments_by
    return [exports.departments(printed, by, await _basis(work))]


async def _shops(work: Work, period: str) -> list[Listing]:
    printed = await _month(work, period)
    assessment = work.rules.scoring.assessments.on(printed.month.first)
    contest = await votes.contest_of(work, printed.month)
    failed = {row.shop.subject: texts.failed(row) for row in contest.rows()}
    return [exports.shops(printed, assessment.best_shops, assessment.worst_shops, failed, await _basis(work))]


async def _distribution(work: Work, period: str) -> list[Listing]:
    printed = await _month(work, period)
    group, bodies = _organisation(work)
    deputies = {person for people in bodies.values() for person in people}
    posts = [(p.person, post_title(p)) for role in _READERS for p in work.roster.posts_held(role, work.day)]
    people: list[Reader] = [
        (*_named(work, person), title, group.title(person) or (OFFICE_DEPUTY if person in deputies else ""))
        for person, title in dict.fromkeys(posts)
    ]
    return [exports.distribution(str(printed.month), people + _lacking(bodies), await _basis(work))]


def _organisation(work: Work) -> tuple[LeadingGroup, dict[str, list[str]]]:
    """Return the leading group, and the office's people by body; no bodies where the city office knows none (S20)."""
    frame = work.rules.frame.on(work.day)
    bodies = office_bodies(work.roster, work.day, frame.bodies, work.rules.city)
    return leading_group(work.roster, work.day, frame.group), bodies if any(bodies.values()) else {}


def _lacking(bodies: Mapping[str, Sequence[str]]) -> list[Reader]:
    """Return a row for each body that has named nobody: its papers go to the body."""
    return [(exports.NOBODY, body, "", OFFICE_DEPUTY) for body, people in bodies.items() if not people]


def _named(work: Work, person: str) -> tuple[str, str]:
    return work.w.name(person), work.roster.person(person).unit


def _invited(work: Work) -> list[tuple[str, str, str]]:
    """Return who is to come to the review meeting: the leading group, then the office's part-time deputies (S18, S20)."""
    group, bodies = _organisation(work)
    known = [(*_named(work, person), group.title(person)) for person in group.people]
    known += [(work.w.name(person), body, OFFICE_DEPUTY) for body, people in bodies.items() for person in people]
    return known + [(name, body, place) for name, body, _, place in _lacking(bodies)]


async def _patrols(work: Work, period: str) -> list[Listing]:
    month = Month.parse(period)
    if month > work.rules.month(work.now):
        raise WrongState(f"{month.title}还没到。")
    found, reasons = await patrolling.counts_of(work, month), await work.view.patrolled.reasons(month)
    basis = await _basis(work, work.rules.patrols.on(month.first).name, patrol_texts.as_of(work.day))
    return [
        patrol_texts.listing(month, found, reasons, work.roster, basis),
        patrol_texts.duty_listing(month, patrolling.presences_of(work, month), basis),
    ]


async def _month(work: Work, period: str) -> PrintedMonth:
    month = Month.parse(period)
    found = [p for p in await quarters.frozen_months(work, month) if p.month == month]
    if not found:
        raise WrongState(f"{month.title}尚未定稿，只能导出定稿的成绩。")
    return found[0]


async def _quarter(work: Work, period: str) -> QuarterScores:
    scores = await quarters.quarter_of(work, Quarter.parse(period))
    if not scores.is_frozen:
        raise WrongState(f"{titles(scores.missing)}尚未定稿，只能导出定稿的成绩。")
    return scores


async def _year(work: Work, period: str) -> YearScores:
    if not _YEAR.fullmatch(period.removesuffix("年")):
        raise RuleError(f"“{period}”不是年份，请写成2026。")
    scores = await quarters.year_of(work, int(period.removesuffix("年")))
    if not scores.months:
        raise WrongState(f"{scores.year}年还没有定稿的月份，只能导出定稿的成绩。")
    return scores


async def _basis(work: Work, *versions: str) -> str:
    head = await work.view.head()
    return "；".join([*versions, *([f"台账校验值{head}"] if head else [])]) or "已定稿的月度成绩"


EXPORTS: Mapping[str, Export] = {
    "finance": Export("经费核拨和养护经费参考（季度）", _finance),
    "review": Export("季度点评会材料（季度）", _review),
    "civilised": Export("文明单位创建（年）", _civilised),
    "cadre": Export("年度考核和评先评优（年）", _cadre),
    "appraisal": Export("年度目标考核（年）", _appraisal),
    "awards": Export("年度专项奖励名单（年）", _awards),
    "departments": Export("职能单位排名（月）", _departments),
    "indicators": Export("行业指标（月）", _indicators),
    "media": Export("媒体公布：通稿、成绩、门店评比和分发名单（月）", _media, press_facts),
    "shops": Export("门店评比（月）", _shops),
    "distribution": Export("通报分发名单（月）", _distribution),
    "patrols": Export("巡查例会登记和轮值在岗（月）", _patrols),
}
