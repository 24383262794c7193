"""What the rooms of the house ask of each other.

`View` is what a decision may read: preloaded for a batch where that is foreseeable, a cold read of the database where
not. It is filled by `store`; `handlers` and `schedules` know only this.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

from domain.appeal import Appeal
from domain.case import Case, State
from domain.effects import Contact, Effects, Gather, PeriodState, Question
from domain.finding import Finding
from domain.messages import ChatRoom, Choice, Document, Photo, Target
from domain.month import Month
from domain.papers import Paper
from domain.patrols import Patrol
from domain.photo_facts import PhotoFacts, PhotosKnown
from domain.roster import Roster
from domain.tally import Tally
from domain.walk import Walk


class Clock(Protocol):
    """The only source of the present instant."""

    def now(self) -> datetime:
        """Return the instant, aware UTC."""
        ...


class Press(Protocol):
    """Makes documents and pictures; never asked inside a transaction."""

    async def make(self, paper: Paper) -> Photo | Document:
        """Return the paper as a kept file. Raises PaperFailed."""
        ...

    async def rest(self) -> None:
        """Give back what making them took."""
        ...


@dataclass(frozen=True, slots=True)
class CaseQuery:
    """A search for cases; fields left out don't narrow it. The newest come first."""

    states: frozenset[State] | None = None
    handler: str = ""
    responsible: str = ""  # the chain's chief or today's stand-in
    second_level: str = ""
    reporter: str = ""
    chat_id: str = ""  # the chat it was reported in
    township: str = ""
    segment: str = ""
    category: str = ""
    reported_since: datetime | None = None
    reported_until: datetime | None = None
    due_since: datetime | None = None
    due_before: datetime | None = None
    closed_since: datetime | None = None
    closed_until: datetime | None = None
    limit: int = 200


@dataclass(frozen=True, slots=True)
class PastState:
    """How a case stood at an instant that is past, as its history tells."""

    state: State
    since: datetime  # when it came into that state
    due: datetime | None


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of a post: when it was to leave, and when the platform took it."""

    key: str
    due_at: datetime
    sent_at: datetime | None
    is_waiting: bool  # neither taken by the platform nor given up


class Inspected(Protocol):
    """What inspectors found and what those assessed say to it, including what this batch has already changed."""

    async def findings(self, start: datetime, end: datetime) -> list[Finding]:
        """Return the findings in [start, end), oldest first, withdrawn ones too."""
        ...

    async def tally(self, start: datetime, end: datetime, month: Month | None) -> Tally:
        """Return the sums of what counts in [start, end); from the kept ones when that is all of `month`."""
        ...

    async def findings_on(self, segments: Collection[str], start: datetime, end: datetime) -> list[Finding]:
        """Return the findings on some segments in [start, end), oldest first, withdrawn ones too."""
        ...

    async def finding(self, key: str) -> Finding | None:
        """Return the finding, or None."""
        ...

    async def finding_of_case(self, case_id: int) -> Finding | None:
        """Return the finding that a case stands for, or None."""
        ...

    async def finding_numbered(self, number: int) -> Finding | None:
        """Return the imported finding of a number, or None."""
        ...

    async def last_finding(self, inspector: str, since: datetime) -> Finding | None:
        """Return what a person found last since an instant, clean visits left out, or None."""
        ...

    async def walk(self, person: str) -> Walk | None:
        """Return the walk that a person is on, or None."""
        ...

    async def appeal(self, appeal_id: int) -> Appeal | None:
        """Return the appeal, or None."""
        ...

    async def appeal_against(self, finding: str) -> Appeal | None:
        """Return the appeal against a finding, by the finding's key, or None."""
        ...

    async def appeals(self, month: str) -> list[Appeal]:
        """Return the appeals about a month ("" = all), in the order of their numbers."""
        ...

    async def next_appeal(self, year: int) -> int:
        """Take the next appeal number of a year."""
        ...

    async def next_finding(self, year: int) -> int:
        """Take the next number of a year for a finding without a case."""
        ...

    async def head_before(self, day: date) -> str:
        """Return the ledger's head closed last for a day before `day` in its printed form, "" when there is none."""
        ...


class Patrolled(Protocol):
    """What chiefs recorded of their patrols and meetings, including what this batch has already changed."""

    async def records(self, first: date, last: date, person: str = "") -> list[Patrol]:
        """Return the records of days from `first` to `last`, both included, of one person or ("") of all; by day."""
        ...

    async def reasons(self, month: Month) -> dict[str, str]:
        """Return what persons say of a month's shortfall, by person."""
        ...


