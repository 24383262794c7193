"""Documents that a command makes before the decision that takes them along."""

from collections.abc import Awaitable, Callable

from bot.clock import SystemClock
from bot.commands.session import Session
from bot.public_copies import copies_of
from domain.casework.kept import Sheaf
from domain.casework.work import Work
from media.photos import PhotoStore
from media.press import Press, Templates
from schedules.printing import make


async def printed(session: Session, step: Callable[[Work], Awaitable[Sheaf]]) -> list[str]:
    """Make the documents of a step and record them; return what could not be made. Raises the step's RuleError."""
    sheaf = await session.read(step)
    documents = session.config.documents
    templates = Templates(documents.letter_template, documents.order_template)
    photos = PhotoStore(session.config.store.media)
    press = Press(photos, copies_of(session.config, photos, session.store, SystemClock()), templates)
    try:
        made = await make(session.store, press, sheaf, session.now)
    finally:
        await press.close()
    return [made.problem] if made.problem else []
