"""What every fake platform shares: sliding limits with penalties, scripted faults, and a log of what it was asked.

Time is a callable, so that a test or a rehearsal moves it. A fault script is TOML, one `[[fault]]` a row; the first row
that fits a request is carried out:

    [[fault]]
    endpoint = "/cgi-bin/webhook/*"   # path of the request, * and ? allowed
    after = 2                         # let so many fitting requests pass first
    count = 3                         # then spoil so many; 0 = without end
    from_s = 0.0                      # only from this second on, counted from the start of the fake …
    until_s = 60.0                    # … and before this one; 0 = without end
    delay_s = 0.5                     # wait first (real time)
    is_carried_out = true             # do what was asked, then spoil the answer alone
    kind = "status"                   # status, errcode, reset, html, empty, wrong_type, huge, delay, slow, timeout,
                                      # expired_token, repeat, disconnect
    status = 502                      # HTTP status of the spoilt answer
    errcode = 45009                   # for kind = "errcode"; DingTalk's texts go into `code`
    code = "Throttling"

slow = a body that takes delay_s to come and never is whole; timeout = no answer for delay_s (60 when 0), then a cut
connection; expired_token = the access token dies just before the request, which is then answered as the platform does.
What lies under `/fake/` is the rehearser's own and never spoilt.

A fake that speaks over a WebSocket names its frames like paths (`/ws/ping`); what each kind means there stands with it.
"""

import asyncio
import json
import tomllib
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase
from pathlib import Path

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from domain.errors import ConfigError

Clock = Callable[[], datetime]

KINDS = (
    "status", "errcode", "reset", "html", "empty", "wrong_type", "huge", "delay", "slow", "timeout", "expired_token",
    "repeat", "disconnect",
)  # fmt: skip
OWN = "/fake/"  # addresses of the fake that no platform has
PATIENCE_S = 60.0  # of a timeout without delay_s
FRAME_KINDS = frozenset({"repeat", "disconnect"})  # of pushed frames alone: no HTTP request is spoilt so
PASSED = FRAME_KINDS | {"expired_token"}  # the request itself is carried out as it is
HTML = "<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"
HUGE = 10 << 20  # bytes


def wall_clock() -> datetime:
    """Return the present instant, for a fake that is not under test."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `count` in any window of this length; going beyond closes the gate for `penalty`."""

    count: int
    window: timedelta
    penalty: timedelta = timedelta(0)


class SlidingLimit:
    """A limit kept apart for every key (robot, chat, member). A refused request counts only through the penalty."""

    def __init__(self, limit: Limit, clock: Clock) -> None:
        self._limit = limit
        self._clock = clock
        self._taken: dict[str, deque[datetime]] = {}
        self._closed_until: dict[str, datetime] = {}

    def take(self, key: str) -> bool:
        """Take one place and return True, or return False when there is none."""
        now = self._clock()
        if now < self._closed_until.get(key, now):
            return False
        taken = self._taken.setdefault(key, deque())
        while taken and now - taken[0] >= self._limit.window:
            taken.popleft()
        if len(taken) >= self._limit.count:
            self._closed_until[key] = now + self._limit.penalty
            return False
        taken.append(now)
        return True


@dataclass(frozen=True, slots=True)
class Fault:
    """One row of a fault script; the module's docstring says what each field means."""

    kind: str
    endpoint: str = "*"
    after: int = 0
    count: int = 1
    from_s: float = 0.0
    until_s: float = 0.0
    delay_s: float = 0.0
    is_carried_out: bool = False
    status: int = 200
    errcode: int = -1
    code: str = ""

    @property
    def wait_s(self) -> float:
        """Return the real seconds to wait before the answer is spoilt."""
        return self.delay_s or (PATIENCE_S if self.kind == "timeout" else 0.0)

    def is_due(self, path: str, age_s: float) -> bool:
        """Tell whether this row covers such a request at this age of the fake."""
        return fnmatchcase(path, self.endpoint) and self.from_s <= age_s and (self.until_s == 0 or age_s < self.until_s)


@dataclass(frozen=True, slots=True)
class Asked:
    """One request that reached the fake."""

    at: datetime
    method: str
    path: str
    query: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    fault: str = ""  # kind of the fault that answered it

    def json(self) -> object:
        """Return the body as JSON. Raises ValueError when it is none."""
        return json.loads(self.body)


