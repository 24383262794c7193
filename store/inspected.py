"""The view's part for findings, walks and appeals: a query each, with the batch's own changes on top.

Fills `domain.ports.Inspected`; what the flush writes of them stands here too.
"""

from collections.abc import Collection, Sequence
from dataclasses import fields
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from sys import intern
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.appeal import Appeal, AppealState, Proposal, Verdict
from domain.case import id_of
from domain.effects import Effects
from domain.finding import Finding
from domain.ledger import Head
from domain.messages import Photo
from domain.month import Month
from domain.tally import Tally, hundredths, tallied
from domain.walk import Walk
from store import sums
from store.changes import Changes
from store.codec import Row, Stored
from store.columns import from_micros, to_micros
from store.schema import appeal, finding, finding_standing, ledger_head, walk

APPEALS, FINDINGS = "appeal", "finding"  # counters of a year: "appeal:2026"
_CHUNK = 500


def joined() -> Select[Any]:
    """Return the query of findings with what became of them."""
    standing = finding_standing.c
    more = (standing.case_id.label("case"), standing.number, standing.withdrawn)
    return select(finding, *more).select_from(
        finding.outerjoin(finding_standing, finding.c.key == finding_standing.c.key)
    )


_FINDINGS = joined()


def finding_of(row: Sequence[Any]) -> Finding:
    """Return the finding that a row of `joined` holds.

    A month has a hundred thousand of them on a thousand segments: what occurs again and again is held once.
    """
    key, found_at, segment, category, points, inspector, note, by_book, case, number, withdrawn = row
    names = intern(segment), intern(category), points_of(points), intern(inspector)
    return Finding(key, found_at, *names, note, by_book, case or 0, withdrawn or "", number or 0)


@cache
def points_of(hundredths: int) -> Decimal:
    """Return points from whole hundredths, without needless zeros: 50 → 0.5."""
    whole, rest = divmod(hundredths, 100)
    return Decimal(hundredths).scaleb(-2).normalize() if rest else Decimal(whole)


def finding_row(one: Finding) -> Row:
    """Return the row of what was found."""
    kept = (field.name for field in fields(Finding) if field.name in finding.c)
    return {name: getattr(one, name) for name in kept} | {"points": hundredths(one.points)}


def standing_row(one: Finding) -> Row:
    """Return the row of what became of it."""
    return {"key": one.key, "case_id": one.case, "number": one.number, "withdrawn": one.withdrawn}


def walk_row(one: Walk) -> Row:
    """Return the row of a walk."""
    return {"person": one.person, "road": one.road, "segments": list(one.segments), "started_at": one.started_at}


def appeal_row(one: Appeal) -> Row:
    """Return the row of an appeal."""
    rest: Row = {
        "applicant": one.applicant,
        "reason": one.reason,
        "points": str(one.points),
        "lodged_at": to_micros(one.lodged_at),
        "due_at": to_micros(one.due_at),
        "photos": [[p.sha256, p.ext, p.size, p.width, p.height] for p in one.photos],
        "review": _verdict_json(one.review),
        "referral": one.referral,
        "proposal": [one.proposal.by, one.proposal.is_accepted, one.proposal.reason] if one.proposal else None,
        "final": _verdict_json(one.final),
        "awaits_correction": one.awaits_correction,
    }
    return {"id": one.id, "finding": one.finding, "month": one.month, "state": one.state.value, "rest": rest}


def appeal_of(row: Stored) -> Appeal:
    """Return the appeal that a row holds."""
    rest: Row = dict(row["rest"])
    return Appeal(
        id=row["id"],
        finding=row["finding"],
        month=row["month"],
        state=AppealState(row["state"]),
        applicant=rest["applicant"],
        reason=rest["reason"],
        points=Decimal(rest["points"]),
        lodged_at=from_micros(rest["lodged_at"]),
        due_at=from_micros(rest["due_at"]),
        photos=tuple(Photo(*photo) for photo in rest["photos"]),
        review=_verdict(rest["review"]),
        referral=rest["referral"],
        proposal=Proposal(*rest["proposal"]) if rest["proposal"] else None,
        final=_verdict(rest["final"]),
        awaits_correction=rest["awaits_correction"],
    )


def _verdict_json(one: Verdict | None) -> list[Any] | None:
    return None if one is None else [list(one.persons), to_micros(one.at), one.reason, str(one.points)]


def _verdict(value: Sequence[Any] | None) -> Verdict | None:
    if value is None:
        return None
    persons, at, reason, points = value
    return Verdict(tuple(persons), from_micros(at), reason, Decimal(points))


async def findings_between(connection: AsyncConnection, start: datetime, end: datetime) -> list[Finding]:
    """Return the findings made from `start` (inclusive) to `end` (exclusive), oldest first, withdrawn ones too."""
    query = _FINDINGS.where(finding.c.found_at >= start, finding.c.found_at < end)
    rows = await connection.execute(query.order_by(finding.c.found_at, finding.c.key))
    return [finding_of(row) for row in rows]


async def findings_by_key(connection: AsyncConnection, keys: Sequence[str]) -> list[Finding]:
    """Return the findings of these keys as they are stored, in no order; unknown keys are left out."""
    found: list[Finding] = []
    for begin in range(0, len(keys), _CHUNK):
        query = _FINDINGS.where(finding.c.key.in_(keys[begin : begin + _CHUNK]))
        found += [finding_of(row) for row in await connection.execute(query)]
    return found


