"""The stage (模拟环境): one machine over the simulated platform, its chats, and a clock that people move.

Everything a person says goes through the real inbox. One thing happens at a time: a message, or one step of the clock;
between two steps of a long way through time, messages still get their turn.
"""

import asyncio
import hashlib
import itertools
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from PIL import Image

from bot.assembly import Machine
from bot.clock import MovedClock
from bot.demo import board, city, pictures
from bot.demo.chat import Chats, Entry, all_as_json, as_json, card_json
from bot.demo.trace import Trace
from bot.platforms.dingtalk.capabilities import CAPABILITIES as DINGTALK
from bot.platforms.simulated.platform import CHANNEL, PLATFORM, Posted, Said, Simulated
from bot.platforms.wecom.capabilities import CAPABILITIES as WECOM
from domain.errors import LuzhangError, Missing, NotFound, RuleError
from domain.messages import Capabilities, Refusal
from domain.roster import Roster
from domain.rules import Rules
from media.photos import PhotoStore
from media.redact import PublicCopies
from store import Store

WORN: Mapping[str, Capabilities] = MappingProxyType({c.platform: c for c in (WECOM, DINGTALK)})
MOST_WORDS = 2_000
MOST_PHOTOS = 12
MOST_UPLOADS = 400  # own pictures kept until the next start
SCENE = "scene:"  # a picture of the gallery, drawn anew for each message
TICK = timedelta(seconds=1)
TAP_SECONDS = 5.0
BLINK = 0.05  # seconds between two looks at a moving clock

Publish = Callable[[str, Any], None]


class Halted(LuzhangError):
    """已停止。"""


@dataclass(frozen=True, slots=True)
class Utterance:
    """What somebody at the page wants to send. `quote` is the number of a bubble, 0 for none."""

    chat: str
    sender: str
    text: str = ""
    photos: tuple[str, ...] = ()
    quote: int = 0
    mentions_bot: bool = True


