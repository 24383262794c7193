"""Messages come again, late, out of order and twice at once: the end is that of the clean run."""

import asyncio
import random
from pathlib import Path

import pytest

from bot.platforms.simulated.platform import CHANNEL, PLATFORM, Said
from tests.house import GROUP, House, open_house, picture

pytestmark = pytest.mark.faults

STORY = (
    ("刘芳", "人民路12号门口垃圾没人捡", "a", GROUP),
    ("李四", "人民医院门口路灯不亮", "b", GROUP),
    ("王五", "第一小学门口车辆乱停", "c", GROUP),
    ("赵强", "0001 收到", "", ""),
    ("赵强", "0001 已处理", "done1", ""),
    ("钱专干", "0001 通过", "", ""),
    ("孙丽", "0003 非我路段 在对面", "", ""),
    ("钱专干", "改派 0003 周敏", "", ""),
    ("赵强", "延期 0002 配件没到 明天12点", "", ""),
    ("陈涛", "批准延期 0002", "", ""),
)


def payloads(house: House) -> list[Said]:
    found = []
    for number, (who, text, photo, group) in enumerate(STORY):
        sender = house.userid(who)
        photos = (house.platform.upload(photo, picture(photo)),) if photo else ()
        found.append(Said(f"story-{number}", group or sender, bool(group), sender, text, photos))
    return found


async def ended(house: House) -> tuple[object, ...]:
    cases = [(c.number, c.state, c.handler, c.segment, c.category, len(c.photos), c.due) for c in await house.cases()]
    kinds = {
        c.number: [r.event.kind for r in await house.store.ledger.events(f"case:{c.number}")]
        for c in await house.cases()
    }
    texts = sorted(
        (p.outgoing.target.chat_id, p.outgoing.target.userid, p.outgoing.text) for p in house.platform.posted
    )
    assert await house.store.ledger.verify() is None
    return tuple(cases), tuple(sorted((n, tuple(k)) for n, k in kinds.items())), tuple(texts)


async def clean(folder: Path) -> tuple[object, ...]:
    async with open_house(folder) as house:
        for said in payloads(house):
            await house.machine.receive(CHANNEL, PLATFORM, said.message_id, said.payload())
            await house.machine.settle()
        return await ended(house)


@pytest.mark.parametrize("seed", range(6))
async def test_repeats_change_nothing(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    expected = await clean(tmp_path / "clean")
    async with open_house(tmp_path / "noisy") as house:
        heard: list[Said] = []
        for said in payloads(house):
            heard.append(said)
            again = [said] * chance.randint(1, 3) + chance.sample(heard, k=min(len(heard), chance.randint(0, 4)))
            chance.shuffle(again)
            await asyncio.gather(
                *(house.machine.receive(CHANNEL, PLATFORM, one.message_id, one.payload()) for one in again)
            )
            await house.machine.settle()
        assert await ended(house) == expected
