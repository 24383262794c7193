"""Domain objects to rows and back, by hand and in full: what goes in comes out equal."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import date, datetime
from typing import Any, get_type_hints

from sqlalchemy import RowMapping

from domain.case import Case, CasePhoto, Chain, Origin, Request, State
from domain.effects import Gather, Question
from domain.messages import Choice, Document, Look, Photo, Target
from domain.ports import Post
from domain.roster import Duty, Segment
from store.columns import from_micros, to_micros

Row = dict[str, Any]
Stored = Mapping[str, Any] | RowMapping

_COLUMNS = (
    "id", "category", "severity", "is_hazard", "segment", "township", "reporter", "handler", "chief", "platform",
    "chat_id", "message_id", "reported_at", "ack_due", "due", "handler_due", "closed_at", "version",
)  # fmt: skip
_ELSEWHERE = {*_COLUMNS, "state", "origin", "chain", "photos"}


def _rest_of_type(*types: Any) -> tuple[str, ...]:
    """Return the fields of Case of these types that no column holds, also those that the domain adds later."""
    return tuple(name for name, kind in get_type_hints(Case).items() if kind in types and name not in _ELSEWHERE)


_PLAIN = _rest_of_type(int, str, bool)
_TUPLES = _rest_of_type(tuple[str, ...])
_INSTANTS = _rest_of_type(datetime | None)
_REQUESTS = _rest_of_type(Request | None)
_DEFAULTS = {field.name: field.default for field in fields(Case)}


def case_row(case: Case) -> Row:
    """Return the row of a case; its photos have rows of their own."""
    row: Row = {name: getattr(case, name) for name in _COLUMNS}
    row["state"] = case.state.value
    row["origin"] = case.origin.value
    row["open_mark"] = 1 if case.is_open else None
    row["chain_chief"] = case.chain.chief
    row["second_level"] = case.chain.second_level
    row["rest"] = _rest(case)
    return row


def _rest(case: Case) -> Row:
    # defaults are left out: most cases are short, and a field added later reads as its default
    rest: Row = {name: value for name in _PLAIN if (value := getattr(case, name)) != _DEFAULTS[name]}
    rest |= {name: list(value) for name in _TUPLES if (value := getattr(case, name))}
    rest |= {name: to_micros(value) for name in _INSTANTS if (value := getattr(case, name)) is not None}
    rest |= {name: _request_json(value) for name in _REQUESTS if (value := getattr(case, name)) is not None}
    if case.chain != Chain():
        chain = case.chain
        rest["chain"] = [
            chain.unit, chain.chief, chain.second_level, chain.township_head, chain.first_level, chain.has_unit,
        ]  # fmt: skip
    return rest


def case_of(row: Stored, photos: Sequence[CasePhoto]) -> Case:
    """Return the case that a row and its photos hold."""
    rest: Row = row["rest"]
    values: Row = {name: row[name] for name in _COLUMNS}
    for name, value in rest.items():
        values[name] = _restored(name, value)
    return Case(state=State(row["state"]), origin=Origin(row["origin"]), photos=tuple(photos), **values)


def _restored(name: str, value: Any) -> Any:
    if name in _INSTANTS:
        return from_micros(value)
    if name in _TUPLES:
        return tuple(value)
    if name in _REQUESTS:
        return _request(value)
    return Chain(*value) if name == "chain" else value


def _request_json(request: Request) -> list[Any]:
    until = None if request.until is None else to_micros(request.until)
    return [request.by, request.reason, to_micros(request.at), until, list(request.approvals), request.value]


def _request(value: list[Any]) -> Request:
    by, reason, at, until, approvals, given = value
    return Request(by, reason, from_micros(at), None if until is None else from_micros(until), tuple(approvals), given)


def photo_row(case_id: int, position: int, photo: CasePhoto) -> Row:
    """Return the row of a case's picture."""
    return {
        "case_id": case_id,
        "position": position,
        "sha256": photo.sha256,
        "ext": photo.ext,
        "role": photo.role,
        "received_at": photo.received_at,
        "sender": photo.sender,
    }


def photo_of(row: Stored) -> CasePhoto:
    """Return the picture that a row holds."""
    return CasePhoto(row["sha256"], row["ext"], row["role"], row["received_at"], row["sender"])


def _photos_json(photos: Iterable[Photo]) -> list[Any]:
    return [[p.sha256, p.ext, p.size, p.width, p.height, p.look] for p in photos]


def _photos(value: Iterable[Any]) -> tuple[Photo, ...]:
    return tuple(Photo(*one[:5], *(Look(look) for look in one[5:])) for one in value)


