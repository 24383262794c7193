"""From frozen figures to proposals, early notices and approvals (S80–S92). Whoever is concerned hears it in private."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence

from domain.accountability import count_flags
from domain.assessment import SEQUENCE_NAMES, SequenceKind
from domain.casework import quarter as quarters
from domain.casework import warning
from domain.casework.warning import STREAM
from domain.casework.work import Work
from domain.effects import Effects, LedgerEvent, Notice, ToPerson, ToPurpose
from domain.errors import Missing, NotFound, WrongState
from domain.imports.awards import AwardRow
from domain.ledger import canonical
from domain.month import Month, Quarter
from domain.organisation import leading_group, signing_titles
from domain.printed import PrintedMonth
from domain.proposals import Proposal, ProposalKind, proposals_key, renewed
from domain.proposing import of_awards, of_dereliction, of_month, of_quarter
from domain.quarter import QuarterScores
from domain.roster import Role
from domain.texts import accountability as texts
from domain.texts.accountability import EarlyNotice

_LAST_MONTH = 12


async def settle(work: Work, month: Month) -> Effects:
    """Return what a published or corrected month leads to: proposals of it and all later periods, and early notices.

    Run again, it changes nothing; notices are those of the latest frozen month alone.
    """
    effects, office = Effects(), list[str]()
    history = await quarters.frozen_months(work, _far(work))
    affected = [printed.month for printed in history if printed.month >= month]
    for one in affected:
        is_news = one == history[-1].month
        office += await _renew(work, effects, str(one), _of_month(work, one, history), is_news=is_news)
    for quarter in sorted({Quarter.of(one) for one in affected}):
        scores = await quarters.quarter_of(work, quarter)
        is_news = history[-1].month in quarter.months
        office += await _renew(work, effects, str(quarter), of_quarter(scores), is_news=is_news)
        effects.merge(await _review_meeting(work, scores, history))
    if history and history[-1].month == month:
        ended, said = await _year_end(work, history)
        office += said
        effects.merge(ended)
    warned = await warning.warned(work, effects, history) if history and history[-1].month == month else {}
    effects.notices += _settled(work, f"settled:{month}", office, warned)
    return effects


def _settled(work: Work, key: str, office: Sequence[str], warned: Mapping[str, Sequence[EarlyNotice]]) -> list[Notice]:
    """Return all that a settlement tells, one message for a person: to the office proposals and every warning."""
    every = warned.get("", ())
    said = "\n\n".join([*office, *([texts.warnings(every)] if every else [])])
    key = f"{key}:{hashlib.sha256(said.encode()).hexdigest()[:16]}"
    told = _to_office(work, key, said) if said else []
    staff = work.roster.holders(Role.OFFICE, None, work.day)
    for person, warnings in warned.items():
        if person and person not in staff:
            told += _private([person], f"warning:{key}", texts.warnings(warnings))
    return told


def _far(work: Work) -> Month:
    return work.rules.month(work.now).next()


def _of_month(work: Work, month: Month, history: Sequence[PrintedMonth]) -> list[Proposal]:
    behind = [printed for printed in history if printed.month <= month]
    counts = count_flags(behind, work.rules.quarterly.accountability)
    return of_month(month, counts, behind, work.rules.quarterly.accountability.on(month.first))


async def _renew(
    work: Work, effects: Effects, period: str, wanted: Sequence[Proposal], *, is_news: bool = True
) -> list[str]:
    """Add a period's proposals worked out again; return what the office hears of them.

    Of months of long ago, loaded all at once, nobody is told.
    """
    before = await of_period(work, period)
    after = renewed(before, wanted, work.now)
    if after == before:
        return []
    facts = [proposal.to_facts() for proposal in after]
    digest = hashlib.sha256(canonical({"proposals": facts}).encode()).hexdigest()
    known = {"period": period, "proposals": len(after), "digest": digest}
    effects.settings[proposals_key(period)] = facts
    effects.events.append(LedgerEvent(STREAM, "proposed", known))
    open_ = [proposal for proposal in after if not (proposal.is_approved or proposal.is_withdrawn)]
    return [texts.proposed(period, open_)] if open_ and (is_news or before) else []


def _to_office(work: Work, key: str, text: str) -> list[Notice]:
    """Return what the office hears, each person in private; a city that has named nobody is told in the office's group."""
    people = work.roster.holders(Role.OFFICE, None, work.day)
    if not people:
        return [Notice(key, ToPurpose("office"), text, "accountability")]
    return _private(people, key, text)


