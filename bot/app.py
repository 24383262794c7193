"""The service as one aiohttp application: opened in order, closed in the reverse.

configuration → store → photos → HTTP client → platforms → machine → heartbeat → housekeeping → waker.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

from aiohttp import web

from bot import tls
from bot.assembly import Machine, bind_rooms, build, open_store, rules_of
from bot.attachments import KeptAttachments
from bot.clock import SystemClock
from bot.config import Config
from bot.connections import Connections, callbacks_of, dingtalk_line_of, wecom_line_of
from bot.dingtalk_line import StreamAlarms
from bot.housekeeping import Housekeeping, limits_of
from bot.inbox import Parser
from bot.line_alarms import LineAlarms
from bot.metrics import Metrics
from bot.monitoring import Monitor
from bot.operations import Operations
from bot.platforms.http import Web
from bot.public_copies import copies_of
from bot.reloading import Reloader
from bot.rotation import Rotating
from bot.second_opinion import SecondOpinion, service_of
from bot.sparing import Sparing
from bot.studying import Studying
from bot.watching import Watching
from bot.web import routes
from bot.wecom_line import WecomLine
from domain.heard import Heard
from domain.ports import Clock
from domain.rules import Rules
from media.decode import Decoder
from media.extras import can_read_watermarks
from media.photos import PhotoStore
from media.press import Press, Templates
from media.reading import PhotoReader
from media.redact import PublicCopies
from media.watermarks import WatermarkReader
from schedules.wake import Drift, Waker
from store import Store
from store.group_commit import STORE_ERRORS
from store.inbox import InboxRow
from store.view import SqlView

logger = logging.getLogger(__name__)

CONFIG = web.AppKey("CONFIG", Config)
CLOCK = web.AppKey("CLOCK", Clock)
RULES = web.AppKey("RULES", Rules)
CALLBACKS: web.AppKey[list[Rotating]] = web.AppKey("CALLBACKS", list)
REREAD: web.AppKey[Callable[[], Config]] = web.AppKey("REREAD", Callable)  # type: ignore[arg-type]
MONITOR = web.AppKey("MONITOR", Monitor)
WATCHING = web.AppKey("WATCHING", Watching)
RELOADER = web.AppKey("RELOADER", Reloader)
STORE = web.AppKey("STORE", Store)
PHOTOS = web.AppKey("PHOTOS", PhotoStore)
COPIES = web.AppKey("COPIES", PublicCopies)
STUDYING = web.AppKey("STUDYING", Studying)
LINES: web.AppKey[WatermarkReader | None] = web.AppKey("LINES", WatermarkReader)
OPINION: web.AppKey[SecondOpinion | None] = web.AppKey("OPINION", SecondOpinion)
WEB = web.AppKey("WEB", Web)
CONNECTIONS = web.AppKey("CONNECTIONS", Connections)
MACHINE = web.AppKey("MACHINE", Machine)
METRICS = web.AppKey("METRICS", Metrics)
OPERATIONS = web.AppKey("OPERATIONS", Operations)
DRIFT = web.AppKey("DRIFT", Drift)

BEAT_SECONDS = 5.0  # so that a gap in the heartbeats tells downtime within a few seconds
RELOAD_SECONDS = 2.0  # between two looks for the operator's word
HOUSEKEEPING_SECONDS = 1800.0
SETTLED_SECONDS = 120.0  # after the start, before anything that reads much
DRAIN = timedelta(seconds=8)


def create_app(
    config: Config, clock: Clock | None = None, reread: Callable[[], Config] | None = None
) -> web.Application:
    """Return the service of a configuration, not yet started. Raises ConfigError for what this version lacks.

    reread: reads the configuration again, for secrets that change while the service runs. Starting it raises ConfigError for a newer schema, TableError for a wrong rule table.
    """
    app = web.Application()
    app[CONFIG] = config
    app[CLOCK] = clock if clock is not None else SystemClock()
    app[METRICS] = Metrics()
    app[OPERATIONS] = Operations()
    app[CALLBACKS] = [Rotating(callback) for callback in callbacks_of(config)]
    app[REREAD] = reread or (lambda: config)
    app.cleanup_ctx.extend(
        [_store, _platforms, _studying, _machine, _watching, _reloading, _heart, _soundness, _housekeeping, _waker]
    )
    return app


async def _store(app: web.Application) -> AsyncIterator[None]:
    config = app[CONFIG]
    app[RULES] = rules_of(config)
    store = app[STORE] = await open_store(config, app[RULES])
    try:
        await bind_rooms(store, config, app[CLOCK].now())
        app[PHOTOS] = PhotoStore(config.store.media)
        yield
    finally:
        await store.close()


async def _platforms(app: web.Application) -> AsyncIterator[None]:
    line = wecom_line_of(app[CONFIG], app[CLOCK], app[METRICS])
    drift = app[DRIFT] = Drift(app[CLOCK].now, asyncio.get_running_loop().time)
    trust = tls.context(app[CONFIG].server.ca_file)
    copies = app[COPIES] = copies_of(app[CONFIG], app[PHOTOS], app[STORE], app[CLOCK])
    async with Web(on_date=drift.confirm, tls=trust) as client, Decoder(app[PHOTOS]) as decoder:
        app[CONNECTIONS] = Connections(app[CONFIG], client, app[CLOCK], app[OPERATIONS], app[METRICS], line)
        app[CONNECTIONS].dingtalk_line = dingtalk_line_of(app[CONFIG], client, app[CLOCK], app[METRICS])
        app[CONNECTIONS].attachments = KeptAttachments(app[PHOTOS], decoder, copies, app[STORE].rosters.rooms)
        app[CONNECTIONS].refresh(await app[STORE].rosters.rooms())
        yield
    await copies.close()


async def _studying(app: web.Application) -> AsyncIterator[None]:
    reader = PhotoReader(app[RULES].zone)
    lines = app[LINES] = WatermarkReader(app[PHOTOS]) if can_read_watermarks() else None
    reads = lines is not None
    app[STUDYING] = Studying(app[STORE], app[PHOTOS], reader, app[CLOCK], reads_watermarks=reads)
    service = service_of(app[CONFIG])
    ready = app[COPIES].ready
    opinion = SecondOpinion(service, app[RULES].categories, ready, app[CLOCK]) if service else None
    app[OPINION] = opinion
    yield
    if opinion is not None:
        await opinion.close()
    await reader.close()
    if lines is not None:
        await lines.close()


def _heard(app: web.Application) -> Callable[[Heard, SqlView], None]:
    def heard(one: Heard, view: SqlView) -> None:
        app[METRICS].handled(one.incoming.channel)
        for line in _lines(app):
            line.heard(one.incoming, view)

    return heard


def _parked(app: web.Application) -> Callable[[InboxRow, str], Awaitable[None]]:
    async def parked(row: InboxRow, reason: str) -> None:
        app[METRICS].parked(row.channel)
        await app[OPERATIONS].parked(row, reason)

    return parked


async def _machine(app: web.Application) -> AsyncIterator[None]:
    templates = app[CONFIG].documents
    metered = app[CONNECTIONS].metered
    press = Press(app[PHOTOS], app[COPIES], Templates(templates.letter_template, templates.order_template))
    machine = app[MACHINE] = build(
        app[STORE],
        app[RULES],
        app[CLOCK],
        parsers=_parsers(app),
        clients=app[CONNECTIONS].clients,
        photos=app[PHOTOS],
        studying=app[STUDYING],
        lines=app[LINES],
        opinion=app[OPINION],
        press=press,
        on_heard=_heard(app),
        on_parked=_parked(app),
        on_trouble=app[OPERATIONS].trouble,
        open_ways=Sparing({"dingtalk": metered.has_room} if metered is not None else {}).open_ways,
    )
    await app[OPERATIONS].start(machine)
    monitor = app[MONITOR] = Monitor(machine, app[OPERATIONS])
    app.add_routes(routes([*app[CALLBACKS]], machine, monitor, app[METRICS]))
    await machine.set_up()
    stream = app[CONNECTIONS].dingtalk_line
    alarms = LineAlarms(machine, app[OPERATIONS], "wecom")
    stream_alarms = StreamAlarms(machine, app[OPERATIONS], "dingtalk")
    await _take_up(app, [*([alarms] if _lines(app) else []), *([stream_alarms] if stream else [])])
    for line in _lines(app):
        await line.load(machine)
    if metered is not None:
        await metered.start(machine)
    machine.start()
    for line in _lines(app):
        line.start(machine, alarms)
    if stream is not None:
        stream.start(machine, stream_alarms)
    yield
    if stream is not None:
        await stream.stop()
    await machine.drain(DRAIN)  # answers go out over the lines
    for line in _lines(app):
        await line.stop()
    await machine.stop()
    await press.close()
    await app[OPERATIONS].settle()
    if metered is not None:
        await metered.settle()
    await app[STORE].beat(app[CLOCK].now())  # from here on it counts as downtime


async def _take_up(app: web.Application, watched: Sequence[LineAlarms]) -> None:
    """Tell of the time we were down, and begin to watch the lines where the last run left them."""
    lost = {one.platform: since for one in watched if (since := await one.lost_since())}
    was_down = await app[OPERATIONS].downtime(lost)
    now = app[CLOCK].now()
    for one in watched:
        one.begin(now if was_down else lost.get(one.platform, now))


def _lines(app: web.Application) -> list[WecomLine]:
    """Return the long connections of the configured platforms."""
    return [line for line in (app[CONNECTIONS].wecom_line,) if line is not None]


def _parsers(app: web.Application) -> dict[str, Parser]:
    """Return what reads the stored payloads of each channel."""
    by_callback: dict[str, Parser] = {one.channel: one for one in app[CALLBACKS]}
    stream = app[CONNECTIONS].dingtalk_line
    return by_callback | {one.channel: one for one in _lines(app)} | dict(stream.parsers if stream else {})


async def _watching(app: web.Application) -> AsyncIterator[None]:
    watching = app[WATCHING] = Watching(app[CONFIG], app[MACHINE], app[MONITOR], app[CONNECTIONS].clients)
    async with watching.running():
        yield


async def _reloading(app: web.Application) -> AsyncIterator[None]:
    async def take(config: Config) -> None:
        fresh = {callback.channel: callback for callback in callbacks_of(config)}
        for callback in app[CALLBACKS]:
            callback.exchange(fresh[callback.channel], app[CLOCK].now())
        app[CONNECTIONS].take(config)
        await bind_rooms(app[STORE], config, app[CLOCK].now())
        app[CONNECTIONS].refresh(await app[STORE].rosters.rooms())

    reloader = app[RELOADER] = Reloader(app[MACHINE], app[CONFIG], app[REREAD], take)
    await reloader.begin()
    async with _repeating("reload", RELOAD_SECONDS, reloader.look):
        yield


async def _heart(app: web.Application) -> AsyncIterator[None]:
    async with _repeating("heartbeat", BEAT_SECONDS, app[WATCHING].beat):
        yield


async def _soundness(app: web.Application) -> AsyncIterator[None]:
    """Tell when the check of a large database file, which runs beside the work, has found damage."""

    async def watch() -> None:
        await app[STORE].checked()
        if app[STORE].damage:
            await app[OPERATIONS].damaged(app[STORE].damage)

    task = asyncio.create_task(watch(), name="soundness")
    yield
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def _housekeeping(app: web.Application) -> AsyncIterator[None]:
    keeping = Housekeeping(app[MACHINE], app[PHOTOS], limits_of(app[CONFIG].privacy))
    async with _repeating("housekeeping", HOUSEKEEPING_SECONDS, keeping.run_if_due, first=SETTLED_SECONDS):
        yield


async def _waker(app: web.Application) -> AsyncIterator[None]:
    async def wake() -> None:
        app[CONNECTIONS].refresh(await app[STORE].rosters.rooms())
        await app[MACHINE].wake()

    waker = Waker(wake, app[DRIFT], app[OPERATIONS].clock_jumped)
    waker.start()
    yield
    await waker.stop()


@asynccontextmanager
async def _repeating(
    name: str, seconds: float, work: Callable[[], Awaitable[object]], first: float = 0.0
) -> AsyncIterator[None]:
    """Do `work` after `first` seconds and again while the block runs; a failure is logged and the next turn goes on."""

    async def repeat() -> None:
        await asyncio.sleep(first)
        while True:
            try:
                await work()
            except STORE_ERRORS:
                logger.exception("periodic work failed", extra={"action": f"{name}_failed"})
            await asyncio.sleep(seconds)

    task = asyncio.create_task(repeat(), name=name)
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
