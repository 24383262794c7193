"""How somebody stands in a month, as leaders ask for it, and how a rank moved."""

from domain.month import Month
from domain.scores import Row, SequenceScores
from domain.standing import Standing
from domain.texts.wording import Wording


def change(rank: int | None, before: int | None) -> str:
    """Return 较上月↑3 for a better rank than the month before, "" without one to compare."""
    if rank is None or before is None:
        return ""
    moved = before - rank
    return "较上月持平" if not moved else f"较上月{'↑' if moved > 0 else '↓'}{abs(moved)}"


def asked(
    subject: str,
    month: Month,
    line: tuple[SequenceScores, Row] | None,
    before: int | None,
    standing: Standing,
    w: Wording,
    *,
    is_published: bool,
) -> str:
    """Return the answer to 东关街道这个月怎么样: score and rank, cases, share in time, what there is most of."""
    until = "已通报" if is_published else f"截至{w.rules.day(w.now).day}日" if _runs(month, w) else "待通报"
    parts = [part for part in (_place(line, before), _cases(standing), _main(standing, w)) if part]
    return f"{subject}{month.number}月（{until}）：{'；'.join(parts)}。"


def _runs(month: Month, w: Wording) -> bool:
    return month == w.rules.month(w.now)


def _place(line: tuple[SequenceScores, Row] | None, before: int | None) -> str:
    if line is None:
        return ""
    listed, row = line
    ranked = sum(other.rank is not None for other in listed.rows)
    rank = f"全市第{row.rank}/{ranked}" if row.rank else "不参与排名"
    moved = change(row.rank, before)
    return f"得分{row.score:.2f}，{rank}" + (f"，{moved}" if moved else "")


def _cases(standing: Standing) -> str:
    if not standing.problems:
        return "没有问题上报"
    share = f"，按期办结率{standing.in_time * 100 / standing.settled:.1f}%" if standing.settled else ""
    late = "没有超时"
    if standing.late:
        rest = f"，其中{standing.late_open}件仍在办" if standing.late_open else "均已办结"
        late = f"超时{standing.late}件{rest}"
    return f"问题{standing.problems}处{share}，{late}"


def _main(standing: Standing, w: Wording) -> str:
    if not standing.main:
        return ""
    name = w.rules.categories.by_code(standing.main).name
    road = ""
    if standing.main_road and standing.main_count > 1:
        is_half = standing.main_road_count * 2 >= standing.main_count
        road = f"，{standing.main_road}{'占半' if is_half else f'{standing.main_road_count}处'}"
        road = f"，均在{standing.main_road}" if standing.main_road_count == standing.main_count else road
    return f"突出问题{name}（{standing.main_count}处{road}）"
