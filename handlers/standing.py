"""本月排名: how the sender's unit, or the townships, stand so far; process data, the bulletin is what counts."""

from collections.abc import Mapping

from domain.assessment import SequenceKind
from domain.casework import month as months
from domain.casework import outlook
from domain.effects import Effects
from domain.scoring import Row, Scores
from domain.texts import standing as standings
from handlers.talk import Talk


async def run(talk: Talk) -> Effects:
    """Answer with the sender's own lines of the month so far, else with the townships."""
    month = talk.work.rules.month(talk.work.now)
    scores = await months.scores_of(talk.work, month)
    day = talk.work.w.day(talk.work.now)
    head = f"截至{day}（过程数据，以通报为准）："
    mine = _own(talk, scores, await outlook.ranks_before(talk.work, month))
    if not mine:
        mine = [_line(row, len(listed.rows)) for listed in scores.of(SequenceKind.TOWNSHIP) for row in listed.rows[:5]]
    return talk.say(head + "；".join(mine[:5]) + "。")


def _own(talk: Talk, scores: Scores, before: Mapping[tuple[str, str], int]) -> list[str]:
    day, roster = talk.work.day, talk.work.roster
    posts = roster.posts_of(talk.me, day)
    units = {roster.person(talk.me).unit, *(p.unit for p in posts)} - {""}
    subjects = units | {talk.me} | {p.scope for p in posts if p.scope}
    lines = []
    for listed in scores.sequences:
        for row in (row for row in listed.rows if row.subject in subjects):
            moved = standings.change(row.rank, before.get((listed.sequence.value, row.subject)))
            lines.append(_line(row, len(listed.rows)) + (f"，{moved}" if moved else "") + _losses(talk, row))
    return lines


def _line(row: Row, total: int) -> str:
    rank = f"第{row.rank}/{total}" if row.rank else "不参与排名"
    return f"{row.name}{row.score:.2f}分，{rank}"


def _losses(talk: Talk, row: Row) -> str:
    by_category: dict[str, int] = {}
    for deduction in row.deductions:
        name = talk.work.rules.categories.by_code(deduction.category).name
        by_category[name] = by_category.get(name, 0) + int(deduction.points * 100)
    top = sorted(by_category.items(), key=lambda item: -item[1])[:2]
    return f"（扣分前两项：{'、'.join(f'{name}{points / 100:g}' for name, points in top)}）" if top else ""
