"""`luzhang serve`: the service."""

from pathlib import Path

from bot import log
from bot.config import load_config


def run(config: Path, host: str | None, port: int | None) -> int:
    """Serve until told to stop and return 0. Raises ConfigError, TableError before anything is accepted."""
    loaded = load_config(config)
    log.set_up(loaded.secrets())
    from bot.serve import serve

    serve(loaded, host, port)
    return 0
