"""督查 by chat: a walk, its findings with their points, clean visits, corrections of points, reports taken as findings."""

from decimal import Decimal

import pytest

from domain.case import Origin, State
from domain.finding import Finding
from tests.house import GROUP, House, open_house


async def findings(house: House) -> list[Finding]:
    async with house.store.reading(house.clock.now()) as view:
        return await view.inspected.findings(house.local(1, 0), house.local(30, 0))


async def scores(house: House, subject: str) -> Decimal:
    from domain.casework import month as months
    from domain.casework.work import Work

    async with house.store.reading(house.clock.now()) as view:
        found = await months.scores_of(Work(view, house.rules), house.rules.month(house.clock.now()))
    return next(row.score for listed in found.sequences for row in listed.rows if row.subject == subject)


async def test_a_walk_word_for_word(house: House) -> None:
    assert await house.say("孙督查", "开始督查 人民路") == [
        "人民路督查开始（9:00），后续照片默认记入本路。结束请回“结束督查”。"
    ]
    await house.advance(minutes=5)
    [receipt] = [
        t for t in await house.say("孙督查", "建设街口 流动摊 -0.5", photo="a") if "2026-0001" in t and "拟扣" in t
    ]
    assert receipt.startswith(
        "【2026-0001】已交办｜流动商贩｜人民路（建设街—文化街）｜拟扣0.5分（示例细则二（3）流动商贩）｜赵强，"
    )
    assert "分值" not in receipt
    assert "不出现您的身份" not in receipt
    await house.advance(minutes=5)
    [second] = [
        t for t in await house.say("孙督查", "新华路口绿篱垃圾", photo=["b", "c"]) if "2026-0002" in t and "拟扣" in t
    ]
    assert "绿篱花坛垃圾｜人民路（文化街—新华路）｜拟扣0.5分（示例细则一（10）绿篱花坛垃圾）" in second
    assert second.endswith("扣分不符请回“分值 0.1”。")
    await house.advance(minutes=12)
    assert await house.say("孙督查", "结束督查") == [
        "人民路督查结束：发现2处，立行立改0处，拟扣1分，用时22分钟。17:30计入日督查。"
    ]
    first, other = await house.cases()
    assert (first.origin, first.inspector, first.handler, first.state) == (Origin.PATROL, "sun", "zhao", State.ASSIGNED)
    assert [len(case.photos) for case in (first, other)] == [1, 2]
    found = await findings(house)
    assert [(f.segment, f.category, f.points, f.by_book, f.inspector, f.label) for f in found] == [
        ("XC001", "luan.vendor", Decimal("0.5"), False, "sun", "2026-0001"),
        ("XC002", "zang.greenbelt_litter", Decimal("0.50"), True, "sun", "2026-0002"),
    ]
    assert [f.found_at for f in found] == [first.reported_at, other.reported_at]
    assert "【2026-0001】" in house.all_heard("赵强")[0]
    assert await scores(house, "市农业局") == Decimal("99.50")


async def test_a_finding_goes_to_its_inspector_for_verification(house: House) -> None:
    await house.say("孙督查", "开始督查 人民路")
    await house.say("孙督查", "建设街口 流动摊 -0.5", photo="a")
    await house.say("赵强", "已处理", photo="after")
    assert any("【2026-0001】待复核" in text for text in house.heard("孙督查"))
    await house.say("孙督查", "0001 通过")
    assert (await house.case(1)).state is State.CLOSED
    assert "立行立改1处" in (await house.say("孙督查", "结束督查"))[0]


async def test_photos_first_words_later_and_words_first(house: House) -> None:
    await house.say("孙督查", "开始督查 建设街")
    await house.say("孙督查", photo="a")
    await house.say("孙督查", "流动摊 -0.5")
    await house.say("孙督查", photo="b")
    await house.say("孙督查", "路面垃圾没人捡")
    await house.say("孙督查", "井盖破损")
    await house.say("孙督查", photo="c")
    cases = await house.cases()
    assert [(case.segment, len(case.photos)) for case in cases] == [("XC003", 1)] * 3


