"""Nothing that leaves through logging holds a secret or a telephone number; facts and tracebacks are kept."""

import io
import json
import logging
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest
from aiohttp import ClientConnectionError, ClientResponseError, InvalidURL, RequestInfo
from multidict import CIMultiDict, CIMultiDictProxy
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError, StatementError
from yarl import URL

from bot.config import ConfigRefused, load_config
from bot.log import MASK, Redactor, set_up

CANARY = "C4nary/+&Str\"ange'Säcret"  # every kind of escaping changes it
UNKNOWN = "unknown0token1value2"  # not configured: recognised by its look alone
MOBILE = "13812345678"
PLAIN = "Pl41nSecretWord"

logger = logging.getLogger("luzhang.test")


@pytest.fixture
def out() -> Iterator[io.StringIO]:
    stream = io.StringIO()
    names = (None, "sqlalchemy", "sqlalchemy.engine.Engine", "aiohttp", "asyncio", "apscheduler", "py.warnings")
    kept = [(logging.getLogger(name), *_state(name)) for name in names]
    hooks = sys.excepthook, threading.excepthook
    set_up([CANARY, PLAIN, "t"], as_json=True, stream=stream)
    yield stream
    for touched, handlers, level, propagate in kept:
        touched.handlers[:], touched.level, touched.propagate = handlers, level, propagate
    sys.excepthook, threading.excepthook = hooks
    logging.captureWarnings(capture=False)


def test_the_scheduler_is_quiet_but_for_trouble(out: io.StringIO) -> None:
    scheduler = logging.getLogger("apscheduler.executors.default")
    scheduler.info("Running job")
    scheduler.warning("missed")
    assert [json.loads(line)["text"] for line in out.getvalue().splitlines()] == ["missed"]


def _state(name: str | None) -> tuple[list[logging.Handler], int, bool]:
    found = logging.getLogger(name)
    return list(found.handlers), found.level, found.propagate


def raising(error: Exception) -> Callable[[], None]:
    def path() -> None:
        try:
            raise error
        except type(error):
            logger.exception("failed")

    return path


def chained() -> None:
    try:
        json.loads(f"{{{CANARY}")
    except ValueError as cause:
        error = RuntimeError(f"https://x/send?key={UNKNOWN} {CANARY}")
        error.__cause__ = cause
        raising(error)()


def grouped() -> None:
    raising(ExceptionGroup("several", [ValueError(CANARY), KeyError(MOBILE)]))()


def noted() -> None:
    error = ValueError("x")
    error.add_note(f"while posting to {CANARY}")
    raising(error)()


def in_thread() -> None:
    def work() -> None:
        raise ValueError(CANARY)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()


def uncaught() -> None:
    error = ValueError(f"{CANARY} {MOBILE}")
    sys.excepthook(ValueError, error, None)


def sql_error() -> None:
    engine = create_engine("sqlite://", echo=True)
    try:
        with engine.connect() as connection:
            connection.execute(text("SELECT * FROM missing WHERE a = :a"), {"a": CANARY})
    except OperationalError:
        logger.exception("failed")
    finally:
        engine.dispose()


def stack() -> None:
    logger.info("here %s", CANARY, stack_info=True)


class Awkward:
    """An object that shows a secret by its repr."""

    def __repr__(self) -> str:
        return f"Awkward({CANARY})"


def client_error(url: str) -> ClientResponseError:
    empty = CIMultiDictProxy(CIMultiDict({"x-acs-dingtalk-access-token": UNKNOWN}))
    return ClientResponseError(
        RequestInfo(URL(url), "GET", empty, URL(url)), (), status=400, message=url, headers=empty
    )


