"""HTTP to a chat platform: one call in, one checked answer out, or a PlatformError that says what may be done next.

What can go wrong is sorted by one question, "may the platform have acted?": before the request left us the answer is
no (PlatformUnreachable, repeat freely), after it left us nobody knows (OutcomeUnknown, a repeat is marked 补发).
Addresses carry tokens, so no error here holds an address, nor a cause that does.
"""

import io
import ipaddress
import json
import secrets
import socket
import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from types import SimpleNamespace, TracebackType
from typing import Self

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from domain.messages import (
    Misconfigured,
    OutcomeUnknown,
    PlatformError,
    PlatformUnreachable,
    RateLimited,
    Undeliverable,
)

JSON_CAP = 1 << 20  # bytes; the longest honest answer of either platform is a few kB
CHUNK = 64 << 10  # bytes read at a time
_UNSAFE_IN_FORM = str.maketrans({'"': "＂", "\r": " ", "\n": " ", "\\": "＼", "/": "／", "\0": " "})
LARGE = 512 << 10  # bytes of a body
PAUSE = timedelta(minutes=1)  # after a 429 that names no time
LONGEST_PAUSE = timedelta(hours=1)  # a platform's Retry-After is not trusted beyond this


@dataclass(frozen=True, slots=True)
class Answer:
    """A platform's answer: the HTTP status (below 500) and its JSON object. Field readers never raise."""

    status: int
    body: Mapping[str, object]

    def text(self, key: str) -> str:
        """Return a text field, or "" when it is missing or of another type."""
        value = self.body.get(key)
        return value if isinstance(value, str) else ""

    def number(self, key: str, default: int = 0) -> int:
        """Return a whole-number field, or `default` when it is missing or of another type."""
        value = self.body.get(key)
        return value if isinstance(value, int) and not isinstance(value, bool) else default

    def names(self, key: str) -> tuple[str, ...]:
        """Return the texts of a list field, or of a text joined by `|`; empty when it is missing."""
        value = self.body.get(key)
        if isinstance(value, str):
            return tuple(part for part in value.split("|") if part)
        return tuple(v for v in value if isinstance(v, str)) if isinstance(value, list) else ()


@dataclass(frozen=True, slots=True)
class File:
    """A downloaded file: its bytes and the media type that the server claims for them."""

    body: bytes = field(repr=False)
    content_type: str


@dataclass(frozen=True, slots=True)
class Upload:
    """A file to send: the name people see, and its bytes. The form is written by hand, since platforms are picky.

    The name stands there in plain UTF-8 and the file's length beside it, as WeCom's page shows; `filename*` is unknown
    to both platforms.
    """

    name: str
    body: bytes = field(repr=False)
    content_type: str = "application/octet-stream"

    def form(self, boundary: str) -> bytes:
        """Return the request's body: one field called `media`."""
        name = self.name.translate(_UNSAFE_IN_FORM)
        head = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="media"; filename="{name}"; '
            f"filelength={len(self.body)}\r\nContent-Type: {self.content_type}\r\n\r\n"
        )
        return b"".join((head.encode(), self.body, f"\r\n--{boundary}--\r\n".encode()))


@dataclass(frozen=True, slots=True)
class FileHosts:
    """Where a platform's files may come from.

    base: the platform's configured address. Where that is a loopback address (rehearsal with a fake), files of exactly
    that origin are fetched too; otherwise only https, port 443 and a host that is one of `names` or ends in one of
    `suffixes` (each with its leading dot), resolved to public addresses alone.
    """

    base: str
    names: frozenset[str] = frozenset()
    suffixes: tuple[str, ...] = ()

    def is_rehearsal(self, url: URL) -> bool:
        """Tell whether the file lies on the loopback fake that the operator configured."""
        base = _parsed(self.base)
        return _is_loopback(base.raw_host or "") and _origin(url) == _origin(base)

    def allows(self, url: URL) -> bool:
        """Tell whether the address is one of the platform's public file hosts."""
        host = url.raw_host or ""
        if url.scheme != "https" or url.port != 443 or url.user is not None or url.password is not None:
            return False
        return not _is_address(host) and (host in self.names or host.endswith(self.suffixes))


