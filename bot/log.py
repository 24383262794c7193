"""Logging: JSON lines in production, readable lines at a terminal, and never a secret or a telephone number in either.

A record is a constant English text plus facts in `extra`. Everything that leaves, tracebacks and third-party loggers
included, passes one Redactor: it knows the configured secrets, and it knows by their look what else is one.
"""

import html
import json
import logging
import re
import sys
import threading
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, TextIO
from urllib.parse import quote, quote_plus

MASK = "***"

_SHORTEST_SECRET = 4  # replacing a shorter word everywhere would hide the log, not the secret
_LONGEST_TEXT = 8_000
_MOBILE = re.compile(r"(?<!\d)(?:86)?[1１][3-9３-９]\d[- ]?\d{4}[- ]?\d{4}(?!\d)")
_NAMED = re.compile(
    r"""((?:token|secret|password|passwd|(?:api|aes|webhook)[_-]?key|authorization|ticket|response_code)
        ["']?\s{0,2}[=:]\s{0,2}["']?(?:bearer\ )?|\b(?:key|sign|session)=|[?&]code=)[^\s"'&,;}<>]+""",
    re.IGNORECASE | re.VERBOSE,
)
_PASSWORD_IN_URL = re.compile(r"(://[^\s:/@]{0,100}:)[^\s/@]{1,200}@")
_SECRET_NAME = re.compile(r"token|secret|password|authorization|(api|aes|webhook)_?key|ticket", re.IGNORECASE)
_OWN_OUTPUT = ("sqlalchemy", "aiohttp", "asyncio", "apscheduler", "py.warnings")
_POOLS = ("QueuePool", "AsyncAdaptedQueuePool", "StaticPool", "NullPool", "SingletonThreadPool")
_ECHOING = ("sqlalchemy.engine.Engine", *(f"sqlalchemy.pool.impl.{pool}" for pool in _POOLS))
_STANDARD = frozenset(vars(logging.LogRecord("", 0, "", 0, "", (), None))) | {"message", "asctime", "taskName"}


class Redactor:
    """Masks secrets in text: the given ones in every usual spelling, and what looks like one."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        spelled = {form for secret in secrets if len(secret) >= _SHORTEST_SECRET for form in _spellings(secret)}
        longest_first = sorted(spelled, key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, longest_first))) if spelled else None

    def clean(self, text: str) -> str:
        """Return `text` with every secret masked, cut to 8,000 characters."""
        if self._known is not None:
            text = self._known.sub(MASK, text)
        text = _NAMED.sub(rf"\g<1>{MASK}", text)
        text = _PASSWORD_IN_URL.sub(rf"\g<1>{MASK}@", text)
        text = _MOBILE.sub(MASK, text)
        return text if len(text) <= _LONGEST_TEXT else text[:_LONGEST_TEXT] + "…"

    def plain(self, value: object) -> Any:
        """Return `value` as clean JSON data; what JSON has no word for becomes its text."""
        if value is None or isinstance(value, bool | float):
            return value
        if isinstance(value, int):
            return MASK if _MOBILE.fullmatch(str(value)) else value
        if isinstance(value, Mapping):
            return self.facts({str(name): item for name, item in value.items()})
        if isinstance(value, list | tuple | set | frozenset):
            return [self.plain(item) for item in value]
        if isinstance(value, datetime):
            return value.isoformat()
        return self.clean(str(value))

    def facts(self, facts: Mapping[str, object]) -> dict[str, Any]:
        """Return the facts clean; one whose name says that it is a secret is masked whole."""
        return {
            self.clean(name): MASK if _SECRET_NAME.search(name) and value else self.plain(value)
            for name, value in facts.items()
        }


def _spellings(secret: str) -> set[str]:
    """Return the forms in which a secret turns up: as it is, in URLs, in JSON, in XML, in a repr."""
    in_urls = {quote(secret, safe=""), quote(secret), quote_plus(secret)}
    in_json = {json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]}
    return {secret, html.escape(secret), repr(secret)[1:-1]} | in_urls | in_json


class _Formatter(logging.Formatter):
    """What both forms share: a clean text, clean facts and a clean traceback."""

    def __init__(self, redactor: Redactor) -> None:
        super().__init__()
        self.redactor = redactor

    def text(self, record: logging.LogRecord) -> str:
        """Return the record's text, also where its arguments don't fit."""
        try:
            return self.redactor.clean(record.getMessage())
        except (TypeError, ValueError, KeyError):
            return self.redactor.clean(str(record.msg))

    def facts(self, record: logging.LogRecord) -> dict[str, Any]:
        """Return what was given in `extra`."""
        return self.redactor.facts({name: value for name, value in vars(record).items() if name not in _STANDARD})

    def trace(self, record: logging.LogRecord) -> str:
        """Return traceback and stack, "" without them."""
        parts = [self.formatException(record.exc_info)] if record.exc_info and record.exc_info[0] else []
        parts += [record.stack_info] if record.stack_info else []
        return self.redactor.clean("\n".join(parts))


class JsonFormatter(_Formatter):
    """One JSON object a line: time (UTC), level, logger, text, facts, and error where there is a traceback."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        time = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line = {"time": time, "level": record.levelname, "logger": record.name, "text": self.text(record)}
        line |= {name: value for name, value in self.facts(record).items() if name not in line}
        if trace := self.trace(record):
            line["error"] = trace
        return json.dumps(line, ensure_ascii=False)


