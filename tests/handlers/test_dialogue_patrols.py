"""巡查、例会: chiefs record for themselves without a photo; what tells of a problem stays a report (S23–S29, S39)."""

from datetime import date

import pytest

from domain.patrols import Patrol, PatrolKind
from domain.roster import Dated, Roster
from domain.texts import reporter
from handlers.patrolling import is_place
from tests.house import GROUP, SEGMENTS, House

ROSTER = Roster(segments=tuple(map(Dated, SEGMENTS)))
HOW = "登记巡查请写路段，如“巡查 6月3日 人民路”，当天的不写日期，不用照片。发现问题请直接发“位置+问题+照片”。"


async def kept(house: House) -> list[Patrol]:
    async with house.store.reading(house.clock.now()) as view:
        return await view.patrolled.records(date(2026, 4, 1), date(2026, 6, 30))


async def test_a_chiefs_month(house: House) -> None:
    house.clock.set(house.local(3, 9))
    await house.machine.settle()
    assert await house.say("陈涛", "巡查 6月1日 人民路") == ["已登记6月1日巡查：人民路。"]
    assert await house.say("陈涛", "巡查 6月1日 人民路") == ["此前已登记6月1日巡查：人民路。"]
    assert await house.say("陈涛", "今日巡查建设街、滨河公园，未发现问题", group=GROUP) == [
        "已登记6月3日巡查：建设街、滨河公园。"
    ]
    assert await house.say("陈涛", "昨天巡查了人民路", photo="a") == [
        "已登记6月2日巡查：人民路。照片不作登记，也未立案；发现问题请发“位置+问题+照片”。"
    ]
    assert await house.say("陈涛", "巡查 6月4日 人民路") == ["6月4日还没到，届时再登记。"]
    assert await house.say("陈涛", "巡查 4月30日 人民路") == ["只登记本月和上月的，不登记2026年4月30日。"]
    assert await house.say("张市长", "例会 6月2日 街道会议室") == ["已登记6月2日例会：街道会议室。"]
    assert await house.say("陈涛", "例会 6月2日") == ["例会登记限一级路长本人，6月2日您没有这些任职，无需登记。"]
    assert await kept(house) == [
        Patrol("chen", PatrolKind.PATROL, date(2026, 6, 1), "人民路"),
        Patrol("chen", PatrolKind.PATROL, date(2026, 6, 2), "人民路"),
        Patrol("zhang", PatrolKind.MEETING, date(2026, 6, 2), "街道会议室"),
        Patrol("chen", PatrolKind.PATROL, date(2026, 6, 3), "建设街、滨河公园", "未发现问题"),
    ]
    assert await house.say("陈涛", "巡查 5月31日 建设街") == ["已登记5月31日巡查：建设街。"]
    assert await house.say("陈涛", "撤回巡查 5月31日") == ["已撤回5月31日的巡查登记。"]
    assert await house.say("陈涛", "撤回巡查 5月31日") == ["您在5月31日没有巡查登记。"]
    assert [one.day.month for one in await kept(house)] == [6] * 4
    assert await house.say("王建国", "我的巡查") == [
        "6月路段长巡查（每日一次）：应30次，已0次，未到期28次，缺2次（6月1日至2日）\n缺的请回“巡查说明 6月 原因”。"
    ]
    assert await house.say("王建国", "巡查说明 6月 第1周外出开会") == ["已登记6月巡查说明，再发一次即更改。"]
    [mine] = await house.say("王建国", "我的巡查")
    assert mine.endswith("缺2次（6月1日至2日）\n说明：第1周外出开会")
    [mine] = await house.say("张市长", "我的巡查")
    assert mine == ("6月一级路长巡查（每半月一次）：应2次，已0次，未到期2次\n一级路长例会（每月一次）：应1次，已1次")
    assert await house.say("王建国", "我的巡查", group=GROUP) == ["请私聊发“我的巡查”。"]
    assert await house.say("赵强", "我的巡查") == ["6月您没有须登记巡查或例会的任职。"]
    assert await house.cases() == []
    events = await house.store.ledger.events("period:2026-06")
    assert [(e.event.kind, dict(e.event.persons)) for e in events] == [
        *[("patrol_recorded", {"by": who}) for who in ("chen", "chen", "chen", "zhang")],
        ("patrol_reason", {"by": "wang"}),
    ]


@pytest.mark.parametrize(
    ("who", "text"),
    [
        pytest.param("陈涛", "巡查发现人民路百货大楼门口垃圾没清", id="found on patrol"),
        pytest.param("陈涛", "巡查 人民路百货大楼门口 垃圾没清", id="set off"),
        pytest.param("陈涛", "今日巡查人民路人民医院门口井盖破损", id="today"),
        pytest.param("刘芳", "巡查中发现人民路百货大楼门口有垃圾", id="anybody"),
    ],
)
async def test_what_tells_of_a_problem_stays_a_report(house: House, who: str, text: str) -> None:
    await house.say(who, text, group=GROUP)
    assert [case.text for case in await house.cases()] == [text]
    assert await kept(house) == []


async def test_in_a_group_only_chiefs_are_answered_and_notices_are_left_alone(house: House) -> None:
    for text in ("巡查 人民路", "例会 6月1日", "例会通知：明天下午3点街道会议室", "巡查一圈，没有发现烧烤摊"):
        assert set(await house.say("赵强", text, group=GROUP)) <= {reporter.UNKNOWN}
    assert await house.say("陈涛", "巡查", group=GROUP) == [HOW]
    assert await house.say("陈涛", "巡查 我是路段长") == [HOW]
    [refused] = await house.say("赵强", "巡查 人民路")
    assert refused == "巡查登记限总路长、一级路长、辖区总路长、二级路长、路段长本人，6月1日您没有这些任职，无需登记。"
    assert await kept(house) == []


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("人民路", True),
        ("人民路和建设街", True),
        ("人民路（建设街—文化街）北侧", True),
        ("东关街道各条路", True),
        ("第一小学门口、XC003", True),
        ("和平路全线", True),  # no list names it
        ("人民路占道", False),
        ("人民路垃圾没清", False),
        ("垃圾", False),
        ("人民路有积水路段", False),
        ("时请注意安全", False),
        ("", False),
    ],
)
def test_places(text: str, is_one: bool) -> None:
    assert is_place(text, ROSTER) is is_one
