"""Escalation (逐级上报, S38): who is told, and when, of a case whose limit has passed.

The ladder stands in tables/escalation.toml. Ordinary steps count working time from the limit; a hazard (紧急) that
nobody has acknowledged goes up in running time, also at night. A ladder has a fingerprint, which a case bears from its
assignment on, so a later edit of the table moves no running case.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from math import inf
from pathlib import Path
from typing import Any

from domain.calendar import WorkCalendar
from domain.case import IN_HAND, Case
from domain.deadlines import ClockKind, Span
from domain.errors import TableError
from domain.roster import Role
from domain.tables import load_toml

HANDLER = "handler"  # whoever has the case in hand; all other recipients are posts of the scheme
RECIPIENTS = (HANDLER, *Role)

RING = "ring"  # the kind of notice that calls a person beside the message of a step, where a platform can
RINGS_NEVER, RINGS_FOR_HAZARDS, RINGS_AT_OFFICE = "off", "hazard", "office"  # when

_TICK = timedelta(microseconds=1)
_CLOCKS = (ClockKind.WORKING_HOURS, ClockKind.WORKING_DAYS, ClockKind.RUNNING_MINUTES)
_FIELDS = frozenset({"ladders", "level", "tell", "notice_minutes", "drafts_order"} | {f"after_{c}" for c in _CLOCKS})


class LadderKind(StrEnum):
    """Which limit has passed; values are stored and never renamed."""

    ACK = "ack"  # 未收到
    RESOLVE = "resolve"  # 未办结
    HAZARD = "hazard"  # 紧急未收到


@dataclass(frozen=True, slots=True)
class StepRule:
    """One row of the table. `after` = None means at the limit itself."""

    level: str
    roles: tuple[str, ...]
    after: Span | None
    notice: timedelta = timedelta()  # how long before the step the handler is told of it; zero = not at all
    drafts_order: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a case's ladder: at `at` (aware UTC) the holders of `roles` are told.

    A step with `announces_handler` only tells the handler that `level` will be told shortly.
    """

    kind: LadderKind
    level: str  # limit | second_level | township_head | first_level | office
    roles: tuple[str, ...]  # "handler" or a Role
    at: datetime
    announces_handler: bool = False
    drafts_order: bool = False  # a 督办单 is drafted with this step

    def rings(self, when: str) -> bool:
        """Tell whether the people of this step are called too: a hazard that reached the office, or any case there."""
        is_urgent = self.kind is LadderKind.HAZARD and Role.OFFICE in self.roles
        is_office = when == RINGS_AT_OFFICE and self.level == Role.OFFICE
        return when != RINGS_NEVER and not self.announces_handler and (is_urgent or is_office)

    @property
    def key(self) -> str:
        """Return a name that is unique within one ladder, for telling each step once."""
        return f"{self.kind}:{self.level}{':notice' if self.announces_handler else ''}"


