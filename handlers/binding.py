"""绑定 482913: the code of `luzhang chat bind` or `luzhang person bind`, spoken where it is to hold."""

import re

from domain import binding
from domain.binding import Pending
from domain.effects import Effects, LedgerEvent
from domain.errors import Missing, RuleError
from domain.messages import ChatRoom
from domain.texts import binding as texts
from handlers.talk import Talk

_CODE = re.compile(rf"(?<!\d)\d{{{binding.DIGITS}}}(?!\d)")


async def run(talk: Talk) -> Effects:
    """Bind this chat or this account. Raises Missing without a code, RuleError in the wrong place (nothing is spent)."""
    match = _CODE.search(talk.spoken.rest)
    if match is None:
        raise Missing(texts.NO_CODE)
    waiting = binding.from_json(await talk.work.view.setting(binding.SETTING))
    found = binding.find(waiting, match.group(0), talk.work.now)
    if found is None:
        left = binding.missed(waiting, talk.work.now)
        # written down, so that guessing ends: hence no RuleError, which would change nothing
        return Effects(settings={binding.SETTING: binding.to_json(left)}).merge(talk.say(texts.WRONG))
    _refuse_wrong_place(talk, found)
    left = binding.spent(waiting, found, talk.work.now)
    effects = Effects(settings={binding.SETTING: binding.to_json(left)})
    return effects.merge(_chat(talk, found) if found.kind == binding.CHAT else _person(talk, found))


def _refuse_wrong_place(talk: Talk, found: Pending) -> None:
    if found.kind == binding.CHAT and not talk.is_group:
        raise RuleError(texts.not_in_private(found.subject))
    if found.platform and found.platform != talk.platform:
        raise RuleError(texts.other_platform(found.subject))
    if found.kind == binding.PERSON and talk.heard.incoming.sender_is_outsider:
        raise RuleError(texts.OUTSIDER)


def _chat(talk: Talk, found: Pending) -> Effects:
    room = ChatRoom(found.subject, talk.platform, talk.chat_id, found.purpose, found.scope)
    facts = {"name": room.name, "platform": room.platform, "purpose": room.purpose, "scope": room.scope}
    event = LedgerEvent("roster", "bind_room", facts, {"by": talk.me})
    return Effects(rooms=[room], events=[event]).merge(talk.say(texts.chat_bound(room)))


def _person(talk: Talk, found: Pending) -> Effects:
    account = (found.subject, talk.platform, talk.heard.incoming.sender)
    event = LedgerEvent("roster", "bind_account", {"platform": talk.platform}, {"person": found.subject})
    name = talk.work.w.name(found.subject)
    return Effects(accounts=[account], events=[event]).merge(talk.say(texts.person_bound(name)))
