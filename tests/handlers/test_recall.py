"""Messages taken back, and places sent as a message of their own."""

from domain.case import State
from domain.understand.coordinates import gcj02_from_wgs84
from tests.house import GROUP, House

LITTER = "人民路12号门口垃圾没人捡"
ON_FIRST = "{},{}".format(*gcj02_from_wgs84(113.704, 34.4001))  # 人民路 between 建设街 and 文化街
AT_CROSSING = "{},{}".format(*gcj02_from_wgs84(113.71, 34.4))
FAR = "121.5,31.2"


async def test_a_report_taken_back_at_once_is_withdrawn_with_a_trail(house: House) -> None:
    await house.say("刘芳", LITTER, group=GROUP, message_id="r1")
    await house.say("刘芳", group=GROUP, recalls="r1")
    case = await house.case(1)
    assert case.state is State.VOID
    assert house.heard("赵强") == ["2026-0001已由上报人撤回，无需处理。"]
    events = await house.store.ledger.events("case:2026-0001")
    assert [entry.event.kind for entry in events] == ["report", "withdraw"]
    await house.advance(days=2)
    assert not any("0001" in text for text in house.heard("赵强"))


async def test_once_somebody_has_acted_the_case_goes_on(house: House) -> None:
    await house.say("刘芳", LITTER, group=GROUP, message_id="r1")
    await house.say("赵强", "收到")
    await house.say("刘芳", group=GROUP, recalls="r1")
    assert (await house.case(1)).state is State.ACKNOWLEDGED
    assert house.heard("赵强") == ["2026-0001的上报消息已被上报人撤回，案件照常办理；如属误报，请联系指挥席。"]


async def test_a_danger_is_never_withdrawn_by_itself(house: House) -> None:
    await house.say("刘芳", "人民路12号门口井盖没了", group=GROUP, message_id="r1")
    await house.say("刘芳", group=GROUP, recalls="r1")
    assert (await house.case(1)).state is State.ASSIGNED


async def test_nobody_takes_back_what_another_reported(house: House) -> None:
    await house.say("刘芳", LITTER, group=GROUP, message_id="r1")
    await house.say("王芳", group=GROUP, recalls="r1")
    await house.say("刘芳", group=GROUP, recalls="unknown")
    assert (await house.case(1)).state is State.ASSIGNED


async def test_photos_taken_back_are_not_asked_about(house: House) -> None:
    await house.say("刘芳", photo="a", message_id="p1")
    await house.say("刘芳", recalls="p1")
    await house.advance(minutes=5)
    assert house.all_heard("刘芳") == []


async def test_a_place_sent_after_the_report_places_it(house: House) -> None:
    await house.say("刘芳", "垃圾没人捡")
    assert (await house.case(1)).state is State.UNLOCATED
    posted = await house.say("刘芳", at=ON_FIRST)
    assert posted[0].startswith("【2026-0001】已交办")
    assert (await house.case(1)).segment == "XC001"
    assert "按发来的位置对应人民路（建设街—文化街）。" in (await house.say("钱专干", "为什么 0001"))[0]


async def test_a_place_sent_before_the_report_waits_for_it(house: House) -> None:
    assert await house.say("刘芳", at=ON_FIRST) == ["已收到位置，请在10分钟内发问题和照片。"]
    await house.say("刘芳", "垃圾没人捡")
    assert (await house.case(1)).segment == "XC001"
    await house.advance(minutes=11)
    await house.say("刘芳", "路灯不亮")
    assert (await house.case(2)).state is State.UNLOCATED


async def test_typed_words_beat_a_place_sent(house: House) -> None:
    await house.say("刘芳", at=ON_FIRST)
    await house.say("刘芳", "人民医院门口垃圾没人捡")
    assert (await house.case(1)).segment == "XC002"


async def test_a_place_at_a_crossing_is_asked_about(house: House) -> None:
    await house.say("刘芳", "垃圾没人捡")
    (text,) = await house.say("刘芳", at=AT_CROSSING)
    assert "请确认位置：1 人民路（" in text
    await house.say("刘芳", "2")
    assert (await house.case(1)).state is State.ASSIGNED


async def test_a_place_off_the_roster_goes_to_people(house: House) -> None:
    await house.say("刘芳", "垃圾没人捡")
    assert any("不在路长制责任路段内" in text for text in await house.say("刘芳", at=FAR))


async def test_a_report_is_taken_back_in_words(house: House) -> None:
    await house.say("刘芳", LITTER, group=GROUP)
    posted = await house.say("刘芳", "撤回", group=GROUP)
    assert "2026-0001已撤回，不再办理；编号和记录保留。" in posted
    assert house.heard("赵强") == ["2026-0001已由上报人撤回，无需处理。"]
    assert (await house.case(1)).state is State.VOID
    assert "无需操作" in (await house.say("刘芳", "撤回 0001"))[0]


async def test_what_cannot_be_taken_back_says_why_and_whom_it_was_told(house: House) -> None:
    await house.say("刘芳", LITTER, group=GROUP)
    assert await house.say("孙丽", "撤回 0001", group=GROUP) == [
        "2026-0001不是您上报的，不能撤回；如属误报，请联系指挥席。"
    ]
    await house.say("赵强", "收到")
    posted = await house.say("刘芳", "撤回 0001")
    assert posted[-1].startswith("2026-0001现为处置中，不能撤回，照常办理；您的意思已转告承办人") or posted[
        0
    ].startswith("2026-0001现为处置中")
    assert "2026-0001的上报消息已被上报人撤回，案件照常办理" in house.heard("赵强")[0]
    assert (await house.case(1)).state is State.ACKNOWLEDGED


async def test_later_a_number_is_needed(house: House) -> None:
    await house.say("刘芳", LITTER, group=GROUP)
    await house.advance(minutes=30)
    assert await house.say("刘芳", "撤回") == ["请写明编号，如“撤回 0123”。只能撤回自己上报的案件。"]
