"""What the tests of time share: cases at a wished point, restarts and downtime, and posts with their time."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.assembly import build, open_store
from bot.platforms.simulated.platform import CHANNEL, PLATFORM
from domain.case import Case
from domain.messages import Outgoing, PlatformUnreachable, Receipt, Way
from media.photos import PhotoStore
from tests.house import GROUP, PEOPLE, House

STALL = "人民路百货大楼门口占道经营"  # XC001, 赵强 on duty, 王建国 chief; two working hours to take and to settle
LITTER = "人民路人民医院门口垃圾没清"  # XC002, the same people
HOLE = "人民路百货大楼门口井盖缺失，有人差点掉下去"  # a hazard on XC001
ALONE = "河西市场门口占道经营"  # XC005: nobody on duty, 何局 handles himself; 高明 second level


@dataclass(frozen=True, slots=True)
class Line:
    """A post as people see it."""

    at: str  # 06-01 10:06:52
    who: str
    text: str

    @property
    def minute(self) -> int:
        return int(self.at[9:11])


async def report(house: House, text: str = STALL, who: str = "刘芳", group: str = GROUP) -> Case:
    """Report something in the group and return its case."""
    before = len(await house.cases())
    answers = await house.say(who, text, group=group)
    cases = await house.cases()
    assert len(cases) == before + 1, answers
    return cases[-1]


async def down_until(house: House, when: datetime) -> None:
    """Let the machine stand still until `when`, then wake it: everything due meanwhile was missed."""
    house.read = len(house.platform.posted)
    house.clock.set(when)
    await house.machine.settle()


async def restart(house: House, when: datetime | None = None) -> None:
    """Start the program again on the same data, perhaps after a while."""
    await house.machine.stop()
    await house.store.close()
    if when is not None:
        house.clock.set(when)
    house.read = len(house.platform.posted)
    store = await open_store(house.config, house.rules)
    house.machine = build(
        store,
        house.rules,
        house.clock,
        parsers={CHANNEL: house.platform.parser},
        clients={PLATFORM: house.platform},
        photos=PhotoStore(house.config.store.media),
    )
    await house.machine.set_up()
    await house.machine.settle()


def lines(house: House, word: str = "", who: str = "") -> list[Line]:
    """Return all posts ever, or those to somebody with a word in them."""
    found = []
    for post in house.platform.posted:
        target = post.outgoing.target
        name = target.chat_id or PEOPLE.get(target.userid, (target.userid,))[0]
        found.append(Line(f"{house.rules.local(post.at):%m-%d %H:%M:%S}", name, post.outgoing.text))
    return [line for line in found if line.text and word in line.text and who in ("", line.who)]


def times(house: House, word: str, who: str = "") -> list[str]:
    """Return when somebody heard something, to the minute."""
    return [line.at[:11] for line in lines(house, word, who)]


async def entries(house: House, case: Case, kind: str) -> list[dict[str, Any]]:
    """Return the payloads of a case's ledger entries of one kind."""
    events = await house.store.ledger.events(f"case:{case.number}")
    return [dict(one.event.facts) for one in events if one.event.kind == kind]


class Outage:
    """A platform that takes nothing while the outage lasts."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._send = house.platform.send

    def __enter__(self) -> None:
        async def refuse(outgoing: Outgoing, way: Way) -> Receipt:
            raise PlatformUnreachable

        setattr(self._house.platform, "send", refuse)  # noqa: B010

    def __exit__(self, *_: object) -> None:
        setattr(self._house.platform, "send", self._send)  # noqa: B010
