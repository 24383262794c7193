"""What is told about accountability (问责): early notice in private, proposals to the office, outcome after approval."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from domain.accountability import AccountabilityRule, FlagCount
from domain.assessment import SEQUENCE_NAMES, SequenceKind
from domain.month import title_of
from domain.organisation import GROUP
from domain.proposals import ENOUGH, KIND_NAMES, Proposal, ProposalKind
from domain.quarter import QuarterScores


@dataclass(frozen=True, slots=True)
class Outlook:
    """How a party stands in the running month; `ahead` = what it lacks to the next better place, None at the top."""

    score: Decimal
    ahead: Decimal | None


@dataclass(frozen=True, slots=True)
class EarlyNotice:
    """That a party is one black flag before a trigger (S89), with what it can do about it."""

    count: FlagCount
    rule: AccountabilityRule
    outlook: Outlook | None
    losses: tuple[str, ...]  # 占道经营12处, of the month that hung the flag


def warnings(found: Sequence[EarlyNotice]) -> str:
    """Return the early notice of one or several parties: a hint and no decision, each rule said once."""
    head = "预警提示（非处理决定）："
    if len(found) == 1:
        return f"{head}{_flags(found[0])}。{_follows(found[0])}{_more(found[0])}"
    rules = dict.fromkeys(_follows(one) for one in found)
    lines = [f"{n}. {_flags(one)}。{_more(one)}" for n, one in enumerate(found, 1)]
    return "\n".join([f"{head}以下{len(found)}个对象接近问责条件。{''.join(rules)}", *lines])


def _flags(one: EarlyNotice) -> str:
    count = one.count
    return f"{SEQUENCE_NAMES[count.sequence]}{count.name}已连续{count.streak}次、当年累计{count.year_total}次挂黑旗"


def _follows(one: EarlyNotice) -> str:
    follows = one.rule.personal if one.count.sequence is SequenceKind.SECOND_LEVEL else one.rule.measure
    return f"按考评办法，连续{one.rule.streak}次或累计{one.rule.total}次{follows}。"


def _more(one: EarlyNotice) -> str:
    ahead = f"，距前一名差{one.outlook.ahead:.2f}分" if one.outlook and one.outlook.ahead is not None else ""
    outlook = f"本月过程得分{one.outlook.score:.2f}{ahead}。" if one.outlook else ""
    return outlook + (f"上期主要失分：{'、'.join(one.losses)}。" if one.losses else "")


def proposed(period: str, proposals: Sequence[Proposal]) -> str:
    """Return what the office hears when a period's proposals are worked out."""
    lines = [f"【代拟稿】{title_of(period)}考评结果对应的建议{len(proposals)}项，批准前不执行、不公布："]
    lines += [line(proposal) for proposal in proposals]
    several = "，可一次写多个编号" if len(proposals) > 1 else ""
    lines.append(
        f"批准请回复“批准问责 {proposals[0].id}”（须{ENOUGH}人{several}），依据请回复“问责 {proposals[0].id}”。"
    )
    return "\n".join(lines)


def line(proposal: Proposal) -> str:
    """Return a proposal in one line."""
    party = "" if proposal.kind is ProposalKind.FUND else SEQUENCE_NAMES[proposal.sequence]  # a group is named in full
    title = f"{party}{proposal.name}"
    return f"{proposal.id} {KIND_NAMES[proposal.kind]}：{title}，{proposal.measure}，{state(proposal)}"


def state(proposal: Proposal) -> str:
    """Return how far it has come."""
    names = "、".join(proposal.signatures)
    if proposal.is_withdrawn:
        return "依据已变，已撤回"
    if proposal.is_approved:
        return f"已由{names}批准"
    return f"{names}已批准，还需{ENOUGH - len(proposal.approved_by)}人" if names else "待批准"


def shown(proposal: Proposal) -> str:
    """Return a proposal with its evidence."""
    return "\n".join([line(proposal), f"办法：{proposal.way}。", "依据：", *(f"  {one}" for one in proposal.evidence)])


def answered(proposal: Proposal) -> str:
    """Return what somebody reads who has just approved: how far it has come, and what is to be done once it is whole."""
    return to_office(proposal) if proposal.is_approved else line(proposal)


def to_office(proposal: Proposal) -> str:
    """Return what the office hears once a proposal is approved; where none of the leading group did, that it is asked to."""
    places = proposal.approved_as.values()
    lacks = bool(places) and not any(place.startswith(GROUP) for place in places)
    return carried_out(proposal) + ("\n批准人都不在领导小组名单，请附领导小组的批准记录。" if lacks else "")


def carried_out(proposal: Proposal) -> str:
    """Return what those concerned hear once a proposal is approved: what is to be done now."""
    return f"{line(proposal)}。可以执行：{proposal.way}。\n" + "\n".join(proposal.evidence)


def outcome(proposal: Proposal) -> str:
    """Return what the leadership group reads of an outcome that the scheme makes public (S86, S91)."""
    return f"{title_of(proposal.period)}考评问责结果：{proposal.name}，{proposal.evidence[0]}。经批准，{proposal.way}。"


def review_meeting(scores: QuarterScores) -> str:
    """Return the office's reminder of the quarter's review meeting (S72); no names: the figures are not its matter."""
    return (
        f"{scores.quarter.title}三个月均已通报，请安排季度点评会，由市领导点评。"
        f"会议材料由管理员导出：luzhang export review --period {scores.quarter} --out 文件夹。"
    )


def year_end(year: int, named: Sequence[str]) -> str:
    """Return the office's reminder to judge the year (S87): the bot names who met a condition and computes no verdict."""
    who = f"全年达到过问责条件的：{'、'.join(named)}。" if named else "全年没有单位达到问责条件。"
    return (
        f"{year}年考评已全部通报。{who}按办法，监察机关依年度结果对失职渎职的单位追究责任，是否认定由人研究；"
        f"认定的请执行：luzhang accountability propose --year {year} --unit 名称 --reason 理由，两人批准后才执行。"
    )


def nothing(period: str = "") -> str:
    """Return that there is no proposal."""
    return f"{title_of(period)}没有问责或经费建议。" if period else "没有问责或经费建议：月份通报后才会生成。"
