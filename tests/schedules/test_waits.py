"""Waits for people: photos without words, a question, a verdict, a shelving, a leave; each ends when its reason ends."""

from tests.house import GROUP, SEAT_GROUP, House
from tests.schedules.stage import LITTER, STALL, entries, lines, report, restart, times

WHERE = "人民路垃圾没清"  # two segments of that road


async def test_photos_without_words_are_asked_about_once(house: House) -> None:
    await house.say("刘芳", photo=("a", "b"))
    await house.advance(seconds=59)
    assert house.heard("刘芳") == []
    await house.advance(minutes=10)
    assert [text[:9] for text in house.heard("刘芳")] == ["已收到照片2张，请"]


async def test_words_in_time_make_the_question_superfluous(house: House) -> None:
    await house.say("刘芳", photo="a")
    await house.advance(seconds=50)
    await house.say("刘芳", STALL)
    await house.advance(minutes=10)
    assert house.heard("刘芳") == []


async def test_a_question_survives_a_restart_before_its_digit(house: House) -> None:
    await house.say("刘芳", WHERE, group=GROUP)
    assert "1 人民路" in house.heard(GROUP)[0]
    await restart(house)
    await house.advance(minutes=4)
    await house.say("刘芳", "1", group=GROUP)
    assert (await house.case(1)).segment == "XC001"
    await house.advance(minutes=5)
    assert lines(house, "待定位", SEAT_GROUP) == []


async def test_a_question_nobody_answers_goes_to_the_desk_once(house: House) -> None:
    await house.say("刘芳", WHERE, group=GROUP)
    await restart(house)
    await house.advance(minutes=6)
    await restart(house)
    assert times(house, "待定位", SEAT_GROUP) == ["06-01 09:05"]
    await house.say("刘芳", "1", group=GROUP)  # too late for the digit
    assert (await house.case(1)).segment == ""


async def test_a_possible_duplicate_without_an_answer_is_a_case_of_its_own(house: House) -> None:
    await report(house)
    await report(house, STALL, who="商户")
    assert house.heard("赵强") == []
    await house.advance(minutes=6)
    assert times(house, "【2026-0002】", "赵强") == ["06-01 09:05"]


async def test_four_working_hours_without_a_verdict_reach_the_office_in_one_message(house: House) -> None:
    for number, text in enumerate((STALL, LITTER), 1):
        await report(house, text)
        await house.say("赵强", f"000{number} 已处理", photo=f"after{number}")
    await house.until(house.local(1, 18))
    found = [line for line in lines(house, "待复核超过4个工作小时", "吴主任") if line.at < "06-01 15"]
    assert found == []
    await house.until(house.local(2, 9))
    (line,) = lines(house, "待复核超过4个工作小时2件", "吴主任")
    assert "0001乱设摊点" in line.text
    assert line.at.startswith(("06-01 16:3", "06-01 14:3"))


async def test_a_verdict_in_time_keeps_it_from_the_office(house: House) -> None:
    await report(house)
    await house.say("赵强", "0001 已处理", photo="after")
    await house.until(house.local(1, 14))
    await house.say("钱专干", "0001 通过")
    await house.until(house.local(1, 18))
    assert lines(house, "待复核超过", "吴主任") == []


async def test_a_shelving_ends_at_its_date_by_itself(house: House) -> None:
    await report(house)
    await house.say("赵强", "挂账 0001 6月3日 管线迁改未完成")
    await house.say("陈涛", "同意挂账 0001")
    await house.say("李卫东", "同意挂账 0001")
    assert (await house.case(1)).state.value == "shelved"
    await house.until(house.local(4, 9))
    case = await house.case(1)
    assert case.state.value == "acknowledged"
    assert len(await entries(house, case, "resume")) == 1
    assert case.due is not None
    assert case.due > house.local(4, 9)
    assert lines(house, "挂账结束", "赵强")


async def test_a_shelving_ended_by_hand_does_not_end_again(house: House) -> None:
    await report(house)
    await house.say("赵强", "挂账 0001 6月3日 管线迁改未完成")
    await house.say("陈涛", "同意挂账 0001")
    await house.say("李卫东", "同意挂账 0001")
    await house.say("陈涛", "恢复 0001")
    await house.until(house.local(4, 9))
    assert len(await entries(house, await house.case(1), "resume")) == 1


async def test_the_office_gets_the_shelved_cases_on_mondays(house: House) -> None:
    await report(house)
    await house.say("赵强", "挂账 0001 6月20日 管线迁改未完成")
    await house.say("陈涛", "同意挂账 0001")
    await house.say("李卫东", "同意挂账 0001")
    await house.until(house.local(8, 10))
    assert [at[:8] for at in times(house, "本周挂账1件", "市路长办群")] == ["06-01 09", "06-08 09"]


async def test_a_stand_in_hears_the_reminders_and_hands_back_by_himself(house: House) -> None:
    await report(house)
    await house.say("赵强", "请假 6月2日-6月2日 周敏代")
    await house.until(house.local(2, 15))
    assert [at[:8] for at in times(house, "您有1件", "周敏")] == ["06-02 08", "06-02 10", "06-02 14"]
    assert [line for line in lines(house, "截至", "赵强") if line.at >= "06-02"] == []
    await house.until(house.local(3, 9))
    assert [line.at[:8] for line in lines(house, "截至", "赵强") if line.at >= "06-02"] == ["06-03 08"]


async def test_a_chief_on_leave_hears_no_digest_but_the_stand_in(house: House) -> None:
    await report(house)
    await house.say("王建国", "请假 6月2日-6月3日 周敏代")
    await house.until(house.local(2, 9))
    assert times(house, "您负责的路段", "王建国") == []
    assert len(times(house, "您负责的路段", "周敏")) == 1
