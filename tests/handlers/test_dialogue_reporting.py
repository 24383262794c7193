"""How reports come in: every way of sending words and photos, and what must not open a case."""

import pytest

from domain.case import Origin, State
from tests.house import GROUP, LEADERS, SEAT_GROUP, House

LITTER = "人民路12号门口垃圾没人捡"


async def test_words_and_photos_in_one_group_message_open_a_case_with_its_receipt(house: House) -> None:
    await house.say("刘芳", LITTER, photo=["a", "b"], group=GROUP)
    receipt = house.heard(GROUP)
    assert len(receipt) == 1
    head, responsible = receipt[0].split("\n")[:2]
    assert head == "【2026-0001】已交办｜路面遗漏垃圾｜人民路（建设街—文化街）"
    assert responsible == "责任：市农业局 王建国路段长，今日轮值 赵强｜15:00前办结"
    work = house.heard("赵强")
    assert len(work) == 1
    assert work[0].startswith("【2026-0001】路面遗漏垃圾｜人民路12号门口 [图2]｜15:00前办结")
    assert "办结标准：" in work[0]
    assert "1 收到 2 已处理 3 非我路段 4 申请延期" in work[0]
    case = await house.case(1)
    assert (case.state, case.handler, case.chain.chief, len(case.photos)) == (State.ASSIGNED, "zhao", "wang", 2)


async def test_the_privacy_line_is_said_once(house: House) -> None:
    first = await house.say("刘芳", LITTER, group=GROUP)
    second = await house.say("刘芳", "人民医院门口小广告贴满了", group=GROUP)
    assert sum("不出现您的身份" in text for text in first) == 1
    assert not any("不出现您的身份" in text for text in second)


async def test_a_group_report_without_photo_says_how_to_bring_it(house: House) -> None:
    posted = await house.say("刘芳", LITTER, group=GROUP)
    assert any("2026-0001未收到照片" in text and "引用" in text for text in posted)


async def test_photo_then_words_in_private_become_one_case(house: House) -> None:
    assert await house.say("刘芳", photo="a") == []
    await house.advance(seconds=20)
    await house.say("刘芳", LITTER)
    case = await house.case(1)
    assert len(case.photos) == 1
    await house.advance(minutes=5)
    assert not any("请补充位置和问题" in text for text in house.all_heard("刘芳"))
    assert len(await house.cases()) == 1


async def test_photos_without_words_are_asked_about_once_a_minute_later(house: House) -> None:
    await house.say("刘芳", photo=["a"])
    await house.advance(seconds=30)
    await house.say("刘芳", photo=["b"])
    await house.advance(seconds=59)
    assert house.all_heard("刘芳") == []
    await house.advance(seconds=2)
    assert house.heard("刘芳") == ["已收到照片2张，请补充位置和问题，如“人民路12号 垃圾未清”。"]
    await house.say("刘芳", LITTER)
    assert len((await house.case(1)).photos) == 2


async def test_photos_that_keep_coming_are_asked_about_after_three_minutes_at_most(house: House) -> None:
    for number in range(5):
        await house.say("刘芳", photo=f"p{number}")
        await house.advance(seconds=45)
    assert sum("请补充" in text for text in house.all_heard("刘芳")) == 1


async def test_words_then_photos_one_by_one_join_with_one_line(house: House) -> None:
    await house.say("刘芳", LITTER, photo="a", group=GROUP)
    for number in range(3):
        await house.say("刘芳", photo=f"later{number}")
        await house.advance(seconds=5)
    await house.advance(minutes=1)
    lines = [text for text in house.all_heard("刘芳") + house.all_heard(GROUP) if "已补充照片" in text]
    assert lines == ["2026-0001已补充照片3张，共4张。"]
    assert len((await house.case(1)).photos) == 4


async def test_photos_after_ten_minutes_no_longer_join(house: House) -> None:
    await house.say("刘芳", LITTER, photo="a", group=GROUP)
    await house.advance(minutes=11)
    await house.say("刘芳", photo="late")
    assert len((await house.case(1)).photos) == 1


async def test_an_album_is_one_case(house: House) -> None:
    await house.say("刘芳", LITTER, photo=[f"p{n}" for n in range(12)], group=GROUP)
    assert len(await house.cases()) == 1
    assert len((await house.case(1)).photos) == 12


async def test_quoting_a_photo_with_words_brings_the_photo(house: House) -> None:
    await house.say("刘芳", LITTER, group=GROUP, quote_photo="old")
    assert len((await house.case(1)).photos) == 1


