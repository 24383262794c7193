"""kill -9 at random statements, commits, sends and answers: nothing answered is lost, nothing happens twice.

Each chain serves on one database, dies at a random point of its work, comes up again armed with another point, and
so on; between the deaths signed WeCom and DingTalk reports with real pictures keep coming, and what was not answered
is sent again under its id. At the end the books are checked against what was answered and what the platforms saw.
"""

import asyncio
import json
import os
import random
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
from aiohttp.test_utils import TestServer

from bot.assembly import open_store, rules_of
from bot.clock import MovedClock
from bot.config import load_config
from bot.fakes.dingtalk import Driver as DingtalkDriver
from bot.fakes.dingtalk import FakeDingtalk
from bot.fakes.dingtalk import Person as DingtalkPerson
from bot.fakes.wecom import FakeWecom
from domain.case import Case, State
from domain.ports import CaseQuery
from store import Store
from tests.bot.stage import DINGTALK_GROUP, ROBOT, WEBHOOK_KEYS, WECOM_GROUP, settle_roster, write_config
from tests.house import picture

pytestmark = pytest.mark.crash

SEED = int(os.environ.get("LUZHANG_CRASH_SEED", "20261124"))
CHAINS, DEATHS = 4 if os.environ.get("CRASH_LONG") else 2, 15  # 30 points, 60 on request
POINTS = (5, 420)
PLACES = ("百货大楼门口", "人民医院门口", "第一小学门口", "滨河公园门口", "河西市场门口")
PROBLEMS = (
    "垃圾成堆没人收",
    "路灯不亮",
    "小广告贴满了",
    "井盖翘起来了",
    "车辆乱停",
    "绿化带里全是垃圾",
    "污水冒出来了",
)
RESEND = "（补发）"

Births = Callable[[int], Awaitable["Life"]]


@dataclass
class World:
    """What the chain sent, what was answered, and the fakes that watched."""

    folder: Path
    wecom: FakeWecom
    dingtalk: FakeDingtalk
    wecom_url: str
    dingtalk_url: str
    chance: random.Random
    answered: set[str] = field(default_factory=set)
    unanswered: dict[str, tuple[str, dict[str, object]]] = field(default_factory=dict)
    sent: int = 0
    deaths: int = 0

    @property
    def config(self) -> Path:
        return self.folder / "config.toml"


@asynccontextmanager
async def world(folder: Path, seed: int) -> AsyncIterator[World]:
    wecom = FakeWecom(webhooks=WEBHOOK_KEYS)
    dingtalk = FakeDingtalk(ROBOT)
    servers = [TestServer(wecom.app()), TestServer(dingtalk.app())]
    for server in servers:
        await server.start_server()
    urls = [f"http://127.0.0.1:{server.port}" for server in servers]
    write_config(folder, *urls)
    try:
        yield World(folder, wecom, dingtalk, urls[0], urls[1], random.Random(seed))
    finally:
        for server in servers:
            await server.close()


@asynccontextmanager
async def books(made: World) -> AsyncIterator[Store]:
    config = load_config(made.config)
    store = await open_store(config, rules_of(config))
    try:
        yield store
    finally:
        await store.close()


@dataclass
class Life:
    """One run of the service: its address, "" when it died before it could say it, and its return code to come."""

    pid: int
    url: str
    gone: asyncio.Task[int]

    @property
    def is_over(self) -> bool:
        return self.gone.done()

    def send(self, number: signal.Signals) -> None:
        if not self.is_over:
            with suppress(ProcessLookupError):  # gone, and nobody has said so yet
                os.kill(self.pid, number)

    async def end(self) -> int:
        return await asyncio.wait_for(asyncio.shield(self.gone), 30)


@asynccontextmanager
async def nursery(made: World) -> AsyncIterator[Births]:
    """Yield what starts the service armed with a point; each life must have ended before the next one begins."""
    pipe = asyncio.subprocess.PIPE
    command = (sys.executable, "-m", "tests.crash.victim")
    process = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe, cwd=Path(__file__).parents[2])
    lives: list[Life] = []

    async def line() -> tuple[str, str]:
        """Return the first and the last word of the next line."""
        assert process.stdout is not None
        first, *_, last = (await process.stdout.readline()).decode().split()
        return first, last

    async def returncode() -> int:
        return int((await line())[1])

    async def come_up() -> tuple[str, str]:
        return await asyncio.wait_for(line(), 30)

    async def start(kill_at: int) -> Life:
        assert process.stdin is not None
        order = {"config": str(made.config), "log": str(made.folder / "serve.log"), "kill_at": kill_at}
        process.stdin.write(f"{json.dumps(order)}\n".encode())
        _, pid = await come_up()
        first, last = await come_up()
        url = "" if first == "gone" else last
        gone = asyncio.create_task(returncode() if url else asyncio.sleep(0, int(last)))
        lives.append(Life(int(pid), url, gone))
        return lives[-1]

    try:
        yield start
    finally:
        for life in lives[-1:]:
            life.send(signal.SIGKILL)
            await life.end()
        assert process.stdin is not None
        process.stdin.close()
        await process.wait()


