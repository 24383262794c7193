"""Drives PyPI dingtalk-stream against a gateway; what it heard goes to stdout, one JSON object a line.

Blocking calls stand where the SDK's own examples put them. The SDK reads DINGTALK_OPENAPI_ENDPOINT for the platform.
"""

import asyncio
import hashlib
import importlib
import json
import logging
import sys
import urllib.request
from typing import Any

SDK: Any = importlib.import_module("dingtalk_stream")  # only there when this program runs
CARD_TOPIC = "/v1.0/card/instances/callback"


def say(event: str, **facts: Any) -> None:
    sys.stdout.write(json.dumps({"event": event, **facts}, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def fetched(url: str) -> str:
    with urllib.request.urlopen(url, timeout=10) as answer:
        return hashlib.sha256(answer.read()).hexdigest()


class Robot(SDK.ChatbotHandler):  # type: ignore[misc]  # the SDK has no types
    async def process(self, callback: Any) -> tuple[int, str]:
        message = SDK.ChatbotMessage.from_dict(callback.data)
        texts = self.extract_text_from_incoming_message(message) or []
        text = "".join(texts).strip()
        say("message", type=message.message_type, text=text, sender=message.sender_staff_id)
        if "坏" in text:
            raise ValueError("the handler falls over")
        for code in message.get_image_list() or []:
            say("picture", sha256=fetched(self.get_image_download_url(code)))
        if message.message_type == "text":
            self.reply_text(f"收到：{text}", message)
        return SDK.AckMessage.STATUS_OK, "OK"


class Cards(SDK.CallbackHandler):  # type: ignore[misc]
    async def process(self, callback: Any) -> tuple[int, dict[str, Any]]:
        card = SDK.CardCallbackMessage.from_dict(callback.data)
        say("click", card=card.card_instance_id, by=card.user_id, actions=card.content["cardPrivateData"]["actionIds"])
        return SDK.AckMessage.STATUS_OK, {"cardData": {"cardParamMap": {"state": "已确认"}}}


class Events(SDK.EventHandler):  # type: ignore[misc]
    async def process(self, event: Any) -> tuple[int, str]:
        say("event", type=event.headers.event_type)
        return SDK.AckMessage.STATUS_OK, "OK"


logging.disable(logging.CRITICAL)
client = SDK.DingTalkStreamClient(SDK.Credential(*sys.argv[1:3]))
client.register_callback_handler(SDK.ChatbotMessage.TOPIC, Robot())
client.register_callback_handler(CARD_TOPIC, Cards())
client.register_all_event_handler(Events())
asyncio.run(client.start())
