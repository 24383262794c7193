"""延期: the handler asks for more time; 批准延期 / 不批准延期: the second-level chief or the desk decides."""

from domain.case import Event
from domain.casework import commanding, handling
from domain.effects import Effects
from domain.errors import RuleError
from domain.texts import handler
from handlers.choosing import ask_which, chosen, ensure_open
from handlers.talk import Talk
from handlers.timewords import read_until


async def run(talk: Talk) -> Effects:
    """Ask for an extension: reason and time in any order."""
    cases = await chosen(talk, Event.ASK_EXTENSION)
    if not cases:
        return talk.say_private("您名下没有在办案件。")
    if len(cases) > 1:
        return ask_which(talk, cases, "extend", "请选择延期")
    talk.subject = cases[0]
    until = read_until(talk.spoken.rest, talk.work.now, talk.work.rules.zone)
    asked, effects = handling.ask_extension(talk.work, cases[0], talk.me, until.rest, until.instant)
    approver = asked.chain.second_level if asked.chain.second_level != talk.me else asked.chain.township_head
    return effects.merge(talk.say(handler.extension_asked(asked, talk.work.w.titled(approver)), about=asked))


async def run_decide(talk: Talk) -> Effects:
    """Grant or refuse the extension of the named cases."""
    cases = await talk.named()
    if not cases:
        raise RuleError("请写案件编号，如“批准延期 0123”。")
    granted = not talk.spoken.word.startswith("不")
    effects = Effects()
    lines = []
    for case in cases:
        ensure_open(talk, case)
        talk.subject = case
        moved, done = commanding.decide_extension(talk.work, case, talk.me, talk.spoken.rest, granted=granted)
        effects.merge(done)
        lines.append(f"{moved.number}延期{'已批准' if granted else '未批准'}，已告知承办人。")
    return effects.merge(talk.say("\n".join(lines), about=cases[0]))
