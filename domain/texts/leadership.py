"""What city leaders (四大班子领导) and, before them, the office read about a month (月通报, S41, S70, S71)."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from decimal import Decimal
from typing import Any

from domain.assessment import SEQUENCE_NAMES, UNSET_GRADE, Cutoffs, SequenceKind
from domain.comparison import Difference
from domain.flags import FLAG_NAMES, Flag
from domain.month import SHANGHAI, Month
from domain.period import SIGNATURE_AWAITED, Period
from domain.printed import PrintedRow
from domain.scoring import Row, Scores, SequenceScores

MAIN_PROBLEMS = 5
MOST_NAMED = 40  # flags that a post names while their lists are attached
MOST_CHANGES = 10  # that a correction names one by one
OFFICE = "市路长办"
LIT_RATE, PURIFIERS = "亮灯率", "餐饮油烟净化设施安装率"

_INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Correction:
    """What a later notice (更正) says of the one that it corrects, which stays (S75)."""

    version: int  # of the corrected one
    published_on: date | None
    head: str  # its ledger head
    reason: str
    changes: tuple[Difference, ...]
    signed_by: tuple[str, ...]

    def to_facts(self) -> dict[str, Any]:
        """Return what is kept of it beside the two versions' figures, as JSON values."""
        day = self.published_on.isoformat() if self.published_on else None
        return {"version": self.version, "published_on": day, "head": self.head, "reason": self.reason}

    @classmethod
    def from_facts(
        cls, facts: Mapping[str, Any], changes: tuple[Difference, ...], signed_by: tuple[str, ...]
    ) -> "Correction":
        """Return the correction of which `to_facts` was kept."""
        day = facts["published_on"]
        published_on = date.fromisoformat(day) if day else None
        return cls(facts["version"], published_on, facts["head"], facts["reason"], changes, signed_by)


@dataclass(frozen=True, slots=True)
class Bulletin:
    """A month's announcement (通报) and everything it prints."""

    scores: Scores
    rule_title: str  # 溪城市城市精细化管理“路长制”考评办法, without 《》
    category_names: Mapping[str, str]
    published_on: date
    head: str  # the ledger's printed head
    city: str = ""  # 溪城市 → 溪城市路长办
    cutoffs: Cutoffs | None = None
    goals: tuple[str, ...] = ()  # what the city is to be (S7)
    targets: tuple[tuple[str, Decimal | None], ...] = ()  # named targets in per cent, None = not set (S17)
    appeals: int = 0
    appeals_accepted: int = 0
    makes_up_for: date | None = None  # the day on which it should have gone out (补发)
    attachments: tuple[str, ...] = ()  # titles of the files that go with it
    correction: Correction | None = None


def announcement(bulletin: Bulletin) -> str:
    """Return the monthly announcement for the leadership group: basis, ranking, flags by name, main problems."""
    lines = [*_marks(bulletin), f"各位领导：{opening(bulletin)}"]
    for number, (title, text) in zip("一二三四五", sections(bulletin, is_short=_is_long(bulletin)), strict=True):
        lines.append(f"{number}、{title}：{text}")
    said = remarks(bulletin)
    lines += [f"说明：{'；'.join(said)}。"] if said else []
    lines += ["请阅示。", f"{_office(bulletin.city)}　{_day(bulletin.published_on)}"]
    lines += [f"附件：{'　'.join(bulletin.attachments)}"] if bulletin.attachments else []
    lines.append(f"依据版本：{'、'.join(bulletin.scores.rules)}。台账校验值：{bulletin.head}")
    return "\n".join(lines)


def standing(listed: SequenceScores, row: Row) -> str:
    """Return how a subject stands in its list: 市农业局96.40分、第12/58."""
    ranked = sum(other.rank is not None for other in listed.rows)
    rank = f"第{row.rank}/{ranked}" if row.rank else "不参与排名"
    return f"{row.name}{row.score:.2f}分、{rank}"


def opening(bulletin: Bulletin) -> str:
    """Return the basis and the month."""
    month = _month(bulletin.scores.month, bulletin.published_on)
    return f"根据《{bulletin.rule_title}》，现将{month}考评结果通报如下。"


def sections(bulletin: Bulletin, *, is_short: bool = False) -> list[tuple[str, str]]:
    """Return the five parts as (title, text); short ones count flags, where the lists are attached."""
    scores = bulletin.scores
    hung = _flag_counts if is_short else _flag_lists
    return [
        ("辖区排名", _ranking(scores)),
        ("二级路长", hung(scores, SequenceKind.SECOND_LEVEL)),
        ("责任单位", hung(scores, SequenceKind.UNIT)),
        ("主要问题", problems(bulletin)),
        ("申诉", _appeals(bulletin)),
    ]


