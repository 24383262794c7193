"""What makes a thrown month hard to score, and how common each of it must be: a test that never meets it proves nothing."""

from calendar import monthrange
from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import Any

from tests.domain.scoring import oracle

# least share of all months in per cent
LEAST = {
    "a post changes hands": 50,
    "a change at the half of the month": 25,
    "on fewer than half of the days": 30,
    "a segment without unit": 50,
    "a group of one": 20,
    "all equal": 15,
    "equals": 40,
    "equals at a flag's edge": 15,
    "black before red": 40,
    "equals told apart by cases": 10,
    "a segment at the floor": 10,
    "a half that goes up": 4,
    "ratings count": 30,
    "a rating is missing": 10,
    "departments": 40,
    "shops": 40,
    "grades": 40,
    "one list for the city": 20,
    "blank points": 10,
}


def of(thrown: dict[str, Any], lists: oracle.Listed) -> set[str]:
    """Return the situations of a month; `lists` are its figures."""
    return {*_of_files(thrown), *(name for listed in lists for name in _of_list(listed))}


def _of_files(thrown: dict[str, Any]) -> Iterator[str]:
    period = thrown["period"]
    length = monthrange(*map(int, period.split("-")))[1]
    inside = [
        date.fromisoformat(since) for since, _ in thrown["rosters"] if f"{period}-01" < since <= f"{period}-{length}"
    ]
    rows = [row for _, file in thrown["rosters"] for row in file]
    if inside:
        yield "a post changes hands"
    if any(abs(2 * (day.day - 1) - length) <= 2 for day in inside):
        yield "a change at the half of the month"
    if any(row["unit"] == row["township"] for row in rows):
        yield "a segment without unit"
    rated = {v["subject"] for v in thrown["votes"] if v["sequence"] == "unit"}
    units = {row["unit"] for row in rows if row["unit"] != row["township"]}
    if thrown["weight"] and units:
        yield "ratings count" if units <= rated else "a rating is missing"
    if thrown["cutoffs"][0]:
        yield "grades"
    if thrown["lists"] == "city":
        yield "one list for the city"
    if any(row["category"] and not row["points"] for row in thrown["findings"]):
        yield "blank points"


def _of_list(listed: dict[str, Any]) -> set[str]:
    if listed["sequence"] in ("department", "shop"):
        return {f"{listed['sequence']}s"}
    red, black = oracle.RED_AND_BLACK[listed["sequence"]]
    rows = [row for row in listed["rows"] if row["rank"]]
    ranks, flags = Counter(row["rank"] for row in rows), Counter(row["flag"] for row in rows)
    found = {
        "on fewer than half of the days": len(rows) < len(listed["rows"]),
        "a group of one": len(rows) == 1,
        "all equal": len(rows) > 1 and len(ranks) == 1,
        "equals": 1 < len(ranks) < len(rows),
        "equals at a flag's edge": flags["red"] > red or flags["black"] > black,
        "black before red": any(row["flag"] == "black" and row["rank"] <= red for row in rows),
        "equals told apart by cases": len({row["score"] for row in rows}) < len(ranks),
        "a segment at the floor": any(_lost(row, place) > 10000 for row in rows for place, _, _ in row["deductions"]),
        "a half that goes up": any(_is_half(row) for row in rows),
    }
    return {name for name, is_met in found.items() if is_met}


def _lost(row: dict[str, Any], segment: str) -> int:
    return sum(oracle.hundredths(points) for where, _, points in row["deductions"] if where == segment)


def _is_half(row: dict[str, Any]) -> bool:
    """Tell whether a chief's or unit's figure lies on a half, by the one case that can be read off a row: two segments."""
    places = sorted({where for where, _, _ in row["deductions"]})
    left = [max(0, 10000 - _lost(row, where)) for where in places]
    return len(left) == 2 and sum(left) % 2 == 1 and oracle.hundredths(row["score"]) * 2 == sum(left) + 1
