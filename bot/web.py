"""The HTTP edge: the platforms' callbacks, and what a monitor asks.

A callback is verified, stored, and only then answered; everything else happens later, from the inbox. Whatever is
wrong with a request, the caller sees a bare status.
"""

import asyncio
import ipaddress
import logging
import secrets
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Final

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.streams import StreamReader

from bot.assembly import Machine
from bot.metrics import CONTENT_TYPE, Metrics
from bot.monitoring import Monitor
from bot.platforms.base import Accepted, Callback, Refused
from domain.messages import Card
from store.group_commit import STORE_ERRORS

logger = logging.getLogger(__name__)

BODY_CAP: Final = 64 << 10  # bytes; the longest honest callback has a few kB
BODY_SECONDS: Final = 5.0  # for the whole body, once its head is here
# headers by which a proxy says that somebody else asked through it
FORWARDED: Final = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Proto", "X-Real-IP", "Via")

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class CallbackEdge:
    """Answers one channel's callback: 200 only for what is durable, or was stored before under the same id."""

    def __init__(self, callback: Callback, machine: Machine, metrics: Metrics) -> None:
        self._callback = callback
        self._channel = callback.channel
        self._platform = callback.channel.partition(".")[0]
        self._machine = machine
        self._clock = machine.clock
        self._metrics = metrics

    async def handle(self, request: web.Request) -> web.Response:
        """Return 200 with the platform's answer, or a bare status."""
        try:
            body = await read_body(request)
            accepted = self._callback.accept(request.method, request.query, request.headers, body, self._clock.now())
            if accepted.redrawn is not None:
                self._machine.taps.expect(accepted.message_id)
            if accepted.message_id:
                await self._store(accepted)
            if accepted.redrawn is not None:
                return await self._redrawn(accepted, accepted.redrawn)
        except Refused as refused:
            return self._refuse(refused)
        return web.Response(body=accepted.answer, content_type=accepted.content_type)

    async def _redrawn(self, accepted: Accepted, draw: Callable[[Card], bytes]) -> web.Response:
        """Answer a tap with the card as it is once the tap is decided; without, when that takes too long."""
        face = await self._machine.taps.face(accepted.message_id, accepted.redraw_seconds)
        body = accepted.answer if face is None else draw(face)
        if face is not None:
            await self._machine.taps.shown(face)
        return web.Response(body=body, content_type=accepted.content_type)

    async def _store(self, accepted: Accepted) -> None:
        try:
            is_new = await self._machine.receive(
                self._channel, self._platform, accepted.message_id, accepted.payload, is_late=accepted.is_late
            )
        except STORE_ERRORS as error:
            fact = {"action": "callback_not_stored", "channel": self._channel, "message_id": accepted.message_id}
            logger.exception("message could not be stored", extra={**fact, "error": type(error).__name__})
            raise Refused(HTTPStatus.SERVICE_UNAVAILABLE, "store") from error
        if is_new:
            self._metrics.received(self._channel)
            return
        self._metrics.repeated(self._channel)
        if accepted.is_late:
            raise Refused(HTTPStatus.FORBIDDEN, "replayed")

    def _refuse(self, refused: Refused) -> web.Response:
        self._metrics.refused(self._channel, refused.code)
        fact = {"action": "callback_refused", "channel": self._channel, "code": refused.code}
        logger.warning("callback refused", extra={**fact, "status": int(refused.status), "id": secrets.token_hex(4)})
        return _last(web.Response(status=refused.status))


def _last(response: web.Response) -> web.Response:
    """Return the response as the last one of its connection: only those who sign may keep one open."""
    response.force_close()
    return response


async def no_page(request: web.Request) -> web.Response:
    """Answer for every other address."""
    return _last(web.Response(status=HTTPStatus.NOT_FOUND))


async def read_body(request: web.Request) -> bytes:
    """Return the body as it came. Raises Refused: 413 beyond the cap, 408 when it is slow, 400 when it is broken."""
    length = request.content_length
    if length is not None and length > BODY_CAP:
        raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "size")
    try:
        if request.content.is_eof():  # all of it came with the head, as nearly always
            body = request.content.read_nowait()
            _check_size(body)
            return body
        async with asyncio.timeout(BODY_SECONDS):
            return await _read(request.content)
    except TimeoutError:
        raise Refused(HTTPStatus.REQUEST_TIMEOUT, "slow body") from None
    except (HttpProcessingError, web.RequestPayloadError):
        raise Refused(HTTPStatus.BAD_REQUEST, "body") from None


async def _read(content: StreamReader) -> bytes:
    parts = bytearray()
    while part := await content.readany():
        parts += part
        _check_size(parts)
    return bytes(parts)


def _check_size(body: bytes | bytearray) -> None:
    if len(body) > BODY_CAP:
        raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "size")


class MonitorEdge:
    """`/healthz`, `/readyz` and `/metrics`."""

    def __init__(self, monitor: Monitor, metrics: Metrics) -> None:
        self._monitor = monitor
        self._metrics = metrics

    async def health(self, request: web.Request) -> web.Response:
        """Answer that the process is alive and its loop turns."""
        return _last(web.Response(text="ok\n"))

    async def ready(self, request: web.Request) -> web.Response:
        """Answer 200 while database and queues work, also when a platform is out ("degraded"); else 503."""
        found = await self._monitor.readiness()
        status = HTTPStatus.OK if found.is_ready else HTTPStatus.SERVICE_UNAVAILABLE
        return _last(web.json_response(found.to_json(), status=status))

    async def metrics(self, request: web.Request) -> web.Response:
        """Answer the figures in Prometheus' text form, to a direct request from this machine alone."""
        if not is_local(request):
            return _last(web.Response(status=HTTPStatus.FORBIDDEN))
        waiting = await self._monitor.waiting()
        if waiting is not None:
            self._metrics.observe(waiting)
        return _last(web.Response(body=self._metrics.render(), headers={"Content-Type": CONTENT_TYPE}))


def is_local(request: web.Request) -> bool:
    """Tell whether a request comes from this machine itself, not through a proxy on it."""
    if any(name in request.headers for name in FORWARDED) or not request.remote:
        return False
    try:
        return ipaddress.ip_address(request.remote).is_loopback
    except ValueError:
        return False


def routes(callbacks: list[Callback], machine: Machine, monitor: Monitor, metrics: Metrics) -> list[web.RouteDef]:
    """Return every route of the service."""
    monitored = MonitorEdge(monitor, metrics)
    edges = [(one.path, CallbackEdge(one, machine, metrics)) for one in callbacks]
    return [
        *(web.route("*", path, edge.handle) for path, edge in edges),
        web.get("/healthz", monitored.health),
        web.get("/readyz", monitored.ready),
        web.get("/metrics", monitored.metrics),
        web.route("*", "/{page:.*}", no_page),
    ]
