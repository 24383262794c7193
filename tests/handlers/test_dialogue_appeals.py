"""申诉 in chat: once per deduction, within the window, reviewed by who is no party, a final word recorded by two."""

from decimal import Decimal

import pytest

from domain.appeal import Appeal, AppealState
from domain.finding import Finding
from tests.house import GROUP, LEADERS, OFFICE_GROUP, House


async def found(house: House, points: str = "0.5", road: str = "建设街", spot: str = "") -> None:
    """A finding by the inspector, a minute before whatever is said next."""
    await house.say("孙督查", f"开始督查 {road}")
    await house.say("孙督查", f"{spot} 流动摊 -{points}", photo=f"{road}{points}{spot}")
    await house.say("孙督查", "结束督查")
    await house.advance(minutes=1)


async def appeals(house: House) -> list[Appeal]:
    async with house.store.reading(house.clock.now()) as view:
        return await view.inspected.appeals("")


async def finding(house: House, case: int = 1) -> Finding:
    async with house.store.reading(house.clock.now()) as view:
        kept = await view.inspected.finding_of_case(2026 * 10**8 + case)
    assert kept is not None
    return kept


async def test_an_appeal_word_for_word_accepted(house: House) -> None:
    await found(house)
    posted = await house.say("刘局", "申诉 0001 当日为批准的临时疏导点", photo="permit")
    assert house.heard("刘局") == [
        "申诉已登记（2026-申001），涉及扣分0.5分、材料1份，转市路长办复核，6月4日前答复；期间该扣分标注“复核中”。"
    ]
    [asked] = [text for text in posted if "申诉待复核" in text]
    assert "【2026-申001】申诉待复核｜2026-0001（流动商贩，建设街（人民路—中山路），6月1日）扣0.5分" in asked
    assert "市水利局 刘局路段长：当日为批准的临时疏导点｜材料1份" in asked
    assert house.heard(OFFICE_GROUP)
    await house.say("吴主任", "采纳 申001 确有批准文件")
    assert house.heard("吴主任") == ["2026-申001已采纳，已告知刘局。"]
    assert house.heard("刘局") == [
        "申诉2026-申001结果：采纳，撤销0.5分（确有批准文件），建设街本月得分更新为100.00，市水利局100.00分、第1/3。"
    ]
    assert (await finding(house)).withdrawn == "appeal"
    kinds = [entry.event.kind for entry in await house.store.ledger.events("appeal:2026-申001")]
    assert kinds == ["lodged", "decided"]


async def test_an_appeal_refused_and_the_figures_that_stand(house: House) -> None:
    await found(house)
    await house.say("刘局", "申诉 0001 当日为批准的临时疏导点", photo="permit")
    assert "请写明理由" in (await house.say("吴主任", "不采纳 申001"))[0]
    await house.say("吴主任", "不采纳 0001 批准时段为18:00后，问题发现于14:02")
    assert house.heard("刘局") == [
        "申诉2026-申001结果：不采纳：批准时段为18:00后，问题发现于14:02，扣分维持。建设街本月得分99.50，市水利局99.50分、第3/3。"
        "有异议可在3个工作日内回“提请终审 申001 理由”。"
    ]
    assert (await finding(house)).points == Decimal("0.5")
    assert "已不采纳，无需再复核" in (await house.say("冯副主任", "采纳 申001 理由"))[0]


async def test_part_of_a_deduction_may_be_taken_back(house: House) -> None:
    await found(house)
    await house.say("刘局", "申诉 0001 只有一处", photo="permit")
    assert "须低于原扣的0.5分" in (await house.say("吴主任", "采纳 申001 改扣0.5 理由"))[0]
    await house.say("吴主任", "采纳 改扣0.2分 核减一处")
    assert "采纳，扣分由0.5分改为0.2分（核减一处），建设街本月得分更新为99.80" in house.heard("刘局")[0]
    assert (await finding(house)).points == Decimal("0.2")


