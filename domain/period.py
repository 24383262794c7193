"""The life of an assessment period (考评周期): open → draft → objection → frozen → published (S46, S80, S92).

A month is drafted on day 1 of the next at 08:12. The objection window is three whole working days after the day of
the draft, which itself does not count (期间开始之日不计入); the month is published on the working day after it, at
09:12. In automatic mode that rests on a standing approval which two named persons recorded once; in signed mode a named
person signs the figures (定稿) after the window, which freezes them. A hold, an open appeal or a missing approval puts
publication off to the next working day's 09:12. A draft that comes late, after downtime, starts its window on its own
day. What is signed is what is published: whatever may still change is over before (appeals, the shops' objection time)
or stays out. Figures never change once frozen: a correction is a new version beside the old and takes two named persons.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from typing import Any

from domain.assessment import Publication
from domain.errors import Missing, WrongState
from domain.month import SHANGHAI, Month, Quarter

__all__ = ["SHANGHAI", "Month", "Period", "Plan", "Quarter", "Stage", "Step"]

MISSED = timedelta(minutes=15)  # later than this a publication is marked as made up (补发)
ENOUGH_PERSONS = 2
SIGNATURE_AWAITED = "等待定稿"

_DAY = timedelta(days=1)


class Stage(StrEnum):
    """How far a month has come; the value is stored and never renamed."""

    OPEN = "open"
    DRAFT = "draft"
    OBJECTION = "objection"
    FROZEN = "frozen"
    PUBLISHED = "published"
    CORRECTED = "corrected"  # published again, as a version that names the one before


class Step(StrEnum):
    """What can happen to a period."""

    DRAFT = "draft"  # figures are computed and shown to the office
    OPEN_OBJECTIONS = "open_objections"  # those assessed are told their figures
    FREEZE = "freeze"
    PUBLISH = "publish"
    CORRECT = "correct"


STAGE_NAMES = {
    Stage.OPEN: "考评中",
    Stage.DRAFT: "已出草稿",
    Stage.OBJECTION: "申诉期",
    Stage.FROZEN: "已定稿",
    Stage.PUBLISHED: "已通报",
    Stage.CORRECTED: "已更正",
}

# every (stage, step) that is possible; two persons may freeze and publish early, before draft and objections
TRANSITIONS: dict[tuple[Stage, Step], Stage] = {
    (Stage.OPEN, Step.DRAFT): Stage.DRAFT,
    (Stage.DRAFT, Step.OPEN_OBJECTIONS): Stage.OBJECTION,
    (Stage.OPEN, Step.FREEZE): Stage.FROZEN,
    (Stage.DRAFT, Step.FREEZE): Stage.FROZEN,
    (Stage.OBJECTION, Step.FREEZE): Stage.FROZEN,
    (Stage.FROZEN, Step.PUBLISH): Stage.PUBLISHED,
    (Stage.PUBLISHED, Step.CORRECT): Stage.CORRECTED,
    (Stage.CORRECTED, Step.CORRECT): Stage.CORRECTED,
}


@dataclass(frozen=True, slots=True)
class Plan:
    """What says when: the publication rule, the working days and the city's zone."""

    rule: Publication
    is_working_day: Callable[[date], bool]
    zone: tzinfo = SHANGHAI

    def at(self, day: date, clock: time) -> datetime:
        """Return the instant (UTC) at which the city's clocks show `clock` on `day`."""
        return datetime.combine(day, clock, self.zone).astimezone(UTC)

    def draft_at(self, month: Month) -> datetime:
        """Return when a month's draft is due."""
        return self.at(month.next().first + (self.rule.draft_day - 1) * _DAY, self.rule.draft_time)

    def objections_end(self, drafted_on: date) -> datetime:
        """Return the end of the last working day for objections; an objection made at it is too late."""
        day = drafted_on
        for _ in range(self.rule.objection_days):
            day = self._working_day_after(day)
        return self.at(day + _DAY, time())

    def publish_at(self, drafted_on: date) -> datetime:
        """Return when a month drafted on a day is published: the working day after its objection window."""
        last = self.objections_end(drafted_on).astimezone(self.zone).date() - _DAY
        return self.at(self._working_day_after(last), self.rule.publish_time)

    def next_attempt(self, now: datetime) -> datetime:
        """Return the next working day's publication time after `now`."""
        day = now.astimezone(self.zone).date()
        today = self.at(day, self.rule.publish_time)
        if now < today and self.is_working_day(day):
            return today
        return self.at(self._working_day_after(day), self.rule.publish_time)

    def _working_day_after(self, day: date) -> date:
        day += _DAY
        while not self.is_working_day(day):
            day += _DAY
        return day


