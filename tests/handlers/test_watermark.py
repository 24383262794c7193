"""Watermarks: read behind the answers, confirmed by who sent them, never stronger than a typed word."""

from datetime import timedelta

from domain.case import State
from tests.handlers.test_looking import drawn, gps
from tests.house import GROUP, SEAT_GROUP, House

PRINTED = ("14:02", "2026-06-01 星期一", "溪城市人民路86号")


def marked(house: House, name: str, *lines: str, seed: int = 1) -> str:
    data = drawn(seed)
    house.prints.print(data, *lines)
    return house.show(name, data)


async def test_a_lone_photo_is_asked_about_by_what_is_printed_in_it(house: House) -> None:
    marked(house, "a", *PRINTED)
    assert await house.say("刘芳", photo="a") == []  # nothing until the sender has had a minute to write
    await house.advance(minutes=1)
    assert house.all_heard("刘芳") == ["按照片水印识别为“溪城市人民路86号 14:02”，是否正确？1 正确 2 重新填写"]
    await house.say("刘芳", "1")
    case = await house.case(1)
    assert (case.state, case.segment, case.place, len(case.photos)) == (State.ASSIGNED, "XC001", "溪城市人民路86号", 1)
    assert any("2026-0001" in text and "已交办" in text for text in house.all_heard("刘芳"))
    assert any("人民路86号" in text for text in house.all_heard("赵强"))
    await house.advance(minutes=15)
    assert len(await house.cases()) == 1


async def test_what_is_noted_in_the_print_says_what_is_wrong(house: House) -> None:
    marked(house, "a", "时间：2026.06.01 09:00:12", "地点：人民路86号", "备注：井盖缺失")
    await house.say("刘芳", photo="a")
    await house.advance(minutes=1)
    await house.say("刘芳", "1")
    case = await house.case(1)
    assert (case.category, case.is_hazard) != ("other", False)
    assert case.is_hazard


async def test_wrong_and_the_words_count(house: House) -> None:
    marked(house, "a", *PRINTED)
    await house.say("刘芳", photo="a")
    await house.advance(minutes=1)
    assert await house.say("刘芳", "2") == ["请重新填写位置和问题，如“人民路12号 垃圾未清”。"]
    await house.say("刘芳", "人民医院门口垃圾没人捡")
    case = await house.case(1)
    assert (case.segment, len(case.photos)) == ("XC002", 1)


async def test_typed_words_beat_the_print(house: House) -> None:
    marked(house, "a", *PRINTED)
    await house.say("刘芳", "人民医院门口垃圾没人捡", photo="a", group=GROUP)
    case = await house.case(1)
    assert (case.segment, case.doubts) == ("XC002", ())
    assert not any("水印" in text for text in house.all_heard(GROUP))


async def test_words_without_a_place_are_answered_first_and_then_asked_about(house: House) -> None:
    marked(house, "a", *PRINTED)
    posted = await house.say("刘芳", "垃圾没人捡", photo="a", group=GROUP)
    assert "已受理" in posted[0]
    assert posted[-1] == "2026-0001按照片水印识别为“溪城市人民路86号 14:02”，是否正确？1 正确 2 重新填写"
    await house.say("刘芳", "1", group=GROUP)
    assert (await house.case(1)).segment == "XC001"


async def test_no_print_and_the_usual_question_is_asked(house: House) -> None:
    marked(house, "a", "某某商店", seed=4)
    await house.say("刘芳", photo="a")
    await house.advance(minutes=1)
    assert house.heard("刘芳") == ["已收到照片1张，请补充位置和问题，如“人民路12号 垃圾未清”。"]


