"""DING at the office's step of the escalation: off by default, once, beside the message and never instead of it."""

from datetime import timedelta
from pathlib import Path

import pytest

from bot.fakes.rules import Fault
from tests.bot.stage import DINGTALK_GROUP, OPS_GROUP
from tests.faults.rig import Rig, rigged
from tests.house import PEOPLE

HAZARD = "人民路百货大楼门口井盖不见了，有人差点掉下去"
OFFICE = "wu"  # 吴主任


def rung(rig: Rig) -> list[str]:
    return [post.userids[0] for post in rig.dingtalk.deliveries if post.way == "ding"]


async def overlooked(rig: Rig) -> None:
    """Nobody answers a hazard for half an hour and more."""
    await rig.report(HAZARD)
    await rig.advance(timedelta(minutes=40))


@pytest.mark.parametrize("setting", ["", 'ding = "off"'])
async def test_nobody_is_called_unless_the_city_wants_it(tmp_path: Path, setting: str) -> None:
    async with rigged(tmp_path, "dingtalk", setting) as rig:
        await overlooked(rig)
        assert rung(rig) == []


async def test_a_hazard_that_reached_the_office_calls_each_once_beside_the_message(tmp_path: Path) -> None:
    async with rigged(tmp_path, "dingtalk", 'ding = "hazard"') as rig:
        await rig.report(HAZARD)
        await rig.advance(timedelta(minutes=29))
        assert rung(rig) == [], "not before the office's step"
        await rig.advance(timedelta(minutes=30))
        called = rung(rig)
        assert OFFICE in PEOPLE
        assert OFFICE in called
        assert len(called) == len(set(called))
        private = [post for fake in (rig.wecom, rig.dingtalk) for post in fake.deliveries if post.way == "private"]
        written = {post.userids[0] for post in private}
        assert set(called) <= written, "whoever is called is told as well"
        before = len(called)
        await rig.report("第一小学门口垃圾没人捡")
        await rig.advance(timedelta(days=7))
        assert len(rung(rig)) == before, "an ordinary case calls nobody"


async def test_ordinary_cases_call_too_where_the_city_wants_it(tmp_path: Path) -> None:
    async with rigged(tmp_path, "dingtalk", 'ding = "office"') as rig:
        await rig.report("第一小学门口垃圾没人捡")
        await rig.advance(timedelta(days=2))
        assert rung(rig) == []
        await rig.advance(timedelta(days=5))
        assert sorted(rung(rig)) == ["feng", OFFICE]


async def test_without_quota_the_operators_hear_it_and_nothing_goes_elsewhere(tmp_path: Path) -> None:
    async with rigged(tmp_path, "dingtalk", 'ding = "hazard"') as rig:
        spent = Fault("errcode", "/v1.0/robot/ding/send", count=0, status=400, code="ding.serverQuota.insufficient")
        rig.dingtalk.rules.arm(spent)
        await overlooked(rig)
        told = [post.text for post in rig.wecom.deliveries if post.chat_id == OPS_GROUP]
        assert [text for text in told if "DING额度不足" in text]
        in_group = [post.text for post in rig.dingtalk.deliveries if post.chat_id == DINGTALK_GROUP]
        assert not [text for text in in_group if "紧急未认领" in text]
        assert set(await rig.unsent()) <= {"ring"}
