import socket
import traceback
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.test_utils import TestServer, unused_port

from bot.fakes.rules import Fault, Rules
from bot.platforms.http import CHUNK, JSON_CAP, Answer, FileHosts, Web, is_public
from domain.messages import (
    Misconfigured,
    OutcomeUnknown,
    PlatformError,
    PlatformUnreachable,
    RateLimited,
    Undeliverable,
)

CANARY = "canary-token-0451"
PLATFORM = FileHosts(
    "https://qyapi.weixin.qq.com", names=frozenset({"qyapi.weixin.qq.com"}), suffixes=(".qpic.cn", ".myqcloud.com")
)


class OneAddress(AbstractResolver):
    """Every name leads to one address, as a hostile or a rebound DNS would say."""

    def __init__(self, *addresses: str) -> None:
        self.addresses = addresses
        self.asked: list[str] = []

    async def resolve(self, host: str, port: int = 0, family: int = socket.AF_INET) -> list[ResolveResult]:
        self.asked.append(host)
        return [
            ResolveResult(hostname=host, host=address, port=port, family=socket.AF_INET, proto=0, flags=0)
            for address in self.addresses
        ]

    async def close(self) -> None:
        return None


class Peer:
    """A loopback server whose only path answers what the test says."""

    def __init__(self) -> None:
        self.rules = Rules()
        self.raw_paths: list[str] = []
        self.answer: Callable[[], web.Response] = lambda: web.json_response({"errcode": 0})
        app = web.Application(middlewares=[self.rules.middleware])
        app.router.add_route("*", "/{tail:.*}", self._answer)
        self.server = TestServer(app)

    async def _answer(self, request: web.Request) -> web.Response:
        self.raw_paths.append(request.raw_path)
        return self.answer()

    def url(self, path: str = "/cgi-bin/x") -> str:
        return f"http://127.0.0.1:{self.server.port}{path}"

    @property
    def hosts(self) -> FileHosts:
        return FileHosts(self.url(""))


@pytest.fixture
async def peer() -> AsyncIterator[Peer]:
    peer = Peer()
    await peer.server.start_server()
    yield peer
    await peer.server.close()


@pytest.fixture
async def client() -> AsyncIterator[Web]:
    async with Web(total=timedelta(seconds=0.5), idle=timedelta(seconds=0.3)) as client:
        yield client


async def test_a_call_sends_compact_utf8_and_returns_the_object(peer: Peer, client: Web) -> None:
    answer = await client.call("POST", peer.url(), query={"access_token": CANARY}, payload={"text": "人民路"})
    assert (answer.status, answer.number("errcode")) == (200, 0)
    (asked,) = peer.rules.asked
    assert asked.body == '{"text":"人民路"}'.encode()
    assert asked.query["access_token"] == CANARY


@pytest.mark.parametrize(
    ("fault", "post_error", "get_error"),
    [
        pytest.param(Fault("status", status=500), OutcomeUnknown, PlatformUnreachable, id="500"),
        pytest.param(Fault("status", status=502), OutcomeUnknown, PlatformUnreachable, id="502"),
        pytest.param(
            Fault("status", status=503), PlatformUnreachable, PlatformUnreachable, id="503 = nothing was done"
        ),
        pytest.param(Fault("status", status=429), RateLimited, RateLimited, id="429"),
        pytest.param(Fault("status", status=302), PlatformUnreachable, PlatformUnreachable, id="redirects are off"),
        pytest.param(Fault("status", status=404), PlatformUnreachable, PlatformUnreachable, id="404 without JSON"),
        pytest.param(Fault("html"), OutcomeUnknown, PlatformUnreachable, id="html"),
        pytest.param(Fault("empty"), OutcomeUnknown, PlatformUnreachable, id="empty"),
        pytest.param(Fault("wrong_type"), OutcomeUnknown, PlatformUnreachable, id="a list for an object"),
        pytest.param(Fault("huge"), OutcomeUnknown, PlatformUnreachable, id="10 MB"),
        pytest.param(Fault("reset"), OutcomeUnknown, PlatformUnreachable, id="reset"),
        pytest.param(Fault("delay", delay_s=2), OutcomeUnknown, PlatformUnreachable, id="no answer in time"),
    ],
)
async def test_a_fault_says_what_may_be_done_next(
    peer: Peer, client: Web, fault: Fault, post_error: type[PlatformError], get_error: type[PlatformError]
) -> None:
    for method, wanted in (("POST", post_error), ("GET", get_error)):
        peer.rules.disarm()
        peer.rules.arm(replace(fault, count=0))
        payload = {"a": 1} if method == "POST" else None
        with pytest.raises(PlatformError) as caught:
            await client.call(method, peer.url(), query={"key": CANARY}, payload=payload)
        assert type(caught.value) is wanted
        assert CANARY not in "".join(traceback.format_exception(caught.value))


