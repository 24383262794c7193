"""Deductions (扣分): a case stands for a finding, its points are corrected, it is withdrawn — until its month is frozen."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from domain import authority
from domain.case import Case, Event, advance
from domain.casework import month as months
from domain.casework.work import Work
from domain.effects import Effects, LedgerEvent, Notice, ToPurpose
from domain.errors import NotAllowed, WrongState
from domain.finding import LATE, Finding, facts_of, finding_key
from domain.month import Month
from domain.texts import inspecting, publishing
from domain.texts.wording import one_line

MOST_NOTE = 200  # characters of a finding's note


def entered(work: Work, case: Case) -> tuple[Case, Effects]:
    """Return an inspector's case with the finding that it stands for (S47), as soon as segment and points are known.

    The finding belongs to the instant of the inspection, however late it is placed (S46).
    """
    if not case.inspector or not case.segment or case.finding:
        return case, Effects()
    given = Decimal(case.points) if case.points else None
    day = work.rules.day(case.reported_at)
    points = given if given is not None else work.rules.scoring.rules.points(case.category, day)
    if points is None:
        return case, Effects()
    finding = _finding(case, case.inspector, points, given)
    return replace(case, finding=finding.key), _found(case, finding)


def _finding(case: Case, inspector: str, points: Decimal, given: Decimal | None) -> Finding:
    note = one_line(case.text)[:MOST_NOTE]
    said = f"{case.number} {note}"  # no two cases are one finding
    key = finding_key(case.reported_at, case.segment, case.category, given, inspector, said)
    return Finding(
        key, case.reported_at, case.segment, case.category, points, inspector, note, by_book=given is None, case=case.id
    )


def _found(case: Case, finding: Finding) -> Effects:
    event = LedgerEvent(f"case:{case.number}", Event.FINDING.value, facts_of(finding), {"inspector": finding.inspector})
    return Effects(findings=[finding], events=[event])


async def confirmed(work: Work, case: Case, by: str, given: Decimal | None) -> tuple[Case, Finding, Effects]:
    """Return a public report that the office or an inspector takes as a finding (认定, S42), with points or by the book.

    It belongs to the instant of the report. Raises NotAllowed for who had a hand in it, WrongState when it is one
    already, when its month is frozen, or when the rule book has no points for it.
    """
    authority.require(by, case, Event.FINDING, work.roster, work.day)
    if authority.is_barred_from_verifying(by, case, work.roster, work.day):
        raise NotAllowed(f"{case.number}须由未经手该案件且不在承办单位的人员认定。")
    if case.finding:
        raise WrongState(f"{case.number}已是督查问题，更正扣分请回“分值 {case.short} 0.5”。")
    await require_unfrozen(work, case.reported_at)
    points = given
    if points is None:
        points = work.rules.scoring.rules.points(case.category, work.rules.day(case.reported_at))
    if points is None:
        raise WrongState(f"扣分细则没有{work.w.category(case)}的分值，请写明扣分，如“认定 {case.short} 0.5”。")
    finding = _finding(case, by, points, given)
    held = advance(case, Event.FINDING, finding=finding.key)
    effects = _found(held, finding)
    effects.cases.append(held)
    effects.notices += work.tell(
        _answerable(work, held), inspecting.confirmed_to(held, finding, work.w), "finding", held
    )
    return held, finding, effects


def _answerable(work: Work, case: Case) -> list[str]:
    return [person for person in (case.chief or case.chain.chief, case.chain.second_level) if person]


async def require_unfrozen(work: Work, found_at: datetime) -> None:
    """Raise WrongState when the month of an inspection is frozen: then only a correction changes it (S46)."""
    month = Month.of(found_at, work.rules.zone)
    period = await months.period_of(work, month)
    if period.is_frozen:
        raise WrongState(
            f"{month.title}考评已定稿，扣分不再变动；确有错误，请市路长办由两人署名发布更正通报"
            f"（{publishing.how_to_correct(month)}）。"
        )


async def placed_late(work: Work, case: Case, found: Effects) -> Effects:
    """Return what placing an inspector's case (定位) means for its finding.

    One whose month is frozen by then does not count and waits for a correction, which the office is told of (S46).
    """
    if not found.findings:
        return found
    month = Month.of(case.reported_at, work.rules.zone)
    period = await months.period_of(work, month)
    if not period.is_frozen:
        return found
    found.findings = [replace(one, withdrawn=LATE) for one in found.findings]
    why = f"督查问题{case.number}（{work.w.category(case)}，{case.segment}）在定稿后才定位，尚未计入"
    text = publishing.correction_due(month, why, is_published=period.is_published)
    found.notices.append(Notice(f"late:{case.id}", ToPurpose("office"), text, "correction_due"))
    return found


async def revalued(work: Work, finding: Finding, by: str, points: Decimal) -> tuple[Finding, Effects]:
    """Return a finding with other points (分值): by who found it or the office, while its month is not frozen."""
    _require_owner(work, finding, by)
    if not finding.is_counted:
        raise WrongState(f"{finding.label}没有扣分，无需更正。")
    appeal = await work.view.inspected.appeal_against(finding.key)
    if appeal is not None:
        raise WrongState(f"{finding.label}已有申诉{appeal.number}，分值以复核结果为准。")
    await require_unfrozen(work, finding.found_at)
    changed = replace(finding, points=points, by_book=False)
    facts = {"finding": finding.key, "old": f"{finding.points:.2f}", "new": f"{points:.2f}"}
    effects = Effects(findings=[changed])
    effects.events.append(LedgerEvent(stream_of(finding), Event.POINTS.value, facts, {"by": by}))
    return changed, effects


def _require_owner(work: Work, finding: Finding, by: str) -> None:
    if by != finding.inspector and not authority.is_office(by, work.roster, work.day):
        raise NotAllowed(f"{finding.label}的扣分由发现该问题的督查员或市路长办更正。")


async def valued(work: Work, case: Case, by: str, points: Decimal) -> tuple[Case, Effects]:
    """Return an inspector's case that had no points yet with its points, and so with its finding once it is placed."""
    if by != case.inspector and not authority.is_office(by, work.roster, work.day):
        raise NotAllowed(f"{case.number}的扣分由发现该问题的督查员或市路长办填写。")
    await require_unfrozen(work, case.reported_at)
    given = advance(case, Event.POINTS, points=f"{points:f}")
    held, effects = entered(work, given)
    effects.case_event(held, Event.POINTS, persons={"by": by}, new=f"{points:.2f}")
    return held, effects


