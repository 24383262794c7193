from datetime import date

from domain.month import Month
from domain.presence import presences
from domain.roster import Dated, Duty, Leave, Roster
from tests.domain.scoring.build import segment

JUNE = Month(2026, 6)  # the 1st is a Monday


def june(day: int) -> date:
    return date(2026, 6, day)


def test_days_without_anybody_on_duty() -> None:
    roster = Roster(
        segments=(Dated(segment("S1")), Dated(segment("S2"), since=june(5)), Dated(segment("S3"), until=june(1))),
        duties=(Dated(Duty("S1", "a", frozenset(range(1, 6)))), Dated(Duty("S2", "a")), Dated(Duty("S2", "b"))),
        leaves=(Leave("a", "", june(3), june(3)), Leave("a", "c", june(8), june(9)), Leave("b", "", june(1), june(30))),
    )
    every, working = (
        presences(JUNE, roster, today=june(10), only_working_days=only, is_working_day=lambda day: day.isoweekday() < 6)
        for only in (False, True)
    )
    assert [(one.segment.id, one.asked, one.unlisted, one.away) for one in every] == [
        ("S1", 10, (june(6), june(7)), (june(3),)),
        ("S2", 6, (), ()),
    ]
    assert [(one.asked, one.unlisted, one.away) for one in working] == [(8, (), (june(3),)), (4, (), ())]
