"""Outages of a platform's long connection: told to the operators once, and to the work groups when they are over.

What is sent to the bot while it is not connected never comes. So after a gap of more than 15 seconds each work group of
the platform hears once that it must be sent again. The state stands in the database, for a restart and for
`luzhang reconnect`.
"""

import logging
import os
import socket
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from bot.assembly import Machine, tell_operators
from bot.operations import DOWNTIME, Operations
from bot.platforms.wecom.line import LineState
from domain.effects import Effects
from store.depths import depths

logger = logging.getLogger(__name__)

PATIENCE: Final = timedelta(minutes=1)  # without a connection, until the operators are told
HOLDER: Final = f"{socket.gethostname()}:{os.getpid()}"  # who holds the connection
STOPPED: Final = frozenset({LineState.KICKED, LineState.REFUSED})
NOTE_EVERY: Final = timedelta(seconds=30)  # the last frame is noted, for `luzhang doctor`
NO_PUSH: Final = timedelta(minutes=2)  # connected without any message ever, until the operators hear what to check
HINTS: Final[Mapping[str, str]] = {
    "wecom": (
        "企业微信长连接已连接2分钟，还没有收到消息。检查：①是内部群（外部群不支持）②已@机器人 ③机器人名称与后台一致。"
    ),
    "dingtalk": "已连接但2分钟没有任何推送：检查是否选了Stream、是否有第二个程序用同一Client ID。",
}
TITLES: Final[Mapping[str, str]] = {"wecom": "企业微信长连接", "dingtalk": "钉钉Stream连接"}


def state_row(platform: str) -> str:
    """Return the setting's name: {"state", "since", "told", "holder", "frame"}; the last two while it is live."""
    return f"line:{platform}"


def ask_row(platform: str) -> str:
    """Return the setting's name in which an operator asks the service to go on: any value not seen before."""
    return f"line:{platform}:go_on"


class LineAlarms:
    """Watches one platform's line."""

    def __init__(self, machine: Machine, operations: Operations, platform: str) -> None:
        self._machine = machine
        self._operations = operations
        self._platform = platform
        self._title = TITLES[platform]
        self._since: datetime | None = None  # without a connection since
        self._is_told = False
        self._asked: Any = None  # the operator's last word at the time the line stopped
        self._live_since: datetime | None = None
        self._noted_at: datetime | None = None
        self._is_hinted = False

    @property
    def platform(self) -> str:
        """Return the platform whose line this watches."""
        return self._platform

    async def lost_since(self) -> datetime | None:
        """Return since when the line was out when the service stopped, None when it was not."""
        row = await self._machine.store.setting(state_row(self._platform)) or {}
        if row.get("state", LineState.LIVE) == LineState.LIVE:
            return None
        self._is_told = bool(row.get("told"))
        return datetime.fromisoformat(row["since"])

    def begin(self, since: datetime) -> None:
        """Begin to watch; reports made since this instant may be lost."""
        self._since = since

    async def changed(self, state: LineState, at: datetime) -> None:
        """Note a change of state, and tell whom it concerns."""
        if state is LineState.LIVE:
            await self._live(at)
            return
        self._since = self._since or at
        self._live_since = None
        if state in STOPPED:
            self._is_told = True
            async with self._machine.store.reading(at) as view:
                self._asked = await view.setting(ask_row(self._platform))
        self._operations.lines.add(state_row(self._platform))
        await self._save(state, self._since)
        if state in STOPPED:
            await self._tell(f"{state.value}:{at.isoformat()}", self._stopped(state, self._since))

    async def look(self, state: LineState, silent_for: timedelta | None = None) -> bool:
        """Tell the operators of an outage that lasts; return whether they ask a stopped line to go on.

        silent_for: how long a living connection has brought no frame.
        """
        now = self._machine.clock.now()
        if state is LineState.LIVE and self._live_since is not None:
            await self._look_at_live(now, self._live_since, silent_for)
        if state is LineState.DOWN and self._since and not self._is_told and now - self._since >= PATIENCE:
            self._is_told = True
            self._operations.lines.add(state_row(self._platform))
            await self._save(state, self._since)
            at = self._hour(self._since)
            text = f"{self._title}{at}起未连通，正在自动重连。影响：{at}起未收到群消息。"
            await self._tell(f"down:{self._since.isoformat()}", text)
        if state not in STOPPED:
            return False
        async with self._machine.store.reading(now) as view:
            return bool(await view.setting(ask_row(self._platform)) != self._asked)

    async def _look_at_live(self, now: datetime, since: datetime, silent_for: timedelta | None) -> None:
        if silent_for is not None and (self._noted_at is None or now - self._noted_at >= NOTE_EVERY):
            self._noted_at = now
            await self._save(LineState.LIVE, since, now - silent_for)
        if self._is_hinted or now - since < NO_PUSH:
            return
        self._is_hinted = True
        if not await self._machine.store.inbox.has_any(self._platform):
            await self._tell("silent", HINTS[self._platform])  # the key is the same for ever: once

    async def _live(self, at: datetime) -> None:
        since, self._since = self._since, None
        is_told, self._is_told = self._is_told, False
        self._operations.lines.discard(state_row(self._platform))
        self._live_since = at
        # told before it is noted: a kill between the two must not swallow the gap
        if since is not None and at - since > DOWNTIME:
            await self._operations.gap(since, at, self._platform)
        await self._save(LineState.LIVE, at, at)
        if is_told:
            waiting = (await depths(self._machine.store.database, at)).outbox
            resent = f"，补发提醒{waiting}条" if waiting else ""
            await self._tell(f"live:{at.isoformat()}", f"{self._title}{self._hour(at)}已恢复{resent}。")
        self._machine.outbox.wake()

    def _stopped(self, state: LineState, since: datetime) -> str:
        at = self._hour(since)
        effect = f"影响：{at}起未收到群消息。"
        if state is LineState.KICKED:
            return (
                f"{self._title}{at}断开，被另一实例顶替。本实例已停止重连以免互踢。"
                f"请停掉另一实例后执行 luzhang reconnect。{effect}"
            )
        return (
            f"{self._title}{at}起无法登录：智能机器人的BotID或Secret有误，已连续5次被拒，停止重连。"
            "请到管理后台→安全与管理→管理工具→智能机器人核对，改好配置后重启服务；"
            f"确认无误则执行 luzhang reconnect。{effect}"
        )

    async def _save(self, state: LineState, since: datetime, frame: datetime | None = None) -> None:
        row = {"state": state.value, "since": since.isoformat(), "told": self._is_told}
        if frame is not None:
            row |= {"holder": HOLDER, "frame": frame.isoformat()}
        async with self._machine.store.deciding(self._machine.clock.now()) as view:
            view.apply(Effects(settings={state_row(self._platform): row}))

    async def _tell(self, key: str, text: str) -> None:
        logger.error("operators told", extra={"action": "ops_notice", "key": key, "notice": text})
        await tell_operators(self._machine, f"line:{self._platform}:{key}", text)

    def _hour(self, instant: datetime) -> str:
        return f"{self._machine.rules.local(instant):%H:%M}"
