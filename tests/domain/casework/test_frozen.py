"""What no step does: score what is fixed, score by the wrong book, let anybody score, count another's findings."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from domain.case import Case
from domain.casework import deducting, inspecting, opening, publication
from domain.casework.opening import Draft
from domain.casework.work import Work
from domain.errors import NotAllowed, WrongState
from domain.finding import Finding
from domain.month import Month
from domain.rulebook import Rule, RuleBook, RuleBooks
from domain.walk import Walk
from tests.domain.casework.city import now_, segment
from tests.domain.scoring.office import Office

JUNE = Month(2026, 6)
MORNING = datetime(2026, 6, 10, 2, 0, tzinfo=UTC)


@pytest.fixture
def office() -> Office:
    return Office(now=MORNING)


def inspected(office: Office, points: str = "", place: str = "XC001") -> Case:
    draft = Draft("luan.vendor", "一般", "sun", "x", inspector="sun", points=points)
    return office.kept(now_(opening.open_case(office.work, draft, segment(place) if place else None)))


def reported(office: Office) -> Case:
    return office.kept(
        now_(opening.open_case(office.work, Draft("luan.vendor", "一般", "liu_fang", "x"), segment("XC002")))
    )


def test_nothing_given_is_nothing_taken(office: Office) -> None:
    inspected(office, "0")
    assert [(one.points, one.by_book) for one in office.found.values()] == [(Decimal(0), False)]


Step = Callable[[Work, Case, Case], Awaitable[object]]
STEPS: dict[str, Step] = {
    "other points": lambda work, mine, _: deducting.revalued(work, found_of(work, mine), "wu", Decimal("0.1")),
    "points at last": lambda work, mine, _: deducting.valued(work, replace(mine, finding=""), "sun", Decimal("0.1")),
    "void": lambda work, mine, _: deducting.voided(work, mine),
    "another category": lambda work, mine, _: deducting.recategorised(work, replace(mine, category="wu.bbq"), "wu"),
    "another segment": lambda work, mine, _: deducting.relocated(work, replace(mine, segment="XC002"), "wu"),
    "a report confirmed": lambda work, _, other: deducting.confirmed(work, other, "wu", Decimal("0.1")),
}


def found_of(work: Work, case: Case) -> Finding:
    found = now_(work.view.inspected.finding_of_case(case.id))
    assert found is not None
    return found


@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS)
def test_once_the_month_is_frozen_only_a_correction_changes_it(office: Office, step: Step) -> None:
    mine, other = inspected(office), reported(office)
    now_(step(office.work, mine, other))  # type: ignore[arg-type]
    office.now = datetime(2026, 7, 1, 1, tzinfo=UTC)
    office.take(now_(publication.publish_now(office.work, JUNE, ["吴主任", "冯副主任"])))
    with pytest.raises(WrongState, match="已定稿"):
        now_(step(office.work, mine, other))  # type: ignore[arg-type]


@pytest.mark.parametrize("who", ["wang", "zhao", "liu_fang", "qian"])
def test_nobody_but_inspectors_and_the_office_confirms(office: Office, who: str) -> None:
    with pytest.raises(NotAllowed):
        now_(deducting.confirmed(office.work, reported(office), who, Decimal("0.5")))


@pytest.mark.parametrize("hand", ["handler", "chief"])
def test_who_had_a_hand_in_a_report_does_not_confirm_it(office: Office, hand: str) -> None:
    case = replace(reported(office), **{hand: "wu"})  # type: ignore[arg-type]
    with pytest.raises(NotAllowed, match="未经手"):
        now_(deducting.confirmed(office.work, case, "wu", Decimal("0.5")))


def test_a_finding_placed_later_takes_the_points_of_its_day(office: Office) -> None:
    case = inspected(office, place="")
    books = RuleBooks(
        tuple(
            RuleBook(name, since, True, {"luan.vendor": Rule(Decimal(points), "一")})
            for name, since, points in (("一", date(2026, 1, 1), "0.50"), ("二", date(2026, 6, 15), "3"))
        )
    )
    office.now = MORNING + timedelta(days=10)
    rules = replace(office.work.rules, scoring=replace(office.work.rules.scoring, rules=books))
    _, effects = now_(opening.locate(Work(office.work.view, rules), case, segment("XC003"), "wu"))
    [found] = effects.findings
    assert (found.points, found.found_at, found.segment, found.inspector) == (Decimal("0.50"), MORNING, "XC003", "sun")


def test_a_walk_counts_what_its_own_inspector_found(office: Office) -> None:
    walk = Walk("sun", "人民路", ("XC001", "XC002"), MORNING)
    inspected(office, "0.5")
    theirs = Finding("k", MORNING, "XC002", "luan.vendor", Decimal(7), "wu")
    office.import_file([theirs])
    office.now += timedelta(minutes=5)
    figures = now_(inspecting.figures_of(office.work, walk))
    assert (figures.problems, figures.points, figures.unseen) == (1, Decimal("0.5"), ("XC002",))
