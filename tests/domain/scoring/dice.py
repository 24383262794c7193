"""Months thrown with dice, as the texts of files: what is hard to score is common in them, not left to luck.

It imports nothing of the product. How common each hard situation is, a test of its own says.
"""

import csv
import io
from calendar import monthrange
from datetime import date, timedelta
from random import Random
from typing import Any

Rows = list[dict[str, str]]

RULES = {"luan.stall": "0.50", "zang.litter": "0.30", "cha.manhole": "2"}
DEPARTMENTS = {"luan.stall": "城管局", "zang.litter": "环卫中心", "cha.manhole": "城管局"}
POINTS = ["0", "0.01", "0.02", "0.03", "0.33", "0.5", "0.50", "1", "2.5", "33.34", "50", "99.99", "100", "", ""]
CLOCKS = ["00:00:00+08:00", "23:59:59.999+08:00", "16:00:00Z", "15:59:59.999+00:00", "11:30:00-05:00"]
TOWNSHIPS = ("甲镇", "乙镇", "丙街道", "丁街道", "戊乡")
UNITS = ("水利局", "司法局", "团委", "文旅局", "水务局")
HEADS = {
    "findings": "found_at,segment_id,category,points,inspector,note",
    "cases": "sequence,subject,overdue,reworked,due",
    "votes": "sequence,subject,rater,score",
}


