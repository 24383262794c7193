"""A card through the life of its case: changed where the platform can, never posted twice."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.platforms.dingtalk.capabilities import CAPABILITIES as DINGTALK
from bot.platforms.simulated.platform import Simulated
from domain.case import State
from domain.effects import Effects
from domain.messages import Card, Misconfigured, Outgoing, PlatformError, PlatformUnreachable, Receipt, Way
from tests.house import GROUP, House, open_house

LITTER = "人民路12号门口垃圾没人捡"


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """A house whose platform can change cards."""
    async with open_house(tmp_path) as house:
        house.platform.worn = DINGTALK
        await house.say("刘芳", LITTER, photo="before", group=GROUP)
        yield house


def titles(house: House) -> list[str]:
    """What the cards of the working message and of the verifier show now."""
    return [p.outgoing.card.title.partition("｜")[0] for p in house.platform.posted if p.outgoing.card]


def card(house: House) -> Card:
    (found,) = [
        p.outgoing.card for p in house.platform.posted if p.outgoing.card and "_work-" in p.outgoing.card.thread
    ]
    return found


async def test_one_card_shows_the_whole_life(house: House) -> None:
    at = f"{house.rules.local(house.clock.now()):%H:%M}"
    assert titles(house) == ["待认领【0001】路面遗漏垃圾"]
    await house.say("赵强", "收到")
    assert titles(house) == [f"处置中·赵强{at}【0001】路面遗漏垃圾"]
    assert [c.key for c in card(house).choices] == ["resolve", "return", "extend"]
    await house.say("赵强", photo="after")
    assert titles(house)[0] == "待复核【0001】路面遗漏垃圾"
    assert ("照片", "前1 后1") in card(house).rows
    await house.say("钱专干", "0001 通过")
    assert titles(house) == [f"✔已办结 {at}【0001】路面遗漏垃圾"] * 2
    assert [c.key for c in card(house).choices] == ["status"]


async def test_an_edit_posts_nothing(house: House) -> None:
    before = len(house.platform.posted)
    await house.say("赵强", "收到")
    assert [p.outgoing.text for p in house.platform.posted[before:]] == [
        f"2026-0001已认领，{house.rules.local(house.clock.now()):%H:%M}。"
    ]


async def test_who_the_case_went_away_from_sees_it(house: House) -> None:
    await house.say("钱专干", "改派 0001 周敏")
    old, new = [p.outgoing.card for p in house.platform.posted if p.outgoing.card]
    assert old is not None
    assert new is not None
    assert old.title.startswith("已改派周敏【0001】")
    assert [c.key for c in old.choices] == ["status"]
    assert new.title.startswith("待认领【0001】")


class Stubborn(Simulated):
    """Refuses to change cards."""

    error: PlatformError = Misconfigured("应用缺少权限 Card.Instance.Write")
    asked = 0

    async def send(self, outgoing: Outgoing, way: Way) -> Receipt:
        if outgoing.edits:
            self.asked += 1
            raise self.error
        return await super().send(outgoing, way)


def stubborn(house: House) -> Stubborn:
    old = house.platform
    platform = Stubborn(DINGTALK, house.clock.now, old.posted, old.uploads)
    house.platform = platform
    house.machine.outbox._clients = {"simulated": platform}
    return platform


async def test_a_card_that_cannot_be_changed_is_not_posted_anew(house: House) -> None:
    platform = stubborn(house)
    before = len(platform.posted)
    await house.say("赵强", "收到")
    assert platform.asked == 1
    assert len(platform.posted) == before + 1  # the answer
    assert titles(house) == ["待认领【0001】路面遗漏垃圾"]
    assert await house.store.outbox.depth() == 0


async def test_an_edit_that_had_to_wait_shows_the_latest_state(house: House) -> None:
    platform = stubborn(house)
    platform.error = PlatformUnreachable()
    await house.say("赵强", "收到")
    await house.say("赵强", photo="after")
    house.machine.outbox._clients = {
        "simulated": Simulated(DINGTALK, house.clock.now, platform.posted, platform.uploads)
    }
    await house.advance(minutes=5)
    assert titles(house)[0] == "待复核【0001】路面遗漏垃圾"
    assert await house.store.outbox.depth() == 0


async def test_a_platform_that_changes_nothing_is_asked_for_nothing(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:  # wears WeCom, where only a tap changes a card
        await house.say("刘芳", LITTER, photo="before", group=GROUP)
        await house.say("赵强", "收到")
        assert titles(house) == ["待认领【0001】路面遗漏垃圾"]
        async with house.store.database.reading() as connection:
            edits = (await connection.exec_driver_sql("SELECT count(*) FROM outbox WHERE kind = 'edit'")).scalar_one()
        assert edits == 0


async def test_whoever_tapped_gets_the_cards_new_face(house: House) -> None:
    thread = card(house).thread
    house.machine.taps.expect("tap-1")
    await house.say("赵强", choice="ack", card=thread, message_id="tap-1")
    face = await house.machine.taps.face("tap-1", 1)
    assert face is not None
    assert face.title.startswith("处置中·赵强")
    assert face.thread == thread


async def test_a_wrong_person_gets_the_card_as_it_was(house: House) -> None:
    house.machine.taps.expect("tap-1")
    before = card(house)
    await house.say("孙丽", choice="ack", card=before.thread, message_id="tap-1")
    face = await house.machine.taps.face("tap-1", 1)
    assert face is not None
    assert replace(face, thread=before.thread) == before


async def test_a_tap_that_is_never_decided_keeps_nobody_waiting(house: House) -> None:
    house.machine.taps.expect("tap-1")
    assert await house.machine.taps.face("tap-1", 0.01) is None
    assert await house.machine.taps.face("tap-1", 0.01) is None


async def test_a_change_while_the_card_is_on_its_way_is_shown_after_it(tmp_path: Path) -> None:
    class Slow(Simulated):
        async def send(self, outgoing: Outgoing, way: Way) -> Receipt:
            if outgoing.card is not None and not outgoing.edits and "_work-" in outgoing.card.thread:
                async with home.store.deciding(home.clock.now()) as view:
                    case = await view.case(202600000001)
                    assert case is not None
                    view.apply(Effects(cases=[replace(case, state=State.SHELVED, version=case.version + 1)]))
            return await super().send(outgoing, way)

    async with open_house(tmp_path) as home:
        platform = Slow(DINGTALK, home.clock.now)
        home.platform = platform
        home.machine.outbox._clients = {"simulated": platform}
        home.machine.inbox._channels.clients["simulated"] = platform  # type: ignore[index]
        await home.say("刘芳", LITTER, group=GROUP)
        assert titles(home) == ["挂账【0001】路面遗漏垃圾"]


async def test_old_cards_are_forgotten(house: House) -> None:
    now = house.clock.now()
    assert await house.store.cards.purge(now) == 0
    assert await house.store.cards.purge(now + timedelta(seconds=1)) == 1
    await house.say("赵强", "收到")
    assert titles(house) == ["待认领【0001】路面遗漏垃圾"]