async def test_an_answer_without_end_is_not_read_to_its_end(client: Web) -> None:
    sent = 0

    async def flood(request: web.Request) -> web.StreamResponse:
        nonlocal sent
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b"x" * CHUNK)
            sent += CHUNK

    app = web.Application()
    app.router.add_post("/", flood)
    async with TestServer(app) as server:
        with pytest.raises(OutcomeUnknown, match="JSON"):
            await client.call("POST", f"http://127.0.0.1:{server.port}/", payload={})
    assert sent < 16 * JSON_CAP  # the rest lay in the sockets


async def test_a_repeatable_post_is_never_of_unknown_outcome(peer: Peer, client: Web) -> None:
    peer.rules.arm(Fault("reset"))
    with pytest.raises(PlatformUnreachable):
        await client.call("POST", peer.url(), payload={}, is_repeatable=True)


async def test_a_closed_port_is_unreachable_even_for_a_post(client: Web) -> None:
    with pytest.raises(PlatformUnreachable):
        await client.call("POST", f"http://127.0.0.1:{unused_port()}/x?key={CANARY}", payload={})


async def test_an_address_that_is_none_does_not_escape_as_another_error(client: Web) -> None:
    for url in ("", "ht!tp://", "http://[::1", "http://\x00/"):
        with pytest.raises(PlatformUnreachable):
            await client.call("POST", url, payload={})


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("7", 7), ("", 60), ("soon", 60), ("-1", 60), ("999999", 3600), ("٣", 60)],
)
async def test_the_pause_after_a_429(peer: Peer, client: Web, header: str, seconds: int) -> None:
    peer.answer = lambda: web.Response(status=429, headers={"Retry-After": header.encode().decode("latin-1")})
    with pytest.raises(RateLimited) as caught:
        await client.call("POST", peer.url(), payload={})
    assert caught.value.retry_after == timedelta(seconds=seconds)


async def test_a_refusal_in_json_reaches_the_caller(peer: Peer, client: Web) -> None:
    peer.answer = lambda: web.json_response({"code": "Forbidden", "message": "x"}, status=403)
    answer = await client.call("POST", peer.url(), payload={})
    assert (answer.status, answer.text("code")) == (403, "Forbidden")


async def test_deep_nesting_is_an_unreadable_answer(peer: Peer, client: Web) -> None:
    peer.answer = lambda: web.Response(body=b"[" * 200_000, content_type="application/json")
    with pytest.raises(OutcomeUnknown):
        await client.call("POST", peer.url(), payload={})


def test_field_readers_take_no_wrong_types() -> None:
    answer = Answer(200, {"n": "7", "b": True, "t": 5, "joined": "a|b|", "list": ["c", 3]})
    assert (answer.number("n"), answer.number("b"), answer.number("none", -1)) == (0, 0, -1)
    assert (answer.text("t"), answer.names("joined"), answer.names("list"), answer.names("n2")) == (
        "",
        ("a", "b"),
        ("c",),
        (),
    )


# files


async def test_a_file_of_the_rehearsal_is_fetched(peer: Peer, client: Web) -> None:
    peer.answer = lambda: web.Response(body=b"\xff\xd8\xff", content_type="image/jpeg")
    file = await client.fetch_file(peer.url("/media/a"), peer.hosts, cap=10)
    assert (file.body, file.content_type) == (b"\xff\xd8\xff", "image/jpeg")


async def test_a_signed_address_goes_out_byte_for_byte(peer: Peer, client: Web) -> None:
    path = "/media/a%2Fb?sign=q-sign-algorithm%3Dsha1%26q-sign-time%3D1%3B2&x=%2B+%7E~"
    await client.fetch_file(peer.url(path), peer.hosts, cap=100)
    assert peer.raw_paths == [path]


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        pytest.param(web.Response(body=b"x" * 11), Undeliverable, id="over the cap"),
        pytest.param(web.Response(status=403), Undeliverable, id="expired"),
        pytest.param(web.Response(status=404), Undeliverable, id="gone"),
        pytest.param(web.Response(status=500), PlatformUnreachable, id="may heal"),
        pytest.param(
            web.Response(status=302, headers={"Location": "http://169.254.169.254/"}),
            PlatformUnreachable,
            id="redirect",
        ),
    ],
)
async def test_a_file_that_does_not_come(
    peer: Peer, client: Web, answer: web.Response, error: type[PlatformError]
) -> None:
    peer.answer = lambda: answer
    with pytest.raises(PlatformError) as caught:
        await client.fetch_file(peer.url("/media/a"), peer.hosts, cap=10)
    assert type(caught.value) is error
    assert len(peer.rules.asked) == 1


