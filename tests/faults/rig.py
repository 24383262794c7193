"""The product between the real clients and the loopback platforms, on a clock that the test moves.

What comes in is put into the inbox as the edges do; what goes out goes over HTTP to a fake that keeps the platform's
limits and fails by a script. `killed` leaves everything where it stands, in the middle of a post, and starts anew.
"""

import asyncio
import json
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import aiohttp

from bot.assembly import Machine, bind_rooms, build, open_store, rules_of
from bot.clock import MovedClock
from bot.config import Config, load_config
from bot.connections import Connections, callbacks_of
from bot.fakes.dingtalk import Driver as DingtalkDriver
from bot.fakes.dingtalk import FakeDingtalk
from bot.fakes.dingtalk import Person as Writer
from bot.fakes.rules import Asked, Fault, Rules
from bot.fakes.wecom import FakeWecom
from bot.metrics import Metrics
from bot.operations import Operations
from bot.platforms.http import Web
from media.photos import PhotoStore
from store import Store
from tests.bot.stage import DINGTALK_GROUP, ROBOT, WECOM_GROUP, fakes, settle_roster, write_config
from tests.house import MONDAY_MORNING, lay_tables

PATIENCE = timedelta(seconds=5)  # real time that our client waits for an answer: a busy machine gives a late one
LITTLE_PATIENCE = timedelta(seconds=0.06)  # … while none comes
MINUTE = timedelta(minutes=1)
CHANNELS = {"wecom": "wecom.bot", "dingtalk": "dingtalk.robot"}
GROUPS = {"wecom": WECOM_GROUP, "dingtalk": DINGTALK_GROUP}
# where a platform's own limit counts posts: path → the query that names the robot
LIMITED = {"/cgi-bin/webhook/send": "key", "/robot/send": "access_token", "/robot/sendBySession": "session"}
MOST = 20  # posts of one robot in any minute


