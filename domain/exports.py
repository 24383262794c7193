"""Lists for each use of the results, each naming its audience and period, out of frozen data only (S70–S79, S98, S99).

Every row repeats use, audience, period and basis, so that a single row cut out of its file still says what it is for.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from domain.accountability import FlagCount
from domain.assessment import SEQUENCE_NAMES, SequenceKind
from domain.flags import FLAG_NAMES
from domain.indicators import Rate
from domain.month import title_of
from domain.printed import Party, PrintedMonth, PrintedRow
from domain.proposals import Proposal, ProposalKind
from domain.quarter import QuarterScores
from domain.shops import pick
from domain.yearly import YearRow, YearScores

Cell = str | int | Decimal
Reader = tuple[str, str, str, str]  # who gets a bulletin: name, unit, post, place in the leading group or the office

_FIRST = ("用途", "送达", "考评周期", "依据")


@dataclass(frozen=True, slots=True)
class Use:
    """One use of the results, and who reads it."""

    name: str
    audience: str
    source: str  # S-numbers


FINANCE = Use("经费核拨", "财政部门、行业主管和监管部门", "S76、S93—S97")
UPKEEP = Use("养护经费参考", "财政部门、行业主管和监管部门", "S76")
APPRAISAL = Use("年度目标考核", "督查考核办", "S73")
CIVILISED = Use("文明单位创建", "文明委办", "S74")
CADRE = Use("年度考核和评先评优", "组织、人社部门", "S77")
DEPARTMENTS = Use("职能单位排名", "督查考核办", "S60、S98")
MEDIA = Use("媒体公布", "市电视台、市政府网站、指挥中心网站等媒体", "S70")
SHOPS = Use("门店评比", "媒体", "S61、S62")
DISTRIBUTION = Use("通报分发", "四大班子领导和有关部门", "S71")
INDICATORS = Use("行业指标", "行业主管和监管部门", "S76")
AWARDS = Use("年度专项奖励", "市路长办", "S99")


@dataclass(frozen=True, slots=True)
class Listing:
    """One list: its columns after the four that every list begins with, and its rows."""

    use: Use
    period: str
    basis: str  # versions and the ledger's head
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]

    @property
    def header(self) -> tuple[str, ...]:
        """Return all columns."""
        return _FIRST + self.columns

    @property
    def full_rows(self) -> list[tuple[Cell, ...]]:
        """Return the rows with what they are for."""
        first = (self.use.name, self.use.audience, self.period, self.basis)
        return [first + row for row in self.rows]

    @property
    def file(self) -> str:
        """Return the name of its file for other programs, without ending."""
        return f"{self.period}{self.use.name}"

    @property
    def title(self) -> str:
        """Return what people call it: 2026年第三季度经费核拨, 2026年度目标考核."""
        period = title_of(self.period)
        return f"{period.removesuffix('年') if self.use.name.startswith('年') else period}{self.use.name}"


def finance(scores: QuarterScores, proposals: Sequence[Proposal], basis: str) -> Listing:
    """Return each unit's fund with its worked steps, and whether two persons have approved it (S80, S93–S97)."""
    state = {p.subject: approval(p) for p in proposals if p.kind is ProposalKind.FUND and not p.is_withdrawn}
    rows = [
        (
            group.group.name,
            group.group.fund or "",
            row.name,
            row.score,
            row.award.base_score,
            row.award.difference,
            row.award.steps,
            row.award.base,
            row.award.change,
            row.award.amount,
            state.get(group.group.name, NOT_APPROVED),
        )
        for group in scores.groups
        for row in group.rows
        if row.award
    ]
    columns = (
        "考评组",
        "经费组",
        "单位",
        "季度成绩",
        "基础分",
        "分差",
        "档数",
        "基准（元）",
        "增减（元）",
        "经费（元）",
        "批准",
    )
    return Listing(FINANCE, str(scores.quarter), basis, columns, tuple(rows))


NOT_APPROVED = "未经批准，仅供测算"
NOBODY = "未登记"


def approval(proposal: Proposal) -> str:
    """Return who approved a proposal, or that nobody has yet."""
    return f"{'、'.join(proposal.signatures)}批准" if proposal.is_approved else NOT_APPROVED


def upkeep(period: str, problems: Counter[str], names: Mapping[str, tuple[str, str]], basis: str) -> Listing:
    """Return how often each kind of problem was found: what upkeep costs are weighed by.

    `problems` counts the townships' deductions by category; `names` gives category name and department.
    """
    rows = [
        (*names.get(code, (code, "")), count) for code, count in sorted(problems.items(), key=lambda p: (-p[1], p[0]))
    ]
    return Listing(UPKEEP, period, basis, ("问题类别", "职能单位", "督查问题（处）"), tuple(rows))


_YEAR = ("序列", "对象", "年度成绩", "计入月数", "名次")


def appraisal(scores: YearScores, share: Decimal, basis: str) -> Listing:
    """Return what townships, units and departments bring into the yearly target assessment (S73)."""
    rows = [
        (*_year(row), row.points)
        for row in scores.of(SequenceKind.TOWNSHIP, SequenceKind.UNIT, SequenceKind.DEPARTMENT)
        if row.points is not None
    ]
    return Listing(APPRAISAL, str(scores.year), basis, (*_YEAR, f"计入目标考核得分（{_percent(share)}）"), tuple(rows))


def civilised(scores: YearScores, basis: str) -> Listing:
    """Return the units' year as evidence for the title of a civilised unit (S74)."""
    rows = [(*_year(row), row.red, row.black) for row in scores.of(SequenceKind.TOWNSHIP, SequenceKind.UNIT)]
    return Listing(CIVILISED, str(scores.year), basis, (*_YEAR, "红旗次数", "黑旗次数"), tuple(rows))


