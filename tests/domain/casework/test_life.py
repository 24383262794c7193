"""Any sequence of things that people do to a case keeps the promises of the scheme."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from domain.case import BY_EVENT, IN_HAND, Case, Clock, Event, State
from domain.casework import commanding, handling, opening, verifying
from domain.casework.work import Work
from domain.effects import Effects
from domain.errors import RuleError
from tests.domain.casework.city import City, now_, on_leave, photo, reported, roster_with, rules, segment
from tests.domain.test_case import target

EVERYBODY = ["zhao", "wang", "zhou", "chen", "li", "qian", "wu", "feng", "sun", "liu_fang", "wecom:x"]
DOERS, LEADERS, DESK = ["zhao", "zhao", "wang"], ["chen", "chen", "li", "wu"], ["qian", "qian", "wu", "feng"]
REASONS = st.sampled_from(["物料仍在", "需商户搬迁", ""])
ENDS = {"decline", "void", "merge"}
MOVES_DUE = {Event.GRANT_EXTENSION, Event.RESUME, Event.RECLASSIFY}
Step = Callable[[Work, Case], tuple[Case, Effects]]
Draw = Callable[[st.SearchStrategy[Any]], Any]


@dataclass(frozen=True)
class Act:
    """Something people do: the event it tries for, whose turn it mostly is, and the step with drawn arguments."""

    event: Event
    people: Sequence[str]
    step: Callable[["Life", str, Draw], Step]


class Life(RuleBasedStateMachine):
    """One case, and a second one to join it to, in the hands of everybody."""

    def __init__(self) -> None:
        super().__init__()
        self.city = City()
        self.id = reported(self.city).id
        self.other = reported(self.city, "XC002").id
        self.refusals: list[str] = []
        self.pictures = 0
        self.city.take(opening.announce(self.city.work, reported(self.city, "XC003", photos=(photo("used"),))))

    @property
    def case(self) -> Case:
        return self.city.held[self.id]

    def attempt(self, by: str, step: Step) -> None:
        """Take a step; what is refused changes nothing and says so politely, what is taken is looked at."""
        before, seen = self.case, len(self.city.events)
        try:
            after, effects = step(self.city.work, before)
        except RuleError as refused:
            self.refusals.append(refused.text)
            return
        self.city.take(effects)
        assert self.city.held[after.id] == after
        self.look_at(by, before, after, [Event(e.kind) for e in self.city.events[seen:] if before.number in e.stream])
        self.keeps_its_promises()

    def look_at(self, by: str, before: Case, after: Case, events: list[Event]) -> None:
        state = before.state
        for event in events:
            allowed = target(state, event)
            assert allowed is not None, f"{event} is not listed from {state}"
            state = allowed
        assert state is after.state, "a state changed without its ledger event"
        assert after.version == before.version + len(events)
        facts = [e.facts for e in self.city.events if e.stream == f"case:{after.number}"][-1]
        assert (facts["state"], facts["segment"], facts["category"]) == (after.state, after.segment, after.category)
        self.look_at_deadline(before, after, set(events))
        for event in events[-1:]:
            self.look_at_clock(event, before, after)
        if events == [Event.PASS]:
            assert before.state is State.RESOLVED
            assert by not in (before.resolved_by, before.handler, before.extension_approver)
            assert before.photos_of("after") or before.closed_without_photo
        if Event.CONFIRM_NO_PHOTO in events:
            assert before.no_photo is not None
            assert by != before.no_photo.by == after.resolved_by

    def look_at_deadline(self, before: Case, after: Case, events: set[Event]) -> None:
        if before.due is None or before.due == after.due:
            return
        assert events & MOVES_DUE, f"{events} moved the case's deadline"
        if Event.RECLASSIFY not in events:
            assert after.due is not None
            assert after.due > before.due

    def look_at_clock(self, event: Event, before: Case, after: Case) -> None:
        """The handler's clock does what the table of transitions says of the event."""
        clock, now = BY_EVENT[event].clock, self.city.work.now
        if clock is Clock.RESTART:
            assert (after.handler_due, after.paused_at) == (self.city.work.rules.due(after, now), None)
        elif clock is Clock.PAUSE:
            assert after.paused_at == now
        elif clock is Clock.RESUME:
            assert after.paused_at is None
        elif clock is Clock.STOP:
            assert after.state not in IN_HAND
        elif event not in MOVES_DUE:
            assert (after.handler_due, after.paused_at) == (before.handler_due, before.paused_at)

    @rule(data=st.data())
    def act(self, data: st.DataObject) -> None:
        """Do some things that fit the case's state, now and then anything at all."""
        for _ in range(data.draw(st.integers(1, 8), "acts")):
            self.act_once(data)

    def act_once(self, data: st.DataObject) -> None:
        rarely = data.draw(st.integers(0, 7), "0 = anything") == 0
        fitting = [name for name, act in ACTS.items() if target(self.case.state, act.event)]
        lasting = [name for name in fitting if name not in ENDS]
        name = data.draw(st.sampled_from(sorted(ACTS) if rarely else lasting or fitting or sorted(ACTS)))
        by = data.draw(st.sampled_from(EVERYBODY if rarely else ACTS[name].people), "by")
        step = ACTS[name].step(self, by, data.draw)
        self.attempt(by, step)

    @precondition(lambda self: not self.case.is_open)
    @rule()
    def report_another(self) -> None:
        if self.case.state is not State.CLOSED:
            self.id = reported(self.city).id

    @rule(hours=st.sampled_from([1, 5, 17, 80]))
    def pass_time(self, hours: int) -> None:
        self.city.pass_time(hours=hours)

    @rule(person=st.sampled_from(["wang", "zhao", "chen"]), stand_in=st.sampled_from(["", "zhou"]))
    def go_on_leave(self, person: str, stand_in: str) -> None:
        day = self.city.work.day
        self.city.roster = roster_with((on_leave(person, stand_in, day, day),))

    @invariant()
    def keeps_its_promises(self) -> None:
        self.extensions_stay_within_two()
        self.who_must_act_is_known_and_has_a_deadline()
        self.the_ladder_waits_exactly_while_steps_lie_ahead()
        self.nothing_asked_outlives_what_it_was_asked_of()
        self.shelved_means_approved_by_two_with_an_end()
        self.times_are_in_order()
        self.notices_are_single_and_polite()

    def extensions_stay_within_two(self) -> None:
        assert self.case.extensions <= handling.MAX_EXTENSIONS

    def who_must_act_is_known_and_has_a_deadline(self) -> None:
        if self.case.state in IN_HAND:
            assert self.case.handler
            assert self.case.handler_due
            assert self.case.due
            assert self.case.paused_at is None

    def the_ladder_waits_exactly_while_steps_lie_ahead(self) -> None:
        case = self.case
        ahead = rules().steps(case)[case.raised :] if case.state in IN_HAND else ()
        timer = self.city.timers.get(f"ladder:{case.id}")
        assert (timer is not None) == bool(ahead)
        assert timer is None or timer.due_at == ahead[0].at

    def nothing_asked_outlives_what_it_was_asked_of(self) -> None:
        if self.case.state in (State.RESOLVED, State.CLOSED, State.RETURNED):
            assert (self.case.no_photo, self.case.extension, self.case.shelving) == (None, None, None)

    def shelved_means_approved_by_two_with_an_end(self) -> None:
        case = self.case
        if case.state is State.SHELVED:
            assert case.shelving is not None
            assert len(set(case.shelving.approvals)) == commanding.APPROVALS
            assert self.city.timers[f"shelve:{case.id}"].due_at == case.shelving.until
        else:
            assert f"shelve:{case.id}" not in self.city.timers

    def times_are_in_order(self) -> None:
        case = self.case
        if case.state is State.CLOSED:
            assert case.assigned_at and case.resolved_at and case.closed_at  # noqa: PT018 - one fact
            assert case.assigned_at <= case.resolved_at <= case.closed_at
        if case.state is State.MERGED:
            assert case.merged_into == self.other
            assert case.reporter in self.city.held[self.other].followers

    def notices_are_single_and_polite(self) -> None:
        keys = [(notice.key, notice.text) for notice in self.city.notices]
        assert len({key for key, _ in keys}) == len(set(keys)), "one key, two texts: the second would be lost"
        said = [*(text for _, text in keys), *self.refusals]
        assert not [text for text in said if not text or "！" in text or "None" in text]


