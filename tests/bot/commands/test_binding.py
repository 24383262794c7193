"""Codes bind a group or an account: once, for ten minutes, in the right place, and not by guessing."""

import re
from datetime import timedelta

import pytest

from bot.commands.binding import bind_chat, bind_person, list_chats
from bot.commands.session import UsageError
from bot.config import Config
from bot.platforms.simulated.platform import PLATFORM
from domain.errors import NotFound
from tests.bot.commands.files import session_of
from tests.house import SEAT_GROUP, House

NEW_GROUP = "新建的群"


async def code_for_chat(house: House, capsys: pytest.CaptureFixture[str], name: str = "河西群") -> str:
    capsys.readouterr()
    await bind_chat(session_of(house), name, "work", "河西镇")
    return _code(capsys.readouterr().out)


async def code_for_person(house: House, capsys: pytest.CaptureFixture[str], person: str = "周敏") -> str:
    capsys.readouterr()
    await bind_person(session_of(house), person)
    return _code(capsys.readouterr().out)


def _code(shown: str) -> str:
    match = re.search(r"绑定 (\d{6})\n", shown)
    assert match is not None
    return match.group(1)


def another(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


async def rooms(house: House) -> dict[str, tuple[str, str, str]]:
    return {room.name: (room.chat_id, room.purpose, room.scope) for room in await house.store.rosters.rooms()}


async def test_a_group_is_bound_once(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    code = await code_for_chat(house, capsys)
    assert await house.say("路人", f"绑定 {code}", group=NEW_GROUP) == ["河西群已绑定，用途：工作群，管河西镇。"]
    assert (await rooms(house))["河西群"] == (NEW_GROUP, "work", "河西镇")
    assert "已失效" in (await house.say("路人", f"绑定 {code}", group="别的群"))[0]
    assert (await rooms(house))["河西群"][0] == NEW_GROUP
    assert await house.store.ledger.verify() is None


async def test_a_bound_group_may_be_bound_anew(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    await house.say("路人", f"绑定 {await code_for_chat(house, capsys)}", group=NEW_GROUP)
    await house.say("路人", f"绑定 {await code_for_chat(house, capsys)}", group="迁移后的群")
    assert (await rooms(house))["河西群"][0] == "迁移后的群"
    code = await code_for_chat(house, capsys, "另名群")
    await house.say("路人", f"绑定 {code}", group=SEAT_GROUP)  # one chat has one name
    assert {name for name, (chat, *_) in (await rooms(house)).items() if chat == SEAT_GROUP} == {"另名群"}


@pytest.mark.parametrize(
    ("after", "wrong", "is_bound"),
    [
        pytest.param(timedelta(minutes=9, seconds=59), 4, True, id="in-time-after-four-wrong"),
        pytest.param(timedelta(minutes=10), 0, False, id="late"),
        pytest.param(timedelta(0), 5, False, id="locked-at-the-fifth"),
    ],
)
async def test_a_code_lives_ten_minutes_and_four_wrong_ones(
    house: House, capsys: pytest.CaptureFixture[str], after: timedelta, wrong: int, is_bound: bool
) -> None:
    code = await code_for_person(house, capsys)
    for _ in range(wrong):
        await house.say("路人甲", f"绑定{another(code)}")
    house.clock.advance(after)
    answer = await house.say("路人乙", f"绑定 {code}")
    assert answer == (["已绑定为周敏。"] if is_bound else ["绑定码不对或已失效，请向管理员重新索取。"])
    roster = await house.store.rosters.load()
    assert (roster.by_account(PLATFORM, "路人乙") == "zhou") is is_bound


async def test_the_newest_code_of_a_person_counts(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    old, new = await code_for_person(house, capsys), await code_for_person(house, capsys, "zhou")
    if old != new:
        assert "已失效" in (await house.say("路人", f"绑定 {old}"))[0]
    assert await house.say("路人", f"绑定 {new}") == ["已绑定为周敏。"]
    roster = await house.store.rosters.load()
    assert roster.person("zhou").accounts == ((PLATFORM, "路人"),)  # the earlier account is given up


async def test_a_groups_code_in_private_is_not_spent(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    code = await code_for_chat(house, capsys)
    assert "请在那个群里" in (await house.say("路人", f"绑定 {code}"))[0]
    assert "已绑定" in (await house.say("路人", f"绑定 {code}", group=NEW_GROUP))[0]


async def test_no_code_is_asked_for(house: House) -> None:
    assert await house.say("路人", "绑定 48291") == ["请写六位绑定码，如“绑定 482913”。"]


async def test_only_a_hash_is_kept(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    code = await code_for_person(house, capsys)
    async with house.store.database.reading() as connection:
        kept = (await connection.exec_driver_sql("SELECT value FROM setting WHERE name = 'bindings'")).scalar_one()
    assert code not in kept


@pytest.mark.parametrize(
    ("name", "purpose", "said"),
    [
        pytest.param(None, None, "--name", id="no-name"),
        pytest.param("河西群", None, "--purpose", id="unknown-name"),
        pytest.param("河西群", "fun", "--purpose 只能是", id="unknown-purpose"),
    ],
)
async def test_a_wrong_call(house: House, name: str | None, purpose: str | None, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        await bind_chat(session_of(house), name, purpose, None)


async def test_nobody_of_that_name(house: House) -> None:
    with pytest.raises(NotFound, match="没有“无名”"):
        await bind_person(session_of(house), "无名")


async def test_chats_are_listed(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    chats = [{"name": "城北群", "platform": "wecom", "scope": "城北街道"}]
    house.config = Config.model_validate({**house.config.model_dump(), "chat": chats})
    await list_chats(session_of(house))
    shown = capsys.readouterr().out
    assert f"✔ seat（simulated，指挥席，东关街道），群号{SEAT_GROUP}" in shown
    assert "⚠ 城北群（企业微信，工作群，城北街道），尚未绑定：luzhang chat bind --name 城北群" in shown
    await bind_chat(session_of(house), None, None, None)  # the only one that waits
    assert "群“城北群”" in capsys.readouterr().out
