"""Attempts to post: claims and results that wait are written together, with the robots' limits counted once."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy import BindParameter, Boolean, bindparam, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.messages import Way
from store import bulk
from store.codec import Row
from store.columns import UtcDateTime
from store.schema import attempt, outbox, robot
from store.writing import put

FULL_WAIT = timedelta(seconds=1)  # when only unfinished attempts fill a window, nobody knows when it opens

_ROBOTS: BindParameter[list[str]] = bindparam("robots", expanding=True)
_ROWS: BindParameter[list[int]] = bindparam("rows", expanding=True)
_ROW = outbox.c.id == bindparam("row_id")

# built once, for the path of every post
_WAITING = select(outbox.c.id).where(outbox.c.id.in_(_ROWS), outbox.c.state == "waiting")
_CURRENT = select(outbox.c.attempt).where(outbox.c.id.in_(_ROWS), outbox.c.state == "sending")
_SILENT = select(robot.c.name, robot.c.until).where(robot.c.name.in_(_ROBOTS))
_UNFINISHED = (
    select(attempt.c.robot, func.count())
    .where(attempt.c.robot.in_(_ROBOTS), attempt.c.finished_at.is_(None))
    .group_by(attempt.c.robot)
)
_FINISHED = (
    select(attempt.c.robot, attempt.c.finished_at)
    .where(attempt.c.robot.in_(_ROBOTS), attempt.c.finished_at > bindparam("since"))
    .order_by(attempt.c.finished_at)
)
_LAST = select(func.coalesce(func.max(attempt.c.id), 0))
_START = insert(attempt)
_SENDING = (
    update(outbox)
    .where(_ROW)
    .values(state="sending", attempt=bindparam("number"), robot=bindparam("robot_"), tries=outbox.c.tries + 1)
)
_REFUSED = update(outbox).where(_ROW).values(robot=bindparam("robot_"))
_SETTLE = (
    update(attempt)
    .where(attempt.c.id == bindparam("number"))
    .values(finished_at=bindparam("at", type_=UtcDateTime), outcome=bindparam("outcome_"))
)
# the attempt's number fences: a sender that was asleep and has been replaced changes nothing
_FINISH = (
    update(outbox)
    .where(_ROW, outbox.c.attempt == bindparam("number"), outbox.c.state == "sending")
    .values(
        state=bindparam("state_"),
        error=bindparam("error_"),
        platform_message_id=bindparam("message"),
        ready_at=func.coalesce(bindparam("retry", type_=UtcDateTime), outbox.c.ready_at),
        in_doubt=or_(bindparam("doubt", type_=Boolean), outbox.c.in_doubt),
        ended_at=bindparam("ended", type_=UtcDateTime),
        attempt=None,
    )
)


@dataclass(frozen=True, slots=True)
class Claim:
    """Somebody wants to try a row by a way."""

    now: datetime
    way: Way
    row_id: int
    who: str


@dataclass(frozen=True, slots=True)
class Finish:
    """An attempt has ended."""

    row_id: int
    number: int
    now: datetime
    outcome: str
    state: str
    message_id: str = ""
    retry_at: datetime | None = None
    in_doubt: bool = False
    ended: bool = False

    def of(self, number: int) -> "Finish":
        """Return it for an attempt's number."""
        return replace(self, number=number)


Job = Claim | Finish


@dataclass
class _Window:
    """What a robot has posted lately, as this batch goes on."""

    until: datetime | None = None  # must be silent before
    unfinished: int = 0
    finished: list[datetime] = field(default_factory=list)  # ascending

    def opens_at(self, way: Way, now: datetime) -> datetime | None:
        """Return None when one more post keeps the limit, else when to ask again."""
        if self.until is not None and self.until > now:
            return self.until
        return max(filter(None, (self._opens(*limit, now) for limit in way.limits)), default=None)

    def _opens(self, posts: int, window: timedelta, now: datetime) -> datetime | None:
        counted = [end for end in self.finished if end > now - window]
        excess = self.unfinished + len(counted) - posts + 1
        if excess <= 0:
            return None
        return counted[excess - 1] + window if excess <= len(counted) else now + FULL_WAIT