@dataclass(frozen=True, slots=True)
class Ladder:
    """The table: the rows of each kind of ladder, in order of time."""

    rules: Mapping[LadderKind, tuple[StepRule, ...]]

    @classmethod
    def load(cls, override: Path | None = None) -> "Ladder":
        """Return the built-in ladder or a city's own.

        Raises TableError naming file, row and field when a ladder has no step, a level comes twice in it, steps are
        not in order of time, or a recipient, ladder, clock or field is unknown.
        """
        file = str(override or "escalation.toml")
        rules: dict[LadderKind, list[StepRule]] = {kind: [] for kind in LadderKind}
        for number, raw in enumerate(load_toml("escalation.toml", override).get("step", ()), start=1):
            where = f"{file} 第{number}条[[step]]"
            rule = _rule(where, raw)
            for kind in _ladders(where, raw):
                _check_order(where, kind, rules[kind], rule)
                rules[kind].append(rule)
        empty = [kind for kind, found in rules.items() if not found]
        if empty:
            raise TableError(f"{file} ladders：没有 {'、'.join(empty)} 的步骤，请补上[[step]]。")
        return cls({kind: tuple(found) for kind, found in rules.items()})

    def retimed(self, kind: LadderKind, after: Mapping[str, Span | None], notice: timedelta | None = None) -> "Ladder":
        """Return the ladder with other delays: `after` by level (None = at the limit), levels not named stay.

        notice: the lead of every step that is announced to the handler; zero = none is announced, None = as it is.
        Raises TableError when the ladder has no such level, or its steps would no longer be in order of time.
        """
        unknown = set(after) - {rule.level for rule in self.rules[kind]}
        if unknown:
            raise TableError(f"escalation {kind}：没有“{min(unknown)}”这一步。")
        moved: list[StepRule] = []
        for rule in self.rules[kind]:
            lead = notice if notice is not None and rule.notice else rule.notice
            new = replace(rule, after=after.get(rule.level, rule.after), notice=lead)
            _check_order(f"escalation {kind} {new.level}", kind, moved, new)
            moved.append(new)
        return Ladder({**self.rules, kind: tuple(moved)})

    def to_json(self) -> str:
        """Return the ladder as JSON text, equal for equal ladders."""
        rows = {kind.value: [_rule_json(rule) for rule in rules] for kind, rules in sorted(self.rules.items())}
        return json.dumps(rows, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> "Ladder":
        """Return the ladder that `to_json` wrote."""
        return cls({LadderKind(kind): tuple(map(_rule_of_json, rows)) for kind, rows in json.loads(text).items()})

    @property
    def fingerprint(self) -> str:
        """Return a short name that only an equal ladder bears."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()[:16]

    def steps(self, case: Case, calendar: WorkCalendar) -> tuple[Step, ...]:
        """Return all steps of a case since its clocks last started, in order of time; none while nobody must act.

        While nobody has acknowledged it, both limits of the case count, and each level is told at the earlier one.
        """
        if case.state not in IN_HAND:
            return ()
        ladders = []
        if case.ack_due is not None:
            kind = LadderKind.HAZARD if case.is_hazard else LadderKind.ACK
            ladders.append(ladder(kind, case.ack_due, calendar, self))
        due = case.handler_due or case.due
        if due is not None:
            ladders.append(ladder(LadderKind.RESOLVE, due, calendar, self))
        return merge(ladders)


def ladder(kind: LadderKind, due: datetime, calendar: WorkCalendar, table: Ladder) -> tuple[Step, ...]:
    """Return the steps after the limit `due`, in order of time.

    A notice comes in running time before its step, so that "in 10 minutes" is true across noon and nights.
    """
    steps: list[Step] = []
    for rule in table.rules[kind]:
        at = due.astimezone(UTC) if rule.after is None else rule.after.after(due, calendar)
        if rule.notice:
            steps.append(Step(kind, rule.level, (HANDLER,), at - rule.notice, announces_handler=True))
        steps.append(Step(kind, rule.level, rule.roles, at, drafts_order=rule.drafts_order))
    return tuple(sorted(steps, key=lambda step: step.at))


def merge(ladders: Iterable[Sequence[Step]]) -> tuple[Step, ...]:
    """Return the steps of several ladders in order of time: each level, with its notice, from where it comes first."""
    by_level: dict[str, list[list[Step]]] = defaultdict(list)
    for steps in ladders:
        for level in dict.fromkeys(step.level for step in steps):
            by_level[level].append([step for step in steps if step.level == level])
    first = [min(groups, key=lambda group: group[-1].at) for groups in by_level.values()]
    return tuple(sorted((step for group in first for step in group), key=lambda step: step.at))


def _rule_json(rule: StepRule) -> list[Any]:
    after = None if rule.after is None else [rule.after.clock.value, rule.after.amount]
    return [rule.level, list(rule.roles), after, rule.notice // _TICK, rule.drafts_order]


def _rule_of_json(row: Sequence[Any]) -> StepRule:
    level, roles, after, notice, drafts_order = row
    span = None if after is None else Span(ClockKind(after[0]), after[1])
    return StepRule(level, tuple(roles), span, notice * _TICK, drafts_order)


def _rule(where: str, raw: Mapping[str, Any]) -> StepRule:
    unknown = set(raw) - _FIELDS
    if unknown:
        raise TableError(f"{where} {min(unknown)}：没有这个字段，可用：{'、'.join(sorted(_FIELDS))}。")
    level = raw.get("level")
    if not isinstance(level, str) or not level:
        raise TableError(f"{where} level：请填写这一步的名称，如 second_level。")
    notice = _number(f"{where} notice_minutes", raw.get("notice_minutes", 0))
    drafts_order = raw.get("drafts_order", False)
    if not isinstance(drafts_order, bool):
        raise TableError(f"{where} drafts_order：请填 true 或 false。")
    return StepRule(level, _roles(where, raw), _after(where, raw), timedelta(minutes=notice), drafts_order)


def _roles(where: str, raw: Mapping[str, Any]) -> tuple[str, ...]:
    roles = raw.get("tell")
    if not isinstance(roles, list) or not roles:
        raise TableError(f'{where} tell：请填写告知谁，如 ["second_level"]。')
    for role in roles:
        if role not in RECIPIENTS:
            raise TableError(f"{where} tell：没有“{role}”，可用：{'、'.join(RECIPIENTS)}。")
    return tuple(roles)


def _after(where: str, raw: Mapping[str, Any]) -> Span | None:
    given = [clock for clock in _CLOCKS if f"after_{clock}" in raw]
    if len(given) != 1:
        raise TableError(f"{where} after：请填且只填一项：{'、'.join(f'after_{clock}' for clock in _CLOCKS)}。")
    field = f"after_{given[0]}"
    amount = _number(f"{where} {field}", raw[field])
    return Span(given[0], amount) if amount else None


def _number(where: str, value: object) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < inf:
        return value
    raise TableError(f"{where}：“{value}”无效，请填不小于0的数。")


def _ladders(where: str, raw: Mapping[str, Any]) -> list[LadderKind]:
    names = raw.get("ladders")
    if not isinstance(names, list) or not names or not all(name in tuple(LadderKind) for name in names):
        raise TableError(f"{where} ladders：“{names}”无效，可用：{'、'.join(LadderKind)}。")
    return [LadderKind(name) for name in dict.fromkeys(names)]


def _check_order(where: str, kind: LadderKind, before: Sequence[StepRule], rule: StepRule) -> None:
    if any(earlier.level == rule.level for earlier in before):
        raise TableError(f"{where} level：{kind} 中已有“{rule.level}”，每级只写一次。")
    gap = _length(rule) - (_length(before[-1]) if before else timedelta())
    if gap < timedelta():
        raise TableError(f"{where} after：早于上一步，请按时间先后排列。")
    if rule.notice and rule.notice >= gap:
        raise TableError(f"{where} notice_minutes：须短于与上一步（或到期）的间隔。")


def _length(rule: StepRule) -> timedelta:
    """Return how far a step lies from the limit, a working day taken as the 8 hours of the national standard."""
    if rule.after is None:
        return timedelta()
    units = {ClockKind.WORKING_HOURS: timedelta(hours=1), ClockKind.WORKING_DAYS: timedelta(hours=8)}
    return rule.after.amount * units.get(rule.after.clock, timedelta(minutes=1))
