"""Leaders ask how a township stands; the office asks how far a month has come and sends a draft back."""

from collections.abc import Mapping
from datetime import date

import pytest

from domain.roster import Dated, Person
from tests.house import GROUP, LEADERS, POSTS, House


async def filled(house: House) -> None:
    await house.say("孙督查", "开始督查 建设街")
    await house.say("孙督查", "流动摊 -0.5", photo="a")
    await house.say("孙督查", "结束督查")
    await house.say("刘芳", "建设街第一小学门口 流动摊贩", photo="b", group=GROUP)
    await house.say("李四", "人民路百货大楼门口 井盖破损", photo="c", group=GROUP)
    await house.say("孙丽", "0001 已处理", photo="done")
    await house.advance(minutes=1)


async def misheard(house: House, asked: Mapping[str, tuple[str, str, str]]) -> dict[str, list[str]]:
    """Ask as (who, text, how the answer begins) and return what was answered otherwise: one house for all questions."""
    found = {}
    for name, (who, text, said) in asked.items():
        answers = await house.say(who, text)
        if len(answers) != 1 or not answers[0].startswith(said):
            found[name] = answers
    return found


async def test_how_a_township_stands(house: House) -> None:
    await filled(house)
    assert await house.say("郑副市长", "@路长助手 东关街道这个月怎么样", group=LEADERS) == [
        "东关街道6月（截至1日，过程数据）：得分99.83，全市第2/2，扣分1处共0.5分，督查过4个路段中的1个；"
        "问题3处，按期办结率100.0%，没有超时；突出问题流动商贩（2处，均在建设街）。\n"
        "逐条依据请回“为什么扣分 东关街道 6月”。"
    ]
    await house.until(house.local(2, 18))
    [text] = await house.say("郑副市长", "东关怎么样")
    assert "按期办结率33.3%，超时2件，其中2件仍在办" in text


STANDINGS = {
    "township": (
        "李卫东",
        "河西镇本月情况如何",
        "河西镇6月（截至1日，过程数据）：得分100.00，全市第1/2，未督查；没有问题上报。",
    ),
    "unit": (
        "吴主任",
        "市水利局这个月怎么样",
        "市水利局6月（截至1日，过程数据）：得分99.50，全市第3/3，扣分1处共0.5分，已督查；问题2处",
    ),
    "a second-level chief": (
        "郑副市长",
        "陈涛这个月怎么样",
        "陈涛二级路长6月（截至1日，过程数据）：得分99.88，A类第1/1，扣分1处共0.5分，督查过4个路段中的1个；问题3处",
    ),
    "a segment chief, whom no list ranks": (
        "郑副市长",
        "刘局得多少分",
        "刘局路段长6月（截至1日，过程数据）：所负责路段得分99.50；责任单位市水利局99.50，全市第3/3，扣分1处",
    ),
    "a township head": ("郑副市长", "李卫东咋样", "李卫东辖区总路长6月（截至1日，过程数据）：辖区东关街道99.83"),
    "somebody no list holds": ("郑副市长", "赵强怎么样", "赵强不是考评对象："),
    "the one above": ("刘局", "陈涛怎么样", "陈涛二级路长6月"),
    "the one below": ("陈涛", "刘局怎么样", "刘局路段长6月"),
    "a third person": ("刘局", "王建国怎么样", "个人考评情况由本人、其上下级路长、市领导"),
    "a road": (
        "王建国",
        "人民路这个月怎么样",
        "人民路6月（截至1日，过程数据）：得分100.00（2个路段平均），督查过2个路段中的0个；问题1处",
    ),
    "a segment": ("郑副市长", "建设街（人民路—中山路）怎么样", "建设街（人民路—中山路）6月"),
    "a department": ("郑副市长", "城管执法局这个月怎么样", "城管执法局6月（截至1日，过程数据）：尚无成绩"),
    "no quarter of a road": ("郑副市长", "人民路本季度怎么样", "人民路只有月度得分，请写月份"),
    "a quarter that is not whole": (
        "郑副市长",
        "东关本季度怎么样",
        "东关街道2026年第二季度（4月、5月、6月未定稿，尚无季度成绩）：6月99.83分第2/2（过程数据）。",
    ),
    "a year": ("郑副市长", "东关今年怎么样", "东关街道2026年：没有已定稿的月份成绩。"),
    "nobody's name": ("郑副市长", "陈韬这个月怎么样", "没有找到“陈韬”。可以问辖区、责任单位"),
    "two at once": ("郑副市长", "东关街道和河西镇怎么样", "一次请问一个"),
    "asked for with 查": ("吴主任", "查一下陈涛", "陈涛二级路长6月"),
    "one's own": ("王建国", "我们局上个月第几名", "5月（待通报，过程数据）：市农业局100.00分，第1/3。"),
    "the city": ("郑副市长", "全市这个月怎么样", "全市6月（截至1日，过程数据）：问题3处"),
    "before": (
        "郑副市长",
        "东关街道上月怎么样",
        "东关街道5月（待通报，过程数据）：得分100.00，全市第1/2，督查过4个路段中的0个；没有问题上报。",
    ),
}


