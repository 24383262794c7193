"""What the commands on a database share: the configuration read, the store opened, mistakes told in Chinese."""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TypeVar

from bot.assembly import open_store, rules_of
from bot.clock import SystemClock
from bot.config import Config, load_config
from bot.progress import Waiting
from domain.casework.work import Work
from domain.effects import Effects
from domain.errors import ConfigError, NotFound
from domain.roster import Role, Roster
from domain.rules import Rules
from store import Store

OK, PROBLEM, WRONG = 0, 1, 2
T = TypeVar("T")


class UsageError(ConfigError):
    """命令用法有误。"""


@dataclass(frozen=True, slots=True)
class Session:
    """An open database with its rules, at one instant."""

    config: Config
    rules: Rules
    store: Store
    now: datetime

    @property
    def today(self) -> date:
        """Return the city's date."""
        return self.rules.day(self.now)

    async def read(self, step: Callable[[Work], Awaitable[T]]) -> T:
        """Return what a step finds in one consistent state."""
        with Waiting("正在读取和计算"):
            async with self.store.reading(self.now) as view:
                return await step(Work(view, self.rules))

    async def decide(self, step: Callable[[Work], Awaitable[Effects]]) -> None:
        """Carry out what a step decides, in one commit, by the same way as the chat. Raises RuleError."""
        async with self.store.deciding(self.now) as view:
            view.apply(await step(Work(view, self.rules)))


def run(config: Path, command: Callable[[Session], Awaitable[int]]) -> int:
    """Run a command on the configured database and return its exit code. Raises LuzhangError."""
    return asyncio.run(_run(load_config(config), command))


async def _run(config: Config, command: Callable[[Session], Awaitable[int]]) -> int:
    rules = rules_of(config)
    store = await open_store(config, rules)
    try:
        return await command(Session(config, rules, store, SystemClock().now()))
    finally:
        await store.close()


def say(text: str) -> None:
    """Print a line."""
    sys.stdout.write(f"{text}\n")


def say_json(value: object) -> None:
    """Print a value as one JSON document."""
    say(json.dumps(value, ensure_ascii=False, indent=1))


def require_file(path: Path) -> None:
    """Raise UsageError unless there is such a file."""
    if not path.is_file():
        raise UsageError(f"没有文件 {path}，请核对路径。")


def read_day(text: str, option: str) -> date:
    """Return the day written 2026-10-01. Raises UsageError."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{option}：“{text}”不是日期，请写成2026-10-01。") from None


def person_of(roster: Roster, text: str) -> str:
    """Return the id of the person given by id or by a name that only one bears. Raises NotFound."""
    if text in roster.people:
        return text
    named = roster.by_name(text)
    if len(named) == 1:
        return named[0].id
    if named:
        ids = "、".join(f"{person.id}（{person.unit}）" for person in named)
        raise NotFound(f"“{text}”有{len(named)}人：{ids}，请写人员编号。")
    raise NotFound(f"花名册中没有“{text}”，请核对人员编号或姓名。")


def acting_person(work: Work, given: str | None) -> str:
    """Return who acts: the person given, else the only administrator. Raises UsageError, NotFound."""
    if given:
        return person_of(work.roster, given)
    admins = work.roster.holders(Role.ADMIN, None, work.day)
    if len(set(admins)) == 1:
        return admins[0]
    raise UsageError("请用 --as 写明经办人的人员编号；只有一位管理员（admin）时可省略。")
