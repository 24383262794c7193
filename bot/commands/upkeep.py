"""`luzhang backup`, `restore`, `migrate` of a configuration; a finished backup is noted for the doctor."""

from pathlib import Path
from zoneinfo import ZoneInfo

from bot.commands import backup
from bot.commands.doctor import BACKED_UP
from bot.commands.session import OK, Session, run
from bot.config import load_config
from domain.casework.work import Work
from domain.effects import Effects


def run_backup(config: Path, folder: Path) -> int:
    """Back up database and photos. Raises ConfigError."""
    store = load_config(config).store
    code = backup.run_backup(store.url, store.media, folder)
    return code or run(config, _note)


async def _note(session: Session) -> int:
    async def step(work: Work) -> Effects:
        return Effects(settings={BACKED_UP: work.now.isoformat()})

    await session.decide(step)
    return OK


def run_restore(config: Path, folder: Path) -> int:
    """Put a backup back. Raises ConfigError."""
    loaded = load_config(config)
    return backup.run_restore(loaded.store.url, loaded.store.media, folder, ZoneInfo(loaded.city.timezone))


def run_migrate(config: Path) -> int:
    """Bring the schema up to date. Raises ConfigError."""
    return backup.run_migrate(load_config(config).store.url)
