"""Which case is meant when nobody said so: the sender's only one, else a question."""

from collections.abc import Sequence

from domain.authority import covers
from domain.case import Case, Event, may_happen
from domain.effects import Effects
from domain.errors import WrongState
from domain.messages import Choice
from domain.ports import CaseQuery
from domain.texts import handler
from handlers.talk import Talk

SHOWN = 5


async def mine_in_hand(talk: Talk, event: Event) -> list[Case]:
    """Return the cases that the sender handles, or answers for as chief, on which `event` may happen; oldest first."""
    roster, day = talk.work.roster, talk.work.day
    covered = [leave.person for leave in roster.leaves if covers(roster, leave.person, talk.me, day)]
    held = await talk.work.view.in_hand(talk.me)
    for absent in dict.fromkeys(covered):
        held += await talk.work.view.in_hand(absent)
    if not held:
        held = [case for case in await talk.work.view.cases(CaseQuery(responsible=talk.me, limit=50)) if case.is_open][
            ::-1
        ]
    return [case for case in held if may_happen(case, event)]


def ask_which(talk: Talk, cases: Sequence[Case], command: str, what: str, *, with_all: bool = False) -> Effects:
    """Return the question which of the sender's cases is meant; the answer repeats the command on it."""
    options = [Choice(case.number, handler.case_label(case, talk.work.w)) for case in cases[:SHOWN]]
    if with_all:
        options.append(Choice("all", "全部"))
    question = talk.ask_aside(
        "which",
        tuple(options),
        command=command,
        rest=talk.spoken.rest,
        photos=[[p.sha256, p.ext, p.size] for p in talk.photos],
    )
    text = handler.which_case(cases, talk.work.w, options, what)
    return Effects(questions=[question], notices=[talk.reply(text, choices=tuple(options))])


def ensure_open(talk: Talk, case: Case) -> None:
    """Raise WrongState with what became of a case that is over (an old card pressed after closing)."""
    if not case.is_open:
        raise WrongState(handler.nothing_to_do(case, talk.work.w))


async def chosen(talk: Talk, event: Event) -> list[Case]:
    """Return the cases a command is about: named ones (which must be open), else the sender's own that can take it."""
    named = await talk.named()
    for case in named:
        ensure_open(talk, case)
    return named or await mine_in_hand(talk, event)
