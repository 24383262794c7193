"""What people get to see of posts, whichever way they came."""

from collections.abc import Sequence

from bot.fakes.rules import Clock
from bot.fakes.wecom import media
from bot.fakes.wecom.answers import Body, Complaint
from bot.fakes.wecom.render import shown
from bot.fakes.wecom.state import Delivery, State


class Posting:
    """Delivers into the state."""

    def __init__(self, state: State, clock: Clock) -> None:
        self._state = state
        self._clock = clock

    def attached(self, store: str, body: Body, *, is_webhook: bool) -> media.Shown | None:
        """Return the picture or file that a post shows, None for other posts. Raises Complaint."""
        found = media.shown(self._state, store, body, is_webhook=is_webhook)
        if found is not None and found.errcode:
            raise Complaint(found.errcode)
        return found

    def deliver(
        self,
        way: str,
        msgtype: str,
        content: str,
        chat_id: str = "",
        *,
        userids: tuple[str, ...] = (),
        listed: Sequence[object] = (),
        message_id: str = "",
        attached: media.Shown | None = None,
    ) -> None:
        """Let people see a post."""
        seen = shown(way, msgtype, content, listed)
        post = Delivery(
            self._clock(),
            way,
            seen.text,
            chat_id,
            userids,
            seen.rings,
            seen.links if attached is None else (),
            seen.dress,
            message_id,
            content,
            attached.digest if attached is not None else "",
        )
        self._state.deliveries.append(post)