class SqlInspected:
    """Findings, walks and appeals of one transaction."""

    def __init__(self, connection: AsyncConnection, changes: Changes, counters: dict[str, int]) -> None:
        self._connection = connection
        self._changes = changes
        self._counters = counters

    async def findings(self, start: datetime, end: datetime) -> list[Finding]:
        """Return the findings in [start, end), oldest first, withdrawn ones too."""
        changed = self._changes.findings
        stored = await findings_between(self._connection, start, end)
        if not changed:
            return stored
        kept = [one for one in stored if one.key not in changed]
        kept += [one for one in changed.values() if start <= one.found_at < end]
        return sorted(kept, key=lambda one: (one.found_at, one.key))

    async def tally(self, start: datetime, end: datetime, month: Month | None) -> Tally:
        """Return the sums of what counts in [start, end); from the kept ones when that is all of `month`."""
        if self._changes.findings:  # what this batch changes is not in the sums yet
            return tallied(await self.findings(start, end))
        return await (sums.kept(self._connection, month) if month else sums.raw(self._connection, start, end))

    async def findings_on(self, segments: Collection[str], start: datetime, end: datetime) -> list[Finding]:
        """Return the findings on some segments in [start, end), oldest first, withdrawn ones too."""
        changed = self._changes.findings
        wanted = sorted(segments)
        found = [one for one in changed.values() if one.segment in segments and start <= one.found_at < end]
        for begin in range(0, len(wanted), _CHUNK):
            query = _FINDINGS.where(
                finding.c.found_at >= start,
                finding.c.found_at < end,
                finding.c.segment.in_(wanted[begin : begin + _CHUNK]),
            )
            rows = await self._connection.execute(query)
            found += [finding_of(row) for row in rows if row.key not in changed]
        return sorted(found, key=lambda one: (one.found_at, one.key))

    async def finding(self, key: str) -> Finding | None:
        """Return the finding, or None."""
        return self._changes.findings.get(key) or await self._one(finding.c.key == key)

    async def finding_of_case(self, case_id: int) -> Finding | None:
        """Return the finding that a case stands for, or None."""
        mine = next((one for one in self._changes.findings.values() if one.case == case_id), None)
        return mine or await self._one(finding_standing.c.case_id == case_id)

    async def finding_numbered(self, number: int) -> Finding | None:
        """Return the imported finding of a number, or None."""
        found = await self._one(finding_standing.c.number == number)
        return self._changes.findings.get(found.key, found) if found else None

    async def last_finding(self, inspector: str, since: datetime) -> Finding | None:
        """Return what a person found last since an instant, clean visits left out, or None."""
        query = _FINDINGS.where(
            finding.c.inspector == inspector, finding.c.found_at >= since, finding.c.category != ""
        ).order_by(finding.c.found_at.desc(), finding_standing.c.case_id.desc())
        row = (await self._connection.execute(query.limit(1))).one_or_none()
        changed = self._changes.findings.values()
        found = [one for one in changed if one.inspector == inspector and one.found_at >= since and one.category]
        found += [finding_of(row)] if row is not None and row.key not in self._changes.findings else []
        return max(found, key=lambda one: (one.found_at, one.case), default=None)

    async def _one(self, condition: Any) -> Finding | None:
        row = (await self._connection.execute(_FINDINGS.where(condition))).one_or_none()
        return finding_of(row) if row is not None else None

    async def walk(self, person: str) -> Walk | None:
        """Return the walk that a person is on, or None."""
        if person in self._changes.walks:
            return self._changes.walks[person]
        row = (await self._connection.execute(select(walk).where(walk.c.person == person))).mappings().one_or_none()
        return Walk(**{**row, "segments": tuple(row["segments"])}) if row is not None else None

    async def appeal(self, appeal_id: int) -> Appeal | None:
        """Return the appeal, or None."""
        return self._changes.appeals.get(appeal_id) or await self._appeal(appeal.c.id == appeal_id)

    async def appeal_against(self, finding: str) -> Appeal | None:
        """Return the appeal against a finding, by the finding's key, or None."""
        mine = next((one for one in self._changes.appeals.values() if one.finding == finding), None)
        return mine or await self._appeal(appeal.c.finding == finding)

    async def _appeal(self, condition: Any) -> Appeal | None:
        row = (await self._connection.execute(select(appeal).where(condition))).mappings().one_or_none()
        return appeal_of(row) if row is not None else None

    async def appeals(self, month: str) -> list[Appeal]:
        """Return the appeals about a month ("" = all), in the order of their numbers."""
        query = select(appeal).where(appeal.c.month == month) if month else select(appeal)
        rows = (await self._connection.execute(query)).mappings()
        found = {row["id"]: appeal_of(row) for row in rows}
        found |= {key: one for key, one in self._changes.appeals.items() if month in ("", one.month)}
        return [found[key] for key in sorted(found)]

    async def next_appeal(self, year: int) -> int:
        """Take the next appeal number of a year."""
        return self._next(APPEALS, year)

    async def next_finding(self, year: int) -> int:
        """Take the next number of a year for a finding without a case."""
        return self._next(FINDINGS, year)

    def _next(self, kind: str, year: int) -> int:
        name = f"{kind}:{year}"
        taken = self._counters.get(name, 0) + 1
        self._counters[name] = self._changes.counters[name] = taken
        return id_of(year, taken)

    async def head_before(self, day: date) -> str:
        """Return the ledger's head closed last for a day before `day` in its printed form, "" when there is none."""
        query = select(ledger_head).where(ledger_head.c.day < day).order_by(ledger_head.c.day.desc()).limit(1)
        row = (await self._connection.execute(query)).one_or_none()
        return Head(row.day, row.streams, row.hash).printed if row else ""

    def apply(self, effects: Effects) -> None:
        """Take over what a decision changed."""
        changes = self._changes
        changes.findings |= {one.key: one for one in effects.findings}
        changes.walks |= dict.fromkeys(effects.walks_ended)
        changes.walks |= {one.person: one for one in effects.walks}
        changes.appeals |= {one.id: one for one in effects.appeals}
