"""`luzhang reload`: the running service reads its secrets and groups again.

Exit codes: 0 taken, 1 not (the service does not run or did not answer), 2 the configuration is wrong.
"""

import asyncio
import secrets
from datetime import timedelta
from typing import Any

from bot.clock import SystemClock
from bot.commands.session import OK, PROBLEM, Session, say
from bot.reloading import ASKED, DONE, answer_to
from domain.casework.work import Work
from domain.effects import Effects

ALIVE = timedelta(seconds=15)  # the service's heart beats every five seconds
GLANCES, GLANCE = 60, 0.25  # how often and at what distance (seconds) the outcome is looked for


async def reload(session: Session, glances: int = GLANCES) -> int:
    """Ask for it and print what came of it. A wrong configuration was refused before, when it was read for this."""
    last = await session.store.last_beat()
    if last is None or SystemClock().now() - last > ALIVE:
        say("服务没有在运行：启动时自会读取新的配置。")
        return PROBLEM
    word = secrets.token_hex(8)

    async def ask(work: Work) -> Effects:
        return Effects(settings={ASKED: word})

    async def outcome(work: Work) -> Any:
        return await work.view.setting(DONE)

    since = session.now
    await session.decide(ask)
    for _ in range(glances):
        await asyncio.sleep(GLANCE)
        answer = answer_to(await session.read(outcome), word, since)
        if answer is not None:
            say(answer[1])
            return OK if answer[0] else PROBLEM
    say("已通知服务，但它还没有答复，请查看日志。")
    return PROBLEM
