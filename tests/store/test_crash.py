"""The process is killed at some statement; what was answered is there, and everything else is whole or absent."""

import asyncio
import os
import random
import signal
import sys
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from store import Store
from store.health import damage_of
from tests.store.samples import NOW, plan

ROOT = Path(__file__).parents[2]
SCRIPT = "import sys; from tests.store.samples import live_dangerously; live_dangerously(sys.argv[1], int(sys.argv[2]))"


async def lived(url: str, until: int) -> list[str]:
    """Run a process that kills itself at its n-th statement; return the lines it has answered before."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", SCRIPT, url, str(until), cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    out, _err = await process.communicate()
    assert process.returncode == -signal.SIGKILL
    return out.decode().split()


async def column(store: Store, query: str) -> list[Any]:
    async with store.database.reading() as connection:
        return list((await connection.execute(text(query))).scalars())


@pytest.mark.crash
async def test_kills_lose_nothing_answered_and_leave_nothing_half_done(sqlite_url: str, tmp_path: Path) -> None:
    dice, answered = random.Random(7), set()
    for _kill in range(int(os.environ.get("LUZHANG_TEST_KILLS", "2"))):
        answered |= set(await lived(sqlite_url, dice.randrange(20, 160)))
        store = await Store.open(sqlite_url, planner=plan)
        assert await damage_of(store.database) == ""
        assert answered <= set(await column(store, "SELECT message_id FROM inbox"))
        done = set(await column(store, "SELECT message_id FROM inbox WHERE done_at IS NOT NULL"))
        # one case, one entry, one receipt, one timer for each message that is done, and none for any other
        assert set(await column(store, "SELECT message_id FROM cases")) == done
        assert sorted(await column(store, "SELECT key FROM outbox")) == sorted(done)
        assert sorted(await column(store, "SELECT key FROM timer")) == sorted(done)
        assert len(await column(store, "SELECT hash FROM ledger")) == len(done)
        assert await store.ledger.verify() is None
        await store.outbox.recover(NOW)
        assert await column(store, "SELECT key FROM outbox WHERE state = 'sending'") == []
        await store.close()
    assert len(answered) > 5


async def test_a_full_disk_is_told_to_whoever_waits_and_passes(sqlite_url: str) -> None:
    script = "import sys; from tests.store.samples import fill_the_disk; fill_the_disk(sys.argv[1])"
    command = (sys.executable, "-c", script, sqlite_url)
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=asyncio.subprocess.PIPE)
    out, _err = await process.communicate()
    *answered, after, refused = out.decode().split()
    assert process.returncode == 0
    assert (after, int(refused) > 0, len(answered) > 0) == ("after", True, True)
    store = await Store.open(sqlite_url, planner=plan)
    assert set(await column(store, "SELECT message_id FROM inbox")) >= {*answered, "after"}
    assert await column(store, "SELECT id % 100 FROM cases ORDER BY id") in ([1, 3], [1, 2, 3])
    assert await store.ledger.verify() is None
    await store.close()
