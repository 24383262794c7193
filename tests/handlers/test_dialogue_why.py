"""为什么扣分: itemised, with clause, photos, appeals, what was taken back, and the rank if an appeal succeeds."""

from decimal import Decimal

import pytest

from domain.finding import Finding
from tests.house import GROUP, House


async def found(house: House, road: str = "建设街", points: str = "0.5", spot: str = "") -> None:
    await house.say("孙督查", f"开始督查 {road}")
    await house.say("孙督查", f"{spot} 流动摊 -{points}", photo=[f"{road}{points}", f"{road}{points}{spot}b"])
    await house.say("孙督查", "结束督查")
    await house.advance(minutes=1)


async def test_ones_own_deductions_line_by_line(house: House) -> None:
    await found(house)
    [text] = await house.say("刘局", "为什么扣分")
    assert text.split("\n") == [
        "市水利局6月99.50分、第3/3（截至6月1日，过程数据，以通报为准）：扣分1处，共0.5分。",
        "−0.5 2026-0001 流动商贩｜建设街（人民路—中山路）｜6月1日09:00｜照片2张｜示例细则二（3）｜督查员",
        "对扣分有异议，请在异议期结束前回“申诉 编号 理由”并附材料照片。",
    ]


async def test_a_pending_appeal_and_the_rank_it_would_give(house: House) -> None:
    await found(house)
    await found(house, "人民路", "0.4", "建设街口")
    await house.say("刘局", "申诉 0001 已批准", photo="permit")
    [text] = await house.say("刘局", "为什么扣分")
    lines = text.split("\n")
    assert lines[0].startswith("市水利局6月99.50分、第3/3")
    assert lines[1].endswith("｜复核中（2026-申001）")
    assert lines[2] == "2026-申001如获采纳：市水利局100.00分、第1/3。"
    assert len(lines) == 3


async def test_what_was_taken_back_is_shown_as_a_plus(house: House) -> None:
    await found(house)
    await found(house, points="0.7")
    await found(house, points="0.3")
    await house.say("刘局", "申诉 0001 已批准", photo="permit")
    await house.say("刘局", "申诉 0002 只有一处", photo="permit2")
    await house.say("吴主任", "采纳 申001 有批准")
    await house.say("吴主任", "采纳 申002 改扣0.2 核减")
    await house.say("吴主任", "作废 0003 误报")
    [text] = await house.say("刘局", "为什么扣分")
    lines = text.split("\n")
    assert "扣分1处，共0.2分" in lines[0]
    assert lines[1].startswith("＋0.5 2026-0001")
    assert lines[1].endswith("申诉采纳（2026-申001），已撤销")
    assert lines[2].startswith("−0.2 2026-0002")
    assert lines[2].endswith("申诉采纳（2026-申002），原扣0.7分")
    assert lines[3].startswith("＋0.3 2026-0003")
    assert lines[3].endswith("案件作废，已撤销")


@pytest.mark.parametrize(
    ("who", "text", "said"),
    [
        pytest.param("王建国", "为什么扣分 建设街", "建设街（人民路—中山路）6月99.50分（截至", id="a road"),
        pytest.param("王建国", "为什么扣分 人民路", "人民路（东关街道）6月100.00分（截至", id="a clean road"),
        pytest.param("王建国", "扣分明细 XC003", "建设街（人民路—中山路）6月99.50分", id="a segment"),
        pytest.param("王建国", "为什么扣分 市水利局", "市水利局6月99.50分、第3/3", id="a unit"),
        pytest.param("王建国", "为什么扣分 东关街道 本月", "东关街道6月99.83分、第2/2", id="a township"),
        pytest.param("王建国", "为什么扣分 陈涛", "陈涛6月99.88分、第1/1", id="a second-level chief"),
        pytest.param("陈涛", "为什么扣分", "陈涛6月99.88分", id="his own as a second-level chief"),
        pytest.param("李卫东", "为啥扣分", "东关街道6月99.83分", id="his own as a township head"),
        pytest.param("刘局", "为什么扣分 5月", "市水利局5月100.00分、第1/3（截至6月1日", id="another month"),
        pytest.param("刘芳", "为什么扣分", "您名下没有被考评的路段或单位", id="nobody's own"),
        pytest.param("刘局", "为什么扣分 天安门", "没有找到“天安门”", id="unknown"),
        pytest.param("刘局", "为什么扣分 13月", "没有13月", id="no month"),
    ],
)
async def test_whose_deductions(house: House, who: str, text: str, said: str) -> None:
    await found(house)
    [answer] = await house.say(who, text)
    assert said in answer
    assert "孙督查" not in answer


