"""本月排名: how the sender's unit, or the townships, stand so far; process data, the bulletin is what counts."""

from collections.abc import Mapping, Sequence

from domain.assessment import SequenceKind
from domain.casework import month as months
from domain.casework import outlook, papers
from domain.effects import Effects
from domain.finding import as_scored
from domain.holdings import SUBJECT_OF
from domain.month import Month
from domain.scores import Row, SequenceScores
from domain.scoring import deductions_in
from domain.texts import standing as standings
from handlers.months import month_within
from handlers.talk import Talk


async def run(talk: Talk) -> Effects:
    """本月排名 [5月]: the sender's own lines, else the townships'."""
    month, _ = month_within(talk.spoken.rest, talk.work)
    return await run_of(talk, month)


async def run_of(talk: Talk, month: Month | None) -> Effects:
    """Answer with the sender's own lines of a month, of the running one so far; else with the townships."""
    this = talk.work.rules.month(talk.work.now)
    month = month or this
    if month == this:
        lists = await months.standing_of(talk.work, month)
        head = f"截至{talk.work.w.day(talk.work.now)}（过程数据，以通报为准）："
    else:
        scores, _ = await papers.printed_scores(talk.work, month)
        lists = scores.sequences
        period = await months.period_of(talk.work, month)
        head = f"{standings.named(month, talk.work.w)}（{standings.status(period, talk.work.w)}）："
    mine = await _own(talk, lists, await outlook.ranks_before(talk.work, month), month)
    if not mine:
        towns = (listed for listed in lists if listed.sequence is SequenceKind.TOWNSHIP)
        mine = [_line(row, len(listed.rows)) for listed in towns for row in listed.rows[:5]]
    return talk.say(head + "；".join(mine[:5]) + "。")


async def _own(
    talk: Talk, lists: Sequence[SequenceScores], before: Mapping[tuple[str, str], int], month: Month
) -> list[str]:
    day, roster = talk.work.day, talk.work.roster
    posts = roster.posts_of(talk.me, day)
    units = {roster.person(talk.me).unit, *(p.unit for p in posts)} - {""}
    subjects = units | {talk.me} | {p.scope for p in posts if p.scope}
    lines: list[str] = []
    for listed in lists:
        for row in (row for row in listed.rows if row.subject in subjects):
            moved = standings.change(row.rank, before.get((listed.sequence.value, row.subject)))
            text = _line(row, len(listed.rows)) + (f"，{moved}" if moved else "")
            place = 0 if row.subject == talk.me else len(lines)  # his own before his township's
            lines.insert(place, text + await _losses(talk, listed.sequence, row, month))
    return lines


def _line(row: Row, total: int) -> str:
    rank = f"第{row.rank}/{total}" if row.rank else "不参与排名"
    return f"{row.name}{row.score:.2f}分，{rank}"


async def _losses(talk: Talk, sequence: SequenceKind, row: Row, month: Month) -> str:
    by_category: dict[str, int] = {}
    rules = talk.work.rules
    until = min(talk.work.now, month.end(rules.zone))
    found = await talk.work.view.inspected.findings_on(row.segments, month.start(rules.zone), until)
    for deduction in deductions_in(as_scored(found), rules.scoring):
        held = talk.work.roster.segment(deduction.segment, deduction.day)
        if sequence in SUBJECT_OF and (held is None or SUBJECT_OF[sequence](held) != row.subject):
            continue  # somebody else held it on that day (S48)
        name = talk.work.rules.categories.by_code(deduction.category).name
        by_category[name] = by_category.get(name, 0) + int(deduction.points * 100)
    top = sorted(by_category.items(), key=lambda item: -item[1])[:2]
    return f"（扣分前两项：{'、'.join(f'{name}{points / 100:g}' for name, points in top)}）" if top else ""