FOREIGN = [
    "http://127.0.0.1/",
    "http://127.0.0.1:8080/healthz",
    "https://127.0.0.1/",
    "https://127.1/",
    "https://2130706433/",
    "https://0x7f000001/",
    "https://0177.0.0.1/",
    "https://0/",
    "https://localhost/",
    "https://localhost.qpic.cn.evil.example/",
    "https://[::1]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[::ffff:7f00:1]/",
    "https://[fe80::1%25eth0]/",
    "https://[fc00::1]/",
    "https://10.0.0.1/",
    "https://172.16.0.1/",
    "https://192.168.1.1/",
    "https://169.254.169.254/latest/meta-data/",
    "https://100.64.0.1/",
    "https://0.0.0.0/",
    "https://255.255.255.255/",
    "https://224.0.0.1/",
    "https://evil.example/",
    "https://qpic.cn/",
    "https://evilqpic.cn/",
    "https://a.qpic.cn.evil.example/",
    "https://a.qpic.cn./",
    "https://evil.example/?x=.qpic.cn",
    "https://evil.example/#.qpic.cn",
    "https://evil.example\\.qpic.cn/",
    "https://a.qpic.cn@evil.example/",
    "https://evil.example@a.qpic.cn/",
    "https://user:word@a.qpic.cn/",
    "https://a.qpic.cn:22/",
    "https://qyapi.weixin.qq.com.evil.example/",
    "https://evil-qyapi.weixin.qq.com/",
    "http://a.qpic.cn/",
    "ftp://a.qpic.cn/",
    "file:///etc/passwd",
    "gopher://a.qpic.cn/",
    "data:image/png;base64,AA",
    "//a.qpic.cn/",
    "a.qpic.cn",
    "https:///a.qpic.cn",
    "https://ａ.qpic。cn。evil.example/",
    "",
]


@pytest.mark.parametrize("url", FOREIGN)
async def test_a_file_elsewhere_is_refused_unasked(url: str) -> None:
    resolver = OneAddress("8.8.8.8")
    async with Web(resolver=resolver) as client:
        with pytest.raises(Undeliverable):
            await client.fetch_file(url, PLATFORM, cap=10)
    assert resolver.asked == []


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.31.0.9",
        "192.168.0.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "::1",
        "fe80::1",
        "fe80::1%eth0",
        "fd00::1",
        "::ffff:10.0.0.1",
        "2002:7f00:1::",
        "64:ff9b::7f00:1",
        "ff02::1",
        "not an address",
    ],
)
async def test_a_platform_name_that_leads_inside_is_refused(address: str) -> None:
    assert not is_public(address)
    async with Web(resolver=OneAddress("8.8.8.8", address)) as client:
        with pytest.raises(Misconfigured, match="DNS"):
            await client.fetch_file("https://a.qpic.cn/x", PLATFORM, cap=10)


def test_public_addresses_are_public() -> None:
    assert is_public("8.8.8.8")
    assert is_public("2400:da00::dbf:0:100")
    assert is_public("::ffff:8.8.8.8")


async def test_the_rehearsal_opens_only_its_own_origin(peer: Peer, client: Web) -> None:
    for url in (f"http://127.0.0.1:{unused_port()}/x", f"https://127.0.0.1:{peer.server.port}/x", "http://localhost/x"):
        with pytest.raises(Undeliverable):
            await client.fetch_file(url, peer.hosts, cap=10)
    assert peer.rules.asked == []


async def test_download_from_the_configured_address(peer: Peer, client: Web) -> None:
    peer.answer = lambda: web.json_response({"errcode": 40007})
    file = await client.download(peer.url("/media/get"), query={"media_id": "M"}, cap=100)
    assert (file.content_type, file.body) == ("application/json", b'{"errcode": 40007}')


@pytest.mark.parametrize(
    ("header", "told"),
    [
        pytest.param("Mon, 01 Jun 2026 01:00:00 GMT", ["2026-06-01T01:00:00+00:00"], id="a time"),
        pytest.param("yesterday", [], id="rubbish"),
        pytest.param("Mon, 01 Jun 2026 01:00:00 -0000", [], id="a time of nowhere"),
    ],
)
async def test_an_answers_time_is_passed_on(peer: Peer, header: str, told: list[str]) -> None:
    peer.answer = lambda: web.json_response({"errcode": 0}, headers={"Date": header})
    heard: list[str] = []
    async with Web(on_date=lambda at: heard.append(at.isoformat())) as client:
        await client.call("GET", peer.url())
    assert heard == told