class TerminalFormatter(_Formatter):
    """A line for eyes: local time, level, text, facts as name=value; the traceback below."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, or the lines with a traceback."""
        time = datetime.fromtimestamp(record.created, UTC).astimezone().strftime("%H:%M:%S")
        facts = "".join(f"  {name}={value}" for name, value in self.facts(record).items())
        line = f"{time} {record.levelname:<7} {self.text(record)}{facts}".replace("\n", "\\n")
        trace = self.trace(record)
        return f"{line}\n{trace}" if trace else line


class _Handler(logging.StreamHandler[TextIO]):
    """Writes to the stream; a record that cannot be written is told by its place alone."""

    def handleError(self, record: logging.LogRecord) -> None:
        """Say that a record was lost; the standard handler would print its arguments."""
        self.stream.write(f"log record lost: {record.name}:{record.lineno}\n")


def set_up(
    secrets: Iterable[str] = (),
    *,
    as_json: bool | None = None,
    level: int = logging.INFO,
    stream: TextIO | None = None,
) -> Redactor:
    """Send every logger's records through one clean handler and return its Redactor.

    as_json: None = JSON unless the stream is a terminal. A second call replaces the first. Uncaught exceptions and
    warnings go the same way, so that no traceback reaches the stream by itself.
    """
    out = stream if stream is not None else sys.stderr
    redactor = Redactor(secrets)
    is_json = not out.isatty() if as_json is None else as_json
    handler = _Handler(out)
    handler.setFormatter(JsonFormatter(redactor) if is_json else TerminalFormatter(redactor))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in _OWN_OUTPUT:
        logger = logging.getLogger(name)
        logger.handlers[:] = [handler]
        logger.propagate = False
    for name in _ECHOING:  # SQLAlchemy's echo gives these a handler of its own, to stdout, while they have none
        logging.getLogger(name).handlers[:] = [logging.NullHandler()]
    for name in ("sqlalchemy", "apscheduler"):  # each tick of the scheduler is two lines of theirs
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.captureWarnings(capture=True)
    sys.excepthook = _log_uncaught
    threading.excepthook = _log_uncaught_in_thread
    return redactor


def _log_uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    logging.getLogger(__name__).critical("uncaught exception", exc_info=(kind, error, trace))


def _log_uncaught_in_thread(args: threading.ExceptHookArgs) -> None:
    if args.exc_value is not None and not issubclass(args.exc_type, SystemExit):
        _log_uncaught(args.exc_type, args.exc_value, args.exc_traceback)
