"""Alarms for the operators: each trouble is told once in the ops chat, and its end once.

What is out stands in the database, so a restart tells nothing twice. A message given up, or a post that can never
arrive, is told once an hour for each kind of fault: the rest is in the log and the metrics.
"""

import asyncio
import logging
from collections.abc import Mapping
from datetime import datetime, timedelta

from bot.assembly import Machine
from bot.metrics import Metrics
from bot.platforms.base import Client
from bot.unreached import Unreached
from domain.effects import Effects, Notice, ToPurpose, Urgency
from domain.messages import (
    Misconfigured,
    Outgoing,
    PersonLost,
    PhotoRef,
    PlatformError,
    RateLimited,
    Receipt,
    Way,
)
from store.inbox import InboxRow
from store.view import SqlView

logger = logging.getLogger(__name__)

TROUBLES = "ops:troubles"  # setting: robot or platform → since when (ISO 8601)
REASONS = "ops:reasons"  # setting: the same → why, with its mend
DOWNTIME = timedelta(seconds=15)  # a gap from which on reports may be lost for good: a platform gives up after that
PLAINER = "plainer:"  # how the outbox names a robot that carries something in a plainer form only
GIVEN_UP = "outbox:"  # how the outbox names a post that it gave up

_PLATFORMS = {"wecom": "企业微信", "dingtalk": "钉钉", "simulated": "模拟平台"}
_WAYS = {"webhook": "群Webhook", "bot": "智能机器人", "app": "自建应用", "reply": "回复", "openapi": "群消息接口"}
_WAYS |= {"private": "单聊接口", "ding": "DING", "appchat": "应用群"}


