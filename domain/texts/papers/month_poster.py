"""The month's picture for the leadership groups."""

from collections.abc import Sequence

from domain.assessment import SEQUENCE_NAMES, SequenceKind
from domain.comparison import Difference
from domain.flags import Flag
from domain.papers import Line, Panel, Poster
from domain.printed import PrintedRow
from domain.scoring import Row, SequenceScores
from domain.texts import leadership
from domain.texts.papers.month import UNLISTED, MonthFacts
from domain.texts.papers.naming import day, flag

MOST_LINES = 30  # townships
MOST_NAMES = 24  # names under one flag
MOST_CHANGES = 12  # that a correction's picture shows


def poster(facts: MonthFacts) -> Poster:
    """Return the picture: the townships' ranking, red and black flags by name, main problems."""
    panels = _corrected(facts)
    panels += [_townships(listed) for listed in facts.scores.of(SequenceKind.TOWNSHIP)]
    for kind in (SequenceKind.SECOND_LEVEL, SequenceKind.UNIT):
        panels += [_named(listed) for listed in facts.scores.of(kind)]
    panels.append(Panel("主要问题", note=leadership.problems(facts.bulletin)))
    return Poster(
        file=f"{facts.month.number}月考评红黑旗榜{facts.suffix if facts.correction else ''}.png",
        title=f"{facts.month.title}路长制考评",
        subtitle=f"{facts.imprint.office}　{day(facts.bulletin.published_on)}",
        panels=tuple(panels),
        footer=(f"依据版本：{'、'.join(facts.scores.rules)}", f"台账校验值：{facts.bulletin.head or '尚未生成'}"),
        mark=facts.mark,
    )


def _corrected(facts: MonthFacts) -> list[Panel]:
    """Return which lines a correction changes, and which notice it takes the place of."""
    if facts.correction is None:
        return []
    changes = sorted(facts.correction.changes, key=_weight)
    shown = changes[:MOST_CHANGES]
    lines = tuple(Line("", one.row.name, _moved(one), one.after.flag if one.after else None) for one in shown)
    flags = "".join(f"{_flagged(one)}；" for one in changes if _flag(one.before) is not _flag(one.after))
    left = len(changes) - len(shown)
    note = leadership.corrects(facts.correction, facts.month) + (f"另有{left}项见附件。" if left else "")
    return [Panel("更正内容", lines, note=f"{flags[:-1]}。\n{note}" if flags else note)]


def _weight(one: Difference) -> int:
    """Return what comes first: flags that move, then scores, then what only another's move has shifted."""
    if _flag(one.before) is not _flag(one.after):
        return 0
    return 1 if _score(one.before) != _score(one.after) else 2


def _flagged(one: Difference) -> str:
    """Return how a flag moves: 河西镇撤销黑旗, 东关街道改挂红旗."""
    old, new = _flag(one.before), _flag(one.after)
    if new is None:
        return f"{one.row.name}撤销{flag(old)}"
    return f"{one.row.name}{'改' if old else '新'}挂{flag(new)}"


def _moved(one: Difference) -> str:
    """Return the score as it was and is, or the place where the score stays."""
    old, new = _score(one.before), _score(one.after)
    if old != new or one.before is None or one.after is None:
        return f"{old}→{new}"
    return f"第{one.before.rank or '—'}→{one.after.rank or '—'}名"


def _score(row: PrintedRow | None) -> str:
    return f"{row.score:.2f}" if row else UNLISTED


def _flag(row: PrintedRow | None) -> Flag | None:
    return row.flag if row else None


def _townships(listed: SequenceScores) -> Panel:
    """Return all townships; of very many the first and those with a flag."""
    shown = [row for place, row in enumerate(listed.rows) if place < MOST_LINES or row.flag]
    lines = tuple(Line(str(row.rank or "—"), row.name, f"{row.score:.2f}", row.flag) for row in shown)
    left = len(listed.rows) - len(shown)
    return Panel("辖区排名", lines, note=f"其余{left}个见得分表" if left else "")


def _named(listed: SequenceScores) -> Panel:
    group = f"（{listed.group}类道路）" if listed.group else ""
    names = tuple((colour, _names([r for r in listed.rows if r.flag is colour])) for colour in Flag)
    shown = tuple((colour, text) for colour, text in names if text)
    return Panel(
        f"{SEQUENCE_NAMES[listed.sequence]}{group}", names=shown, note="" if shown else leadership.flags(listed)
    )


def _names(rows: Sequence[Row]) -> tuple[str, ...]:
    more = (f"等{len(rows)}名",) if len(rows) > MOST_NAMES else ()
    return (*(f"{row.name} {row.score:.2f}" for row in rows[:MOST_NAMES]), *more)
