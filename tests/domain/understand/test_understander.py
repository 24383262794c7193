"""Messages: what they are for, what is wrong, how bad it is, and whether the bot may act."""

import pytest

from domain.understand import Hints, Understander


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        pytest.param("百货大楼门口垃圾成堆没人管", "report", id="a report"),
        pytest.param("三中门口占道经营", "report", id="a problem and nothing asked"),
        pytest.param("路边有人占道经营", "report", id="a bare problem is no question"),
        pytest.param("三中门口占道经营归谁管", "query", id="who answers for it"),
        pytest.param("什么叫占道经营", "query", id="what a word means"),
        pytest.param("收到，马上安排", "ack", id="acknowledged"),
        pytest.param("1", "ack", id="a bare digit"),
        pytest.param("👌", "ack", id="a sign of consent"),
        pytest.param("都扫干净了，没有垃圾了", "resolve", id="negation is no report"),
        pytest.param("现场未发现占道经营", "resolve", id="not found is no report"),
        pytest.param("百货大楼门口垃圾已清理", "resolve", id="done"),
        pytest.param("昨天报的井盖修了没", "query", id="a question about progress"),
        pytest.param("垃圾桶坏了归谁管？", "query", id="a question with a problem in it"),
        pytest.param("这个不归我们，请转交警", "reassign", id="not ours"),
        pytest.param("更正，不是建设路，是和平路", "supplement", id="a correction"),
        pytest.param("配件没到，申请延期两天", "extend", id="more time"),
        pytest.param("【通知】各路段长明天上午九点开会", "notice", id="a notice"),
        pytest.param("本周重点整治：占道经营、小广告", "notice", id="a notice full of problems"),
        pytest.param("谢谢大家，辛苦了", "chatter", id="thanks"),
        pytest.param("😂😂", "chatter", id="a laugh"),
        pytest.param("井盖缺失", "report", id="a bare problem of four characters"),
        pytest.param("线缆坠落", "report", id="another"),
        pytest.param("感谢路长，门口的井盖终于不响了", "chatter", id="thanks for what is mended"),
        pytest.param("以前这里污水横流，现在干干净净", "chatter", id="past tense"),
        pytest.param("工单编号0312 来电人反映百货大楼门口噪声扰民，请核查处理并回复", "report", id="a ticket"),
        pytest.param("接上级通知，今晚降温，请各单位提前防路面结冰", "notice", id="a notice passed on"),
        pytest.param("非我路段 文化街以东", "reassign", id="not my stretch"),
        pytest.param("延期 需商户搬迁 明天12点", "extend", id="more time, with a reason"),
        pytest.param("我名下还有几件", "query", id="what is left"),
        pytest.param("文化街口绿篱垃圾", "report", id="an inspector's shorthand"),
    ],
)
def test_intent(town: Understander, text: str, intent: str) -> None:
    found = town.understand(text)
    assert found.intent == intent
    assert (found.category is None) == (intent != "report")


@pytest.mark.parametrize(
    ("text", "category", "severity"),
    [
        pytest.param("炎黄广场东侧窨井没盖，一个老太太掉进去了", "cha.manhole", "重大", id="a person in a manhole"),
        pytest.param("阳光幼儿园门口井盖一过车就咣当响", "cha.manhole", "一般", id="a rattling cover"),
        pytest.param("市民之家往东七八盏路灯都不亮", "cha.streetlight", "突出", id="dark lamps"),
        pytest.param("永兴路路灯大白天亮着", "cha.streetlight", "一般", id="lamps burning by day"),
        pytest.param("三中门口小广告贴满了", "zang.flyposting", "一般", id="fly-posting"),
        pytest.param("三中门口摆摊的天天占道", "luan.stall", "突出", id="every day"),
        pytest.param("三中门口违停一排小车", "cha.car_parking", "一般", id="cars"),
    ],
)
def test_category_and_severity(town: Understander, text: str, category: str, severity: str) -> None:
    found = town.understand(text)
    assert (found.category, found.severity) == (category, severity)
    assert found.evidence
    assert severity in found.severity_reason


@pytest.mark.parametrize(
    ("text", "is_hazard"),
    [
        pytest.param("三中门口井盖没了", True, id="a missing cover"),
        pytest.param("三中门口电线掉地上冒火花", True, id="a live cable"),
        pytest.param("三中门口路面塌陷，下面是空的", True, id="a collapse"),
        pytest.param("三中门口下水道铁篦子叫人偷了，就剩个窟窿", True, id="a missing grate, at length"),
        pytest.param("三中门口刮断的线躺在路上，露着铜丝", True, id="a bare wire on the road"),
        pytest.param("三中门口信号灯一直黑着", True, id="dark traffic lights"),
        pytest.param("三中门口一股臭鸡蛋味，像是煤气", True, id="gas by its smell"),
        pytest.param("三中门口井盖一过车就咣当响", False, id="a cover that only rattles"),
        pytest.param("三中门口纸屑没人扫", False, id="litter"),
        pytest.param("三中门口井盖换好了", False, id="not a report"),
    ],
)
def test_hazards(town: Understander, text: str, is_hazard: bool) -> None:
    assert town.understand(text).is_hazard is is_hazard


def test_two_problems_are_two(town: Understander) -> None:
    found = town.understand("三中门口摆摊占道经营，旁边井盖也没了")
    assert [problem.category for problem in found.problems] == ["luan.stall", "cha.manhole"]
    assert found.also == ("cha.manhole",)
    assert [problem.is_hazard for problem in found.problems] == [False, True]
    assert found.problems[1].text == "旁边井盖也没了"


def test_the_first_named_problem_is_the_main_one(town: Understander) -> None:
    found = town.understand("薛店食品街白象门口烂菜叶子一地，还有一滩油")
    assert found.category == "zang.litter"


def test_there_are_three_candidates_and_they_are_ordered(town: Understander) -> None:
    shares = [share for _, share in town.understand("三中门口乱七八糟没人管").category_candidates]
    assert len(shares) == 3
    assert shares == sorted(shares, reverse=True)


def test_a_sure_report_is_acted_upon_and_a_vague_one_is_not(town: Understander) -> None:
    assert town.understand("三中门口小广告牛皮癣贴满电线杆").decision == "act"
    assert town.understand("三中门口那个东西不像话").decision in ("ask", "desk")


def test_without_a_segment_nobody_acts(town: Understander) -> None:
    assert town.understand("小广告牛皮癣贴满电线杆").decision == "ask"
    assert town.understand("人民路小广告牛皮癣贴满电线杆").decision == "ask"


def test_the_example_of_the_first_report(town: Understander) -> None:
    found = town.understand("@路长助手 新建路新华路口往西50米，烧烤店占道经营", Hints(has_photo=True))
    assert found.intent == "report"
    assert found.segment == "XZ073"
    assert {"luan.stall", "wu.bbq", "luan.overflow_shop"} & {code for code, _ in found.category_candidates}


def test_half_and_full_width_read_alike(town: Understander) -> None:
    one, other = town.understand("新华路１６８号，门前三包没做"), town.understand("新华路168号,门前三包没做")
    assert (one.segment, one.category) == (other.segment, other.category) == ("XZ016", "zang.frontage")