def _private(people: Iterable[str], key: str, text: str) -> list[Notice]:
    return [
        Notice(f"{key}:{person}", ToPerson(person), text, "accountability", is_private=True)
        for person in dict.fromkeys(people)
        if person
    ]


async def _year_end(work: Work, history: Sequence[PrintedMonth]) -> tuple[Effects, list[str]]:
    """Return what the office hears once when a year's last month is out: whom the year speaks against (S87)."""
    latest = history[-1].month
    run = ("year_end", str(latest.year))
    if latest.number != _LAST_MONTH or await work.view.claimed(*run):
        return Effects(), []
    counts = count_flags(history, work.rules.quarterly.accountability)
    units = [c for c in counts.values() if c.sequence in (SequenceKind.TOWNSHIP, SequenceKind.UNIT)]
    named = [
        f"{SEQUENCE_NAMES[c.sequence]}{c.name}" for c in units if any(e.month.year == latest.year for e in c.entries)
    ]
    return Effects(claims=[run]), [texts.year_end(latest.year, named)]


async def _review_meeting(work: Work, scores: QuarterScores, history: Sequence[PrintedMonth]) -> Effects:
    """Return the office's reminder of the quarter's review meeting, once when its last month is out (S72)."""
    run = ("review_meeting", str(scores.quarter))
    is_latest = not any(printed.month > scores.quarter.last for printed in history)
    if not (scores.is_frozen and is_latest) or await work.view.claimed(*run):
        return Effects()
    text = texts.review_meeting(scores)
    notice = Notice(f"review_meeting:{scores.quarter}", ToPurpose("office"), text, "review_meeting")
    return Effects(claims=[run], notices=[notice])


async def take_awards(work: Work, year: int, awards: Sequence[AwardRow]) -> Effects:
    """Return the yearly special rewards as proposals, in place of those entered before and not approved (S80, S99)."""
    effects = Effects()
    wanted = of_awards(await quarters.year_of(work, year), awards)
    wanted += [one for one in await of_period(work, str(year)) if one.kind is ProposalKind.YEAR]
    office = await _renew(work, effects, str(year), wanted)
    effects.notices += _settled(work, f"awards:{year}", office, {})
    return effects


async def propose_for_year(work: Work, year: int, sequence: SequenceKind, subject: str, reason: str) -> Effects:
    """Return the office's proposal against a unit found in serious dereliction by the year's results (S87).

    Raises NotFound for one without a figure in the year, Missing without a reason, WrongState for a chief (S83).
    """
    if not reason.strip():
        raise Missing("请写明认定失职渎职的理由（--reason）。")
    if sequence not in (SequenceKind.TOWNSHIP, SequenceKind.UNIT):
        raise WrongState("年度问责的对象是辖区或责任单位（S83、S87）。")
    scores = await quarters.year_of(work, year)
    row = next((row for row in scores.of(sequence) if row.subject == subject), None)
    if row is None:
        raise NotFound(f"{year}年没有{SEQUENCE_NAMES[sequence]}“{subject}”的成绩，请核对名称。")
    rules = work.rules.quarterly.accountability
    counts = count_flags(await quarters.frozen_months(work, scores.months[-1]), rules)
    mine = [p for p in await all_proposals(work) if (p.sequence, p.subject) == (sequence, subject) and p.is_approved]
    approved = [
        p for p in mine if p.period.startswith(str(year)) and p.kind not in (ProposalKind.FUND, ProposalKind.AWARD)
    ]
    rule = rules.on(Month(year, 12).last)
    proposal = of_dereliction(row, counts.get((sequence, subject)), year, approved[::-1], rule, reason.strip())
    before = [p for p in await of_period(work, str(year)) if not p.is_withdrawn and p.key != proposal.key]
    effects = Effects()
    office = await _renew(work, effects, str(year), [*before, proposal])
    effects.notices += _settled(work, f"year:{year}", office, {})
    return effects