def _resolve(life: Life, by: str, draw: Draw) -> Step:
    life.pictures += 1
    fresh = photo(f"fresh{life.pictures}")
    shown = draw(st.sampled_from([[fresh], [fresh], [photo("used")], []]))
    return lambda work, case: now_(handling.resolve(work, case, by, shown))


def _ask_extension(life: Life, by: str, draw: Draw) -> Step:
    reason, until = draw(REASONS), (life.case.due or life.city.now) + timedelta(hours=draw(HOURS))
    return lambda work, case: handling.ask_extension(work, case, by, reason, until)


def _ask_shelving(life: Life, by: str, draw: Draw) -> Step:
    reason, until = draw(REASONS), life.city.now + timedelta(days=draw(st.sampled_from([20, 1, -1])))
    return lambda work, case: commanding.ask_shelving(work, case, by, reason, until)


def _decide_extension(life: Life, by: str, draw: Draw) -> Step:
    granted = draw(st.booleans())
    return lambda work, case: commanding.decide_extension(work, case, by, "", granted=granted)


def _decide_no_photo(life: Life, by: str, draw: Draw) -> Step:
    confirmed = draw(st.booleans())
    return lambda work, case: handling.decide_no_photo(work, case, by, confirmed=confirmed)


def _decide_tier(life: Life, by: str, draw: Draw) -> Step:
    accepted, reason = draw(st.booleans()), draw(REASONS)
    return lambda work, case: commanding.decide_tier(work, case, by, reason, accepted=accepted)