async def voided(work: Work, case: Case) -> Effects:
    """Return what becomes of the finding of a case that is void (作废): it no longer counts."""
    finding = await work.view.inspected.finding_of_case(case.id)
    if finding is None or finding.withdrawn:
        return Effects()
    await require_unfrozen(work, finding.found_at)
    return withdrawn(finding, "void")


def withdrawn(finding: Finding, why: str, by: str = "") -> Effects:
    """Return a finding that no longer counts, with its record."""
    facts = {"finding": finding.key, "points": f"{finding.points:.2f}", "why": why}
    event = LedgerEvent(stream_of(finding), "withdrawn", facts, {"by": by} if by else {})
    return Effects(findings=[replace(finding, withdrawn=why)], events=[event])


async def recategorised(work: Work, case: Case, by: str) -> Effects:
    """Return what a change of category means for the deduction: those who may score move it, nobody else does (S3)."""
    finding = await work.view.inspected.finding_of_case(case.id)
    if finding is None or not finding.is_counted or finding.category == case.category:
        return Effects()
    if by != finding.inspector and not authority.is_office(by, work.roster, work.day):
        return Effects()
    await require_unfrozen(work, finding.found_at)
    points = finding.points
    if finding.by_book:
        points = work.rules.scoring.rules.points(case.category, work.rules.day(finding.found_at)) or points
    changed = replace(finding, category=case.category, points=points)
    facts = {"finding": finding.key, "old": finding.category, "new": case.category, "points": f"{points:.2f}"}
    event = LedgerEvent(stream_of(finding), "finding_category", facts, {"by": by})
    return Effects(findings=[changed], events=[event])


async def relocated(work: Work, case: Case, by: str) -> Effects:
    """Return what another segment means for the deduction: those who may score move it, a desk moves only the case."""
    finding = await work.view.inspected.finding_of_case(case.id)
    if finding is None or not finding.is_counted or finding.segment == case.segment:
        return Effects()
    if by != finding.inspector and not authority.is_office(by, work.roster, work.day):
        return Effects()
    await require_unfrozen(work, finding.found_at)
    facts = {"finding": finding.key, "old": finding.segment, "new": case.segment}
    event = LedgerEvent(stream_of(finding), "finding_segment", facts, {"by": by})
    return Effects(findings=[replace(finding, segment=case.segment)], events=[event])


def stream_of(finding: Finding) -> str:
    """Return the ledger stream of a finding: its case's, else its own."""
    return f"case:{finding.label}" if finding.case else f"finding:{finding.key}"
