"""What a story of the demo is made of: steps over real messages and moved time, and what must have come of each.

A step is what people say or how far time moves, and what must have come of it. The bot's words come from the bot; what
is checked are states of cases and which rule made a post, not wordings.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

from bot.demo.chat import Entry
from bot.demo.stage import SCENE, Stage, Utterance
from domain import authority
from domain.case import STATE_NAMES, Case, State
from domain.errors import LuzhangError
from domain.ports import CaseQuery


class Unexpected(LuzhangError):
    """演示未按预期进行。"""


@dataclass
class Plot:
    """What the story has come to so far."""

    stage: Stage
    first: int = 0  # case ids
    second: int = 0
    seen: int = 0  # bubbles before the running step
    focus: list[str] = field(default_factory=list)  # chats in which the step can be watched, the most telling last

    async def say(self, chat: str, sender: str, text: str = "", *, photo: str = "") -> None:
        """Send a message and turn to its chat."""
        self.look(chat)
        photos = (f"{SCENE}{photo}",) if photo else ()
        await self.stage.say(Utterance(chat, sender, text, photos))

    async def wait(self, **span: float) -> None:
        """Let time pass."""
        await self.stage.move(self.stage.now + timedelta(**span))

    async def until_post(self, rule: str, within: timedelta) -> None:
        """Let time pass until the bot makes a post by a rule."""
        await self.stage.move(self.stage.now + within, until=lambda: bool(self.by_rule(rule)))

    def look(self, chat: str) -> None:
        """Turn the page to a chat."""
        if chat in self.focus:
            self.focus.remove(chat)
        self.focus.append(chat)
        self.stage.publish("focus", chat)

    def new(self) -> list[Entry]:
        """Return what was said and posted in this step."""
        return self.stage.chats.since(self.seen)

    def by_rule(self, rule: str) -> list[Entry]:
        """Return this step's posts made by a rule."""
        return [entry for entry in self.new() if entry.key.partition(":")[0] == rule]

    async def case(self, case_id: int) -> Case:
        """Return a case as it stands."""
        async with self.stage.store.reading(self.stage.now) as view:
            case = await view.case(case_id)
        if case is None:
            raise Unexpected("案件不见了。")
        return case

    async def reported(self, reporter: str) -> Case:
        """Return the case that somebody has just reported. Raises Unexpected when there is none."""
        async with self.stage.store.reading(self.stage.now) as view:
            found = await view.cases(CaseQuery(reporter=reporter, limit=1))
        if not found:
            raise Unexpected(f"{self.name(reporter)}的上报没有立案。")
        return found[0]

    def name(self, person: str) -> str:
        """Return a person's name."""
        return self.stage.roster.person(person).name

    async def in_state(self, case_id: int, state: State) -> Case:
        """Return the case. Raises Unexpected unless it is in a state."""
        case = await self.case(case_id)
        if case.state is not state:
            raise Unexpected(f"{case.number}应为{STATE_NAMES[state]}，实为{STATE_NAMES[case.state]}。")
        return case

    def heard(self, chat: str, what: str) -> Entry:
        """Return the bot's latest post of this step in a chat. Raises Unexpected when it kept silent there."""
        posts = [entry for entry in self.new() if entry.chat == chat and not entry.sender]
        if not posts:
            raise Unexpected(f"没有等到{what}。")
        return posts[-1]

    def made(self, rule: str, what: str) -> Entry:
        """Return this step's latest post by a rule, and turn to it. Raises Unexpected when there is none."""
        posts = self.by_rule(rule)
        if not posts:
            raise Unexpected(f"没有等到{what}。")
        self.look(posts[-1].chat)
        return posts[-1]

    async def verifier(self, case: Case) -> str:
        """Return who is to verify a case today. Raises Unexpected when nobody may."""
        found = authority.verifiers(case, self.stage.roster, self.stage.rules.day(self.stage.now))
        if not found:
            raise Unexpected(f"{case.number}没有可以复核的人。")
        return found[0]

    def morning(self, clock: time) -> datetime:
        """Return a clock time of the next working day."""
        calendar = self.stage.rules.calendar
        day = self.stage.rules.day(self.stage.now) + timedelta(days=1)
        while not calendar.is_working_day(day):
            day += timedelta(days=1)
        return calendar.at(day, clock)


@dataclass(frozen=True, slots=True)
class Step:
    """One step: its heading, what to look at, and what happens and must come of it (raises Unexpected)."""

    title: str
    note: str
    run: Callable[[Plot], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Tale:
    """A story: its name on the page, where time begins, which findings the city has, its steps, what to look at last."""

    key: str
    title: str
    start: datetime
    findings: tuple[str, ...]  # files beside the city's lists
    steps: tuple[Step, ...]
    ending: tuple[str, str] = ("看月通报", "group-leaders")  # words of the link, and the chat it opens

    @property
    def start_text(self) -> str:
        """Return the day on which time begins."""
        return f"{self.start.month}月{self.start.day}日"