class Operations:
    """Tells the operators. `machine` is given later, since the machine itself takes our callbacks."""

    def __init__(self) -> None:
        self._machine: Machine | None = None
        self._out: dict[str, str] = {}
        self._reasons: dict[str, str] = {}
        self.unreached = Unreached()
        self._telling: set[asyncio.Task[None]] = set()
        self.lines: set[str] = set()  # long connections that are out

    async def start(self, machine: Machine) -> None:
        """Take up what was out before the restart."""
        self._machine = machine
        self._out = dict(await machine.store.setting(TROUBLES) or {})
        self._reasons = dict(await machine.store.setting(REASONS) or {})
        await self.unreached.start(machine)

    def troubles(self) -> tuple[str, ...]:
        """Return the robots, platforms and long connections that are out."""
        return tuple(sorted({*self._out, *self.lines}))

    async def parked(self, row: InboxRow, reason: str) -> None:
        """Tell that a message was given up after three tries."""
        at = self._local(row.received_at)
        text = (
            f"1条消息处理3次未成功，已搁置：{platform_name(row.platform)} {at:%H:%M}收到，"
            f"消息编号{row.message_id[:40]}，原因：{reason}。其余消息不受影响；请按消息编号查看日志。"
        )
        await self._tell(f"parked:{row.channel}:{reason[:40]}:{self._hour()}", text)

    async def damaged(self, text: str) -> None:
        """Tell that the database file is damaged, once a day."""
        await self._tell(f"damaged:{self._local(self._running().clock.now()).date()}", text)

    async def clock_jumped(self, parted: timedelta) -> None:
        """Tell that the clock was moved; the platform's answer to this very post may prove it right."""
        machine = self._running()
        way = "快" if parted > timedelta() else "慢"
        hours, minutes = divmod(int(abs(parted).total_seconds()) // 60, 60)
        text = (
            f"服务器时钟突然拨{way}{hours}小时{minutes}分钟，提醒和逐级上报已暂停，避免误发；收件不受影响。"
            f"时钟经平台核对无误后自动恢复；如时钟有误请校时，确认无误也可重启服务。"
        )
        await self._tell(f"clock:{machine.clock.now().isoformat()}", text)

    async def trouble(self, robot: str, error: PlatformError) -> None:
        """Tell that a robot cannot post, or that one post can never arrive."""
        if robot.startswith(GIVEN_UP):
            text = f"1条消息无法送达，已放弃：{error.text}。请在日志中查看该条（{robot}）。"
            await self._tell(f"given_up:{type(error).__name__}:{error.text[:40]}:{self._hour()}", text)
            return
        if robot.startswith(PLAINER):
            name = robot_name(_subjects(robot.removeprefix(PLAINER))[0])
            day = self._local(self._running().clock.now()).date()
            text = f"{name}有内容未能按原样发送（卡片、图片或文件）：{error.text.rstrip('。')}。文字已照常送达。"
            await self._tell(f"plainer:{name}:{error.text[:40]}:{day}", text)
            return
        subject = _subjects(robot)[0 if isinstance(error, Misconfigured | RateLimited) else 1]
        if subject in self._out:
            return
        machine = self._running()
        self._out[subject] = machine.clock.now().isoformat()
        self._reasons[subject] = error.text
        at = f"{self._local(machine.clock.now()):%H:%M}"
        text = f"{robot_name(subject)}{at}起发送失败：{error.text.rstrip('。')}。{self._advice(error)}"
        await self._tell(f"trouble:{subject}:{self._out[subject]}", text, remember=True)

    def _advice(self, error: PlatformError) -> str:
        """Return what becomes of what waits: nothing to say where somebody must mend first."""
        if isinstance(error, Misconfigured):
            return ""
        if isinstance(error, RateLimited) and error.retry_after:
            until = self._local(self._running().clock.now() + error.retry_after)
            return f"消息排队等候，{until:%H:%M}自动继续发送，不会丢失。"
        return "恢复前消息排队等候，不会丢失。"

    def posted(self, robot: str) -> None:
        """Note that a robot has posted; an end of trouble is told aside, so that the post's own record need not wait."""
        if not self._out:
            return
        for subject in _subjects(robot):
            if subject in self._out:
                task = asyncio.create_task(self._well(subject, self._out.pop(subject)), name="ops-recovery")
                self._telling.add(task)
                task.add_done_callback(self._told)

    def _told(self, task: asyncio.Task[None]) -> None:
        self._telling.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.error("recovery not told", extra={"action": "ops_failed"}, exc_info=error)

    async def settle(self) -> None:
        """Wait until everything noted is told."""
        await asyncio.gather(*self._telling, return_exceptions=True)

    async def _well(self, subject: str, since: str) -> None:
        machine = self._running()
        self._reasons.pop(subject, None)
        minutes = max(1, int((machine.clock.now() - datetime.fromisoformat(since)).total_seconds() // 60))
        text = f"{robot_name(subject)}{self._local(machine.clock.now()):%H:%M}已恢复，中断约{minutes}分钟，正在补发。"
        await self._tell(f"well:{subject}:{since}", text, remember=True)

    async def downtime(self, lost: Mapping[str, datetime] | None = None) -> bool:
        """Tell each work group once that reports made while we were down may be lost; return whether we were down.

        lost: platforms whose long connection was out already when we stopped, and since when.
        """
        machine = self._running()
        now, last = machine.clock.now(), await machine.store.last_beat()
        if last is None or now - last <= DOWNTIME:
            return False
        logger.warning("was down", extra={"action": "downtime", "since": last, "until": now})
        async with machine.store.deciding(now) as view:
            for platform in sorted({room.platform for room in view.rooms if room.purpose == "work"}):
                since = min(last, (lost or {}).get(platform, last))
                view.apply(self._lost(view, since, now, platform, "停机"))
        return True

    async def gap(self, since: datetime, until: datetime, platform: str) -> None:
        """Tell each work group of a platform once that reports made while it was out of reach are lost."""
        machine = self._running()
        logger.warning("was out of reach", extra={"action": "gap", "since": since, "until": until})
        async with machine.store.deciding(machine.clock.now()) as view:
            view.apply(self._lost(view, since, until, platform, "掉线"))
        machine.outbox.wake()

    def _lost(self, view: SqlView, since: datetime, until: datetime, platform: str, why: str) -> Effects:
        """Return what tells the work groups of a platform that reports of a time must be sent again."""
        scopes = sorted({room.scope for room in view.rooms if (room.purpose, room.platform) == ("work", platform)})
        text = f"机器人 {self._span(since, until)} {why}，此间上报请重发。"
        key = f"downtime:{since.isoformat()}:{platform}"
        return Effects(notices=[Notice(f"{key}:{s}", ToPurpose("work", s, platform), text, "downtime") for s in scopes])

    async def _tell(self, key: str, text: str, *, remember: bool = False) -> None:
        machine = self._running()
        logger.error("operators told", extra={"action": "ops_notice", "key": key, "notice": text})
        notice = Notice(f"ops:{key}", ToPurpose("ops"), text, "ops", urgency=Urgency.HAZARD)
        async with machine.store.deciding(machine.clock.now()) as view:
            view.apply(Effects(notices=[notice], settings=self._standing() if remember else {}))
        machine.outbox.wake()

    def _standing(self) -> dict[str, object]:
        return {TROUBLES: dict(self._out), REASONS: dict(self._reasons)}

    def _running(self) -> Machine:
        if self._machine is None:
            raise RuntimeError("alarms before the machine was started")
        return self._machine

    def _local(self, instant: datetime) -> datetime:
        return self._running().rules.local(instant)

    def _hour(self) -> str:
        return f"{self._local(self._running().clock.now()):%Y-%m-%dT%H}"

    def _span(self, since: datetime, until: datetime) -> str:
        """Return 14:02–14:09; with the days where they differ."""
        first, last = self._local(since), self._local(until)
        if first.date() == last.date():
            return f"{first:%H:%M}–{last:%H:%M}"
        return f"{first.month}月{first.day}日{first:%H:%M}–{last.month}月{last.day}日{last:%H:%M}"


def _subjects(robot: str) -> tuple[str, str]:
    """Return what may be out when a robot cannot post: itself (for all persons it writes to), or its whole platform."""
    return ":".join(robot.split(":")[:2]), robot.partition(".")[0]


def platform_name(platform: str) -> str:
    """Return a platform as people call it."""
    return _PLATFORMS.get(platform, platform)


def robot_name(robot: str) -> str:
    """Return a robot's id (`wecom.webhook:chat`) as people read it."""
    kind, _, place = robot.partition(":")
    platform, _, way = kind.partition(".")
    where = f"（{place}）" if place else ""
    return f"{platform_name(platform)}{_WAYS.get(way, way)}{where}"


class Watched:
    """A client whose outcomes are counted, and whose first success after trouble is told."""

    def __init__(self, client: Client, operations: Operations, metrics: Metrics) -> None:
        self._operations = operations
        self._metrics = metrics
        self.exchange(client)

    def exchange(self, client: Client) -> None:
        """Take another client, while running."""
        self._client = client
        self.capabilities = client.capabilities

    def ways(self, outgoing: Outgoing, now: datetime) -> tuple[Way, ...]:
        """Return the ways that could carry this post now, best first."""
        return self._client.ways(outgoing, now)

    async def send(self, outgoing: Outgoing, way: Way) -> Receipt:
        """Post once by this way. Raises PlatformError."""
        platform = outgoing.target.platform
        try:
            receipt = await self._client.send(outgoing, way)
        except PlatformError as error:
            self._metrics.failed(platform, way.name, error)
            if isinstance(error, PersonLost):
                await self._operations.unreached.lost(outgoing.target, error)
            raise
        await self._operations.unreached.reached(outgoing.target)
        self._metrics.sent(platform, way.name)
        self._operations.posted(way.robot)
        return receipt

    async def fetch_photo(self, ref: PhotoRef) -> bytes:
        """Download a picture. Raises PlatformError."""
        return await self._client.fetch_photo(ref)
