"""Outages of a platform's long connection: told to the operators once, and to the work groups when they are over.

What is sent to the bot while it is not connected never comes. So after a gap of more than 15 seconds each work group of
the platform hears once that it must be sent again. The state stands in the database, for a restart and for
`luzhang reconnect`.
"""

import logging
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
STOPPED: Final = frozenset({LineState.KICKED, LineState.REFUSED})
TITLES: Final[Mapping[str, str]] = {"wecom": "企业微信长连接", "dingtalk": "钉钉Stream连接"}


def state_row(platform: str) -> str:
    """Return the setting's name: {"state", "since", "told"}."""
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

    @property
    def platform(self) -> str:
        """Return the platform whose line this watches."""
        return self._platform

    async def lost_since(self) -> datetime | None:
        """Return since when the line was out when the service stopped, None when it was not."""
        async with self._machine.store.reading(self._machine.clock.now()) as view:
            row = await view.setting(state_row(self._platform)) or {}
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
        if state in STOPPED:
            self._is_told = True
            async with self._machine.store.reading(at) as view:
                self._asked = await view.setting(ask_row(self._platform))
        self._operations.lines.add(state_row(self._platform))
        await self._save(state, self._since)
        if state in STOPPED:
            await self._tell(f"{state.value}:{at.isoformat()}", self._stopped(state, self._since))

    async def look(self, state: LineState) -> bool:
        """Tell the operators of an outage that lasts; return whether they ask a stopped line to go on."""
        now = self._machine.clock.now()
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

    async def _live(self, at: datetime) -> None:
        since, self._since = self._since, None
        is_told, self._is_told = self._is_told, False
        self._operations.lines.discard(state_row(self._platform))
        await self._save(LineState.LIVE, at)
        if since is not None and at - since > DOWNTIME:
            await self._operations.gap(since, at, self._platform)
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

    async def _save(self, state: LineState, since: datetime) -> None:
        row = {"state": state.value, "since": since.isoformat(), "told": self._is_told}
        async with self._machine.store.deciding(self._machine.clock.now()) as view:
            view.apply(Effects(settings={state_row(self._platform): row}))

    async def _tell(self, key: str, text: str) -> None:
        logger.error("operators told", extra={"action": "ops_notice", "key": key, "notice": text})
        await tell_operators(self._machine, f"line:{self._platform}:{key}", text)

    def _hour(self, instant: datetime) -> str:
        return f"{self._machine.rules.local(instant):%H:%M}"
