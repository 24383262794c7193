import json
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from domain.assessment import Publication
from domain.errors import Missing, RuleError, WrongState
from domain.month import Month
from domain.period import Period, Plan, Stage, Step

HOLIDAYS = {date(2027, 1, 1), date(2026, 10, 1), date(2026, 10, 2)}
OCTOBER = Month(2026, 10)
TWO = ("张三", "李四")


def is_working_day(day: date) -> bool:
    return day.isoweekday() <= 5 and day not in HOLIDAYS


def plan(*, is_signed: bool = False, days: int = 3) -> Plan:
    return Plan(Publication(is_signed, 1, time(8, 12), days, time(9, 12)), is_working_day)


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+08:00")


def in_objection(by: Plan, drafted: str = "2026-11-01T08:12") -> Period:
    return Period(OCTOBER).draft(at(drafted), by).open_objections(at(drafted), by)


@pytest.mark.parametrize(
    ("month", "drafted", "ends", "published"),
    [
        pytest.param("2026-10", "2026-11-01", "2026-11-05", "2026-11-05", id="drafted on a Sunday"),
        pytest.param("2026-11", "2026-12-01", "2026-12-05", "2026-12-07", id="the day of the draft does not count"),
        pytest.param("2026-12", "2027-01-01", "2027-01-07", "2027-01-07", id="drafted on a holiday"),
        pytest.param("2026-09", "2026-10-01", "2026-10-08", "2026-10-08", id="a weekend in between"),
        pytest.param("2026-10", "2026-11-12", "2026-11-18", "2026-11-18", id="a late draft starts its window late"),
    ],
)
def test_dates(month: str, drafted: str, ends: str, published: str) -> None:
    by = plan()
    now = at(f"{drafted}T08:12")
    period = Period(Month.parse(month)).draft(now, by).open_objections(now, by)
    assert (period.objections_end, period.publish_at) == (at(f"{ends}T00:00"), at(f"{published}T09:12"))


def test_a_month_goes_through_its_stages_at_their_times() -> None:
    by, period = plan(), Period(OCTOBER)
    assert period.due(by) == (Step.DRAFT, at("2026-11-01T08:12"))
    with pytest.raises(WrongState):
        period.draft(at("2026-11-01T08:11"), by)
    period = period.draft(at("2026-11-01T08:12"), by)
    assert period.due(by) == (Step.OPEN_OBJECTIONS, at("2026-11-01T08:12"))
    period = period.open_objections(at("2026-11-01T08:12"), by)
    assert period.takes_objections(at("2026-11-04T23:59"))
    assert not period.takes_objections(at("2026-11-05T00:00"))
    assert period.due(by) == (Step.PUBLISH, at("2026-11-05T09:12"))
    with pytest.raises(WrongState, match="尚未到"):
        period.publish(at("2026-11-05T09:11"), by, 0, TWO)
    published = period.publish(at("2026-11-05T09:12"), by, 0, TWO)
    assert (published.stage, published.version, published.signed_by) == (Stage.PUBLISHED, 1, TWO)
    assert published.due(by) is None


@pytest.mark.parametrize(
    ("appeals", "approval", "reason", "words"),
    [
        pytest.param(2, TWO, "", "还有2件申诉", id="an open appeal"),
        pytest.param(0, (), "", "常设授权", id="no approval"),
        pytest.param(0, ("张三", " 张三 "), "", "常设授权", id="one person twice"),
        pytest.param(0, TWO, "核对数据", "已暂缓：核对数据", id="held"),
    ],
)
def test_what_blocks(appeals: int, approval: tuple[str, ...], reason: str, words: str) -> None:
    by, now = plan(), at("2026-11-05T09:12")
    period = in_objection(by)
    period = period.hold(reason) if reason else period
    assert len(period.obstacles(by, appeals, approval)) == 1
    with pytest.raises(WrongState, match=words):
        period.publish(now, by, appeals, approval)
    again = period.postpone(now, by)
    assert again.publish_at == at("2026-11-06T09:12")
    assert again.postpone(at("2026-11-06T09:12"), by).publish_at == at("2026-11-09T09:12")


def test_released_it_is_published_at_the_next_attempt() -> None:
    by = plan()
    held = in_objection(by).hold("核对数据").postpone(at("2026-11-05T09:12"), by)
    with pytest.raises(Missing):
        held.hold("  ")
    free = held.release()
    assert free.publish(at("2026-11-06T09:12"), by, 0, TWO).stage is Stage.PUBLISHED
    assert not free.is_made_up(at("2026-11-06T09:12"))
    with pytest.raises(WrongState):
        free.release()


