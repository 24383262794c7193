"""The small test city in memory: just what the pure steps of casework read of a View, and what they changed."""

from collections.abc import Coroutine
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast

from bot.assembly import rules_of
from domain.case import Case, State
from domain.casework import opening
from domain.casework.opening import Draft
from domain.casework.work import Work
from domain.effects import Effects, LedgerEvent, Notice, Question, Timer, ToPerson
from domain.messages import ChatRoom, Photo
from domain.photo_facts import PhotosKnown
from domain.ports import View
from domain.roster import Dated, Leave, Person, Post, Role, Roster, Segment
from domain.rules import Rules
from tests.house import DUTIES, MONDAY_MORNING, PEOPLE, POSTS, ROOMS, SEGMENTS, config_in

MONDAY = date(2026, 6, 1)
T = TypeVar("T")


@cache
def rules() -> Rules:
    return rules_of(config_in(Path("unused")))


@cache
def roster_with(leaves: tuple[Leave, ...] = (), posts: tuple[Post, ...] = POSTS) -> Roster:
    """The test city's roster; chiefs hold their posts as an import of the roster gives them."""
    held = {
        Post(person, role, scope, unit)
        for s in SEGMENTS
        for person, role, scope, unit in (
            (s.chief, Role.CHIEF, s.id, s.unit),
            (s.second_level, Role.SECOND_LEVEL, s.township, ""),
            (s.township_head, Role.TOWNSHIP_HEAD, s.township, ""),
            (s.first_level, Role.FIRST_LEVEL, s.township, ""),
        )
    }
    return Roster(
        version=1,
        segments=tuple(Dated(s) for s in SEGMENTS),
        posts=tuple(Dated(p) for p in (*posts, *sorted(held, key=str))),
        duties=tuple(Dated(d) for d in DUTIES),
        people={i: Person(i, name, unit) for i, (name, unit) in PEOPLE.items()},
        leaves=leaves,
    )


def segment(segment_id: str) -> Segment:
    return next(s for s in SEGMENTS if s.id == segment_id)


def on_leave(person: str, stand_in: str = "", first: date = MONDAY, last: date = MONDAY) -> Leave:
    return Leave(person, stand_in, first, last)


def photo(name: str) -> Photo:
    return Photo(name.ljust(64, "0"), "jpg", 100)


@dataclass
class City:
    """Cases, timers, questions, ledger and notices as the steps left them."""

    now: datetime = MONDAY_MORNING
    roster: Roster = field(default_factory=roster_with)
    rooms: tuple[ChatRoom, ...] = ROOMS
    sequence: int = 0
    held: dict[int, Case] = field(default_factory=dict)
    timers: dict[str, Timer] = field(default_factory=dict)
    questions: dict[str, Question] = field(default_factory=dict)
    events: list[LedgerEvent] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)

    @property
    def work(self) -> Work:
        return Work(cast(View, self), rules())

    async def next_sequence(self, year: int) -> int:
        self.sequence += 1
        return self.sequence

    async def case(self, case_id: int) -> Case | None:
        return self.held.get(case_id)

    async def photo_facts(self, shas: object) -> PhotosKnown:
        return PhotosKnown()

    async def photo_cases(self, sha256: str) -> list[int]:
        return [case.id for case in self.held.values() if any(p.sha256 == sha256 for p in case.photos)]

    def take(self, effects: Effects) -> None:
        """Keep what a step changed, in the order in which the store writes it."""
        for case in effects.cases:
            self.held[case.id] = case
        for key in effects.timers_dropped:
            self.timers.pop(key, None)
        self.timers |= {timer.key: timer for timer in effects.timers}
        self.questions |= {question.id: question for question in effects.questions}
        self.events += effects.events
        self.notices += effects.notices

    def kept(self, step: tuple[Case, Effects]) -> Case:
        """Keep a step's effects and return its case."""
        case, effects = step
        self.take(effects)
        assert self.held[case.id] == case, "the case returned is not the case recorded"
        return case

    def pass_time(self, **span: float) -> None:
        self.now += timedelta(**span)

    def told(self, person: str) -> list[str]:
        return [n.text for n in self.notices if isinstance(n.to, ToPerson) and n.to.person == person]


def now_(step: Coroutine[Any, Any, T]) -> T:
    """Run a step whose reads are all in memory, so that it never waits."""
    try:
        step.send(None)
    except StopIteration as done:
        return cast(T, done.value)
    raise AssertionError("a pure step waited for something")


def reported(city: City, segment_id: str = "XC001", **known: object) -> Case:
    """A case just reported, assigned and announced; without a segment it is unlocated."""
    values: dict[str, Any] = {"category": "zang.litter", "severity": "一般", "reporter": "liu_fang", **known}
    place = segment(segment_id) if segment_id else None
    draft = Draft(**{"text": "垃圾未清", "township": "东关街道", **values})
    case = city.kept(now_(opening.open_case(city.work, draft, place)))
    if place:
        city.take(opening.announce(city.work, case))
    return case


def in_state(city: City, state: State, **changes: Any) -> Case:
    """A reported case put into a state by hand, for looking at one step alone."""
    case = replace(reported(city), state=state, **changes)
    city.held[case.id] = case
    return case
