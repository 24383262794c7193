"""The house under test: the real store, workers, rules and roster over the simulated platform and a moved clock.

Tests are dialogues: `await house.say("刘芳", "…", photo="a")`, `house.heard("赵强")`, `await house.advance(minutes=20)`.
"""

import hashlib
import io
import itertools
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import MappingProxyType

from PIL import Image

from bot.assembly import Machine, build, open_store, rules_of
from bot.clock import MovedClock
from bot.config import Config
from bot.platforms.simulated.platform import CHANNEL, PLATFORM, Posted, Said, Simulated
from bot.platforms.wecom.capabilities import CAPABILITIES as WECOM
from bot.studying import Studying
from domain.case import Case
from domain.messages import ChatRoom, Photo
from domain.photo_facts import PhotoFacts
from domain.ports import CaseQuery
from domain.roster import Dated, Duty, Person, Post, Role, Segment
from domain.rules import Rules
from domain.understand.watermark import Line
from media.photos import PhotoStore
from media.reading import PhotoReader
from media.reading_worker import answer
from store import Store

MONDAY_MORNING = datetime(2026, 6, 1, 1, 0, tzinfo=UTC)  # Monday 2026-06-01 09:00 in Shanghai
GROUP, SEAT_GROUP, OFFICE_GROUP, LEADERS, OPS = "东关群", "东关指挥席", "市路长办群", "领导群", "运维群"


def segment(number: int, road: str, start: str, end: str, **other: object) -> Segment:
    values: dict[str, object] = {
        "id": f"XC{number:03d}",
        "road": road,
        "road_aliases": (),
        "from_cross": start,
        "to_cross": end,
        "side": "双侧",
        "township": "东关街道",
        "grade": "A",
        "unit": "市农业局",
        "chief": "wang",
        "chief_name": "王建国",
        "second_level": "chen",
        "second_level_name": "陈涛",
        "township_head": "li",
        "township_head_name": "李卫东",
        "first_level": "zhang",
        "first_level_name": "张市长",
        "landmarks": (),
    }
    return Segment(**{**values, **other})  # type: ignore[arg-type]


SEGMENTS = (
    segment(
        1,
        "人民路",
        "建设街",
        "文化街",
        landmarks=("百货大楼",),
        house_no="1-99",
        polyline=((113.700, 34.400), (113.710, 34.400)),
    ),
    segment(
        2,
        "人民路",
        "文化街",
        "新华路",
        landmarks=("人民医院",),
        house_no="101-199",
        polyline=((113.710, 34.400), (113.720, 34.400)),
    ),
    segment(
        3,
        "建设街",
        "人民路",
        "中山路",
        unit="市水利局",
        chief="liu",
        chief_name="刘局",
        landmarks=("第一小学", "工商银行"),
        polyline=((113.700, 34.400), (113.700, 34.390)),
    ),
    segment(4, "滨河路", "桥头", "码头", unit="东关街道", chief="chen", chief_name="陈涛", landmarks=("滨河公园",)),
    segment(
        5,
        "工业路",
        "一号路",
        "二号路",
        township="河西镇",
        unit="市科技局",
        grade="B",
        chief="he",
        chief_name="何局",
        second_level="gao",
        second_level_name="高明",
        township_head="ma",
        township_head_name="马镇长",
        landmarks=("河西市场",),
    ),
)

PEOPLE = {
    "wang": ("王建国", "市农业局"),
    "zhao": ("赵强", "市农业局"),
    "zhou": ("周敏", "市农业局"),
    "liu": ("刘局", "市水利局"),
    "sun_li": ("孙丽", "市水利局"),
    "chen": ("陈涛", "东关街道"),
    "li": ("李卫东", "东关街道"),
    "zhang": ("张市长", "市政府"),
    "qian": ("钱专干", "指挥中心"),
    "sun": ("孙督查", "督查组"),
    "wu": ("吴主任", "市路长办"),
    "feng": ("冯副主任", "市路长办"),
    "he": ("何局", "市科技局"),
    "gao": ("高明", "河西镇"),
    "ma": ("马镇长", "河西镇"),
    "zheng": ("郑副市长", "市政府"),
    "admin": ("管理员", "信息中心"),
}

POSTS = (
    Post("qian", Role.SEAT, "东关街道", "指挥中心"),
    Post("sun", Role.INSPECTOR, "", "督查组"),
    Post("wu", Role.OFFICE, "", "市路长办"),
    Post("feng", Role.OFFICE, "", "市路长办"),
    Post("zheng", Role.LEADER, "", "市政府"),
    Post("admin", Role.ADMIN, "", "信息中心"),
)

