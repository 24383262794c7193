"""Secrets and groups read anew without a restart: by SIGHUP, or when an operator asks through the database.

Only what can change under way is taken: secrets, keys, card template, robot names and the groups. Everything else that
differs waits for a restart, and is named. A configuration that is wrong changes nothing.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from pydantic import BaseModel, SecretStr

from bot.assembly import Machine, tell_operators
from bot.config import Config
from domain.effects import Effects
from domain.errors import ConfigError

logger = logging.getLogger(__name__)

ASKED: Final = "reload:asked"  # setting: any word not seen before
DONE: Final = "reload:done"  # setting: {"asked", "at", "ok", "text"}
# keys that may change while the service runs; chats as a whole
LIVE: Final = frozenset(
    {
        ("wecom", "app", "secret"), ("wecom", "app", "token"), ("wecom", "app", "aes_key"),
        ("wecom", "bot", "secret"), ("wecom", "bot", "token"), ("wecom", "bot", "aes_key"),
        ("dingtalk", "client_secret"), ("dingtalk", "card_template_id"), ("chat",),
    }
)  # fmt: skip

Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """What a new configuration changes: keys that can be taken now, and those that wait for a restart."""

    live: tuple[Key, ...]
    later: tuple[Key, ...]

    @property
    def text(self) -> str:
        """Return it in Chinese, without a value."""
        taken = f"已更新：{_named(self.live)}。" if self.live else "密钥和群没有变化。"
        waits = f"须重启服务才生效：{_named(self.later)}。" if self.later else ""
        return taken + waits


def _named(keys: tuple[Key, ...]) -> str:
    return "、".join(".".join(key) for key in keys)


def compare(old: Config, new: Config) -> Difference:
    """Return how two configurations differ."""
    before, after = dict(_leaves(old)), dict(_leaves(new))
    changed = [key for key in sorted({*before, *after}) if before.get(key) != after.get(key)]
    # a section that comes or goes is no change of its secrets: the service was built without it
    parts = {key[:-1] for key in changed if key not in before or key not in after}
    live = tuple(key for key in changed if key in LIVE and key[:-1] not in parts)
    return Difference(live, tuple(key for key in changed if key not in live))


def _leaves(section: BaseModel, above: Key = ()) -> Iterator[tuple[Key, object]]:
    for name in type(section).model_fields:
        value, key = getattr(section, name), (*above, name)
        if isinstance(value, BaseModel):
            yield from _leaves(value, key)
        else:
            yield key, value.get_secret_value() if isinstance(value, SecretStr) else value


def merged(old: Config, new: Config, difference: Difference) -> Config:
    """Return the old configuration with the new one's values of the keys that can be taken now."""
    config = old
    for key in difference.live:
        config = _with(config, key, _at(new, key))
    return config


def _at(section: Any, key: Key) -> Any:
    return _at(getattr(section, key[0]), key[1:]) if key else section


def _with(section: Any, key: Key, value: Any) -> Any:
    inner = value if len(key) == 1 else _with(getattr(section, key[0]), key[1:], value)
    return section.model_copy(update={key[0]: inner})


class Reloader:
    """Reads the configuration again when asked. `take` puts a merged configuration in force."""

    def __init__(
        self, machine: Machine, config: Config, reread: Callable[[], Config], take: Callable[[Config], Awaitable[None]]
    ) -> None:
        self._machine = machine
        self._config = config
        self._reread = reread
        self._take = take
        self._seen: Any = None
        self._is_signalled = False

    async def begin(self) -> None:
        """Note the last word that was asked before this start: it is answered by the start itself."""
        self._seen = await self._setting()

    def signal(self) -> None:
        """Ask from within the process (SIGHUP)."""
        self._is_signalled = True

    async def look(self) -> None:
        """Reload when somebody asks."""
        asked = await self._setting()
        if asked == self._seen and not self._is_signalled:
            return
        self._is_signalled, self._seen = False, asked
        is_well, text = await self._reload()
        now = self._machine.clock.now()
        logger.info("configuration read again", extra={"action": "reloaded", "ok": is_well, "notice": text})
        row = {"asked": asked, "at": now.isoformat(), "ok": is_well, "text": text}
        async with self._machine.store.deciding(now) as view:
            view.apply(Effects(settings={DONE: row}))
        if not is_well:
            await tell_operators(self._machine, f"reload:{now.isoformat()}", text)

    async def _reload(self) -> tuple[bool, str]:
        try:
            new = await asyncio.to_thread(self._reread)
        except ConfigError as error:
            return False, f"配置有误，仍按原来的配置运行：{error.text}"
        difference = compare(self._config, new)
        if difference.live:
            self._config = merged(self._config, new, difference)
            await self._take(self._config)
        return True, difference.text

    async def _setting(self) -> Any:
        async with self._machine.store.reading(self._machine.clock.now()) as view:
            return await view.setting(ASKED)


def answer_to(row: Mapping[str, Any] | None, asked: str, since: datetime) -> tuple[bool, str] | None:
    """Return how a reload that was asked for ended, None while it has not."""
    if row is None or row["asked"] != asked or datetime.fromisoformat(row["at"]) < since:
        return None
    return bool(row["ok"]), str(row["text"])
