"""`luzhang demo`: one page in the browser, no account, no network, everything fresh at each start."""

import asyncio
import contextlib
import errno
import signal
import socket
import sys
import webbrowser
from pathlib import Path

from aiohttp import web

from bot.demo import opening
from bot.demo.session import Session
from bot.demo.web import make_app
from bot.system_words import reason
from domain.errors import LuzhangError

HOST = "127.0.0.1"
FOLDER = Path("demo-data")
LAST_PORT = 65_535
THINGS = """\
可以试试：
  1. 点「演示完整故事」：上报、认领、处理、复核、超时升级、日督查、月通报，约两分钟；右侧「故事」栏可换成「一个季度」。
  2. 以刘芳身份在「新华路街道路长群」发“人民路百货大楼门口 水果摊占道经营”，附一张照片。
  3. 打开赵强的私聊，点数字或直接发整改照片；再由钱宁复核。
  4. 切换企业微信、钉钉，看哪些消息真实平台收不到、为什么。
  5. 点「+1小时」「到下一提醒」「到月末」，看催办、逐级上报和红旗黑旗。
按 Ctrl+C 停止。"""


def run(port: int = 8080, no_browser: bool = False) -> int:
    """Run the demo until it is stopped; return 0, or 1 when the port or the folder is taken."""
    try:
        listener = _listen(port)
    except OSError as error:
        _say(_busy(port) if error.errno == errno.EADDRINUSE else f"端口{port}无法使用：{reason(error)}。")
        return 1
    with contextlib.closing(listener):
        try:
            with opening.owned(FOLDER.resolve()):
                asyncio.run(_serve(listener, FOLDER.resolve(), opens_browser=not no_browser))
        except LuzhangError as error:
            _say(error.text)
            return 1
        except KeyboardInterrupt:
            return 0
    return 0


def _busy(port: int) -> str:
    other = port + 10 if port + 10 <= LAST_PORT else 8080
    return f"端口{port}被占用，请用 luzhang demo --port {other}。"


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _listen(port: int) -> socket.socket:
    """Return a socket that listens on loopback. Raises OSError when the port is taken."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, port))
        listener.listen()
    except BaseException:
        listener.close()
        raise
    return listener


async def _serve(listener: socket.socket, folder: Path, *, opens_browser: bool) -> None:
    """Serve until a signal comes."""
    done = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError, ValueError):
            asyncio.get_running_loop().add_signal_handler(number, done.set)
    session = Session(folder, opening.paint_gallery())
    runner = web.AppRunner(make_app(session), access_log=None, shutdown_timeout=2)
    await session.open()
    try:
        await runner.setup()
        await web.SockSite(runner, listener).start()
        address = f"http://{HOST}:{listener.getsockname()[1]}"
        _say(f"模拟环境已启动 {address} 。未连接任何真实平台。\n{THINGS}")
        if opens_browser:
            await asyncio.to_thread(webbrowser.open, address)
        await done.wait()
    finally:
        await runner.cleanup()
        await session.close()
