"""Small things that the store's tests speak of."""

import asyncio
import os
import resource
import signal
import sqlite3
import sys
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlalchemy.exc import OperationalError

from domain.case import Case, Event, State, id_of
from domain.effects import Effects, Notice, Timer, ToChat, ToPerson
from domain.messages import Receipt, Target, Way
from domain.ports import Post, View
from domain.roster import Segment
from store import Store

NOW = datetime(2026, 10, 5, 2, 0, tzinfo=UTC)  # a Monday, 10:00 in Shanghai
MINUTE = timedelta(minutes=1)


def plan(notice: Notice, view: View) -> list[Post]:
    """Every notice is one post, due at once or when the notice says."""
    person = notice.to.person if isinstance(notice.to, ToPerson) else ""
    target = (
        Target("wecom", chat_id=notice.to.chat_id) if isinstance(notice.to, ToChat) else Target("wecom", userid=person)
    )
    due = notice.not_before or view.now
    return [Post(notice.key, target, notice.text, notice.kind, due, about=notice.about, person=person)]


def case(sequence: int = 1, **changes: Any) -> Case:
    given: dict[str, Any] = {
        "state": State.ASSIGNED,
        "category": "road_damage",
        "severity": "一般",
        "reported_at": NOW,
        "reporter": "rep",
        "handler": "han",
    }
    return Case(id_of(2026, sequence), **(given | changes))


def effects_of(*cases: Case) -> Effects:
    effects = Effects()
    for one in cases:
        effects.case_event(one, Event.REPORT)
    return effects


async def save(store: Store, *effects: Effects, now: datetime = NOW) -> None:
    async with store.deciding(now) as view:
        for one in effects:
            view.apply(one)


def notice(key: str, *, chat: str = "g1", about: int = 0, text: str = "您好", due: datetime | None = None) -> Notice:
    return Notice(key, ToChat("wecom", chat, is_group=True), text, "work", about=about, not_before=due)


async def queue(store: Store, *notices: Notice, now: datetime = NOW) -> None:
    await save(store, Effects(notices=list(notices)), now=now)


def way(robot: str = "r1", limit: int = 20, window: timedelta = MINUTE) -> Way:
    return Way(robot, "webhook", limit, window)


def segment(segment_id: str = "XZ001", **changes: Any) -> Segment:
    given: dict[str, Any] = {
        "road": "人民路", "road_aliases": ("老人民路",), "from_cross": "建设街", "to_cross": "文化街", "side": "北侧",
        "township": "新区", "grade": "B", "unit": "团市委", "chief": "c1", "chief_name": "蔡凤琴",
        "second_level": "s1", "second_level_name": "梁占军", "township_head": "t1", "township_head_name": "洪改玲",
        "first_level": "f1", "first_level_name": "任根成", "landmarks": ("加油站",), "house_no": "1-99",
        "length_m": 500, "polyline": ((113.705, 34.425), (113.705006, 34.423406)),
    }  # fmt: skip
    return Segment(segment_id, **(given | changes))


async def keys_due(store: Store, now: datetime, limit: int = 50) -> Sequence[str]:
    return [row.key for row in await store.outbox.due(now, limit)]


def write_some(url: str, first: int) -> None:
    """Write fifteen cases and messages; for processes of their own."""

    async def work() -> None:
        store = await Store.open(url, planner=plan)
        for number in range(first, first + 15):
            await save(store, effects_of(case(number)))
            await store.intake.put("c", "wecom", f"m{number}", "{}", NOW)
        await store.close()

    asyncio.run(work())


def live_dangerously(url: str, until: int) -> None:
    """Take in messages, work on them and post, until the n-th statement kills this process."""
    count = 0

    def die(*_arguments: object) -> None:
        nonlocal count
        count += 1
        if count >= until:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(Engine, "before_cursor_execute", die)
    event.listen(Engine, "commit", die)
    asyncio.run(_live(url))


async def _live(url: str) -> None:
    store = await Store.open(url, planner=plan)
    await store.outbox.recover(NOW)
    while True:
        await asyncio.gather(*(_answer(store) for _ in range(3)), _work(store), _post(store))


async def _answer(store: Store) -> None:
    name = uuid.uuid4().hex
    if await store.intake.put("wecom.bot", "wecom", name, "{}", NOW):
        _say(name)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


async def _work(store: Store) -> None:
    rows = await store.inbox.waiting(4)
    async with store.deciding(NOW) as view:
        for row in rows:
            one = case(await view.next_sequence(2026), message_id=row.message_id, platform="wecom")
            effects = effects_of(one)
            effects.notices.append(notice(row.message_id, about=one.id))
            effects.timers.append(Timer(row.message_id, "ack", str(one.id), NOW))
            view.apply(effects)
        view.inbox_done([row.id for row in rows])


async def _post(store: Store) -> None:
    for row in await store.outbox.due(NOW, 2):
        if await store.outbox.claim(NOW, way(limit=10_000), row.id, "me"):
            await store.outbox.sent(row, Receipt(), NOW)


def fill_the_disk(url: str) -> None:
    """Go on while files may not grow, then while they may again; print what was answered and how often not."""
    asyncio.run(_fill(url))


async def _fill(url: str) -> None:
    store = await Store.open(url, planner=plan)
    await save(store, effects_of(case(1)))
    log = Path(f"{store.database.file}-wal")
    size = max(log.stat().st_size, store.database.file.stat().st_size) + 40_000  # noqa: ASYNC240
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    refused = 0
    for number in range(120):
        try:
            await store.intake.put("c", "wecom", f"m{number}", "x" * 2_000, NOW)
            _say(f"m{number}")
        except sqlite3.OperationalError:
            refused += 1
    try:
        await save(store, effects_of(case(2)))
    except OperationalError:
        refused += 1
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    await store.intake.put("c", "wecom", "after", "{}", NOW)
    await save(store, effects_of(case(3)))
    _say(f"after {refused}")
    await store.close()
