"""An independent client of the self-built app's interfaces (wechatpy, blocking) against our fake, in a thread of its own."""

import asyncio
import io
from collections.abc import Callable
from typing import Any

import pytest
from aiohttp.test_utils import TestServer
from wechatpy.enterprise import WeChatClient
from wechatpy.exceptions import WeChatClientException

from bot.fakes.wecom import SAMPLE_APP, FakeWecom

pytestmark = pytest.mark.peers


async def run(work: Callable[[Any], object], fake: FakeWecom) -> object:
    """Let the peer work against the fake."""
    async with TestServer(fake.app()) as server:
        base = f"{str(server.make_url('')).rstrip('/')}/cgi-bin/"

        class Peer(WeChatClient):  # type: ignore[misc]  # wechatpy has no types
            """The peer; where it asks for its token is written out in its code."""

            API_BASE_URL = base

            def fetch_access_token(self) -> object:
                asked = {"corpid": self.corp_id, "corpsecret": self.secret}
                return self._fetch_access_token(url=f"{base}gettoken", params=asked)

        return await asyncio.to_thread(lambda: work(Peer(SAMPLE_APP.corp_id, SAMPLE_APP.secret)))


async def test_groups_that_the_app_makes() -> None:
    fake = FakeWecom()

    def work(peer: Any) -> object:
        made = peer.appchat.create("lzPeer01", "领导群", "lisi", ["lisi", "wangwu"])
        peer.appchat.send_text("lzPeer01", "各位领导：通报如下。<@lisi>")
        media = peer.media.upload("file", ("通报.docx", io.BytesIO(b"PK\x03\x04 letter")))
        peer.appchat.send("lzPeer01", "file", media_id=media["media_id"])
        return made["chatid"], peer.appchat.get("lzPeer01")["userlist"]

    assert await run(work, fake) == ("lzPeer01", ["lisi", "wangwu"])
    words, file = fake.deliveries
    assert (words.way, words.chat_id, words.userids, words.mentions) == (
        "appchat",
        "lzPeer01",
        ("lisi", "wangwu"),
        ("lisi",),
    )
    assert file.text.startswith("[文件]")


async def test_people_and_what_is_refused() -> None:
    fake = FakeWecom(mobiles={"13900000001": "lisi"}, members=frozenset({"lisi"}))

    def refused(call: Callable[[], object]) -> int:
        with pytest.raises(WeChatClientException) as caught:
            call()
        return int(caught.value.errcode)

    def work(peer: Any) -> object:
        by_mobile = peer.post("user/getuserid", data={"mobile": "13900000001"})["userid"]
        return (
            by_mobile,
            peer.user.get("lisi")["userid"],
            refused(lambda: peer.post("user/getuserid", data={"mobile": "13900000002"})),
            refused(lambda: peer.user.get("wangwu")),
            refused(lambda: peer.appchat.create("lzPeer02", "群", "lisi", ["lisi", "wangwu"])),
            refused(lambda: peer.appchat.send_text("lzNobody", "您好")),
        )

    assert await run(work, fake) == ("lisi", "lisi", 46004, 60011, 60011, 86003)
