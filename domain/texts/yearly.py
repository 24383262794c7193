"""What is read about a year (S73, S79)."""

from domain.assessment import SEQUENCE_NAMES
from domain.month import titles
from domain.yearly import YearRow, YearScores


def shown(scores: YearScores, head: str = "") -> list[str]:
    """Return a year's figures as lines, list by list."""
    lines = [f"{scores.year}年考评成绩" + (f"（校验值{head}）" if head else "")]
    if not scores.months:
        return [*lines, "还没有定稿的月份。"]
    lines.append(f"由{len(scores.months)}个定稿月份平均：{titles(scores.months)}")
    title = ""
    for row in scores.rows:
        group = f"（{row.group}）" if row.group else ""
        heading = f"{SEQUENCE_NAMES[row.sequence]}{group}："
        lines += [heading] if heading != title else []
        lines.append(f"  {line(row)}")
        title = heading
    return lines


def line(row: YearRow) -> str:
    """Return one party's year: rank, score with its months, flags, and its share for the yearly assessment."""
    points = f"，计入年度目标考核{row.points:.2f}分" if row.points is not None else ""
    return (
        f"第{row.rank}名 {row.name} {row.score:.2f}分（{row.months}个月），红旗{row.red}次、黑旗{row.black}次{points}"
    )
