"""What is read about a quarter: scores, last places and the fund, each amount with its worked steps (S84–S97a)."""

from collections.abc import Sequence

from domain.accountability import Entry, EntryKind, FlagCount
from domain.assessment import SEQUENCE_NAMES
from domain.funding import Award
from domain.month import titles
from domain.quarter import GroupScores, QuarterRow, QuarterScores

ENTRY_NAMES = {EntryKind.STREAK: "连续", EntryKind.TOTAL: "累计"}
TEN_THOUSAND = 10_000


def shown(scores: QuarterScores, head: str = "") -> list[str]:
    """Return a quarter's figures as lines."""
    lines = [f"{scores.quarter.title}考评成绩" + (f"（校验值{head}）" if head else "")]
    if not scores.is_frozen:
        return [*lines, f"{titles(scores.missing)}尚未定稿，三个月都定稿后才有季度成绩。"]
    if not scores.groups:
        lines.append("没有考评组：请在配置文件里写[[group]]。")
    for group in scores.groups:
        lines += _group(group)
    if scores.flags:
        lines.append("黑旗累计（至季末）：")
        lines += [f"  {flag_count(count, count.entries_in(scores.quarter.months))}" for count in scores.flags]
    if any(group.base is not None for group in scores.groups):
        lines.append("经费不足一档的分不计，待市路长办核定。")
    lines.append(f"依据版本：{'、'.join(scores.rules)}。问责和经费须经批准后执行，此前不对外公布。")
    return lines


def _group(scores: GroupScores) -> list[str]:
    fund = f"，经费{scores.group.fund}组，基准{yuan(scores.base)}" if scores.base is not None else ""
    lines = [f"{scores.group.name}（{SEQUENCE_NAMES[scores.group.sequence]}{fund}）："]
    lines += [f"  {row_line(row)}" for row in scores.rows]
    if scores.unscored:
        lines.append(f"  本季没有成绩：{'、'.join(scores.unscored)}")
    return lines


def row_line(row: QuarterRow) -> str:
    """Return one subject: rank, score with its months, measure of a last place, and how its amount was worked out."""
    parts = [f"第{row.rank}名 {row.name} {row.score:.2f}分（{monthly(row)}）"]
    if row.place:
        times = f"连续{row.run}个季度" if row.run > 1 else ""
        parts.append(f"{times}末位，建议{row.place.measure}")
    if row.award:
        parts.append(worked(row.award))
    return "；".join(parts)


def monthly(row: QuarterRow) -> str:
    """Return the months' scores of which the quarter's is the mean."""
    figures = [f"{score:.2f}" if score is not None else "未参评" for score in row.printed]
    return f"{'、'.join(figures)}，{row.months}个月平均"


def worked(award: Award) -> str:
    """Return an amount with every figure it comes from."""
    base = f"基础分{award.base_score}分"
    if not award.steps:
        return f"{base}，{_difference(award)}，不足一档，合计{yuan(award.amount)}"
    verb = "拟增" if award.steps > 0 else "拟减"
    floor = "，减至0元为止" if award.base + award.change < 0 else ""
    return (
        f"{base}，{_difference(award)}，计{abs(award.steps)}档，"
        f"基准{yuan(award.base)}{verb}{yuan(abs(award.change))}，合计{yuan(award.amount)}{floor}"
    )


def _difference(award: Award) -> str:
    if not award.difference:
        return "持平"
    return f"{'多' if award.difference > 0 else '少'}{abs(award.difference):.2f}分"


def yuan(amount: int | None) -> str:
    """Return 12万元, or 5500元 where it is no whole number of ten thousands."""
    if not amount:
        return "0元"
    return f"{amount // TEN_THOUSAND}万元" if amount % TEN_THOUSAND == 0 else f"{amount}元"


def flag_count(count: FlagCount, entries: Sequence[Entry] = ()) -> str:
    """Return a party's black flags in a row and in the year, and the entries they gave."""
    title = f"{SEQUENCE_NAMES[count.sequence]}{count.name}"
    rose = [f"{entry.month.title}{ENTRY_NAMES[entry.kind]}{_reached(entry)}次" for entry in entries]
    given = f"，达到问责条件：{'、'.join(rose)}" if rose else ""
    return f"{title}：连续{count.streak}次，当年累计{count.year_total}次{given}"


def _reached(entry: Entry) -> int:
    return entry.streak if entry.kind is EntryKind.STREAK else entry.year_total