def _is_long(bulletin: Bulletin) -> bool:
    """Tell whether naming all flags would make the post unreadable, which attached lists spare."""
    named = sum(row.flag is not None for listed in bulletin.scores.sequences for row in listed.rows)
    return bool(bulletin.attachments) and named > MOST_NAMED


def _flag_counts(scores: Scores, kind: SequenceKind) -> str:
    rows = [row for listed in scores.of(kind) for row in listed.rows]
    if not any(row.flag for row in rows):
        return _flag_lists(scores, kind)  # which says why there are none
    counts = [f"{FLAG_NAMES[flag]}{sum(row.flag is flag for row in rows)}{_measure(kind)}" for flag in Flag]
    return f"{'、'.join(counts)}，名单见附件。"


def draft_notice(
    scores: Scores, period: Period, obstacles: Sequence[str], *, is_signed: bool, zone: tzinfo = SHANGHAI
) -> str:
    """Return what the office hears when a month is drafted: first and last, the window, and how to hold it."""
    ends, publish_at = period.objections_end, period.publish_at
    lines = [f"【代拟稿】{scores.month.title}份考评草稿已生成。", _first_and_last(scores)]
    if ends and publish_at:
        way = "定稿后通报，定稿请回复“定稿”" if is_signed else "自动通报"
        last = (ends - _INSTANT).astimezone(zone)
        lines.append(f"申诉期至{last.month}月{last.day}日（含），{_clock(publish_at, zone)}{way}。")
    waiting = [obstacle for obstacle in obstacles if obstacle != SIGNATURE_AWAITED]
    if waiting:
        lines.append(f"尚不能通报：{'；'.join(waiting)}。")
    lines.append("需要暂缓请回复“暂缓通报 原因”，恢复请回复“恢复通报”。")
    return "\n".join(lines)


def postponed(period: Period, obstacles: Sequence[str], zone: tzinfo = SHANGHAI) -> str:
    """Return what the office hears each working day on which a month could not be published."""
    again = f"将于{_clock(period.publish_at, zone)}再次通报。" if period.publish_at else ""
    return f"{period.month.title}份考评今日未通报：{'；'.join(obstacles)}。{again}"


def _marks(bulletin: Bulletin) -> list[str]:
    marks = []
    if bulletin.makes_up_for:
        marks.append(f"【补发】原定{_day(bulletin.makes_up_for)}通报，因系统停机未能按时发出，现予补发。")
    if bulletin.correction:
        marks.append(_corrected(bulletin.correction, bulletin.scores.month))
    return marks


def _corrected(correction: Correction, month: Month) -> str:
    changes = [changed(one) for one in correction.changes[:MOST_CHANGES]]
    more = f"等{len(correction.changes)}项" if len(correction.changes) > len(changes) else ""
    return (
        f"【更正】{corrects(correction, month)}更正内容：{'；'.join(changes)}{more}。"
        f"署名：{'、'.join(correction.signed_by)}。"
    )


def corrects(correction: Correction, month: Month) -> str:
    """Return which notice a correction takes the place of, and why."""
    day = f"{_day(correction.published_on)}发布的" if correction.published_on else ""
    head = f"，台账校验值：{correction.head}" if correction.head else ""
    return (
        f"本通报更正{day}{month.title}份考评通报（第{correction.version}版{head}），"
        f"原通报保留备查，以本通报为准。更正原因：{correction.reason}。"
    )


def changed(difference: Difference) -> str:
    """Return one corrected line: 责任单位市水利局 98.00分第3名黑旗→100.00分第1名红旗."""
    row = difference.row
    group = f"{row.group}类" if row.group else ""
    return f"{SEQUENCE_NAMES[row.sequence]}{group}{row.name} {_version(difference.before)}→{_version(difference.after)}"


def _version(row: PrintedRow | None) -> str:
    if row is None:
        return "未列"
    rank = f"第{row.rank}名" if row.rank else "不参与排名"
    return f"{row.score}分{rank}{FLAG_NAMES[row.flag] if row.flag else ''}"


def _ranking(scores: Scores) -> str:
    rows = [row for listed in scores.of(SequenceKind.TOWNSHIP) for row in listed.rows]
    if not rows:
        return "本月没有参评辖区。"
    ranked = [row for row in rows if row.rank is not None]
    if len(ranked) > 1 and all(row.rank == 1 for row in ranked):
        places = f"{len(ranked)}个辖区同为{ranked[0].score}分，不设红旗、黑旗：{'、'.join(row.name for row in ranked)}"
    else:
        places = "；".join(_place(row) for row in ranked)
    return f"{places}。{_unranked(rows, _scored)}"


