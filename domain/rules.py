"""The rules in force, in one value: tables, calendar, and the few settings a decision needs."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from domain.accountability import load_accountability
from domain.budget import Budget
from domain.calendar import WorkCalendar
from domain.case import IN_HAND, Case
from domain.categories import Categories
from domain.deadlines import Limit, Limits, Span
from domain.escalation import RINGS_NEVER, Ladder, Step
from domain.frame import Frame, load_frame
from domain.funding import load_funding
from domain.imprint import Imprint
from domain.month import Month
from domain.patrols import Quotas, load_quotas
from domain.period import Plan
from domain.quarter import Group, QuarterRules
from domain.scoring import Settings
from domain.slots import Slots
from domain.versions import Versions


@dataclass(frozen=True, slots=True)
class Waits:
    """How long the bot waits for people, where the scheme leaves it to us."""

    gather: timedelta = timedelta(seconds=60)  # photos wait for words, counted from the last photo
    gather_most: timedelta = timedelta(minutes=3)
    gather_asked: timedelta = timedelta(minutes=10)  # after asking for words
    later_photos: timedelta = timedelta(minutes=10)  # photos after the words still join
    question: timedelta = timedelta(minutes=5)
    duplicate: timedelta = timedelta(hours=24)
    rebound: timedelta = timedelta(days=3)
    unknown: timedelta = timedelta(hours=1)  # 未识别 once per person
    verify: timedelta = timedelta(hours=4)  # working time
    advance: timedelta = timedelta(minutes=10)  # notice to the handler before the second level is told
    late: timedelta = timedelta(minutes=15)  # a run this much late was held up by the system
    old_photo: timedelta = timedelta(hours=24)  # a report's picture taken longer before it is looked at by a person
    question_work: timedelta = timedelta(days=3)  # digits on a working message


_KEPT = 256  # ladders: the cases of one batch share a few
SHANGHAI = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True)
class Rules:
    """Everything a decision needs besides the view: pure data, loaded once."""

    city: str
    categories: Categories
    limits: Limits
    calendar: WorkCalendar
    ladder: Ladder
    slots: Slots
    scoring: Settings
    zone: ZoneInfo = SHANGHAI
    rule_title: str = "路长制考评办法"
    waits: Waits = field(default_factory=Waits)
    budget: Budget = field(default_factory=Budget)
    bot_name: str = "路长助手"
    public_url: str = ""
    imprint: Imprint = field(default_factory=Imprint)
    summary_at: time = time(17, 30)  # the office's daily summary
    rings: str = RINGS_NEVER  # when the people of an escalation step are called, besides being told
    ringing: frozenset[str] = frozenset()  # the platforms on which people can be called
    groups: tuple[Group, ...] = ()  # assessment groups as configured now
    quarterly: QuarterRules = field(default_factory=lambda: QuarterRules(load_funding(), load_accountability()))
    frame: Versions[Frame] = field(default_factory=load_frame)
    patrols: Versions[Quotas] = field(default_factory=load_quotas)
    inspections: int = 2  # of each segment in a month, by the draw
    signed: bool | None = None  # True: each month waits for a named person's 定稿; None: as the tables say
    earlier: dict[str, Ladder] = field(default_factory=dict, compare=False)  # ladders of running cases, by fingerprint
    _steps: dict[object, tuple[Step, ...]] = field(default_factory=dict, init=False, compare=False, repr=False)

    def local(self, instant: datetime) -> datetime:
        """Return the instant on the city's clocks."""
        return instant.astimezone(self.zone)

    def day(self, instant: datetime) -> date:
        """Return the city's date at an instant."""
        return self.local(instant).date()

    def plan(self, month: Month) -> Plan:
        """Return what says when a month is drafted and published."""
        rule = self.scoring.assessments.on(month.first).publication
        if self.signed is not None:
            rule = replace(rule, is_signed=self.signed)
        return Plan(rule, self.calendar.is_working_day, self.zone)

    def month(self, instant: datetime) -> Month:
        """Return the city's month at an instant."""
        return Month.of(instant, self.zone)

    def limit(self, case: Case) -> Limit:
        """Return the row of the deadline table for a case."""
        return self.limits.row(case.category, case.severity)

    def ack_due(self, case: Case, start: datetime) -> datetime:
        """Return until when the case must be acknowledged, counted from `start`."""
        begin = self._begin(case, self.limit(case).ack, start)
        return self.limits.ack_due(begin, self.limit(case), self.calendar, is_hazard=case.is_hazard)

    def due(self, case: Case, start: datetime) -> datetime:
        """Return until when the case must be resolved, counted from `start`."""
        begin = self._begin(case, self.limit(case).resolve, start)
        return self.limits.due(begin, self.limit(case), self.calendar, is_hazard=case.is_hazard)

    def _begin(self, case: Case, span: Span, start: datetime) -> datetime:
        """Return when a limit begins to run: one around the clock not before its handler may be told, but for hazards.

        Nobody is woken for an ordinary case, so the night before its message must not use the limit up.
        """
        if case.is_hazard or not span.is_running or not self.slots.is_quiet(start, self.calendar):
            return start
        return self.slots.next_slot(start, self.calendar)

    @cached_property
    def ladder_id(self) -> str:
        """Return the fingerprint of the ladder in force, which a case bears from its first assignment on."""
        return self.ladder.fingerprint

    def steps(self, case: Case) -> tuple[Step, ...]:
        """Return the escalation steps ahead of an open case, in order of time; none while nobody must act."""
        key = (case.ladder, case.state in IN_HAND, case.ack_due, case.handler_due or case.due, case.is_hazard)
        found = self._steps.get(key)
        if found is None:
            if len(self._steps) >= _KEPT:
                self._steps.clear()
            found = self._steps[key] = self.earlier.get(case.ladder, self.ladder).steps(case, self.calendar)
        return found