def text(rows: Rows, head: str = "") -> str:
    """Return rows as a file; a head of another name than those above is that of the first row."""
    out = io.StringIO()
    writer = csv.DictWriter(out, HEADS.get(head, head).split(",") if head else list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def month_of(dice: Random, model: dict[str, str]) -> dict[str, Any]:
    """Throw a month: rosters, findings, cases, votes and settings. `model` is a right row of a roster."""
    period = dice.choice(["2026-10", "2026-02", "2026-04", "2028-02", "2026-12"])
    first = date.fromisoformat(f"{period}-01")
    last = first.replace(day=monthrange(first.year, first.month)[1])
    rosters = _rosters(dice, first, last, model)
    findings = [
        row for row in _findings(dice, first, last, rosters) if row["segment_id"] in _held(rosters, row["found_at"])
    ]
    return {
        "period": period,
        "rosters": rosters,
        "findings": findings,
        "cases": _cases(dice) if dice.random() < 0.5 else [],
        "votes": [*_ratings(dice, rosters), *_shops(dice)],
        "weight": dice.choice(["", "0.3", "0.5", "0.333", "1", "0"]),
        "cutoffs": dice.choice([("", ""), ("90", "80.5"), ("99.99", "99.99")]),
        "lists": dice.choice(["difficulty", "difficulty", "city"]),
    }


def _rosters(dice: Random, first: date, last: date, model: dict[str, str]) -> list[tuple[str, Rows]]:
    """Throw whole rosters (first day or "", rows): who holds what changes in most months, often at about its half."""
    shape = dice.choice(["few", "some", "some", "many", "many"])
    size = {"few": (1, 4), "some": (4, 10), "many": (14, 24)}[shape]
    chiefs = "pqrst" if shape != "many" else "abcdefghijklmnopqrst"
    rows = [_segment(dice, model, f"S{n}", chiefs) for n in range(dice.randint(*size))]
    found = [("", rows)]
    half = (last.day + 1) // 2
    days = sorted(
        {dice.choice([half - 1, half, half + 1, dice.randint(-2, 33)]) for _ in range(dice.choice([0, 1, 1, 1, 2]))}
    )
    for day in days:
        rows = _changed(dice, rows, model, chiefs)
        found.append(((first + timedelta(days=day - 1)).isoformat(), rows))
    return found


def _segment(dice: Random, model: dict[str, str], id_: str, chiefs: str) -> dict[str, str]:
    township, chief = dice.choice(TOWNSHIPS), dice.choice(chiefs)
    return model | {
        "segment_id": id_,
        "road": dice.choice(["人民路", "建设街", "文化路"]),
        "township": township,
        "grade": dice.choice("AABC"),
        "unit": dice.choice([*UNITS, township]),
        "l2_userid": chief,
        "l2_name": chief.upper(),
    }


def _changed(dice: Random, rows: Rows, model: dict[str, str], chiefs: str) -> Rows:
    """Return the roster after posts have changed hands, a segment was taken out, another one came."""
    fresh = [_segment(dice, model, row["segment_id"], chiefs) for row in rows]
    columns = ["l2_userid", "l2_userid", "unit", "township", "road", "grade"]
    new = []
    for row, other in zip(rows, fresh, strict=True):
        wanted = dice.sample(columns, dice.choice([0, 0, 1, 1, 2]))
        row = row | {name: other[name] for name in wanted}
        new.append(row | {"l2_name": row["l2_userid"].upper()})
    if len(new) > 1 and dice.random() < 0.3:
        new.pop(dice.randrange(len(new)))
    if dice.random() < 0.3:
        new.append(_segment(dice, model, f"S{1 + max(int(row['segment_id'][1:]) for row in rows)}", chiefs))
    return new


def _held(rosters: list[tuple[str, Rows]], found_at: str) -> set[str]:
    """Return the segments there are on the day of a finding, by the shift that its clock is known to make."""
    day = date.fromisoformat(found_at[:10])
    if found_at.endswith(("16:00:00Z", "-05:00")):  # past midnight in the city
        day += timedelta(days=1)
    (rows, *_) = [rows for since, rows in reversed(rosters) if since <= day.isoformat()]
    return {row["segment_id"] for row in rows}


def _findings(dice: Random, first: date, last: date, rosters: list[tuple[str, Rows]]) -> Rows:
    """Throw findings of few sorts, so that figures are often equal or lie on a half."""
    segments = sorted({row["segment_id"] for _, rows in rosters for row in rows})
    few = dice.sample(POINTS, dice.randint(1, 4))
    found = []
    for _ in range(dice.choice([0, 3, 8, 20, 40])):
        day = first + timedelta(days=dice.randint(-1, last.day + 1))
        category = dice.choice([*RULES, *RULES, ""])
        found.append(
            {
                "found_at": f"{day}T{dice.choice(CLOCKS)}",
                "segment_id": dice.choice(segments),
                "category": category,
                "points": dice.choice(few) if category else "",
                "inspector": "李",
                "note": dice.choice(["", "1", "2"]),
            }
        )
    return found + [dice.choice(found) for _ in range(bool(found))]  # one row comes twice


def _cases(dice: Random) -> Rows:
    found = []
    for sequence, subjects in (("township", TOWNSHIPS), ("second_level", "pqrs"), ("unit", UNITS)):
        for subject in dice.sample(list(subjects), dice.randint(0, 3)):
            due = dice.randint(0, 3)
            late, back = dice.randint(0, due), dice.randint(0, due)
            row = {"sequence": sequence, "subject": subject}
            found.append(row | {"overdue": str(late), "reworked": str(back), "due": str(due)})
    return found


def _ratings(dice: Random, rosters: list[tuple[str, Rows]]) -> Rows:
    """Throw what chiefs rate: every unit in most months, with a gap in some; no department, or some of them."""
    units = sorted({row["unit"] for _, rows in rosters for row in rows if row["unit"] != row["township"]})
    rated = [("unit", unit) for unit in units if dice.random() < dice.choice([1, 1, 1, 0.7])]
    rated += [("department", name) for name in dice.sample(["城管局", "环卫中心", "园林所"], dice.choice([0, 2, 3]))]
    few = dice.sample(["0", "60", "88.5", "88.50", "90", "95.25", "99.99", "100"], 3)
    return [
        {"sequence": sequence, "subject": subject, "rater": rater, "score": dice.choice(few)}
        for sequence, subject in rated
        for rater in dice.choice(["p", "pq", "pqr", "pqrp"])  # a later vote of one rater replaces the earlier
    ]


def _shops(dice: Random) -> Rows:
    shops = dice.sample(["S1/张记", "S1/李记", "S2/张记", "S3/王记"], dice.choice([0, 0, 1, 3, 4]))
    return [
        {"sequence": "shop", "subject": shop, "rater": rater, "score": dice.choice(["90", "90", "70", "66.66"])}
        for shop in shops
        for rater in dice.choice(["p", "pq", "pqr"])
    ]
