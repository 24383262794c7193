"""Answers to the bot's questions: by digit, by the option's word, by button. One place matches them all."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

from domain.case import YEAR_SPAN, Case, State
from domain.casework import commanding, opening
from domain.effects import Effects, Question
from domain.errors import NotFound, WrongState
from domain.messages import Photo
from domain.texts import command, handler, reporter
from handlers import asking, resolve, watermark
from handlers.matching import Number, Spoken, digit, normalise, only_numbers, printed_number
from handlers.report import place
from handlers.talk import Talk

# Their labels are commands as well, and a command may mean another case than the one last asked about.
_BY_DIGIT_ONLY = frozenset({"work"})
_NOT_BY_DIGIT = frozenset({"verify_list", "locate_words"})  # answered with a verdict, or in words
Perform = Callable[[Talk, str], Awaitable[Effects]]  # runs a command of the table by its key
Answer = Callable[[Talk, Question, str, Perform], Awaitable[Effects]]


def chosen_key(question: Question, text: str, button: str) -> str | None:
    """Return the key of the option a message chooses, or None when it is no answer to this question."""
    if button:
        return button if any(option.key == button for option in question.options) else None
    if question.kind in _NOT_BY_DIGIT:
        return None
    if named := only_numbers(normalise(text)):
        return next((o.key for o in question.options if _is_named(o.key, named[0])), None)
    number = digit(text)
    if number is not None:
        return question.options[number - 1].key if number <= len(question.options) else None
    if question.kind in _BY_DIGIT_ONLY:
        return None
    word = normalise(text).rstrip("。.! ")
    return next((o.key for o in question.options if word in (normalise(o.label), o.key) and not o.key.isdigit()), None)


def _is_named(key: str, number: Number) -> bool:
    """Tell whether an option stands for the case that a number as printed means."""
    year, sequence = number
    printed = printed_number(key)
    return printed is not None and printed[1] == sequence and year in (None, printed[0])


async def run(talk: Talk, question: Question, key: str, perform: Perform) -> Effects:
    """Carry the answer out and close the question."""
    effects = Effects(questions_closed=[question.id])
    return effects.merge(await ANSWERS[question.kind](talk, question, key, perform))


async def _case(talk: Talk, question: Question) -> Case:
    case = await talk.work.view.case(question.case)
    if case is None:
        raise NotFound("该案件已不存在。")
    talk.subject = case
    return case


async def _locate(talk: Talk, question: Question, key: str, perform: Perform) -> Effects:
    case = await _case(talk, question)
    if case.state is not State.UNLOCATED:
        raise WrongState(f"{case.number}已定位，无需再选。")
    segment = talk.work.roster.segment(key, talk.work.day)
    if segment is None:
        again = talk.ask_here(case, "locate_words", ())
        return Effects(questions=[again], notices=[talk.reply(reporter.place_in_words(case), about=case)])
    return await place(talk, case, segment)


async def _duplicate(talk: Talk, question: Question, key: str, perform: Perform) -> Effects:
    case = await _case(talk, question)
    effects = Effects(timers_dropped=[f"duplicate:{case.id}"])
    other = await talk.work.view.case(int(question.facts["other"]))
    if key == "same" and other is not None and other.is_open:
        _, merged = commanding.merge(talk.work, case, other, talk.me)
        return effects.merge(merged).merge(talk.say(reporter.joined(case, other), about=case))
    effects.merge(opening.announce(talk.work, case))
    gap = not talk.work.roster.duty(case.segment, talk.work.day)
    return effects.merge(talk.say(reporter.receipt(case, talk.work.w, has_gap=gap), about=case))


async def _split(talk: Talk, question: Question, key: str, perform: Perform) -> Effects:
    first = await _case(talk, question)
    effects = Effects()
    for case_id in question.facts["cases"][1:]:
        case = await talk.work.view.case(int(case_id))
        if case is not None and case.is_open:
            _, merged = commanding.merge(talk.work, case, first, talk.me)
            effects.merge(merged)
    return effects.merge(talk.say(f"已合并为{first.number}一件办理。", about=first))


async def _pick(talk: Talk, question: Question, key: str, perform: Perform) -> Effects:
    case = await _case(talk, question)
    held, effects = commanding.pick(talk.work, case, talk.me, key)
    return effects.merge(talk.say(f"{held.number}已交{talk.work.w.name(key)}承办。", about=held))


async def _work(talk: Talk, question: Question, key: str, perform: Perform) -> Effects:
    return await do_work(talk, await _case(talk, question), key, perform)


async def do_work(talk: Talk, case: Case, key: str, perform: Perform) -> Effects:
    """Do what a choice of the working message says, on its case. Raises WrongState where words are needed as well."""
    if not case.is_open:
        raise WrongState(handler.nothing_to_do(case, talk.work.w))
    talk.spoken = Spoken(key, ((case.id // YEAR_SPAN, case.id % YEAR_SPAN),), "")
    if key == "return":
        raise WrongState(f"{case.number}退回请写明原因，如“非我路段 {case.short} 文化街以东”。")
    if key == "extend":
        raise WrongState(handler.extension_needs_time(case))
    return await perform(talk, {"ack": "acknowledge"}.get(key, key))


async def _which(talk: Talk, question: Question, key: str, perform: Perform) -> Effects:
    numbers = [o.key for o in question.options if o.key != "all"] if key == "all" else [key]
    pairs = tuple((int(n.split("-")[0]), int(n.split("-")[1])) for n in numbers)
    talk.spoken = Spoken(question.facts["command"], pairs, question.facts["rest"])
    kept = tuple(Photo(sha, ext, size) for sha, ext, size in question.facts["photos"])
    talk.heard = replace(talk.heard, photos=(*kept, *talk.photos))
    return await perform(talk, question.facts["command"])


async def _watermark(talk: Talk, question: Question, key: str, perform: Perform) -> Effects:
    return await watermark.run(talk, question, key)


async def _reused(talk: Talk, question: Question, key: str, perform: Perform) -> Effects:
    """Take a picture that resembles another case's after all: its sender says that it is this case's."""
    case = await _case(talk, question)
    kept = tuple(Photo(sha, ext, size) for sha, ext, size in question.facts["photos"])
    return await resolve.resolve_one(talk, case, kept, is_confirmed=True)


async def _urge_all(talk: Talk, question: Question, key: str, perform: Perform) -> Effects:
    if key != "yes":
        return talk.say("已取消。")
    cases = [await talk.work.view.case(int(i)) for i in question.facts["cases"]]
    still = [case for case in cases if case is not None and case.is_open and case.handler]
    notices = commanding.remind_all(talk.work, still, talk.me)
    return Effects(notices=notices).merge(talk.say(command.urge_done(len(notices))))


async def _subject(talk: Talk, question: Question, key: str, perform: Perform) -> Effects:
    return await asking.chosen(talk, question, key)


ANSWERS: Mapping[str, Answer] = {
    "locate": _locate,
    "duplicate": _duplicate,
    "split": _split,
    "pick": _pick,
    "work": _work,
    "which": _which,
    "urge_all": _urge_all,
    "watermark": _watermark,
    "reused": _reused,
    "subject": _subject,
}