async def test_a_crossing_of_two_segments_is_asked_and_counted_once(house: House) -> None:
    await house.say("孙督查", "开始督查 人民路")
    [asked] = await house.say("孙督查", "文化街口 流动摊 -0.4", photo="a")
    assert "1 人民路（建设街—文化街） 2 人民路（文化街—新华路）" in asked
    assert await findings(house) == []
    posted = await house.say("孙督查", "2")
    assert any("拟扣0.4分" in text and "人民路（文化街—新华路）" in text for text in posted)
    [found] = await findings(house)
    assert (found.segment, found.points) == ("XC002", Decimal("0.4"))


async def test_a_problem_on_another_road_goes_there(house: House) -> None:
    await house.say("孙督查", "开始督查 人民路")
    await house.say("孙督查", "滨河路滨河公园门口 露天烧烤 -1", photo="a")
    assert [f.segment for f in await findings(house)] == ["XC004"]


async def test_two_problems_in_one_message_are_two_findings(house: House) -> None:
    await house.say("孙督查", "开始督查 建设街")
    posted = await house.say("孙督查", "流动摊贩占道经营；路面井盖破损", photo="a")
    assert sum("拟扣" in text for text in posted) == 2
    assert len({f.key for f in await findings(house)}) == 2


async def test_without_a_walk_only_named_points_make_a_finding(house: House) -> None:
    await house.say("孙督查", "人民路百货大楼门口 流动摊贩", photo="a")
    assert (await house.case(1)).origin is Origin.PUBLIC
    await house.say("孙督查", "@路长助手 人民路人民医院门口 井盖破损 扣2分", photo="b", group=GROUP)
    [found] = await findings(house)
    assert (found.segment, found.points, found.label) == ("XC002", Decimal(2), "2026-0002")
    await house.say("赵强", "人民路人民医院门口 路灯不亮 -0.5", photo="c")
    assert len(await findings(house)) == 1
    assert (await house.case(3)).origin is Origin.PUBLIC


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("建设街口 流动摊 -0.555", "“0.555”不是扣分", id="three decimals"),
        pytest.param("建设街口 流动摊 -101", "“101”不是扣分", id="above a hundred"),
    ],
)
async def test_impossible_points_change_nothing(house: House, text: str, said: str) -> None:
    await house.say("孙督查", "开始督查 人民路")
    [answer] = await house.say("孙督查", text, photo="a")
    assert said in answer
    assert await house.cases() == []


async def test_points_are_corrected_while_the_month_is_open(house: House) -> None:
    await house.say("孙督查", "开始督查 建设街")
    await house.say("孙督查", "流动摊", photo="a")
    await house.advance(minutes=1)
    await house.say("孙督查", "井盖破损 -2", photo="b")
    assert await house.say("孙督查", "分值 0.1") == [
        "2026-0002拟扣分已由2分改为0.1分（示例细则三（2）井盖箱盖缺失破损）。"
    ]
    assert "2026-0001拟扣分已由0.5分改为0.2分" in (await house.say("孙督查", "分值 0001 0.2"))[0]
    assert "改为0分" in (await house.say("孙督查", "分值 0", quote="【2026-0001】已交办"))[0]
    assert [(f.points, f.by_book) for f in await findings(house)] == [(Decimal(0), False), (Decimal("0.1"), False)]
    assert "督查员" in (await house.say("赵强", "分值 0001 0"))[0]
    assert "不是扣分" in (await house.say("孙督查", "分值 很多"))[0]
    kinds = [entry.event.kind for entry in await house.store.ledger.events("case:2026-0002")]
    assert "points" in kinds


async def test_a_finding_the_book_does_not_know_waits_for_its_points(house: House) -> None:
    await house.say("孙督查", "开始督查 建设街")
    posted = await house.say("孙督查", "有人在路边占道打牌", photo="a")
    assert any("扣分细则未列该类别，请回“分值 0.5”补记扣分" in text for text in posted)
    assert await findings(house) == []
    assert "拟扣0.3分（细则未列，督查员认定）" in (await house.say("孙督查", "分值 0.3"))[0]
    assert [f.points for f in await findings(house)] == [Decimal("0.3")]


