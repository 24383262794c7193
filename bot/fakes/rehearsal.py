"""A fake platform as a place to rehearse in: groups, people who speak by written lines, and what they get to read.

A line is `群 姓名: 文字`, or `姓名: 文字` for a private word to the bot; each `[图]` or `[图 文件]` in it is a picture.
A name of Chinese characters has the account of its spelling: 张三 is `zhangsan`.
"""

import io
import itertools
import json
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol

from aiohttp import web
from PIL import Image
from pypinyin import lazy_pinyin

from bot.fakes.dingtalk import Driver as DingtalkDriver
from bot.fakes.dingtalk import FakeDingtalk, FakeGroupRobot, FakeRobot, Person
from bot.fakes.rules import Fault
from bot.fakes.wecom import FakeWecom
from bot.system_words import reason
from domain.errors import LuzhangError

SAY = "/fake/say"
POSTS = "/fake/posts"

_LINE = re.compile(r"(?:(?P<group>[^\s:：]+)\s+)?(?P<name>[^\s:：]+)\s*[:：](?P<text>.*)", re.DOTALL)
_PICTURE = re.compile(r"\[图(?:\s+(?P<file>[^\]]+))?\]")
_ACCOUNT = re.compile(r"[0-9A-Za-z][0-9A-Za-z_.@-]{0,63}", re.ASCII)


class CannotSay(LuzhangError):
    """这句话没法说出去。"""


@dataclass(frozen=True, slots=True)
class Group:
    """A group of the rehearsal. `key`: its webhook's."""

    name: str
    chat_id: str
    key: str = field(repr=False)
    purpose: str


@dataclass(frozen=True, slots=True)
class Spoken:
    """One line, taken apart. `chat_id` is "" in private."""

    chat_id: str
    name: str
    account: str
    text: str
    photos: tuple[bytes, ...] = ()


class Post(Protocol):
    """What both fakes remember of a post that people see."""

    @property
    def at(self) -> datetime: ...  # noqa: D102
    @property
    def way(self) -> str: ...  # noqa: D102
    @property
    def text(self) -> str: ...  # noqa: D102
    @property
    def chat_id(self) -> str: ...  # noqa: D102
    @property
    def userids(self) -> tuple[str, ...]: ...  # noqa: D102
    @property
    def mentions(self) -> tuple[str, ...]: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """One fake platform made ready for people. `speak` sends a line to the bot and tells whether it was there."""

    title: str
    groups: tuple[Group, ...]
    app: web.Application
    posts: Callable[[], Sequence[Post]]
    speak: Callable[[str, Spoken], Awaitable[bool]]
    settings: Callable[[str], str]  # address → the lines of config.toml

    async def say(self, base: str, line: str) -> bool:
        """Let somebody say a line; False when no bot was there to hear. Raises CannotSay."""
        try:
            return await self.speak(base, read_line(line, self.groups))
        except ValueError as error:
            raise CannotSay("群里只发图片，机器人收不到：请带上文字。") from error

    def routes(self) -> list[web.RouteDef]:
        """Return the addresses for a rehearsal by hand."""
        return [web.post(SAY, self._say), web.get(POSTS, self._posts)]

    async def _say(self, request: web.Request) -> web.Response:
        try:
            is_heard = await self.say(str(request.url.origin()), (await request.text()).strip())
        except CannotSay as error:
            return web.Response(status=400, text=f"{error.text}\n")
        return web.Response(text="机器人已收到。\n" if is_heard else "机器人不在线，这句话没有送达。\n")

    async def _posts(self, request: web.Request) -> web.Response:
        return web.Response(text="".join(f"{self.shown(post)}\n" for post in self.posts()))

    def shown(self, post: Post) -> str:
        """Return a post in a line or more, as people would see it."""
        place = next((group.name for group in self.groups if group.chat_id == post.chat_id), post.chat_id)
        called = "".join(f"@{name} " for name in post.mentions)
        changed = "（卡片更新）" if post.way == "update" else ""
        return f"{place or '私聊 ' + '、'.join(post.userids)}｜{changed}{called}{post.text}"


def read_line(line: str, groups: Sequence[Group]) -> Spoken:
    """Take a line apart. Raises CannotSay for one of another form, or with a picture that cannot be read."""
    found = _LINE.fullmatch(line.strip())
    if found is None:
        raise CannotSay("看不懂这一行，请写“群 姓名: 文字”，私聊写“姓名: 文字”，图片写 [图] 或 [图 文件名]。")
    photos = tuple(_picture(match["file"]) for match in _PICTURE.finditer(found["text"]))
    text = _PICTURE.sub("", found["text"]).strip()
    place = found["group"] or ""
    chat_id = next((group.chat_id for group in groups if place in (group.name, group.chat_id)), "")
    if place and not chat_id:
        raise CannotSay(f"没有群“{place}”，现有：{'、'.join(group.name for group in groups)}。")
    return Spoken(chat_id, found["name"], account(found["name"]), text, photos)


