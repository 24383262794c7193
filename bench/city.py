"""A made-up city for the bench: 1,250 segments, some 5,000 place names, and the reports that people there would write."""

import itertools
from collections.abc import Iterator

from domain.roster import BOTH_SIDES, Person, Segment

_FIRST = "金银玉珠翠碧青苍丹朱紫云霞霜露晨"
_SECOND = "溪泉湖岭峰川原野林谷洲浦潭岸屏阳"
_KINDS = ("超市", "幼儿园", "药店")
ROADS = 250
STRETCHES = 5  # of each road
_TOWNSHIPS = 10
PROBLEMS = (
    "有一堆生活垃圾没人清理，已经好几天了，味道很大，麻烦派人尽快处理一下",
    "路面坑洼积水，电动车过去很容易摔倒，请安排人员过来修补",
    "店铺把桌椅摆到人行道上占道经营，行人只能走到机动车道上",
    "路灯连着三四盏都不亮，已经报过一次了，请安排人员过来检修",
    "绿化带里全是塑料袋和烟头，很长时间没有人收拾，请环卫过来",
    "共享单车乱停乱放，整排倒在路边，行人过不去，请派人整理",
    "下水道堵了污水往外冒，流得满地都是，气味难闻，请尽快派人疏通",
    "墙上电线杆上贴满了小广告，刚清理完又贴上，请安排人员清除",
    "有人在路边焚烧垃圾，浓烟滚滚，呛得人睁不开眼，请执法人员来看看",
    "井盖破损了一个大口子，周围没有任何警示标志，请尽快更换",
    "工地渣土车把泥土洒了一路，扬尘特别大，请安排洒水车冲洗",
    "护栏被撞歪了一截，一直没有人修，请安排人员过来修复",
)


def _stem(number: int) -> str:
    """Return one of 65,536 different stems of two or three characters, never the beginning of another."""
    first, second = _FIRST[number % 16], _SECOND[number // 16 % 16]
    return f"{first}{second}{_SECOND[number // 256 % 16]}" if number >= 256 else f"{first}{second}"


def road(number: int) -> str:
    """Return the name of a road."""
    return f"{_stem(number)}路"


def landmarks(index: int) -> tuple[str, ...]:
    """Return the three landmarks of a segment, found nowhere else."""
    return tuple(f"{_stem(256 + 3 * index + kind)}{name}" for kind, name in enumerate(_KINDS))


def segments() -> list[Segment]:
    """Return the roster: each road in five stretches between its cross streets, three landmarks on each."""
    return [_segment(number, stretch) for number in range(ROADS) for stretch in range(STRETCHES)]


def _segment(number: int, stretch: int) -> Segment:
    index = number * STRETCHES + stretch
    crosses = [road((number + 1 + 7 * step) % ROADS) for step in (stretch, stretch + 1)]
    town = number % _TOWNSHIPS
    east, north = 113.6 + number % 25 * 0.008, 34.3 + number // 25 * 0.008
    return Segment(
        id=f"B{index:04}",
        road=road(number),
        road_aliases=(f"老{road(number)}",),
        from_cross=crosses[0],
        to_cross=crosses[1],
        side=BOTH_SIDES,
        township=f"第{town}街道",
        grade="ABC"[index % 3],
        unit=f"第{index % 60}单位",
        chief=f"chief{index % 400}",
        chief_name=f"路段长{index % 400}",
        second_level=f"second{index % 80}",
        second_level_name=f"二级{index % 80}",
        township_head=f"head{town}",
        township_head_name=f"总{town}",
        first_level=f"first{town}",
        first_level_name=f"一级{town}",
        landmarks=landmarks(index),
        house_no=f"{1 + 200 * stretch}-{200 * (stretch + 1)}",
        length_m=600,
        polyline=tuple((east + 0.0004 * (4 * stretch + step), north) for step in range(5)),
    )


def people() -> list[Person]:
    """Return the chiefs with the accounts by which the platforms know them."""
    names = {s.chief: s.chief_name for s in segments()} | {s.second_level: s.second_level_name for s in segments()}
    return [Person(who, name, "", (("wecom", who), ("dingtalk", who))) for who, name in names.items()]


def reports(first: int = 0) -> Iterator[str]:
    """Yield reports without end, some 53 characters each; half name a landmark, half a house number."""
    total = ROADS * STRETCHES
    for number in itertools.count(first):
        index, turn = number * 37 % total, number // total
        place = road(index // STRETCHES)
        if number % 2:
            where = f"{place}{landmarks(index)[number % 3]}门口"
        else:
            where = f"{place}{1 + 200 * (index % STRETCHES) + number % 200}号门前"
        yield f"{where}{PROBLEMS[(number + turn) % len(PROBLEMS)]}"
