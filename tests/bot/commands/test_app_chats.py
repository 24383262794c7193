"""`luzhang chat create`: who is in the new group, what to write into the configuration, and doctor's line on it."""

import tomllib
from collections.abc import AsyncIterator

import pytest
from aiohttp.test_utils import TestServer

from bot.assembly import bind_rooms
from bot.commands import app_chats, reach
from bot.commands.binding import list_chats
from bot.commands.session import UsageError
from bot.commands.signs import Mark
from bot.config import Config
from bot.fakes.wecom import SAMPLE_APP, FakeWecom
from domain.errors import ConfigError
from domain.messages import ChatRoom
from tests.bot.commands.files import session_of
from tests.house import House

CHAT = {"name": "东关应用群", "platform": "wecom", "purpose": "work", "scope": "东关街道"}


@pytest.fixture
async def fake(house: House) -> AsyncIterator[FakeWecom]:
    fake = FakeWecom()
    async with TestServer(fake.app()) as server:
        app = {name: getattr(SAMPLE_APP, name) for name in ("corp_id", "agent_id", "secret", "token", "aes_key")}
        wecom = {"api_base": str(server.make_url("")).rstrip("/"), "app": app}
        house.config = configured(house.config, wecom=wecom, chat=(CHAT,))
        for person in ("wang", "chen", "li", "zhao"):
            await house.store.rosters.bind_account(person, "wecom", f"wx_{person}", house.clock.now())
        yield fake


def configured(config: Config, **parts: object) -> Config:
    return Config.model_validate({**config.model_dump(), **parts})


async def test_a_group_of_people_and_roles(house: House, fake: FakeWecom, capsys: pytest.CaptureFixture[str]) -> None:
    session = session_of(house)
    assert await app_chats.create(session, "东关应用群", ["路段长", "zhao"], "陈涛", dry_run=False) == 0
    told = capsys.readouterr().out
    ((chat_id, made),) = fake.appchats.chats.items()
    assert (made.owner, made.people) == ("wx_chen", ("wx_chen", "wx_wang", "wx_zhao"))
    assert fake.deliveries[0].text.startswith("本群由路长制机器人建立")
    assert tomllib.loads(told.splitlines()[-1]) == {"app_chat_id": chat_id}

    house.config = configured(house.config, chat=({**CHAT, "app_chat_id": chat_id},))
    await app_chats.create(session_of(house), "东关应用群", ["wang", "zhao"], None, dry_run=False)
    assert "此前已建立，3人。\n配置里已写明" in capsys.readouterr().out
    assert len(fake.deliveries) == 1

    found = [sign for sign in await reach.reach(house.config) if "应用群" in sign.text]
    assert [(sign.mark, sign.text) for sign in found] == [(Mark.WELL, "应用群“东关应用群”：3人")]
    fake.appchats.chats.clear()
    (gone,) = [sign for sign in await reach.reach(house.config) if "应用群" in sign.text]
    assert gone.mark is Mark.BROKEN
    assert "luzhang chat create" in gone.text


async def test_it_is_known_by_the_apps_id_until_it_is_bound_by_a_code(
    house: House, fake: FakeWecom, capsys: pytest.CaptureFixture[str]
) -> None:
    house.config = configured(house.config, chat=({**CHAT, "app_chat_id": "lzEast01"},))
    await bind_rooms(house.store, house.config, house.clock.now())
    room = ChatRoom("东关应用群", "wecom", "lzEast01", "work", "东关街道")
    assert room in await house.store.rosters.rooms()
    spoken = ChatRoom("东关应用群", "wecom", "wrSpoken", "work", "东关街道")
    await house.store.rosters.bind_room(spoken, house.clock.now())
    await bind_rooms(house.store, house.config, house.clock.now())
    assert [r for r in await house.store.rosters.rooms() if r.name == "东关应用群"] == [spoken]
    await list_chats(session_of(house))
    assert "群号wrSpoken，应用群lzEast01" in capsys.readouterr().out


async def test_a_dry_run_and_who_has_no_account(
    house: House, fake: FakeWecom, capsys: pytest.CaptureFixture[str]
) -> None:
    await app_chats.create(session_of(house), "东关应用群", ["wang", "zhao", "孙督查"], None, dry_run=True)
    told = capsys.readouterr().out
    assert "将建群“东关应用群”，2人，群主王建国" in told
    assert not fake.appchats.chats


async def test_too_few_and_nothing_to_make_it_with(house: House, fake: FakeWecom) -> None:
    with pytest.raises(UsageError, match="至少2人"):
        await app_chats.create(session_of(house), "群", ["wang"], None, dry_run=False)
    house.config = configured(house.config, wecom={})
    with pytest.raises(ConfigError, match=r"没有配置 \[wecom\.app\]"):
        await app_chats.create(session_of(house), "群", ["wang", "zhao"], None, dry_run=False)


@pytest.mark.parametrize(
    "wrong", [{"app_chat_id": "有汉字"}, {"app_chat_id": "a" * 33}, {"platform": "dingtalk", "app_chat_id": "a"}]
)
def test_a_wrong_id_is_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"app_chat_id|字母和数字"):
        Config.model_validate({"city": {"name": "溪城市"}, "chat": [{**CHAT, **wrong}]})
