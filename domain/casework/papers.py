"""The documents of a month: what they are made from, and the figures that they show, which are those of `score`."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

from domain.accountability import count_flags
from domain.appeal import APPEAL_STATE_NAMES, Appeal
from domain.assessment import SequenceKind
from domain.casework import bulletin as bulletins
from domain.casework import month as months
from domain.casework import quarter as quarters
from domain.casework.correcting import Corrected
from domain.casework.kept import Sheaf
from domain.casework.work import Work
from domain.finding import Finding
from domain.flags import Flag
from domain.holdings import Deduction
from domain.month import Month, Quarter
from domain.papers import Cell, Paper
from domain.period import Period
from domain.printed import PrintedMonth, PrintedRow
from domain.quarter import QuarterScores, score_quarter
from domain.roster import Segment
from domain.scoring import Evidence, Row, Scores, SequenceScores, score_month, standing_so_far
from domain.texts.leadership import Bulletin
from domain.texts.papers import funds, month_book, month_letter, month_poster
from domain.texts.papers.month import FlagTally, MonthFacts
from domain.texts.papers.naming import said


async def month_sheaf(work: Work, period: Period) -> Sheaf:
    """Return the documents that go with a month's announcement, as if it were made now; the period as it will be."""
    evidence = await months.evidence_of(work, period.month)
    bulletin = await bulletins.bulletin_of(work, period, _scored(work, period.month, evidence))
    facts = await month_facts(work, period, bulletin, evidence.findings, is_final=True)
    papers = (month_poster.poster(facts), month_letter.letter(facts), month_book.book(facts))
    return Sheaf(bulletins.bulletin_key(period), bulletins.fingerprint_of(bulletin), papers)


async def correction_sheaf(work: Work, done: Corrected) -> Sheaf:
    """Return the documents that go with a correction's notice: the first one's, marked 更正, old and new side by side."""
    bulletin = await bulletins.bulletin_of(work, done.period, done.scores, correction=done.correction)
    bulletin = replace(bulletin, published_on=work.day)
    found = {f.key: f for f in done.evidence.findings} | {f.key: f for f in done.findings}
    facts = await month_facts(work, done.period, bulletin, list(found.values()), is_final=True)
    papers = (month_poster.poster(facts), month_letter.letter(facts), month_book.book(facts))
    return Sheaf(bulletins.bulletin_key(done.period), bulletins.fingerprint_of(bulletin), papers)


async def month_report(work: Work, month: Month) -> list[Paper]:
    """Return the month's documents of the figures that `score` prints, marked 代拟稿 until they are frozen."""
    period = await months.period_of(work, month)
    evidence = await months.evidence_of(work, month)
    scores, head = await _printed_scores(work, period, evidence)
    bulletin = replace(await bulletins.bulletin_of(work, period, scores), head=head)
    facts = await month_facts(work, period, bulletin, evidence.findings, is_final=period.is_frozen)
    return [month_poster.poster(facts), month_book.book(facts), month_letter.letter(facts)]


async def printed_scores(work: Work, month: Month) -> tuple[Scores, str]:
    """Return the figures that `score` prints, and the ledger's head beside them."""
    return await _printed_scores(work, await months.period_of(work, month), await months.evidence_of(work, month))


async def _printed_scores(work: Work, period: Period, evidence: Evidence) -> tuple[Scores, str]:
    scores = _scored(work, period.month, evidence)
    stored = await months.published_figures(work, period)
    if stored is None:
        return scores, await work.view.head()
    return as_published(scores, stored, {f.key: f for f in evidence.findings}, work), stored["head"]


def _scored(work: Work, month: Month, evidence: Evidence) -> Scores:
    settings = work.rules.scoring
    if work.now >= month.end(work.rules.zone):
        return score_month(month, evidence, settings)
    # whoever enters findings ahead of the clock wants to see them
    latest = max((finding.found_at for finding in evidence.findings), default=work.now)
    return standing_so_far(month, evidence, settings, max(work.now, latest + latest.resolution))


def as_published(scores: Scores, stored: Mapping[str, Any], findings: Mapping[str, Finding], work: Work) -> Scores:
    """Return the figures with every row as it was published, whatever became of roster or findings since."""
    segments = {(s.sequence, row.subject): row.segments for s in scores.sequences for row in s.rows}

    def deduction(raw: Mapping[str, str]) -> Deduction:
        found = findings.get(raw["finding"])
        at = found.found_at if found else scores.month.start(work.rules.zone)
        day = work.rules.day(at)
        return Deduction(raw["finding"], at, day, raw["segment"], raw["category"], Decimal(raw["points"]))

    def row(kind: SequenceKind, raw: Mapping[str, Any]) -> Row:
        return Row(
            subject=raw["subject"],
            name=raw["name"],
            score=Decimal(raw["score"]),
            rank=raw["rank"],
            grade=raw["grade"],
            flag=Flag(raw["flag"]) if raw["flag"] else None,
            deductions=tuple(deduction(one) for one in raw["deductions"]),
            segments=segments.get((kind, raw["subject"]), ()),
        )

    listed = []
    for one in stored["sequences"]:
        kind = SequenceKind(one["sequence"])
        listed.append(SequenceScores(kind, one["group"], tuple(row(kind, raw) for raw in one["rows"])))
    return replace(scores, sequences=tuple(listed))