async def test_a_print_read_only_after_the_usual_question_is_a_message_of_its_own(house: House) -> None:
    data = drawn(1)
    house.show("a", data)
    desk, house.machine.watermarks = house.machine.watermarks, None  # the recogniser is slow
    await house.say("刘芳", photo="a")
    await house.advance(minutes=1)
    assert "请补充位置和问题" in house.all_heard("刘芳")[-1]
    house.prints.print(data, *PRINTED)
    house.machine.watermarks = desk  # … or the service was started again
    await house.advance(seconds=5)
    assert house.all_heard("刘芳")[-1].startswith("按照片水印识别为“溪城市人民路86号 14:02”")
    await house.say("刘芳", "正确")
    assert (await house.case(1)).segment == "XC001"


async def test_an_old_print_is_for_a_person_to_judge(house: House) -> None:
    marked(house, "a", "2026-05-20 14:02", "人民路86号")
    await house.say("刘芳", "人民路12号门口垃圾没人捡", photo="a", group=GROUP)
    case = await house.case(1)
    assert case.state is State.ASSIGNED
    assert house.heard(SEAT_GROUP)[0].startswith("【2026-0001】照片待核｜照片摄于5月20日14:02，早于上报时间")


async def test_why_tells_what_the_pictures_say(house: House) -> None:
    marked(house, "a", *PRINTED)
    await house.say("刘芳", photo="a")
    await house.advance(minutes=1)
    await house.say("刘芳", "1")
    house.show("b", drawn(2, taken="2026:05:31 08:20:00", gps=gps(113.7042, 34.4001)))
    await house.say("赵强", "已处理", photo="b")
    (text,) = await house.say("钱专干", "为什么 0001")
    assert text.splitlines()[2:] == [
        "位置：按照片水印（上报人已确认）对应人民路（建设街—文化街）。",
        "照片：第1张（整改前）水印“溪城市人民路86号 6月1日14:02”对应人民路（建设街—文化街）；"
        "第2张（整改后）摄于5月31日08:20（照片自带），自带定位对应人民路（建设街—文化街）。",
        "照片待核：照片摄于5月31日08:20，早于交办时间。须人工核对，系统不作认定。",
    ]


async def test_a_print_off_the_roster_goes_to_the_seat_once_confirmed(house: House) -> None:
    marked(house, "a", "14:02", "邻市和平大道7号")
    await house.say("刘芳", photo="a")
    await house.advance(minutes=1)
    assert "邻市和平大道7号" in house.heard("刘芳")[0]
    posted = await house.say("刘芳", "1")
    assert (await house.case(1)).state is State.UNLOCATED
    assert any("已转市路长办人工处理" in text for text in posted)


async def test_one_misread_letter_of_a_road_is_mended(house: House) -> None:
    marked(house, "a", "14:02", "滨何路桥头旁")
    await house.say("刘芳", photo="a")
    await house.advance(minutes=1)
    assert "滨河路桥头旁" in house.heard("刘芳")[0]


async def test_a_point_alone_places_the_report(house: House) -> None:
    # GCJ-02 of a point on 人民路 between 建设街 and 文化街
    marked(house, "a", "14:02", "经度：113.710312", "纬度：34.398742")
    await house.say("刘芳", photo="a")
    await house.advance(minutes=1)
    assert any("水印识别为“人民路（建设街—文化街） 14:02”" in text for text in house.all_heard("刘芳"))


async def test_a_picture_is_read_once_however_often_it_comes(house: House) -> None:
    marked(house, "a", *PRINTED)
    await house.say("刘芳", photo="a")
    await house.say("王芳", photo="a")
    assert len(house.prints.asked) == 1
    await house.advance(minutes=1)
    assert any("水印" in text for text in house.all_heard("王芳"))


async def test_an_answer_comes_too_late_for_a_case_placed_meanwhile(house: House) -> None:
    marked(house, "a", *PRINTED)
    await house.say("刘芳", "垃圾没人捡", photo="a", group=GROUP)
    await house.say("钱专干", "定位 0001 XC003")
    posted = await house.say("刘芳", "1", group=GROUP)
    assert posted == ["该案件已定位，无需再选。"]
    await house.until(house.clock.now() + timedelta(minutes=1))
    assert (await house.case(1)).segment == "XC003"
