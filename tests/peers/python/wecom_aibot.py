"""Drives PyPI wecom-aibot-sdk against a gateway, as its node twin does; see there."""

import asyncio
import hashlib
import importlib
import json
import sys
from collections.abc import Awaitable, Callable
from typing import Any

SDK = importlib.import_module("wecom_aibot_sdk")  # only there when this program runs
Frame = dict[str, Any]


class Quiet:
    def __getattr__(self, name: str) -> Any:
        return lambda *args, **more: None


def say(event: str, **facts: Any) -> None:
    sys.stdout.write(json.dumps({"event": event, **facts}, ensure_ascii=False) + "\n")
    sys.stdout.flush()


async def act(frame: Frame, run: Callable[[Frame], Awaitable[Any]]) -> None:
    try:
        answer = await run(frame)
        say("answered", errcode=answer.get("errcode"))
    except Exception as error:
        code = str(error).partition("errcode=")[2].partition(",")[0]
        say("answered", errcode=int(code) if code.isdigit() else -1)


class Bot:
    """Answers by the word that a message holds."""

    def __init__(self, client: Any) -> None:
        self.client = client
        self.over = asyncio.Event()

    def listen(self) -> None:
        on = self.client.on
        on("authenticated", lambda: say("authenticated"))
        on("message.text", self.text)
        on("message.voice", lambda frame: say("voice", content=frame["body"]["voice"]["content"]))
        on("message.mixed", self.mixed)
        on("event.enter_chat", self.enter)
        on("event.template_card_event", self.card)
        on("event.disconnected_event", self.kicked)
        on("error", lambda error: say("error", message=str(error)))

    async def text(self, frame: Frame) -> None:
        body = frame["body"]
        words = body["text"]["content"]
        say("text", content=words, userid=body["from"]["userid"], quote=body.get("quote", {}).get("msgtype", ""))
        for word, run in (("hello", self.hello), ("push", self.push), ("elsewhere", self.away), ("upload", self.file)):
            if word in words:
                await act(frame, run)

    async def hello(self, frame: Frame) -> Any:
        return await self.client.reply_stream(frame, "s-1", "收到：你好", True)

    async def push(self, frame: Frame) -> Any:
        place = frame["body"].get("chatid") or frame["body"]["from"]["userid"]
        return await self.client.send_message(place, {"msgtype": "markdown", "markdown": {"content": "**催办**"}})

    async def away(self, frame: Frame) -> Any:
        said = {"msgtype": "markdown", "markdown": {"content": "x"}}
        return await self.client.send_message("wrNobodySpokeHere", said)

    async def file(self, frame: Frame) -> Any:
        data = (b"luzhang" * 171_429)[:1_200_000]
        media = await self.client.upload_media(data, type="file", filename="通报.docx")
        say("uploaded", sha256=hashlib.sha256(data).hexdigest(), media_id=media["media_id"])
        return await self.client.reply_media(frame, "file", media["media_id"])

    async def mixed(self, frame: Frame) -> None:
        words, picture = frame["body"]["mixed"]["msg_item"]
        file = await self.client.download_file(picture["image"]["url"], picture["image"]["aeskey"])
        say("mixed", content=words["text"]["content"], sha256=hashlib.sha256(file["buffer"]).hexdigest())

    async def enter(self, frame: Frame) -> None:
        await act(frame, lambda f: self.client.reply_welcome(f, {"msgtype": "text", "text": {"content": "欢迎"}}))

    async def card(self, frame: Frame) -> None:
        card = frame["body"]["event"]["template_card_event"]
        say("card", key=card["event_key"])
        action = {"type": 1, "url": "https://lz.example.gov.cn"}
        shown = {"card_type": "text_notice", "main_title": {"title": "已认领"}, "card_action": action}
        shown["task_id"] = card["task_id"]
        await act(frame, lambda f: self.client.update_template_card(f, shown))

    def kicked(self, frame: Frame) -> None:
        say("kicked")
        self.over.set()


async def main() -> None:
    ws_url, bot_id, secret = sys.argv[1:4]
    quick = {"heartbeat_interval": 100, "reconnect_interval": 50, "max_auth_failure_attempts": 1}
    bot = Bot(SDK.WSClient(bot_id, secret, ws_url=ws_url, logger=Quiet(), **quick))
    bot.listen()
    await bot.client.connect()
    await bot.over.wait()


asyncio.run(main())