DUTIES = (
    Duty("XC001", "zhao"),
    Duty("XC002", "zhao"),
    Duty("XC003", "sun_li"),
)

ROOMS = (
    ChatRoom("work", PLATFORM, GROUP, "work", "东关街道"),
    ChatRoom("seat", PLATFORM, SEAT_GROUP, "seat", "东关街道"),
    ChatRoom("office", PLATFORM, OFFICE_GROUP, "office"),
    ChatRoom("leaders", PLATFORM, LEADERS, "leadership"),
    ChatRoom("ops", PLATFORM, OPS, "ops"),
)


def picture(seed: str) -> bytes:
    """A small JPEG, different for each seed."""
    number = sum(ord(c) * (i + 1) for i, c in enumerate(seed))
    image = Image.new("RGB", (24, 16), (number % 256, number // 3 % 256, number // 7 % 256))
    buffer = io.BytesIO()
    image.save(buffer, "JPEG")
    return buffer.getvalue() + seed.encode()


def config_in(folder: Path, sections: Mapping[str, object] = MappingProxyType({})) -> Config:
    return Config.model_validate(
        {
            "city": {"name": "溪城市", "timezone": "Asia/Shanghai"},
            "store": {
                "url": f"sqlite+aiosqlite:///{folder / 'luzhang.db'}",
                "media": folder / "media",
                "heads": folder / "heads" / "heads.txt",
            },
            **sections,
        }
    )


_blank: list[bytes] = []  # what an empty SQLite database holds
_read: dict[str, Rules] = {}


async def lay_tables(config: Config) -> None:
    """Put an empty database where the configuration wants one: making its tables anew takes longer than most tests."""
    file = config.store.sqlite_file
    if file is None or file.exists():
        return
    if not _blank:
        await (await open_store(config, rules_of(config))).close()
        _blank.append(file.read_bytes())
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(_blank[0])


def read_rules(config: Config, sections: Mapping[str, object]) -> Rules:
    """Return the rules of a configuration; the product's own tables are parsed once for each that is set alike."""
    if "tables" in sections:
        return rules_of(config)
    key = repr(sections)
    if key not in _read:
        _read[key] = rules_of(config)
    return replace(_read[key], earlier={})


class InProcess(PhotoReader):
    """Reads the harmless pictures of the tests without a child process."""

    async def facts(self, photo: Photo, path: Path) -> PhotoFacts:
        told, grey = answer({"path": str(path), "max_pixels": 10**7})
        return self.facts_of(photo, told, grey)


class Prints:
    """Stands in for the recogniser: reads from a picture what a test says is printed in it."""

    def __init__(self) -> None:
        self.said: dict[str, list[str]] = {}
        self.asked: list[str] = []

    def print(self, data: bytes, *lines: str) -> None:
        self.said[hashlib.sha256(data).hexdigest()] = list(lines)

    async def lines(self, photo: Photo) -> list[Line]:
        self.asked.append(photo.sha256)
        return [Line(text, 30, 700 + 50 * n, 300, 40) for n, text in enumerate(self.said.get(photo.sha256, ()))]


@dataclass
class House:
    """One running house. People are called by their Chinese names; who has none in PEOPLE is a stranger."""

    machine: Machine
    platform: Simulated
    clock: MovedClock
    folder: Path
    config: Config
    prints: "Prints"
    ids: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))
    read: int = 0
    shown: dict[str, bytes] = field(default_factory=dict)

    @property
    def store(self) -> Store:
        return self.machine.store

    @property
    def rules(self) -> Rules:
        return self.machine.rules

    @staticmethod
    def userid(name: str) -> str:
        return next((person for person, (shown, _) in PEOPLE.items() if shown == name), name)

    def show(self, name: str, data: bytes) -> str:
        """Let `photo=name` be this very picture instead of one drawn from its name."""
        self.shown[name] = data
        return name

    async def say(
        self,
        who: str,
        text: str = "",
        *,
        photo: str | Sequence[str] = (),
        group: str = "",
        quote: str = "",
        quote_photo: str = "",
        choice: str = "",
        card: str = "",
        message_id: str = "",
        recalls: str = "",
        at: str = "",
    ) -> list[str]:
        """Say something (in `group`, else in private) and return the texts that the bot posted because of it."""
        self.read = len(self.platform.posted)
        names = [photo] if isinstance(photo, str) else list(photo)
        for name in [*names, *([quote_photo] if quote_photo else [])]:
            self.platform.upload(name, self.shown.get(name) or picture(name))
        sender = self.userid(who)
        said = Said(
            message_id or f"m{next(self.ids)}",
            group or sender,
            bool(group),
            sender,
            text,
            tuple(names),
            quote,
            (quote_photo,) if quote_photo else (),
            choice,
            card,
            recalls=recalls,
            coordinates=(float(at.split(",")[0]), float(at.split(",")[1])) if at else None,
        )
        await self.machine.receive(CHANNEL, PLATFORM, said.message_id, said.payload())
        await self.machine.settle()
        return [post.outgoing.text for post in self.new() if post.outgoing.text]

    def new(self) -> list[Posted]:
        """The posts since the last thing said or the last move of the clock."""
        return self.platform.posted[self.read :]

    def heard(self, who: str) -> list[str]:
        """What a person or a group heard since then."""
        wanted = self.userid(who)
        return [
            p.outgoing.text
            for p in self.new()
            if p.outgoing.text and wanted in (p.outgoing.target.userid, p.outgoing.target.chat_id)
        ]

    def all_heard(self, who: str) -> list[str]:
        """Everything a person or a group ever heard."""
        wanted = self.userid(who)
        return [
            p.outgoing.text
            for p in self.platform.posted
            if p.outgoing.text and wanted in (p.outgoing.target.userid, p.outgoing.target.chat_id)
        ]

    async def until(self, when: datetime) -> None:
        """Move the clock, stopping at everything that is due on the way, in order."""
        self.read = len(self.platform.posted)
        await self.machine.settle()
        while (at := await self.machine.next_event()) is not None and at <= when:
            before = self.clock.now()
            self.clock.set(at)
            await self.machine.settle()
            if self.clock.now() == before:
                self.clock.advance(timedelta(seconds=1))  # a robot's limit: try again a second later
        self.clock.set(when)
        await self.machine.settle()

    async def advance(self, **span: float) -> None:
        await self.until(self.clock.now() + timedelta(**span))

    def local(self, day: int, hour: int, minute: int = 0, month: int = 6) -> datetime:
        """An instant of the test month on the city's clocks."""
        return datetime(2026, month, day, hour, minute, tzinfo=self.rules.zone)

    async def case(self, sequence: int, year: int = 2026) -> Case:
        async with self.store.reading(self.clock.now()) as view:
            found = await view.case(year * 10**8 + sequence)
        assert found is not None, f"no case {year}-{sequence:04d}"
        return found

    async def cases(self) -> list[Case]:
        async with self.store.reading(self.clock.now()) as view:
            return (await view.cases(CaseQuery(limit=10_000)))[::-1]


