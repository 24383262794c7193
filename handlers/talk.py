"""One message being handled: what was heard, the work it belongs to, and how to answer."""

from dataclasses import dataclass, field, replace
from datetime import datetime

from domain import authority
from domain.case import Case, Origin
from domain.casework.work import PRIVATE, Work
from domain.effects import Contact, Effects, Notice, Question, Recipient, ToChat, ToPerson, Urgency
from domain.errors import NotFound
from domain.heard import Heard
from domain.messages import Choice, Kind, Photo
from domain.ports import CaseQuery
from domain.roster import Role
from handlers.matching import Number, Spoken, printed_number

NOTHING = Spoken("", (), "")


@dataclass
class Talk:
    """The message at hand. `subject` is the case last looked up, for the record of a refused attempt."""

    heard: Heard
    work: Work
    spoken: Spoken = NOTHING
    subject: Case | None = None
    answers: int = field(default=0)
    speaks_up: bool = False  # a tap whose outcome the whole chat may hear, as if it had been said

    @property
    def me(self) -> str:
        """Return the sender's person id."""
        return self.heard.person

    @property
    def is_group(self) -> bool:
        """Tell whether the message was written in a group."""
        return self.heard.incoming.is_group

    @property
    def chat_id(self) -> str:
        """Return the chat's id."""
        return self.heard.incoming.chat_id

    @property
    def platform(self) -> str:
        """Return the platform."""
        return self.heard.incoming.platform

    @property
    def photos(self) -> tuple[Photo, ...]:
        """Return the pictures of the message itself."""
        return self.heard.photos

    @property
    def township(self) -> str:
        """Return the scope of the group the message was written in, or ""."""
        return next((r.scope for r in self.work.view.rooms if self._is_here(r.platform, r.chat_id)), "")

    @property
    def purpose(self) -> str:
        """Return the purpose of the group, "" in private or in an unbound group."""
        return next((r.purpose for r in self.work.view.rooms if self._is_here(r.platform, r.chat_id)), "")

    @property
    def is_discreet(self) -> bool:
        """Tell whether others' own figures may be read here: in private, among the leaders, in the office."""
        return not self.is_group or self.purpose in ("leadership", "office")

    def _is_here(self, platform: str, chat_id: str) -> bool:
        return self.is_group and platform == self.platform and chat_id == self.chat_id

    def has_role(self, *roles: Role) -> bool:
        """Tell whether the sender holds one of the roles today, or stands in for somebody who does."""
        roster, day = self.work.roster, self.work.day
        acted_for = authority.acting_for(self.me, roster, day)
        return any(post.role in roles for person in acted_for for post in roster.posts_of(person, day))

    def reply(
        self,
        text: str,
        *,
        about: Case | None = None,
        choices: tuple[Choice, ...] = (),
        photos: tuple[Photo, ...] = (),
    ) -> Notice:
        """Return an answer in the same chat, by the message's own reply handle while that lives."""
        self.answers += 1
        incoming = self.heard.incoming
        here: Recipient = ToChat(incoming.platform, incoming.chat_id, incoming.is_group, incoming.reply)
        # a group need not hear of a tap
        is_aside = incoming.kind is Kind.CHOICE and incoming.is_group and not self.speaks_up
        return Notice(
            key=f"reply:{incoming.platform}:{incoming.message_id}:{self.answers}",
            to=ToPerson(self.me, self.township) if is_aside else here,
            text=text,
            kind="reply",
            about=about.id if about else 0,
            urgency=Urgency.REPLY,
            choices=choices,
            photos=photos,
        )

    def say(self, text: str, *, about: Case | None = None) -> Effects:
        """Return effects that only answer."""
        return Effects(notices=[self.reply(text, about=about)])

    def say_private(self, text: str, about: Case | None = None) -> Effects:
        """Return an answer only in a private chat: in a group it would be noise."""
        return Effects() if self.is_group else self.say(text, about=about)

    def ask_here(
        self, case: Case, kind: str, options: tuple[Choice, ...], *, until: datetime | None = None, **facts: object
    ) -> Question:
        """Return a question to the sender in this chat."""
        where = (self.platform, self.chat_id) if self.is_group else (PRIVATE, PRIVATE)
        return self.work.ask(case, kind, self.me, options, platform=where[0], chat_id=where[1], until=until, **facts)

    def ask_aside(self, kind: str, options: tuple[Choice, ...], **facts: object) -> Question:
        """Return a question to the sender that is about no single case."""
        where = (self.platform, self.chat_id) if self.is_group else (PRIVATE, PRIVATE)
        now = self.work.now
        until = now + self.work.rules.waits.question
        question_id = f"{kind}:{self.heard.incoming.platform}:{self.heard.incoming.message_id}"
        return Question(question_id, where[0], where[1], self.me, kind, 0, options, now, until, facts)

    async def question(self) -> Question | None:
        """Return the sender's latest open question in this chat, or one that may be answered anywhere."""
        here = await self.work.view.question(self.platform, self.chat_id, self.me) if self.is_group else None
        anywhere = await self.work.view.question(PRIVATE, PRIVATE, self.me)
        found = [q for q in (here, anywhere) if q is not None and q.until > self.work.now]
        return max(found, key=lambda q: q.asked_at, default=None)

    async def questions(self) -> list[Question]:
        """Return every open question of the sender in this chat, and those that may be answered anywhere."""
        here = await self.work.view.questions(self.platform, self.chat_id, self.me) if self.is_group else []
        return here + await self.work.view.questions(PRIVATE, PRIVATE, self.me)

    async def remember(self, case: Case) -> Contact:
        """Return the sender's contact with `case` as the last report, for photos and words that follow."""
        contact = await self.work.view.contact(self.me)
        told = contact.privacy_told or leaves_room_for_privacy(case)
        return replace(
            contact, last_case=case.id, last_case_at=self.work.now, last_chat=self.chat_id, privacy_told=told
        )

    async def numbered(self, number: Number) -> Case:
        """Return the case a number means. Raises NotFound; asks for the year when several are open."""
        year, sequence = number
        this_year = self.work.rules.local(self.work.now).year
        found = await self.work.view.numbered(sequence, year, this_year)
        if not found:
            shown = f"{year}-{sequence:04d}" if year else f"{sequence:04d}"
            raise NotFound(f"没有找到案件{shown}，请核对编号。")
        if len(found) > 1:
            raise NotFound(
                f"编号{sequence:04d}有{len(found)}件在办：{'、'.join(c.number for c in found)}，请写全编号。"
            )
        self.subject = found[0]
        return found[0]

    async def quoted(self) -> Case | None:
        """Return the case that the quoted message is about: by printed number, message id, picture or words."""
        quote = self.heard.incoming.quote
        if quote is None:
            return None
        if printed := printed_number(quote.text):
            return await self.numbered(printed)
        found = await self.work.view.by_message(self.platform, quote.message_id) if quote.message_id else []
        for photo in self.heard.quote_photos:
            ids = await self.work.view.photo_cases(photo.sha256)
            found += [case for case in [await self.work.view.case(i) for i in ids] if case]
        if not found and quote.text and self.is_group:
            recent = await self.work.view.cases(CaseQuery(chat_id=self.chat_id, limit=50))
            found = [case for case in recent if case.text and case.text in quote.text]
        distinct = {case.id: case for case in found}
        if len(distinct) == 1:
            self.subject = next(iter(distinct.values()))
            return self.subject
        return None

    async def named(self) -> list[Case]:
        """Return the cases named by number, each once, else by quote; empty when neither."""
        if self.spoken.numbers:
            found = [await self.numbered(number) for number in self.spoken.numbers]
            return list({case.id: case for case in found}.values())
        quoted = await self.quoted()
        return [quoted] if quoted else []


def leaves_room_for_privacy(case: Case) -> bool:
    """Tell whether the receipt of a first report has the privacy line: a hazard's is all warning, an inspector works."""
    return not case.is_hazard and case.origin is not Origin.PATROL
