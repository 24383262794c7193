"""What a decision changes: plain data that the store writes in one commit.

A handler, a timer function or a job returns Effects and touches nothing itself; the view applies them at once, so that
the next message of the same batch already sees them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from domain.appeal import Appeal
from domain.case import Case, CasePhoto, Event
from domain.finding import Finding
from domain.messages import ChatRoom, Choice, Document, Photo, ReplyHandle
from domain.patrols import Patrol, Reason
from domain.photo_facts import PhotoFacts
from domain.roster import Leave
from domain.walk import Walk


class Urgency(StrEnum):
    """How a notice is timed."""

    REPLY = "reply"  # an answer to somebody who just wrote: at once, also at night
    NORMAL = "normal"  # at once in waking hours, else with the next slot
    SLOT = "slot"  # with the recipient's next slot, rendered from live state then
    HAZARD = "hazard"  # at once, always


@dataclass(frozen=True, slots=True)
class ToPerson:
    """One person in private, on whichever platform knows them; `scope` names the group that stands in."""

    person: str
    scope: str = ""


@dataclass(frozen=True, slots=True)
class ToPurpose:
    """All groups of one purpose that cover a scope: the township's own, else the city-wide ones."""

    purpose: str
    scope: str = ""
    platform: str = ""  # only its groups there; "" = on every platform


@dataclass(frozen=True, slots=True)
class ToChat:
    """One chat by the platform's id: where a message came from, with its reply handle while that lives."""

    platform: str
    chat_id: str
    is_group: bool
    reply: ReplyHandle | None = None


Recipient = ToPerson | ToPurpose | ToChat


@dataclass(frozen=True, slots=True)
class Notice:
    """Something people should be told. `key` holds it to once: (case, step, slot) or the message it answers."""

    key: str
    to: Recipient
    text: str
    kind: str  # why, for the message log: "receipt", "work", "escalation" …
    about: int = 0  # case id
    urgency: Urgency = Urgency.NORMAL
    choices: tuple[Choice, ...] = ()
    mentions: tuple[str, ...] = ()  # person ids to call
    photos: tuple[Photo, ...] = ()
    files: tuple[Document, ...] = ()
    not_before: datetime | None = None
    is_private: bool = False  # to a person alone: no group and nobody else stands in


@dataclass(frozen=True, slots=True)
class LedgerEvent:
    """One entry for the ledger (台账). `persons` and `words` are stored as salted commitments, never in clear."""

    stream: str
    kind: str
    facts: Mapping[str, Any] = field(default_factory=dict)  # JSON values; no person, no free text
    persons: Mapping[str, str] = field(default_factory=dict)  # role of the person in the event → person id
    words: Mapping[str, str] = field(default_factory=dict)  # name → free text


@dataclass(frozen=True, slots=True)
class Timer:
    """A wait: `kind` names the function that runs, `key` is unique (setting it again moves it)."""

    key: str
    kind: str
    subject: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Question:
    """A choice that somebody was asked: answered by digit, word, button or quote, also after a restart."""

    id: str
    platform: str
    chat_id: str
    person: str
    kind: str  # names the function that takes the answer
    case: int
    options: tuple[Choice, ...]
    asked_at: datetime
    until: datetime
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Gather:
    """Photos of one sender that wait for their words."""

    platform: str
    chat_id: str
    person: str
    photos: tuple[Photo, ...]
    started_at: datetime
    until: datetime
    message_id: str


@dataclass(frozen=True, slots=True)
class Contact:
    """When a person who wrote to us was last told or asked something that must not repeat (privacy line, 未识别)."""

    person: str
    privacy_told: bool = False
    unknown_told_at: datetime | None = None
    last_case: int = 0
    last_case_at: datetime | None = None
    last_chat: str = ""


@dataclass(frozen=True, slots=True)
class PeriodState:
    """How far a month's publication has come; written by the period's own rules."""

    period: str  # "2026-10"
    facts: Mapping[str, Any]


@dataclass
class Effects:
    """Everything one decision changes. Empty = the message changes nothing."""

    cases: list[Case] = field(default_factory=list)
    photos: list[tuple[int, CasePhoto]] = field(default_factory=list)
    events: list[LedgerEvent] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    timers: list[Timer] = field(default_factory=list)
    timers_dropped: list[str] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    questions_closed: list[str] = field(default_factory=list)
    gathers: list[Gather] = field(default_factory=list)
    gathers_closed: list[tuple[str, str, str]] = field(default_factory=list)  # (platform, chat, person)
    contacts: list[Contact] = field(default_factory=list)
    leaves: list[Leave] = field(default_factory=list)
    leaves_ended: list[tuple[str, date]] = field(default_factory=list)  # (person, first day back)
    rooms: list[ChatRoom] = field(default_factory=list)  # chats bound by a spoken code
    accounts: list[tuple[str, str, str]] = field(default_factory=list)  # (person, platform, user id) bound likewise
    findings: list[Finding] = field(default_factory=list)  # new ones, and those of which something changed
    walks: list[Walk] = field(default_factory=list)
    walks_ended: list[str] = field(default_factory=list)  # persons
    appeals: list[Appeal] = field(default_factory=list)
    patrols: list[Patrol] = field(default_factory=list)
    patrols_withdrawn: list[Patrol] = field(default_factory=list)
    patrol_reasons: list[Reason] = field(default_factory=list)
    periods: list[PeriodState] = field(default_factory=list)
    photo_facts: list[PhotoFacts] = field(default_factory=list)
    settings: dict[str, Any] = field(default_factory=dict)  # small recorded decisions: standing approval, mutes
    claims: list[tuple[str, str]] = field(default_factory=list)  # (job, period): a second claim fails the commit

    def merge(self, other: "Effects") -> "Effects":
        """Append all that `other` changes, and return self."""
        mine = vars(self)
        for name, theirs in vars(other).items():
            if not theirs:
                continue
            if isinstance(theirs, dict):
                mine[name].update(theirs)
            else:
                mine[name].extend(theirs)
        return self

    def case_event(
        self,
        case: Case,
        event: Event,
        *,
        persons: Mapping[str, str] | None = None,
        words: Mapping[str, str] | None = None,
        **facts: Any,
    ) -> None:
        """Record the case as it is now together with the ledger entry that explains it."""
        self.cases.append(case)
        known = {"state": case.state.value, "segment": case.segment, "category": case.category, **facts}
        self.events.append(LedgerEvent(f"case:{case.number}", event.value, known, persons or {}, words or {}))