async def test_whom_leaders_may_ask_about(house: House) -> None:
    await filled(house)
    assert await misheard(house, STANDINGS) == {}


@pytest.mark.parametrize(
    ("who", "text"),
    [
        pytest.param("刘芳", "东关街道这个月怎么样", id="not a leader"),
        pytest.param("郑副市长", "这个月怎么样", id="about nobody"),
        pytest.param("郑副市长", "东关街道和河西镇怎么样", id="about two"),
    ],
)
async def test_what_is_not_answered_so(house: House, who: str, text: str) -> None:
    assert not any("得分" in answer for answer in await house.say(who, text))


async def test_a_bare_name_asks_among_the_leaders_alone(house: House) -> None:
    await filled(house)
    assert (await house.say("郑副市长", "陈涛", group=LEADERS))[0].startswith("陈涛二级路长6月")
    assert not any("得分" in text for text in await house.say("郑副市长", "陈涛", group=GROUP))


async def test_a_bare_road_is_the_place_of_a_report_that_waits_for_one(house: House) -> None:
    await house.say("郑副市长", "门口有人露天烧烤", group=LEADERS)
    [case] = await house.cases()
    assert not case.segment
    await house.say("郑副市长", "建设街", group=LEADERS)
    assert (await house.case(1)).segment == "XC003"


async def test_nobody_reads_another_persons_figures_in_a_work_group(house: House) -> None:
    await filled(house)
    for text in ("陈涛这个月怎么样", "为什么扣分 陈涛", "二级路长排名"):
        assert await house.say("刘局", text, group=GROUP) == ["个人考评情况请在领导群、市路长办群或私聊中查询。"]
    assert (await house.say("陈涛", "陈涛这个月怎么样", group=GROUP))[0].startswith("陈涛二级路长6月")
    assert (await house.say("刘局", "建设街这个月怎么样", group=GROUP))[0].startswith("建设街6月")


async def test_a_shared_name_is_asked_about_once(house: House) -> None:
    other = Person("chen_2", "陈涛", "市科技局")
    posts = [Dated(post) for post in POSTS]
    await house.store.rosters.import_people([other], posts, date(2026, 1, 1), house.clock.now())
    assert await house.say("郑副市长", "陈涛这个月怎么样", group=LEADERS) == [
        "有2个同名，请选择：1 陈涛（东关街道二级路长） 2 陈涛（市科技局）"
    ]
    assert (await house.say("郑副市长", "1", group=LEADERS))[0].startswith("陈涛二级路长6月")
    await house.say("郑副市长", "陈涛得多少分")
    assert (await house.say("郑副市长", "2"))[0].startswith("陈涛不是考评对象：")


async def test_the_counts_of_an_announcement_lead_to_their_photos(house: House) -> None:
    await filled(house)
    assert (await house.say("郑副市长", "流动商贩多少处", group=LEADERS))[0].split("\n") == [
        "6月督查发现流动商贩1处（截至1日，过程数据）：建设街1处。",
        "编号：0001。",
        "看某处的照片和依据请回“查 0001”。",
    ]
    await house.say("郑副市长", "查 2026-0001", group=LEADERS)
    [card] = [post.outgoing for post in house.new() if post.outgoing.text]
    assert card.text.startswith("【2026-0001】")
    assert len([photo for post in house.new() for photo in post.outgoing.photos]) == 2  # before and after
    await house.say("刘芳", "查 2026-0001")
    assert not [photo for post in house.new() for photo in post.outgoing.photos]


