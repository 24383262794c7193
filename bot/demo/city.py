"""The sample city (示例城市): its lists, its groups, and the day on which the demo begins.

The lists lie beside this module as the files an operator would import, and go in by the same readers and stores as
`luzhang import`. Everybody is known on the simulated platform by their person id.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bot.config import Config
from bot.platforms.simulated.platform import PLATFORM
from bot.tables_in import read_rows
from domain.imports.duty import parse_duty
from domain.imports.findings import parse_findings
from domain.imports.people import parse_people
from domain.imports.roster import parse_roster
from domain.imports.rows import Columns, open_rows, refuse_if_any
from domain.messages import ChatRoom
from domain.roster import Person, Segment
from domain.rules import Rules
from store import Store

NAME = "溪城市"
ZONE = ZoneInfo("Asia/Shanghai")
START = datetime(2026, 6, 29, 8, 40, tzinfo=ZONE)  # a Monday, two days before the month's end
SINCE = date(2026, 1, 1)
FILES = Path(__file__).parent / "city"
APPROVERS = ("wujing", "fengtao")  # the office persons who give the standing approval (授权自动通报)
LEADING = ("lianghe", "zhangliqun")  # head and deputy of the leading group, who approve measures and money

NORTH, SOUTH = "新建路街道办事处", "新华路街道办事处"
STREETS = (SOUTH, NORTH, "新烟街道办事处", "新区管委会")
TOWNS = ("城关乡", "薛店镇", "龙湖镇", "孟庄镇", "和庄镇", "新村镇", "辛店镇", "梨河镇", "郭店镇", "具茨山管委会")
UNITS = ("市水利局", "市烟草专卖局", "市粮食和储备局", "市教体局", "市卫健委", "市交通运输局", "市住建局", "市审计局")
ROOMS: tuple[ChatRoom, ...] = (
    ChatRoom("新华路街道路长群", PLATFORM, "group-xinhualu", "work", SOUTH),
    ChatRoom("新建路街道路长群", PLATFORM, "group-xinjianlu", "work", NORTH),
    ChatRoom("新华路街道指挥席", PLATFORM, "group-seat", "seat", SOUTH),
    ChatRoom("市路长办工作群", PLATFORM, "group-office", "office"),
    ChatRoom("城市管理领导群", PLATFORM, "group-leaders", "leadership"),
    ChatRoom("系统运维群", PLATFORM, "group-ops", "ops"),
)

# assessment groups (考评组) with their fund groups, S88, S93
GROUPS: tuple[Mapping[str, object], ...] = (
    {"name": "街道组", "sequence": "township", "subjects": STREETS, "fund": "A"},
    {"name": "乡镇组", "sequence": "township", "subjects": TOWNS, "fund": "B"},
    {"name": "市直一组", "sequence": "unit", "subjects": UNITS, "fund": "B"},
)

_RESIDENTS = Columns(("person", "name", "about", "township"))


@dataclass(frozen=True, slots=True)
class Resident:
    """Somebody who reports and holds no post: a shopkeeper, a grid worker (网格员), a street cleaner."""

    person: str
    name: str
    about: str
    township: str


def config_in(folder: Path) -> Config:
    """Return the sample city's configuration with all its data in `folder`."""
    store: dict[str, Any] = {
        "url": f"sqlite+aiosqlite:///{folder / 'luzhang.db'}",
        "media": folder / "media",
        "heads": folder / "heads" / "ledger-heads.txt",
    }
    city = {"name": NAME, "timezone": ZONE.key}
    return Config.model_validate({"city": city, "store": store, "group": list(GROUPS)})


def residents() -> list[Resident]:
    """Return those who report without a post. Raises ImportRefused when their list is wrong."""
    file = FILES / "residents.csv"
    read, problems = open_rows(file.name, read_rows(file), _RESIDENTS)
    found = [Resident(*(row.needed(column) for column in _RESIDENTS.required)) for row in read]
    refuse_if_any(file.name, problems)
    return found


async def settle(store: Store, rules: Rules, now: datetime, findings: Sequence[str] = ("findings.csv",)) -> None:
    """Import the city, with these files of findings, into an empty store. Raises ImportRefused when a list is wrong."""
    segments = parse_roster("roster.csv", read_rows(FILES / "roster.csv"))
    listed = parse_people("people.csv", read_rows(FILES / "people.csv"))
    persons = _everybody(segments, listed.persons)
    await store.rosters.import_roster(segments, SINCE, now)
    await store.rosters.import_people(persons, listed.posts, SINCE, now)
    duties = parse_duty(
        "duty.csv",
        read_rows(FILES / "duty.csv"),
        segments={segment.id for segment in segments},
        people={person.id for person in persons},
    )
    await store.rosters.import_duty(duties, SINCE, now)
    for room in ROOMS:
        await store.rosters.bind_room(room, now)
    for name in findings:
        await _import_findings(store, rules, name, now)


async def _import_findings(store: Store, rules: Rules, name: str, now: datetime) -> None:
    findings = parse_findings(
        name,
        read_rows(FILES / name),
        roster=await store.rosters.load(),
        categories={row.code: row.name for row in rules.categories.rows},
        rules=rules.scoring.rules,
        zone=rules.zone,
    )
    await store.findings.add(findings, now)


def _everybody(segments: Iterable[Segment], listed: Sequence[Person]) -> list[Person]:
    """Return all people of the city, each reachable on the simulated platform under their own id."""
    named = {person: name for segment in segments for person, name in _holders(segment) if person}
    people = [Person(person, name) for person, name in named.items()]
    people += listed
    people += [Person(resident.person, resident.name) for resident in residents()]
    return [replace(person, accounts=((PLATFORM, person.id),)) for person in people]


def _holders(segment: Segment) -> tuple[tuple[str, str], ...]:
    return (
        (segment.chief, segment.chief_name),
        (segment.second_level, segment.second_level_name),
        (segment.township_head, segment.township_head_name),
        (segment.first_level, segment.first_level_name),
    )