def new_messages(made: World, url: str) -> None:
    """Compose a handful of reports with pictures on both platforms and a word of a handler."""
    to_wecom = made.wecom.driver(made.wecom_url, bot_url=f"{url}/callback/wecom/bot")
    to_dingtalk = DingtalkDriver(made.dingtalk.state, ROBOT, made.dingtalk_url, f"{url}/callback/dingtalk/robot")
    for _ in range(3):
        made.sent += 1
        text = f"{made.chance.choice(PLACES)}{made.chance.choice(PROBLEMS)}"
        photo = picture(f"photo {made.folder} {made.sent}")
        reporter = f"reporter{made.sent}"
        if made.sent % 2:
            message = to_wecom.message(f"@路长助手 {text}", userid=reporter, chat_id=WECOM_GROUP, photos=[photo])
            made.unanswered[str(message["msgid"])] = ("wecom", dict(message))
        else:
            person = DingtalkPerson(reporter, reporter)
            message = to_dingtalk.message(text, person=person, chat_id=DINGTALK_GROUP, photos=[photo])
            made.unanswered[str(message["msgId"])] = ("dingtalk", dict(message))
    number = made.chance.randint(1, max(1, made.sent - 3))
    message = to_wecom.message(f"收到 {number:04d}", userid=made.chance.choice(["zhao", "sun_li", "chen", "he"]))
    made.unanswered[str(message["msgid"])] = ("wecom", dict(message))


async def deliver(made: World, url: str) -> None:
    """Post everything that was not answered yet, side by side, and keep what is still not answered."""
    to_wecom = made.wecom.driver(made.wecom_url, bot_url=f"{url}/callback/wecom/bot")
    to_dingtalk = DingtalkDriver(made.dingtalk.state, ROBOT, made.dingtalk_url, f"{url}/callback/dingtalk/robot")

    async def one(message_id: str, platform: str, message: dict[str, object]) -> None:
        pushed = await (to_wecom if platform == "wecom" else to_dingtalk).push(message)
        if pushed.status == 200:
            made.answered.add(message_id)

    await asyncio.gather(*(one(i, platform, message) for i, (platform, message) in made.unanswered.items()))
    made.unanswered = {i: rest for i, rest in made.unanswered.items() if i not in made.answered}


async def live_and_die(made: World, start: Births) -> None:
    life = await start(made.chance.randint(*POINTS))
    rounds = 0
    while life.url and not life.is_over and rounds < 4:
        rounds += 1
        new_messages(made, life.url)
        await deliver(made, life.url)
        await asyncio.sleep(0.05)
    if not life.is_over and life.url:
        await asyncio.sleep(made.chance.random() / 2)  # it outlived its point: it dies somewhere all the same
        life.send(signal.SIGKILL)
    assert await life.end() == -signal.SIGKILL, (made.folder / "serve.log").read_text()[-2000:]
    made.deaths += 1


async def settle(made: World, start: Births) -> None:
    """Come up once more, unarmed, take what was not answered, work everything off, and stop."""
    life = await start(0)
    await deliver(made, life.url)
    assert not made.unanswered
    async with books(made) as store, asyncio.timeout(40):
        while await store.inbox.depth():  # noqa: ASYNC110 - another process works it off
            await asyncio.sleep(0.2)
    life.send(signal.SIGTERM)
    assert await life.end() == 0


async def cases_of(store: Store) -> list[Case]:
    async with store.reading(datetime.now(UTC)) as view:
        return await view.cases(CaseQuery(limit=10_000))


async def check_books(made: World) -> None:
    async with books(made) as store:
        cases = await cases_of(store)
        by_message = Counter(case.message_id for case in cases)
        reports = {i for i in made.answered if i in by_message}
        assert len(cases) == made.sent, f"{made.sent} reports, {len(cases)} cases"
        assert max(by_message.values()) == 1
        assert len(reports) == made.sent
        for case in cases:
            events = await store.ledger.events(f"case:{case.number}")
            kinds = Counter(recorded.event.kind for recorded in events)
            assert kinds["report"] == 1
            assert kinds["acknowledge"] <= 1
            assert (case.state is State.ACKNOWLEDGED) == (kinds["acknowledge"] == 1)
            for photo in case.photos:
                assert (made.folder / "media" / photo.name).is_file()
            assert case.photos, f"{case.number} lost its picture"
        assert await store.ledger.verify() is None


def check_sends(made: World) -> None:
    """At most one post more than once for each death, and every repeat marked where the channel can't tell.

    Only texts that belong to one case and one place are counted; a refusal may rightly be said twice.
    """
    seen: Counter[tuple[str, tuple[str, ...], str]] = Counter()
    unmarked: list[str] = []
    posts = [(p.chat_id, p.userids, p.text) for p in made.wecom.deliveries]
    posts += [(p.chat_id, p.userids, p.text) for p in made.dingtalk.deliveries]
    for chat_id, userids, text in posts:
        said = text.removeprefix(RESEND)
        if not said.startswith("【20"):
            continue
        seen[chat_id, userids, said] += 1
        if seen[chat_id, userids, said] > 1 and not text.startswith(RESEND):
            unmarked.append(text)
    repeats = {key: count - 1 for key, count in seen.items() if count > 1}
    assert sum(repeats.values()) <= made.deaths, f"{repeats} in {made.deaths} deaths"
    assert unmarked == []


@pytest.mark.timeout(280)
@pytest.mark.parametrize("chain", range(CHAINS))
async def test_nothing_is_lost_or_doubled(tmp_path: Path, chain: int) -> None:
    seed = SEED + chain
    print(f"LUZHANG_CRASH_SEED={SEED}, chain {chain}")  # noqa: T201 - to repeat a failure
    async with world(tmp_path, seed) as made:
        async with books(made) as store:
            await settle_roster(store, MovedClock(datetime.now(UTC)))
        async with nursery(made) as start:
            for _ in range(DEATHS):
                await live_and_die(made, start)
            await settle(made, start)
        await check_books(made)
        check_sends(made)
        assert made.deaths == DEATHS