def _choices(value: Iterable[Any]) -> tuple[Choice, ...]:
    return tuple(Choice(*one) for one in value)


def _choices_json(choices: Iterable[Choice]) -> list[Any]:
    return [[c.key, c.label] for c in choices]


def target_text(target: Target) -> str:
    """Return a target as one text, equal for equal targets only."""
    kind, place = ("g", target.chat_id) if target.is_group else ("p", target.userid)
    return f"{target.platform}\n{kind}\n{place}"


def target_of(value: str) -> Target:
    """Return the target that a text stands for."""
    platform, kind, place = value.split("\n", 2)
    return Target(platform, chat_id=place) if kind == "g" else Target(platform, userid=place)


def digest(text: str | None) -> str:
    """Return what a quoted text is found by: blanks don't count, clients change them."""
    return hashlib.sha256("".join(text.split()).encode()).hexdigest() if text else ""


def post_row(post: Post, now: datetime) -> Row:
    """Return a new outbox row."""
    return {
        "key": post.key,
        "target": target_text(post.target),
        "about": post.about,
        "person": post.person,
        "kind": post.kind,
        "rank": 0 if post.urgent else 1,
        "text": post.text,
        "digest": digest(post.text),
        "body": _post_body(post),
        "created_at": now,
        "due_at": post.due_at,
        "ready_at": post.due_at,
        "state": "waiting",
        "tries": 0,
        "in_doubt": False,
        "robot": "",
        "error": "",
        "platform_message_id": "",
        "head": post.head or None,
    }


def _post_body(post: Post) -> Row:
    body: Row = {
        "choices": _choices_json(post.choices),
        "mentions": list(post.mentions),
        "photos": _photos_json(post.photos),
        "files": [[f.sha256, f.ext, f.size, f.title] for f in post.files],
        "reply": post.reply,
        "fallback": target_text(post.fallback) if post.fallback else "",
    }
    return {name: value for name, value in body.items() if value}


def post_fields(row: Stored) -> Row:
    """Return the fields of the Post that an outbox row holds."""
    body: Row = row["body"]
    return {
        "key": row["key"],
        "target": target_of(row["target"]),
        "text": row["text"],
        "kind": row["kind"],
        "due_at": row["due_at"],
        "about": row["about"],
        "person": row["person"],
        "choices": _choices(body.get("choices", ())),
        "mentions": tuple(body.get("mentions", ())),
        "photos": _photos(body.get("photos", ())),
        "files": tuple(Document(*one) for one in body.get("files", ())),
        "reply": body.get("reply", ""),
        "fallback": target_of(body["fallback"]) if "fallback" in body else None,
        "urgent": row["rank"] == 0,
        "head": row["head"] or "",
    }


def question_row(question: Question) -> Row:
    """Return the row of an open question."""
    return {
        "id": question.id,
        "platform": question.platform,
        "chat_id": question.chat_id,
        "person": question.person,
        "kind": question.kind,
        "case_id": question.case,
        "options": _choices_json(question.options),
        "asked_at": question.asked_at,
        "until": question.until,
        "facts": dict(question.facts),
    }


def question_of(row: Stored) -> Question:
    """Return the question that a row holds."""
    values = dict(row)
    values["case"] = values.pop("case_id")
    values["options"] = _choices(values["options"])
    return Question(**values)


def gather_row(gather: Gather) -> Row:
    """Return the row of photos that wait for words."""
    row = {field.name: getattr(gather, field.name) for field in fields(Gather)}
    return row | {"photos": _photos_json(gather.photos)}


def gather_of(row: Stored) -> Gather:
    """Return the photos that wait for words."""
    return Gather(**{**row, "photos": _photos(row["photos"])})


def segment_json(segment: Segment) -> Row:
    """Return a segment as JSON."""
    return {field.name: getattr(segment, field.name) for field in fields(Segment)}


def segment_of(row: Mapping[str, Any]) -> Segment:
    """Return the segment that its JSON holds."""
    values = dict(row)
    values["road_aliases"] = tuple(values["road_aliases"])
    values["landmarks"] = tuple(values["landmarks"])
    values["polyline"] = tuple((float(x), float(y)) for x, y in values["polyline"])
    return Segment(**values)


def duty_row(duty: Duty, since: date | None, until: date | None) -> Row:
    """Return the row of a duty."""
    weekdays = "".join(map(str, sorted(duty.weekdays)))
    return {
        "segment": duty.segment, "person": duty.person, "weekdays": weekdays, "since": since, "until": until,
    }  # fmt: skip


def duty_of(row: Stored) -> Duty:
    """Return the duty that a row holds."""
    return Duty(row["segment"], row["person"], frozenset(map(int, row["weekdays"])))