async def test_once_per_deduction_but_material_may_follow(house: House) -> None:
    await found(house)
    assert "请写明申诉理由" in (await house.say("刘局", "申诉 0001"))[0]
    assert "未附材料" in (await house.say("刘局", "申诉 0001 已批准"))[0]
    assert await house.say("刘局", photo="one") == ["申诉2026-申001已补充材料，共1份。"]
    assert await house.say("刘局", "申诉 0001", photo="two") == ["申诉2026-申001已补充材料，共2份。"]
    assert "同一扣分只能申诉一次" in (await house.say("刘局", "申诉 0001 再说一遍"))[0]
    assert "同一扣分只能申诉一次" in (await house.say("陈涛", "申诉 0001 我也申诉", photo="three"))[0]
    assert len(await appeals(house)) == 1


@pytest.mark.parametrize(
    ("who", "said"),
    [
        pytest.param("刘局", "申诉已登记", id="the chief"),
        pytest.param("陈涛", "申诉已登记", id="the second-level chief"),
        pytest.param("李卫东", "申诉已登记", id="the township head"),
        pytest.param("孙丽", "申诉已登记", id="a colleague of the unit"),
        pytest.param("王建国", "由该路段的责任单位", id="another chief"),
        pytest.param("刘芳", "由该路段的责任单位", id="anybody"),
        pytest.param("孙督查", "由该路段的责任单位", id="the inspector"),
    ],
)
async def test_who_may_appeal(house: House, who: str, said: str) -> None:
    await found(house)
    assert said in (await house.say(who, "申诉 0001 已批准", photo="permit"))[0]


@pytest.mark.parametrize("who", ["孙督查", "刘局", "王建国"])
async def test_only_the_office_decides(house: House, who: str) -> None:
    await found(house)
    await house.say("刘局", "申诉 0001 已批准", photo="permit")
    assert await house.say(who, "采纳 申001 理由") == ["申诉由市路长办复核。"]
    assert [one.state for one in await appeals(house)] == [AppealState.OPEN]


async def test_who_found_it_never_reviews_it(house: House) -> None:
    await house.say("吴主任", "开始督查 建设街")
    await house.say("吴主任", "流动摊 -0.5", photo="a")
    await house.advance(minutes=1)
    await house.say("刘局", "申诉 0001 已批准", photo="permit")
    assert "未参与该项督查、不属被考评单位的人员复核：冯副主任" in (await house.say("吴主任", "采纳 申001 理由"))[0]
    await house.say("冯副主任", "采纳 申001 理由")
    assert [one.state for one in await appeals(house)] == [AppealState.ACCEPTED]


async def test_points_rest_while_an_appeal_is_open(house: House) -> None:
    await found(house)
    await house.say("刘局", "申诉 0001 已批准", photo="permit")
    assert "分值以复核结果为准" in (await house.say("孙督查", "分值 0001 0.1"))[0]


async def test_what_is_no_deduction_cannot_be_appealed(house: House) -> None:
    await house.say("刘芳", "建设街第一小学门口垃圾未清", photo="a")
    assert "没有督查扣分" in (await house.say("刘局", "申诉 0001 已批准"))[0]
    assert "请写扣分的编号" in (await house.say("刘局", "申诉", photo="b"))[0]
    assert "没有找到" in (await house.say("刘局", "申诉 0099 已批准"))[0]
    assert "2026-督0099没有督查扣分" in (await house.say("刘局", "申诉 督0099 已批准"))[0]
    at = house.clock.now()
    await house.store.findings.add([Finding("k", at, "XC003", "luan.vendor", Decimal("0.00"), "孙督查")], at)
    assert await house.say("刘局", "申诉 督0001 已批准") == ["2026-督0001没有扣分，无需申诉。"]


async def test_the_window_closes_and_the_office_is_told_daily_what_holds_the_month(house: House) -> None:
    for person in ("吴主任", "冯副主任"):
        await house.say(person, "授权自动通报")
    await found(house)
    await found(house, "0.7", "滨河路")
    await house.until(house.local(3, 10, month=7))
    assert "7月8日前答复" in (await house.say("刘局", "申诉 0001 已批准", photo="permit"))[0]
    await house.until(house.local(7, 8, month=7))
    assert await house.say("陈涛", "申诉 0002 已批准", photo="other") == ["6月考评的申诉期已于7月6日结束。"]
    await house.until(house.local(10, 12, month=7))
    assert house.all_heard(LEADERS) == []
    held = [text for text in house.all_heard(OFFICE_GROUP) if "今日未通报：还有1件申诉未办结" in text]
    assert len(held) == 4
    assert "申诉2026-申001已过答复时限（7月8日），尚未复核，未办结前2026年6月考评不通报。" in house.all_heard(
        OFFICE_GROUP
    )
    await house.say("吴主任", "采纳 申001 确有批准文件")
    await house.until(house.local(13, 12, month=7))
    [bulletin] = house.all_heard(LEADERS)
    assert "申诉：1件，采纳1件，均已计入。" in bulletin
    assert "主要问题：流动商贩1处" in bulletin
    assert "已通报，不再受理申诉" in (await house.say("陈涛", "申诉 0002 已批准"))[0]