async def test_two_problems_are_two_cases_that_can_be_merged(house: House) -> None:
    posted = await house.say("刘芳", "百货大楼门口垃圾成堆没人收，路灯也不亮了", photo="a", group=GROUP)
    assert any(text.startswith("识别到2个问题，已分别立案：2026-0001") for text in posted)
    assert {c.category for c in await house.cases()} == {"wu.garbage_overdue", "cha.streetlight"}
    assert all(len(c.photos) == 1 for c in await house.cases())
    await house.say("刘芳", "合并", group=GROUP)
    first, second = await house.cases()
    assert (first.state, second.state, second.merged_into) == (State.ASSIGNED, State.MERGED, first.id)


async def test_an_unsure_place_is_one_question_answered_by_digit(house: House) -> None:
    posted = await house.say("刘芳", "人民路垃圾成堆没人收", group=GROUP)
    question = next(text for text in posted if "请确认位置" in text)
    assert question.startswith(
        "2026-0001已受理，请确认位置：1 人民路（建设街—文化街） 2 人民路（文化街—新华路） 3 其他"
    )
    assert (await house.case(1)).state is State.UNLOCATED
    await house.say("刘芳", "2", group=GROUP)
    case = await house.case(1)
    assert (case.state, case.segment) == (State.ASSIGNED, "XC002")
    assert any("已交办" in text for text in house.heard(GROUP))


async def test_an_unsure_place_may_be_answered_in_words(house: House) -> None:
    await house.say("刘芳", "人民路垃圾成堆没人收", group=GROUP)
    await house.say("刘芳", "3", group=GROUP)
    assert "请写明路口" in house.heard(GROUP)[0]
    await house.say("刘芳", "人民医院门口", group=GROUP)
    assert (await house.case(1)).segment == "XC002"
    assert len(await house.cases()) == 1


async def test_a_place_nobody_named_goes_to_the_seat_after_five_minutes(house: House) -> None:
    await house.say("刘芳", "人民路垃圾成堆没人收", group=GROUP)
    await house.advance(minutes=4, seconds=50)
    assert house.all_heard(SEAT_GROUP) == []
    await house.advance(seconds=20)
    assert [text[:17] for text in house.heard(SEAT_GROUP)] == ["【2026-0001】待定位｜垃圾"]
    await house.say("刘芳", "1", group=GROUP)  # the question has expired, the case has not
    assert (await house.case(1)).state is State.UNLOCATED


async def test_a_place_off_the_segments_is_handed_on_never_refused(house: House) -> None:
    posted = await house.say("刘芳", "幸福村东头垃圾成堆没人收", photo="a", group=GROUP)
    text = next(t for t in posted if "2026-0001" in t)
    assert "不归" not in text
    assert (await house.case(1)).state is State.UNLOCATED


async def test_a_possible_duplicate_is_joined_only_on_a_yes(house: House) -> None:
    await house.say("刘芳", "百货大楼门口垃圾成堆没人收", photo="a", group=GROUP)
    posted = await house.say("李四", "百货大楼门前垃圾堆着没人收", photo="b", group=GROUP)
    assert any("有在办件2026-0001" in t and "1 同一问题，并入 2 不是，新建" in t for t in posted)
    assert not house.heard("赵强")
    await house.say("李四", "1", group=GROUP)
    second = await house.case(2)
    assert (second.state, second.merged_into) == (State.MERGED, (await house.case(1)).id)
    assert (await house.case(1)).followers == ("simulated:李四",)


async def test_a_possible_duplicate_without_an_answer_is_a_case_of_its_own(house: House) -> None:
    await house.say("刘芳", "百货大楼门口垃圾成堆没人收", photo="a", group=GROUP)
    await house.say("李四", "百货大楼门前垃圾堆着没人收", photo="b", group=GROUP)
    await house.advance(minutes=6)
    second = await house.case(2)
    assert (second.state, second.suspected_duplicate_of) == (State.ASSIGNED, (await house.case(1)).id)
    assert any(t.startswith("【2026-0002】") for t in house.heard("赵强"))


