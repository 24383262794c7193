"""Slots: what waits, what goes at once, and that no post leaves in a crowded minute or at night."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.calendar import WorkCalendar
from domain.effects import Urgency
from domain.errors import ConfigError
from domain.slots import DIGEST_SLOTS, DUTY_SLOTS, Slots, spread

SHANGHAI = ZoneInfo("Asia/Shanghai")
CALENDAR = WorkCalendar()
SLOTS = Slots()

instants = st.integers(0, 60 * 24 * 700).map(lambda n: datetime(2025, 1, 1, tzinfo=UTC) + timedelta(minutes=n))
recipients = st.text(min_size=1, max_size=12)


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("now", "times", "expected"),
    [
        pytest.param("10-12 07:00", None, "10-12 08:30", id="early morning"),
        pytest.param("10-12 08:29", None, "10-12 08:30", id="just before a slot"),
        pytest.param("10-12 08:30", None, "10-12 10:00", id="on a slot the next one is meant"),
        pytest.param("10-12 12:00", None, "10-12 14:30", id="noon"),
        pytest.param("10-12 16:31", None, "10-13 08:30", id="after the last slot"),
        pytest.param("10-12 08:29", DIGEST_SLOTS, "10-12 08:30", id="a chief's digest"),
        pytest.param("10-12 09:00", DIGEST_SLOTS, "10-13 08:30", id="a chief hears once a day"),
        pytest.param("10-09 17:00", None, "10-10 08:30", id="Friday before a make-up Saturday"),
        pytest.param("10-10 17:00", None, "10-12 08:30", id="over Sunday"),
        pytest.param("09-30 17:00", None, "10-08 08:30", id="over seven days of holiday"),
        pytest.param("10-03 09:00", None, "10-08 08:30", id="inside a holiday"),
        pytest.param("12-31 17:00", None, "2027-01-04 08:30", id="over the year's end without an arrangement"),
        pytest.param("10-12 09:00", (time(15), time(9, 30)), "10-12 09:30", id="a person's own times in any order"),
    ],
)
def test_next_slot(now: str, times: tuple[time, ...] | None, expected: str) -> None:
    slot = SLOTS.next_slot(at(now), CALENDAR, times)
    assert f"{slot.astimezone(SHANGHAI):%Y-%m-%d %H:%M}".removeprefix("2026-") == expected
    assert slot.tzinfo is UTC


@pytest.mark.parametrize(
    ("now", "quiet"),
    [
        pytest.param("10-12 07:29", True, id="before the day"),
        pytest.param("10-12 07:30", False, id="the day begins"),
        pytest.param("10-12 13:00", False, id="lunch is not quiet"),
        pytest.param("10-12 19:59", False, id="evening"),
        pytest.param("10-12 20:00", True, id="night begins"),
        pytest.param("10-13 00:00", True, id="midnight"),
        pytest.param("10-11 10:00", True, id="Sunday"),
        pytest.param("10-10 10:00", False, id="make-up Saturday"),
        pytest.param("10-05 10:00", True, id="holiday Monday"),
    ],
)
def test_quiet(now: str, quiet: bool) -> None:
    assert SLOTS.is_quiet(at(now), CALENDAR) is quiet


@pytest.mark.parametrize(
    ("now", "urgency", "waits_for"),
    [
        pytest.param("10-12 09:00", Urgency.NORMAL, None, id="a case by day goes at once"),
        pytest.param("10-12 13:00", Urgency.NORMAL, None, id="at lunch too"),
        pytest.param("10-12 19:00", Urgency.NORMAL, None, id="after work but not quiet"),
        pytest.param("10-12 20:00", Urgency.NORMAL, "10-13 08:30", id="a case in the evening waits"),
        pytest.param("10-12 06:00", Urgency.NORMAL, "10-12 08:30", id="a case before dawn waits"),
        pytest.param("10-10 20:00", Urgency.NORMAL, "10-12 08:30", id="over Sunday"),
        pytest.param("10-03 10:00", Urgency.NORMAL, "10-08 08:30", id="a holiday waits for the next working day"),
        pytest.param("10-12 09:00", Urgency.SLOT, "10-12 10:00", id="a reminder waits for its slot"),
        pytest.param("10-03 02:00", Urgency.HAZARD, None, id="a hazard on a holiday night goes at once"),
        pytest.param("10-12 23:00", Urgency.REPLY, None, id="an answer at night goes at once"),
    ],
)
def test_deliver_at(now: str, urgency: Urgency, waits_for: str | None) -> None:
    leaves = SLOTS.deliver_at(at(now), urgency, "wang", CALENDAR)
    if waits_for is None:
        assert leaves == at(now)
    else:
        assert timedelta(minutes=2) <= leaves - at(waits_for) < timedelta(minutes=8)
    assert leaves.tzinfo is UTC


def test_a_chiefs_night_mail_waits_for_the_digest() -> None:
    leaves = SLOTS.deliver_at(at("10-12 09:00"), Urgency.SLOT, "wang", CALENDAR, DIGEST_SLOTS)
    assert leaves.astimezone(SHANGHAI).date() == at("10-13 08:30").date()


@given(now=instants, who=recipients, urgency=st.sampled_from([Urgency.NORMAL, Urgency.SLOT]))
def test_what_waits_leaves_by_day_on_a_working_day(now: datetime, who: str, urgency: Urgency) -> None:
    leaves = SLOTS.deliver_at(now, urgency, who, CALENDAR)
    assert leaves >= now
    assert not SLOTS.is_quiet(leaves, CALENDAR)
    if leaves != now:
        assert leaves.astimezone(SHANGHAI).minute not in (0, 30)


@given(now=instants, later=st.integers(0, 5000), who=recipients, urgency=st.sampled_from(Urgency))
def test_a_later_notice_never_overtakes(now: datetime, later: int, who: str, urgency: Urgency) -> None:
    first = SLOTS.deliver_at(now, urgency, who, CALENDAR)
    second = SLOTS.deliver_at(now + timedelta(minutes=later), urgency, who, CALENDAR)
    # a normal notice of the morning may go at once while last night's still waits for the slot
    assert first <= second or urgency is Urgency.NORMAL


@given(minute=st.integers(0, 59), who=recipients)
def test_spread_is_stable_two_to_eight_minutes_and_never_crowded(minute: int, who: str) -> None:
    wait = spread(minute, who)
    assert timedelta(minutes=2) <= wait < timedelta(minutes=8)
    assert (minute + wait // timedelta(minutes=1)) % 30 != 0
    assert spread(minute, who) == wait


def test_spread_is_the_same_in_every_process_and_differs_between_people() -> None:
    assert spread(30, "zhao.qiang") == timedelta(minutes=6, seconds=42)
    waits = {spread(30, f"person-{n}") for n in range(200)}
    assert len(waits) > 100
    assert {wait // timedelta(minutes=1) for wait in waits} == set(range(2, 8))


def test_a_city_without_quiet_holidays_has_slots_every_day() -> None:
    slots = Slots(quiet_on_holidays=False)
    sunday = at("10-11 09:00")
    assert not slots.is_quiet(sunday, CALENDAR)
    assert slots.next_slot(sunday, CALENDAR) == at("10-11 10:00")


def test_quiet_hours_within_one_day() -> None:
    slots = Slots(quiet_from=time(12), quiet_until=time(14))
    assert [slots.is_quiet(at(f"10-12 {clock}"), CALENDAR) for clock in ("11:59", "12:00", "14:00", "23:00")] == [
        False,
        True,
        False,
        False,
    ]


@pytest.mark.parametrize(
    ("slots", "words"),
    [
        pytest.param({"duty": ()}, "reminders.slots", id="none"),
        pytest.param({"duty": (time(10), time(8, 30))}, "reminders.slots", id="not in order"),
        pytest.param({"duty": (time(10), time(10))}, "reminders.slots", id="twice"),
        pytest.param({"digest": (time(6),)}, "reminders.digest：06:00", id="in quiet hours"),
        pytest.param({"duty": (time(19, 55),)}, "reminders.slots：19:55", id="its posts would leave in quiet hours"),
    ],
)
def test_wrong_slots_are_refused(slots: dict[str, tuple[time, ...]], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        Slots(**slots)  # type: ignore[arg-type]


def test_the_defaults_are_the_schemes_slots() -> None:
    assert [f"{slot:%H:%M}" for slot in DUTY_SLOTS] == ["08:30", "10:00", "14:30", "16:30"]
    assert [f"{slot:%H:%M}" for slot in DIGEST_SLOTS] == ["08:30"]
