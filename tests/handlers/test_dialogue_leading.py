"""Leaders ask how a township stands; the office asks how far a month has come and sends a draft back."""

import pytest

from tests.house import GROUP, LEADERS, House


async def filled(house: House) -> None:
    await house.say("孙督查", "开始督查 建设街")
    await house.say("孙督查", "流动摊 -0.5", photo="a")
    await house.say("孙督查", "结束督查")
    await house.say("刘芳", "建设街第一小学门口 流动摊贩", photo="b", group=GROUP)
    await house.say("李四", "人民路百货大楼门口 井盖破损", photo="c", group=GROUP)
    await house.say("孙丽", "0001 已处理", photo="done")
    await house.advance(minutes=1)


async def test_how_a_township_stands(house: House) -> None:
    await filled(house)
    assert await house.say("郑副市长", "@路长助手 东关街道这个月怎么样", group=LEADERS) == [
        "东关街道6月（截至1日）：得分99.83，全市第2/2；问题3处，按期办结率100.0%，没有超时；突出问题流动商贩（2处，均在建设街）。"
    ]
    await house.until(house.local(2, 18))
    [text] = await house.say("郑副市长", "东关怎么样")
    assert "按期办结率33.3%，超时2件，其中2件仍在办" in text


@pytest.mark.parametrize(
    ("who", "text", "said"),
    [
        pytest.param(
            "李卫东", "河西镇本月情况如何", "河西镇6月（截至1日）：得分100.00，全市第1/2；没有问题上报。", id="township"
        ),
        pytest.param(
            "吴主任", "市水利局这个月怎么样", "市水利局6月（截至1日）：得分99.50，全市第3/3；问题2处", id="unit"
        ),
        pytest.param("郑副市长", "全市这个月怎么样", "全市6月（截至1日）：问题3处", id="the city"),
        pytest.param(
            "郑副市长",
            "东关街道上月怎么样",
            "东关街道5月（待通报）：得分100.00，全市第1/2；没有问题上报。",
            id="before",
        ),
    ],
)
async def test_whom_leaders_may_ask_about(house: House, who: str, text: str, said: str) -> None:
    await filled(house)
    assert (await house.say(who, text))[0].startswith(said)


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


async def test_a_draft_sent_back_is_held(house: House) -> None:
    assert await house.say("吴主任", "退回 数据不对") == ["您名下没有在办案件。"]
    await house.until(house.local(1, 9, month=7))
    assert await house.say("吴主任", "退回") == ["请写明暂缓通报的原因，例如：暂缓通报 数据核对中。"]
    assert await house.say("吴主任", "退回 建设街扣分待核") == [
        "2026年6月通报已暂缓：建设街扣分待核。恢复请回复“恢复通报”。"
    ]