async def test_the_final_word_takes_two_named_persons(house: House) -> None:
    await found(house)
    await house.say("刘局", "申诉 0001 已批准", photo="permit")
    assert "不能提请终审" in (await house.say("刘局", "提请终审 申001 请再看"))[0]
    await house.say("吴主任", "不采纳 申001 时段不符")
    assert "请写明理由" in (await house.say("刘局", "提请终审 申001"))[0]
    await house.say("刘局", "提请终审 申001 另附批准文件")
    assert "提请理由：另附批准文件" in house.heard(OFFICE_GROUP)[0]
    assert "终审由领导小组作出" in (await house.say("刘局", "终审 申001 采纳 理由"))[0]
    assert "请写明终审结论" in (await house.say("吴主任", "终审 申001"))[0]
    assert await house.say("吴主任", "终审 申001 采纳 文件有效") == [
        "2026-申001终审（采纳）已登记，还需另一名具名人员回复“终审 申001”确认后生效。"
    ]
    await house.say("吴主任", "终审 申001 采纳 文件有效")
    assert [one.state for one in await appeals(house)] == [AppealState.REFERRED]
    assert "两人登记须一致" in (await house.say("冯副主任", "终审 申001 维持 理由"))[0]
    await house.say("冯副主任", "终审 申001")
    assert "申诉2026-申001终审结果：采纳，撤销0.5分（文件有效）" in house.heard("刘局")[0]
    assert (await finding(house)).withdrawn == "appeal"
    persons = [entry.event.persons for entry in await house.store.ledger.events("appeal:2026-申001")]
    assert persons[-1] == {"first": "wu", "second": "feng"}


async def test_the_final_word_may_uphold(house: House) -> None:
    await found(house)
    await house.say("刘局", "申诉 0001 已批准", photo="permit")
    await house.say("吴主任", "不采纳 申001 时段不符")
    await house.advance(hours=24)
    await house.say("孙丽", "提请终审 申001 另附批准文件")
    await house.say("吴主任", "终审 申001 维持 时段不符")
    await house.say("冯副主任", "终审 申001 维持 时段不符")
    [text] = house.heard("刘局")
    assert text.startswith("申诉2026-申001终审结果：不采纳：时段不符，扣分维持。")
    assert "提请终审" not in text
    assert (await finding(house)).is_counted


async def test_the_final_word_is_asked_for_in_time(house: House) -> None:
    await found(house)
    await house.say("刘局", "申诉 0001 已批准", photo="permit")
    await house.say("吴主任", "不采纳 申001 时段不符")
    await house.until(house.local(5, 9))
    assert "期限已于6月4日结束" in (await house.say("刘局", "提请终审 申001 另附批准文件"))[0]


async def test_the_list_of_appeals(house: House) -> None:
    assert await house.say("刘局", "申诉列表") == ["没有申诉。"]
    await found(house)
    await house.say("刘局", "申诉 0001 已批准", photo="permit")
    expected = (
        "申诉1件，采纳0件、未采纳0件、未结1件：\n2026-申001｜2026-0001 流动商贩 0.5分｜市水利局 刘局：已批准｜复核中"
    )
    assert await house.say("刘局", "我的申诉") == [expected]
    assert await house.say("刘局", "申诉列表 6月") == [f"6月{expected}"]
    assert await house.say("郑副市长", "申诉列表6月", group=LEADERS) == [f"6月{expected}"]
    assert await house.say("王建国", "申诉列表") == ["没有申诉。"]
    assert await house.say("吴主任", "申诉列表", group=GROUP) == ["申诉清单请在市路长办群、领导群或私聊中查询。"]


