"""Drives PyPI wecom-aibot-sdk against a gateway, as its node twin does; see there."""

import asyncio
import hashlib
import json
import sys
from typing import Any

from wecom_aibot_sdk import WSClient

WS_URL, BOT_ID, SECRET = sys.argv[1:4]


class Quiet:
    def __getattr__(self, name: str) -> Any:
        return lambda *args, **more: None


def say(event: str, **facts: Any) -> None:
    sys.stdout.write(json.dumps({"event": event, **facts}, ensure_ascii=False) + "\n")
    sys.stdout.flush()


async def main() -> None:
    client = WSClient(
        BOT_ID,
        SECRET,
        ws_url=WS_URL,
        logger=Quiet(),
        heartbeat_interval=100,
        reconnect_interval=50,
        max_auth_failure_attempts=1,
    )
    over = asyncio.Event()

    async def hello(frame: Any) -> Any:
        return await client.reply_stream(frame, "s-1", "收到：你好", True)

    async def push(frame: Any) -> Any:
        place = frame["body"].get("chatid") or frame["body"]["from"]["userid"]
        return await client.send_message(place, {"msgtype": "markdown", "markdown": {"content": "**催办**"}})

    async def elsewhere(frame: Any) -> Any:
        return await client.send_message("wrNobodySpokeHere", {"msgtype": "markdown", "markdown": {"content": "x"}})

    async def upload(frame: Any) -> Any:
        data = (b"luzhang" * 171_429)[:1_200_000]
        media = await client.upload_media(data, type="file", filename="通报.docx")
        say("uploaded", sha256=hashlib.sha256(data).hexdigest(), media_id=media["media_id"])
        return await client.reply_media(frame, "file", media["media_id"])

    acts = {"hello": hello, "push": push, "elsewhere": elsewhere, "upload": upload}

    async def act(frame: Any, run: Any) -> None:
        try:
            answer = await run(frame)
            say("answered", errcode=answer.get("errcode"))
        except Exception as error:
            code = str(error).partition("errcode=")[2].partition(",")[0]
            say("answered", errcode=int(code) if code.isdigit() else -1)

    async def on_text(frame: Any) -> None:
        body = frame["body"]
        words = body["text"]["content"]
        say("text", content=words, userid=body["from"]["userid"], quote=body.get("quote", {}).get("msgtype", ""))
        run = next((run for word, run in acts.items() if word in words), None)
        if run is not None:
            await act(frame, run)

    async def on_mixed(frame: Any) -> None:
        words, picture = frame["body"]["mixed"]["msg_item"]
        file = await client.download_file(picture["image"]["url"], picture["image"]["aeskey"])
        say("mixed", content=words["text"]["content"], sha256=hashlib.sha256(file["buffer"]).hexdigest())

    async def on_enter(frame: Any) -> None:
        await act(frame, lambda f: client.reply_welcome(f, {"msgtype": "text", "text": {"content": "欢迎"}}))

    async def on_card(frame: Any) -> None:
        card = frame["body"]["event"]["template_card_event"]
        say("card", key=card["event_key"])
        shown = {"card_type": "text_notice", "main_title": {"title": "已认领"}, "task_id": card["task_id"]}
        await act(frame, lambda f: client.update_template_card(f, shown))

    def on_kick(frame: Any) -> None:
        say("kicked")
        over.set()

    client.on("authenticated", lambda: say("authenticated"))
    client.on("message.text", on_text)
    client.on("message.voice", lambda frame: say("voice", content=frame["body"]["voice"]["content"]))
    client.on("message.mixed", on_mixed)
    client.on("event.enter_chat", on_enter)
    client.on("event.template_card_event", on_card)
    client.on("event.disconnected_event", on_kick)
    client.on("error", lambda error: say("error", message=str(error)))
    await client.connect()
    await over.wait()


asyncio.run(main())
