"""What the office reads about the shops' contest (门店评比, S61–S65); the bot itself names no shop in a group."""

from collections.abc import Sequence
from datetime import timedelta

from domain.month import Month
from domain.shops import ENOUGH, Contest, ShopRow
from domain.texts.wording import Wording

UNSET = "未设定"
_INSTANT = timedelta(microseconds=1)


def verified(contest: Contest, names: Sequence[str], w: Wording) -> str:
    """Return how far the office's check has come."""
    done = "、".join(names)
    if not contest.is_verified:
        return f"{contest.month.title}门店评比：已由{done}核实，还需{ENOUGH - len(names)}人。核实前不公布。"
    until = f"，异议期至{w.when(contest.objections_end)}" if contest.objections_end else ""
    return f"{contest.month.title}门店评比：已由{done}核实{until}，期满后计入当月通报。"


def unsettled(contest: Contest, w: Wording, how: str) -> str:
    """Return why a month cannot be signed yet, and `how` to sign it all the same."""
    until = w.day(contest.objections_end - _INSTANT) if contest.objections_end else ""
    return f"{contest.month.title}门店评比异议期至{until}（含），期满后定稿即计入本期；不等门店、现在定稿{how}。"


def sign_without(month: Month) -> str:
    """Return how a month is signed in chat without its shops."""
    return f"请回“定稿 {month.number}月 不含门店”"


PUBLISH_WITHOUT = "请在luzhang period publish后加--without-shops"


def awaited(contest: Contest) -> str:
    """Return the reminder to check a month's shops; no shop is named in a group."""
    return (
        f"{contest.month.title}门店评比有{len(contest.shops)}家待核实，请市路长办两人回复“核实评比 {contest.month.number}月”。"
        "核实后须过异议期，定稿或通报时没到期的不计入当月。"
    )


def to_be_told(contest: Contest, best: int | None, worst: int | None, w: Wording) -> str:
    """Return the list for those who verified: which shops are to be told before anybody else."""
    until = w.when(contest.objections_end) if contest.objections_end else ""
    return "\n".join(
        [
            f"【代拟稿】{contest.month.title}门店评比已核实，请先告知下列门店，异议期至{until}，期满前不得公布：",
            *picks(contest.rows(), best, worst),
        ]
    )


def picks(rows: Sequence[ShopRow], best: int | None, worst: int | None) -> list[str]:
    """Return the best and the worst shops by the numbers set, 未设定 where a number is not."""
    lines = []
    for title, kind, count in (("表扬", "best", best), ("曝光", "worst", worst)):
        named = [place(row) for row in rows if row.pick(best, worst) == kind]
        shown = UNSET if count is None else ("、".join(named) or "无")
        lines.append(f"{title}：{shown}")
    return lines


def place(row: ShopRow) -> str:
    """Return a shop with its score, and what of 门前五包 the panel said it does not keep to (S8)."""
    lacks = f"（未落实：{failed(row)}）" if row.failed else ""
    return f"{row.shop.name}（{row.shop.segment}）{row.score}分{lacks}"


def failed(row: ShopRow) -> str:
    """Return 包卫生3人、包秩序1人: what it does not keep to, by how many of the panel."""
    return "、".join(f"{item}{count}人" for item, count in row.failed)
