from datetime import date

from domain.assessment import SequenceKind
from domain.holdings import holders_of, stints_of
from domain.roster import Dated
from tests.domain.scoring.build import roster, segment

FIRST, LAST = date(2026, 10, 1), date(2026, 10, 31)


def test_rows_are_cut_to_the_month() -> None:
    book = roster(
        Dated(segment("1"), None, date(2026, 10, 1)),  # ended before
        Dated(segment("1", l2="q"), date(2026, 10, 1), date(2026, 10, 11)),
        Dated(segment("1", l2="r"), date(2026, 10, 11)),
        Dated(segment("2"), date(2026, 11, 1)),  # begins after
    )
    stints = stints_of(book, FIRST, LAST)
    assert [(s.segment.second_level, s.first.day, s.last.day) for s in stints] == [("q", 1, 10), ("r", 11, 31)]


def test_a_holder_is_known_by_the_latest_row() -> None:
    change = date(2026, 10, 11)
    book = roster(
        Dated(segment("1", road="旧路", grade="C", l2="p"), None, change),
        Dated(segment("1", road="新路", grade="A", l2="p"), change),
        Dated(segment("2", l2="p"), None, change),
    )
    (holder,) = holders_of(SequenceKind.SECOND_LEVEL, stints_of(book, FIRST, LAST))
    assert (holder.name, holder.days, list(holder.segments)) == ("彭涛", 31, ["1", "2"])
    assert (holder.segments["1"].road, holder.difficulty) == ("新路", "A")
    (town,) = holders_of(SequenceKind.TOWNSHIP, stints_of(book, FIRST, LAST))
    assert [len(road) for road in town.roads] == [1, 1]


def test_a_vacant_post_is_no_subject() -> None:
    stints = stints_of(roster(segment("1", l2="")), FIRST, LAST)
    assert holders_of(SequenceKind.SECOND_LEVEL, stints) == []
