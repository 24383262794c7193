"""The one place that wires: configuration → rules, store, platforms, workers. serve, demo and tests share it."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.backlog import Backlog
from bot.cards import Taps
from bot.config import Config
from bot.inbox import Channels, InboxWorker, Parser
from bot.outbox import OutboxWorker
from bot.platforms.base import Client
from bot.second_opinion import SecondOpinion
from bot.studying import Studying
from bot.watermark_desk import LineReader, WatermarkDesk
from domain import notify
from domain.accountability import load_accountability
from domain.assessment import Assessment, Assessments, Cutoffs, SequenceKind, load_assessments
from domain.budget import Budget
from domain.calendar import load_calendar
from domain.categories import Categories
from domain.deadlines import ClockKind, Limits, Span
from domain.effects import Effects, Notice, ToPurpose, Urgency
from domain.escalation import RINGS_NEVER, Ladder, LadderKind
from domain.frame import load_frame
from domain.funding import load_funding
from domain.heard import Heard
from domain.imprint import Imprint
from domain.messages import ChatRoom, PlatformError, Way
from domain.patrols import load_quotas
from domain.ports import Clock, Post, Press, View
from domain.quarter import Group, QuarterRules
from domain.rulebook import load_rules
from domain.rules import Rules
from domain.scoring import Settings
from domain.slots import Slots
from media.photos import PhotoStore
from schedules.printing import Printer
from schedules.tick import next_due, set_up, tick
from store import Store
from store.inbox import InboxRow
from store.outbox import OutboxRow
from store.view import SqlView

logger = logging.getLogger(__name__)

_GLANCE = 0.05  # seconds between two looks at the inbox
_LONGEST_PAUSE = 30.0  # seconds before a worker that fell over is started again
_HAZARD_ACK_MINUTES = 15  # the hazard ladder counts from the end of this limit


def rules_of(config: Config) -> Rules:
    """Return the rules in force under a configuration. Raises TableError or ConfigError naming the place."""
    categories = Categories.load(config.tables.categories)
    codes = [row.code for row in categories.rows]
    calendar = load_calendar(config.city.calendar, config.city.work_hours, config.city.timezone)
    reminders = config.reminders
    return Rules(
        city=config.city.name,
        categories=categories,
        limits=Limits.load(codes, config.tables.deadlines),
        calendar=calendar,
        ladder=_ladder(config),
        slots=Slots(
            reminders.slots,
            (reminders.digest,),
            reminders.quiet_hours[0],
            reminders.quiet_hours[1],
            reminders.quiet_on_holidays,
        ),
        scoring=Settings(
            load_rules(codes, config.tables.rules),
            _assessments(config),
            ZoneInfo(config.city.timezone),
            {code: categories.department_name(code) for code in codes},
        ),
        zone=ZoneInfo(config.city.timezone),
        bot_name=config.wecom.bot.names[0] if config.wecom.bot else "路长助手",
        public_url=config.server.public_url or "",
        imprint=Imprint(
            config.city.name,
            config.documents.number_prefix,
            config.documents.copies,
            config.documents.case_url or "",
            config.documents.daily_sheet,
        ),
        summary_at=reminders.summary,
        rings=config.dingtalk.ding if config.dingtalk else RINGS_NEVER,
        ringing=frozenset({"dingtalk"} if config.dingtalk else ()),
        inspections=config.assessment.inspections,
        quarterly=QuarterRules(load_funding(config.tables.funding), load_accountability(config.tables.accountability)),
        frame=load_frame(codes, config.tables.frame),
        patrols=load_quotas(config.tables.patrols),
        groups=tuple(Group(g.name, SequenceKind(g.sequence), g.subjects, g.fund) for g in config.group),
        budget=Budget(
            reminders.group_posts_per_hour, reminders.group_posts_per_day, reminders.leadership_posts_per_day
        ),
    )


def _ladder(config: Config) -> Ladder:
    """Return the built-in ladder with the configured delays."""
    steps = config.reminders.escalation
    delays = {
        "second_level": _span(ClockKind.WORKING_HOURS, steps.second_level_hours),
        "township_head": _span(ClockKind.WORKING_DAYS, steps.township_head_days),
        "first_level": _span(ClockKind.WORKING_DAYS, steps.first_level_days),
        "office": _span(ClockKind.WORKING_DAYS, steps.office_days),
    }
    notice = timedelta(minutes=steps.notice_minutes) if steps.second_level_hours else timedelta()
    ladder = Ladder.load()
    for kind in (LadderKind.ACK, LadderKind.RESOLVE):
        ladder = ladder.retimed(kind, delays, notice)
    hazard = {
        "second_level": _span(ClockKind.RUNNING_MINUTES, steps.hazard_second_level_minutes - _HAZARD_ACK_MINUTES),
        "township_head": _span(ClockKind.RUNNING_MINUTES, steps.hazard_township_head_minutes - _HAZARD_ACK_MINUTES),
    }
    return ladder.retimed(LadderKind.HAZARD, hazard)


def _span(clock: ClockKind, amount: int) -> Span | None:
    return Span(clock, amount) if amount > 0 else None


def _assessments(config: Config) -> Assessments:
    """Return the assessment tables with the configured publication rule, cut-offs and rating weight."""
    own = config.assessment

    def with_own(version: Assessment) -> Assessment:
        publication = replace(
            version.publication,
            is_signed=own.publication == "signed",
            draft_day=own.day,
            draft_time=version.publication.draft_time.replace(hour=own.hour),
            publish_time=version.publication.publish_time.replace(hour=own.publish_hour),
            objection_days=own.objection_days,
        )
        cut_offs = Cutoffs(own.cut_offs.good, own.cut_offs.fair) if own.cut_offs else version.cutoffs
        weight = own.rating_weight if own.rating_weight is not None else version.rating_weight
        best = own.best_shops if own.best_shops is not None else version.best_shops
        worst = own.worst_shops if own.worst_shops is not None else version.worst_shops
        return replace(
            version,
            publication=publication,
            cutoffs=cut_offs,
            rating_weight=weight,
            best_shops=best,
            worst_shops=worst,
            lit_rate=own.lit_rate if own.lit_rate is not None else version.lit_rate,
            purifiers=own.purifiers if own.purifiers is not None else version.purifiers,
        )

    return Assessments(tuple(with_own(version) for version in load_assessments(config.tables.assessment).versions))


def planner_of(rules: Rules) -> Callable[[Notice, View], list[Post]]:
    """Return the function by which the store turns notices into posts."""
    return lambda notice, view: notify.plan(notice, view, rules)


async def open_store(config: Config, rules: Rules) -> Store:
    """Open the configured store, creating its folder when it is new; the rules learn the ladders of running cases."""
    file = config.store.sqlite_file
    if file is not None:
        await asyncio.to_thread(file.parent.mkdir, parents=True, exist_ok=True)
    store = await Store.open(config.store.url, planner=planner_of(rules), heads=config.store.heads, zone=rules.zone)
    kept = await store.ladders.remember(rules.ladder_id, rules.ladder.to_json())
    rules.earlier.update({fingerprint: Ladder.from_json(text) for fingerprint, text in kept.items()})
    return store


def rooms_of(config: Config) -> list[ChatRoom]:
    """Return the chats that the configuration names by id; the others are bound by a spoken code."""
    return [ChatRoom(c.name, c.platform, c.chat_id, c.purpose, c.scope) for c in config.chat if c.chat_id]


async def bind_rooms(store: Store, config: Config, now: datetime) -> None:
    """Bind the chats that the configuration names by id; one that the app made is known by that id until it is bound."""
    for room in rooms_of(config):
        if room not in await store.rosters.rooms():
            await store.rosters.bind_room(room, now)
    made = [c for c in config.chat if c.app_chat_id and not c.chat_id]
    for chat in made:
        if chat.name not in {room.name for room in await store.rosters.rooms()}:
            room = ChatRoom(chat.name, chat.platform, chat.app_chat_id, chat.purpose, chat.scope)
            await store.rosters.bind_room(room, now)


@dataclass
class Machine:
    """The running product without an HTTP edge: intake to outbox, and time. One place starts and drains it."""

    store: Store
    rules: Rules
    clock: Clock
    inbox: InboxWorker
    outbox: OutboxWorker
    taps: Taps
    watermarks: WatermarkDesk | None = None
    printer: Printer | None = None  # makes documents before they are wanted; None = posts are text alone
    tasks: list[asyncio.Task[None]] = field(default_factory=list)
    unstored: int = 0  # messages in a row that could not be stored
    failing: set[str] = field(default_factory=set)  # workers that fell over and wait for their next start

    async def receive(
        self, channel: str, platform: str, message_id: str, payload: str, *, is_late: bool = False
    ) -> bool:
        """Store one verified message; False when its id was there. Returns once it is durable."""
        (result,) = await self.receive_all(channel, platform, [(message_id, payload)], is_late=is_late)
        if isinstance(result, Exception):
            raise result
        return result

    async def receive_all(
        self, channel: str, platform: str, messages: Sequence[tuple[str, str]], *, is_late: bool = False
    ) -> list[bool | Exception]:
        """Store messages that came together, as id and payload; return for each what `receive` returns or raises."""
        now = self.clock.now()
        arrivals = [(channel, platform, named, payload, now, is_late) for named, payload in messages]
        results = await self.store.intake.put_all(arrivals)
        for result in results:
            self.unstored = self.unstored + 1 if isinstance(result, Exception) else 0
        if True in results:
            self.inbox.wake()
        return results

    async def wake(self) -> None:
        """Run what is due now, and let the outbox look."""
        now = self.clock.now()
        await self._print(now)
        await tick(self.store, self.rules, now)
        await self.store.beat(now)
        self.outbox.wake()

    async def _print(self, now: datetime) -> None:
        if self.printer is not None:
            await self.printer.prepare(self.rules, now)

    async def set_up(self) -> None:
        """Put the periodic jobs in their rows."""
        await set_up(self.store, self.rules, self.clock.now())

    def start(self) -> None:
        """Start the workers; one that falls over (a full disk, a locked database) is started again."""
        workers = {"inbox": self.inbox.run, "outbox": self.outbox.run}
        if self.watermarks is not None:
            workers["watermarks"] = self.watermarks.run
        self.tasks = [asyncio.create_task(self._keep(name, run), name=name) for name, run in workers.items()]

    async def _keep(self, name: str, run: Callable[[], Awaitable[None]]) -> None:
        pause = 1.0
        while True:
            try:
                await run()
            except Exception:
                logger.exception("worker fell over", extra={"action": "worker_failed", "worker": name})
                self.failing.add(name)
                await asyncio.sleep(pause)
                pause = min(2 * pause, _LONGEST_PAUSE)
                self.failing.discard(name)

    async def drain(self, patience: timedelta) -> None:
        """Let the running workers finish what was accepted and what is being sent, as long as patience lasts."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(patience.total_seconds()):
                for _ in range(int(patience.total_seconds() / _GLANCE)):
                    is_stuck = bool(self.failing) or all(task.done() for task in self.tasks)
                    if is_stuck or not await self.store.inbox.depth():
                        break
                    await asyncio.sleep(_GLANCE)
                await self.outbox.stop()

    async def stop(self) -> None:
        """Stop the workers; what was answered stays in the store."""
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        await self.inbox.stop()
        await self.outbox.stop()

    async def settle(self) -> None:
        """Work until nothing is due at this instant: for a clock that stands still (demo, tests)."""
        moved = 1
        while moved:
            await self.inbox.drain()
            while self.watermarks is not None and self.watermarks.has_work and await self.watermarks.work_once():
                await self.inbox.drain()
            await self._print(self.clock.now())
            moved = await tick(self.store, self.rules, self.clock.now())
            while sent := await self.outbox.send_once():
                moved += sent

    async def next_event(self) -> datetime | None:
        """Return the next instant at which a timer or a post is due."""
        found = [await next_due(self.store), await self.store.outbox.next_due()]
        return min((at for at in found if at is not None), default=None)


