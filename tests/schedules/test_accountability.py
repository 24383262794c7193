"""What published months lead to: early notices in private, proposals, nothing carried out before two persons approve."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from domain.assessment import SequenceKind
from domain.casework import accountability
from domain.casework.work import Work
from domain.effects import Effects
from domain.finding import Finding
from domain.month import Month
from domain.proposals import Proposal
from domain.quarter import Group
from domain.roster import Dated
from tests.house import GROUP, LEADERS, OFFICE_GROUP, OPS, POSTS, SEAT_GROUP, House, open_house
from tests.schedules.months import black_months
from tests.schedules.stage import restart

ROOMS = (GROUP, SEAT_GROUP, OFFICE_GROUP, LEADERS, OPS)
TOWNS = Group("街道组", SequenceKind.TOWNSHIP, ("东关街道", "河西镇"), "A")


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """A Wednesday morning in January 2027."""
    async with open_house(tmp_path, datetime(2027, 1, 13, 2, 0, tzinfo=UTC)) as opened:
        opened.machine.rules = replace(opened.rules, groups=(TOWNS,))
        await restart(opened)
        yield opened


def said(house: House, who: str, words: str) -> list[str]:
    return [text for text in house.all_heard(who) if words in text]


async def proposals(house: House) -> list[Proposal]:
    async with house.store.reading(house.clock.now()) as view:
        return await accountability.all_proposals(Work(view, house.rules))


async def listed(house: House) -> list[str]:
    return [f"{p.id} {p.kind.value} {p.sequence.value} {p.name} {p.measure}" for p in await proposals(house)]


async def test_one_flag_before_the_trigger_those_concerned_are_warned_in_private(house: House) -> None:
    await black_months(house, "2026-07")
    await house.advance(hours=1)
    assert said(house, "马镇长", "预警") == []
    await black_months(house, "2026-08")
    await house.advance(hours=1)
    (text,) = said(house, "马镇长", "预警提示")
    assert text == (
        "预警提示（非处理决定）：辖区河西镇已连续2次、当年累计2次挂黑旗。"
        "按考评办法，连续3次或累计4次由市监察委启动问责，单位在媒体公开表态。上期主要失分：乱设摊点1处。"
    )
    assert len(said(house, "何局", "责任单位市科技局已连续2次")) == 1
    assert [len(said(house, "张市长", words)) for words in ("辖区河西镇已连续2次", "市科技局已连续2次")] == [1, 0]
    for person in ("吴主任", "冯副主任"):
        (text,) = said(house, person, "预警提示")
        assert text.startswith(
            "预警提示（非处理决定）：以下2个对象接近问责条件。"
            "按考评办法，连续3次或累计4次由市监察委启动问责，单位在媒体公开表态。\n1. 辖区河西镇已连续2次、当年累计2次挂黑旗。"
        )
        assert "\n2. 责任单位市科技局已连续2次、当年累计2次挂黑旗。" in text
    assert [room for room in ROOMS if said(house, room, "预警")] == []
    assert await listed(house) == []
    await restart(house)
    await house.advance(hours=1)
    assert len(said(house, "马镇长", "预警提示")) == 1


async def test_the_running_months_score_stands_in_the_warning(house: House) -> None:
    await black_months(house, "2026-11")
    at = datetime(2027, 1, 5, 2, tzinfo=UTC)
    await house.store.findings.add([Finding("x", at, "XC005", "luan.stall", Decimal("17.90"), "", "", False)], at)
    await black_months(house, "2026-12")
    await house.advance(hours=1)
    assert said(house, "马镇长", "本月过程得分82.10，距前一名差17.90分。")


async def test_who_cannot_be_reached_in_private_is_not_told_in_a_group(house: House) -> None:
    people = [person for person in (await house.store.rosters.load()).people.values() if person.id == "ma"]
    silent = [replace(person, accounts=()) for person in people]
    await house.store.rosters.import_people(silent, [Dated(p) for p in POSTS], date(2026, 1, 1), house.clock.now())
    await black_months(house, "2026-07", "2026-08")
    await house.advance(hours=1)
    assert [room for room in ROOMS if said(house, room, "预警")] == []


async def test_the_third_in_a_row_is_a_proposal_that_waits_for_two(house: House) -> None:
    await black_months(house, "2026-10", "2026-11", "2026-12")
    await house.advance(hours=1)
    assert await listed(house) == [
        "2026Q4-1 last township 河西镇 书面检查",
        "2026Q4-2 fund township 街道组 核定经费26万元",
        "2026-12-1 inquiry township 河西镇 启动问责",
        "2026-12-2 inquiry unit 市科技局 启动问责",
    ]
    assert said(house, "吴主任", "2026年12月考评结果对应的建议2项，批准前不执行、不公布")
    assert len(said(house, "吴主任", "2026年考评已全部通报。全年达到过问责条件的：辖区河西镇、责任单位市科技局。")) == 1
    told = [who for who in ("马镇长", "何局", *ROOMS) if said(house, who, "问责") and said(house, who, "建议")]
    assert told == []
    [answer] = await house.say("吴主任", "问责 2026-12-1")
    assert "辖区河西镇：连续3次，当年累计3次，达到问责条件：2026年12月连续3次" in answer
    assert "2026年10月：90.00分，第2名，黑旗" in answer
    assert await house.say("吴主任", "批准问责 2026-12-1") == [
        "2026-12-1 黑旗问责：辖区河西镇，启动问责，吴主任已批准，还需1人"
    ]
    await house.say("吴主任", "批准问责 2026-12-1")
    assert said(house, "马镇长", "启动问责，") == []
    await house.say("郑副市长", "批准问责 2026-12-1")
    await house.advance(hours=1)
    (done,) = said(house, "马镇长", "可以执行：由市监察委启动问责，单位在媒体公开表态")
    assert "已由吴主任、郑副市长批准" in done
    assert said(house, "冯副主任", "可以执行")
    assert [room for room in ROOMS if said(house, room, "启动问责")] == []
    assert len(said(house, "郑副市长", "可以执行")) == 1, "the answer alone: nobody is told of his own act"
    [refused] = await house.say("冯副主任", "批准问责 2026-12-1")
    assert refused == "2026-12-1已由吴主任、郑副市长批准。"
    kinds = [one.event.kind for one in await house.store.ledger.events("accountability")]
    assert kinds.count("approved") == 3


async def test_several_are_approved_at_once_all_or_none(house: House) -> None:
    await black_months(house, "2026-10", "2026-11", "2026-12")
    await house.advance(hours=1)
    [refused] = await house.say("吴主任", "批准问责 2026Q4-1、2026Q4-9")
    assert "没有建议“2026Q4-9”" in refused
    assert all(not proposal.approved_by for proposal in await proposals(house))
    [answer] = await house.say("吴主任", "批准问责 2026Q4-1、2026q4-2 2026-12-1")
    assert [line.split(" ")[0] for line in answer.splitlines()] == ["2026Q4-1", "2026Q4-2", "2026-12-1"]
    by = {proposal.id: proposal.approved_by for proposal in await proposals(house)}
    assert by == {"2026Q4-1": ("吴主任",), "2026Q4-2": ("吴主任",), "2026-12-1": ("吴主任",), "2026-12-2": ()}


async def test_what_the_scheme_makes_public_is_posted_after_approval_alone(house: House) -> None:
    await black_months(house, *(f"2026-{n:02}" for n in range(4, 13)))
    await house.advance(hours=1)
    assert "2026Q4-1 last township 河西镇 问责" in await listed(house)
    assert said(house, LEADERS, "问责") == []
    await house.say("吴主任", "批准问责 2026Q4-1")
    await house.say("冯副主任", "批准问责 2026q4-1")
    await house.advance(days=1)
    (post,) = said(house, LEADERS, "考评问责结果")
    assert "河西镇" in post
    assert "结果全市通报" in post


@pytest.mark.parametrize(
    ("who", "text", "group", "answer"),
    [
        pytest.param("赵强", "批准问责 2026Q4-1", "", "由市路长办和领导小组办理", id="a duty person"),
        pytest.param("吴主任", "问责", GROUP, "请私聊办理", id="in a work group"),
        pytest.param("吴主任", "批准问责", "", "请写明编号", id="no number"),
        pytest.param("吴主任", "批准问责 2026Q4-9", "", "没有建议“2026Q4-9”", id="unknown"),
    ],
)
async def test_refusals(house: House, who: str, text: str, group: str, answer: str) -> None:
    await black_months(house, "2026-10", "2026-11", "2026-12")
    await house.advance(minutes=1)
    said_ = await house.say(who, text, group=group)
    assert any(answer in one for one in said_), said_
    assert all(not proposal.approved_by for proposal in await proposals(house))


async def test_months_loaded_all_at_once_are_told_for_the_latest_alone(house: House) -> None:
    await black_months(house, *(f"2026-{n:02}" for n in range(4, 13)))
    await house.advance(hours=3)
    told = [text.split("考评结果")[0] for text in said(house, "吴主任", "对应的建议")]
    assert told == ["【代拟稿】2026年第四季度"]
    assert len(await proposals(house)) > 4


async def test_a_correction_renews_what_was_not_approved(house: House) -> None:
    await black_months(house, "2026-10", "2026-11", "2026-12")
    await house.advance(minutes=1)
    await house.say("吴主任", "批准问责 2026-12-2")
    await house.say("冯副主任", "批准问责 2026-12-2")
    async with house.store.deciding(house.clock.now()) as view:
        work = Work(view, house.rules)
        figures = await view.setting("figures:2026-11:1")
        for row in (row for one in figures["sequences"] for row in one["rows"]):
            row["flag"] = None
        view.apply(Effects(settings={"figures:2026-11:1": figures}))
        view.apply(await accountability.settle(work, Month(2026, 11)))
    found = {p.id: (p.is_withdrawn, p.is_approved) for p in await proposals(house) if p.period == "2026-12"}
    assert found == {"2026-12-1": (True, False), "2026-12-2": (False, True)}


async def test_a_whole_quarter_calls_for_its_review_meeting_once(house: House) -> None:
    await black_months(house, "2026-10", "2026-11")
    await house.advance(hours=1)
    assert said(house, OFFICE_GROUP, "点评会") == []
    await black_months(house, "2026-12")
    await house.advance(hours=1)
    await restart(house)
    await house.advance(hours=1)
    (text,) = said(house, OFFICE_GROUP, "点评会")
    assert text.startswith("2026年第四季度三个月均已通报，请安排季度点评会，由市领导点评。")
    assert "河西镇" not in text