FIGURES = {
    "a road's": ("郑副市长", "建设街有哪些问题", "建设街6月督查发现问题1处"),
    "none": ("吴主任", "河西镇5月流动商贩几处", "河西镇5月督查发现流动商贩0处（待通报，过程数据）。"),
    "by another word": ("王建国", "烧烤摊有多少", "6月督查发现烧烤摊（露天烧烤）0处"),
    "flags before their time": ("郑副市长", "5月黑旗是谁", "5月考评尚未通报，红旗、黑旗以通报为准。"),
    "a list": ("郑副市长", "哪个街道最差", "6月辖区排名（截至1日，过程数据）：1.河西镇100.00分；2."),
    "whom the scheme does not rank": ("郑副市长", "路段长排名", "按考评办法只排辖区、二级路长"),
    "persons before they are announced": ("刘局", "二级路长排名", "个人考评情况由本人、其上下级路长"),
    "a quarter's list": ("郑副市长", "二季度辖区排名", "2026年第二季度辖区排名：4月、5月、6月未定稿"),
    "a year's list": ("郑副市长", "今年辖区排名", "2026年辖区排名：没有已定稿的月份成绩。"),
    "counts are of months": ("郑副市长", "二季度流动商贩多少处", "这项请按月查询"),
    "one's own quarter": ("王建国", "二季度排名", "市农业局2026年第二季度（4月、5月、6月未定稿"),
    "why, in other words": ("郑副市长", "东关为什么这么低", "东关街道6月99.83分、第2/2"),
    "seen": (
        "孙督查",
        "督查覆盖情况",
        "6月督查覆盖5个路段中的1个（20.0%），督查记录1条（截至1日，过程数据）。\n未督查：",
    ),
    "seen, for those assessed": ("刘局", "督查覆盖情况", "6月督查覆盖5个路段中的1个"),
}


async def test_other_figures_of_an_announcement(house: House) -> None:
    await filled(house)
    assert await misheard(house, FIGURES) == {}
    [answer] = await house.say("刘局", "督查覆盖情况")
    assert "未督查" not in answer  # what is still to come this month


async def test_an_instruction_that_asks_for_a_situation_stays_an_instruction(house: House) -> None:
    posted = await house.say("郑副市长", "请东关街道今天解决第一小学门口占道经营的问题并报告处理情况", group=LEADERS)
    assert any("已登记为领导交办件" in text for text in posted)


async def test_how_far_a_month_has_come(house: House) -> None:
    await filled(house)
    await house.say("刘局", "申诉 0001 已批准", photo="permit")
    assert (await house.say("吴主任", "6月考评"))[0].split("\n") == [
        "6月考评已汇总：3个单位、1条扣分、1件申诉未结（未结不得定稿），督查覆盖5个路段中的1个。",
        "2026年6月：考评中。",
    ]
    assert "由市路长办办理" in (await house.say("刘局", "6月考评"))[0]
    assert (await house.say("吴主任", "考评进度"))[0].startswith("5月考评已汇总：3个单位、0条扣分、0件申诉未结，")


async def test_the_office_alone_steers_a_month(house: House) -> None:
    for who in ("郑副市长", "李卫东", "钱专干", "孙督查", "王建国"):
        for text in ("暂缓通报 5月 数据核对中", "恢复通报 5月", "定稿 5月", "授权自动通报", "通报进度"):
            assert await house.say(who, text) == ["通报由市路长办办理。"], (who, text)
    assert await house.store.ledger.events("period:2026-05") == []
    assert await house.say("吴主任", "暂缓通报 5月 数据核对中") != ["通报由市路长办办理。"]


async def test_a_draft_sent_back_is_held(house: House) -> None:
    assert await house.say("吴主任", "退回 数据不对") == ["您名下没有在办案件。"]
    await house.until(house.local(1, 9, month=7))
    assert await house.say("吴主任", "退回") == ["请写明暂缓通报的原因，例如：暂缓通报 数据核对中。"]
    assert await house.say("吴主任", "退回 建设街扣分待核") == [
        "2026年6月通报已暂缓：建设街扣分待核。恢复请回复“恢复通报”。"
    ]
