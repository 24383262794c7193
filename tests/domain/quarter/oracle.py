"""A second computation of a quarter, written apart from the product: it imports nothing of it.

It reads printed months and groups as CSV texts and works in whole hundredths and yuan. Runs are not counted backwards but
walked forwards from the first quarter there is; flags are looked up as a string of letters, one a month.
"""

import csv
import io
import re
from typing import Any

MEASURES = {0: None, 1: "书面检查", 2: "诫勉谈话"}


def read(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def months_of(quarter: str) -> list[str]:
    year, number = quarter.split("Q")
    return [f"{year}-{int(number) * 3 - k:02}" for k in (2, 1, 0)]


def following(quarter: str) -> str:
    year, number = map(int, quarter.split("Q"))
    return f"{year + 1}Q1" if number == 4 else f"{year}Q{number + 1}"


def cents(text: str) -> int:
    return int(text.replace(".", ""))


def written(hundredths: int) -> str:
    return f"{hundredths // 100}.{hundredths % 100:02}"


def figures(quarter: str, printed: str, groups: str) -> dict[str, Any]:
    """Return the contract's quarter.

    `printed`: month,sequence,subject,score,rank,flag. `groups`: quarter,group,sequence,fund,subject.
    """
    rows, members = read(printed), read(groups)
    frozen = sorted({row["month"] for row in rows})
    names = list(dict.fromkeys(m["group"] for m in members if m["quarter"] == quarter))
    if not set(months_of(quarter)) <= set(frozen):
        return {"frozen": False, "groups": [(name, []) for name in names], "black_flags": []}
    runs: dict[tuple[str, str], int] = {}
    at = f"{frozen[0][:4]}Q1"
    while True:
        table = {
            name: scored(name, at, rows, members, frozen)
            for name in dict.fromkeys(m["group"] for m in members if m["quarter"] == at)
        }
        worst = {(seq, who) for found in table.values() for seq, who, score, _ in found if lowest(found, score)}
        runs = {party: runs.get(party, 0) + 1 for party in worst}
        if at == quarter:
            break
        at = following(at)
    listed = [
        (name, sorted(ranked(table[name], name, quarter, members, runs), key=lambda r: (r["rank"], r["subject"])))
        for name in names
    ]
    return {"frozen": True, "groups": listed, "black_flags": flags(quarter, rows)}


def year(of: str, printed: str, share: int = 40) -> list[dict[str, Any]]:
    """Return the contract's year, row by row: means of the ranked months; `share` in per cent, none for chiefs."""
    mine = [row for row in read(printed) if row["month"][:4] == of and row["rank"]]
    found: list[dict[str, Any]] = []
    for party in sorted({(row["sequence"], row["subject"]) for row in mine}):
        rows = sorted((r for r in mine if (r["sequence"], r["subject"]) == party), key=lambda r: r["month"])
        total, count = sum(cents(row["score"]) for row in rows), len(rows)
        score = (2 * total + count) // (2 * count)
        found.append(
            {
                "sequence": party[0],
                "group": rows[-1]["group"] or None,
                "subject": party[1],
                "score": score,
                "months": count,
                "red": sum(row["flag"] == "red" for row in rows),
                "black": sum(row["flag"] == "black" for row in rows),
                "points": None if party[0] == "second_level" else written((2 * score * share + 100) // 200),
            }
        )
    for row in found:
        same = [o["score"] for o in found if (o["sequence"], o["group"]) == (row["sequence"], row["group"])]
        row["rank"] = 1 + sum(other > row["score"] for other in same)
    return [row | {"score": written(row["score"])} for row in found]


def scored(
    name: str, quarter: str, rows: list[dict[str, str]], members: list[dict[str, str]], frozen: list[str]
) -> list[tuple[str, str, int, int]]:
    """Return (sequence, subject, hundredths, months) of a group; nothing for a quarter that is not whole."""
    if not set(months_of(quarter)) <= set(frozen):
        return []
    found = []
    for member in members:
        if (member["quarter"], member["group"]) != (quarter, name):
            continue
        scores = [
            cents(row["score"])
            for row in rows
            if row["month"] in months_of(quarter)
            and (row["sequence"], row["subject"]) == (member["sequence"], member["subject"])
            and row["rank"]
        ]
        if scores:
            # half up: add half of the divisor before dividing
            found.append(
                (
                    member["sequence"],
                    member["subject"],
                    (2 * sum(scores) + len(scores)) // (2 * len(scores)),
                    len(scores),
                )
            )
    return found


def lowest(found: list[tuple[str, str, int, int]], score: int) -> bool:
    everything = [other for _, _, other, _ in found]
    return score == min(everything) and score != max(everything)


def ranked(
    found: list[tuple[str, str, int, int]],
    name: str,
    quarter: str,
    members: list[dict[str, str]],
    runs: dict[tuple[str, str], int],
) -> list[dict[str, Any]]:
    fund = next(m["fund"] for m in members if (m["quarter"], m["group"]) == (quarter, name))
    rows = []
    for sequence, who, score, months in found:
        run = runs.get((sequence, who), 0)
        steps = (score - 8500) // 300 if score >= 8500 else -((8500 - score) // 300)
        base = {"A": 100_000, "B": 50_000, "": 0}[fund]
        rows.append(
            {
                "subject": who,
                "score": written(score),
                "months": months,
                "rank": sum(other > score for _, _, other, _ in found) + 1,
                "steps": steps if fund else None,
                "amount": max(base + 10_000 * steps, 0) if fund else None,
                "last": run > 0,
                "run": run,
                "measure": MEASURES.get(run, "问责"),
            }
        )
    return rows


def flags(quarter: str, rows: list[dict[str, str]]) -> list[dict[str, Any]]:
    """Return the counts at the quarter's end, from each party's letters: B black, w ranked without."""
    end, first = months_of(quarter)[2], months_of(quarter)[0]
    letters: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for row in sorted(rows, key=lambda r: r["month"]):
        if row["month"] <= end and row["rank"]:
            mark = "B" if row["flag"] == "black" else "w"
            letters.setdefault((row["sequence"], row["subject"]), []).append((row["month"], mark))
    found = []
    for (sequence, who), marks in sorted(letters.items()):
        text = "".join(mark for _, mark in marks)
        tail = re.search("B*$", text)
        streak = len(tail[0]) if tail else 0
        total = sum(m == "B" and month[:4] == quarter[:4] for month, m in marks)
        if streak or total:
            entry = entry_of(marks, text, first)
            found.append({"sequence": sequence, "subject": who, "streak": streak, "year_total": total, "entry": entry})
    return found


def entry_of(marks: list[tuple[str, str]], text: str, first: str) -> str | None:
    """Return the latest entry from month `first` on; of two in one month the streak's."""
    entry = None
    for n, (month, mark) in enumerate(marks):
        if month < first or mark != "B":
            continue
        if sum(m == "B" and at[:4] == month[:4] for at, m in marks[: n + 1]) % 4 == 0:
            entry = "total"
        if re.search("(^|w)BBB$", text[: n + 1]):
            entry = "streak"
    return entry
