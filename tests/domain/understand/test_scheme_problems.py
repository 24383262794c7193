"""Every problem that the scheme names (S12–S16) has a category of its class, and is understood when somebody says it."""

import pytest

from domain.categories import OTHER, Categories
from domain.understand import Understander

CATEGORIES = Categories.load()
# statement → class, and what somebody says → category, in the statement's order
SAID: dict[str, tuple[str, dict[str, str]]] = {
    "S12": (
        "zang",
        {
            "门前五包没落实": "zang.frontage",
            "路面有遗漏垃圾": "zang.litter",
            "路面一片油渍": "zang.stain",
            "有人乱倒垃圾": "zang.dumping",
            "路面浮土很厚": "zang.dust",
            "墙角杂草丛生是卫生死角": "zang.deadcorner",
            "橱窗上乱贴海报": "zang.window_ad",
            "电线杆上都是牛皮癣": "zang.flyposting",
            "果皮箱坏了": "zang.sanitation_facility",
            "绿篱里有垃圾": "zang.greenbelt_litter",
            "隔离护栏太脏": "zang.guardrail",
        },
    ),
    "S13": (
        "luan",
        {
            "有人乱摆摊": "luan.stall",
            "店铺突店经营": "luan.overflow_shop",
            "流动商贩在叫卖": "luan.vendor",
            "立招旗招占道": "luan.standing_sign",
            "线缆垂下来了": "luan.cable",
            "乱挂条幅": "luan.banner",
            "沿街晾晒衣服": "luan.laundry",
            "树上挂着塑料袋": "luan.tree_litter",
            "门口乱堆乱放": "luan.pile",
            "私搭乱建": "luan.dig_build",
            "墙上乱涂乱画": "luan.graffiti",
            "户外广告不规范": "luan.outdoor_ad",
            "门头牌匾不规范": "luan.signboard",
            "疏导点不规范": "luan.market_point",
        },
    ),
    "S14": (
        "cha",
        {
            "路面坑洼破损": "cha.road",
            "井盖缺失": "cha.manhole",
            "路灯不亮": "cha.streetlight",
            "绿化带缺株死株": "cha.greening",
            "门头牌匾破损": "cha.sign_broken",
            "霓虹灯缺字": "cha.neon",
            "座椅生锈破损": "cha.furniture",
        },
    ),
    "S15": (
        "cha",
        {
            "停车位标线看不清": "cha.parking_marking",
            "非机动车乱停放": "cha.bike_parking",
            "小车违停": "cha.car_parking",
            "路口堵车严重": "cha.congestion",
        },
    ),
    "S16": (
        "wu",
        {
            "露天烧烤": "wu.bbq",
            "露天喷漆": "wu.paint",
            "露天电焊": "wu.weld",
            "噪声扰民": "wu.noise",
            "广告屏光污染": "wu.light",
            "饭店后厨脏有过期食品": "wu.food_drug",
            "饭店油烟直排": "wu.fume",
            "垃圾桶满了没人收": "wu.garbage_overdue",
            "商户乱排污水": "wu.sewage",
            "饭店乱倒泔水": "wu.swill",
        },
    ),
}


@pytest.mark.parametrize(
    ("group", "text", "category"),
    [
        pytest.param(group, text, category, id=f"{statement} {category}")
        for statement, (group, said) in SAID.items()
        for text, category in said.items()
    ],
)
def test_a_problem_of_the_scheme_is_understood_as_its_own_class(
    town: Understander, group: str, text: str, category: str
) -> None:
    found = town.understand(f"三中门口{text}")
    assert (found.intent, found.category) == ("report", category)
    assert CATEGORIES.by_code(category).group == group


def test_these_are_all_categories_but_the_one_for_the_rest() -> None:
    named = [category for _, said in SAID.values() for category in said.values()]
    assert sorted(named) == sorted(row.code for row in CATEGORIES.rows if row.code != OTHER)
    assert {"zang", "luan", "cha", "wu"} < set(CATEGORIES.groups), "S6: four classes, and the rest"