def test_only_a_missed_publication_is_made_up() -> None:
    period = in_objection(plan())
    assert not period.is_made_up(at("2026-11-05T09:27"))
    assert period.is_made_up(at("2026-11-05T09:28"))


def test_an_attempt_on_the_same_day() -> None:
    assert plan().next_attempt(at("2026-11-06T08:00")) == at("2026-11-06T09:12")
    assert plan().next_attempt(at("2026-11-07T08:00")) == at("2026-11-09T09:12")


def test_signed_mode_waits_for_a_name_and_takes_it_after_the_window_alone() -> None:
    by = plan(is_signed=True)
    period = in_objection(by)
    assert period.obstacles(by, 0, TWO) == ["等待定稿"]
    with pytest.raises(WrongState, match="申诉期尚未结束"):
        period.sign(at("2026-11-04T23:59"), by, "王局长", 0)
    with pytest.raises(WrongState, match="1件申诉"):
        period.sign(at("2026-11-05T08:00"), by, "王局长", 1)
    with pytest.raises(Missing):
        period.sign(at("2026-11-05T08:00"), by, " ", 0)
    signed = period.sign(at("2026-11-05T08:00"), by, "王局长", 0)
    assert (signed.stage, signed.is_frozen, signed.due(by)) == (
        Stage.FROZEN,
        True,
        (Step.PUBLISH, at("2026-11-05T09:12")),
    )
    published = signed.publish(at("2026-11-05T09:12"), by, 0, ())
    assert (published.stage, published.version, published.signed_by) == (Stage.PUBLISHED, 1, ("王局长",))


def test_where_two_approved_once_for_all_nobody_signs_alone() -> None:
    with pytest.raises(WrongState, match="无需定稿"):
        in_objection(plan()).sign(at("2026-11-05T08:00"), plan(), "王局长", 0)
    signed = in_objection(plan(is_signed=True)).sign(at("2026-11-05T08:00"), plan(is_signed=True), "王局长", 0)
    assert signed.obstacles(plan(), 0, ("张三",)) == ["没有两人登记的常设授权"]  # the city changed its way since
    published = signed.publish(at("2026-11-05T09:12"), plan(), 0, TWO)
    assert published.signed_by == ("王局长", *TWO)


@pytest.mark.parametrize("stage", [Stage.OPEN, Stage.DRAFT, Stage.OBJECTION, Stage.FROZEN])
def test_two_persons_may_publish_at_once(stage: Stage) -> None:
    period = Period(OCTOBER, stage, version=int(stage is Stage.FROZEN))
    published = period.publish_now(at("2026-11-01T00:00"), plan(), ("张三", "李四"), 0)
    assert (published.stage, published.version, published.signed_by) == (Stage.PUBLISHED, 1, TWO)


@pytest.mark.parametrize(
    ("period", "now", "names", "appeals", "error"),
    [
        pytest.param(Period(OCTOBER), "2026-11-02T00:00", ("张三",), 0, Missing, id="one person"),
        pytest.param(Period(OCTOBER), "2026-11-02T00:00", ("张三", "张三"), 0, Missing, id="one person twice"),
        pytest.param(Period(OCTOBER), "2026-11-02T00:00", TWO, 1, WrongState, id="an open appeal"),
        pytest.param(Period(OCTOBER), "2026-10-31T23:59", TWO, 0, WrongState, id="the month still runs"),
        pytest.param(Period(OCTOBER).hold("x"), "2026-11-02T00:00", TWO, 0, WrongState, id="held"),
        pytest.param(Period(OCTOBER, Stage.PUBLISHED, version=1), "2026-11-02T00:00", TWO, 0, WrongState, id="again"),
    ],
)
def test_refused_at_once(
    period: Period, now: str, names: tuple[str, ...], appeals: int, error: type[RuleError]
) -> None:
    with pytest.raises(error):
        period.publish_now(at(now), plan(), names, appeals)


