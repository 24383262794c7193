"""What follows when the platform tells that somebody took a message back."""

from domain.casework import withdrawing
from domain.effects import Effects
from handlers.talk import Talk


async def run(talk: Talk) -> Effects:
    """Withdraw the sender's own report, or tell its handler; photos that still wait for words are let go."""
    quote = talk.heard.incoming.quote
    recalled = quote.message_id if quote else ""
    if not recalled:
        return Effects()
    gathered = await talk.work.view.gather(talk.platform, talk.chat_id, talk.me)
    if gathered is not None and gathered.message_id == recalled:
        key = f"gather:{talk.platform}:{talk.chat_id}:{talk.me}"
        return Effects(gathers_closed=[(talk.platform, talk.chat_id, talk.me)], timers_dropped=[key])
    effects = Effects()
    for case in await talk.work.view.by_message(talk.platform, recalled):
        if case.reporter != talk.me or case.message_id != recalled or not case.is_open:
            continue
        if withdrawing.may_withdraw(case):
            effects.merge(withdrawing.withdraw(talk.work, case)[1])
        else:
            effects.merge(withdrawing.tell(talk.work, case))
    return effects