async def write_jobs(connection: AsyncConnection, jobs: Sequence[Job]) -> list[int]:
    """Write claims and results; return for each the attempt's number, 0 for one that was refused or is out of date."""
    ends = [job for job in jobs if isinstance(job, Finish)]
    claims = [job for job in jobs if isinstance(job, Claim)]
    results: dict[int, int] = {}
    if ends:
        current = await _current(connection, ends)
        results |= {id(job): job.number if job.number in current else 0 for job in ends}
        await _finish(connection, ends)
    if claims:
        results |= await _claim(connection, claims)
    return [results[id(job)] for job in jobs]


async def _current(connection: AsyncConnection, ends: Sequence[Finish]) -> set[int]:
    """Return the attempts that still are the running one of their row; others were taken over."""
    numbers = await connection.execute(_CURRENT, {"rows": [job.row_id for job in ends]})
    return {number for number in numbers.scalars() if number}


async def _finish(connection: AsyncConnection, ends: Sequence[Finish]) -> None:
    settled = [{"number": job.number, "at": job.now, "outcome_": job.outcome} for job in ends]
    await bulk.run(connection, _SETTLE, settled)
    await bulk.run(connection, _FINISH, [_finish_row(job) for job in ends])


def _finish_row(job: Finish) -> Row:
    return {
        "row_id": job.row_id,
        "number": job.number,
        "state_": job.state,
        "error_": "" if job.state == "sent" else job.outcome,
        "message": job.message_id,
        "retry": job.retry_at,
        "doubt": job.in_doubt,
        "ended": job.now if job.ended else None,
    }


async def _claim(connection: AsyncConnection, claims: Sequence[Claim]) -> dict[int, int]:
    rows = await connection.execute(_WAITING, {"rows": [job.row_id for job in claims]})
    waiting = set(rows.scalars())
    windows = await _windows(connection, claims)
    taken: list[Claim] = []
    silent: dict[str, datetime] = {}
    refused: list[Claim] = []
    for job in claims:
        window = windows[job.way.robot]
        if job.row_id not in waiting:
            continue
        if again := window.opens_at(job.way, job.now):
            silent[job.way.robot] = again
            refused.append(job)
            continue
        waiting.discard(job.row_id)
        window.unfinished += 1
        taken.append(job)
    await _hold(connection, refused, silent)
    numbers = await _start(connection, taken)
    return dict.fromkeys(map(id, claims), 0) | {id(job): n for job, n in zip(taken, numbers, strict=True)}


async def _windows(connection: AsyncConnection, claims: Sequence[Claim]) -> dict[str, _Window]:
    names = sorted({job.way.robot for job in claims})
    windows = {name: _Window() for name in names}
    for row in await connection.execute(_SILENT, {"robots": names}):
        windows[row.name].until = row.until
    for name, count in await connection.execute(_UNFINISHED, {"robots": names}):
        windows[name].unfinished = count
    since = min(job.now - window for job in claims for _posts, window in job.way.limits)
    for name, end in await connection.execute(_FINISHED, {"robots": names, "since": since}):
        windows[name].finished.append(end)
    return windows


async def _hold(connection: AsyncConnection, refused: Collection[Claim], silent: dict[str, datetime]) -> None:
    """Let refused rows rest until their robot may speak, so that they don't stand before others' rows."""
    if not refused:
        return
    await put(connection, robot, [{"name": name, "until": until} for name, until in silent.items()])
    await bulk.run(connection, _REFUSED, [{"row_id": job.row_id, "robot_": job.way.robot} for job in refused])


async def _start(connection: AsyncConnection, taken: Sequence[Claim]) -> list[int]:
    if not taken:
        return []
    # only one sender writes at a time, so the numbers can be given here: cheaper than asking for each one
    last = (await connection.execute(_LAST)).scalar_one()
    numbered = list(enumerate(taken, last + 1))
    rows = [
        {"id": n, "outbox_id": c.row_id, "robot": c.way.robot, "way": c.way.name, "who": c.who, "started_at": c.now}
        for n, c in numbered
    ]
    await bulk.run(connection, _START, [row | {"outcome": ""} for row in rows])
    await bulk.run(
        connection, _SENDING, [{"row_id": c.row_id, "number": n, "robot_": c.way.robot} for n, c in numbered]
    )
    return [n for n, _claim in numbered]
