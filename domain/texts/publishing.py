"""What the office reads about a month's publication (通报): draft, hold, approval, obstacles."""

from collections.abc import Sequence

from domain.assessment import SequenceKind
from domain.comparison import Difference
from domain.month import Month
from domain.period import STAGE_NAMES, Period
from domain.scores import Scores
from domain.texts import leadership
from domain.texts.wording import Wording


def shown(period: Period, w: Wording) -> str:
    """Return how far a month has come."""
    version = f"（第{period.version}版）" if period.version > 1 else ""
    parts = [f"{period.month.title}：{STAGE_NAMES[period.stage]}{version}"]
    if period.hold_reason:
        parts.append(f"已暂缓（{period.hold_reason}）")
    if period.objections_end and not period.is_frozen:
        parts.append(f"异议期至{w.when(period.objections_end)}")
    if period.publish_at and not period.is_frozen:
        parts.append(f"预计{w.when(period.publish_at)}通报")
    if period.signed_by:
        parts.append(f"署名{'、'.join(period.signed_by)}")
    return "，".join(parts) + "。"


def state(scores: Scores, period: Period, appeals: int, w: Wording) -> str:
    """Return what a month has collected, what is open, and how far it has come."""
    units = sum(len(listed.rows) for listed in scores.of(SequenceKind.UNIT))
    taken = sum(len(row.deductions) for listed in scores.of(SequenceKind.TOWNSHIP) for row in listed.rows)
    coverage = scores.coverage
    waiting = "（未结不得定稿）" if appeals else ""
    return (
        f"{scores.month.number}月考评已汇总：{units}个单位、{taken}条扣分、{appeals}件申诉未结{waiting}，"
        f"督查覆盖{coverage.segments}个路段中的{coverage.visited}个。\n{shown(period, w)}"
    )


def held(period: Period) -> str:
    """Return that a month is held."""
    return f"{period.month.title}通报已暂缓：{period.hold_reason}。恢复请回复“恢复通报”。"


def released(period: Period, w: Wording) -> str:
    """Return that a month is released."""
    at = f"，将于{w.when(period.publish_at)}通报" if period.publish_at else ""
    return f"{period.month.title}已恢复通报{at}。"


def signed(period: Period, w: Wording) -> str:
    """Return that a month was signed, and when it goes out."""
    at = f"，将于{w.when(period.publish_at)}通报" if period.publish_at else ""
    return f"{period.month.title}考评已由{'、'.join(period.signed_by)}定稿{at}。此后有误须发更正通报。"


def approved(names: Sequence[str], needed: int) -> str:
    """Return how many named persons gave the standing approval."""
    if len(names) < needed:
        return f"已登记{'、'.join(names)}的常设授权，还需{needed - len(names)}人。授权后每月通报在异议期满后自动发布。"
    return f"常设授权已由{'、'.join(names)}登记生效：每月通报在异议期满后自动发布，可随时回复“暂缓通报 原因”。"


def corrected(period: Period, changes: Sequence[Difference], *, is_rehearsal: bool = False) -> str:
    """Return that a correction was published, or would be, and what it changes."""
    listed = "\n".join(f"  {leadership.changed(change)}" for change in changes)
    done = "将更正为" if is_rehearsal else "已更正，现为"
    return f"{period.month.title}{done}第{period.version}版，署名：{'、'.join(period.signed_by)}。更正{len(changes)}项：\n{listed}"


def how_to_correct(month: Month, more: str = "") -> str:
    """Return the command that publishes a correction of a month."""
    return f"luzhang period correct --period {month} --signed-by 姓名,姓名 --reason 原因{more}"


def correction_due(month: Month, why: str, *, is_published: bool) -> str:
    """Return what the office hears when something about a frozen month can only be counted by a correction."""
    now = "已通报" if is_published else "已定稿，通报后"
    return f"【待更正】{why}。{month.title}考评{now}，计入须由两人署名发布更正通报，请执行：{how_to_correct(month)}。"