def test_a_correction_is_a_new_version_by_two() -> None:
    published = Period(OCTOBER, Stage.PUBLISHED, version=1, signed_by=TWO)
    corrected = published.correct(("王五", "赵六"))
    assert (corrected.stage, corrected.version, corrected.signed_by) == (Stage.CORRECTED, 2, ("王五", "赵六"))
    assert corrected.correct(TWO).version == 3
    with pytest.raises(Missing):
        published.correct(("王五",))
    with pytest.raises(WrongState):
        Period(OCTOBER).correct(TWO)
    with pytest.raises(WrongState):
        published.hold("晚了")


def test_facts_come_back_as_they_were() -> None:
    for period in (Period(OCTOBER), in_objection(plan()).hold("核对"), Period(OCTOBER, Stage.CORRECTED, version=2)):
        stored = json.loads(json.dumps(period.to_facts()))
        assert Period.from_facts(OCTOBER, stored) == period
    assert Period.from_facts(OCTOBER, {}) == Period(OCTOBER)


class Life(RuleBasedStateMachine):
    """Any order of what people and the clock do, with what must hold whatever happens."""

    def __init__(self) -> None:
        super().__init__()
        self.by = plan()
        self.now = datetime(2026, 10, 30, tzinfo=UTC)
        self.period = Period(OCTOBER)
        self.appeals = 0
        self.approval: tuple[str, ...] = ()
        self.versions = [0]

    def attempt(self, change: str, *args: object) -> None:
        before = self.period
        try:
            self.period = getattr(before, change)(*args)
        except RuleError:
            return
        if self.period.version != before.version:
            self.versions.append(self.period.version)
        if self.period.stage is Stage.PUBLISHED and before.stage is not Stage.PUBLISHED:
            assert self.appeals == 0
            assert not before.hold_reason
            assert self.now >= OCTOBER.end()
            assert len(set(self.period.signed_by)) >= 2 or self.by.rule.is_signed

    @rule(hours=st.integers(1, 60))
    def time_passes(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @rule(mode=st.booleans())
    def mode_changes(self, mode: bool) -> None:
        self.by = plan(is_signed=mode)

    @rule(names=st.sampled_from([(), ("张三",), TWO]))
    def approval_changes(self, names: tuple[str, ...]) -> None:
        self.approval = names

    @precondition(lambda self: self.period.takes_objections(self.now))
    @rule()
    def somebody_appeals(self) -> None:
        self.appeals += 1

    @rule()
    def an_appeal_is_decided(self) -> None:
        self.appeals = max(0, self.appeals - 1)

    @rule()
    def the_clock_ticks(self) -> None:
        due = self.period.due(self.by)
        if not due or due[1] > self.now:
            return
        if due[0] is Step.DRAFT:
            self.attempt("draft", self.now, self.by)
        elif due[0] is Step.OPEN_OBJECTIONS:
            self.attempt("open_objections", self.now, self.by)
        elif self.period.obstacles(self.by, self.appeals, self.approval):
            self.period = self.period.postpone(self.now, self.by)
            assert self.period.publish_at is not None
            assert self.period.publish_at > self.now
        else:
            self.attempt("publish", self.now, self.by, self.appeals, self.approval)
            assert self.period.stage is Stage.PUBLISHED

    @rule(name=st.sampled_from(["", "王局长"]))
    def somebody_signs(self, name: str) -> None:
        self.attempt("sign", self.now, self.by, name, self.appeals)

    @rule(names=st.sampled_from([("张三",), TWO]))
    def somebody_publishes(self, names: tuple[str, ...]) -> None:
        self.attempt("publish_now", self.now, self.by, names, self.appeals)

    @rule(names=st.sampled_from([("张三", "张三"), TWO]))
    def somebody_corrects(self, names: tuple[str, ...]) -> None:
        self.attempt("correct", names)

    @rule(reason=st.sampled_from(["", "核对"]))
    def somebody_holds(self, reason: str) -> None:
        self.attempt("hold", reason)

    @rule()
    def somebody_releases(self) -> None:
        self.attempt("release")

    @invariant()
    def versions_only_grow_by_one(self) -> None:
        assert self.versions == list(range(len(self.versions)))

    @invariant()
    def frozen_means_a_version(self) -> None:
        late = (Stage.FROZEN, Stage.PUBLISHED, Stage.CORRECTED)
        assert self.period.is_frozen == (self.period.stage in late)
        assert bool(self.period.signed_by) == self.period.is_frozen

    @invariant()
    def stored_and_read_again(self) -> None:
        assert Period.from_facts(OCTOBER, self.period.to_facts()) == self.period


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=60, stateful_step_count=30)
