"""Speaking through the AI bot over its long connection: answers by req_id, and posts of our own accord.

A post of our own accord goes only where somebody has written to the bot before; the platform refuses it elsewhere. When
it is refused all the same, the last message of that chat may still be answered while the connection lives. The bot
calls nobody: an @ is only text. Platform page: AI bot, long connection.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from bot.platforms.base import Attachment
from bot.platforms.http import Answer
from bot.platforms.wecom import cards, frames
from bot.platforms.wecom.capabilities import REPLIES_PER_HOUR, REPLIES_PER_MINUTE, REPLY_BYTES
from bot.platforms.wecom.errors import NOT_SUBSCRIBED, WRONG_FORM, form_refusal, refuse
from bot.platforms.wecom.line import Line
from bot.platforms.wecom.media import Carrier
from bot.platforms.wecom.plain import cut, harmless_markdown, with_names
from bot.platforms.wecom.upload import Upload, upload
from domain.messages import Card, HandleSpent, Outgoing, PlatformUnreachable, Receipt, Target, Undeliverable, Way

REPLY, PUSH, LAST_REPLY = "reply", "push", "last_reply"
SINGLE, GROUP = 1, 2  # chat_type
_HOUR: Final = (REPLIES_PER_HOUR, timedelta(hours=1))

Handle = Mapping[str, str]


class SpokenChats:
    """The chats in which somebody has written to the bot."""

    def __init__(self) -> None:
        self._places: set[str] = set()

    def add(self, target: Target) -> bool:
        """Add a chat; return whether it was new."""
        place = spoken_place(target)
        is_new = place not in self._places
        self._places.add(place)
        return is_new

    def add_places(self, places: set[str]) -> None:
        """Add places as `spoken_place` names them."""
        self._places |= places

    def __contains__(self, target: Target) -> bool:
        return spoken_place(target) in self._places


def spoken_place(target: Target) -> str:
    """Return the name of a chat: chat ids differ by case, user ids do not."""
    return f"group:{target.chat_id}" if target.is_group else f"person:{target.userid.casefold()}"


class BotChannel:
    """The bot's outbound half. own_link: beginning of our own web addresses, kept as links."""

    def __init__(self, line: Line, own_link: str = "") -> None:
        self.line = line
        self.spoken = SpokenChats()
        self._own_link = own_link

    @property
    def is_live(self) -> bool:
        """Tell whether the connection lives."""
        return bool(self.line.connection_id)

    def heard(self, target: Target, handle: Handle, at: datetime) -> None:
        """Note that somebody has spoken in a chat, and the way to answer the message while its connection lives."""
        self.spoken.add(target)
        if self.is_live and handle.get("connection") == self.line.connection_id:
            self.line.remember(_place(target), handle.get("req_id", ""), at)

    def answers(self, outgoing: Outgoing, handle: Handle, now: datetime) -> list[Way]:
        """Return the way by which the very message that this post answers can be answered, if it still can."""
        if not self._is_usable(outgoing, handle, now):
            return []
        return [_way(outgoing.target, REPLY)]

    def pushes(self, outgoing: Outgoing, now: datetime) -> list[Way]:
        """Return the ways to speak of our own accord: a push, then the last message that can still be answered."""
        if outgoing.target not in self.spoken:
            return []
        found = [_way(outgoing.target, PUSH)]
        if self.line.last_req_id(_place(outgoing.target), now):
            found.append(_way(outgoing.target, LAST_REPLY))
        return found

    def last_resort(self, outgoing: Outgoing) -> list[Way]:
        """Return the way by which a group's post fails with a reason for the operators, rather than in silence."""
        return [_way(outgoing.target, PUSH)] if outgoing.target.is_group else []

    async def answer(self, outgoing: Outgoing, handle: Handle, now: datetime) -> Receipt:
        """Answer the message that this post answers. Raises PlatformError."""
        if not self._is_usable(outgoing, handle, now):
            raise HandleSpent("没有可用的回复地址")
        if handle.get("welcome"):
            body = {"msgtype": "text", "text": {"content": self._text(outgoing)}}
            answer = await self._ask(frames.WELCOME, body, handle["req_id"])
            refuse(answer, is_reply=True)
            return Receipt(answer.text("msgid"))
        return await self._respond(outgoing, handle["req_id"])

    async def answer_last(self, outgoing: Outgoing, now: datetime) -> Receipt:
        """Speak by answering the chat's last message. Raises PlatformError."""
        req_id = self.line.last_req_id(_place(outgoing.target), now)
        if not req_id:
            raise HandleSpent("没有可用的回复地址")
        return await self._respond(outgoing, req_id)

    async def push(self, outgoing: Outgoing) -> Receipt:
        """Speak of our own accord. Raises PlatformError."""
        target = outgoing.target
        if target not in self.spoken:
            raise Undeliverable("还没有人在该群@过机器人（私聊则是还没有对它说过话），它不能主动发言，请先@它说一句话")
        where = {"chatid": _place(target), "chat_type": GROUP if target.is_group else SINGLE}
        complaint = None
        if outgoing.card is not None:
            answer = await self._ask(frames.SEND, where | cards.message(outgoing.card))
            if (complaint := form_refusal(answer)) is None:
                refuse(answer)
                return Receipt(answer.text("msgid"))
        answer = await self._ask(frames.SEND, where | self._markdown(outgoing))
        refuse(answer)
        return Receipt(answer.text("msgid"), complaint=complaint)

    async def redraw(self, card: Card, connection: str, req_id: str) -> None:
        """Show a card's new face in answer to the tap on it. Raises PlatformError; a tap is answered within 5 s."""
        if connection != self.line.connection_id:
            raise HandleSpent("长连接已重建，卡片不能再更新")
        body = {"response_type": "update_template_card", "template_card": cards.template_card(card)}
        refuse(await self.line.ask(frames.UPDATE, body, req_id))

    async def carry(self, carrier: Carrier, outgoing: Outgoing, *, now: datetime | None = None) -> Receipt:
        """Bring one picture or file of our own accord, or by answering the chat's last message. Raises PlatformError."""
        place = _place(outgoing.target)
        req_id = self.line.last_req_id(place, now) if now is not None else ""
        if now is not None and not req_id:
            raise HandleSpent("没有可用的回复地址")

        async def bring(attachment: Attachment) -> str:
            job = Upload("image" if attachment.is_picture else "file", attachment.name, attachment.body)
            return await upload(self._ask, job)

        async def send(content: dict[str, object]) -> Answer:
            kind = GROUP if outgoing.target.is_group else SINGLE
            where = {} if req_id else {"chatid": place, "chat_type": kind}
            answer = await self._ask(frames.RESPOND if req_id else frames.SEND, {**where, **content}, req_id)
            refuse(answer, is_reply=bool(req_id))
            return answer

        return Receipt((await carrier.by_id("bot", outgoing, bring, send)).text("msgid"))

    async def _respond(self, outgoing: Outgoing, req_id: str) -> Receipt:
        complaint = None
        if outgoing.card is not None:
            answer = await self._ask(frames.RESPOND, cards.message(outgoing.card), req_id)
            if (complaint := form_refusal(answer)) is None:
                refuse(answer, is_reply=True)
                return Receipt(answer.text("msgid"))
        answer = await self._ask(frames.RESPOND, self._markdown(outgoing), req_id)
        if answer.number("errcode") in WRONG_FORM:  # a client or edition that takes one form takes the other
            answer = await self._ask(frames.RESPOND, self._stream(outgoing, req_id), req_id)
        refuse(answer, is_reply=True)
        return Receipt(answer.text("msgid"), complaint=complaint)

    async def _ask(self, cmd: str, body: Mapping[str, object], req_id: str = "") -> Answer:
        """Send one frame; on a connection that only seems to be subscribed, connect anew and repeat once.

        A req_id dies with its connection, so a repeat is left to the next way then.
        """
        connection = self.line.connection_id
        answer = await self.line.ask(cmd, body, req_id)
        if answer.number("errcode") != NOT_SUBSCRIBED:
            return answer
        if not await self.line.renew(connection):
            raise PlatformUnreachable("企业微信长连接须重新订阅，稍后重试")
        if req_id:
            raise HandleSpent("长连接已重建，原消息不能再回复")
        return await self.line.ask(cmd, body)

    def _is_usable(self, outgoing: Outgoing, handle: Handle, now: datetime) -> bool:
        target, place = outgoing.target, handle.get("chat_id", "")
        is_here = place == target.chat_id if target.is_group else place.casefold() == target.userid.casefold()
        is_alive = outgoing.reply is not None and now < outgoing.reply.expires_at
        is_ours = bool(handle.get("req_id")) and handle.get("connection") == self.line.connection_id
        return bool(place) and is_here and is_alive and is_ours

    def _text(self, outgoing: Outgoing) -> str:
        return cut(harmless_markdown(with_names(outgoing), self._own_link), REPLY_BYTES)

    def _markdown(self, outgoing: Outgoing) -> dict[str, object]:
        return {"msgtype": "markdown", "markdown": {"content": self._text(outgoing)}}

    def _stream(self, outgoing: Outgoing, req_id: str) -> dict[str, object]:
        stream = {"id": f"{req_id[-64:]}-1", "finish": True, "content": self._text(outgoing)}
        return {"msgtype": "stream", "stream": stream}


def _place(target: Target) -> str:
    return target.chat_id or target.userid


def _way(target: Target, name: str) -> Way:
    robot = f"wecom.bot:{_place(target)}"  # answers and pushes share the conversation's limits
    return Way(robot, name, REPLIES_PER_MINUTE, timedelta(minutes=1), also=(_HOUR,))
