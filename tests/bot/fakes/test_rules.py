from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiohttp import ClientError, web
from aiohttp.test_utils import TestClient, TestServer

from bot.fakes.rules import KINDS, Fault, Limit, Rules, SlidingLimit, load_script
from domain.errors import ConfigError

START = datetime(2026, 10, 5, 1, 0, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


def test_the_window_slides() -> None:
    clock = Clock()
    limit = SlidingLimit(Limit(2, timedelta(seconds=60)), clock)
    taken = []
    for at in (0, 50, 59, 60, 61, 110):  # the places of 0 and 50 come free at 60 and 110
        clock.now = START + timedelta(seconds=at)
        taken.append(limit.take("a"))
    assert taken == [True, True, False, True, False, True]


def test_a_penalty_closes_the_gate_for_its_whole_length() -> None:
    clock = Clock()
    limit = SlidingLimit(Limit(1, timedelta(seconds=60), penalty=timedelta(minutes=10)), clock)
    assert limit.take("a")
    clock.advance(30)
    assert not limit.take("a")
    clock.advance(599)
    assert not limit.take("a")
    clock.advance(1)
    assert limit.take("a")


def test_keys_have_limits_of_their_own() -> None:
    limit = SlidingLimit(Limit(1, timedelta(seconds=60)), Clock())
    assert [limit.take(key) for key in ("a", "b", "a")] == [True, True, False]


async def peer(rules: Rules) -> TestClient[web.Request, web.Application]:
    served: list[str] = []

    async def answer(request: web.Request) -> web.Response:
        served.append(request.path)
        return web.json_response({"errcode": 0, "served": len(served)})

    app = web.Application(middlewares=[rules.middleware])
    app.router.add_route("*", "/{tail:.*}", answer)
    client = TestClient(TestServer(app))
    await client.start_server()
    return client


async def test_a_fault_takes_its_turn_by_endpoint_and_count() -> None:
    rules = Rules(Clock(), (Fault("status", "/send*", after=1, count=2, status=500),))
    client = await peer(rules)
    statuses = [(await client.post(path)).status for path in ("/send", "/token", "/send", "/send", "/send")]
    assert statuses == [200, 200, 500, 500, 200]
    assert (rules.count("/send"), rules.count("/*")) == (4, 5)
    assert [asked.fault for asked in rules.asked] == ["", "", "status", "status", ""]
    await client.close()


async def test_a_fault_has_its_hours() -> None:
    clock = Clock()
    rules = Rules(clock, (Fault("status", count=0, from_s=10, until_s=20, status=502),))
    client = await peer(rules)
    statuses = []
    for _ in range(4):
        statuses.append((await client.get("/x")).status)
        clock.advance(7)
    assert statuses == [200, 200, 502, 200]
    await client.close()


async def test_a_lost_answer_can_hide_a_deed() -> None:
    rules = Rules(Clock(), (Fault("reset", is_carried_out=True), Fault("errcode", errcode=-1)))
    client = await peer(rules)
    with pytest.raises(ClientError):
        await client.post("/x")
    assert (await (await client.post("/x")).json())["errcode"] == -1
    assert (await (await client.post("/x")).json())["served"] == 2
    rules.arm(Fault("errcode", errcode=45009))
    rules.disarm()
    assert (await (await client.post("/x")).json())["errcode"] == 0
    await client.close()


async def test_a_slow_answer_begins_and_never_is_whole() -> None:
    client = await peer(Rules(Clock(), (Fault("slow", delay_s=0.01),)))
    answer = await client.get("/x")
    assert (answer.status, answer.content_length) == (200, 100)
    with pytest.raises(ClientError):
        await answer.read()
    await client.close()


async def test_faults_of_pushed_frames_spoil_no_request() -> None:
    rules = Rules(Clock(), (Fault("disconnect", count=2), Fault("repeat", count=2)))
    client = await peer(rules)
    assert [(await client.get("/x")).status for _ in range(4)] == [200] * 4
    assert rules.take("/frame") is None
    await client.close()


def test_a_script_is_read_in_order(tmp_path: Path) -> None:
    script = tmp_path / "faults.toml"
    script.write_text(
        '[[fault]]\nkind = "errcode"\nendpoint = "/a"\nerrcode = 45009\nuntil_s = 60\n[[fault]]\nkind = "reset"\n',
        encoding="utf-8",
    )
    assert load_script(script) == (Fault("errcode", "/a", errcode=45009, until_s=60), Fault("reset"))


@pytest.mark.parametrize(
    ("text", "named"),
    [
        pytest.param("[[fault]]\nkind='reset'\n[[fault]]\nkind='resett'", "第2个fault：kind", id="unknown kind"),
        pytest.param("[[fault]]\nkind='reset'\nurl='/x'", "url", id="unknown field"),
        pytest.param("[[fault]]\nkind='status'\nstatus='500'", "status", id="text for a number"),
        pytest.param("[[fault]]\nkind='reset'\ncount=true", "count", id="truth for a number"),
        pytest.param("[fault", "无法读取", id="no TOML"),
        pytest.param("[faults]", "[[fault]]", id="another table"),
    ],
)
def test_a_wrong_script_is_named(tmp_path: Path, text: str, named: str) -> None:
    script = tmp_path / "faults.toml"
    script.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=r"faults\.toml") as caught:
        load_script(script)
    assert named in caught.value.text


async def test_a_timeout_never_answers_and_a_dead_token_is_told_by_the_fake_itself() -> None:
    killed: list[str] = []
    faults = (Fault("timeout", "/slow", delay_s=0.01), Fault("expired_token", "/send", count=1))
    rules = Rules(faults=faults)
    rules.kill_token = lambda: killed.append("token")

    async def handle(request: web.Request) -> web.Response:
        return web.Response(text=f"{len(killed)}")

    app = web.Application(middlewares=[rules.middleware])
    app.router.add_get("/{name:.*}", handle)
    async with TestClient(TestServer(app)) as client:
        with pytest.raises(ClientError):
            await client.get("/slow")
        assert [await (await client.get("/send")).text() for _ in range(2)] == ["1", "1"]
        assert killed == ["token"]


async def test_the_rehearsers_own_addresses_are_never_spoilt() -> None:
    rules = Rules(faults=(Fault("status", "*", count=0, status=502),))

    async def handle(request: web.Request) -> web.Response:
        return web.Response()

    app = web.Application(middlewares=[rules.middleware])
    app.router.add_get("/{name:.*}", handle)
    async with TestClient(TestServer(app)) as client:
        assert [(await client.get(path)).status for path in ("/fake/posts", "/other")] == [200, 502]
    assert rules.count("*") == 1


def test_the_handbooks_script_is_a_script(tmp_path: Path) -> None:
    page = (Path(__file__).parents[3] / "docs" / "handbook" / "rehearsal.md").read_text(encoding="utf-8")
    file = tmp_path / "faults.toml"
    file.write_text(page.partition("```toml\n")[2].partition("```")[0], encoding="utf-8")
    assert [fault.kind for fault in load_script(file)] == ["errcode", "status", "timeout", "expired_token"]
    assert [kind for kind in KINDS if f"`{kind}`" not in page] == []