@dataclass
class Stage:
    """The running demo."""

    machine: Machine
    platform: Simulated
    clock: MovedClock
    photos: PhotoStore
    chats: Chats
    trace: Trace
    publish: Publish
    gallery: Mapping[str, Image.Image]
    copies: PublicCopies
    marked: set[str]  # fingerprints of pictures that carry a watermark worth reading
    drawn: set[str]  # fingerprints of pictures that came out of the gallery
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    roster: Roster = field(default_factory=Roster)
    ids: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))
    halting: asyncio.Event = field(default_factory=asyncio.Event)  # set: whatever moves the clock ends at its next step

    @property
    def rules(self) -> Rules:
        """Return the rules in force."""
        return self.machine.rules

    @property
    def store(self) -> Store:
        """Return the store."""
        return self.machine.store

    @property
    def now(self) -> datetime:
        """Return the city's instant."""
        return self.clock.now()

    @property
    def groups(self) -> frozenset[str]:
        """Return the ids of the groups."""
        return frozenset(room.chat_id for room in city.ROOMS)

    def refusal(self, said: Said, *, mentions_bot: bool) -> Refusal | None:
        """Return why the worn platform would not hand this to the bot, or None."""
        return self.platform.refusal(said, mentions_bot=mentions_bot)

    async def say(self, utterance: Utterance) -> Entry:
        """Send a message as somebody, let the bot do all that follows at this instant, and return its bubble.

        Raises Missing for an empty message, NotFound for a chat, person, bubble or picture that there is not.
        """
        async with self.lock:
            said, mentions = await self._composed(utterance)
            refusal = self.refusal(said, mentions_bot=mentions)
            entry = self.chats.said(_bubble(utterance, said, self, mentions, refusal))
            self.publish("entry", as_json(entry, self.rules.zone))
            if refusal is None:
                await self.machine.receive(CHANNEL, PLATFORM, said.message_id, said.payload())
                await self.machine.settle()
            await self.show_cases()
            return entry

    async def tap(self, number: int, sender: str, key: str) -> None:
        """Tap a button of a bubble's card as somebody, and let the platform show the card's new face.

        Raises NotFound for a bubble, person or button that there is not.
        """
        async with self.lock:
            entry = self.chats.numbered(number)
            card = entry.card if entry else None
            if entry is None or card is None or key not in {choice.key for choice in card.choices}:
                raise NotFound("这个按钮已不在，请看卡片现在的样子。")
            is_group = entry.chat in self.groups
            if sender not in self.roster.people or (not is_group and sender != entry.chat):
                raise NotFound("没有这个人，请刷新页面。")
            said = Said(f"m{next(self.ids)}", entry.chat, is_group, sender, choice=key, card=card.thread)
            self.machine.taps.expect(said.message_id)
            await self.machine.receive(CHANNEL, PLATFORM, said.message_id, said.payload())
            await self.machine.settle()
            if (face := await self.machine.taps.face(said.message_id, TAP_SECONDS)) is not None:
                self.platform.turn(face)
                await self.machine.taps.shown(face)
            await self.show_cases()

    async def _composed(self, utterance: Utterance) -> tuple[Said, bool]:
        is_group = utterance.chat in self.groups
        if utterance.sender not in self.roster.people:
            raise NotFound("没有这个人，请刷新页面。")
        if not is_group and utterance.chat != utterance.sender:
            raise NotFound("没有这个会话，请刷新页面。")
        text, mentions = _without_bot(utterance.text[:MOST_WORDS], self.rules.bot_name, utterance.mentions_bot)
        if not text and not utterance.photos:
            raise Missing("请先写点什么，或选一张照片。")
        if len(utterance.photos) > MOST_PHOTOS:
            raise RuleError(f"一次最多发{MOST_PHOTOS}张照片。")
        quoted = self._quoted(utterance)
        brings = quoted.photos if quoted and self.platform.worn.quote_brings_photo else ()
        said = Said(
            message_id=f"m{next(self.ids)}",
            chat_id=utterance.chat,
            is_group=is_group,
            sender=utterance.sender,
            text=text,
            photos=tuple([await self._picture(name) for name in utterance.photos]),
            quote=quoted.text if quoted else "",
            quote_photos=brings,
            sender_name=self.roster.person(utterance.sender).name,
        )
        return said, mentions or not is_group

    def _quoted(self, utterance: Utterance) -> Entry | None:
        if not utterance.quote:
            return None
        quoted = self.chats.numbered(utterance.quote)
        if quoted is None or quoted.chat != utterance.chat:
            raise NotFound("引用的消息不在本会话，请重新选择。")
        return quoted

    async def _picture(self, name: str) -> str:
        """Return the handle of a picture on the platform, drawing one of the gallery's anew."""
        if not name.startswith(SCENE):
            if name not in self.platform.uploads:
                raise NotFound("照片已失效，请重新选择。")
            return name
        image = self.gallery.get(name.removeprefix(SCENE))
        if image is None:
            raise NotFound("图库里没有这张照片。")
        number = next(self.ids)
        mark = self._mark(pictures.BY_KEY[name.removeprefix(SCENE)])
        data = await asyncio.to_thread(pictures.stamped, image, self.rules.local(self.now), number, mark)
        self.drawn.add(hashlib.sha256(data).hexdigest())
        if mark is not None:
            self.marked.add(hashlib.sha256(data).hexdigest())
        return self.platform.upload(_handle("drawn"), data)

    def _mark(self, scene: pictures.Scene) -> pictures.Mark | None:
        segment = self.roster.segment(scene.segment, self.rules.day(self.now)) if scene.segment else None
        if segment is None or not segment.polyline:
            return None
        return pictures.Mark(f"{segment.road}{segment.landmarks[0]}", segment.polyline[len(segment.polyline) // 2])

    def upload(self, data: bytes) -> str:
        """Take a picture of the user's own and return its handle; the oldest go when there are too many."""
        own = [name for name in self.platform.uploads if name.startswith("own-")]
        for name in own[: max(0, len(own) - MOST_UPLOADS + 1)]:
            del self.platform.uploads[name]
        return self.platform.upload(_handle("own"), data)

    async def move(self, to: datetime, *, until: Callable[[], bool] = lambda: False) -> None:
        """Move the clock to an instant through everything that is due on the way, in order.

        until: asked after every step; True ends the way there. Raises Halted when it is stopped on the way.
        """
        start, shown = self.now, 0.0
        loop = asyncio.get_running_loop()
        async with self.lock:
            await self.machine.settle()
        is_there = False
        while not is_there and not until():
            async with self.lock:
                is_there = await self._step(to)
            if loop.time() - shown > BLINK:
                shown = loop.time()
                self.publish("clock", self.clock_json(moving=_share(start, self.now, to)))
            await asyncio.sleep(0)
            if self.halting.is_set():
                raise Halted
        self.publish("clock", self.clock_json())
        await self.show_cases()

    async def _step(self, to: datetime) -> bool:
        """Go to the next due instant, or to the end, and settle there; True at the end."""
        before = self.now
        at = await self.machine.next_event()
        is_last = at is None or at > to
        self.clock.set(to if is_last or at is None else at)
        await self.machine.settle()
        if not is_last and self.now == before:
            self.clock.advance(TICK)  # a robot's limit holds a post back: try again a second later
        return is_last

    async def wear(self, platform: str) -> None:
        """Put another real platform's rules in force. Raises NotFound for one that there is not."""
        worn = WORN.get(platform)
        if worn is None:
            raise NotFound("没有这个平台。")
        async with self.lock:
            self.platform.worn = worn
        self.publish("platform", worn.platform)

    async def show_cases(self) -> None:
        """Tell the page how the cases stand."""
        self.publish("cases", await board.cases(self.store, self.rules, self.now))

    def clock_json(self, moving: float | None = None) -> dict[str, Any]:
        """Return the clock as the page reads it; `moving` is the share of the way that is done."""
        local = self.rules.local(self.now)
        return {"date": f"{local:%Y-%m-%d}", "time": f"{local:%H:%M}", "weekday": local.weekday(), "moving": moving}

    def entries_json(self) -> list[dict[str, Any]]:
        """Return all bubbles as the page reads them."""
        return all_as_json(self.chats.entries, self.rules.zone)

    def turned(self, post: Posted) -> None:
        """Show a card's new face."""
        if (entry := self.chats.turned(post)) is not None and entry.card is not None:
            self.publish("card", {"number": entry.number, "card": card_json(entry.card)})

    def arrived(self, post: Posted) -> None:
        """Show what the bot posted."""
        entry = self.chats.posted(post)
        self.publish("entry", as_json(entry, self.rules.zone))
        self.trace.posted(post)


def _handle(kind: str) -> str:
    """Return a new handle; it never comes again after a reset, or a page would show the picture it still holds."""
    return f"{kind}-{secrets.token_hex(8)}"


def _bubble(utterance: Utterance, said: Said, stage: Stage, mentions: bool, refusal: Refusal | None) -> Entry:
    return Entry(
        number=stage.chats.next_number,
        at=stage.now,
        chat=said.chat_id,
        sender=said.sender,
        text=said.text,
        photos=said.photos,
        quote=utterance.quote,
        mentions_bot=mentions and said.is_group,
        withheld=refusal.reason if refusal else "",
    )


def _without_bot(text: str, name: str, mentions: bool) -> tuple[str, bool]:
    """Return the words without the bot's name, and whether it was named, as the real edges do."""
    call = f"@{name}"
    return text.replace(call, " ").strip(), mentions or call in text


def _share(start: datetime, now: datetime, to: datetime) -> float:
    length = (to - start).total_seconds()
    return 1.0 if length <= 0 else round(min(1.0, (now - start).total_seconds() / length), 3)