@dataclass(frozen=True, slots=True)
class Period:
    """One month's life. Every method returns the period as it is afterwards, or raises a RuleError in Chinese."""

    month: Month
    stage: Stage = Stage.OPEN
    hold_reason: str = ""  # "" = not held
    objections_end: datetime | None = None
    publish_at: datetime | None = None  # when publication is next due by itself
    version: int = 0  # of the frozen figures; 0 = not frozen, 2 = corrected once
    signed_by: tuple[str, ...] = ()  # names under the latest version
    frozen_at: datetime | None = None  # what becomes readable later (shops, S65) is not in the figures

    @property
    def is_frozen(self) -> bool:
        """Tell whether the figures are fixed; a late verdict counts only before that (S46)."""
        return self.version > 0

    @property
    def is_published(self) -> bool:
        """Tell whether the figures are out."""
        return self.stage in (Stage.PUBLISHED, Stage.CORRECTED)

    def takes_objections(self, now: datetime) -> bool:
        """Tell whether the objection window is open."""
        return self.stage is Stage.OBJECTION and self.objections_end is not None and now < self.objections_end

    def may_be_appealed(self, now: datetime) -> bool:
        """Tell whether an appeal (申诉) may still be lodged: before the draft, and until the window closes."""
        return self.stage in (Stage.OPEN, Stage.DRAFT) or self.takes_objections(now)

    def due(self, plan: Plan) -> tuple[Step, datetime] | None:
        """Return the step that the clock calls for next and since when, None when only a person can go on.

        PUBLISH freezes first where that has not happened; whether it may happen is for `obstacles`.
        """
        if self.stage is Stage.OPEN:
            return Step.DRAFT, plan.draft_at(self.month)
        if self.stage is Stage.DRAFT:
            return Step.OPEN_OBJECTIONS, plan.draft_at(self.month)
        is_waiting = self.stage in (Stage.OBJECTION, Stage.FROZEN)
        return (Step.PUBLISH, self.publish_at) if is_waiting and self.publish_at else None

    def obstacles(self, plan: Plan, open_appeals: int, approval: Sequence[str]) -> list[str]:
        """Return, in Chinese, all that keeps the month from being published by itself; empty = nothing.

        approval: the names of the standing approval, which automatic mode rests on.
        """
        found = []
        if self.hold_reason:
            found.append(f"已暂缓：{self.hold_reason}")
        if open_appeals:
            found.append(f"还有{open_appeals}件申诉未办结")
        if not self.is_frozen and plan.rule.is_signed:
            found.append(SIGNATURE_AWAITED)
        elif not plan.rule.is_signed and len(distinct(approval)) < ENOUGH_PERSONS:
            found.append("没有两人登记的常设授权")
        return found

    def draft(self, now: datetime, plan: Plan) -> "Period":
        """Return the period with its figures drafted; refused before the draft is due."""
        drafted = self._take(Step.DRAFT)
        if now < plan.draft_at(self.month):
            raise WrongState(f"{self.month.title}尚未到出草稿的时间。")
        return drafted

    def open_objections(self, now: datetime, plan: Plan) -> "Period":
        """Return the period with its objection window running from today."""
        day = now.astimezone(plan.zone).date()
        ends, publish_at = plan.objections_end(day), plan.publish_at(day)
        return replace(self._take(Step.OPEN_OBJECTIONS), objections_end=ends, publish_at=publish_at)

    def publish(self, now: datetime, plan: Plan, open_appeals: int, approval: Sequence[str]) -> "Period":
        """Return the period published by the clock; refused before its time and while anything blocks it."""
        frozen = self._frozen(distinct(approval), now)
        if self.publish_at is None or now < self.publish_at:
            raise WrongState(f"{self.month.title}尚未到通报时间。")
        blocking = self.obstacles(plan, open_appeals, approval)
        if blocking:
            raise WrongState(f"{self.month.title}暂不能通报：{'；'.join(blocking)}。")
        if not plan.rule.is_signed:  # signed before the city changed its way: it goes out on the approval too
            frozen = replace(frozen, signed_by=distinct((*frozen.signed_by, *approval)))
        return frozen._take(Step.PUBLISH)

    def postpone(self, now: datetime, plan: Plan) -> "Period":
        """Return the period, blocked at its time, with the next working day's attempt."""
        return replace(self, publish_at=plan.next_attempt(now))

    def is_made_up(self, now: datetime) -> bool:
        """Tell whether publication at `now` makes up for a missed one and is marked 补发."""
        return self.publish_at is not None and now - self.publish_at > MISSED

    def sign(self, now: datetime, plan: Plan, name: str, open_appeals: int) -> "Period":
        """Return the period frozen by a named person's signature (定稿), to be published at its time.

        Refused until the objection window is over and every appeal decided: nothing may change below a signature; and
        where publication rests on the standing approval of two instead.
        """
        if not plan.rule.is_signed:
            raise WrongState(f"{self.month.title}按两人的常设授权自动通报，无需定稿；提前通报须两人署名立即通报。")
        if self.stage is not Stage.OBJECTION:
            raise WrongState(f"{self.month.title}{STAGE_NAMES[self.stage]}，现在不能定稿。")
        if not name.strip():
            raise Missing("定稿须写明姓名。")
        if self.takes_objections(now):
            raise WrongState(f"{self.month.title}申诉期尚未结束，结束后才能定稿。")
        if open_appeals:
            raise WrongState(f"{self.month.title}还有{open_appeals}件申诉未办结，办结后才能定稿。")
        return self._frozen((name.strip(),), now)

    def publish_now(self, now: datetime, plan: Plan, signed_by: Sequence[str], open_appeals: int) -> "Period":
        """Return the period frozen and published at once on two persons' word, also before its time.

        Refused while the month runs, while it is held, and while an appeal is open.
        """
        names = two_persons(signed_by, "立即通报")
        frozen = replace(self._frozen(names, now), signed_by=names)
        if now < self.month.end(plan.zone):
            raise WrongState(f"{self.month.title}尚未结束，不能通报。")
        if self.hold_reason:
            raise WrongState(f"{self.month.title}已暂缓通报（{self.hold_reason}），请先恢复通报。")
        if open_appeals:
            raise WrongState(f"{self.month.title}还有{open_appeals}件申诉未办结，办结后才能通报。")
        return frozen._take(Step.PUBLISH)

    def hold(self, reason: str) -> "Period":
        """Return the period held (暂缓通报); a reason is needed."""
        if self.is_published:
            raise WrongState(f"{self.month.title}{STAGE_NAMES[self.stage]}，不能再暂缓。")
        if not reason.strip():
            raise Missing("请写明暂缓通报的原因，例如：暂缓通报 数据核对中。")
        return replace(self, hold_reason=reason.strip())

    def release(self) -> "Period":
        """Return the period released (恢复通报)."""
        if not self.hold_reason:
            raise WrongState(f"{self.month.title}没有暂缓，无需恢复。")
        return replace(self, hold_reason="")

    def correct(self, signed_by: Sequence[str]) -> "Period":
        """Return the period with a new version of its figures published beside the old, on two persons' word."""
        names = two_persons(signed_by, "更正")
        return replace(self._take(Step.CORRECT), version=self.version + 1, signed_by=names)

    def to_facts(self) -> dict[str, Any]:
        """Return the period as JSON values, to be stored under its month."""
        return {
            "stage": self.stage.value,
            "hold_reason": self.hold_reason,
            "objections_end": self.objections_end.isoformat() if self.objections_end else None,
            "publish_at": self.publish_at.isoformat() if self.publish_at else None,
            "version": self.version,
            "signed_by": list(self.signed_by),
            "frozen_at": self.frozen_at.isoformat() if self.frozen_at else None,
        }

    @classmethod
    def from_facts(cls, month: Month, facts: Mapping[str, Any]) -> "Period":
        """Return the period that `to_facts` wrote; no facts = a month that nothing has happened to."""
        ends, publish_at, frozen_at = (facts.get(key) for key in ("objections_end", "publish_at", "frozen_at"))
        return cls(
            month=month,
            stage=Stage(facts.get("stage", Stage.OPEN)),
            hold_reason=facts.get("hold_reason", ""),
            objections_end=datetime.fromisoformat(ends) if ends else None,
            publish_at=datetime.fromisoformat(publish_at) if publish_at else None,
            version=facts.get("version", 0),
            signed_by=tuple(facts.get("signed_by", ())),
            frozen_at=datetime.fromisoformat(frozen_at) if frozen_at else None,
        )

    def _frozen(self, signed_by: tuple[str, ...], now: datetime) -> "Period":
        if self.stage is Stage.FROZEN:
            return self
        return replace(self._take(Step.FREEZE), version=1, signed_by=signed_by, frozen_at=now)

    def _take(self, step: Step) -> "Period":
        stage = TRANSITIONS.get((self.stage, step))
        if stage is None:
            raise WrongState(f"{self.month.title}{STAGE_NAMES[self.stage]}，不能再进行这一步。")
        return replace(self, stage=stage)


def distinct(names: Sequence[str]) -> tuple[str, ...]:
    """Return the names that are not blank, each once, in their order."""
    return tuple(dict.fromkeys(name.strip() for name in names if name.strip()))


def two_persons(names: Sequence[str], what: str) -> tuple[str, ...]:
    """Return at least two different names; raises Missing when there are fewer."""
    found = distinct(names)
    if len(found) < ENOUGH_PERSONS:
        raise Missing(f"{what}须由两名不同的人员署名，例如：张三,李四。")
    return found
