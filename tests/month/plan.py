"""A city and a month made up from a seed: files as an office would keep them, and what people do with 5,000 cases.

It imports nothing of the product: files are text, people are ids, and an act is a row of plain words.
"""

import csv
import io
import random
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from pathlib import Path
from typing import Any

CITY = timezone(timedelta(hours=8))
TABLES = Path(__file__).resolve().parents[2] / "domain" / "tables"
FIRST, LAST = date(2026, 6, 1), date(2026, 6, 30)
TOWNSHIPS, SEGMENTS, UNITS, SECONDS = 10, 150, 24, 30
# people act at this minute only: never while the posts of a slot are on their way
MINUTES = (20,)
ACKNOWLEDGE, RESOLVE, PASS, FAIL = "acknowledge", "resolve", "pass", "fail"

Row = dict[str, str]


@dataclass(frozen=True)
class Plan:
    """The made-up month."""

    roster: str  # files
    findings: str
    duty: dict[str, str]  # segment → person on duty every day
    cases: list["CasePlan"]

    @property
    def segments(self) -> dict[str, Row]:
        return {row["segment_id"]: row for row in csv.DictReader(io.StringIO(self.roster))}


@dataclass(frozen=True)
class CasePlan:
    """One case: when it is reported, of what kind, and everything people will do with it, in order."""

    number: int
    at: datetime
    segment: str
    category: str
    severity: str
    hazard: bool
    acts: tuple[tuple[str, datetime], ...]


def made(seed: int, cases: int) -> Plan:
    rng = random.Random(seed)
    segments = list(_segments())
    duty = {row["segment_id"]: f"duty{n % 70:02}" for n, row in enumerate(segments) if n % 3}
    return Plan(_text(segments), _text(list(_findings(rng, segments))), duty, list(_cases(rng, segments, cases)))


def people(plan: Plan) -> set[str]:
    """Return every person id of the city but those of the office."""
    columns = ("chief_userid", "l2_userid", "area_head_userid", "l1_userid")
    return {row[name] for row in plan.segments.values() for name in columns} | set(plan.duty.values())


def _text(rows: list[Row]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def _segments() -> Iterator[Row]:
    for n in range(SEGMENTS):
        township, unit, second = n % TOWNSHIPS, n % UNITS, n % SECONDS
        has_unit = n % 7 != 0
        chief = f"chief{n % 60:02}" if has_unit else f"second{second:02}"
        yield {
            "segment_id": f"S{n:03}",
            "road": f"第{n // 3}大道",
            "from_cross": f"{n}街",
            "to_cross": f"{n + 1}街",
            "side": "双侧",
            "township": f"第{township}街道",
            "grade": "ABC"[second % 3],
            "unit": f"第{unit}局" if has_unit else f"第{township}街道",
            "chief_name": f"路段长{chief}" if has_unit else f"二级路长{second}",
            "chief_userid": chief,
            "l2_name": f"二级路长{second}",
            "l2_userid": f"second{second:02}",
            "area_head_name": f"总路长{township}",
            "area_head_userid": f"head{township}",
            "l1_name": f"一级路长{township % 4}",
            "l1_userid": f"first{township % 4}",
            "landmarks": "",
        }


def _findings(rng: random.Random, segments: list[Row]) -> Iterator[Row]:
    valued = [row["category"] for row in table("rules.toml")["version"][0]["rules"]]
    for n in range(900):
        found = datetime.combine(FIRST, time(7), CITY) + timedelta(days=rng.randrange(30), seconds=rng.randrange(40000))
        category = rng.choice(["", *valued])
        yield {
            "found_at": found.isoformat() if n % 3 else found.astimezone(UTC).isoformat(),
            "segment_id": rng.choice(segments)["segment_id"],
            "category": category,
            "points": rng.choice(["", "0.5", "0.30", "1", "2.25", "0.01"]) if category else "",
            "inspector": rng.choice(["李", "王", "张"]),
            "note": str(n),
        }


def _cases(rng: random.Random, segments: list[Row], count: int) -> Iterator[CasePlan]:
    categories = [row["category"] for row in table("deadlines.toml")["limit"]]
    span = (LAST - FIRST).days + 1
    starts = sorted(_instant(rng, FIRST + timedelta(days=_day(rng, span)), 7, 21) for _ in range(count))
    for number, at in enumerate(starts, 1):
        severity = rng.choices(["一般", "突出", "重大"], [90, 8, 2])[0]
        hazard = rng.random() < 0.02
        segment = rng.choice(segments)["segment_id"]
        acts = tuple(_acts(rng, at))
        yield CasePlan(number, at, segment, rng.choice(categories), severity, hazard, acts)


def _day(rng: random.Random, span: int) -> int:
    """Return a day of the month, weekends seldom."""
    day = rng.randrange(span)
    return day if (FIRST + timedelta(days=day)).isoweekday() < 6 or rng.random() < 0.3 else rng.randrange(span)


def _instant(rng: random.Random, day: date, earliest: int, latest: int) -> datetime:
    return datetime.combine(day, time(rng.randrange(earliest, latest), rng.choice(MINUTES)), CITY)


def _after(rng: random.Random, at: datetime, hours: float) -> datetime:
    """Return an instant some hours later, moved to the next minute at which people act and out of the night."""
    later = at + timedelta(minutes=rng.randrange(5, int(60 * hours)))
    while later.minute not in MINUTES or not 7 <= later.hour < 21:
        later += timedelta(minutes=1)
    return later


def _acts(rng: random.Random, at: datetime) -> Iterator[tuple[str, datetime]]:
    """Yield what people do: most take and settle a case in time, some late, some never; some verdicts send it back."""
    fate = rng.random()
    if fate < 0.01:
        return
    if fate < 0.9:
        at = _after(rng, at, 2.5 if fate < 0.75 else 40)
        yield ACKNOWLEDGE, at
    if fate > 0.88 and fate < 0.89:
        return
    while True:
        at = _after(rng, at, rng.choices([3, 20, 120], [75, 20, 5])[0])
        yield RESOLVE, at
        at = _after(rng, at, rng.choices([2, 30], [85, 15])[0])
        if rng.random() > 0.06:
            yield PASS, at
            return
        yield FAIL, at


def table(name: str) -> dict[str, Any]:
    return tomllib.loads((TABLES / name).read_text(encoding="utf-8"))
