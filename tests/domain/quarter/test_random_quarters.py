import csv
import io
import os
from decimal import Decimal
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.accountability import load_accountability
from domain.assessment import SequenceKind
from domain.funding import load_funding
from domain.month import Month, Quarter
from domain.printed import PrintedMonth
from domain.quarter import Group, QuarterRules, score_quarter
from domain.yearly import score_year
from tests.domain.quarter import oracle

RULES = QuarterRules(load_funding(), load_accountability())
SCORES = ["100.00", "88.00", "87.99", "85.00", "84.99", "82.01", "82.00", "70.00", "69.99", "55.00", "12.34", "0.00"]
SEQUENCES = ["township", "unit", "second_level"]


def season_of(dice: Random) -> dict[str, Any]:
    """Throw up to a year and a half of printed months over a New Year, with gaps, and the groups of each quarter.

    In some of them one subject is the worst month after month.
    """
    weak = dice.choice(["", "a", "b"])
    at, rows = Month(2025, dice.choice([1, 4, 4, 7, 8, 10])), list[dict[str, str]]()
    for _ in range(dice.choice([3, 6, 9, 12, 12, 15, 18])):
        if dice.randrange(24):  # else never frozen
            rows += [row for sequence in SEQUENCES for row in printed(dice, str(at), sequence, weak)]
        at = at.next()
    quarters = sorted({str(Quarter.of(Month.parse(row["month"]))) for row in rows}) or ["2026Q1"]
    groups = [row for quarter in quarters for row in divided(dice, quarter)]
    return {"rows": rows, "groups": groups, "quarter": dice.choice(quarters[-2:])}


def printed(dice: Random, month: str, sequence: str, weak: str) -> list[dict[str, str]]:
    """Throw a list: few subjects and few scores, so that ties, last places and long runs are common."""
    few = dice.sample(SCORES, dice.randint(1, 3))
    return [
        {
            "month": month,
            "sequence": sequence,
            "group": dice.choice("AAB") if sequence == "second_level" else "",
            "subject": subject,
            "score": "0.00" if subject == weak else dice.choice(few),
            "rank": dice.choice(["", "1", "1", "1", "1"]),
            "flag": dice.choice(["black", "black", "red", ""]),
        }
        for subject in dice.choice(["abcd", "abcd", "abc", "bd"])
    ]


def divided(dice: Random, quarter: str) -> list[dict[str, str]]:
    rows = []
    for sequence in SEQUENCES:
        funds = {name: dice.choice(["A", "B", ""]) for name in ("甲", "乙")}
        for subject in "abcde":
            name = dice.choice(["甲", "甲", "甲", "乙", ""])
            if name:
                group = {"quarter": quarter, "group": sequence + name, "sequence": sequence}
                rows.append(group | {"fund": funds[name], "subject": subject})
    return rows


def text(rows: list[dict[str, str]], head: str) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, head.split(","))
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def figures(month: str, rows: list[dict[str, str]]) -> dict[str, Any]:
    """A month in the form in which it is stored when it is published."""
    lists: list[dict[str, Any]] = [
        {
            "sequence": sequence,
            "group": group or None,
            "rows": [
                r | {"name": "", "grade": "", "rank": int(r["rank"] or 0) or None, "flag": (r["flag"] or None)}
                for r in rows
                if (r["month"], r["sequence"], r["group"]) == (month, sequence, group)
            ],
        }
        for sequence in SEQUENCES
        for group in ("", "A", "B")
    ]
    return {"period": month, "head": "", "sequences": lists}


def ours(season: dict[str, Any]) -> dict[str, Any]:
    rows = season["rows"]
    history = [PrintedMonth.from_json(figures(m, rows)) for m in sorted({row["month"] for row in rows})]

    def groups_of(quarter: Quarter) -> list[Group]:
        mine = [row for row in season["groups"] if row["quarter"] == str(quarter)]
        names = dict.fromkeys((row["group"], row["sequence"], row["fund"]) for row in mine)
        return [
            Group(name, SequenceKind(kind), tuple(r["subject"] for r in mine if r["group"] == name), fund or None)
            for name, kind, fund in names
        ]

    got = score_quarter(Quarter.parse(season["quarter"]), history, groups_of, RULES).to_json()
    return {
        "frozen": got["frozen"],
        "groups": [(g["group"], [without(row, "name") for row in g["rows"]]) for g in got["groups"]],
        "black_flags": sorted(
            (without(flag, "name", "entries") for flag in got["black_flags"]),
            key=lambda flag: (flag["sequence"], flag["subject"]),
        ),
    }


def without(row: dict[str, Any], *keys: str) -> dict[str, Any]:
    return {key: value for key, value in row.items() if key not in keys}


def our_year(year: str, rows: list[dict[str, str]]) -> list[dict[str, Any]]:
    history = [PrintedMonth.from_json(figures(m, rows)) for m in sorted({row["month"] for row in rows})]
    found = [without(row, "name") for row in score_year(int(year), history, Decimal("0.40")).to_json()["rows"]]
    return sorted(found, key=lambda row: (row["sequence"], row["subject"]))


# a number is all that is drawn: figures thrown from it are some ten times as quick as drawn ones
@settings(max_examples=int(os.environ.get("RANDOM_MONTHS", "100")))
@given(seed=st.integers(0, 2**32))
def test_both_computations_agree(seed: int) -> None:
    season = season_of(Random(seed))
    printed_months = text(season["rows"], "month,sequence,group,subject,score,rank,flag")
    theirs = oracle.figures(
        season["quarter"],
        printed_months,
        text(season["groups"], "quarter,group,sequence,fund,subject"),
    )
    assert ours(season) == theirs
    for year in ("2025", "2026"):
        assert our_year(year, season["rows"]) == oracle.year(year, printed_months)
