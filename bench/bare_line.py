"""A client of WeCom's long connection that subscribes and from then on only reads: what the frames cost by themselves."""

import asyncio
import json
import sys
import time

import aiohttp

from bench.lines import END


async def main(url: str) -> None:
    """Read for ever; print when each message came, after the last one of a run."""
    async with aiohttp.ClientSession() as session, session.ws_connect(url) as socket:
        await socket.send_str(json.dumps({"cmd": "aibot_subscribe", "headers": {"req_id": "s"}, "body": {}}))
        await socket.receive_str()
        print("listening 0", flush=True)
        came: list[float] = []
        async for message in socket:
            if message.data.startswith(f'{{"cmd": "{END}"'):
                print(json.dumps(came), flush=True)
                came = []
            else:
                json.loads(message.data)  # to read a message is to know what it says
                came.append(time.perf_counter())


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