class PublicResolver(AbstractResolver):
    """A resolver that knows public addresses only, so that no name can lead into the inner network."""

    def __init__(self, inner: AbstractResolver | None = None) -> None:
        self._inner = inner if inner is not None else aiohttp.ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Return the public addresses of a name. Raises Misconfigured when one of them is not public."""
        found = await self._inner.resolve(host, port, family)
        if not all(is_public(entry["host"]) for entry in found):
            # also seen without malice: name servers inside Tencent Cloud give link-local addresses for its storage
            raise Misconfigured("平台文件域名被解析到内网地址，已拒绝下载；请检查服务器DNS，云主机请改用公共DNS")
        return found

    async def close(self) -> None:
        """Close the resolver underneath."""
        await self._inner.close()


class Web:
    """One keep-alive client for a platform: no proxies from the environment, no redirects, hard caps and deadlines.

    Use it as an async context manager, or call `close` at the end. It must be made inside a running event loop.
    resolver: for tests; names of files still pass the public-address check.
    tls: another certificate store, for a platform that is deployed in the customer's own network.
    on_date: told the time that each answer carries.
    """

    def __init__(
        self,
        *,
        total: timedelta = timedelta(seconds=10),
        idle: timedelta = timedelta(seconds=5),
        resolver: AbstractResolver | None = None,
        tls: ssl.SSLContext | None = None,
        on_date: Callable[[datetime], None] | None = None,
    ) -> None:
        self._on_date = on_date
        self._timeout = aiohttp.ClientTimeout(
            total=total.total_seconds(), sock_connect=idle.total_seconds(), sock_read=idle.total_seconds()
        )
        secured = tls if tls is not None else True
        self._calls = _session(aiohttp.TCPConnector(resolver=resolver, ssl=secured, limit=20))
        self._files = _session(aiohttp.TCPConnector(resolver=PublicResolver(resolver), ssl=secured, limit=8))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close every connection."""
        await self._calls.close()
        await self._files.close()

    async def call(
        self,
        method: str,
        url: str,
        *,
        query: Mapping[str, str] | None = None,
        payload: object = None,
        headers: Mapping[str, str] | None = None,
        is_repeatable: bool = False,
    ) -> Answer:
        """Make one call and return its JSON object; `payload` goes out as compact UTF-8 JSON.

        is_repeatable: a second try does no harm (GET always): then no failure is an OutcomeUnknown.
        Raises PlatformUnreachable, OutcomeUnknown or RateLimited (HTTP 429).
        """
        body = None if payload is None else json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()
        known = dict(headers or {}) | ({} if body is None else {"Content-Type": "application/json; charset=utf-8"})
        asked = _Asked(method, _parsed(url, query), known, body, is_repeatable=is_repeatable or method == "GET")
        async with self._asking(self._calls, asked) as response:
            _refuse_status(response, asked)
            raw = await _read(response, JSON_CAP)
            return Answer(response.status, _json_object(raw, response.status, asked))

    async def upload(self, url: str, file: "Upload", *, query: Mapping[str, str] | None = None) -> Answer:
        """Send one file as a form and return the answer's JSON object; a second try does no harm.

        Raises PlatformUnreachable or RateLimited.
        """
        boundary = secrets.token_hex(16)
        known = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
        asked = _Asked("POST", _parsed(url, query), known, file.form(boundary), is_repeatable=True)
        async with self._asking(self._calls, asked) as response:
            _refuse_status(response, asked)
            raw = await _read(response, JSON_CAP)
            return Answer(response.status, _json_object(raw, response.status, asked))

    async def download(self, url: str, *, cap: int, query: Mapping[str, str] | None = None) -> File:
        """Fetch a file from the platform's own configured address. Raises PlatformError."""
        return await self._get(self._calls, _parsed(url, query), cap)

    async def fetch_file(self, url: str, hosts: FileHosts, cap: int) -> File:
        """Fetch a file from an address that a message brought. Raises Undeliverable for one that is not the platform's.

        cap: longest body in bytes; a longer one raises Undeliverable, a dead link too; the rest PlatformUnreachable.
        """
        where = _verbatim(url)
        if hosts.is_rehearsal(where):
            return await self._get(self._calls, where, cap)
        if not hosts.allows(where):
            raise Undeliverable("文件地址不属于该平台，已拒绝下载")
        return await self._get(self._files, where, cap)

    async def _get(self, session: aiohttp.ClientSession, url: URL, cap: int) -> File:
        asked = _Asked("GET", url, {}, None, is_repeatable=True)
        async with self._asking(session, asked) as response:
            _refuse_file_status(response, asked)
            body = await _read(response, cap)
            if len(body) > cap:
                raise Undeliverable(f"文件超过{cap >> 20}MB，未下载")
            return File(body, response.content_type)

    @asynccontextmanager
    async def _asking(self, session: aiohttp.ClientSession, asked: "_Asked") -> AsyncIterator[aiohttp.ClientResponse]:
        """Yield the response; whatever fails on the way becomes the PlatformError that fits the moment."""
        try:
            async with session.request(
                asked.method,
                asked.url,
                data=asked.data,
                headers=asked.headers,
                allow_redirects=False,
                timeout=self._timeout,
                trace_request_ctx=asked,
            ) as response:
                self._note_date(response)
                yield response
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            # neither the text nor the cause: both may hold the address, and with it the token
            raise asked.failure(type(error).__name__) from None

    def _note_date(self, response: aiohttp.ClientResponse) -> None:
        if self._on_date is None:
            return
        try:
            told = parsedate_to_datetime(response.headers.get("Date", ""))
        except ValueError:
            return  # none, or none that can be read
        if told.tzinfo is not None:
            self._on_date(told)


