"""转人工: the office's people take over the conversation; once an hour for one person."""

from domain.effects import Effects, Notice, ToPerson
from domain.roster import Role
from domain.texts import command, reporter
from handlers.talk import Talk


async def run(talk: Talk) -> Effects:
    """Tell the office that somebody asks for a person."""
    local = talk.work.rules.local(talk.work.now)
    text = command.asks_for_people(talk.work.w.name(talk.me), talk.spoken.rest)
    office = talk.work.roster.holders(Role.OFFICE, None, talk.work.day)
    notices = [Notice(f"human:{talk.me}:{local:%Y-%m-%dT%H}:{p}", ToPerson(p), text, "human") for p in office]
    return Effects(notices=notices).merge(talk.say(reporter.handed_to_people()))