PATHS: list[tuple[str, Callable[[], None]]] = [
    ("text", lambda: logger.info(f"posted with {CANARY}")),  # noqa: G004
    ("argument", lambda: logger.info("posted with %s", CANARY)),
    ("repr of an argument", lambda: logger.info("posted with %r", CANARY)),
    ("several arguments", lambda: logger.info("%s and %s", CANARY, PLAIN)),
    ("mapping argument", lambda: logger.info("%(a)s", {"a": CANARY})),
    ("too few arguments", lambda: logger.info("%s %s", CANARY)),
    ("too many arguments", lambda: logger.info("x", CANARY)),
    ("wrong argument type", lambda: logger.info("%d", CANARY)),
    ("format error in the text", lambda: logger.info(f"100% {CANARY}", 1)),  # noqa: G004
    ("bytes", lambda: logger.info("%s", PLAIN.encode())),
    ("url-quoted", lambda: logger.info("%s", quote(CANARY, safe=""))),
    ("url-quoted path", lambda: logger.info("%s", quote(CANARY))),
    ("form-quoted", lambda: logger.info("%s", quote_plus(CANARY))),
    ("in JSON", lambda: logger.info("%s", json.dumps({"a": CANARY}))),
    ("in JSON, unescaped", lambda: logger.info("%s", json.dumps({"a": CANARY}, ensure_ascii=False))),
    ("inside a word", lambda: logger.info("xx%syy", PLAIN)),
    ("twice", lambda: logger.info("%s%s", PLAIN, PLAIN)),
    ("object", lambda: logger.info("%s", Awkward())),
    ("fact", lambda: logger.info("x", extra={"url": CANARY})),
    ("fact, mapping", lambda: logger.info("x", extra={"body": {"a": {"b": CANARY}}})),
    ("fact, list", lambda: logger.info("x", extra={"body": [CANARY, (PLAIN,)]})),
    ("fact, set", lambda: logger.info("x", extra={"body": {PLAIN}})),
    ("fact, key of a mapping", lambda: logger.info("x", extra={"body": {CANARY: 1}})),
    ("fact, object", lambda: logger.info("x", extra={"body": Awkward()})),
    ("fact, exception", lambda: logger.info("x", extra={"error": ValueError(CANARY)})),
    ("fact, bytes", lambda: logger.info("x", extra={"body": PLAIN.encode()})),
    ("fact, path", lambda: logger.info("x", extra={"path": Path(PLAIN)})),
    ("fact named secret", lambda: logger.info("x", extra={"client_secret": UNKNOWN})),
    ("fact named token", lambda: logger.info("x", extra={"access_token": UNKNOWN})),
    ("nested fact named token", lambda: logger.info("x", extra={"answer": {"accessToken": UNKNOWN}})),
    ("fact, mobile as number", lambda: logger.info("x", extra={"from": int(MOBILE)})),
    ("fact, mobile as text", lambda: logger.info("x", extra={"from": f"+86{MOBILE}"})),
    ("mobile in the text", lambda: logger.info("call %s", MOBILE)),
    ("mobile with spaces", lambda: logger.info("call 138 1234 5678")),
    ("mobile with dashes", lambda: logger.info("call 138-1234-5678")),
    ("mobile in full width", lambda: logger.info("call １３８１２３４５６７８")),
    ("access_token in a url", lambda: logger.info("GET /cgi-bin/x?access_token=%s&type=image", UNKNOWN)),
    ("key in a url", lambda: logger.info("POST /cgi-bin/webhook/send?key=%s", UNKNOWN)),
    ("secret in a url", lambda: logger.info("GET /gettoken?corpid=c&corpsecret=%s", UNKNOWN)),
    ("session in a url", lambda: logger.info("POST /robot/sendBySession?session=%s", UNKNOWN)),
    ("sign in a url", lambda: logger.info("POST /robot/send?timestamp=1&sign=%s", UNKNOWN)),
    ("response code in a url", lambda: logger.info("POST /cgi-bin/aibot/response?response_code=%s", UNKNOWN)),
    ("code in a url", lambda: logger.info("GET /login?code=%s&state=1", UNKNOWN)),
    ("token in a JSON text", lambda: logger.info('{"errcode": 0, "access_token": "%s"}', UNKNOWN)),
    ("token in a dict's repr", lambda: logger.info("%s", str({"accessToken": UNKNOWN}))),
    ("token in a header", lambda: logger.info("x-acs-dingtalk-access-token: %s", UNKNOWN)),
    ("bearer", lambda: logger.info("Authorization: Bearer %s", UNKNOWN)),
    ("password in a database url", lambda: logger.info("postgresql+asyncpg://u:%s@db/l", UNKNOWN)),
    ("exception", raising(ValueError(CANARY))),
    ("exception with a mobile", raising(LookupError(MOBILE))),
    ("exception with arguments", raising(RuntimeError("x", CANARY, {"token": UNKNOWN}))),
    ("key error", raising(KeyError(CANARY))),
    ("unicode error", raising(UnicodeEncodeError("ascii", f"{CANARY}ä", 0, 1, PLAIN))),
    ("os error", raising(FileNotFoundError(2, "no such file", f"/run/{PLAIN}"))),
    ("connection error", raising(ClientConnectionError(f"https://h/send?access_token={UNKNOWN}"))),
    ("invalid url", raising(InvalidURL(f"https://h:x/send?key={UNKNOWN}"))),
    ("response error", raising(client_error(f"https://h/send?access_token={UNKNOWN}"))),
    ("statement error", raising(StatementError(CANARY, "SELECT ?", (CANARY,), ValueError(PLAIN)))),
    ("chained exceptions", chained),
    ("group of exceptions", grouped),
    ("note on an exception", noted),
    ("stack", stack),
    ("thread", in_thread),
    ("uncaught", uncaught),
    ("sql echo and error", sql_error),
    ("access log", lambda: logging.getLogger("aiohttp.access").info("POST /x?key=%s from %s", UNKNOWN, MOBILE)),
    ("asyncio", lambda: logging.getLogger("asyncio").error("Task exception: %s", CANARY)),
    ("sqlalchemy pool", lambda: logging.getLogger("sqlalchemy.pool").error("bad: %s", CANARY)),
    ("warning", lambda: warnings.warn(f"odd: {CANARY}", stacklevel=1)),
    ("line break before a secret", lambda: logger.info("x\n%s", CANARY)),
]


