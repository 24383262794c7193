"""Taps (按钮): a button of a case's card works like its word; one that stands on no case answers the open question."""

from domain.case import Case
from domain.effects import Effects
from domain.errors import WrongState
from domain.texts import asking, cards, handler
from handlers import answer
from handlers.answer import Perform
from handlers.matching import Spoken, printed_number
from handlers.talk import Talk


async def run(talk: Talk, perform: Perform) -> Effects:
    """Do what the tapped button says. Raises RuleError, which only the person who tapped will hear."""
    incoming = talk.heard.incoming
    if asking.is_asked(incoming.card):
        return await _on_question(talk, perform)
    number = printed_number(incoming.card)
    case = await talk.numbered(number) if number else None
    if case is not None and incoming.choice in cards.KEYS:
        return await _on_case(talk, case, incoming.choice, perform)
    question = await talk.question()
    is_its_own = question is not None and (case is None or question.case in (0, case.id))
    if question is None or not is_its_own:
        raise WrongState(cards.GONE)
    key = answer.chosen_key(question, "", incoming.choice)
    if key is None:
        raise WrongState(cards.GONE)
    return await answer.run(talk, question, key, perform)


async def _on_question(talk: Talk, perform: Perform) -> Effects:
    """Answer the very question that the card asks; whoever else taps it, or taps it late, answers nothing."""
    incoming = talk.heard.incoming
    question = next((q for q in await talk.questions() if asking.belongs(incoming.card, q.id)), None)
    key = answer.chosen_key(question, "", incoming.choice) if question is not None else None
    if question is None or key is None:
        raise WrongState(cards.GONE)
    talk.speaks_up = True
    return await answer.run(talk, question, key, perform)


async def _on_case(talk: Talk, case: Case, key: str, perform: Perform) -> Effects:
    if key == cards.STATUS:
        talk.spoken = Spoken("查", (printed_number(case.number) or (None, 0),), "")
        return await perform(talk, "case")
    if not case.is_open:
        raise WrongState(handler.nothing_to_do(case, talk.work.w))
    if key in cards.VERDICTS:
        if key == cards.FAIL:
            raise WrongState(cards.reason_needed(case))
        talk.spoken = Spoken("通过", (printed_number(case.number) or (None, 0),), "")
        return await perform(talk, "pass")
    return await answer.do_work(talk, case, key, perform)