@dataclass
class Rig:
    platform: str
    config: Config
    clock: MovedClock
    wecom: FakeWecom
    dingtalk: FakeDingtalk
    urls: Mapping[str, str]
    stack: AsyncExitStack
    machine: Machine = field(init=False)
    store: Store = field(init=False)
    web: Web = field(init=False)
    reported: int = 0
    patience: timedelta = PATIENCE

    @property
    def rules(self) -> Rules:
        return self.wecom.rules if self.platform == "wecom" else self.dingtalk.rules

    @property
    def seen(self) -> Sequence[tuple[datetime, str, str]]:
        """What people see: when, where, which words."""
        posts = self.wecom.deliveries if self.platform == "wecom" else self.dingtalk.deliveries
        return [(post.at, post.chat_id or ",".join(post.userids), post.text) for post in posts]

    @property
    def told(self) -> Sequence[tuple[datetime, str, str]]:
        """What people see on either platform: some have their account on the other one."""
        wecom = [(post.at, post.chat_id or ",".join(post.userids), post.text) for post in self.wecom.deliveries]
        dingtalk = [(post.at, post.chat_id or ",".join(post.userids), post.text) for post in self.dingtalk.deliveries]
        return sorted(wecom + dingtalk, key=lambda post: post[0])  # stable: of one instant in their own order

    async def start(self) -> None:
        self.store = await open_store(self.config, rules_of(self.config))
        await bind_rooms(self.store, self.config, self.clock.now())
        self.web = await self.stack.enter_async_context(Web(total=self.patience, idle=self.patience))
        operations, metrics = Operations(), Metrics()
        connections = Connections(self.config, self.web, self.clock, operations, metrics)
        connections.refresh(await self.store.rosters.rooms())
        self.machine = build(
            self.store,
            rules_of(self.config),
            self.clock,
            parsers={callback.channel: callback for callback in callbacks_of(self.config)},
            clients=connections.clients,
            photos=PhotoStore(self.config.store.media),
            on_trouble=operations.trouble,
        )
        await operations.start(self.machine)
        await self.machine.set_up()
        await self.store.outbox.recover(self.clock.now())

    async def killed(self) -> bool:
        """Die while a post is on its way, when there is one to send, and come back; return whether there was one."""
        asked = len(self.rules.asked)
        cut = Fault("timeout", delay_s=60, is_carried_out=True)  # it arrives, but no answer
        self.rules.arm(cut)
        sending = asyncio.create_task(self.machine.outbox.send_once())
        while len(self.rules.asked) == asked and not sending.done():  # noqa: ASYNC110 - the fake makes it true
            await asyncio.sleep(0.001)
        was_sending = not sending.done()
        self.rules.disarm(cut)
        sending.cancel()
        with suppress(asyncio.CancelledError):
            await sending
        await self.store.close()
        await self.start()
        return was_sending

    def wait_for_answers(self, patience: timedelta) -> None:
        """Let the client give up after so much real time from now on."""
        self.patience, seconds = patience, patience.total_seconds()
        self.web._timeout = aiohttp.ClientTimeout(total=seconds, sock_connect=seconds, sock_read=seconds)

    async def report(self, text: str) -> None:
        """Somebody reports in the work group."""
        self.reported += 1
        name, group, url = f"路人{self.reported}", GROUPS[self.platform], self.urls[self.platform]
        if self.platform == "wecom":
            message = self.wecom.driver(url).message(text, userid=f"guest{self.reported}", chat_id=group)
            message_id = str(message["msgid"])
        else:
            hand = DingtalkDriver(self.dingtalk.state, ROBOT, url, "")
            message = hand.message(text, person=Writer(f"guest{self.reported}", name), chat_id=group)
            message_id = str(message["msgId"])
        payload = json.dumps(message, ensure_ascii=False)
        await self.machine.receive(CHANNELS[self.platform], self.platform, message_id, payload)

    async def until(self, when: datetime) -> None:
        """Move the clock, stopping at everything that is due on the way."""
        await self.machine.settle()
        while (at := await self.machine.next_event()) is not None and at <= when:
            self.clock.set(max(at, self.clock.now() + timedelta(seconds=1)))
            await self.machine.settle()
        self.clock.set(when)
        await self.machine.settle()

    async def advance(self, by: timedelta) -> None:
        await self.until(self.clock.now() + by)

    async def unsent(self) -> list[str]:
        """What waits or was given up."""
        query = "SELECT kind FROM outbox WHERE ended_at IS NULL AND due_at <= ? OR state = 'failed'"
        async with self.store.database.reading() as connection:
            micros = int(self.clock.now().timestamp() * 1_000_000)
            return list((await connection.exec_driver_sql(query, (micros,))).scalars())

    def busiest(self, since: datetime) -> int:
        """Return how many tries the busiest group robot made since then."""
        counts = Counter(_robot(a) for a in self.rules.asked if a.at >= since and a.path in LIMITED)
        return max(counts.values(), default=0)

    def busiest_minutes(self) -> dict[str, int]:
        """Return for each group robot the most tries that it made within any minute."""
        tries: dict[str, list[datetime]] = defaultdict(list)
        for asked in self.rules.asked:
            if asked.path in LIMITED:
                tries[_robot(asked)].append(asked.at)
        return {
            robot: max(sum(first <= at < first + MINUTE for at in instants[n:]) for n, first in enumerate(instants))
            for robot, instants in tries.items()
        }

    def over_limit(self) -> list[str]:
        """Every robot that made more tries in some minute than the platform allows."""
        return [robot for robot, most in self.busiest_minutes().items() if most > MOST]


def _robot(asked: Asked) -> str:
    return f"{asked.path}:{asked.query.get(LIMITED[asked.path], '')}"


@asynccontextmanager
async def rigged(folder: Path, platform: str, dingtalk_settings: str = "") -> AsyncIterator[Rig]:
    clock = MovedClock(MONDAY_MORNING)
    async with AsyncExitStack() as stack:
        wecom, wecom_url, dingtalk, dingtalk_url = await stack.enter_async_context(fakes(clock))
        file = write_config(folder, wecom_url, dingtalk_url)
        text = file.read_text(encoding="utf-8").replace("[dingtalk]", f"[dingtalk]\n{dingtalk_settings}")
        if platform == "dingtalk":  # the only work group, so that people are reached there too
            text = text.replace('name = "东关群"', 'name = "东关群"\npurpose = "office"')
        file.write_text(text, encoding="utf-8")
        config = load_config(file)
        rig = Rig(platform, config, clock, wecom, dingtalk, {"wecom": wecom_url, "dingtalk": dingtalk_url}, stack)
        await lay_tables(config)
        await rig.start()
        await settle_roster(rig.store, clock)
        try:
            yield rig
        finally:
            await rig.store.close()


def window(fault: Fault, from_s: float, until_s: float) -> Fault:
    """Return a fault for that time, over and over."""
    values = {name: getattr(fault, name) for name in Fault.__dataclass_fields__}
    return Fault(**values | {"from_s": from_s, "until_s": until_s, "count": 0})
