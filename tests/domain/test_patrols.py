"""Quotas by post, cycles at a month's edges, posts that change hands, leave, the duty calendar (S23–S29, S39)."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from importlib import resources
from itertools import pairwise
from pathlib import Path

import pytest

from domain.errors import TableError
from domain.month import Month
from domain.patrols import Count, Cycle, Patrol, PatrolKind, Quotas, Span, counts, cycles, is_recordable, load_quotas
from domain.roster import Dated, Leave, Person, Post, Role, Roster
from domain.texts.patrols import listing

BUILT_IN = (resources.files("domain.tables") / "patrols.toml").read_text(encoding="utf-8")
JUNE = Month(2026, 6)  # the 1st is a Monday, the 30th a Tuesday
QUOTAS = load_quotas().on(JUNE.first)
LONG_AFTER = date(2026, 8, 1)
PATROL, MEETING = PatrolKind.PATROL, PatrolKind.MEETING


def june(day: int) -> date:
    return date(2026, 6, day)


def held(
    role: Role, since: date | None = None, until: date | None = None, scope: str = "", who: str = "p"
) -> Dated[Post]:
    return Dated(Post(who, role, scope), since, until)


def count(
    *posts: Dated[Post],
    days: Iterable[date] = (),
    kind: PatrolKind = PATROL,
    leaves: tuple[Leave, ...] = (),
    quotas: Quotas = QUOTAS,
    today: date = LONG_AFTER,
) -> list[Count]:
    records = [Patrol("p", kind, day, "人民路") for day in days]
    roster = Roster(posts=posts, leaves=leaves)
    return counts(JUNE, quotas, roster, records, today=today, is_working_day=lambda day: day.isoweekday() <= 5)


@pytest.mark.parametrize(
    ("role", "kind", "every", "source"),
    [
        pytest.param(Role.GENERAL, PATROL, Cycle.MONTH, "S23", id="S23"),
        pytest.param(Role.FIRST_LEVEL, PATROL, Cycle.HALF_MONTH, "S24", id="S24"),
        pytest.param(Role.FIRST_LEVEL, MEETING, Cycle.MONTH, "S25", id="S25"),
        pytest.param(Role.TOWNSHIP_HEAD, PATROL, Cycle.WEEK, "S26", id="S26"),
        pytest.param(Role.SECOND_LEVEL, PATROL, Cycle.DAY, "S27", id="S27"),
        pytest.param(Role.CHIEF, PATROL, Cycle.DAY, "S29", id="S29"),
    ],
)
def test_the_schemes_own_quotas(role: Role, kind: PatrolKind, every: Cycle, source: str) -> None:
    (row,) = [row for row in QUOTAS.rows if row.role is role and row.kind is kind]
    assert (row.every, row.source, len(QUOTAS.rows), QUOTAS.only_working_days) == (every, source, 6, False)


@pytest.mark.parametrize(
    ("month", "every", "first", "last", "number"),
    [
        pytest.param(JUNE, Cycle.MONTH, june(1), june(30), 1, id="a month"),
        pytest.param(JUNE, Cycle.HALF_MONTH, june(1), june(30), 2, id="1 to 15, 16 to the end"),
        pytest.param(Month(2026, 2), Cycle.HALF_MONTH, date(2026, 2, 1), date(2026, 2, 28), 2, id="a short month"),
        pytest.param(JUNE, Cycle.WEEK, june(1), june(28), 4, id="29 and 30 June are July's first week"),
        pytest.param(Month(2026, 7), Cycle.WEEK, june(29), date(2026, 7, 26), 4, id="which is July's"),
        pytest.param(Month(2026, 8), Cycle.WEEK, date(2026, 7, 27), date(2026, 8, 30), 5, id="five Sundays"),
        pytest.param(JUNE, Cycle.DAY, june(1), june(30), 30, id="every day"),
    ],
)
def test_cycles_follow_each_other_without_a_gap(
    month: Month, every: Cycle, first: date, last: date, number: int
) -> None:
    found = cycles(every, month)
    assert (found[0].first, found[-1].last, len(found)) == (first, last, number)
    assert [(b.first - a.last).days for a, b in pairwise(found)] == [1] * (number - 1)


def test_half_months_meet_in_the_middle() -> None:
    assert cycles(Cycle.HALF_MONTH, JUNE) == [Span(june(1), june(15)), Span(june(16), june(30))]


def test_one_record_fulfils_a_cycle_and_more_count_once() -> None:
    (head,) = count(held(Role.TOWNSHIP_HEAD), days=[june(1), june(3), june(7), june(28), june(30)])
    assert (head.owed, len(head.done)) == (4, 2)
    assert head.missed == (Span(june(8), june(14)), Span(june(15), june(21)))


def test_a_patrol_is_no_meeting() -> None:
    patrol, meeting = count(held(Role.FIRST_LEVEL), days=[june(5)], kind=MEETING)
    assert (len(patrol.missed), len(meeting.done), meeting.owed) == (2, 1, 1)


def test_a_cycle_is_open_until_its_last_day_is_over() -> None:
    (chief,) = count(held(Role.CHIEF), days=[june(1)], today=june(3))
    assert (len(chief.done), chief.missed, len(chief.open)) == (1, (Span(june(2), june(2)),), 28)
    (head,) = count(held(Role.TOWNSHIP_HEAD), today=june(7))
    assert (head.missed, len(head.open)) == ((), 4)


def test_a_change_of_post_within_a_cycle_asks_it_of_neither() -> None:
    old, new = count(
        held(Role.TOWNSHIP_HEAD, until=june(10), scope="东关街道"),
        held(Role.TOWNSHIP_HEAD, june(10), None, "东关街道", "q"),
    )
    assert [c.person for c in (old, new)] == ["p", "q"]
    assert old.missed == (Span(june(1), june(7)),)
    assert new.missed == (Span(june(15), june(21)), Span(june(22), june(28)))


def test_another_scope_of_the_same_post_goes_on() -> None:
    (one,) = count(held(Role.CHIEF, until=june(10), scope="S1"), held(Role.CHIEF, june(10), None, "S2"))
    assert one.owed == 30


def test_who_came_too_late_for_any_cycle_is_listed_owing_nothing_and_who_left_before_is_not() -> None:
    (late,) = count(held(Role.GENERAL, june(2)))
    assert (late.person, late.owed) == ("p", 0)
    assert count(held(Role.TOWNSHIP_HEAD, until=june(1))) == []


def test_two_posts_are_counted_apart_from_the_same_records() -> None:
    second, chief = count(held(Role.CHIEF), held(Role.SECOND_LEVEL), days=[june(1)])
    assert [(c.quota.role, len(c.done)) for c in (second, chief)] == [(Role.SECOND_LEVEL, 1), (Role.CHIEF, 1)]


def test_leave_excuses_its_days_and_longer_cycles_only_as_a_whole() -> None:
    away = (Leave("p", "", june(3), june(14)),)
    (chief,) = count(held(Role.CHIEF), days=[june(4)], leaves=away)
    assert (len(chief.done), len(chief.excused), len(chief.missed)) == (1, 11, 18)
    (head,) = count(held(Role.TOWNSHIP_HEAD), leaves=away)
    assert head.excused == (Span(june(8), june(14)),)
    assert len(head.missed) == 3


def test_daily_patrols_may_follow_the_working_days_and_longer_cycles_never_do() -> None:
    quotas = replace(QUOTAS, only_working_days=True)
    assert [c.owed for c in count(held(Role.CHIEF), quotas=quotas)] == [22]
    assert [c.owed for c in count(held(Role.TOWNSHIP_HEAD), quotas=quotas)] == [4]


@pytest.mark.parametrize(
    ("day", "today", "may"),
    [
        pytest.param(june(4), june(3), False, id="a day to come"),
        pytest.param(june(3), june(3), True, id="today"),
        pytest.param(june(1), date(2026, 7, 31), True, id="until the end of the month after"),
        pytest.param(june(30), date(2026, 8, 1), False, id="and no longer"),
        pytest.param(date(2025, 12, 1), date(2026, 1, 5), True, id="over New Year"),
    ],
)
def test_what_may_still_be_recorded(day: date, today: date, may: bool) -> None:
    assert is_recordable(day, today) is may


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        pytest.param('days = "all"', 'days = "weekends"', "days只能是all或working", id="days"),
        pytest.param('every = "week"', 'every = "year"', "quota 第4条：every不能是year，可用：month", id="cycle"),
        pytest.param('role = "general"', 'role = "mayor"', "role不能是mayor", id="post"),
        pytest.param('role = "second_level"', 'role = "chief"', "写了两条", id="one post twice"),
        pytest.param('source = "S29"', "", "缺少字段source", id="no source"),
    ],
)
def test_a_bad_table_is_refused(tmp_path: Path, old: str, new: str, words: str) -> None:
    table = tmp_path / "patrols.toml"
    table.write_text(BUILT_IN.replace(old, new), encoding="utf-8")
    with pytest.raises(TableError, match=words):
        load_quotas(table)


def test_days_that_were_missed_are_told_as_spans_and_weeks_one_by_one() -> None:
    (chief,) = count(held(Role.CHIEF), days=[june(3)], today=june(6))
    assert chief.gaps == [Span(june(1), june(2)), Span(june(4), june(5))]
    (head,) = count(held(Role.TOWNSHIP_HEAD), today=june(15))
    assert head.gaps == [Span(june(1), june(7)), Span(june(8), june(14))]


def test_the_list_names_deputies_by_their_title() -> None:
    roster = Roster(
        posts=(
            held(Role.GENERAL),
            held(Role.GENERAL, scope="副总路长", who="q"),
            held(Role.TOWNSHIP_HEAD, scope="东关街道"),
        ),
        people={"p": Person("p", "甲"), "q": Person("q", "乙", "市政府")},
    )
    found = counts(JUNE, QUOTAS, roster, [], today=LONG_AFTER, is_working_day=lambda day: True)
    rows = listing(JUNE, found, {}, roster, "").rows
    assert [row[:3] for row in rows] == [
        ("总路长", "甲", ""),
        ("副总路长", "乙", "市政府"),
        ("辖区总路长", "甲", "东关街道"),
    ]