async def test_clean_visits_count_as_visits(house: House) -> None:
    await house.say("孙督查", "开始督查 人民路")
    await house.say("孙督查", "建设街口 流动摊 -0.5", photo="a")
    await house.advance(minutes=1)
    assert await house.say("孙督查", "无问题") == ["已记为督查无问题：人民路（文化街—新华路）。"]
    assert "今天已有督查记录" in (await house.say("孙督查", "无问题"))[0]
    await house.say("孙督查", "结束督查")
    await house.advance(minutes=1)
    assert await house.say("孙督查", "无问题 滨河路") == ["已记为督查无问题：滨河路（桥头—码头）。"]
    assert [(f.segment, f.category) for f in await findings(house)] == [
        ("XC001", "luan.vendor"),
        ("XC002", ""),
        ("XC004", ""),
    ]
    assert "督查员" in (await house.say("赵强", "无问题 人民路"))[0]


async def test_what_has_no_record_is_named_at_the_end(house: House) -> None:
    await house.say("孙督查", "开始督查 人民路")
    await house.say("孙督查", "建设街口 流动摊 -0.5", photo="a")
    [text] = await house.say("孙督查", "结束督查")
    assert text.split("\n")[1] == "未记录的路段：人民路（文化街—新华路）。走过且无问题请回“无问题 人民路”。"


async def test_a_walk_survives_a_restart_and_ends_with_its_day(house: House) -> None:
    await house.say("孙督查", "开始督查 人民路")
    assert "请先回“结束督查”" in (await house.say("孙督查", "开始督查 建设街"))[0]
    await house.say("孙督查", "建设街口 流动摊 -0.5", photo="a")
    await house.until(house.local(2, 9, 0))
    assert any(
        t == "6月1日人民路督查已随当日自动结束：发现1处，立行立改0处，拟扣0.5分。" for t in house.all_heard("孙督查")
    )
    assert "没有正在进行的督查" in (await house.say("孙督查", "结束督查"))[0]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("开始督查", "请写路名", id="no road"),
        pytest.param("开始督查 天安门", "没有道路“天安门”", id="unknown"),
        pytest.param("开始督查 河", "可能是：滨河路", id="part of a name is not enough to guess"),
        pytest.param("结束督查", "没有正在进行的督查", id="nothing to end"),
    ],
)
async def test_walks_that_cannot_be(house: House, text: str, said: str) -> None:
    if text == "开始督查 河":
        assert "滨河路督查开始" in (await house.say("孙督查", text))[0]
        return
    assert said in (await house.say("孙督查", text))[0]


async def test_only_inspectors_walk(house: House) -> None:
    assert "督查由市路长办的督查员进行" in (await house.say("王建国", "开始督查 人民路"))[0]


async def test_a_public_report_scores_only_when_it_is_confirmed(house: House) -> None:
    await house.say("刘芳", "人民路百货大楼门口 流动摊贩占道", photo="a", group=GROUP)
    assert await findings(house) == []
    assert "督查由市路长办的督查员进行" in (await house.say("王建国", "认定 0001 0.5"))[0]
    await house.say("孙督查", "认定 0001 0.3")
    assert house.heard("孙督查") == [
        "2026-0001已认定为督查问题，拟扣0.3分（示例细则二（3）流动商贩），计入人民路（建设街—文化街）。"
    ]
    told = "2026-0001（流动商贩，人民路（建设街—文化街））经核实认定为督查问题，拟扣0.3分"
    assert told in house.heard("王建国")[0]
    assert "已是督查问题" in (await house.say("吴主任", "认定 0001"))[0]
    [found] = await findings(house)
    assert (found.found_at, found.points) == ((await house.case(1)).reported_at, Decimal("0.3"))
    await house.say("赵强", "0001 已处理", photo="done")
    assert any("【2026-0001】待复核" in text for text in house.heard("孙督查"))
    await house.say("刘芳", "人民路人民医院门口 井盖破损", photo="b", group=GROUP)
    assert "拟扣2分" in (await house.say("吴主任", "认定 0002"))[0]


