"""待复核: the verifier's list; 「1 通过，2 不通过 原因」 answers it by position."""

from dataclasses import replace

from domain import authority
from domain.case import State
from domain.effects import Effects
from domain.messages import Choice
from domain.ports import CaseQuery
from domain.texts import command
from handlers.talk import Talk

SHOWN = 9


async def run(talk: Talk) -> Effects:
    """List the cases that wait for this verifier, oldest first."""
    waiting = await talk.work.view.cases(CaseQuery(states=frozenset({State.RESOLVED}), limit=500))
    mine = [c for c in reversed(waiting) if talk.me in authority.verifiers(c, talk.work.roster, talk.work.day)]
    if not mine:
        return talk.say("没有待您复核的案件。")
    options = tuple(Choice(str(case.id), command.review_label(case, talk.work.w)) for case in mine[:SHOWN])
    asked = talk.ask_aside("verify_list", options)
    question = replace(asked, until=talk.work.now + talk.work.rules.waits.question_work)
    return Effects(questions=[question], notices=[talk.reply(command.review_list(len(mine), options))])
