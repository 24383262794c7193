"""A second computation of a month's figures, written apart from the product: it imports nothing of it.

It reads the texts of the files alone and goes day by day: on every day of the month it looks up who holds which
segment, collects what was found there on that day, and only then forms means. Everything is whole numbers: points in
hundredths, means as numerator and denominator.
"""

import csv
import io
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from math import lcm
from typing import Any

CITY = timezone(timedelta(hours=8))
RED_AND_BLACK = {"township": (2, 1), "second_level": (10, 3), "unit": (10, 3)}
HARDEST_FIRST = "ABC"

UNSET = "未设定"

Listed = list[dict[str, Any]]
Found = dict[tuple[date, str], list[tuple[str, int]]]


@dataclass(frozen=True)
class Settings:
    """What a city has decided, as it is written in its files; "" = nothing decided."""

    weight: str = ""  # of the ratings
    good: str = ""  # least scores of the grades
    fair: str = ""
    lists: str = "difficulty"  # of the second-level chiefs, or "city"
    departments: dict[str, str] = field(default_factory=dict)  # category → department


NOTHING_DECIDED = Settings()
NO_VOTES = "sequence,subject,rater,score\n"


def read(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def hundredths(points: str) -> int:
    whole, _, rest = points.partition(".")
    return int(whole or "0") * 100 + int((rest + "00")[:2])


def figures(
    period: str,
    rosters: list[tuple[str, str]],
    findings: str,
    rules: dict[str, str],
    cases: str,
    votes: str = NO_VOTES,
    by: Settings = NOTHING_DECIDED,
) -> Listed:
    """Return the lists of the score contract; `rosters` are (first day or "", file), each in force until the next."""
    year, month = map(int, period.split("-"))
    days = [d for d in (date(year, month, 1) + timedelta(days=n) for n in range(31)) if d.month == month]
    files = [(date.fromisoformat(since) if since else date.min, read(text)) for since, text in rosters]
    in_force = {day: [rows for since, rows in files if since <= day][-1] for day in days}
    found = on_days(findings, rules)
    ties = {(c["sequence"], c["subject"]): [int(c[k]) for k in ("overdue", "reworked", "due")] for c in read(cases)}
    means = mean_votes(votes)
    lists: Listed = []
    for sequence in ("township", "second_level", "unit"):
        subjects = collect(sequence, days, in_force, found)
        rated = means.get(sequence, {}) if set(subjects) <= set(means.get(sequence, {})) and by.weight else {}
        marks = {
            who: (score(sequence, mine, rated.get(who), by), ties.get((sequence, who), [0, 0, 0]))
            for who, mine in subjects.items()
        }
        for group in groups_of(sequence, subjects, by):
            members = {s: v for s, v in subjects.items() if group is None or difficulty(v) == group}
            rows = ranked(sequence, members, marks, len(days), by)
            lists.append({"sequence": sequence, "group": group, "rows": rows})
    segments = {row["segment_id"] for day in days for row in in_force[day]}
    taken = [(s, c, p) for (day, s), listed in found.items() if day in days for c, p in listed]
    departments = by_department(means.get("department", {}), segments, taken, by)
    shown = {who: rounded(mean, None, by) for who, mean in means.get("shop", {}).items()}
    shops = [shop_row(who, points, shown, by) for who, points in shown.items()]
    for sequence, rows in (("department", departments), ("shop", shops)):
        if rows:
            ordered = sorted(rows, key=lambda r: (r["rank"], r["subject"]))
            lists.append({"sequence": sequence, "group": None, "rows": ordered})
    return lists


def written(hundredths: int) -> str:
    return f"{hundredths // 100}.{hundredths % 100:02}"


def mean_votes(votes: str) -> dict[str, dict[str, tuple[int, int]]]:
    """Return means of hundredths, exact, by sequence and subject; a rater's later vote stands for his earlier."""
    cast = {(v["sequence"], v["subject"], v["rater"]): hundredths(v["score"]) for v in read(votes)}
    given: dict[str, dict[str, list[int]]] = {}
    for (sequence, who, _rater), points in cast.items():
        given.setdefault(sequence, {}).setdefault(who, []).append(points)
    return {
        sequence: {who: (sum(points), len(points)) for who, points in subjects.items()}
        for sequence, subjects in given.items()
    }


def rounded(left: tuple[int, int], rating: tuple[int, int] | None, by: Settings) -> int:
    """Return a fraction of hundredths, with a rating by its weight, rounded half up once."""
    above, below = left
    if rating is not None and by.weight:
        part, parts = thousandths(by.weight), 1000
        given, raters = rating
        above, below = above * (parts - part) * raters + given * part * below, below * parts * raters
    return (2 * above + below) // (2 * below)


def thousandths(weight: str) -> int:
    whole, _, rest = weight.partition(".")
    return int(whole) * 1000 + int((rest + "000")[:3])


def grade_of(points: int, by: Settings) -> str:
    if not by.good:
        return UNSET
    return "良好" if points >= hundredths(by.good) else "一般" if points >= hundredths(by.fair) else "较差"


def by_department(
    means: dict[str, tuple[int, int]], segments: set[str], taken: list[tuple[str, str, int]], by: Settings
) -> list[dict[str, Any]]:
    """Return the rated departments: every segment keeps what their own categories leave of its hundred."""
    mine = {name: [t for t in taken if by.departments.get(t[1]) == name] for name in means}
    scores = {}
    for name, listed in mine.items():
        left = sum(max(0, 10000 - sum(p for s, _, p in listed if s == segment)) for segment in segments)
        scores[name] = rounded((left, len(segments)), means[name], by)
    return [
        line(name, name, points, scores, by) | {"deductions": sorted((s, c, written(p)) for s, c, p in mine[name])}
        for name, points in scores.items()
    ]


def shop_row(who: str, points: int, means: dict[str, int], by: Settings) -> dict[str, Any]:
    return line(who, who.partition("/")[2], points, means, by)


def line(who: str, name: str, points: int, all_points: dict[str, int], by: Settings) -> dict[str, Any]:
    """Return a row of a list without flags."""
    return {
        "subject": who,
        "name": name,
        "score": written(points),
        "rank": 1 + sum(other > points for other in all_points.values()),
        "grade": grade_of(points, by),
        "flag": None,
        "deductions": [],
    }


def on_days(findings: str, rules: dict[str, str]) -> Found:
    """Return (category, hundredths) by day and segment; rows whose columns all say the same are one."""
    seen: set[tuple[object, ...]] = set()
    found: Found = {}
    for row in read(findings):
        at = datetime.fromisoformat(row["found_at"])
        given = hundredths(row["points"]) if row["points"] else None
        same = (at, row["segment_id"], row["category"], given, row["inspector"], row["note"])
        if same in seen or not row["category"]:
            continue
        seen.add(same)
        day = at.astimezone(CITY).date()
        points = hundredths(row["points"] or rules[row["category"]])
        found.setdefault((day, row["segment_id"]), []).append((row["category"], points))
    return found


def subject(sequence: str, row: dict[str, str]) -> str:
    if sequence == "township":
        return row["township"]
    if sequence == "second_level":
        return row["l2_userid"]
    return "" if row["unit"] == row["township"] else row["unit"]


def collect(
    sequence: str,
    days: list[date],
    in_force: dict[date, list[dict[str, str]]],
    found: Found,
) -> dict[str, dict[str, Any]]:
    """Return per subject: the days it held anything, its segments' last rows, and what it lost on each."""
    subjects: dict[str, dict[str, Any]] = {}
    for day in days:
        for row in in_force[day]:
            who = subject(sequence, row)
            if not who:
                continue
            mine = subjects.setdefault(who, {"days": set(), "rows": {}, "lost": {}, "name": who})
            mine["days"].add(day)
            mine["rows"][row["segment_id"]] = row
            mine["lost"].setdefault(row["segment_id"], []).extend(found.get((day, row["segment_id"]), []))
            if sequence == "second_level":
                mine["name"] = row["l2_name"]
    return subjects


def difficulty(mine: dict[str, Any]) -> str:
    grades = [row["grade"] for row in mine["rows"].values()]
    best = max(grades.count(g) for g in HARDEST_FIRST)
    return next(g for g in HARDEST_FIRST if grades.count(g) == best)


def groups_of(sequence: str, subjects: dict[str, dict[str, Any]], by: Settings) -> list[str | None]:
    if sequence != "second_level" or by.lists == "city":
        return [None] if subjects else []
    return [g for g in HARDEST_FIRST if any(difficulty(mine) == g for mine in subjects.values())]


def average(parts: list[tuple[int, int]]) -> tuple[int, int]:
    """Return the mean of fractions as a fraction."""
    below = lcm(*(d for _, d in parts))
    return sum(n * (below // d) for n, d in parts), below * len(parts)


def score(sequence: str, mine: dict[str, Any], rating: tuple[int, int] | None, by: Settings) -> int:
    """Return the score in hundredths."""
    left = {s: (max(0, 10000 - sum(p for _, p in lost)), 1) for s, lost in mine["lost"].items()}
    if sequence == "township":
        roads = sorted({row["road"] for row in mine["rows"].values()})
        above, below = average(
            [average([left[s] for s, row in mine["rows"].items() if row["road"] == road]) for road in roads]
        )
    else:
        above, below = average(list(left.values()))
    return rounded((above, below), rating, by)


def better(a: tuple[int, list[int]], b: tuple[int, list[int]]) -> bool:
    """Tell whether a stands before b: score, fewer overdue, lower rework rate, higher on-time rate."""
    if a[0] != b[0]:
        return a[0] > b[0]
    (late_a, back_a, due_a), (late_b, back_b, due_b) = a[1], b[1]
    if late_a != late_b:
        return late_a < late_b
    # rates by cross-multiplication; without a case 0 sent back of 1 and all in time
    rework_a, rework_b = back_a * max(due_b, 1), back_b * max(due_a, 1)
    if rework_a != rework_b:
        return rework_a < rework_b
    return late_a * max(due_b, 1) < late_b * max(due_a, 1)


def ranked(
    sequence: str,
    members: dict[str, dict[str, Any]],
    marks: dict[str, tuple[int, list[int]]],
    days: int,
    by: Settings,
) -> Listed:
    field = [s for s, mine in members.items() if 2 * len(mine["days"]) >= days]
    all_equal = not any(better(marks[a], marks[b]) for a in field for b in field)
    rows: Listed = []
    for who, mine in members.items():
        ahead = sum(better(marks[other], marks[who]) for other in field)
        behind = sum(better(marks[who], marks[other]) for other in field)
        in_field = who in field
        red, black = RED_AND_BLACK[sequence]
        flag = None
        if in_field and not all_equal:
            flag = "red" if ahead < red else None
            flag = "black" if behind < black and ahead > 0 else flag
        rows.append(
            {
                "subject": who,
                "name": mine["name"],
                "score": written(marks[who][0]),
                "rank": ahead + 1 if in_field else None,
                "grade": grade_of(marks[who][0], by),
                "flag": flag,
                "deductions": sorted((s, c, written(p)) for s, lost in mine["lost"].items() for c, p in lost),
            }
        )
    last = len(members) + 1
    return sorted(rows, key=lambda r: (r["rank"] or last, -hundredths(r["score"]), r["subject"]))
