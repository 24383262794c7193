"""What is asked about figures (东关街道5月怎么样, 占道经营多少处, 谁挂黑旗), read strictly: a report never reads as a question.

Every letter has to be a name, a span, a word that asks or a filler; whatever is left over makes it something else.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from domain.assessment import SequenceKind
from domain.casework.work import Work
from domain.categories import Categories
from domain.errors import RuleError
from domain.flags import Flag
from domain.subjects import Subject, SubjectKind, found_in, names_of, plain
from handlers.matching import normalise
from handlers.months import Span, span_within


class Topic(StrEnum):
    """What is wanted."""

    STANDING = "standing"  # 怎么样, 得多少分, 排第几
    WHY = "why"  # 为什么扣分
    COUNT = "count"  # 多少处, 有哪些
    FLAGS = "flags"
    RANKING = "ranking"
    APPEALS = "appeals"
    COVERAGE = "coverage"


MOST_LETTERS = 32  # a question; longer words report or order something
_WORDS: Mapping[Topic, tuple[str, ...]] = {  # in the order in which they are looked for
    Topic.COVERAGE: ("督查覆盖率", "督查覆盖", "覆盖率", "覆盖", "没督查", "未督查", "没查", "未查", "没有督查"),
    Topic.APPEALS: ("申诉",),
    Topic.WHY: (
        "为什么扣分", "为啥扣分", "为什么被扣", "为什么扣", "为啥扣", "怎么扣", "扣分", "扣了", "失分", "丢分", "丢了",
        "为什么这么低", "为什么低", "为什么黑旗", "为什么挂黑旗",
    ),
    Topic.FLAGS: ("红黑旗", "红黑榜", "红旗", "黑旗", "红榜", "黑榜"),
    Topic.RANKING: (
        "排名", "排行", "名次", "第一名", "第一", "倒数", "垫底", "最后", "末位", "最好", "最差", "最高", "最低", "前三", "后三",
    ),
    Topic.COUNT: (
        "多少处", "多少起", "多少件", "多少个", "多少次", "几处", "几件", "几起", "有多少", "多少", "有哪些", "哪些",
        "在哪里", "在哪", "明细", "清单", "分布",
    ),
    Topic.STANDING: (
        "怎么样", "怎样", "如何", "咋样", "咋个样", "什么情况", "啥情况", "情况", "什么水平", "多少分", "几分", "得分", "分数",
        "成绩", "排第几", "第几名", "第几", "排多少", "排位", "表现", "排在哪",
    ),
}  # fmt: skip
_ASKING = tuple(word for words in _WORDS.values() for word in words)
_SCORE = ("多少分", "几分", "排名", "名次", "排第几")  # with somebody named they ask how he stands
_SEQUENCES: Mapping[str, SequenceKind] = {
    "二级路长": SequenceKind.SECOND_LEVEL, "责任单位": SequenceKind.UNIT, "职能单位": SequenceKind.DEPARTMENT,
    "职能部门": SequenceKind.DEPARTMENT, "辖区": SequenceKind.TOWNSHIP, "街道": SequenceKind.TOWNSHIP,
    "乡镇": SequenceKind.TOWNSHIP, "单位": SequenceKind.UNIT, "部门": SequenceKind.DEPARTMENT, "路长": SequenceKind.SECOND_LEVEL,
}  # fmt: skip
UNRANKED = ("路段长", "轮值人员", "轮值", "专干", "督查员", "队员", "一级路长")  # no list of the scheme holds them
_WE = ("我们", "咱们", "我", "咱", "本")
_OURS = ("单位", "街道", "办事处", "局", "镇", "乡", "路段", "段")
_MINE = (*(f"{we}{ours}" for we in _WE for ours in _OURS), *_WE[:-1])
_FILLERS = (
    "请问一下", "为什么", "为啥", "是不是", "几次", "过", "请问", "请查一下", "查一下", "问一下", "问下", "看一下", "看看", "查查", "帮我", "给我", "说说", "说一下",
    "目前为止", "目前", "现在", "最近", "近期", "截至", "总体", "整体", "到底", "究竟", "干得", "做得", "搞得", "管得", "工作",
    "考评", "考核", "通报", "路长制", "路长", "督查", "总路长", "辖区", "名单", "问题", "哪些", "哪个", "哪家", "哪几个", "哪里",
    "几个", "几家", "多少", "都是", "都有", "是谁", "有谁", "谁", "挂了", "挂", "拿了", "拿", "领了", "我想知道", "知道", "列表",
    "一共", "总共", "共", "有没有", "有", "得了", "得", "考了", "打了", "排在", "排", "在", "被", "是", "的", "了", "呢", "啊",
    "吧", "呀", "吗", "嘛", "哪", "和", "与", "个", "名", "分", "段", "路段", "书记", "局长", "镇长", "主任", "同志", "到", "查",
    "一", "下", "情况", "怎么样", "采纳", "未结", "处", "件", "起", "里", "里面", "这", "那", "给", "发一下", "积分", "二级", "一级", "责任",
)  # fmt: skip
_SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜"
    "范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段钱汤尹黎易常武乔贺赖龚文"
)
_PLACE_ENDS = ("路", "街", "道", "局", "镇", "乡", "办", "委", "中心", "公司", "街道", "办事处", "大队", "单位")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question about figures.

    subjects: whom it is about; several = the name is shared; none = nobody is named.
    unknown: letters that name nobody, where the rest is a question all the same.
    """

    topic: Topic
    subjects: tuple[Subject, ...] = ()
    span: Span | None = None
    categories: tuple[str, ...] = ()  # codes
    said: str = ""  # the word for them, "" where it is a category's own name
    sequence: SequenceKind | None = None
    flag: Flag | None = None
    is_mine: bool = False
    unranked: str = ""  # whom no list of the scheme holds
    unknown: str = ""
    is_about_many: bool = False
    is_soft: bool = False  # 占道经营情况: a question of leaders, a report of others