@pytest.mark.parametrize(
    "text", ["为什么扣分 0001", "0001 为什么扣分", "为什么扣分 2026-0001", "查 督0001", "查 2026-督0001"]
)
async def test_one_figure_is_asked_back_by_its_number(house: House, text: str) -> None:
    await found(house)
    await house.store.findings.add(
        [Finding("k", house.clock.now(), "XC003", "luan.vendor", Decimal("0.3"), "张三")], house.clock.now()
    )
    [answer] = await house.say("刘局", text)
    first, last = answer.split("\n")
    assert first.startswith("−0.3 2026-督0001 流动商贩｜" if "督" in text else "−0.5 2026-0001 流动商贩｜")
    assert last.startswith("对扣分有异议")
    assert "张三" not in answer


async def test_who_answers_for_the_same_deductions_in_two_lists_reads_them_once(house: House) -> None:
    await found(house)
    [text] = await house.say("陈涛", "为什么扣分")
    lines = text.split("\n")
    assert [line.split("6月")[0] for line in lines[:2]] == ["陈涛", "东关街道"]
    assert sum(line.startswith("−") for line in lines) == 1


async def test_a_group_reads_the_first_few(house: House) -> None:
    for points in ("0.1", "0.2", "0.3"):
        await found(house, points=points)
    [text] = await house.say("刘局", "为什么扣分", group=GROUP)
    assert len(text.split("\n")) == 4
    assert text.endswith("……共3处，全部请私聊查询。")


async def test_imported_findings_and_confirmed_reports_say_where_they_come_from(house: House) -> None:
    at = house.clock.now()
    await house.store.findings.add([Finding("k", at, "XC003", "luan.vendor", Decimal("0.5"), "张三")], at)
    await house.say("刘芳", "建设街第一小学门口 流动摊贩占道", photo="a", group=GROUP)
    await house.advance(minutes=1)
    await house.say("吴主任", "认定 0001 0.2")
    [text] = await house.say("刘局", "为什么扣分")
    assert "−0.5 2026-督0001 流动商贩" in text
    assert "日09:00｜示例细则二（3）｜督查导入" in text
    assert "−0.2 2026-0001" in text
    assert "｜上报，经认定" in text
    assert "张三" not in text


async def test_a_cards_deduction(house: House) -> None:
    await found(house)
    [card] = await house.say("王建国", "查 0001")
    assert "督查扣分 0.5分（示例细则二（3）流动商贩）" in card
    await house.say("刘局", "申诉 0001 已批准", photo="permit")
    [card] = await house.say("刘局", "查 0001")
    assert "督查扣分 0.5分（示例细则二（3）流动商贩）｜复核中（2026-申001）" in card


async def test_the_published_month_says_so(house: House) -> None:
    await found(house)
    for person in ("吴主任", "冯副主任"):
        await house.say(person, "授权自动通报")
    await house.until(house.local(2, 9, month=7))
    [text] = await house.say("刘局", "为什么扣分 6月")
    assert text.endswith("对扣分有异议，请在7月6日前回“申诉 编号 理由”并附材料照片。")
    await house.until(house.local(7, 10, month=7))
    [text] = await house.say("刘局", "为什么扣分 6月")
    assert "市水利局6月99.50分、第3/3（已通报）：扣分1处，共0.5分。" in text
    assert "申诉 编号" not in text
    [ranking] = await house.say("刘局", "本月排名")
    assert "市水利局100.00分，第1/3，较上月↑2" in ranking
