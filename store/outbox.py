"""The outbox: what is to be posted, every attempt at it, and how many posts a robot has made.

A robot's limit holds in any window, across kills and restarts, because the attempts themselves are counted: one that
never finished counts until it is settled, one that finished counts for the window after its end.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, case, delete, exists, func, or_, select, tuple_, update

from domain.messages import Receipt, Target, Way
from domain.ports import Post
from store.attempts import Claim, Finish, Job, write_jobs
from store.codec import digest, post_fields, post_row, target_of, target_text
from store.engine import SENDING, Database
from store.group_commit import GroupCommit
from store.outbox_due import due_ids
from store.schema import attempt, outbox, robot
from store.writing import put

PURGE_CHUNK = 1_000

_OTHER = outbox.alias("other")
# a row of a robot that must be silent waits for both
_NEXT = (
    select(func.min(case((robot.c.until > outbox.c.ready_at, robot.c.until), else_=outbox.c.ready_at)))
    .select_from(outbox.outerjoin(robot, robot.c.name == outbox.c.robot))
    .where(outbox.c.ended_at.is_(None), outbox.c.state == "waiting")
    # what waits for another row would be asked for without end
    .where(
        ~exists().where(
            _OTHER.c.target == outbox.c.target,
            _OTHER.c.about == outbox.c.about,
            outbox.c.about != 0,
            _OTHER.c.ended_at.is_(None),
            _OTHER.c.rank <= outbox.c.rank,
            _OTHER.c.head.is_(None),
            tuple_(_OTHER.c.due_at, _OTHER.c.id) < tuple_(outbox.c.due_at, outbox.c.id),
        )
    )
    .where(or_(outbox.c.head.is_(None), ~exists().where(_OTHER.c.key == outbox.c.head, _OTHER.c.ended_at.is_(None))))
    .where(
        or_(
            outbox.c.head.is_(None),
            outbox.c.text == "",
            ~exists().where(
                _OTHER.c.head == outbox.c.head,
                _OTHER.c.ended_at.is_(None),
                tuple_(_OTHER.c.due_at, _OTHER.c.id) < tuple_(outbox.c.due_at, outbox.c.id),
            ),
        )
    )
)
_ROWS = select(outbox).where(outbox.c.id.in_(bindparam("ids", expanding=True)))
_FREEZE = (
    update(outbox)
    .where(outbox.c.id == bindparam("row"), outbox.c.text.is_(None))
    .values(text=bindparam("words"), digest=bindparam("mark"))
)


@dataclass(frozen=True, slots=True)
class OutboxRow(Post):
    """A post that may be tried now."""

    id: int = 0
    tries: int = 0
    in_doubt: bool = False  # an earlier try may have arrived


@dataclass(frozen=True, slots=True)
class Delivery:
    """A line of the message log."""

    post: OutboxRow
    state: str  # "waiting" | "sending" | "sent" | "failed"
    error: str
    created_at: datetime
    ended_at: datetime | None
    robot: str


class Outbox:
    """Hands out rows that are due and records what became of them; attempts and results share commits."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._running: dict[int, int] = {}  # row → the attempt that this process is making
        self._commits: GroupCommit[Job, int] = GroupCommit(self._write)
        self.batches = 0  # commits so far, for the metrics

    async def close(self) -> None:
        """Wait until everything handed in is stored."""
        await self._commits.close()

    async def due(self, now: datetime, limit: int) -> list[OutboxRow]:
        """Return up to `limit` rows that may be tried, urgent ones first, then the longest due.

        A row waits while an earlier one to the same target about the same case is unsent; every target gets a share,
        so that a backlog in one place doesn't hold up another; rows of a robot that must be silent are left out.
        """
        async with self._database.reading() as connection:
            ids = await due_ids(connection, now, limit)
            if not ids:
                return []
            rows = (await connection.execute(_ROWS, {"ids": ids})).mappings().all()
        found = {row["id"]: _outbox_row(row) for row in rows}
        return [found[row_id] for row_id in ids]

    async def next_due(self) -> datetime | None:
        """Return when the next waiting row may be tried, or None when nothing waits."""
        async with self._database.reading() as connection:
            earliest: datetime | None = (await connection.execute(_NEXT)).scalar_one()
            return earliest

    async def claim(self, now: datetime, way: Way, row_id: int, who: str) -> bool:
        """Record the start of one attempt and return True, or return False and try again later.

        False: the row is no longer waiting, the robot must be silent, or one more post would break its limit.
        """
        number = await self._commits.submit(Claim(now, way, row_id, who))
        if number:
            self._running[row_id] = number
        return number > 0

    async def sent(self, row: OutboxRow, receipt: Receipt, now: datetime) -> bool:
        """Record that the platform took it; False when another process has taken the row over meanwhile."""
        message_id = receipt.platform_message_id
        return await self._finish(row, Finish(row.id, 0, now, "sent", "sent", message_id=message_id, ended=True))

    async def failed(self, row: OutboxRow, error: str, now: datetime, retry_at: datetime | None) -> bool:
        """Record that it did not arrive; None gives up: the row is parked and blocks nothing."""
        if retry_at is None:
            return await self._finish(row, Finish(row.id, 0, now, error, "failed", ended=True))
        return await self._finish(row, Finish(row.id, 0, now, error, "waiting", retry_at=retry_at))

    async def unknown(self, row: OutboxRow, now: datetime, retry_at: datetime | None = None) -> bool:
        """Record that it may have arrived: the next try is marked as a resend."""
        finish = Finish(row.id, 0, now, "unknown", "waiting", retry_at=retry_at or now, in_doubt=True)
        return await self._finish(row, finish)

    async def _finish(self, row: OutboxRow, finish: Finish) -> bool:
        number = self._running.pop(row.id, 0)
        return await self._commits.submit(finish.of(number)) > 0

    async def _write(self, jobs: Sequence[Job]) -> list[int]:
        self.batches += 1
        async with self._database.writing(SENDING) as connection:
            return await write_jobs(connection, jobs)

    async def recover(self, now: datetime, lease: timedelta = timedelta(0)) -> int:
        """Take back rows whose sender is gone; return how many. Their next try is marked as a resend.

        `serve` calls it at start, when no other sender of this database runs; with several processes `lease` is the
        age from which an unfinished attempt counts as abandoned.
        """
        async with self._database.writing(SENDING) as connection:
            open_attempts = attempt.c.finished_at.is_(None), attempt.c.started_at <= now - lease
            numbers = list((await connection.execute(select(attempt.c.id).where(*open_attempts))).scalars())
            # they may have arrived up to this moment, so they count for one more window
            settled = update(attempt).where(attempt.c.id.in_(numbers)).values(finished_at=now, outcome="abandoned")
            await connection.execute(settled)
            stuck = update(outbox).where(outbox.c.state == "sending", outbox.c.attempt.in_(numbers))
            back = {"state": "waiting", "in_doubt": True, "ready_at": now, "attempt": None}
            return (await connection.execute(stuck.values(back))).rowcount

    async def freeze(self, row_id: int, text: str) -> str:
        """Store a text rendered when due, once; return what stands, so that every retry is byte-identical."""
        async with self._database.writing(SENDING) as connection:
            blank = update(outbox).where(outbox.c.id == row_id, outbox.c.text.is_(None))
            await connection.execute(blank.values(text=text, digest=digest(text)))
            stands = await connection.execute(select(outbox.c.text).where(outbox.c.id == row_id))
            return str(stands.scalar_one())

    async def freeze_all(self, texts: Mapping[int, str | None], now: datetime) -> dict[int, str]:
        """Store texts rendered when due, once each, and end the rows that have nothing to say; return what stands."""
        if not texts:
            return {}
        written = [{"row": row_id, "words": text, "mark": digest(text)} for row_id, text in texts.items() if text]
        silent = [row_id for row_id, text in texts.items() if not text]
        async with self._database.writing(SENDING) as connection:
            if written:
                await connection.execute(_FREEZE, written)
            waiting = outbox.c.id.in_(silent), outbox.c.text.is_(None), outbox.c.state == "waiting"
            ended = update(outbox).where(*waiting).values(state="failed", error="nothing to say", ended_at=now)
            await connection.execute(ended)
            query = select(outbox.c.id, outbox.c.text).where(outbox.c.id.in_(texts), outbox.c.text.is_not(None))
            return {row.id: row.text for row in await connection.execute(query)}

    async def waiting_for(self, target: Target, now: datetime) -> list[OutboxRow]:
        """Return the rows to a target that are due and neither urgent nor on their way, the longest due first."""
        query = select(outbox).where(
            outbox.c.target == target_text(target), outbox.c.ended_at.is_(None), outbox.c.rank > 0
        )
        query = query.where(outbox.c.state == "waiting", outbox.c.ready_at <= now, outbox.c.head.is_(None))
        async with self._database.reading() as connection:
            rows = await connection.execute(query.order_by(outbox.c.due_at, outbox.c.id))
            return [_outbox_row(row) for row in rows.mappings()]

    async def sent_to(self, target: Target, since: datetime, kind: str | None = None) -> list[datetime]:
        """Return when posts that were not urgent, perhaps of one kind, reached a target since an instant."""
        query = select(attempt.c.finished_at).join(outbox, outbox.c.id == attempt.c.outbox_id)
        query = query.where(attempt.c.finished_at > since, outbox.c.target == target_text(target), outbox.c.rank > 0)
        query = query.where(outbox.c.state == "sent", attempt.c.outcome == "sent", outbox.c.head.is_(None))
        if kind is not None:
            query = query.where(outbox.c.kind == kind)
        async with self._database.reading() as connection:
            return list((await connection.execute(query)).scalars())

    async def hold(self, ids: Sequence[int], until: datetime) -> None:
        """Let waiting rows rest until an instant."""
        if not ids:
            return
        async with self._database.writing(SENDING) as connection:
            waiting = update(outbox).where(outbox.c.id.in_(ids), outbox.c.state == "waiting")
            await connection.execute(waiting.values(ready_at=until))

    async def fold(self, rows: Sequence[OutboxRow], text: str, now: datetime) -> OutboxRow:
        """Let the first row carry `text` for all of them; the others end. Return the row that is left to send."""
        head, others = replace(rows[0], text=text, choices=(), photos=(), files=()), [row.id for row in rows[1:]]
        body = post_row(head, now)["body"]
        async with self._database.writing(SENDING) as connection:
            mine = update(outbox).where(outbox.c.id == head.id, outbox.c.state == "waiting")
            await connection.execute(mine.values(text=text, digest=digest(text), body=body))
            rest = update(outbox).where(outbox.c.id.in_(others), outbox.c.state == "waiting")
            await connection.execute(rest.values(state="failed", error=f"folded into {head.id}", ended_at=now))
        return head

    async def head_of(self, row: OutboxRow) -> tuple[str, Target | None]:
        """Return state and target of the post that a row is a part of; "" and None when it is gone."""
        query = select(outbox.c.state, outbox.c.target).where(outbox.c.key == row.head)
        async with self._database.reading() as connection:
            found = (await connection.execute(query)).first()
        return (found.state, target_of(found.target)) if found else ("", None)

    async def lost_parts(self, head: str) -> list[tuple[Post, str]]:
        """Return the pictures and files of a post that were refused, in order, each with the reason."""
        query = select(outbox).where(outbox.c.head == head, outbox.c.state == "failed").order_by(outbox.c.due_at)
        async with self._database.reading() as connection:
            rows = (await connection.execute(query)).mappings().all()
        found = [(_outbox_row(row), str(row["error"])) for row in rows]
        return [(post, error) for post, error in found if post.photos or post.files]

    async def add(self, posts: Sequence[Post], now: datetime) -> None:
        """Put posts in; a key that is there stays as it is."""
        async with self._database.writing(SENDING) as connection:
            await put(connection, outbox, [post_row(post, now) for post in posts], keep=("key",))

    async def split(self, row: OutboxRow, text: str, rest: Sequence[Post], now: datetime) -> None:
        """Let a row that was never tried carry the beginning of its text, and others the rest behind it."""
        async with self._database.writing(SENDING) as connection:
            mine = update(outbox).where(outbox.c.id == row.id, outbox.c.state == "waiting", outbox.c.tries == 0)
            if (await connection.execute(mine.values(text=text, digest=digest(text)))).rowcount:
                await put(connection, outbox, [post_row(post, now) for post in rest], keep=("key",))

    async def remove(self, row: OutboxRow, reason: str, now: datetime) -> None:
        """Take back a row that has nothing to do; one that was tried stays on record as ended."""
        if row.tries:
            await self.drop(row.id, reason, now)
            return
        async with self._database.writing(SENDING) as connection:
            await connection.execute(delete(outbox).where(outbox.c.id == row.id, outbox.c.state == "waiting"))

    async def drop(self, row_id: int, reason: str, now: datetime) -> None:
        """End a row that waits: there is nothing left to say, or nobody left to try."""
        async with self._database.writing(SENDING) as connection:
            waiting = update(outbox).where(outbox.c.id == row_id, outbox.c.state == "waiting")
            await connection.execute(waiting.values(state="failed", error=reason, ended_at=now))

    async def retarget(self, row: OutboxRow, target: Target) -> None:
        """Send a row elsewhere: to the group that stands in for a person who cannot be reached."""
        async with self._database.writing(SENDING) as connection:
            moved = update(outbox).where(outbox.c.id == row.id, outbox.c.ended_at.is_(None))
            await connection.execute(moved.values(target=target_text(target), robot=""))

    async def cool(self, robot_name: str, until: datetime) -> None:
        """Keep a robot silent until an instant, also after a restart; an earlier end never shortens a penalty."""
        async with self._database.writing(SENDING) as connection:
            query = select(robot.c.until).where(robot.c.name == robot_name)
            known = (await connection.execute(query)).scalar_one_or_none()
            await put(connection, robot, [{"name": robot_name, "until": max(until, known or until)}])

    async def depth(self) -> int:
        """Return how many rows are unsent."""
        async with self._database.reading() as connection:
            query = select(func.count()).select_from(outbox).where(outbox.c.ended_at.is_(None))
            return int((await connection.execute(query)).scalar_one())

    async def log(
        self,
        since: datetime,
        until: datetime,
        *,
        about: int | None = None,
        person: str | None = None,
        state: str | None = None,
        limit: int = 200,
    ) -> list[Delivery]:
        """Return the message log of a time, newest first: what was to be told to whom, and what became of it."""
        query = select(outbox).where(outbox.c.created_at >= since, outbox.c.created_at < until)
        wanted = ((outbox.c.about, about), (outbox.c.person, person), (outbox.c.state, state))
        query = query.where(*(column == value for column, value in wanted if value is not None))
        async with self._database.reading() as connection:
            rows = await connection.execute(query.order_by(outbox.c.created_at.desc(), outbox.c.id.desc()).limit(limit))
            return [_delivery(row) for row in rows.mappings()]

    async def purge(self, before: datetime) -> int:
        """Delete attempts and posts that ended before an instant; return how many posts."""
        gone = 0
        while True:
            async with self._database.writing(SENDING) as connection:
                ended = outbox.c.ended_at.is_not(None), outbox.c.created_at < before
                query = select(outbox.c.id).where(*ended).order_by(outbox.c.created_at).limit(PURGE_CHUNK)
                ids = list((await connection.execute(query)).scalars())
                await connection.execute(attempt.delete().where(attempt.c.outbox_id.in_(ids)))
                await connection.execute(outbox.delete().where(outbox.c.id.in_(ids)))
            gone += len(ids)
            if len(ids) < PURGE_CHUNK:
                return gone


def _outbox_row(row: Any) -> OutboxRow:
    return OutboxRow(**post_fields(row), id=row["id"], tries=row["tries"], in_doubt=row["in_doubt"])


def _delivery(row: Any) -> Delivery:
    return Delivery(_outbox_row(row), row["state"], row["error"], row["created_at"], row["ended_at"], row["robot"])
