"""帮助, made from the command table: what this person, in this role, says every day, and the rest by topic (主题)."""

from collections.abc import Mapping
from dataclasses import dataclass

from domain.effects import Effects
from domain.roster import Role
from domain.texts import reporter
from handlers.talk import Talk

INTRO = "直接发“位置+问题+照片”即可上报，如“人民路文化路口 垃圾未清”。"
ALL = "全部"


@dataclass(frozen=True, slots=True)
class HelpLine:
    """One line of the help: for whom, and what to say."""

    line: str
    roles: frozenset[Role] | None  # None = everybody


@dataclass(frozen=True, slots=True)
class Topic:
    """Lines that belong together, by the keys of their commands; `everyday` are the roles that see them first."""

    name: str
    keys: tuple[str, ...]
    everyday: frozenset[Role] = frozenset()


_LEADERS = frozenset({Role.LEADER, Role.GENERAL, Role.FIRST_LEVEL})
# not commands of the table: said in one's own words
IN_OWN_WORDS = {
    "ask_standing": HelpLine(
        "东关街道这个月怎么样：得分、名次、突出问题", _LEADERS | {Role.TOWNSHIP_HEAD, Role.OFFICE}
    ),
    "instruct": HelpLine("在领导群@我说“请东关今天解决…”：登记为领导交办件", _LEADERS | {Role.OFFICE}),
}
TOPICS = (
    Topic("领导", ("ask_standing", "instruct"), _LEADERS),
    Topic(
        "处置",
        ("acknowledge", "resolve", "no_photo", "give_back", "extend", "dissuade", "leave"),
        frozenset({Role.CHIEF, Role.DUTY}),
    ),
    Topic(
        "巡查",
        ("patrol", "meeting", "my_patrols", "patrol_reason", "patrol_withdraw"),
        _LEADERS - {Role.LEADER} | {Role.TOWNSHIP_HEAD},
    ),
    Topic("督查", ("walk", "plan", "clean", "points", "finding"), frozenset({Role.INSPECTOR})),
    Topic(
        "复核",
        ("review", "pass", "fail"),
        frozenset({Role.INSPECTOR, Role.SEAT, Role.COORDINATOR, Role.OFFICE}),
    ),
    Topic(
        "指挥",
        ("queue", "locate", "reassign", "urge", "grant_extension", "decline", "merge", "reclassify", "void", "paste"),
        frozenset({Role.SEAT, Role.COORDINATOR, Role.OFFICE, Role.SECOND_LEVEL, Role.TOWNSHIP_HEAD}),
    ),
    Topic("查询", ("mine", "case", "reopen", "take_back"), frozenset(Role)),
    Topic("牵头和缓办", ("raise", "tier", "shelve", "approve_shelving", "resume")),
    Topic("得分", ("standing", "why", "rate", "reasons")),
    Topic("申诉", ("appeal", "appeals", "refer_appeal", "refuse_appeal", "final_appeal")),
    Topic("通报", ("month", "publication", "hold", "approve_publication", "sign", "verify_shops")),
    Topic("问责", ("measures", "approve_measure")),
    Topic("照片", ("looks", "clear", "keep_back", "unblur", "blur", "copy", "original")),
    Topic("其他", ("human", "privacy")),
)


def text(lines: Mapping[str, HelpLine], roles: frozenset[Role], asked: str = "") -> str:
    """Return the help of a person with these roles: what he says every day, or the topic he asked for, or 全部.

    lines: by the key of their command.
    """
    known = {**lines, **IN_OWN_WORDS}
    shown = {topic: _lines(topic, known, roles) for topic in TOPICS}
    theirs = [topic for topic in TOPICS if shown[topic]]
    if asked == ALL:
        return "\n".join([INTRO, *(f"【{topic.name}】\n{shown[topic]}" for topic in theirs)])
    if named := [topic for topic in theirs if topic.name == asked]:
        return f"【{asked}】\n{shown[named[0]]}"
    everyday = [topic for topic in theirs if topic.everyday & roles or (not roles and topic.name in ("查询", "其他"))]
    rest = "、".join(topic.name for topic in theirs if topic not in everyday)
    return "\n".join([INTRO, *(shown[topic] for topic in everyday), f"更多：回复“帮助 主题”，主题有{rest}。"])


def _lines(topic: Topic, known: Mapping[str, HelpLine], roles: frozenset[Role]) -> str:
    rows = (known[key] for key in topic.keys)
    return "\n".join(row.line for row in rows if row.roles is None or row.roles & roles)


def short() -> str:
    """Return the help for a group: two lines, the rest in private."""
    return f"{INTRO}\n承办常用：收到、已处理+照片、非我路段 原因、延期 原因 时间。全部口令请私聊我回复“帮助”。"


async def run_privacy(talk: Talk) -> Effects:
    """隐私: who sees what, and for how long."""
    return talk.say(reporter.PRIVACY_FULL)