def _raise(life: Life, by: str, draw: Draw) -> Step:
    severity, reason = draw(st.sampled_from(["突出", "重大", "一般"])), draw(REASONS)
    return lambda work, case: commanding.raise_tier(work, case, by, severity, reason)


def _reasoned(step: Callable[[Work, Case, str, str], tuple[Case, Effects]]) -> Callable[[Life, str, Draw], Step]:
    def drawn(life: Life, by: str, draw: Draw) -> Step:
        reason = draw(REASONS)
        return lambda work, case: step(work, case, by, reason)

    return drawn


def _plain(step: Callable[[Work, Case, str], tuple[Case, Effects]]) -> Callable[[Life, str, Draw], Step]:
    return lambda life, by, draw: lambda work, case: step(work, case, by)


def _handed(step: Callable[[Work, Case, str, str], tuple[Case, Effects]]) -> Callable[[Life, str, Draw], Step]:
    def drawn(life: Life, by: str, draw: Draw) -> Step:
        to = draw(st.sampled_from(["zhou", "zhao", "chen", "wang"]))
        return lambda work, case: step(work, case, by, to)

    return drawn


def _locate(life: Life, by: str, draw: Draw) -> Step:
    place = segment(draw(st.sampled_from(["XC001", "XC003", "XC004"])))
    return lambda work, case: now_(opening.locate(work, case, place, by))


def _merge(life: Life, by: str, draw: Draw) -> Step:
    return lambda work, case: commanding.merge(work, case, life.city.held[life.other], by)


def _reclassify(life: Life, by: str, draw: Draw) -> Step:
    category = draw(st.sampled_from(["zang.litter", "cha.manhole"]))
    return lambda work, case: commanding.reclassify(work, case, by, category)


def _reopen(life: Life, by: str, draw: Draw) -> Step:
    return lambda work, case: verifying.reopened(work, case, by, "又摆出来了", ())


HOURS = st.sampled_from([2, 30, 100, -3])
ACTS = {
    "acknowledge": Act(Event.ACKNOWLEDGE, DOERS, _plain(handling.acknowledge)),
    "resolve": Act(Event.RESOLVE, DOERS, _resolve),
    "ask_no_photo": Act(Event.ASK_NO_PHOTO, DOERS, _reasoned(handling.ask_no_photo)),
    "decide_no_photo": Act(Event.REFUSE_NO_PHOTO, ["chen", "chen", "li"], _decide_no_photo),
    "dissuade": Act(Event.DISSUADE, DOERS, _reasoned(handling.dissuade)),
    "give_back": Act(Event.RETURN, DOERS, _reasoned(handling.give_back)),
    "ask_extension": Act(Event.ASK_EXTENSION, DOERS, _ask_extension),
    "decide_extension": Act(Event.GRANT_EXTENSION, LEADERS, _decide_extension),
    "pass": Act(Event.PASS, DESK, _plain(verifying.passed)),
    "reject": Act(Event.FAIL, DESK, _reasoned(lambda work, case, by, why: verifying.rejected(work, case, by, why))),
    "reopen": Act(Event.REOPEN, ["liu_fang", *DESK], _reopen),
    "reassign": Act(Event.REASSIGN, LEADERS, _handed(commanding.reassign)),
    "pick": Act(Event.REASSIGN, LEADERS, _handed(commanding.pick)),
    "locate": Act(Event.LOCATE, DESK, _locate),
    "decline": Act(Event.DECLINE, DESK, _reasoned(commanding.decline)),
    "void": Act(Event.VOID, ["wu"], _reasoned(commanding.void)),
    "merge": Act(Event.MERGE, DESK, _merge),
    "raise": Act(Event.RAISE, LEADERS, _raise),
    "decide_tier": Act(Event.ACCEPT_TIER, ["li", "chen", "wu"], _decide_tier),
    "ask_shelving": Act(Event.ASK_SHELVE, [*DOERS, *LEADERS], _ask_shelving),
    "approve_shelving": Act(Event.APPROVE_SHELVE, LEADERS, _plain(commanding.approve_shelving)),
    "resume": Act(Event.RESUME, ["", *LEADERS], _plain(commanding.resume)),
    "reclassify": Act(Event.RECLASSIFY, DESK, _reclassify),
}


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=12, stateful_step_count=30, suppress_health_check=[HealthCheck.too_slow])