class View(Protocol):
    """Everything a decision may read, at one instant, inside the transaction that will write it."""

    @property
    def now(self) -> datetime:
        """Return the instant of the decision, aware UTC."""
        ...

    @property
    def roster(self) -> Roster:
        """Return the roster with its history."""
        ...

    @property
    def rooms(self) -> Sequence[ChatRoom]:
        """Return the bound chats."""
        ...

    async def case(self, case_id: int) -> Case | None:
        """Return the case, or None."""
        ...

    async def cases(self, query: CaseQuery) -> list[Case]:
        """Return the cases that match, newest first, including what this batch has already changed."""
        ...

    async def count(self, query: CaseQuery) -> int:
        """Return how many match; `limit` is ignored."""
        ...

    async def in_hand(self, person: str) -> list[Case]:
        """Return the open cases on which this person, as handler, must act now; oldest first."""
        ...

    async def numbered(self, sequence: int, year: int | None, this_year: int) -> list[Case]:
        """Return the cases that people may mean by a number.

        With a year, that one case. Without: open cases of any year first, else the one of `this_year`.
        """
        ...

    async def question(self, platform: str, chat_id: str, person: str) -> Question | None:
        """Return the latest question this person still owes an answer to in this chat."""
        ...

    async def questions(self, platform: str, chat_id: str, person: str) -> list[Question]:
        """Return every question this person still owes an answer to in this chat, in the order of asking."""
        ...

    async def question_by_id(self, question_id: str) -> Question | None:
        """Return an open question by its id."""
        ...

    async def gather(self, platform: str, chat_id: str, person: str) -> Gather | None:
        """Return the photos of this person that wait for words in this chat."""
        ...

    async def contact(self, person: str) -> Contact:
        """Return what we told this person before; a blank one for a stranger."""
        ...

    async def photo_cases(self, sha256: str) -> list[int]:
        """Return the ids of the cases that hold this very picture."""
        ...

    async def photo_facts(self, shas: Iterable[str]) -> PhotosKnown:
        """Return what is known of these pictures."""
        ...

    async def photos_for_review(self, limit: int) -> list[PhotoFacts]:
        """Return the pictures that wait for a person's look before they may leave the work group."""
        ...

    async def by_message(self, platform: str, message_id: str) -> list[Case]:
        """Return the cases that a platform message opened or that a post of ours was about."""
        ...

    async def next_sequence(self, year: int) -> int:
        """Take the next case number of a year; numbers taken by a failed decision leave gaps."""
        ...

    async def setting(self, name: str) -> Any:
        """Return a recorded decision (JSON value), or None."""
        ...

    async def period(self, period: str) -> PeriodState | None:
        """Return how far a month has come."""
        ...

    @property
    def inspected(self) -> Inspected:
        """Return findings, walks and appeals one by one."""
        ...

    @property
    def patrolled(self) -> Patrolled:
        """Return patrols and meetings."""
        ...

    async def periods(self) -> list[PeriodState]:
        """Return every month that something has happened to, in order."""
        ...

    async def findings(self, start: datetime, end: datetime) -> list[Finding]:
        """Return the inspectors' findings in [start, end) as a score reads them, oldest first."""
        ...

    async def head(self) -> str:
        """Return the latest daily head of the ledger in its printed form, "" before the first."""
        ...

    async def sent_today(self, person: str, kind: str, since: datetime) -> int:
        """Return how many posts of a kind a person was sent since an instant."""
        ...

    async def standing_at(self, ids: Sequence[int], until: datetime) -> dict[int, PastState]:
        """Return how cases stood at a past instant, from the ledger; those that were not there yet are left out."""
        ...

    async def delivery(self, case_id: int, kind: str) -> Delivery | None:
        """Return what became of the latest post of a kind about a case, None when there was none."""
        ...

    async def claimed(self, job: str, period: str) -> bool:
        """Tell whether a (job, period) was claimed, which happens once."""
        ...

    def apply(self, effects: Effects) -> None:
        """Take the effects over, so that later decisions of the same batch see them."""
        ...


@dataclass(frozen=True, slots=True)
class Post:
    """A row for the outbox: one post to one place."""

    key: str
    target: Target
    text: str | None  # None: rendered from live state when due (`kind` and `person` say how), then frozen
    kind: str
    due_at: datetime
    about: int = 0
    person: str = ""  # the recipient as a person, for slots and for falling back to a group
    choices: tuple[Choice, ...] = ()
    mentions: tuple[str, ...] = ()  # person ids
    photos: tuple[Photo, ...] = ()
    files: tuple[Document, ...] = ()
    reply: str = ""  # JSON of a ReplyHandle
    fallback: Target | None = None  # the group that carries it when the person cannot be reached
    urgent: bool = False
    head: str = ""  # key of the post whose picture, file or further text this is: it leaves behind that one
