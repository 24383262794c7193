import csv
import io
import random
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.assessment import SequenceKind, load_assessments
from domain.imports.findings import parse_findings
from domain.imports.roster import parse_roster
from domain.month import Month
from domain.ranking import CaseFigures
from domain.roster import Dated, Roster, Segment
from domain.rulebook import load_rules
from domain.scoring import Evidence, Settings, score_month
from domain.standings import Sums, rank
from domain.tally import tallied
from tests.domain.imports.rows import SEGMENT
from tests.domain.scoring import oracle

CATEGORIES = {code: code for code in ("luan.stall", "zang.litter", "cha.manhole")}
POINTS = ["0", "0.01", "0.33", "0.5", "0.50", "1", "2.5", "33.34", "50", "99.99", "100", ""]


@pytest.fixture(scope="module")
def basis(tmp_path_factory: pytest.TempPathFactory) -> tuple[Settings, dict[str, str]]:
    rules = {"luan.stall": "0.50", "zang.litter": "0.30", "cha.manhole": "2"}
    rows = "".join(f'{{ category = "{c}", points = "{p}", clause = "1" }}, ' for c, p in rules.items())
    table = tmp_path_factory.mktemp("rules") / "rules.toml"
    table.write_text(f'[[version]]\nname = "x"\nsince = 2026-01-01\nrules = [{rows}]\n', encoding="utf-8")
    return Settings(load_rules(CATEGORIES, table), load_assessments()), rules


def text(rows: list[dict[str, str]], header: list[str]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, header)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


@st.composite
def segments(draw: st.DrawFn, count: int) -> list[dict[str, str]]:
    """Draw a whole roster: few townships, roads, units and chiefs, so that ties and shared roads are common."""
    rows = []
    for n in range(count):
        township = draw(st.sampled_from(["甲镇", "乙镇", "丙街道"]))
        chief = draw(st.sampled_from("pqrst"))
        rows.append(
            SEGMENT
            | {
                "segment_id": f"S{n}",
                "road": draw(st.sampled_from(["人民路", "建设街", "文化路"])),
                "township": township,
                "grade": draw(st.sampled_from("ABC")),
                "unit": draw(st.sampled_from(["水利局", "司法局", "团委", township])),
                "l2_userid": chief,
                "l2_name": chief.upper(),
            }
        )
    return rows


@st.composite
def months(draw: st.DrawFn) -> dict[str, Any]:
    period = draw(st.sampled_from(["2026-10", "2026-02", "2026-04"]))
    first = date.fromisoformat(f"{period}-01")
    count = draw(st.integers(1, 8))
    rosters = [("", draw(segments(count)))]
    if draw(st.booleans()):
        since = first + timedelta(days=draw(st.integers(-3, 31)))
        rosters.append((since.isoformat(), draw(segments(draw(st.integers(1, 8))))))
    findings = draw(st.lists(finding(first), max_size=20))
    known = [f for f in findings if f["segment_id"] in {r["segment_id"] for r in in_force(rosters, f)}]
    kinds = st.sampled_from([("township", "甲镇"), ("township", "乙镇"), ("second_level", "p"), ("unit", "团委")])
    cases = [case(draw, *pair) for pair in draw(st.lists(kinds, unique=True))]
    return {"period": period, "rosters": rosters, "findings": known, "cases": cases}


def in_force(rosters: list[tuple[str, list[dict[str, str]]]], row: dict[str, str]) -> list[dict[str, str]]:
    day = datetime.fromisoformat(row["found_at"]).astimezone(oracle.CITY).date().isoformat()
    return [rows for since, rows in rosters if since <= day][-1]


def case(draw: st.DrawFn, sequence: str, subject: str) -> dict[str, str]:
    due = draw(st.integers(0, 4))
    late, back = draw(st.integers(0, due)), draw(st.integers(0, due))
    return {"sequence": sequence, "subject": subject, "overdue": str(late), "reworked": str(back), "due": str(due)}


@st.composite
def finding(draw: st.DrawFn, first: date) -> dict[str, str]:
    day = first + timedelta(days=draw(st.integers(-1, 31)))
    clock = draw(st.sampled_from(["00:00:00+08:00", "23:59:59.999+08:00", "16:00:00Z", "15:59:59.999+00:00"]))
    category = draw(st.sampled_from([*CATEGORIES, ""]))
    return {
        "found_at": f"{day}T{clock}",
        "segment_id": f"S{draw(st.integers(0, 7))}",
        "category": category,
        "points": draw(st.sampled_from(POINTS)) if category else "",
        "inspector": "李",
        "note": draw(st.sampled_from(["", "1"])),
    }


def roster_of(versions: list[tuple[str, list[dict[str, str]]]]) -> Roster:
    starts = [date.fromisoformat(since) if since else None for since, _ in versions]
    rows: list[Dated[Segment]] = []
    for n, (_, file) in enumerate(versions):
        until = starts[n + 1] if n + 1 < len(starts) else None
        rows += [Dated(s, starts[n], until) for s in parse_roster("r", list(enumerate(file, 2)))]
    return Roster(segments=tuple(rows))


def plain(sequences: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the figures without the findings' keys, which only one of the two has."""
    for listed in sequences:
        for row in listed["rows"]:
            row["deductions"] = sorted((d["segment"], d["category"], d["points"]) for d in row["deductions"])
    return sequences


@settings(max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(case=months(), seed=st.integers(0, 9))
def test_both_computations_agree(basis: tuple[Settings, dict[str, str]], case: dict[str, Any], seed: int) -> None:
    by, rules = basis
    roster = roster_of(case["rosters"])
    rows = list(enumerate(case["findings"], 2))
    random.Random(seed).shuffle(rows)  # the order of rows plays no part
    findings = parse_findings("f", rows, roster=roster, categories=CATEGORIES, rules=by.rules) if rows else []
    cases = {
        (SequenceKind(c["sequence"]), c["subject"]): CaseFigures(int(c["overdue"]), int(c["reworked"]), int(c["due"]))
        for c in case["cases"]
    }
    month = Month.parse(case["period"])
    scored = score_month(month, Evidence(findings, roster, cases), by)
    in_month = [f for f in findings if month.start(by.zone) <= f.found_at < month.end(by.zone)]
    summed = rank(month, Sums(tallied(in_month), roster, in_month, cases), by)
    assert summed == tuple(replace(s, rows=tuple(r._replace(deductions=()) for r in s.rows)) for s in scored.sequences)
    ours = scored.to_json()
    theirs = oracle.figures(
        case["period"],
        [(since, text(file, list(SEGMENT))) for since, file in case["rosters"]],
        text(case["findings"], ["found_at", "segment_id", "category", "points", "inspector", "note"]),
        rules,
        text(case["cases"], ["sequence", "subject", "overdue", "reworked", "due"]),
    )
    assert plain(ours["sequences"]) == theirs
