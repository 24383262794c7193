"""A platform that takes everything at once: tokens, posts, and a 12-megapixel photo for every media id.

No rule is kept and nothing is remembered; `bot.fakes` is for that. It runs on the core of the load.
"""

import asyncio
import contextlib
import io
import multiprocessing
import os
import random
from collections.abc import Iterator
from multiprocessing.connection import Connection

from aiohttp import web
from PIL import Image

from bench.processes import LOAD_CORE, cores

_SIZE = (4000, 3000)
_SCENES = 12  # pictures that are no copies of each other; copies would be compared, which is no usual report's work


def photos() -> list[bytes]:
    """Return JPEGs of 12 megapixels and some 2 MiB: soft shapes with noise, as a camera makes them."""
    seeded = random.Random(7)
    noise = Image.frombytes("RGB", (1000, 750), seeded.randbytes(1000 * 750 * 3)).resize(_SIZE)
    return [_photo(noise, seeded) for _ in range(_SCENES)]


def _photo(noise: Image.Image, seeded: random.Random) -> bytes:
    shapes = Image.frombytes("RGB", (40, 30), seeded.randbytes(40 * 30 * 3)).resize(_SIZE)
    kept = io.BytesIO()
    Image.blend(shapes, noise, 0.25).save(kept, "JPEG", quality=88)
    return kept.getvalue()


def _application(pictures: list[bytes]) -> web.Application:
    count = 0

    async def answer(request: web.Request) -> web.Response:
        nonlocal count
        if request.path.endswith("/media/get"):
            count += 1
            picture = pictures[count % len(pictures)] + count.to_bytes(4, "big")  # after its end: every file is another
            return web.Response(body=picture, content_type="image/jpeg")
        facts = {"errcode": 0, "errmsg": "ok", "access_token": "t", "accessToken": "t", "expires_in": 7200}
        return web.json_response(facts | {"expireIn": 7200, "msgid": "m", "processQueryKey": "k"})

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    return app


def _run(channel: Connection, with_photo: bool) -> None:
    os.sched_setaffinity(0, cores([LOAD_CORE]))

    async def serve() -> None:
        runner = web.AppRunner(_application(photos() if with_photo else []), access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        channel.send(runner.addresses[0][1])
        await asyncio.Event().wait()

    asyncio.run(serve())


@contextlib.contextmanager
def platform(*, with_photo: bool = False) -> Iterator[str]:
    """Give the address of a running platform."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_run, args=(theirs, with_photo), daemon=True)
    process.start()
    try:
        yield f"http://127.0.0.1:{ours.recv()}"
    finally:
        process.terminate()
        process.join()
