"""The work at hand: the view, the rules and the wording of one decision."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime

from domain.authority import desk
from domain.case import IN_HAND, Case
from domain.effects import Effects, Notice, Question, Timer, ToPerson, ToPurpose, Urgency
from domain.messages import Choice, Photo
from domain.ports import View
from domain.roster import Roster
from domain.rules import Rules
from domain.texts.wording import Wording

PRIVATE = ""  # chat of a question that a person may answer anywhere


@dataclass(frozen=True, slots=True)
class Work:
    """Everything a step of casework reads."""

    view: View
    rules: Rules

    @property
    def now(self) -> datetime:
        """Return the instant of the decision."""
        return self.view.now

    @property
    def day(self) -> date:
        """Return the city's date."""
        return self.rules.day(self.view.now)

    @property
    def roster(self) -> Roster:
        """Return the roster."""
        return self.view.roster

    @property
    def w(self) -> Wording:
        """Return the wording."""
        return Wording.of(self.rules, self.view)

    def tell(
        self,
        people: Iterable[str],
        text: str,
        kind: str,
        case: Case,
        *,
        urgency: Urgency = Urgency.NORMAL,
        photos: tuple[Photo, ...] = (),
        choices: tuple[Choice, ...] = (),
    ) -> list[Notice]:
        """Return one private notice for each of `people`, once for this step of the case."""
        return [
            Notice(
                key=f"{kind}:{case.id}:{case.version}:{person}",
                to=ToPerson(person, case.township),
                text=text,
                kind=kind,
                about=case.id,
                urgency=urgency,
                photos=photos,
                choices=choices,
            )
            for person in dict.fromkeys(people)
            if person
        ]

    def tell_room(
        self, purpose: str, scope: str, text: str, kind: str, case: Case, *, urgency: Urgency = Urgency.NORMAL
    ) -> Notice:
        """Return a notice to the groups of a purpose, once for this step of the case."""
        key = f"{kind}:{case.id}:{case.version}:{purpose}"
        return Notice(key, ToPurpose(purpose, scope), text, kind, about=case.id, urgency=urgency)

    def tell_desk(self, text: str, kind: str, case: Case, *, urgency: Urgency = Urgency.NORMAL) -> list[Notice]:
        """Return what the township's command seat hears: in its group where it has one, else each of its people."""
        if any(room.purpose == "seat" and room.scope in ("", case.township) for room in self.view.rooms):
            return [self.tell_room("seat", case.township, text, kind, case, urgency=urgency)]
        return self.tell(desk(case.township, self.roster, self.day), text, kind, case, urgency=urgency)

    def ladder(self, case: Case) -> Effects:
        """Return the timer for the next escalation step of a case, or the end of its timer."""
        key = f"ladder:{case.id}"
        if case.state not in IN_HAND:
            return Effects(timers_dropped=[key])
        ahead = self.rules.steps(case)[case.raised :]
        if not ahead:
            return Effects(timers_dropped=[key])
        return Effects(timers=[Timer(key, "ladder", str(case.id), ahead[0].at)])

    def levelled(self, case: Case) -> Case:
        """Return the case, its clocks changed, with the steps that lie behind as taken: no level hears twice."""
        return replace(case, raised=sum(step.at <= self.now for step in self.rules.steps(case)))

    def ask(
        self,
        case: Case,
        kind: str,
        person: str,
        options: tuple[Choice, ...],
        *,
        platform: str = PRIVATE,
        chat_id: str = PRIVATE,
        until: datetime | None = None,
        **facts: object,
    ) -> Question:
        """Return a durable question; its id is unique for the case's step."""
        end = until or self.now + self.rules.waits.question
        question_id = f"{kind}:{case.id}:{case.version}:{person}"
        return Question(question_id, platform, chat_id, person, kind, case.id, options, self.now, end, facts)

    def before_photos(self, case: Case) -> tuple[Photo, ...]:
        """Return the pictures that show a problem, for sending along."""
        return tuple(Photo(p.sha256, p.ext, 0) for p in case.photos_of("before"))
