"""`luzhang score`: a month's figures from the findings or as they were published, a quarter's and a year's from published months."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

from bot.commands.session import OK, Session, UsageError, require_file, say, say_json
from domain.assessment import SEQUENCE_NAMES
from domain.casework import drawing
from domain.casework import month as months
from domain.casework import quarter as quarters
from domain.casework.work import Work
from domain.comparison import compare
from domain.flags import FLAG_NAMES
from domain.month import Month, Quarter, is_quarter, title_of
from domain.quarter import QuarterScores
from domain.rulebook import load_rules
from domain.scoring import Scores, score_month, standing_so_far
from domain.texts import comparison, quarterly, yearly
from domain.yearly import YearScores

_TITLES = {kind.value: name for kind, name in SEQUENCE_NAMES.items()}


def read_month(text: str) -> Month:
    """Return the month written 2026-10. Raises UsageError for a quarter, RuleError for anything else."""
    if is_quarter(text):
        raise UsageError(f"{text}：这里须写月份，如2026-10；季度成绩请用 luzhang score --period {text}。")
    return Month.parse(text)


async def score(session: Session, period: str, rules: Path | None, *, as_json: bool) -> int:
    """Print the figures of a month, a quarter or a year.

    Published months are printed as they stand, unless another rule book is tried: then with who would rise and fall.
    Quarter and year are made of published months.
    """
    if is_quarter(period):
        if rules is not None:
            raise UsageError("--rules 只能试算月份，季度由已通报的月份得出。")
        return await _quarter(session, Quarter.parse(period), as_json=as_json)
    if re.fullmatch("[0-9]{4}", period):
        if rules is not None:
            raise UsageError("--rules 只能试算月份，全年成绩由已通报的月份得出。")
        return await _year(session, int(period), as_json=as_json)
    month = read_month(period)
    figures = await session.read(lambda work: _figures(work, month, rules))
    moved = compare(await session.read(lambda work: _figures(work, month, None)), figures) if rules else None
    if as_json:
        say_json(figures if moved is None else {**figures, "changes": [change.to_json() for change in moved]})
        return OK
    visited, segments = await session.read(lambda work: drawing.coverage(work, month))
    covered = [f"督查覆盖{segments}个路段中的{visited}个。"] if segments else []
    for line in [*_lines(figures), *covered, *([] if moved is None else comparison.moves(moved))]:
        say(line)
    return OK


async def _year(session: Session, year: int, *, as_json: bool) -> int:
    scores, head = await session.read(lambda work: _year_scores(work, year))
    if as_json:
        say_json(scores.to_json(head))
        return OK
    for line in yearly.shown(scores, head):
        say(line)
    return OK


async def _year_scores(work: Work, year: int) -> tuple[YearScores, str]:
    return await quarters.year_of(work, year), await work.view.head()


async def _quarter(session: Session, quarter: Quarter, *, as_json: bool) -> int:
    scores, head = await session.read(lambda work: _quarter_scores(work, quarter))
    if as_json:
        say_json(scores.to_json(head))
        return OK
    for line in quarterly.shown(scores, head):
        say(line)
    return OK


async def _quarter_scores(work: Work, quarter: Quarter) -> tuple[QuarterScores, str]:
    return await quarters.quarter_of(work, quarter), await work.view.head()


async def _figures(work: Work, month: Month, rules: Path | None) -> dict[str, Any]:
    period = await months.period_of(work, month)
    stored = await months.published_figures(work, period) if rules is None else None
    if stored is not None:
        return stored
    scores = await _scores(work, month, rules)
    return scores.to_json(await work.view.head())


async def _scores(work: Work, month: Month, rules: Path | None) -> Scores:
    settings = work.rules.scoring
    if rules is not None:
        require_file(rules)
        codes = [row.code for row in work.rules.categories.rows]
        settings = replace(settings, rules=load_rules(codes, rules))
    evidence = await months.evidence_of(work, month)
    if work.now >= month.end(work.rules.zone):
        return score_month(month, evidence, settings)
    # whoever enters findings ahead of the clock wants to see them
    latest = max((finding.found_at for finding in evidence.findings), default=work.now)
    return standing_so_far(month, evidence, settings, max(work.now, latest + latest.resolution))


def _lines(figures: dict[str, Any]) -> list[str]:
    lines = [f"{title_of(figures['period'])}考评成绩" + (f"（校验值{figures['head']}）" if figures["head"] else "")]
    for listed in figures["sequences"]:
        group = f"（{listed['group']}）" if listed["group"] else ""
        lines.append(f"{_TITLES.get(listed['sequence'], listed['sequence'])}{group}：")
        lines += [_line(row) for row in listed["rows"]]
    if len(lines) == 1:
        lines.append("没有数据：请先导入花名册（luzhang import roster）。")
    return lines


def _line(row: dict[str, Any]) -> str:
    rank = f"第{row['rank']}名" if row["rank"] else "不参与排名"
    flag = f" {FLAG_NAMES[row['flag']]}" if row["flag"] else ""
    lost = f"，扣分{len(row['deductions'])}处" if row["deductions"] else ""
    return f"  {row['name']} {row['score']}分 {rank} {row['grade']}{flag}{lost}"
