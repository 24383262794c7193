"""The platform's own SDK with a handler that does nothing: what a Stream connection costs by itself.

Installed for the run alone, beside ours; its folder comes by PYTHONPATH and the gateway by DINGTALK_OPENAPI_ENDPOINT.
"""

import asyncio
import importlib
import logging
import sys
from typing import Any


def main() -> None:
    """Connect, and acknowledge whatever comes."""
    sdk: Any = importlib.import_module("dingtalk_stream")

    class Nothing(sdk.ChatbotHandler):  # type: ignore[misc]  # the SDK has no types
        async def process(self, callback: Any) -> tuple[int, str]:
            return sdk.AckMessage.STATUS_OK, "OK"

    logging.disable(logging.CRITICAL)
    client = sdk.DingTalkStreamClient(sdk.Credential(*sys.argv[1:3]))
    client.register_callback_handler(sdk.ChatbotMessage.TOPIC, Nothing())
    print("listening 0", flush=True)
    asyncio.run(client.start())


if __name__ == "__main__":
    main()
