"""Corrections (更正): figures that are out change only by a later notice that names the old one, on two persons' word.

The old version stays; what is wrong with a finding is changed in the same commit, so that nothing ever counts that no
notice has told of.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

from domain.appeal import Appeal
from domain.assessment import SEQUENCE_NAMES, SequenceKind
from domain.casework import month as months
from domain.casework import outlook
from domain.casework.appealing import relieved
from domain.casework.deducting import stream_of
from domain.casework.work import Work
from domain.effects import Effects, LedgerEvent
from domain.errors import Missing, NotFound, RuleError, WrongState
from domain.finding import CORRECTION, ZERO, Finding
from domain.flags import FLAG_NAMES, Flag
from domain.month import Month
from domain.period import Period
from domain.texts.leadership import Correction

Key = tuple[str, str | None, str]  # sequence, group, subject


@dataclass(frozen=True, slots=True)
class Wanted:
    """What two persons want changed; what appeals have won since is added by itself."""

    withdrawn: Sequence[Finding] = ()
    points: Mapping[str, Decimal] = field(default_factory=dict)  # by key of the finding
    added: Sequence[Finding] = ()  # left out when the month was frozen


async def corrected(
    work: Work, month: Month, signed_by: Sequence[str], reason: str, wanted: Wanted
) -> tuple[Period, tuple[str, ...], Effects]:
    """Return the month's next version, what differs in words, and everything that goes with it.

    Raises WrongState before the month is published and when nothing would change, Missing without a reason or a second
    name, RuleError for a finding of another month.
    """
    period = await months.period_of(work, month)
    done = period.correct(signed_by)
    if not reason.strip():
        raise Missing("请写明更正原因，如 --reason 复核误录。")
    appeals = [one for one in await work.view.inspected.appeals(str(month)) if one.awaits_correction]
    changed = await _changed(work, month, wanted, appeals)
    scores = await outlook.scores_if(work, month, changed)
    old = await months.published_figures(work, period) or {}
    changes = differences(old, scores.to_json())
    if not changes:
        raise WrongState(f"{month.title}的数据没有变化，无需更正。")
    stored = await work.view.period(str(month))
    day = stored.facts.get("published_on") if stored else None
    correction = Correction(
        period.version, date.fromisoformat(day) if day else None, old.get("head", ""), reason.strip(), changes,
        done.signed_by,
    )  # fmt: skip
    effects = await months.announce(work, done, scores=scores, correction=correction)
    effects.findings += changed
    effects.events += [_event(one, reason) for one in changed]
    effects.appeals += [replace(one, awaits_correction=False) for one in appeals]
    return done, changes, effects


async def _changed(work: Work, month: Month, wanted: Wanted, appeals: Sequence[Appeal]) -> list[Finding]:
    changed = {one.key: replace(one, withdrawn=CORRECTION) for one in wanted.withdrawn}
    for key, points in wanted.points.items():
        changed[key] = replace(await _finding(work, key), points=points, by_book=False)
    for appeal in appeals:
        left = appeal.final.points if appeal.final else ZERO
        changed.setdefault(appeal.finding, relieved(await _finding(work, appeal.finding), left))
    changed |= {one.key: await _numbered(work, one) for one in wanted.added}
    for finding in changed.values():
        if Month.of(finding.found_at, work.rules.zone) != month:
            raise RuleError(f"{finding.label}不属于{month.title}，不能在该月更正。")
    return list(changed.values())


async def _numbered(work: Work, finding: Finding) -> Finding:
    if not finding.category or finding.number:
        return finding
    year = Month.of(finding.found_at, work.rules.zone).year
    return replace(finding, number=await work.view.inspected.next_finding(year))


async def _finding(work: Work, key: str) -> Finding:
    found = await work.view.inspected.finding(key)
    if found is None:
        raise NotFound(f"没有督查问题{key}。")
    return found


def _event(finding: Finding, reason: str) -> LedgerEvent:
    facts = {"finding": finding.key, "points": f"{finding.points:.2f}", "withdrawn": finding.withdrawn}
    return LedgerEvent(stream_of(finding), "correction", facts, words={"reason": reason})


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[str, ...]:
    """Return, in words, every line whose printed score, rank or flag differs between two versions of a month."""
    before, after = _lines(old), _lines(new)
    return tuple(
        _difference(key, before.get(key), after.get(key))
        for key in dict.fromkeys([*after, *before])
        if _printed(before.get(key)) != _printed(after.get(key))
    )


def _lines(figures: Mapping[str, Any]) -> dict[Key, Mapping[str, Any]]:
    return {
        (listed["sequence"], listed["group"], row["subject"]): row
        for listed in figures.get("sequences", ())
        for row in listed["rows"]
    }


def _printed(row: Mapping[str, Any] | None) -> tuple[Any, ...]:
    return (row["score"], row["rank"], row["flag"]) if row else ()


def _difference(key: Key, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> str:
    row = after or before or {}
    group = f"{key[1]}类" if key[1] else ""
    name = f"{SEQUENCE_NAMES[SequenceKind(key[0])]}{group}{row['name']}"
    return f"{name} {_said(before)}→{_said(after)}"


def _said(row: Mapping[str, Any] | None) -> str:
    if row is None:
        return "未列"
    rank = f"第{row['rank']}名" if row["rank"] else "不参与排名"
    flag = FLAG_NAMES[Flag(row["flag"])] if row["flag"] else ""
    return f"{row['score']}分{rank}{flag}"
