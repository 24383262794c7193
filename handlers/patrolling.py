"""巡查 6月3日 人民路 / 例会 6月5日: a chief records for himself, without a photo; 我的巡查 tells him how his month stands."""

import re
from collections.abc import Iterable
from datetime import timedelta

from domain.authority import roles_of
from domain.casework import patrolling
from domain.effects import Effects
from domain.errors import Missing
from domain.patrols import Patrol, PatrolKind
from domain.roster import Roster
from domain.texts import patrols as texts
from handlers.matching import Spoken, normalise
from handlers.months import month_named
from handlers.talk import Talk
from handlers.timewords import read_past_day

WITHDRAW_PATROL, WITHDRAW_MEETING = "撤回巡查", "撤回例会"
YESTERDAY = ("昨日巡查", "昨天巡查")
MOST = 60  # characters of a place
MOST_REASON = 200

_PARTS = re.compile("[,，、;；/ ]|以及|和(?!平)")
_FILLED = re.compile(r"[路段街道口侧东西南北中至到与及（）()—\-~沿线全一带附近周边门前片区辖内里主次干各条等0-9米号]*")
# a place that no list names; words of a problem are none
_PROBLEM = re.compile("发现|[没未有被占堆乱坏破缺漏塌积坑]")
_PLACE = re.compile(
    r"[\u4e00-\u9fffA-Za-z0-9（）()—\-]{1,20}"
    r"(?:路|大道|街道|干道|街|巷|弄|段|桥|口|侧|片区|辖区|村|镇|乡|社区|广场|公园|市场|沿线|全线|一带|周边|附近|门口)"
)
_ROOM = re.compile(r"[\u4e00-\u9fffA-Za-z0-9]{1,20}(?:室|厅|中心|楼|街道|镇|乡|办|委|局|院|所|部|会场)")
_CLEAN = re.compile(
    r"[,，。 ]{0,3}(一遍|一圈|完毕|一切正常|情况正常|正常|无异常|无问题|未发现问题|没有发现问题|没有问题)[。.]?$"
)


def is_patrol(talk: Talk, said: Spoken) -> bool:
    """Tell whether words that begin with 巡查 are a record, or a question how: what tells of a problem is a report."""
    place = _read(talk, said, PatrolKind.PATROL).place
    u = talk.heard.understanding
    if not place or is_place(place, talk.work.roster):
        return u.category is None and not u.is_hazard and _is_for_us(talk, PatrolKind.PATROL)
    return u.intent == "query" and _asks_how(talk, said)


def is_meeting(talk: Talk, said: Spoken) -> bool:
    """Tell whether words that begin with 例会 are a record, or a question how: most are a notice of one to come."""
    place = _read(talk, said, PatrolKind.MEETING).place
    if place and not _ROOM.fullmatch(place):
        return talk.heard.understanding.intent in {"query", "notice"} and _asks_how(talk, said)
    return _is_for_us(talk, PatrolKind.MEETING)


def _asks_how(talk: Talk, said: Spoken) -> bool:
    """Tell whether words that are no record were meant as one: in private, and set off (not 巡查员电话多少)."""
    return not talk.is_group and normalise(talk.heard.text).startswith(f"{said.word} ")


def is_place(text: str, roster: Roster) -> bool:
    """Tell whether a text names one or more places and says nothing else."""
    if len(text) > MOST:
        return False
    names = sorted(_names(roster), key=len, reverse=True)
    known = re.compile("|".join(map(re.escape, names))) if names else None
    parts = [part for part in _PARTS.split(text) if part]
    return bool(parts) and all(_is_one(part, known) for part in parts)


def _is_one(part: str, known: re.Pattern[str] | None) -> bool:
    rest = known.sub("", part) if known else part
    if rest != part and _FILLED.fullmatch(rest):
        return True
    return bool(_PLACE.fullmatch(part)) and not _PROBLEM.search(part)


def _names(roster: Roster) -> Iterable[str]:
    found = {
        name
        for row in roster.segments
        for s in (row.value,)
        for name in (s.id, s.road, *s.road_aliases, s.from_cross, s.to_cross, s.township, *s.landmarks)
    }
    return found - {""}


def _is_for_us(talk: Talk, kind: PatrolKind) -> bool:
    """Tell whether the sender is one of those who record: in a group nobody else is answered."""
    posts = talk.work.rules.patrols.on(talk.work.day.replace(day=1)).roles(kind)
    return not talk.is_group or bool(roles_of(talk.me, talk.work.roster, talk.work.day) & set(posts))


def _read(talk: Talk, said: Spoken, kind: PatrolKind) -> Patrol:
    today = talk.work.day
    named, rest = read_past_day(said.rest.removeprefix("了").strip(), today)
    default = today - timedelta(days=1) if said.word in YESTERDAY else today
    note = _CLEAN.search(rest)
    place = rest[: note.start()] if note else rest
    return Patrol(talk.me, kind, named or default, place.strip(" ,，、。."), note[1] if note else "")


async def run(talk: Talk) -> Effects:
    """巡查 6月3日 人民路: record that the sender patrolled."""
    one = _read(talk, talk.spoken, PatrolKind.PATROL)
    if not one.place or not is_place(one.place, talk.work.roster):
        raise Missing(texts.how(one.kind))
    return await _record(talk, one)


async def run_meeting(talk: Talk) -> Effects:
    """例会 6月5日: record that the sender held the jurisdiction's meeting."""
    one = _read(talk, talk.spoken, PatrolKind.MEETING)
    if one.place and not _ROOM.fullmatch(one.place):
        raise Missing(texts.how(one.kind))
    return await _record(talk, one)


async def _record(talk: Talk, one: Patrol) -> Effects:
    effects = await patrolling.record(talk.work, one)
    text = texts.recorded(one, is_new=bool(effects.patrols), has_photos=bool(talk.photos))
    return effects.merge(talk.say(text))


async def run_withdraw(talk: Talk) -> Effects:
    """撤回巡查 6月3日, 撤回例会 6月5日: take back one's own record of a day."""
    day, rest = read_past_day(talk.spoken.rest, talk.work.day)
    if day is None or rest:
        raise Missing(texts.how_to_withdraw())
    kind = PatrolKind.MEETING if talk.spoken.word == WITHDRAW_MEETING else PatrolKind.PATROL
    effects = await patrolling.withdraw(talk.work, talk.me, kind, day)
    return effects.merge(talk.say(texts.withdrawn(kind, day)))


async def run_reason(talk: Talk) -> Effects:
    """巡查说明 6月 第1周外出开会: say why records are missing in a month."""
    this = talk.work.rules.month(talk.work.now)
    month, words = month_named(normalise(talk.spoken.rest), talk.work, default=this)
    effects = await patrolling.explain(talk.work, talk.me, month, words.strip(" ,，:：")[:MOST_REASON])
    return effects.merge(talk.say(texts.explained(month)))


async def run_mine(talk: Talk) -> Effects:
    """我的巡查, 我的巡查 5月: how the sender's month stands."""
    if talk.is_group:
        return talk.say(texts.in_private())
    this = talk.work.rules.month(talk.work.now)
    month, _ = month_named(talk.spoken.rest, talk.work, default=this)
    found = await patrolling.counts_of(talk.work, month, talk.me)
    if not found:
        return talk.say(texts.owes_nothing(month))
    reasons = await talk.work.view.patrolled.reasons(month)
    return talk.say(texts.mine(month, found, reasons.get(talk.me, "")))