def read(text: str, work: Work, *, is_bare: bool = False) -> Asked | None:
    """Return what a text asks, None when it asks for no figures.

    is_bare: whether a name by itself asks how it stands.
    """
    letters = normalise(text).replace(f"@{work.rules.bot_name}", "")
    if len(letters) > MOST_LETTERS or not (is_bare or _asks(letters)):
        return None
    try:
        span, letters = span_within(letters, work)
    except RuleError:
        return None
    departments = work.rules.categories.departments.values()
    named, rest = found_in(plain(letters), names_of(work.roster, work.day, departments))
    return _read(rest, named, span, work.rules.categories, is_bare=is_bare)


def _asks(text: str) -> bool:
    return any(word in text for word in _ASKING)


def _read(
    rest: str, named: list[tuple[Subject, ...]], span: Span | None, table: Categories, *, is_bare: bool
) -> Asked | None:
    subjects = _one(named)
    categories, said, rest = _categories(rest, table)
    topic = _topic(rest, has_subject=bool(subjects))
    is_soft = bool(categories) and topic is Topic.STANDING
    unranked = next((word for word in UNRANKED if topic is Topic.RANKING and word in rest), "")
    sequence = next((word for word in _SEQUENCES if word in rest), "")
    mine = next((word for word in _MINE if word in rest), "")
    left = _without(rest, (*_ASKING, unranked, sequence, mine, *_FILLERS))
    if topic is None and (not is_bare or not subjects or left):
        return None
    found = Asked(
        topic=Topic.COUNT if is_soft else topic or Topic.STANDING,
        subjects=subjects or (),
        span=span,
        categories=categories,
        said=said,
        sequence=_SEQUENCES.get(sequence),
        flag=_flag(rest) if topic is Topic.FLAGS else None,
        is_mine=bool(mine),
        unranked=unranked,
        unknown=left,
        is_about_many=subjects is None,
        is_soft=is_soft,
    )
    return found if _makes_sense(found) else None


def _one(named: list[tuple[Subject, ...]]) -> tuple[Subject, ...] | None:
    """Return whom a question is about: a person with his unit, a road with its township are one; None for several."""
    parties = [each for each in named if each[0].kind is SubjectKind.PARTY]
    narrow = [each for each in named if each[0].kind not in (SubjectKind.PARTY, SubjectKind.CITY)]
    meant = set(narrow or parties or named)
    return None if len(meant) > 1 else next(iter(meant), ())


def _categories(rest: str, table: Categories) -> tuple[tuple[str, ...], str, str]:
    """Return the categories that are named, several where they share a word, the word, and the letters around it."""
    words = {plain(word) for row in table.rows for word in (row.name, *row.keywords) if plain(word) in rest}
    if not words:
        return (), "", rest
    said = max(words, key=lambda word: (len(word), word))
    by_name = [row.code for row in table.rows if plain(row.name) == said]
    codes = by_name or [row.code for row in table.rows if said in map(plain, row.keywords)]
    return tuple(codes), "" if by_name else said, rest.replace(said, " ", 1)


def _topic(rest: str, *, has_subject: bool) -> Topic | None:
    if has_subject and any(word in rest for word in _SCORE) and "扣" not in rest:
        return Topic.STANDING
    return next((topic for topic, words in _WORDS.items() if any(word in rest for word in words)), None)


def _flag(rest: str) -> Flag | None:
    has_red, has_black = "红" in rest, "黑" in rest
    if has_red == has_black:
        return None
    return Flag.RED if has_red else Flag.BLACK


def _without(rest: str, words: Iterable[str]) -> str:
    """Return the letters that are in none of the words, the longest words taken first."""
    for word in sorted({word for word in words if word}, key=len, reverse=True):
        rest = rest.replace(word, "\0")  # so that what stood around it does not grow together
    return "".join(rest.replace("\0", "").split())


def _makes_sense(asked: Asked) -> bool:
    """Tell whether nothing is left over, or only what looks like the name of somebody or somewhere."""
    if asked.topic is Topic.COUNT and not (asked.categories or asked.subjects):
        return False
    if asked.categories and asked.topic is not Topic.COUNT:
        return False
    if asked.is_about_many:
        return not asked.unknown
    if not asked.unknown:
        return bool(asked.subjects or asked.span) or asked.is_mine or asked.topic is not Topic.STANDING
    is_name = asked.unknown[0] in _SURNAMES and len(asked.unknown) in (2, 3)
    is_place = asked.unknown.endswith(_PLACE_ENDS) and len(asked.unknown) <= 8
    return asked.topic is Topic.STANDING and not asked.subjects and (is_name or is_place)
