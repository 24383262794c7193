"""Every boundary of the settled readings on quarter, last places and money, with its reason."""

from dataclasses import replace
from decimal import Decimal

import pytest

from domain.funding import load_funding
from domain.printed import PrintedMonth, PrintedRow
from tests.domain.quarter.build import CHIEF, TOWN, group, lines, month, quarter, quarter_months, row, scored

FUND = load_funding().all[0]


@pytest.mark.parametrize(
    ("score", "steps", "a", "b"),
    [
        pytest.param("85.00", 0, 100_000, 50_000, id="S94 the base score itself"),
        pytest.param("87.99", 0, 100_000, 50_000, id="S94a 2.99 above is a part step"),
        pytest.param("88.00", 1, 110_000, 60_000, id="S94a a full step above"),
        pytest.param("90.99", 1, 110_000, 60_000, id="S96 part of the second step"),
        pytest.param("91.00", 2, 120_000, 70_000, id="S94 two full steps"),
        pytest.param("99.99", 4, 140_000, 90_000, id="S94 just below full marks"),
        pytest.param("100.00", 5, 150_000, 100_000, id="S94 full marks add at most 50,000"),
        pytest.param("84.99", 0, 100_000, 50_000, id="S96 part step below"),
        pytest.param("82.01", 0, 100_000, 50_000, id="S94a 2.99 below is a part step"),
        pytest.param("82.00", -1, 90_000, 40_000, id="S94a a full step below"),
        pytest.param("79.00", -2, 80_000, 30_000, id="S95 two steps below"),
        pytest.param("70.01", -4, 60_000, 10_000, id="S95 B above its floor"),
        pytest.param("70.00", -5, 50_000, 0, id="S95 B reaches 0 at 70"),
        pytest.param("67.00", -6, 40_000, 0, id="S95 B does not fall below 0"),
        pytest.param("55.01", -9, 10_000, 0, id="S95 A above its floor"),
        pytest.param("55.00", -10, 0, 0, id="S95 A reaches 0 at 55"),
        pytest.param("0.00", -28, 0, 0, id="S95 nobody owes anything"),
    ],
)
def test_the_fund(score: str, steps: int, a: int, b: int) -> None:
    of_a, of_b = FUND.award(Decimal(score), "A"), FUND.award(Decimal(score), "B")
    assert (of_a.steps, of_a.amount, of_b.steps, of_b.amount) == (steps, a, steps, b)
    assert isinstance(of_a.amount, int)


@pytest.mark.parametrize(
    ("months", "score"),
    [
        pytest.param(("87.99", "88.00", "88.00"), "88.00", id="S97a 87.9966… rounds up and earns the step"),
        pytest.param(("87.99", "87.99", "88.00"), "87.99", id="S97a 87.9933… rounds down and does not"),
        pytest.param(("80.00", "80.01", "(90.00)"), "80.01", id="S43d a half goes up, of two months ranked"),
        pytest.param(("80.01", "80.02", "(1.00)"), "80.02", id="S43d half up, not half even"),
        pytest.param(("90.00", "(10.00)", "(10.00)"), "90.00", id="S97a who was ranked once has that month"),
        pytest.param(("0.00", "0.00", "0.00"), "0.00", id="zero stays zero"),
    ],
)
def test_the_quarters_score(months: tuple[str, str, str], score: str) -> None:
    history = [scored(f"2026-0{n}", {"a": printed, "b": "50.00"}) for n, printed in zip((7, 8, 9), months, strict=True)]
    (found,) = quarter("2026Q3", history, group("a", "b")).groups
    (mine,) = [r for r in found.rows if r.subject == "a"]
    assert str(mine.score) == score
    assert mine.months == sum(not printed.startswith("(") for printed in months)


@pytest.mark.parametrize(
    ("scores", "last"),
    [
        pytest.param({"a": "90.00", "b": "80.00"}, ["b"], id="S84 the lowest"),
        pytest.param({"a": "90.00", "b": "80.00", "c": "80.00"}, ["b", "c"], id="S84a all who share it"),
        pytest.param({"a": "80.00"}, [], id="S84a nobody in a group of one"),
        pytest.param({"a": "80.00", "b": "80.00"}, [], id="S84a nobody where all are equal"),
        pytest.param({"a": "80.00", "b": "(10.00)"}, [], id="S84a a group with one scored is one of one"),
    ],
)
def test_who_is_last(scores: dict[str, str], last: list[str]) -> None:
    (found,) = quarter("2026Q3", quarter_months("2026Q3", scores), group("a", "b", "c")).groups
    assert [r.subject for r in found.rows if r.is_last] == last
    assert {s for s in ("a", "b", "c") if s not in {r.subject for r in found.rows}} == set(found.unscored)


def test_equal_printed_scores_share_a_rank_and_the_next_is_skipped() -> None:
    history = quarter_months("2026Q3", {"a": "90.00", "b": "90.00", "c": "80.00"})
    (found,) = quarter("2026Q3", history, group("c", "b", "a")).groups
    assert lines(found) == ["a 90.00 1 0 -", "b 90.00 1 0 -", "c 80.00 3 1 书面检查"]


def history_of(*quarters: tuple[str, str]) -> list[PrintedMonth]:
    """Quarters in each of which the named one of a, b, c has the lowest score."""
    return [
        printed
        for name, worst in quarters
        for printed in quarter_months(name, {s: "70.00" if s == worst else "90.00" for s in "abc"})
    ]


