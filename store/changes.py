"""What a batch of decisions has changed so far and the next flush will write."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from domain.appeal import Appeal
from domain.case import Case, CasePhoto
from domain.effects import Contact, Gather, LedgerEvent, PeriodState, Question, Timer
from domain.finding import Finding
from domain.messages import ChatRoom
from domain.patrols import Patrol, PatrolKind, Reason
from domain.photo_facts import PhotoFacts
from domain.ports import Post
from domain.roster import Leave
from domain.walk import Walk

PatrolKey = tuple[str, PatrolKind, date, str]  # person, kind, day, place
GatherKey = tuple[str, str, str]  # platform, chat, person


@dataclass
class Changes:
    """Rows to write; of two changes of one thing the later one counts. None = the row goes."""

    cases: dict[int, Case] = field(default_factory=dict)
    photos_before: dict[int, tuple[CasePhoto, ...] | None] = field(default_factory=dict)  # None = not known
    counters: dict[str, int] = field(default_factory=dict)
    events: list[LedgerEvent] = field(default_factory=list)
    posts: dict[str, Post] = field(default_factory=dict)  # the first of a key counts
    timers: dict[str, Timer | None] = field(default_factory=dict)
    questions: dict[str, Question | None] = field(default_factory=dict)
    gathers: dict[GatherKey, Gather | None] = field(default_factory=dict)
    contacts: dict[str, Contact] = field(default_factory=dict)
    leaves: list[Leave] = field(default_factory=list)
    leaves_ended: list[tuple[str, date]] = field(default_factory=list)
    rooms: list[ChatRoom] = field(default_factory=list)
    accounts: list[tuple[str, str, str]] = field(default_factory=list)  # (person, platform, user id)
    findings: dict[str, Finding] = field(default_factory=dict)
    walks: dict[str, Walk | None] = field(default_factory=dict)
    appeals: dict[int, Appeal] = field(default_factory=dict)
    patrols: dict[PatrolKey, Patrol | None] = field(default_factory=dict)
    patrol_reasons: dict[tuple[str, str], Reason] = field(default_factory=dict)  # by month and person
    periods: dict[str, PeriodState] = field(default_factory=dict)
    photo_facts: dict[str, PhotoFacts] = field(default_factory=dict)
    photos_read: list[int] = field(default_factory=list)  # rows of photo_wait that are done
    settings: dict[str, Any] = field(default_factory=dict)
    spoken: set[tuple[str, str]] = field(default_factory=set)  # (platform, place) where somebody has spoken
    claims: list[tuple[str, str]] = field(default_factory=list)
    inbox_done: set[int] = field(default_factory=set)
