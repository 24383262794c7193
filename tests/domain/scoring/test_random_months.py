"""Thrown months, scored by the product and by a computation that shares nothing with it; RANDOM_MONTHS says how many."""

import os
from collections import Counter
from dataclasses import replace
from datetime import date
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from domain.assessment import Assessments, Cutoffs, SequenceKind, load_assessments
from domain.ballots import Ballot, Cast, Vote
from domain.imports.findings import parse_findings
from domain.imports.roster import parse_roster
from domain.month import Month
from domain.ranking import CaseFigures
from domain.roster import Dated, Roster, Segment
from domain.rulebook import load_rules
from domain.scoring import Evidence, Settings, score_month
from domain.shops import Contest, Shop
from domain.standings import Sums, rank
from domain.tally import tallied
from tests.domain.imports.rows import SEGMENT
from tests.domain.scoring import oracle, situations
from tests.domain.scoring.dice import DEPARTMENTS, RULES, Rows, month_of, text

CATEGORIES = {code: code for code in RULES}
MONTHS = int(os.environ.get("RANDOM_MONTHS", "250"))


@pytest.fixture(scope="module")
def basis(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    rows = "".join(f'{{ category = "{c}", points = "{p}", clause = "1" }}, ' for c, p in RULES.items())
    table = tmp_path_factory.mktemp("rules") / "rules.toml"
    table.write_text(f'[[version]]\nname = "x"\nsince = 2026-01-01\nrules = [{rows}]\n', encoding="utf-8")
    return Settings(load_rules(CATEGORIES, table), load_assessments(), department_of=DEPARTMENTS)


def by(basis: Settings, thrown: dict[str, Any]) -> Settings:
    """The settings that a city has written in its table."""
    good, fair = thrown["cutoffs"]
    version = replace(
        basis.assessments.versions[0],
        rating_weight=Decimal(thrown["weight"]) if thrown["weight"] else None,
        cutoffs=Cutoffs(Decimal(good), Decimal(fair)) if good else None,
        by_difficulty=thrown["lists"] == "difficulty",
    )
    return replace(basis, assessments=Assessments((version,)))


def roster_of(versions: list[tuple[str, Rows]]) -> Roster:
    starts = [date.fromisoformat(since) if since else None for since, _ in versions]
    rows: list[Dated[Segment]] = []
    for n, (_, file) in enumerate(versions):
        until = starts[n + 1] if n + 1 < len(starts) else None
        rows += [Dated(s, starts[n], until) for s in parse_roster("r", list(enumerate(file, 2)))]
    return Roster(segments=tuple(rows))


def contest(votes: Rows, month: Month) -> Contest:
    shops = [Shop(*v["subject"].split("/")) for v in votes if v["sequence"] == "shop"]
    return Contest(month, Ballot("x", {}), {}).with_votes(ballot(votes), shops)


def ballot(votes: Rows) -> Ballot:
    casts = [Cast(v["rater"], Vote(SequenceKind(v["sequence"]), v["subject"], Decimal(v["score"]))) for v in votes]
    return Ballot("x", {}).with_cast(casts)


def evidence(thrown: dict[str, Any], settings: Settings, dice: Random) -> Evidence:
    roster = roster_of(thrown["rosters"])
    rows = list(enumerate(thrown["findings"], 2))
    dice.shuffle(rows)  # the order of rows plays no part
    read = parse_findings("f", rows, roster=roster, categories=CATEGORIES, rules=settings.rules) if rows else []
    given = ballot(thrown["votes"])
    return Evidence(
        read,
        roster,
        {
            (SequenceKind(c["sequence"]), c["subject"]): CaseFigures(
                *(int(c[k]) for k in ("overdue", "reworked", "due"))
            )
            for c in thrown["cases"]
        },
        given.means(SequenceKind.UNIT),
        given.means(SequenceKind.DEPARTMENT),
        contest(thrown["votes"], Month.parse(thrown["period"])).rows(),
    )


def theirs(thrown: dict[str, Any]) -> oracle.Listed:
    good, fair = thrown["cutoffs"]
    return oracle.figures(
        thrown["period"],
        [(since, text(file)) for since, file in thrown["rosters"]],
        text(thrown["findings"], "findings"),
        RULES,
        text(thrown["cases"], "cases"),
        text(thrown["votes"], "votes"),
        oracle.Settings(thrown["weight"], good, fair, thrown["lists"], DEPARTMENTS),
    )


def plain(sequences: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the figures without the findings' keys, which only one of the two has."""
    for listed in sequences:
        for row in listed["rows"]:
            row["deductions"] = sorted((d["segment"], d["category"], d["points"]) for d in row["deductions"])
    return sequences


def test_both_computations_agree(basis: Settings) -> None:
    met: Counter[str] = Counter()
    for seed in range(MONTHS):
        thrown = month_of(Random(seed), SEGMENT)
        settings, month = by(basis, thrown), Month.parse(thrown["period"])
        known = evidence(thrown, settings, Random(seed))
        scored = score_month(month, known, settings)
        listed = theirs(thrown)
        assert plain(scored.to_json()["sequences"]) == listed, f"month {seed}"
        inspected = [s for s in scored.sequences if s.sequence in settings.assessments.versions[0].flags]
        bare = tuple(replace(s, rows=tuple(r._replace(deductions=()) for r in s.rows)) for s in inspected)
        assert rank(month, sums(known, month, settings), settings) == bare, f"month {seed}"
        met.update(situations.of(thrown, listed))
    assert {name: met[name] for name, least in situations.LEAST.items() if 100 * met[name] < least * MONTHS} == {}


def sums(known: Evidence, month: Month, settings: Settings) -> Sums:
    found = [f for f in known.findings if month.start(settings.zone) <= f.found_at < month.end(settings.zone)]
    return Sums(tallied(found), known.roster, found, known.cases, known.ratings)