async def settle_roster(store: Store, clock: MovedClock, without_account: str = "") -> None:
    """Import the small test city; one person of it may have no account."""
    now = clock.now()
    accounts = {i: ((PLATFORM, i),) for i in PEOPLE if i != without_account}
    people = [Person(i, name, unit, accounts.get(i, ())) for i, (name, unit) in PEOPLE.items()]
    await store.rosters.import_roster(SEGMENTS, date(2026, 1, 1), now)
    await store.rosters.import_people(people, [Dated(post) for post in POSTS], date(2026, 1, 1), now)
    await store.rosters.import_duty([Dated(duty) for duty in DUTIES], date(2026, 1, 1), now)
    for room in ROOMS:
        await store.rosters.bind_room(room, now)


@asynccontextmanager
async def open_house(
    folder: Path, start: datetime = MONDAY_MORNING, *, roster: bool = True, **sections: object
) -> AsyncIterator[House]:
    clock = MovedClock(start)
    config = config_in(folder, sections)
    rules = read_rules(config, sections)
    await lay_tables(config)
    store = await open_store(config, rules)
    platform = Simulated(WECOM, clock.now)
    photos = PhotoStore(config.store.media)
    reading, prints = InProcess(rules.zone), Prints()
    machine = build(
        store,
        rules,
        clock,
        parsers={CHANNEL: platform.parser},
        clients={PLATFORM: platform},
        photos=photos,
        studying=Studying(store, photos, reading, clock, reads_watermarks=True),
        lines=prints,
    )
    house = House(machine, platform, clock, folder, config, prints)
    try:
        await machine.set_up()
        if roster:
            await settle_roster(store, clock)
        yield house
    finally:
        await house.machine.stop()  # a test may have started another on the same data
        await house.store.close()