@pytest.mark.parametrize("path", [pytest.param(path, id=name) for name, path in PATHS])
@pytest.mark.filterwarnings("default")
def test_a_secret_never_passes(out: io.StringIO, capfd: pytest.CaptureFixture[str], path: Callable[[], None]) -> None:
    set_up([CANARY, PLAIN, "t"], as_json=True, stream=out)  # again: pytest has put a handler of its own beside ours
    path()
    captured = capfd.readouterr()
    seen = out.getvalue()
    assert seen
    everything = seen + captured.out + captured.err
    spellings = [CANARY, quote(CANARY, safe=""), quote(CANARY), json.dumps(CANARY)[1:-1], "C4nary", "Säcret"]
    for word in [*spellings, PLAIN, UNKNOWN, MOBILE, "1234 5678", "1234-5678", "１３８"]:
        assert word not in everything
    for line in seen.splitlines():
        assert json.loads(line)["text"]


def test_there_are_enough_failure_paths() -> None:
    assert len(PATHS) >= 50


def test_a_refused_configuration_is_logged_without_its_values(out: io.StringIO, tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text(f"[wecom.app]\nsecret = '{UNKNOWN} '\naes_key = '{UNKNOWN}'\n")
    try:
        load_config(file)
    except ConfigRefused:
        logger.exception("not started")
    assert "not started" in out.getvalue()
    assert UNKNOWN not in out.getvalue()


def test_a_record_keeps_its_facts(out: io.StringIO) -> None:
    now = datetime(2026, 5, 1, tzinfo=UTC)
    logger.info("case assigned", extra={"action": "assign", "case": "2026-0123", "count": 3, "at": now, "ok": True})
    line = json.loads(out.getvalue())
    assert line["text"] == "case assigned"
    assert (line["level"], line["logger"]) == ("INFO", "luzhang.test")
    assert (line["action"], line["case"], line["count"]) == ("assign", "2026-0123", 3)
    assert (line["at"], line["ok"]) == ("2026-05-01T00:00:00+00:00", True)


def test_a_traceback_keeps_its_lines(out: io.StringIO) -> None:
    raising(ValueError("broken row 7"))()
    error = json.loads(out.getvalue())["error"]
    assert "ValueError: broken row 7" in error
    assert "test_log.py" in error


@pytest.mark.parametrize(
    "harmless",
    [
        pytest.param("案件 2026-0123 已交办", id="case number"),
        pytest.param("errcode=40014 errmsg=invalid", id="error code of a platform"),
        pytest.param("1795437720000", id="a time in milliseconds"),
        pytest.param("sha256 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", id="digest"),
        pytest.param("t", id="a configured secret too short to mask"),
        pytest.param("https://qyapi.weixin.qq.com/cgi-bin/message/send", id="address"),
        pytest.param("unknown key deadine", id="the word key"),
    ],
)
def test_harmless_text_stays(harmless: str) -> None:
    assert Redactor([CANARY, "t"]).clean(harmless) == harmless


@pytest.mark.parametrize("unit", ["a", "key=", "://", "token: ", "1", "13", '"', "://a:"])
def test_cleaning_takes_linear_time(unit: str) -> None:
    started = time.process_time()
    cleaned = Redactor([CANARY]).clean(unit * 25_000)
    assert time.process_time() - started < 2
    assert len(cleaned) <= 8_001


def test_a_terminal_gets_one_readable_line_per_record(out: io.StringIO) -> None:
    terminal = io.StringIO()
    set_up([PLAIN], as_json=False, stream=terminal)
    logger.warning("case overdue", extra={"case": "2026-0119", "note": f"a\n{PLAIN}"})
    line = terminal.getvalue()
    assert line.count("\n") == 1
    assert line.endswith(f"WARNING case overdue  case=2026-0119  note=a\\n{MASK}\n")
    assert out.getvalue() == ""


def test_an_uncaught_exception_of_the_process_is_clean() -> None:
    code = f"from bot.log import set_up\nset_up(['{PLAIN}'])\nraise ValueError('{PLAIN}')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "uncaught exception" in done.stderr
    assert PLAIN not in done.stderr + done.stdout