def build(
    store: Store,
    rules: Rules,
    clock: Clock,
    *,
    parsers: Mapping[str, Parser],
    clients: Mapping[str, Client],
    photos: PhotoStore,
    studying: Studying | None = None,
    lines: LineReader | None = None,
    opinion: SecondOpinion | None = None,
    on_heard: Callable[[Heard, SqlView], None] = lambda heard, view: None,
    on_parked: Callable[[InboxRow, str], Awaitable[None]] | None = None,
    on_trouble: Callable[[str, PlatformError], Awaitable[None]] | None = None,
    on_sent: Callable[[str, str], None] = lambda platform, way: None,
    open_ways: Callable[[OutboxRow, tuple[Way, ...]], tuple[Way, ...]] = lambda row, ways: ways,
    press: Press | None = None,
) -> Machine:
    """Return the machine over an open store."""
    backlog = Backlog()
    outbox = OutboxWorker(
        store, rules, clients, clock, backlog=backlog, on_trouble=on_trouble, on_sent=on_sent, open_ways=open_ways
    )
    taps = Taps(outbox.cards, on_edit=outbox.wake)
    inbox = InboxWorker(
        store,
        rules,
        Channels(parsers, clients),
        photos,
        clock,
        studying=studying,
        opinion=opinion,
        backlog=backlog,
        on_decided=outbox.wake,
        on_heard=on_heard,
        on_parked=on_parked,
        on_tapped=taps.decided,
    )
    desk = WatermarkDesk(store, rules, lines, clock, on_read=outbox.wake) if lines is not None else None
    if studying is not None and desk is not None:
        studying.on_queued = desk.poke
    printer = Printer(store, press) if press is not None else None
    return Machine(store, rules, clock, inbox, outbox, taps, desk, printer)


async def tell_operators(machine: Machine, key: str, text: str, *, purposes: Sequence[str] = ("ops",)) -> None:
    """Put a notice for the operators in the outbox, once for its key."""
    notices = [Notice(f"ops:{key}", ToPurpose(p), text, "ops", urgency=Urgency.HAZARD) for p in purposes]
    async with machine.store.deciding(machine.clock.now()) as view:
        view.apply(Effects(notices=notices))
    machine.outbox.wake()
