"""The product under the bench: a configuration with both platforms, a city with 5,000 place names, `luzhang serve`."""

import asyncio
import contextlib
import sqlite3
import sys
import time
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from bench import city, messages
from bench.processes import SERVER_CORE, Server, start
from bot.assembly import open_store, rules_of
from bot.config import load_config

NOBODY = "http://127.0.0.1:9"  # where no platform listens
_CONFIG = f"""
[city]
name = "溪城市"
[server]
port = 0
[store]
url = "sqlite+aiosqlite:///data/luzhang.db"
media = "data/media"
[wecom]
api_base = "{{base}}"
[wecom.app]
corp_id = "{messages.CORP}"
agent_id = {messages.AGENT}
secret = "bench-secret"
token = "{messages.TOKEN}"
aes_key = "{messages.AES_KEY}"
[dingtalk]
mode = "http"
client_id = "{messages.ROBOT}"
client_secret = "{messages.APP_SECRET}"
api_base = "{{base}}"
oapi_base = "{{base}}"
"""


def write_config(folder: Path, platform: str = NOBODY) -> Path:
    """Write the configuration into a new folder and return its path; `platform` is where the platforms would be."""
    folder.mkdir(parents=True)
    config = folder / "config.toml"
    config.write_text(_CONFIG.format(base=platform), encoding="utf-8")
    return config


class Product:
    """A folder with a configuration and a database that holds the city."""

    def __init__(self, folder: Path, platform: str = NOBODY) -> None:
        """Write the configuration into a new folder and import the city; by default no platform is there."""
        self.config = write_config(folder, platform)
        self.database = folder / "data" / "luzhang.db"
        asyncio.run(self._import())

    async def _import(self) -> None:
        config = load_config(self.config)
        store = await open_store(config, rules_of(config))
        now = datetime.now(UTC)
        await store.rosters.import_roster(city.segments(), now.date(), now)
        await store.rosters.import_people(city.people(), [], now.date(), now)
        await store.close()

    def serve(self, *, on: Iterable[int] = (SERVER_CORE,), environment: Mapping[str, str] | None = None) -> Server:
        """Start `luzhang serve`."""
        command = [sys.executable, "-m", "bot", "serve", "--config", str(self.config)]
        return start(command, self.config.with_name("serve.log"), on=on, environment=environment)

    def wait_until_worked_off(self, patience: float = 600.0) -> float:
        """Return the instant (`time.perf_counter`) at which no message waits. Raises TimeoutError."""
        end = time.perf_counter() + patience
        with contextlib.closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)) as connection:
            while connection.execute("SELECT 1 FROM inbox WHERE done_at IS NULL LIMIT 1").fetchone():
                if time.perf_counter() > end:
                    raise TimeoutError("the inbox is not worked off")
                time.sleep(0.02)
        return time.perf_counter()

    def counts(self) -> dict[str, int]:
        """Return the number of cases, of posts, and of messages that failed for good."""
        with contextlib.closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)) as connection:
            return {
                name: int(connection.execute(query).fetchone()[0])
                for name, query in (
                    ("cases", "SELECT count(*) FROM cases"),
                    ("posts", "SELECT count(*) FROM outbox"),
                    ("parked", "SELECT count(*) FROM inbox WHERE error <> ''"),
                )
            }
