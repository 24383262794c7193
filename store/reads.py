"""Look-ups of a decision: a query each, domain objects out. The view lays what it has changed over their results."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Select,
    and_,
    bindparam,
    func,
    literal_column,
    or_,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.case import IN_HAND, OPEN_STATES, Case, CasePhoto
from domain.effects import Contact, Gather, PeriodState, Question
from domain.ledger import Head
from domain.ports import CaseQuery, Delivery
from store.bulk import padded
from store.codec import case_of, digest, gather_of, photo_of, question_of
from store.columns import UtcDateTime
from store.schema import (
    case_photo,
    cases,
    claim,
    contact,
    counter,
    gather,
    ledger_head,
    outbox,
    period,
    question,
    setting,
)

_EQUAL = ("handler", "second_level", "reporter", "township", "segment", "category")
_OPEN = cases.c.open_mark == 1


def _any(column: ColumnElement[Any], name: str) -> ColumnElement[bool]:
    return column.in_(bindparam(name, expanding=True))


# Built once: building a statement costs more than running it.
_COUNTERS = select(counter.c.name, counter.c.value)
_CASES = select(cases).where(_any(cases.c.id, "ids"))
_IN_HAND = select(cases).where(_any(cases.c.handler, "persons"), _OPEN, cases.c.state.in_([s.value for s in IN_HAND]))
_OPEN_ON = select(cases).where(
    _any(cases.c.segment, "segments"), _OPEN, cases.c.reported_at >= bindparam("since", type_=UtcDateTime)
)
# a picture let go keeps its row without a type: sent again, it is still known as old
_PHOTOS = (
    select(case_photo)
    .where(_any(case_photo.c.case_id, "ids"), case_photo.c.ext != "")
    .order_by(case_photo.c.case_id, case_photo.c.position)
)
_QUESTIONS = select(question).where(
    or_(_any(question.c.person, "persons"), _any(question.c.chat_id, "chats")), question.c.until > bindparam("now")
)
_QUESTION = select(question).where(question.c.id == bindparam("question"), question.c.until > bindparam("now"))
_GATHERS = select(gather).where(or_(_any(gather.c.person, "persons"), _any(gather.c.chat_id, "chats")))
_CONTACTS = select(contact).where(_any(contact.c.person, "persons"))
_PHOTO_CASES = select(case_photo.c.case_id).where(case_photo.c.sha256 == bindparam("sha256")).distinct()
_DELIVERY = (
    select(outbox.c.key, outbox.c.due_at, outbox.c.ended_at, outbox.c.state)
    .where(outbox.c.about == bindparam("case"), outbox.c.kind == bindparam("kind"))
    .order_by(outbox.c.id.desc())
    .limit(1)
)


def _message_cases() -> CompoundSelect[Any]:
    opened = select(cases.c.id).where(
        cases.c.platform == bindparam("platform"), cases.c.message_id == bindparam("message")
    )
    about = select(outbox.c.about).where(outbox.c.target.startswith(bindparam("place"), autoescape=False))
    # the conditions of the partial indexes, word for word
    named: ColumnElement[bool] = literal_column("message_id <> ''")
    by_id = about.where(
        outbox.c.platform_message_id == bindparam("message"), literal_column("platform_message_id <> ''")
    )
    by_text = about.where(outbox.c.digest == bindparam("digest"), literal_column("digest <> ''"))
    return union_all(opened.where(named), by_id, by_text)


_MESSAGE_CASES = _message_cases()


async def counters(connection: AsyncConnection) -> dict[str, int]:
    """Return the last case number of each year and the versions of the roster."""
    return {row.name: row.value for row in await connection.execute(_COUNTERS)}


async def cases_by_id(connection: AsyncConnection, ids: Collection[int]) -> list[Case]:
    """Return the cases of these ids, in no order; unknown ids are left out."""
    return await _cases(connection, _CASES, {"ids": padded(ids)}) if ids else []


async def cases_in_hand(connection: AsyncConnection, persons: Collection[str]) -> list[Case]:
    """Return the open cases on which one of these people must act as handler."""
    return await _cases(connection, _IN_HAND, {"persons": padded(persons)})


async def open_on(connection: AsyncConnection, segments: Collection[str], since: datetime) -> list[Case]:
    """Return the open cases on these segments reported since an instant."""
    return await _cases(connection, _OPEN_ON, {"segments": padded(segments), "since": since})


async def find(connection: AsyncConnection, query: CaseQuery, limit: int) -> list[Case]:
    """Return the cases that match, newest first."""
    found = select(cases).where(*conditions(query))
    return await _cases(connection, found.order_by(cases.c.reported_at.desc(), cases.c.id.desc()).limit(limit))


async def count(connection: AsyncConnection, query: CaseQuery, without: Collection[int]) -> int:
    """Return how many match, those of `without` not counted."""
    counted = select(func.count()).select_from(cases).where(*conditions(query))
    if without:
        counted = counted.where(cases.c.id.not_in(without))
    return int((await connection.execute(counted)).scalar_one())


async def _cases(
    connection: AsyncConnection, query: Select[Any], values: Mapping[str, Any] | None = None
) -> list[Case]:
    rows = (await connection.execute(query, values)).mappings().all()
    photos = await _photos(connection, [row["id"] for row in rows])
    return [case_of(row, photos.get(row["id"], ())) for row in rows]


async def _photos(connection: AsyncConnection, ids: Collection[int]) -> dict[int, list[CasePhoto]]:
    found: dict[int, list[CasePhoto]] = {}
    if not ids:
        return found
    rows = await connection.execute(_PHOTOS, {"ids": padded(ids)})
    for row in rows.mappings():
        found.setdefault(row["case_id"], []).append(photo_of(row))
    return found


def conditions(query: CaseQuery) -> list[ColumnElement[bool]]:
    """Return the WHERE of a search; `matches` says the same of a case in memory."""
    found: list[ColumnElement[bool]] = [cases.c[name] == value for name in _EQUAL if (value := getattr(query, name))]
    if query.states is not None:
        found.append(cases.c.state.in_([state.value for state in query.states]))
        if query.states <= OPEN_STATES:
            found.append(_OPEN)  # the few open ones have an index of their own
    if query.responsible:
        found.append(or_(cases.c.chief == query.responsible, cases.c.chain_chief == query.responsible))
    bounds = (
        (cases.c.reported_at.__ge__, query.reported_since),
        (cases.c.reported_at.__lt__, query.reported_until),
        (cases.c.due.__ge__, query.due_since),
        (cases.c.due.__lt__, query.due_before),
        (cases.c.closed_at.__ge__, query.closed_since),
        (cases.c.closed_at.__lt__, query.closed_until),
    )
    return found + [test(bound) for test, bound in bounds if bound is not None]


def matches(case: Case, query: CaseQuery) -> bool:
    """Tell whether a case in memory would be found by a search."""
    values = {name: getattr(case, name) for name in _EQUAL if name != "second_level"}
    values["second_level"] = case.chain.second_level
    return (
        all(value == getattr(query, name) for name, value in values.items() if getattr(query, name))
        and (query.states is None or case.state in query.states)
        and (not query.responsible or query.responsible in (case.chief, case.chain.chief))
        and _within(case.reported_at, query.reported_since, query.reported_until)
        and _within(case.due, query.due_since, query.due_before)
        and _within(case.closed_at, query.closed_since, query.closed_until)
    )


def _within(instant: datetime | None, since: datetime | None, until: datetime | None) -> bool:
    if instant is None:
        return since is None and until is None
    return (since is None or since <= instant) and (until is None or instant < until)


async def questions(
    connection: AsyncConnection, persons: Collection[str], chats: Collection[str], now: datetime
) -> list[Question]:
    """Return the questions still open that these people owe an answer to, or that stand in these chats."""
    rows = await connection.execute(_QUESTIONS, {"persons": padded(persons), "chats": padded(chats), "now": now})
    return [question_of(row) for row in rows.mappings()]


async def question_by_id(connection: AsyncConnection, question_id: str, now: datetime) -> Question | None:
    """Return a question that is still open."""
    found = await connection.execute(_QUESTION, {"question": question_id, "now": now})
    row = found.mappings().one_or_none()
    return question_of(row) if row else None


async def gathers(connection: AsyncConnection, persons: Collection[str], chats: Collection[str]) -> list[Gather]:
    """Return the photos of these people, or in these chats, that wait for words."""
    rows = await connection.execute(_GATHERS, {"persons": padded(persons), "chats": padded(chats)})
    return [gather_of(row) for row in rows.mappings()]


async def contacts(connection: AsyncConnection, persons: Collection[str]) -> list[Contact]:
    """Return what these people were told before; strangers are left out."""
    rows = await connection.execute(_CONTACTS, {"persons": padded(persons)})
    return [Contact(**row) for row in rows.mappings()]


async def photo_cases(connection: AsyncConnection, sha256: str) -> list[int]:
    """Return the ids of the cases that hold a picture."""
    return list((await connection.execute(_PHOTO_CASES, {"sha256": sha256})).scalars())


async def message_cases(connection: AsyncConnection, platform: str, message: str) -> list[int]:
    """Return the ids of the cases opened by a message, or that a post of ours with this id or text was about."""
    values = {"platform": platform, "place": f"{platform}\n", "message": message, "digest": digest(message)}
    found = (await connection.execute(_MESSAGE_CASES, values)).scalars()
    return sorted({case_id for case_id in found if case_id})


async def sent_since(connection: AsyncConnection, person: str, kind: str, since: datetime) -> list[str]:
    """Return the keys of the posts of a kind to a person, sent or on their way, due since an instant."""
    query = select(outbox.c.key).where(
        and_(outbox.c.person == person, outbox.c.kind == kind, outbox.c.due_at >= since, outbox.c.state != "failed")
    )
    return list((await connection.execute(query)).scalars())


async def delivery(connection: AsyncConnection, case_id: int, kind: str) -> Delivery | None:
    """Return what became of the latest post of a kind about a case."""
    row = (await connection.execute(_DELIVERY, {"case": case_id, "kind": kind})).one_or_none()
    if row is None:
        return None
    return Delivery(row.key, row.due_at, row.ended_at if row.state == "sent" else None, row.ended_at is None)


async def setting_value(connection: AsyncConnection, name: str) -> Any:
    """Return a recorded decision, or None."""
    return (await connection.execute(select(setting.c.value).where(setting.c.name == name))).scalar_one_or_none()


async def period_state(connection: AsyncConnection, name: str) -> PeriodState | None:
    """Return how far a month has come, or None."""
    facts = (await connection.execute(select(period.c.facts).where(period.c.period == name))).scalar_one_or_none()
    return None if facts is None else PeriodState(name, facts)


async def period_states(connection: AsyncConnection) -> list[PeriodState]:
    """Return how far every month has come."""
    rows = await connection.execute(select(period.c.period, period.c.facts))
    return [PeriodState(row.period, row.facts) for row in rows]


async def latest_head(connection: AsyncConnection) -> Head | None:
    """Return the ledger's head that was closed last, or None."""
    row = (await connection.execute(select(ledger_head).order_by(ledger_head.c.day.desc()).limit(1))).one_or_none()
    return Head(row.day, row.streams, row.hash) if row else None


async def claimed(connection: AsyncConnection, claims: Sequence[tuple[str, str]]) -> set[tuple[str, str]]:
    """Return those of the (job, period) that were claimed already."""
    query = select(claim.c.job, claim.c.period).where(tuple_(claim.c.job, claim.c.period).in_(claims))
    return {(row.job, row.period) for row in await connection.execute(query)}


def years_of(names: Iterable[str]) -> list[int]:
    """Return the years that have case numbers, from the names of the counters."""
    return [int(name.removeprefix("case:")) for name in names if name.startswith("case:")]
