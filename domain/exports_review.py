"""The lists for the quarter's review meeting (点评会, S72), out of frozen data only (S75)."""

from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal

from domain.assessment import SEQUENCE_NAMES
from domain.exports import Cell, Listing, Use
from domain.flags import FLAG_NAMES
from domain.month import Month
from domain.printed import PrintedMonth
from domain.quarter import QuarterScores

REVIEW = Use("点评会成绩", "市领导和各考评组", "S72")
REVIEW_FLAGS = Use("点评会红黑旗", "市领导和各考评组", "S72")
REVIEW_PROBLEMS = Use("点评会主要问题", "市领导和各考评组", "S72")
REVIEW_PEOPLE = Use("点评会名单", "市路长办", "S18、S20、S72")


def review(scores: QuarterScores, basis: str) -> Listing:
    """Return each group's quarter month by month for the review meeting (S72); money and measures wait for approval (S80)."""
    rows = [
        (group.group.name, row.rank, row.name, *(_printed(score) for score in row.printed), row.score, row.months)
        for group in scores.groups
        for row in group.rows
    ]
    months = tuple(f"{month.number}月" for month in scores.quarter.months)
    columns = ("考评组", "名次", "对象", *months, "季度成绩", "计入月数")
    return Listing(REVIEW, str(scores.quarter), basis, columns, tuple(rows))


def _printed(score: Decimal | None) -> Cell:
    return "未参评" if score is None else score


def review_flags(period: str, months: Sequence[PrintedMonth], basis: str) -> Listing:
    """Return every flag of a quarter's months, in the order in which they were hung (S72)."""
    rows: list[tuple[Cell, ...]] = [
        (
            printed.month.title,
            SEQUENCE_NAMES[row.sequence],
            row.group or "",
            row.name,
            row.score,
            row.rank or "",
            FLAG_NAMES[row.flag],
        )
        for printed in months
        for row in printed.rows
        if row.flag
    ]
    columns = ("月份", "序列", "道路难度", "对象", "成绩", "名次", "红黑旗")
    return Listing(REVIEW_FLAGS, period, basis, columns, tuple(rows))


def review_problems(
    period: str, months: Mapping[Month, Counter[str]], names: Mapping[str, tuple[str, str]], basis: str
) -> Listing:
    """Return how often each kind of problem was found month by month, the most frequent first (S72)."""
    total: Counter[str] = sum(months.values(), Counter())
    rows: list[tuple[Cell, ...]] = [
        (*names.get(code, (code, "")), *(found[code] for found in months.values()), count)
        for code, count in sorted(total.items(), key=lambda p: (-p[1], p[0]))
    ]
    columns = ("问题类别", "职能单位", *(f"{month.number}月（处）" for month in months), "合计（处）")
    return Listing(REVIEW_PROBLEMS, period, basis, columns, tuple(rows))


def review_people(period: str, people: Sequence[tuple[str, str, str]], basis: str) -> Listing:
    """Return who is to come to the review meeting; `people` are (name, unit, place)."""
    return Listing(REVIEW_PEOPLE, period, basis, ("姓名", "单位", "组织职务"), tuple(people))