def cadre(scores: YearScores, counts: Mapping[Party, FlagCount], proposals: Sequence[Proposal], basis: str) -> Listing:
    """Return units and chiefs for yearly appraisal and honours: flags, longest standing entries, approved measures (S77)."""
    measures: dict[Party, list[str]] = {}
    for proposal in proposals:
        if proposal.is_approved and proposal.kind is not ProposalKind.FUND:
            measures.setdefault((proposal.sequence, proposal.subject), []).append(
                f"{title_of(proposal.period)}{proposal.measure}"
            )
    rows = [
        (
            *_year(row),
            row.red,
            row.black,
            _entries(counts.get((row.sequence, row.subject)), scores.year),
            "、".join(measures.get((row.sequence, row.subject), [])),
        )
        for row in scores.of(SequenceKind.TOWNSHIP, SequenceKind.SECOND_LEVEL, SequenceKind.UNIT)
    ]
    return Listing(
        CADRE,
        str(scores.year),
        basis,
        (*_YEAR, "红旗次数", "黑旗次数", "达到问责条件（次）", "已批准的处理"),
        tuple(rows),
    )


def _entries(count: FlagCount | None, year: int) -> int:
    return len({entry.month for entry in count.entries if entry.month.year == year}) if count else 0


def awards(scores: YearScores, amounts: Mapping[Party, tuple[int, str]], basis: str) -> Listing:
    """Return the candidates for the yearly special fund; amounts are those that the office entered (S99)."""
    rows = [
        (*_year(row), row.red, row.black, *amounts.get((row.sequence, row.subject), ("", "")))
        for row in scores.of(SequenceKind.TOWNSHIP, SequenceKind.SECOND_LEVEL, SequenceKind.UNIT)
    ]
    return Listing(AWARDS, str(scores.year), basis, (*_YEAR, "红旗次数", "黑旗次数", "奖励（元）", "批准"), tuple(rows))


def media(printed: PrintedMonth, basis: str) -> Listing:
    """Return each assessed party's score for the media; shops stay out: theirs are named by the office alone (S62, S70)."""
    rows = [
        (
            SEQUENCE_NAMES[row.sequence],
            row.group or "",
            row.name,
            row.score,
            row.rank if row.rank is not None else "不参与排名",
            row.grade,
            FLAG_NAMES[row.flag] if row.flag else "",
        )
        for row in printed.rows
        if row.sequence is not SequenceKind.SHOP
    ]
    columns = ("序列", "道路难度", "对象", "成绩", "名次", "等次", "红黑旗")
    return Listing(MEDIA, str(printed.month), basis, columns, tuple(rows))


def shops(printed: PrintedMonth, best: int | None, worst: int | None, failed: Mapping[str, str], basis: str) -> Listing:
    """Return the shops of a frozen month, checked by the office, with whom the media may praise and expose (S61, S62).

    failed: what a shop does not keep to, by subject (S8).
    """
    listed = [
        (
            row.name,
            row.subject.partition("/")[0],
            row.score,
            row.rank or 0,
            _PICKS[picked_for],
            failed.get(row.subject, ""),
        )
        for row, picked_for in picked(printed, best, worst)
    ]
    return Listing(
        SHOPS, str(printed.month), basis, ("门店", "路段", "成绩", "名次", "结果", "未落实的门前五包"), tuple(listed)
    )


def picked(printed: PrintedMonth, best: int | None, worst: int | None) -> list[tuple[PrintedRow, str]]:
    """Return the ranked shops of a month, each with what it is picked for: best, worst or ""."""
    rows = [row for row in printed.rows if row.sequence is SequenceKind.SHOP and row.rank is not None]
    ranks = [row.rank or 0 for row in rows]
    return [(row, pick(rank, ranks, best, worst)) for row, rank in zip(rows, ranks, strict=True)]


_PICKS = {"best": "表扬", "worst": "曝光", "": ""}


def departments(printed: PrintedMonth, by: str, basis: str) -> Listing:
    """Return the departments' ranking for city-wide notice, and by which rules they are rewarded and punished (S60, S98)."""
    rows = [
        (row.name, row.score, row.rank, row.grade, by)
        for row in printed.rows
        if row.sequence is SequenceKind.DEPARTMENT and row.rank is not None
    ]
    return Listing(
        DEPARTMENTS, str(printed.month), basis, ("职能单位", "综合成绩", "名次", "等次", "奖惩依据"), tuple(rows)
    )


def indicators(period: str, rates: Mapping[str, Sequence[Rate]], basis: str) -> Listing:
    """Return the indicators of the city, each field of management and each department, with formula and both figures.

    Source: S2, S76.
    """
    rows: list[tuple[Cell, ...]] = [
        (
            who,
            one.indicator.name,
            "没有案件" if one.percent is None else one.percent,
            one.count,
            one.base,
            one.indicator.formula,
        )
        for who, found in rates.items()
        for one in found
    ]
    columns = ("范围", "指标", "数值（%）", "分子（件）", "分母（件）", "算法")
    return Listing(INDICATORS, period, basis, columns, tuple(rows))


def distribution(period: str, people: Sequence[Reader], basis: str) -> Listing:
    """Return who the bulletin goes to (S71)."""
    return Listing(DISTRIBUTION, period, basis, ("姓名", "单位", "职务", "组织职务"), tuple(people))


def _year(row: YearRow) -> tuple[Cell, ...]:
    title = SEQUENCE_NAMES[row.sequence] + (f"（{row.group}）" if row.group else "")
    return title, row.name, row.score, row.months, row.rank


def _percent(share: Decimal) -> str:
    return f"{share * 100:.0f}%"
