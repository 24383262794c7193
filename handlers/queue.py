"""待办: a desk's open work, by kind, with numbers."""

from domain.casework.queue import counts
from domain.effects import Effects
from domain.texts import command
from handlers.desk import require_command
from handlers.talk import Talk


async def run(talk: Talk) -> Effects:
    """Answer with what waits at the sender's desk."""
    parts = [command.queue(t, await counts(talk.work, t), talk.work.w) for t in require_command(talk)]
    return talk.say("\n".join(parts))
