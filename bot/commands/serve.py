"""`luzhang serve`: the service."""

from pathlib import Path

from bot import log
from bot.config import Config, load_config


def run(config: Path, host: str | None, port: int | None) -> int:
    """Serve until told to stop and return 0. Raises ConfigError, TableError before anything is accepted."""
    loaded = load_config(config)
    log.set_up(loaded.secrets())
    known = set(loaded.secrets())

    def reread() -> Config:
        again = load_config(config)
        known.update(again.secrets())  # the former ones stay secret too
        log.set_up(known)
        return again

    from bot.serve import serve

    serve(loaded, host, port, reread)
    return 0
