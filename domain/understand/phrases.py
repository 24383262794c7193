"""Turns of phrase about places: crossings, stretches, directions with distances, sides, house numbers."""

import re

JOIN = re.compile(r"^[\s,、/\\和与跟同及到至的\-—~－()（）]*(?:交叉|相交)?$")
RANGE_JOIN = re.compile(r"^\s{0,3}(?:路口|口)?\s{0,3}(?:到|至|-|—|~|－|和|与|、)+\s{0,3}$")
RANGE_AFTER = re.compile(r"^\s{0,3}(?:路口|口)?\s{0,3}(?:之间|中间|这一?段|那一?段|段|区间|一段|路段|这段)")
RANGE_MARK = re.compile(r"(?:到|至|-|—|~|－)")
DIRECTION = re.compile(
    r"^\s{0,3}(?P<lead>路?口|交叉口|交汇处|十字|红绿灯|转盘)?[处那这儿里的]{0,2}(?:边|头)?\s{0,3}[,,]?\s{0,3}"
    r"(?P<verb>往|向|朝|以|再往|再向|偏|靠|走|奔|去)?(?P<way>东北|东南|西北|西南|东|西|南|北)"
    r"(?P<noun>角|拐角|边|侧|面|头|方向|走|去|行|段)?\s{0,3}(?:大概|大约|约|差不多|也就|有个|有)?\s{0,3}"
    r"(?P<number>\d{1,4}|[一二两三四五六七八九十百半几]{1,4})?(?:多|来|几)?\s{0,3}(?P<unit>米|m|公里|里地|里路|步)?"
)
# between two names that cross though no 与 joins them: 「人民路上靠近新建路」
JOINED_LATER = re.compile(
    r"^(?:上|的|过|走到|靠近|快到|临近|挨着|路口|口|这边|南头|北头|东头|西头|段)[\s,]*(?:靠近|近)?$"
)
SIDE = re.compile(
    r"(?:路|街|道|马路|大道)?(?P<side>东|西|南|北)(?:侧|边|半边|面|沿|半幅)|(?:路|街)(?P<bare>东|西|南|北)(?![\u4e00-\u9fff]{0,1}[路街门院关大])"
)
HOUSE = re.compile(
    r"\s{0,3}(?:门牌)?\s{0,3}(?P<number>\d{1,4})(?:-\d{1,3}|[甲乙丙])?\s{0,3}号(?!楼(?!道|梯)|馆|院楼|线|工单|路|井|灯|坑|公交|仓)"
)
NEGATED = re.compile(r"(?:不是|不在|并非|不归|不属于|不属|不算|没在|而不是)\s*$")
# 「归税务局包的路」「请供电公司来人」: an office that acts is no place
OFFICE = re.compile(r"(?:局|公司|大队|中队|支队|移动|联通|电信|铁塔|办事处)$")
ASKED = re.compile(r"(?:归|由|转|转给|派|派给|交|交给|退给|移交|联系|通知|找|让|叫|喊|问|催|请|属|属于|是)$")
ACTS = re.compile(r"^\s?(?:包|负责|管的|管理|的人|来人|派人|答复|回复|的活|的事|处理|处置|承包|值班)")
UNKNOWN_ROAD = re.compile(r"(?P<core>[\u4e00-\u9fff]{2,3})(?:大道|大街|路|街|巷)$")
# 「万达门口的车排到光明街」: the road says how far, the landmark where
REACH = re.compile(r"(?:排|堵|摆|流|淌|漫|飘|冒|占|延|伸|堆|一直|响)[\u4e00-\u9fff]{0,3}到了?$")
NO_ROAD = re.compile(
    r"(?:这|那|条|整|半|沿|过|马|铁|公|道|一|门前|对面|满|当|占|堵|扫|修|上|走|在|往|的|边|后|前|临|顺|拦|让|挡|快|慢|车|岔)$"
)
TAIL = re.compile(
    r"(?:路口|口|交叉口|十字|红绿灯)?(?:的)?(?:[东西南北]{1,2}(?:门|侧|边|头|面|角|段|口|墙|院墙)|门口|门前|大门口?|对面|斜对面|对过|旁边|附近|隔壁|楼下|后面|前面|"
    r"西邻|院墙|围墙|这边|那边|周边|路段|一带|这一?段|那一?段|中段|段|公交站牌?|往[东西南北]\d*(?:米|m)?|\d{1,4}号|前|后|处)*"
)
CN = dict(zip("半一二两三四五六七八九十百几", (0.5, 1, 2, 2, 3, 4, 5, 6, 7, 8, 9, 10, 100, 5), strict=True))
UNIT_M = {"公里": 1000.0, "里地": 500.0, "里路": 500.0, "步": 0.7}


def may_deny(text: str) -> bool:
    """Tell whether a text holds what stands in every word of NEGATED: most texts deny nothing."""
    return "不" in text or "并非" in text or "没在" in text


def metres(match: re.Match[str]) -> float:
    """Return the distance that a match of DIRECTION names, in metres; 0 when it names none."""
    number, unit = match["number"], match["unit"]
    if not number or not unit:
        return 0.0
    value = float(number) if number.isdigit() else chinese_number(number)
    return value * UNIT_M.get(unit, 1.0)


def chinese_number(number: str) -> float:
    """Return 一百五 as 150, 五十 as 50, 半 as 0.5."""
    total, digit, unit = 0.0, 0.0, 0.0
    for char in number:
        value = float(CN[char])
        if value in (10.0, 100.0):
            total, digit, unit = total + (digit or 1.0) * value, 0.0, value
        else:
            digit = value
    return total + (digit * unit / 10.0 if unit == 100.0 else digit)