@pytest.mark.parametrize(
    ("quarters", "run", "measure"),
    [
        pytest.param([("2026Q3", "a")], 1, "书面检查", id="S84 once"),
        pytest.param([("2026Q2", "a"), ("2026Q3", "a")], 2, "诫勉谈话", id="S85 twice running"),
        pytest.param([("2026Q1", "a"), ("2026Q2", "a"), ("2026Q3", "a")], 3, "问责", id="S86 three times running"),
        pytest.param(
            [(f"2025Q{n}", "a") for n in (3, 4)] + [(f"2026Q{n}", "a") for n in (1, 2, 3)],
            5,
            "问责",
            id="S85a each further quarter, over New Year",
        ),
        pytest.param(
            [("2026Q1", "a"), ("2026Q2", "b"), ("2026Q3", "a")], 1, "书面检查", id="S85a an interruption starts anew"
        ),
        pytest.param([("2026Q1", "a"), ("2026Q3", "a")], 1, "书面检查", id="a quarter without figures interrupts"),
    ],
)
def test_runs_of_last_places(quarters: list[tuple[str, str]], run: int, measure: str) -> None:
    (found,) = quarter("2026Q3", history_of(*quarters), group("a", "b", "c")).groups
    assert lines(found)[-1] == f"a 70.00 3 {run} {measure}"


def test_a_quarter_that_is_not_whole_ends_a_run() -> None:
    history = history_of(("2026Q1", "a"), ("2026Q2", "a"), ("2026Q3", "a"))
    del history[4]  # May was never frozen
    (found,) = quarter("2026Q3", history, group("a", "b", "c")).groups
    assert lines(found)[-1] == "a 70.00 3 1 书面检查"


def test_a_run_follows_the_unit_into_another_group() -> None:
    history = history_of(("2026Q2", "a"), ("2026Q3", "a"))
    before = [group("a", "b", name="甲组"), group("c", "d", name="乙组")]
    scores = quarter("2026Q3", history, group("b"), group("a", "c", name="乙组"), earlier={"2026Q2": before})
    assert lines(scores.groups[1])[-1] == "a 70.00 2 2 诫勉谈话"


def test_the_same_name_in_two_sequences_is_two_parties() -> None:
    history = [
        month(
            f"2026-0{n}",
            row("a", "90.00", kind=TOWN),
            row("b", "80.00", kind=TOWN),
            row("a", "10.00"),
            row("b", "20.00"),
        )
        for n in (7, 8, 9)
    ]
    (found,) = quarter("2026Q3", history, group("a", "b", kind=TOWN)).groups
    assert lines(found) == ["a 90.00 1 0 -", "b 80.00 2 1 书面检查"]


def test_a_subject_may_be_given_by_a_name_that_one_alone_bears() -> None:
    def named(subject: str, name: str, score: str) -> PrintedRow:
        return replace(row(subject, score, kind=CHIEF), name=name)

    rows = (
        named("x1", "陈涛", "90.00"),
        named("x2", "高明", "80.00"),
        named("x3", "李伟", "70.00"),
        named("x4", "李伟", "60.00"),
    )
    history = [month(f"2026-0{n}", *rows) for n in (7, 8, 9)]
    (found,) = quarter("2026Q3", history, group("陈涛", "x2", "李伟", kind=CHIEF)).groups
    assert lines(found) == ["x1 90.00 1 0 -", "x2 80.00 2 1 书面检查"]
    assert found.unscored == ("李伟",)


def test_without_a_fund_there_is_no_money() -> None:
    (found,) = quarter("2026Q3", quarter_months("2026Q3", {"a": "90.00"}), group("a", fund=None)).groups
    assert (found.base, found.rows[0].award) == (None, None)


def test_no_figures_before_all_three_months_are_frozen() -> None:
    history = quarter_months("2026Q3", {"a": "90.00", "b": "80.00"})[:2]
    scores = quarter("2026Q3", history, group("a", "b"))
    assert scores.to_json() == {
        "period": "2026Q3",
        "head": "",
        "frozen": False,
        "missing": ["2026-09"],
        "groups": [
            {"group": "甲组", "sequence": "unit", "fund_group": "A", "base": 100_000, "rows": [], "unscored": []}
        ],
        "black_flags": [],
    }


def test_later_months_play_no_part() -> None:
    history = [*quarter_months("2026Q3", {"a": "90.00", "b": "80.00"}), scored("2026-10", {"a": "1.00", "b": "2.00"})]
    assert lines(quarter("2026Q3", history, group("a", "b")).groups[0]) == ["a 90.00 1 0 -", "b 80.00 2 1 书面检查"]


def test_the_contracts_json() -> None:
    scores = quarter("2026Q3", quarter_months("2026Q3", {"a": "91.20", "b": "81.00"}), group("a", "b"))
    got = scores.to_json("h")
    assert (got["period"], got["head"], got["frozen"]) == ("2026Q3", "h", True)
    assert got["groups"][0]["rows"] == [
        {"subject": "a", "name": "a", "score": "91.20", "months": 3, "rank": 1, "steps": 2, "amount": 120_000}
        | {"last": False, "run": 0, "measure": None},
        {"subject": "b", "name": "b", "score": "81.00", "months": 3, "rank": 2, "steps": -1, "amount": 90_000}
        | {"last": True, "run": 1, "measure": "书面检查"},
    ]