@dataclass(slots=True)
class _Asked:
    """One request on its way; `is_sent` turns true once its head has been handed to the connection."""

    method: str
    url: URL = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    body: bytes | None = field(repr=False)
    is_repeatable: bool = False
    is_sent: bool = False

    @property
    def data(self) -> bytes | io.BytesIO | None:
        """Return the body in the form that aiohttp sends without holding up the loop: a large one in pieces."""
        return io.BytesIO(self.body) if self.body is not None and len(self.body) > LARGE else self.body

    def failure(self, what: str) -> PlatformError:
        if self.is_sent and not self.is_repeatable:
            return OutcomeUnknown(f"平台没有给出可用的答复（{what}）")
        return PlatformUnreachable(f"平台暂时无法访问（{what}）")


def is_public(address: str) -> bool:
    """Tell whether an IP address, also one wrapped into IPv6, belongs to the public internet."""
    try:
        parsed = ipaddress.ip_address(address.split("%", 1)[0])
    except ValueError:
        return False
    if isinstance(parsed, ipaddress.IPv6Address):
        inner = parsed.ipv4_mapped or parsed.sixtofour or (parsed.teredo[1] if parsed.teredo else None)
        if inner is not None:
            return is_public(str(inner))
        if parsed in ipaddress.IPv6Network("64:ff9b::/96"):  # NAT64 leads to the IPv4 address in its last 32 bits
            return is_public(str(ipaddress.IPv4Address(int(parsed) & 0xFFFFFFFF)))
    return parsed.is_global and not parsed.is_multicast


def _session(connector: aiohttp.TCPConnector) -> aiohttp.ClientSession:
    trace = aiohttp.TraceConfig()
    trace.on_request_headers_sent.append(_mark_sent)
    return aiohttp.ClientSession(
        connector=connector,
        trust_env=False,
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={"Accept": "application/json, */*;q=0.5", "Accept-Encoding": "identity", "User-Agent": "luzhang"},
        trace_configs=[trace],
    )


async def _mark_sent(session: aiohttp.ClientSession, ctx: SimpleNamespace, params: object) -> None:
    ctx.trace_request_ctx.is_sent = True


def _refuse_status(response: aiohttp.ClientResponse, asked: _Asked) -> None:
    """Raise for the statuses that no platform uses to say something: redirects, 429 and server errors."""
    if response.status == 429:
        raise _limited(response)
    if response.status == 503 or 300 <= response.status < 400:  # both say that nothing was done
        raise PlatformUnreachable(f"平台暂时无法访问（HTTP {response.status}）")
    if response.status >= 500:
        raise asked.failure(f"HTTP {response.status}")


def _refuse_file_status(response: aiohttp.ClientResponse, asked: _Asked) -> None:
    _refuse_status(response, asked)
    if response.status >= 400:
        raise Undeliverable(f"文件链接已失效（HTTP {response.status}）")


def _limited(response: aiohttp.ClientResponse) -> RateLimited:
    error = RateLimited("平台限流（HTTP 429）")
    named = response.headers.get("Retry-After", "")
    pause = timedelta(seconds=int(named)) if named.isascii() and named.isdigit() and len(named) < 7 else PAUSE
    error.retry_after = min(pause, LONGEST_PAUSE)
    return error


async def _read(response: aiohttp.ClientResponse, cap: int) -> bytes:
    """Read at most `cap` bytes; a longer body is returned one chunk too long, and its connection is dropped."""
    parts = bytearray()
    async for part in response.content.iter_chunked(CHUNK):
        parts += part
        if len(parts) > cap:
            response.close()
            break
    return bytes(parts)


def _json_object(raw: bytes, status: int, asked: _Asked) -> Mapping[str, object]:
    """Return the answer's JSON object; an error page below 500 without one means that nothing was done."""
    try:
        parsed = json.loads(raw) if len(raw) <= JSON_CAP else None
    except (ValueError, RecursionError):
        parsed = None
    if isinstance(parsed, dict):
        return parsed
    if status >= 400:
        raise PlatformUnreachable(f"平台暂时无法访问（HTTP {status}）")
    raise asked.failure("答复不是有效的JSON")


def _parsed(url: str, query: Mapping[str, str] | None = None) -> URL:
    """Parse an address; one that cannot be parsed becomes the empty address, which nothing allows."""
    try:
        parsed = URL(url)
        return parsed.update_query(query) if query else parsed
    except ValueError:
        return URL()


def _verbatim(url: str) -> URL:
    """Parse an address that must go out byte for byte, since its query carries a signature."""
    if not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        return URL()
    try:
        return URL(url, encoded=True)
    except ValueError:
        return URL()


def _origin(url: URL) -> tuple[str, str, int]:
    return url.scheme, url.raw_host or "", url.port or 0


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _is_loopback(host: str) -> bool:
    return host == "localhost" or (_is_address(host) and ipaddress.ip_address(host).is_loopback)