# ---- reading and approving -------------------------------------------------------------------------------------------


async def of_period(work: Work, period: str) -> list[Proposal]:
    """Return the proposals of a month (2026-09) or a quarter (2026Q3)."""
    stored = await work.view.setting(proposals_key(period))
    return [Proposal.from_facts(facts) for facts in stored or []]


async def all_proposals(work: Work) -> list[Proposal]:
    """Return every proposal, the latest period first."""
    known = [Month.parse(state.period) for state in await work.view.periods()]
    ends = {str(month): (month, 0) for month in known} | {str(q): (q.last, 1) for q in map(Quarter.of, known)}
    ends |= {f"{month.year:04}": (Month(month.year, 12), 2) for month in known}
    periods = sorted(ends, key=lambda period: ends[period], reverse=True)
    return [proposal for period in periods for proposal in await of_period(work, period)]


def _number(text: str) -> str:
    return text.strip().upper()


async def find(work: Work, id_: str) -> Proposal:
    """Return the proposal of that number. Raises NotFound."""
    wanted = _number(id_)
    for proposal in await of_period(work, wanted.rpartition("-")[0]):
        if proposal.id == wanted:
            return proposal
    raise NotFound(f"没有建议“{id_.strip()}”，请核对编号，例如2026Q3-1。")


async def approve(work: Work, ids: list[str], names: Sequence[str], *, by: str = "") -> tuple[list[Proposal], Effects]:
    """Return proposals with further names under them; with the second one may be carried out and is told (S80, S91).

    All of them or none. `by` = the person who says so, who reads the answer and hears nothing besides.
    Raises NotFound, WrongState, Missing.
    """
    listed: dict[str, list[Proposal]] = {}
    effects, done = Effects(), list[Proposal]()
    group = leading_group(work.roster, work.day, work.rules.frame.on(work.day).group)
    places = signing_titles(work.roster, work.day, group, names, by)
    for id_ in dict.fromkeys(map(_number, ids)):
        before = await find(work, id_)
        after = before.approve(names, work.now, places)
        rows = listed.get(before.period) or await of_period(work, before.period)
        listed[before.period] = [after if proposal.id == before.id else proposal for proposal in rows]
        done.append(after)
        effects.events.append(_approved(after))
        if after.is_approved:
            effects.notices += _told(work, after, by)
    for period, proposals in listed.items():
        effects.settings[proposals_key(period)] = [proposal.to_facts() for proposal in proposals]
    return done, effects


def _approved(proposal: Proposal) -> LedgerEvent:
    known = {"id": proposal.id, "kind": proposal.kind.value, "persons": len(proposal.approved_by)}
    words = {f"name{n}": name for n, name in enumerate(proposal.signatures, 1)}
    return LedgerEvent(STREAM, "approved", known, words=words)


def _told(work: Work, proposal: Proposal, by: str) -> list[Notice]:
    key = f"approved:{proposal.id}:{proposal.approved_at}"
    told = _to_office(work, key, texts.to_office(proposal))
    if proposal.kind is not ProposalKind.FUND:
        told += _private(warning.contacts(work, proposal.sequence, proposal.subject), key, texts.carried_out(proposal))
    told = [notice for notice in told if notice.to != ToPerson(by)]
    if proposal.is_public:
        told.append(Notice(f"outcome:{key}", ToPurpose("leadership"), texts.outcome(proposal), "outcome"))
    return told