def account(name: str) -> str:
    """Return the account under which somebody speaks: the name itself where it can be one, else its spelling."""
    return name if _ACCOUNT.fullmatch(name) else re.sub(r"[^0-9a-z]", "", "".join(lazy_pinyin(name))) or "somebody"


_numbers = itertools.count(1)


def _picture(file: str | None) -> bytes:
    """Return the bytes of a file, or of a small picture unlike every other."""
    if file:
        try:
            return Path(file.strip()).expanduser().read_bytes()
        except OSError as error:
            raise CannotSay(f"读不到图片 {file}（{reason(error)}）。") from error
    number = next(_numbers)
    made = io.BytesIO()
    Image.new("RGB", (320, 240), (number * 37 % 256, number * 91 % 256, number * 53 % 256)).save(made, "JPEG")
    return made.getvalue()


_GROUPS = (
    ("东关群", "work"),
    ("指挥席群", "seat"),
    ("路长办群", "office"),
    ("领导群", "leadership"),
    ("运维群", "ops"),
)

_MOBILES = {f"1380000000{digit}": account(name) for digit, name in enumerate(("张三", "李四", "王五", "赵强"), 1)}


def wecom(faults: tuple[Fault, ...] = ()) -> Rehearsal:
    """Return a WeCom to rehearse in: AI bot over the long connection, self-built app, group webhooks."""
    groups = tuple(
        Group(name, f"wrRehearsal{number:04d}", f"rehearsal-key-{number:04d}", purpose)
        for number, (name, purpose) in enumerate(_GROUPS, start=1)
    )
    webhooks = {group.key: group.chat_id for group in groups}
    fake = FakeWecom(webhooks=webhooks, mobiles=_MOBILES, faults=faults)
    app, bot = fake.settings

    async def speak(base: str, said: Spoken) -> bool:
        pushed = await fake.live_driver(base).say(
            said.text, userid=said.account, chat_id=said.chat_id, photos=said.photos
        )
        return pushed.status == 200

    def settings(base: str) -> str:
        lines = ["[wecom]", _pair("api_base", base), "[wecom.app]", _pair("corp_id", app.corp_id)]
        lines += [f"agent_id = {app.agent_id}", _pair("secret", app.secret), _pair("token", app.token)]
        lines += [_pair("aes_key", app.aes_key), "[wecom.bot]", _pair("mode", "websocket"), _pair("bot_id", bot.bot_id)]
        lines += [_pair("secret", bot.secret), _pair("ws_url", f"{base.replace('http', 'ws', 1)}/ws")]
        return "\n".join([*lines, *_chats("wecom", "webhook_key", groups)])

    made = Rehearsal("企业微信", groups, fake.app(), lambda: fake.deliveries, speak, settings)
    made.app.add_routes(made.routes())
    return made


def dingtalk(faults: tuple[Fault, ...] = ()) -> Rehearsal:
    """Return a DingTalk to rehearse in: an app robot over Stream, group webhooks."""
    groups = tuple(
        Group(name, f"cidRehearsal{number:04d}==", f"rehearsal-token-{number:04d}", purpose)
        for number, (name, purpose) in enumerate(_GROUPS, start=1)
    )
    robots = {group.key: FakeGroupRobot(group.chat_id) for group in groups}
    fake = FakeDingtalk(FakeRobot(mobiles=_MOBILES), robots, faults=faults)
    robot = fake.robot

    async def speak(base: str, said: Spoken) -> bool:
        hand = DingtalkDriver(fake.state, robot, base, "", fake.gateway)
        person = Person(said.account, said.name)
        return (await hand.say(said.text, person=person, chat_id=said.chat_id, photos=said.photos)).status == 200

    def settings(base: str) -> str:
        lines = ["[dingtalk]", _pair("mode", "stream"), _pair("client_id", robot.client_id)]
        lines += [_pair("client_secret", robot.client_secret), _pair("robot_code", robot.robot_code)]
        lines += [_pair("api_base", base), _pair("oapi_base", base)]
        return "\n".join([*lines, *_chats("dingtalk", "webhook_token", groups)])

    made = Rehearsal("钉钉", groups, fake.app(), lambda: fake.deliveries, speak, settings)
    made.app.add_routes(made.routes())
    return made


def _pair(key: str, value: str) -> str:
    return f"{key} = {json.dumps(value, ensure_ascii=False)}"


def _chats(platform: str, key: str, groups: Sequence[Group]) -> list[str]:
    return [
        line
        for group in groups
        for line in (
            "[[chat]]",
            _pair("name", group.name),
            _pair("platform", platform),
            _pair("chat_id", group.chat_id),
            _pair("purpose", group.purpose),
            _pair(key, group.key),
        )
    ]