async def test_a_hazard_reaches_handler_second_level_and_seat_at_once_and_never_waits(house: House) -> None:
    await house.say("刘芳", "百货大楼门口井盖没了，太危险", group=GROUP)
    await house.say("李四", "百货大楼门口井盖没了", group=GROUP)
    assert any("紧急" in t and "先设警示" in t for t in house.heard(GROUP))
    for who in ("赵强", "陈涛", "钱专干"):
        assert any(t.startswith("【2026-0002】紧急") for t in house.heard(who)), who


async def test_marks_of_origin_and_relaying_are_kept(house: House) -> None:
    await house.say("钱专干", "上级指派：代老王报 人民路12号门口垃圾没人捡")
    case = await house.case(1)
    assert (case.origin, case.relayed_for) == (Origin.SUPERIOR, "老王")
    assert any("上级指派｜代老王报" in t for t in house.all_heard("赵强"))


async def test_a_forged_mark_of_origin_counts_for_nothing(house: House) -> None:
    await house.say("刘芳", "领导交办：人民路12号门口垃圾没人捡", group=GROUP)
    assert (await house.case(1)).origin is Origin.PUBLIC


async def test_a_leaders_instruction_goes_to_the_township_head(house: House) -> None:
    await house.say("郑副市长", "请东关今天解决建设街第一小学门口占道经营", quote_photo="seen", group=LEADERS)
    assert house.heard(LEADERS) == [
        "已登记为领导交办件2026-0001，交东关街道总路长李卫东，18:00前反馈，结果在本群回复一次。"
    ]
    case = await house.case(1)
    assert (case.origin, case.handler, len(case.photos)) == (Origin.LEADER, "sun_li", 1)
    assert any("2026-0001" in t for t in house.heard("李卫东"))
    await house.say("孙丽", "已处理", photo="done")
    await house.say("钱专干", "通过")
    assert [t for t in house.all_heard(LEADERS) if "已办结" in t] == [
        "领导交办件2026-0001（乱设摊点，建设街第一小学门口）已办结并复核通过。"
    ]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("辛苦了各位", id="thanks"),
        pytest.param("谢谢🙏", id="thanks with a sign"),
        pytest.param("哈哈哈哈", id="laughter"),
        pytest.param("人民路12号的垃圾已经没有了", id="negation"),
        pytest.param("【通知】明天上午9点各路段长到指挥中心开会", id="notice"),
        pytest.param("收到", id="acknowledgement by a stranger"),
        pytest.param("路干净多了，看着就得劲", id="praise"),
    ],
)
async def test_small_talk_opens_no_case_and_is_not_answered_in_the_group(house: House, text: str) -> None:
    assert await house.say("刘芳", text, group=GROUP) == []
    assert await house.cases() == []


async def test_an_unknown_request_is_answered_once_an_hour(house: House) -> None:
    first = await house.say("刘芳", "统计", group=GROUP)
    again = await house.say("刘芳", "统计", group=GROUP)
    await house.advance(minutes=61)
    later = await house.say("刘芳", "统计", group=GROUP)
    assert first == later == ["未识别。请直接发“位置+问题+照片”，或回复“帮助”。"]
    assert again == []


async def test_a_complaint_about_a_person_leaves_the_group(house: House) -> None:
    await house.say("刘芳", "投诉城管队员收钱", group=GROUP)
    assert house.heard(GROUP) == []
    assert house.heard("刘芳") == ["该事项不在群内公开办理，已转市路长办人工受理。"]
    assert await house.cases() == []


async def test_a_repeated_platform_id_has_no_second_effect(house: House) -> None:
    await house.say("刘芳", LITTER, photo="a", group=GROUP, message_id="same")
    posted = await house.say("刘芳", LITTER, photo="a", group=GROUP, message_id="same")
    assert posted == []
    assert len(await house.cases()) == 1


async def test_another_problem_is_no_answer_to_where_the_first_one_is(house: House) -> None:
    await house.say("刘芳", "人民路烧烤店占道经营", photo="a", group=GROUP)
    assert (await house.case(1)).state is State.UNLOCATED
    await house.say("刘芳", "人民路 垃圾没人捡", photo="b", group=GROUP)
    assert [(case.id % 10_000, len(case.photos)) for case in await house.cases()] == [(1, 1), (2, 1)]


async def test_a_photo_that_comes_with_the_place_is_kept(house: House) -> None:
    await house.say("刘芳", "人民路烧烤店占道经营", photo="a", group=GROUP)
    await house.say("刘芳", "人民路12号门口", photo="b", group=GROUP)
    case = await house.case(1)
    assert (case.state, len(case.photos)) == (State.ASSIGNED, 2)
