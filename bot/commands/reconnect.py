"""`luzhang reconnect`: tell the running service to connect its bot again after it stopped on purpose.

The word goes through the database, so it reaches the service wherever it runs. Exit codes: 0 connected (or nothing to
do), 1 not connected, 2 there is no long connection.
"""

import asyncio
import secrets
from datetime import timedelta
from typing import Any

from bot.clock import SystemClock
from bot.commands.session import OK, PROBLEM, Session, UsageError, say
from bot.line_alarms import STOPPED, ask_row, state_row
from bot.platforms.wecom.line import LineState
from domain.casework.work import Work
from domain.effects import Effects

PLATFORM = "wecom"
ALIVE = timedelta(seconds=15)  # the service's heart beats every five seconds
GLANCES, GLANCE = 60, 0.25  # how often and at what distance (seconds) the outcome is looked for


async def reconnect(session: Session, glances: int = GLANCES) -> int:
    """Ask for the connection and wait for the outcome."""
    bot = session.config.wecom.bot
    if bot is None or bot.mode != "websocket":
        raise UsageError('没有长连接：只有 [wecom.bot] mode = "websocket" 时才需要。')
    if not await _is_served(session):
        say("服务没有在运行。请启动 luzhang serve，启动时会自动连接。")
        return PROBLEM
    before = await _row(session)
    if before.get("state") not in STOPPED:
        is_live = before.get("state") == LineState.LIVE
        say("长连接正常，无需恢复。" if is_live else "服务正在自动重连，无需操作；一直连不上时请检查网络。")
        return OK
    await _ask(session)
    for _ in range(glances):
        await asyncio.sleep(GLANCE)
        if (await _row(session)).get("state") == LineState.LIVE:
            say("已重新连接企业微信长连接。")
            return OK
    say("已通知服务重新连接，但还没有连上。请查看日志；仍被顶替时，请先停掉另一实例再执行本命令。")
    return PROBLEM


async def _is_served(session: Session) -> bool:
    last = await session.store.last_beat()
    return last is not None and SystemClock().now() - last <= ALIVE


async def _row(session: Session) -> dict[str, Any]:
    async def step(work: Work) -> dict[str, Any]:
        return dict(await work.view.setting(state_row(PLATFORM)) or {})

    return await session.read(step)


async def _ask(session: Session) -> None:
    async def step(work: Work) -> Effects:
        return Effects(settings={ask_row(PLATFORM): secrets.token_hex(8)})

    await session.decide(step)
