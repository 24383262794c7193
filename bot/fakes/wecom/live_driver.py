"""The hand that writes to the bot over the long connection; the app's callbacks stay what they are.

Every media link has a key of its own here, and no message brings a reply address. A message that finds no connection is
lost: nothing is sent again later.
"""

import base64
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.fakes.wecom.driver import SOMEBODY, Driver, Pushed, Quoted
from bot.fakes.wecom.gateway import Gateway


@dataclass(slots=True)
class LiveDriver(Driver):
    """Writes through the gateway. A `status` of 200 says that a connection was there, 0 that none was."""

    gateway: Gateway | None = None

    def message(
        self,
        text: str = "",
        *,
        userid: str = SOMEBODY,
        chat_id: str = "",
        photos: Sequence[bytes] = (),
        quote: Quoted | None = None,
    ) -> dict[str, object]:
        """Return the body of such a message; its links live from now on."""
        found = Driver.message(self, text, userid=userid, chat_id=chat_id, photos=photos, quote=quote)
        found.pop("response_url", None)
        return found

    async def enter(self, *, userid: str = SOMEBODY) -> Pushed:
        """Open the private chat with the bot."""
        return await self.push(self._event(userid, "", {"eventtype": "enter_chat"}))

    async def say_voice(self, text: str, *, userid: str = SOMEBODY) -> Pushed:
        """Speak to the bot privately; the platform sends what it heard."""
        return await self.push({**self._head(userid, ""), "msgtype": "voice", "voice": {"content": text}})

    async def push(self, message: Mapping[str, object]) -> Pushed:
        """Send any body to the living connection."""
        if self.gateway is None:
            raise ValueError("a hand without its gateway")
        is_there = await self.gateway.deliver(message)
        pushed = Pushed(str(message.get("msgid", "")), (200 if is_there else 0,))
        self.pushed.append(pushed)
        return pushed

    def _picture(self, photo: bytes) -> dict[str, str]:
        key = secrets.token_bytes(32)
        name = self.state.keep_link(photo, key)
        return {"url": f"{self.base}/media/{name}", "aeskey": base64.b64encode(key).decode("ascii").rstrip("=")}