def _place(row: Row) -> str:
    marks = [FLAG_NAMES[row.flag]] if row.flag else []
    marks += [] if row.grade == UNSET_GRADE else [row.grade]
    return f"{row.rank}.{_scored(row)}" + (f"（{'，'.join(marks)}）" if marks else "")


def _flag_lists(scores: Scores, kind: SequenceKind) -> str:
    """Return who hangs which flag, list by list; there are no attachments, so everybody is named."""
    lists = scores.of(kind)
    if not lists:
        return "本月没有参评对象。"
    return "".join(f"{_group(listed)}{flags(listed)}。{_unranked(listed.rows, _name)}" for listed in lists)


def _group(listed: SequenceScores) -> str:
    return f"{listed.group}类道路，" if listed.group else ""


def flags(listed: SequenceScores) -> str:
    """Return who hangs which flag in a list, or why nobody does."""
    measure = _measure(listed.sequence)
    parts = [
        f"{FLAG_NAMES[flag]}{len(names)}{measure}：{'、'.join(names)}"
        for flag in Flag
        if (names := _with(listed, flag))
    ]
    if parts:
        return "；".join(parts)
    ranked = [row for row in listed.rows if row.rank is not None]
    if not ranked:
        return "没有参加排名的对象"
    tied = f"{len(ranked)}{measure}同分" if len(ranked) > 1 else f"只有1{measure}参加排名"
    return f"{tied}，不设红旗、黑旗"


def _measure(kind: SequenceKind) -> str:
    return "个" if kind is SequenceKind.UNIT else "名"


def _with(listed: SequenceScores, flag: Flag) -> list[str]:
    return [row.name for row in listed.rows if row.flag is flag]


def _unranked(rows: Iterable[Row], show: Callable[[Row], str]) -> str:
    shown = [show(row) for row in rows if row.rank is None]
    return f"在任不足半月不参加排名：{'、'.join(shown)}。" if shown else ""


def _name(row: Row) -> str:
    return row.name


def _scored(row: Row) -> str:
    return f"{row.name}{row.score}分"


def problems(bulletin: Bulletin) -> str:
    """Return the main problems with their counts, and how much was inspected."""
    coverage = bulletin.scores.coverage
    visited = f"督查覆盖{coverage.segments}个路段中的{coverage.visited}个。"
    if not bulletin.scores.problems:
        return f"本月督查未发现问题。{visited}"
    names = bulletin.category_names
    main = [f"{names.get(code, code)}{count}处" for code, count in bulletin.scores.problems[:MAIN_PROBLEMS]]
    total = sum(count for _, count in bulletin.scores.problems)
    return f"{'、'.join(main)}（共{total}处）。{visited}"


def _appeals(bulletin: Bulletin) -> str:
    if not bulletin.appeals:
        return "本月没有申诉。"
    taken = f"采纳{bulletin.appeals_accepted}件，均已计入" if bulletin.appeals_accepted else "均未采纳"
    return f"{bulletin.appeals}件，{taken}。"


def remarks(bulletin: Bulletin) -> list[str]:
    """Return what must be said beside the figures: what is unset, and the cut-offs of the grades."""
    found = list(bulletin.scores.remarks)
    if bulletin.cutoffs:
        good, fair = bulletin.cutoffs.good, bulletin.cutoffs.fair
        found.append(f"等级：{good}分及以上良好，{fair}分及以上一般，以下较差")
    if bulletin.targets:
        found.append("，".join(f"{name}{_target(value)}" for name, value in bulletin.targets))
    return found


def _target(value: Decimal | None) -> str:
    return f"目标{UNSET_GRADE}" if value is None else f"目标{value.normalize():f}%"


def _first_and_last(scores: Scores) -> str:
    rows = [row for listed in scores.of(SequenceKind.TOWNSHIP) for row in listed.rows if row.rank is not None]
    flagged = [_place(row) for row in rows if row.flag]
    return f"辖区：{'；'.join(flagged)}。" if flagged else "辖区：不设红旗、黑旗。"


def _month(month: Month, published_on: date) -> str:
    is_next = month.next() == Month(published_on.year, published_on.month)
    return f"{month.number}月份" if is_next and month.year == published_on.year else f"{month.title}份"


def _office(city: str) -> str:
    return f"{city}路长办" if city else OFFICE


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _clock(instant: datetime, zone: tzinfo) -> str:
    local = instant.astimezone(zone)
    return f"{local.month}月{local.day}日{local:%H:%M}"