class Rules:
    """The faults of one fake and the log of its requests; `middleware` goes into its aiohttp application."""

    def __init__(self, clock: Clock = wall_clock, faults: tuple[Fault, ...] = ()) -> None:
        self.clock = clock
        self.asked: list[Asked] = []
        self.kill_token: Callable[[], None] = lambda: None  # given by the fake whose tokens can die
        self._start = clock()
        self._faults: list[_Armed] = [_Armed(fault) for fault in faults]

    def arm(self, *faults: Fault) -> None:
        """Add faults behind those that are still armed."""
        self._faults += [_Armed(fault) for fault in faults]

    def disarm(self, *faults: Fault) -> None:
        """Heal: drop these faults, or every one when none is named."""
        self._faults = [armed for armed in self._faults if faults and armed.fault not in faults]

    def count(self, endpoint: str) -> int:
        """Return how many requests came to a path (`*` and `?` allowed)."""
        return sum(fnmatchcase(asked.path, endpoint) for asked in self.asked)

    @property
    def middleware(self) -> Middleware:
        """Return the aiohttp middleware that logs each request and spoils those that the script names."""

        @web.middleware
        async def spoil(request: web.Request, handler: Handler) -> web.StreamResponse:
            if request.path.startswith(OWN):
                return await handler(request)
            fault = self._next_fault(request.path)
            self.asked.append(await self._seen(request, fault))
            if fault is not None and fault.kind == "expired_token":
                self.kill_token()
            if fault is None or fault.kind in PASSED:
                return await handler(request)
            if fault.kind == "slow":
                return await _half_an_answer(request, fault)
            if fault.wait_s and not (fault.kind == "timeout" and fault.is_carried_out):
                await asyncio.sleep(fault.wait_s)
            answer = await handler(request) if fault.is_carried_out or fault.kind == "delay" else None
            if fault.kind == "timeout" and fault.is_carried_out:
                await asyncio.sleep(fault.wait_s)
            return answer if answer is not None and fault.kind == "delay" else _spoilt(request, fault)

        return spoil

    def take(self, path: str, body: bytes = b"") -> Fault | None:
        """Note a request that came by another road than HTTP; return the fault that spoils it."""
        fault = self._next_fault(path)
        if fault is not None and fault.kind == "expired_token":  # frames carry none
            fault = None
        self.asked.append(Asked(self.clock(), "WS", path, {}, body, fault.kind if fault is not None else ""))
        return fault

    def _next_fault(self, path: str) -> Fault | None:
        age_s = (self.clock() - self._start).total_seconds()
        for armed in self._faults:
            if armed.takes(path, age_s):
                return armed.fault
        return None

    async def _seen(self, request: web.Request, fault: Fault | None) -> Asked:
        body = await request.read()
        kind = fault.kind if fault is not None else ""
        return Asked(self.clock(), request.method, request.path, dict(request.query), body, kind)


@dataclass(slots=True)
class _Armed:
    """A fault with the number of fitting requests it has seen."""

    fault: Fault
    seen: int = 0

    def takes(self, path: str, age_s: float) -> bool:
        if not self.fault.is_due(path, age_s):
            return False
        self.seen += 1
        past = self.seen - self.fault.after
        return past > 0 and (self.fault.count == 0 or past <= self.fault.count)


async def _half_an_answer(request: web.Request, fault: Fault) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "application/json", "Content-Length": "100"})
    await response.prepare(request)
    await response.write(b'{"endpoint":')
    await asyncio.sleep(fault.delay_s)
    if request.transport is not None:
        request.transport.abort()
    return response


def _spoilt(request: web.Request, fault: Fault) -> web.Response:
    if fault.kind in ("reset", "timeout"):
        if request.transport is not None:
            request.transport.abort()
        return web.Response()
    status = fault.status
    answers: dict[str, Callable[[], web.Response]] = {
        "status": lambda: web.Response(status=status),
        "errcode": lambda: web.json_response(_errcode_body(fault), status=status),
        "html": lambda: web.Response(text=HTML, content_type="text/html", status=status),
        "empty": lambda: web.Response(body=b"", content_type="application/json", status=status),
        "wrong_type": lambda: web.json_response(["ok", {"errcode": "zero"}], status=status),
        "huge": lambda: web.Response(
            body=b'{"errcode":0,"pad":"' + b"x" * HUGE + b'"}', content_type="application/json"
        ),
    }
    return answers[fault.kind]()


def _errcode_body(fault: Fault) -> dict[str, object]:
    if fault.code:
        return {"code": fault.code, "message": "scripted", "requestid": "fake"}
    return {"errcode": fault.errcode, "errmsg": "scripted"}


def load_script(path: Path) -> tuple[Fault, ...]:
    """Return the faults of a script file in order. Raises ConfigError naming file, row and field."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path}：无法读取故障脚本（{error}）") from error
    rows = document.get("fault", [])
    if set(document) - {"fault"} or not isinstance(rows, list):
        raise ConfigError(f"{path}：故障脚本只能由 [[fault]] 组成")
    return tuple(_fault(row, f"{path} 第{number}个fault") for number, row in enumerate(rows, 1))


def _fault(row: Mapping[str, object], where: str) -> Fault:
    types = {f.name: f.type for f in fields(Fault)}
    for key, value in row.items():
        if key not in types:
            raise ConfigError(f"{where}：未知字段 {key}，可用 {'、'.join(types)}")
        if not _fits(value, str(types[key])):
            raise ConfigError(f"{where}：{key} 的类型有误，应为 {types[key]}")
    if row.get("kind") not in KINDS:
        raise ConfigError(f"{where}：kind 须为 {'、'.join(KINDS)} 之一")
    return Fault(**row)  # type: ignore[arg-type]  # names and types were checked above


def _fits(value: object, wanted: str) -> bool:
    kinds: dict[str, tuple[type, ...]] = {"str": (str,), "bool": (bool,), "int": (int,), "float": (int, float)}
    name = wanted.removeprefix("<class '").removesuffix("'>")
    return isinstance(value, kinds[name]) and (name == "bool" or not isinstance(value, bool))