async def test_a_void_case_takes_no_points(house: House) -> None:
    await house.say("孙督查", "开始督查 人民路")
    await house.say("孙督查", "建设街口 流动摊 -0.5", photo="a")
    await house.advance(minutes=1)
    assert await scores(house, "市农业局") == Decimal("99.75")
    await house.say("吴主任", "作废 0001 误报")
    assert await scores(house, "市农业局") == Decimal("100.00")
    [found] = await findings(house)
    assert (found.withdrawn, found.points) == ("void", Decimal("0.5"))


async def test_only_who_may_score_moves_a_deduction_to_another_category(house: House) -> None:
    await house.say("孙督查", "开始督查 建设街")
    await house.say("孙督查", "流动摊", photo="a")
    await house.say("钱专干", "改类 0001 井盖箱盖缺失破损")
    assert [f.category for f in await findings(house)] == ["luan.vendor"]
    await house.say("孙督查", "改类 0001 露天烧烤")
    assert [(f.category, f.points) for f in await findings(house)] == [("wu.bbq", Decimal("2.00"))]


async def test_a_finding_on_the_wrong_segment_is_moved_by_the_office_alone(house: House) -> None:
    await house.say("孙督查", "开始督查 建设街")
    await house.say("孙督查", "流动摊 -0.5", photo="a")
    await house.say("孙丽", "非我路段 0001 在人民路上")
    await house.say("钱专干", "定位 0001 XC001")
    assert [f.segment for f in await findings(house)] == ["XC003"]
    await house.say("赵强", "非我路段 0001 不对")
    await house.say("吴主任", "定位 0001 XC002")
    assert [f.segment for f in await findings(house)] == ["XC002"]


async def test_a_restart_in_the_midst_of_a_walk(tmp_path: object) -> None:
    from pathlib import Path

    assert isinstance(tmp_path, Path)
    async with open_house(tmp_path) as before:
        await before.say("孙督查", "开始督查 建设街")
        at = before.clock.now()
    async with open_house(tmp_path, at, roster=False) as house:
        house.ids = iter(range(100, 200))  # type: ignore[assignment]
        await house.say("孙督查", "流动摊 -0.5", photo="a")
        assert [f.segment for f in await findings(house)] == ["XC003"]


async def test_a_walk_says_what_waits_for_its_place(house: House) -> None:
    await house.say("孙督查", "开始督查 人民路")
    await house.say("孙督查", "流动摊 -0.5", photo="a")
    await house.advance(minutes=1)
    [text] = await house.say("孙督查", "结束督查")
    assert text.split("\n")[:2] == [
        "人民路督查结束：发现0处，立行立改0处，拟扣0分，用时1分钟。17:30计入日督查。",
        "待定位1处，定位后计入：0001。请回“定位 0001 路段编号”。",
    ]
    await house.say("孙督查", "定位 0001 XC001")
    assert [one.segment for one in await findings(house)] == ["XC001"]


async def test_an_inspector_asks_for_his_roads_of_the_day(house: House) -> None:
    [text] = await house.say("孙督查", "今天督查哪些路")
    assert text.startswith(("今日督查（抽签）：1 ", "抽签没有安排您今日的督查路段"))
    assert text.count("本月已督查0/5个路段") == 1
    assert await house.say("孙督查", "今日督查", group=GROUP) == ["督查安排不在群内公布，请私聊查询。"]
    assert "督查由市路长办的督查员进行" in (await house.say("王建国", "今日督查"))[0]
    found = await house.say("孙督查", "今天督查发现建设街第一小学门口流动摊 -0.5", photo="a")
    assert any("拟扣0.5分" in receipt for receipt in found)
