"""`luzhang fake-platform wecom|dingtalk`: a loopback platform to rehearse with, and people who speak by typed lines.

Exit codes: 0 stopped, 2 the port is taken or the fault script is wrong.
"""

import asyncio
import codecs
import contextlib
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final

from aiohttp import web

from bot.fakes import rehearsal
from bot.fakes.rehearsal import CannotSay, Rehearsal
from bot.fakes.rules import Fault, load_script
from bot.listening import bind
from domain.errors import ConfigError

HOST: Final = "127.0.0.1"
PORTS: Final = {"wecom": 9801, "dingtalk": 9802}
GLANCE = 0.2  # seconds between two looks for new posts
_MAKERS: Final[dict[str, Callable[[tuple[Fault, ...]], Rehearsal]]] = {
    "wecom": rehearsal.wecom,
    "dingtalk": rehearsal.dingtalk,
}


def run(platform: str, port: int | None, script: Path | None) -> int:
    """Serve until told to stop and return 0. Raises ConfigError."""
    if platform not in _MAKERS:
        raise ConfigError(f"没有平台 {platform}，只能是 wecom（企业微信）或 dingtalk（钉钉）。")
    faults = load_script(script) if script else ()
    bound = bind(HOST, PORTS[platform] if port is None else port, "--port")
    with contextlib.closing(bound):
        asyncio.run(_serve(_MAKERS[platform](faults), bound, len(faults)))
    return 0


async def _serve(place: Rehearsal, bound: socket.socket, faults: int) -> None:
    done = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, done.set)
    runner = web.AppRunner(place.app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    tasks: list[asyncio.Task[None]] = []
    try:
        await web.SockSite(runner, bound).start()
        base = f"http://{HOST}:{bound.getsockname()[1]}"
        _say(_opening(place, base, faults))
        tasks = [
            asyncio.create_task(_show(place), name="rehearsal-posts"),
            asyncio.create_task(_hear(place, base), name="rehearsal-lines"),
        ]
        await done.wait()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await runner.cleanup()
    _say("# 演练平台已停止。")


def _opening(place: Rehearsal, base: str, faults: int) -> str:
    """Return what is printed first; as it stands, it is a whole config.toml."""
    group = place.groups[0].name
    script = f"，故障脚本{faults}条" if faults else ""
    return "\n".join(
        [
            f"# {place.title}演练平台已启动：{base}{script}。未连接真实平台，Ctrl+C 停止。",
            "# 从这里起存为 config.toml，再运行 luzhang serve --config config.toml：",
            "[city]",
            'name = "演练"',
            place.settings(base),
            f"# 说话：在这里输入“{group} 张三: 人民路12号垃圾未清 [图]”，私聊写“张三: 帮助”；",
            f"# 或 curl --data '{group} 张三: 人民路12号垃圾未清 [图]' {base}{rehearsal.SAY}",
            f"# 看收到了什么：curl {base}{rehearsal.POSTS}，下面也逐条显示。",
        ]
    )


async def _show(place: Rehearsal) -> None:
    """Print each post as it comes."""
    shown = 0
    while True:
        posts = list(place.posts())
        for post in posts[shown:]:
            _say(f"→ {place.shown(post)}")
        shown = len(posts)
        await asyncio.sleep(GLANCE)


async def _hear(place: Rehearsal, base: str) -> None:
    """Let people say what is typed, line by line."""
    lines: asyncio.Queue[str] = asyncio.Queue()
    loop = asyncio.get_running_loop()

    def typed(line: str) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody listens any more
            loop.call_soon_threadsafe(lines.put_nowait, line)

    threading.Thread(target=_read_lines, args=(typed,), name="typed-lines", daemon=True).start()
    while True:
        line = (await lines.get()).strip()
        if not line:
            continue
        try:
            is_heard = await place.say(base, line)
        except CannotSay as error:
            _say(f"✘ {error.text}")
        else:
            _say("✔ 机器人已收到" if is_heard else "✘ 机器人不在线，这句话没有送达")


def _read_lines(typed: Callable[[str], None]) -> None:
    """Hand on the lines of standard input, by the descriptor: a thread that waits in it holds no lock at the end."""
    decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
    rest = ""
    with contextlib.suppress(OSError):
        while data := os.read(sys.stdin.fileno(), 65_536):
            *lines, rest = (rest + decoder.decode(data)).split("\n")
            for line in lines:
                typed(line)
    if rest:
        typed(rest)


def _say(text: str) -> None:
    with contextlib.suppress(BrokenPipeError):  # whoever read on has gone
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()
