"""The day's documents: the figures as a picture, nine cases before and after, and the sheet of findings and cases."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from domain.case import Case
from domain.finding import Finding
from domain.imprint import Imprint
from domain.messages import Photo
from domain.papers import MOST_PAIRS, Album, Book, Cell, Column, Line, Pair, Panel, Poster, Sheet
from domain.rulebook import RuleBook
from domain.texts.digests import DayFigures
from domain.texts.papers.naming import case as linked
from domain.texts.papers.naming import day, said, source
from domain.texts.wording import Wording, calendar_day

MOST_OVERDUE = 12  # on the picture

_FINDINGS = (
    Column("编号", 13),
    Column("时间", 8, is_centred=True),
    Column("路段编号", 9),
    Column("路段", 28),
    Column("辖区", 15),
    Column("责任单位", 16),
    Column("类别", 16),
    Column("扣分", 8),
    Column("督查员", 10),
    Column("说明", 30),
)
_CASES = (
    Column("编号", 13),
    Column("状态", 10, is_centred=True),
    Column("类别", 16),
    Column("路段", 28),
    Column("辖区", 15),
    Column("责任单位", 16),
    Column("承办人", 10),
    Column("交办时间", 17),
    Column("办结时限", 17),
    Column("办结时间", 17),
)


@dataclass(frozen=True, slots=True)
class DayFacts:
    """Everything that a day's documents print."""

    figures: DayFigures
    findings: Sequence[Finding]
    reported: Sequence[Case]
    closed: Sequence[Case]
    overdue: Sequence[Case]
    w: Wording
    day: date
    rule_book: RuleBook

    @property
    def imprint(self) -> Imprint:
        """Return the office's settings."""
        return self.w.rules.imprint

    @property
    def title(self) -> str:
        """Return 6月3日."""
        return calendar_day(self.day)

    @property
    def heading(self) -> str:
        """Return 溪城市2026年6月3日."""
        return f"{self.imprint.city}{day(self.day)}"

    @property
    def source(self) -> str:
        """Return the proof of the figures."""
        return source([self.rule_book.name], self.figures.head)


def poster(facts: DayFacts) -> Poster:
    """Return the day's figures as a picture."""
    f = facts.figures
    counts = (
        ("督查路段", f"{f.segments_inspected}条"),
        ("发现问题", f"{f.findings}处"),
        ("上报案件", f"{f.reported}件"),
        ("办结案件", f"{f.closed}件"),
        ("在办", f"{f.open}件"),
        ("超时", f"{len(f.overdue)}件"),
    )
    panels = [Panel("当日情况", tuple(Line("", name, figure) for name, figure in counts))]
    if f.worst:
        lines = tuple(Line(str(n), road, f"{count}处") for n, (road, count) in enumerate(f.worst, 1))
        panels.append(Panel("问题较多路段", lines))
    if facts.overdue:
        panels.append(_overdue(facts))
    return Poster(
        file=f"{facts.title}督查情况.png",
        title=f"{facts.title}督查情况",
        subtitle=f"{facts.imprint.office}　{facts.day.year}年{facts.title}",
        panels=tuple(panels),
        footer=(f"依据版本：{facts.rule_book.name}", f"台账校验值：{f.head or '尚未生成'}"),
    )


def _overdue(facts: DayFacts) -> Panel:
    w = facts.w
    lines = tuple(
        Line(case.short, f"{w.category(case)}　{w.name(case.handler)}", f"超{w.span(w.now - due)}")
        for case in facts.overdue[:MOST_OVERDUE]
        if (due := case.handler_due or case.due) is not None and due < w.now
    )
    left = len(facts.overdue) - len(lines)
    return Panel("超时案件", lines, note=f"其余{left}件见明细表" if left > 0 else "")


def album(facts: DayFacts) -> Album:
    """Return the day's closed cases before and after, nine at most, those with both pictures."""
    pairs = [pair(case, facts.w) for case in facts.closed if case.photos_of("before") and case.photos_of("after")]
    return Album(
        file=f"{facts.title}整改前后.png",
        title=f"{facts.title}整改前后对比（{len(pairs[:MOST_PAIRS])}件）",
        pairs=tuple(pairs[:MOST_PAIRS]),
        footer=f"{facts.imprint.office}　当日办结{facts.figures.closed}件",
    )


def pair(case: Case, w: Wording) -> Pair:
    """Return a case before and after, each with its time; nobody is named."""
    before, after = case.photos_of("before")[:1], case.photos_of("after")[-1:]
    return Pair(
        caption=f"{case.number} {w.category(case)} {w.segment(case)} {w.unit(case)}",
        before=Photo(before[0].sha256, before[0].ext, 0) if before else None,
        after=Photo(after[0].sha256, after[0].ext, 0) if after else None,
        before_note=_stamp(before[0].received_at, w) if before else "",
        after_note=_stamp(after[0].received_at, w) if after else "",
    )


def _stamp(at: datetime, w: Wording) -> str:
    return f"{w.rules.local(at):%m-%d %H:%M}"


def book(facts: DayFacts) -> Book:
    """Return the sheet with every finding and case of the day, and what is overdue; no reporter is named."""
    notes = (facts.source,)
    sheets = (
        Sheet(
            "督查问题",
            f"{facts.heading}督查问题",
            _FINDINGS,
            [_finding(one, facts) for one in facts.findings if one.category],
            notes,
            "当日督查没有发现问题。",
        ),
        _cases("当日上报", facts.reported, facts),
        _cases("当日办结", facts.closed, facts),
        _cases("超时", facts.overdue, facts),
    )
    return Book(f"{facts.title}督查明细.xlsx", sheets, facts.source, facts.day)


def _finding(found: Finding, facts: DayFacts) -> tuple[Cell, ...]:
    w = facts.w
    segment = w.roster.segment(found.segment, facts.day)
    return (
        linked(found.label, facts.imprint) if found.case else found.label,
        w.clock(found.found_at),
        found.segment,
        segment.title if segment else "",
        segment.township if segment else "",
        segment.unit if segment and segment.has_unit else "",
        w.rules.categories.by_code(found.category).name,
        found.points,
        said(w.name(found.inspector)),
        said(found.note),
    )


def _cases(title: str, cases: Sequence[Case], facts: DayFacts) -> Sheet:
    rows = [_case(case, facts) for case in cases]
    return Sheet(title, f"{facts.heading}{title}", _CASES, rows, (facts.source,), "没有案件。")


def _case(case: Case, facts: DayFacts) -> tuple[Cell, ...]:
    w = facts.w
    return (
        linked(case.number, facts.imprint),
        w.state(case),
        w.category(case),
        w.segment(case),
        case.township,
        w.unit(case),
        w.name(case.handler) if case.handler else "",
        _at(case.first_assigned_at, w),
        _at(case.due, w),
        _at(case.closed_at, w),
    )


def _at(instant: datetime | None, w: Wording) -> str:
    return f"{w.rules.local(instant):%Y-%m-%d %H:%M}" if instant else ""