async def month_facts(
    work: Work, period: Period, bulletin: Bulletin, found: Sequence[Finding], *, is_final: bool
) -> MonthFacts:
    """Return everything that the documents of a month print; `found` are its findings."""
    month, rules = period.month, work.rules
    findings = {f.key: f for f in found}
    appeals = await work.view.inspected.appeals(str(month))
    history = await _history(work, bulletin.scores)
    lines, note = _funds(_quarter(work, month, history))

    clauses: dict[tuple[str, date], str] = {}

    def segment(segment_id: str, day: date) -> Segment | None:
        return work.roster.segment(segment_id, day)

    def clause(category: str, day: date) -> str:
        if (category, day) not in clauses:
            rule = rules.scoring.rules.on(day).rules.get(category)
            clauses[category, day] = rule.clause if rule else ""
        return clauses[category, day]

    @cache
    def minute(number: int) -> str:
        return rules.local(datetime.fromtimestamp(number * 60, UTC)).isoformat(" ", "minutes")[5:16]

    def clock(found: Deduction) -> str:
        return minute(int(found.found_at.timestamp()) // 60)

    return MonthFacts(
        bulletin=bulletin,
        imprint=rules.imprint,
        is_final=is_final,
        segment=segment,
        clause=clause,
        clock=clock,
        name=cache(work.w.name),
        findings=findings,
        tallies=_tallies(work, history),
        appeals=[_appeal(work, one, findings) for one in appeals],
        funds=lines,
        funds_note=note,
        version=period.version,
    )


async def _history(work: Work, scores: Scores) -> list[PrintedMonth]:
    """Return the frozen months up to this one, and this one as it stands."""
    before = [p for p in await quarters.frozen_months(work, scores.month) if p.month < scores.month]
    rows = [
        PrintedRow(listed.sequence, listed.group, row.subject, row.name, row.score, row.rank, row.grade, row.flag)
        for listed in scores.sequences
        for row in listed.rows
    ]
    return [*before, PrintedMonth(scores.month, tuple(rows))]


def _tallies(work: Work, history: Sequence[PrintedMonth]) -> list[FlagTally]:
    """Return the flags so far in the year of everybody who ever hung one in it."""
    latest, year = history[-1], history[-1].month.year
    counts = count_flags(history, work.rules.quarterly.accountability, year)
    this_year = [row for printed in history if printed.month.year == year for row in printed.ranked.values()]
    ranked = Counter(row.party for row in this_year)
    red = Counter(row.party for row in this_year if row.flag is Flag.RED)
    found = []
    for party, count in counts.items():
        if count.year_total or count.streak or red[party]:
            now = latest.ranked.get(party)
            flag = now.flag if now else None
            found.append(
                FlagTally(party[0], count.name, flag, count.streak, count.year_total, red[party], ranked[party])
            )
    order = list(SequenceKind)
    return sorted(found, key=lambda t: (order.index(t.sequence), -t.streak, -t.black, -t.red, t.name))


def _appeal(work: Work, appeal: Appeal, findings: Mapping[str, Finding]) -> tuple[Cell, ...]:
    finding = findings.get(appeal.finding)
    verdict = appeal.final or appeal.review
    segment = work.roster.segment(finding.segment, work.rules.day(finding.found_at)) if finding else None
    return (
        appeal.number,
        work.w.name(appeal.applicant),
        finding.label if finding else "",
        segment.title if segment else "",
        appeal.points,
        APPEAL_STATE_NAMES[appeal.state],
        said(appeal.reason),
        said(verdict.reason) if verdict else "",
    )


def _quarter(work: Work, month: Month, history: Sequence[PrintedMonth]) -> QuarterScores:
    groups = work.rules.groups
    return score_quarter(Quarter.of(month), history, lambda asked: groups, work.rules.quarterly)


def _funds(scores: QuarterScores) -> tuple[list[Sequence[Cell]], str]:
    """Return the fund's rows, and why there are none."""
    if not any(listed.group.fund for listed in scores.groups):
        return [], funds.NO_FUND_GROUPS
    if scores.missing:
        return [], funds.funds_later(scores.quarter, scores.missing)
    return [funds.fund_row(listed, row) for listed in scores.groups if listed.group.fund for row in listed.rows], ""
