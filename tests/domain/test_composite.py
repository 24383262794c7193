"""Departments by inspected problems and ratings, shops by their panels (S59–S66)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest

from domain.assessment import Assessments, SequenceKind
from domain.ballots import Ballot, Cast, Vote
from domain.month import Month
from domain.scoring import RATING_UNSET, Evidence, Scores, score_month
from domain.shops import Contest, Shop
from tests.domain.scoring.build import OCTOBER, SETTINGS, finding, roster, segment

BOOK = roster(segment("S1"), segment("S2"), segment("S3"))
DEPARTMENTS = {"luan.stall": "城管执法局", "zang.litter": "环卫中心"}
NOW = datetime(2026, 11, 2, tzinfo=UTC)


def weighted(weight: str | None) -> Assessments:
    version = SETTINGS.assessments.versions[0]
    return Assessments((replace(version, rating_weight=Decimal(weight) if weight else None),))


def october(ratings: dict[str, str], weight: str | None = None, *points: tuple[str, str, str]) -> Scores:
    settings = replace(SETTINGS, assessments=weighted(weight), department_of=DEPARTMENTS)
    found = [finding(s, p, category=c) for s, c, p in points]
    rated = {name: Fraction(score) for name, score in ratings.items()}
    return score_month(OCTOBER, Evidence(found, BOOK, department_ratings=rated), settings)


def listed(scores: Scores) -> list[str]:
    (found,) = scores.of(SequenceKind.DEPARTMENT)
    return [f"{row.rank} {row.subject} {row.score} {row.flag}" for row in found.rows]


def test_without_ratings_there_is_no_list() -> None:
    assert october({}, "0.4", ("S1", "luan.stall", "5")).of(SequenceKind.DEPARTMENT) == []


def test_while_the_weight_is_unset_inspection_counts_alone_and_the_heading_says_so() -> None:
    scores = october(
        {"城管执法局": "60", "环卫中心": "100"}, None, ("S1", "luan.stall", "1"), ("S2", "zang.litter", "2")
    )
    # 1 point on one of three segments: 99.666…, 2 points: 99.333…
    assert listed(scores) == ["1 城管执法局 99.67 None", "2 环卫中心 99.33 None"]
    assert RATING_UNSET in scores.remarks


def test_the_composite_takes_the_weight() -> None:
    scores = october({"城管执法局": "60", "环卫中心": "90"}, "0.4", ("S1", "luan.stall", "3"))
    # 0.6 × 99 + 0.4 × 60 = 83.40; 0.6 × 100 + 0.4 × 90 = 96.00
    assert listed(scores) == ["1 环卫中心 96.00 None", "2 城管执法局 83.40 None"]


def test_a_segment_loses_at_most_its_hundred() -> None:
    scores = october({"城管执法局": "0"}, None, ("S1", "luan.stall", "80"), ("S1", "luan.stall", "70"))
    assert listed(scores) == ["1 城管执法局 66.67 None"]
    (row,) = scores.of(SequenceKind.DEPARTMENT)[0].rows
    assert sorted(str(d.points) for d in row.deductions) == ["70", "80"]


def test_equals_share_a_place_and_nobody_hangs_a_flag() -> None:
    scores = october({"甲": "50", "乙": "50", "丙": "40"}, "0.5")
    assert listed(scores) == ["1 乙 75.00 None", "1 甲 75.00 None", "3 丙 70.00 None"]
    assert [entry.sequence for entry in scores.flag_register() if entry.sequence is SequenceKind.DEPARTMENT] == []


def test_s43d_a_mean_rating_is_rounded_in_the_figure_made_of_it_alone() -> None:
    scores = ["90", "90", "90", "90", "90.08"]  # mean 90.016
    kinds = (SequenceKind.UNIT, SequenceKind.DEPARTMENT)
    ballot = Ballot("salt", {}).with_cast(cast(s + str(n), "甲", s, k) for k in kinds for n, s in enumerate(scores))
    units, offices = (ballot.means(kind) for kind in kinds)
    settings = replace(SETTINGS, assessments=weighted("0.3"), department_of=DEPARTMENTS)
    found = score_month(
        OCTOBER, Evidence((), roster(segment("S1", unit="甲")), ratings=units, department_ratings=offices), settings
    )
    # 0.7 × 100 + 0.3 × 90.016 = 97.0048; by a mean rounded to 90.02 it would be 97.006, printed 97.01
    assert [row.score for kind in kinds for one in found.of(kind) for row in one.rows] == [Decimal("97.00")] * 2


def test_the_other_lists_stay_as_they_were() -> None:
    points = ("S1", "luan.stall", "3")
    with_ratings, without = october({"城管执法局": "60"}, "0.4", points), october({}, "0.4", points)
    assert with_ratings.sequences[:-1] == without.sequences


# ---- sealed votes ---------------------------------------------------------------------------------------------------


def cast(voter: str, subject: str, score: str, kind: SequenceKind = SequenceKind.UNIT) -> Cast:
    return Cast(voter, Vote(kind, subject, Decimal(score)))


def test_a_later_vote_replaces_the_earlier_and_repeats_change_nothing() -> None:
    ballot = Ballot("salt", {}).with_cast([cast("p", "甲", "80"), cast("q", "甲", "90")])
    assert ballot.means(SequenceKind.UNIT) == {"甲": Decimal("85.00")}
    assert ballot.with_cast([cast("q", "甲", "90")]).votes == ballot.votes
    again = Ballot.from_facts(ballot.to_facts()).with_cast([cast("q", "甲", "100"), cast("q", "乙", "1")])
    assert again.means(SequenceKind.UNIT) == {"甲": Decimal("90.00"), "乙": Decimal("1.00")}
    assert again.means(SequenceKind.DEPARTMENT) == {}


def test_no_voter_stands_in_what_is_stored() -> None:
    facts = str(Ballot("salt", {}).with_cast([cast("彭涛", "甲", "80")]).to_facts())
    assert "彭涛" not in facts


def contest(*scores: str) -> Contest:
    shops = [Shop("S1", name) for name, _ in zip("甲乙丙丁戊", scores, strict=False)]
    votes = [cast("p", s.subject, score, SequenceKind.SHOP) for s, score in zip(shops, scores, strict=True)]
    return Contest(OCTOBER, Ballot("x", {}), {}).with_votes(Ballot("x", {}).with_cast(votes), shops)


@pytest.mark.parametrize(
    ("scores", "best", "worst", "picks"),
    [
        pytest.param(("90", "80", "70"), 1, 1, ["best", "", "worst"], id="one each"),
        pytest.param(
            ("90", "90", "70", "70"), 1, 1, ["best", "best", "worst", "worst"], id="who shares the edge is in"
        ),
        pytest.param(("90", "90"), 1, 1, ["best", "best"], id="all equal: nobody is the worst"),
        pytest.param(("90",), 0, 1, [""], id="one alone is not the worst"),
        pytest.param(("90", "80"), None, None, ["", ""], id="S61 no numbers set"),
    ],
)
def test_picks(scores: tuple[str, ...], best: int | None, worst: int | None, picks: list[str]) -> None:
    assert [row.pick(best, worst) for row in contest(*scores).rows()] == picks


def test_names_may_be_read_after_two_checked_and_the_objection_time() -> None:
    found = contest("90", "80")
    assert not found.is_open(NOW)
    assert not replace(found, verified_by=("wu",), objections_end=NOW).is_open(NOW)
    checked = replace(found, verified_by=("wu", "feng"), objections_end=NOW)
    assert [checked.is_open(NOW - timedelta(seconds=1)), checked.is_open(NOW)] == [False, True]
    assert Contest.from_facts(OCTOBER, checked.to_facts()) == checked
    again = checked.with_votes(checked.ballot, [Shop("S1", "己")])
    assert not again.is_open(NOW)
    assert Month(2026, 10) == again.month