async def test_the_bare_word_lists_what_may_still_be_objected_to(house: House) -> None:
    assert await house.say("刘局", "申诉") == ["您名下目前没有可申诉的扣分。"]
    await found(house)
    await found(house, "0.4", "人民路", "建设街口")
    assert (await house.say("刘局", "申诉"))[0].split("\n") == [
        "可申诉的扣分1处，共0.5分：",
        "2026-0001 流动商贩｜建设街（人民路—中山路）｜6月1日｜扣0.5分｜异议期结束前",
        "请回“申诉 2026-0001 理由”并附材料照片，同一扣分只能申诉一次。",
    ]
    [both] = await house.say("陈涛", "申诉")
    assert both.startswith("可申诉的扣分2处，共0.9分：")
    await found(house, "0.2")
    shown = (await house.say("陈涛", "申诉", group=GROUP))[0].split("\n")
    assert (len(shown), shown[0]) == (4, "可申诉的扣分3处，共1.1分，先列2处，其余请私聊查询：")
    await house.say("刘局", "申诉 0001 已批准", photo="permit")
    [left] = await house.say("刘局", "申诉")
    assert "2026-0001" not in left
    assert left.endswith("已提出申诉1件，进度请回“申诉列表”。")
    assert await house.say("刘芳", "申诉") == ["您名下目前没有可申诉的扣分。"]


async def test_the_offices_bare_word_lists_what_it_has_to_decide(house: House) -> None:
    assert await house.say("吴主任", "申诉") == ["没有未结的申诉。某月全部申诉请回“申诉列表 5月”。"]
    await found(house)
    await found(house, "0.4", "人民路", "建设街口")
    await house.say("刘局", "申诉 0001 已批准", photo="permit")
    await house.say("陈涛", "申诉 0002 有活动", photo="event")
    for text in ("申诉", "有哪些申诉", "未结申诉"):
        assert (await house.say("吴主任", text))[0].split("\n") == [
            "未结申诉2件：",
            "2026-申001｜2026-0001 流动商贩 0.5分｜市水利局 刘局｜6月4日前答复",
            "2026-申002｜2026-0002 流动商贩 0.4分｜东关街道 陈涛｜6月4日前答复",
            "复核请回“采纳 申001 理由”或“不采纳 申001 理由”。看依据请回“查 申001”。",
        ]
    assert "采纳" not in (await house.say("郑副市长", "申诉", group=LEADERS))[0]
    await house.say("吴主任", "不采纳 申002 时段不符")
    await house.say("陈涛", "提请终审 申002 另附")
    await house.say("吴主任", "终审 申002 维持 时段不符")
    await house.until(house.local(5, 9))
    [text] = await house.say("冯副主任", "申诉")
    assert "市水利局 刘局｜6月4日前答复，已超时限" in text
    assert "东关街道 陈涛｜终审（维持）已由吴主任登记，待另一人确认" in text
    assert "终审登记请回“终审 申002 采纳（或维持） 理由”" in text


async def test_an_imported_finding_is_appealed_by_its_own_number(house: House) -> None:
    at = house.clock.now()
    await house.store.findings.add([Finding("k", at, "XC003", "luan.vendor", Decimal("0.5"), "孙督查")], at)
    await house.advance(minutes=1)
    assert "涉及扣分0.5分" in (await house.say("刘局", "申诉 督0001 已批准", photo="permit"))[0]
    assert "申诉" in (await house.say("吴主任", "采纳 督0001 确有批准"))[0] or house.heard("刘局")
    assert [one.state for one in await appeals(house)] == [AppealState.ACCEPTED]


async def test_who_lost_points_hears_the_draft_and_how_to_object(house: House) -> None:
    await found(house)
    await found(house, "0.3")
    await house.until(house.local(1, 9, month=7))
    told = {
        who: [t for t in house.all_heard(who) if "考评草稿已出" in t] for who in ("刘局", "陈涛", "李卫东", "王建国")
    }
    assert told["刘局"] == [
        "6月考评草稿已出：市水利局99.20分、第3/3，涉及您的扣分2处，共0.8分。申诉期至7月6日（含）："
        "回“为什么扣分 6月”看明细，有异议回“申诉 编号 理由”并附材料照片。"
    ]
    assert told["李卫东"][0].startswith("6月考评草稿已出：东关街道99.73分、第2/2，涉及您的扣分2处")
    assert told["陈涛"][0].startswith("6月考评草稿已出：陈涛99.80分、第1/1")
    assert told["王建国"] == []
