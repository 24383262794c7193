"""通过 / 不通过 (复核) and 未解决 (反弹)."""

from collections.abc import Sequence

from domain import authority
from domain.case import Case, State, number_of
from domain.casework import verifying
from domain.effects import Effects, Question
from domain.errors import NotFound, RuleError
from domain.ports import CaseQuery
from domain.texts import command, reporter
from handlers.matching import Number, Words, clauses, spoken
from handlers.talk import Talk

PASS = Words(("复核通过", "通过", "合格"))
FAIL = Words(("复核不通过", "不通过", "不合格", "退回重办", "未通过"), open_ended=True)


async def run_pass(talk: Talk) -> Effects:
    """Pass the named cases, or the only one that waits for this verifier; several verdicts may share a message."""
    parts = clauses(talk.heard.text)
    if len(parts) > 1:
        return await _several(talk, parts)
    return await _verdict(talk, await _waiting(talk), passed=True)


async def run_fail(talk: Talk) -> Effects:
    """Send the named case back with its reason."""
    parts = clauses(talk.heard.text)
    if len(parts) > 1 and any(spoken(part, PASS) for part in parts):
        return await _several(talk, parts)
    return await _verdict(talk, await _waiting(talk), passed=False)


async def _several(talk: Talk, parts: Sequence[str]) -> Effects:
    effects = Effects()
    listed = await talk.question()
    judged: set[int] = set()
    for part in parts:
        failed, ok = spoken(part, FAIL), spoken(part, PASS)
        found = failed or ok
        if found is None:
            raise RuleError(f"未识别“{part}”，请写“编号 通过”或“编号 不通过 原因”。")
        talk.spoken = found
        named = [await _by_list_or_number(talk, listed, number) for number in found.numbers]
        cases = list({case.id: case for case in named}.values())
        if twice := judged & {case.id for case in cases}:
            raise RuleError(f"{number_of(min(twice))}写了两次，请只写一个结论。")
        judged |= {case.id for case in cases}
        effects.merge(await _verdict(talk, cases, passed=failed is None))
    return effects


async def _by_list_or_number(talk: Talk, listed: Question | None, number: Number) -> Case:
    options = listed.options if listed is not None and listed.kind == "verify_list" else ()
    if number[0] is None and 1 <= number[1] <= len(options):
        case = await talk.work.view.case(int(options[number[1] - 1].key))
        if case is not None:
            return case
    return await talk.numbered(number)


async def _waiting(talk: Talk) -> list[Case]:
    named = await talk.named()
    if named:
        return named
    waiting = await talk.work.view.cases(CaseQuery(states=frozenset({State.RESOLVED}), limit=50))
    mine = [c for c in waiting if talk.me in authority.verifiers(c, talk.work.roster, talk.work.day)]
    if len(mine) == 1:
        return mine
    if not mine:
        raise NotFound("没有待您复核的案件。")
    numbers = "、".join(case.short for case in mine[:5])
    raise RuleError(f"待您复核{len(mine)}件：{numbers}。请写“编号 通过”或“编号 不通过 原因”。")


async def _verdict(talk: Talk, cases: list[Case], *, passed: bool) -> Effects:
    effects = Effects()
    lines = []
    for case in cases:
        talk.subject = case
        if passed:
            done, changed = verifying.passed(talk.work, case, talk.me)
            lines.append(command.passed(done))
        else:
            done, changed = verifying.rejected(talk.work, case, talk.me, talk.spoken.rest, talk.photos)
            lines.append(command.failed(done, talk.work.w))
        effects.merge(changed)
    return effects.merge(talk.say("\n".join(lines), about=cases[0] if cases else None))


async def run_reopen(talk: Talk) -> Effects:
    """未解决: the named case, or the sender's own last closed report, comes back (反弹)."""
    cases = await talk.named() or await _last_closed(talk)
    if not cases:
        raise NotFound("没有找到您近3天办结的上报，请写编号，如“未解决 0123”。")
    case = cases[0]
    talk.subject = case
    back, effects = verifying.reopened(talk.work, case, talk.me, talk.spoken.rest, talk.photos)
    return effects.merge(talk.say(reporter.reopened(back, talk.work.w), about=back))


async def _last_closed(talk: Talk) -> list[Case]:
    since = talk.work.now - talk.work.rules.waits.rebound
    query = CaseQuery(states=frozenset({State.CLOSED}), reporter=talk.me, closed_since=since, limit=1)
    return await talk.work.view.cases(query)
