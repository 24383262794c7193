"""doctor: every line marked, with its mend, and exit code 1 only when something is broken."""

import shutil
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import pytest

from bot.clock import MovedClock
from bot.commands import doctor, reach
from bot.commands.doctor import BACKED_UP, city, database, disk, fonts_here, settings
from bot.commands.signs import Mark, Sign
from bot.config import Config, load_config
from bot.fakes.rules import Fault
from domain.effects import Effects
from tests.bot.commands.files import session_of
from tests.bot.stage import fakes, write_config
from tests.house import MONDAY_MORNING, House


def marks(signs: list[Sign], word: str) -> list[Mark]:
    return [sign.mark for sign in signs if word in sign.text]


async def test_database_service_and_backup(house: House) -> None:
    assert marks(await database(session_of(house)), "没有运行") == [Mark.WARN]
    assert marks(await database(session_of(house)), "还没有备份") == [Mark.WARN]
    now = house.clock.now()
    await house.store.beat(now)
    async with house.store.deciding(now) as view:
        view.apply(Effects(settings={BACKED_UP: now.isoformat()}))
    assert [sign.mark for sign in await database(session_of(house))] == [Mark.WELL] * 3
    house.clock.advance(timedelta(days=3))
    found = await database(session_of(house))
    assert marks(found, "已3天") == [Mark.WARN]
    assert marks(found, "没有运行") == [Mark.WARN]


async def test_what_was_given_up_is_shown(house: House) -> None:
    await house.machine.receive("simulated", "simulated", "poison", "no json")
    for _ in range(3):
        await house.machine.settle()
    assert marks(await database(session_of(house)), "有1条消息处理失败") == [Mark.WARN]


async def test_a_damaged_database(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    async def damaged(_database: object) -> str:
        return "row 7 missing from index"

    monkeypatch.setattr(doctor, "damage_of", damaged)
    assert marks(await database(session_of(house)), "luzhang restore") == [Mark.BROKEN]


async def test_routing_is_proved(house: House) -> None:
    found = await city(session_of(house))
    assert marks(found, "都有可通知到的承办人") == [Mark.WELL]
    assert not [sign for sign in found if sign.mark is Mark.BROKEN]


@pytest.mark.parametrize(
    ("days", "told"),
    [
        pytest.param(0, "下次提醒：明日08:30，覆盖", id="after today's"),
        pytest.param(4, "明日为休息日，下次提醒改为6月8日08:30，覆盖", id="before a weekend"),
    ],
)
async def test_when_people_hear_next(house: House, days: int, told: str) -> None:
    house.clock.advance(timedelta(days=days))
    assert marks(await city(session_of(house)), told) == [Mark.WELL]


async def test_a_city_without_roster_or_accounts(tmp_path: Path, house: House) -> None:
    for room in ("work", "seat", "office", "leaders", "ops"):
        await house.store.rosters.unbind_room(room, house.clock.now())
    async with house.store.database.writing() as connection:
        await connection.exec_driver_sql("DELETE FROM account")
        await connection.exec_driver_sql("UPDATE counter SET value = value + 1 WHERE name = 'roster'")
    found = await city(session_of(house))
    assert Mark.WARN in marks(found, "没有绑定平台账号且无群可代为通知")  # nothing is configured to reach them by
    assert marks(found, "没有平台账号") == [Mark.WARN]
    assert not marks(found, "都有可通知到的承办人")
    wecom = {"bot": {"mode": "callback", "token": "t0ken", "aes_key": "a" * 43}}
    house.config = Config.model_validate({**house.config.model_dump(), "wecom": wecom})
    assert Mark.BROKEN in marks(await city(session_of(house)), "没有绑定平台账号且无群可代为通知")


class Usage(NamedTuple):
    total: int
    used: int
    free: int


@pytest.mark.parametrize(
    ("free", "mark"),
    [
        pytest.param(100 << 20, Mark.BROKEN, id="full"),
        pytest.param(2 << 30, Mark.WARN, id="nearly"),
        pytest.param(50 << 30, Mark.WELL, id="room"),
    ],
)
def test_disk(house_config: Config, monkeypatch: pytest.MonkeyPatch, free: int, mark: Mark) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: Usage(0, 0, free))
    assert {sign.mark for sign in disk(house_config)} == {mark}


@pytest.fixture
def house_config(tmp_path: Path) -> Config:
    return load_config(write_config(tmp_path))


def test_settings_repeat_check_config(house_config: Config) -> None:
    found = list(settings(house_config))
    assert marks(found, "配置可用") == [Mark.WELL]
    assert marks(found, "用途为 office") == [Mark.WARN]


def test_what_pictures_and_letters_lack_on_a_machine_without_fonts(tmp_path: Path) -> None:
    signs = [str(sign) for sign in fonts_here([str(tmp_path)])]
    assert "没有找到中文字体" in signs[0]
    assert "fonts-wqy-microhei" in signs[0]
    assert "方正小标宋简体（以宋体代替）" in signs[1]


def test_letters_are_told_apart_from_pictures(tmp_path: Path) -> None:
    for name in ("FZXBSJW.TTF", "simfang.ttf", "simkai.ttf"):
        (tmp_path / name).touch()
    assert len(list(fonts_here([str(tmp_path)]))) == 1


async def test_platforms_that_answer(tmp_path: Path) -> None:
    async with fakes(MovedClock(MONDAY_MORNING)) as (_wecom, wecom_url, _dingtalk, dingtalk_url):
        found = await reach.reach(load_config(write_config(tmp_path, wecom_url, dingtalk_url)))
    assert marks(found, "时钟与平台相差") == [Mark.WELL]
    assert marks(found, "凭证有效") == [Mark.WELL, Mark.WELL]
    assert marks(found, "server.public_url") == [Mark.WARN] * 3


async def test_platforms_that_refuse(tmp_path: Path) -> None:
    async with fakes(MovedClock(MONDAY_MORNING)) as (_wecom, wecom_url, dingtalk, dingtalk_url):
        path = write_config(tmp_path, wecom_url, dingtalk_url)
        text = path.read_text(encoding="utf-8").replace('secret = "sample-app', 'secret = "wrong-app')
        path.write_text(text, encoding="utf-8")
        dingtalk.rules.arm(Fault("errcode", "/v1.0/oauth2/accessToken", status=400, code="invalidClientIdOrSecret"))
        found = await reach.reach(load_config(path))
    assert marks(found, "企业微信自建应用：")[0] is Mark.BROKEN
    assert marks(found, "钉钉应用：凭证不被接受") == [Mark.BROKEN]
    assert not [sign for sign in found if "wrong-app" in sign.text]


async def test_platforms_that_are_not_there(tmp_path: Path) -> None:
    found = await reach.reach(load_config(write_config(tmp_path)))
    assert marks(found, "无法访问") != []
    assert set(marks(found, "无法访问")) == {Mark.BROKEN}


def test_a_wrong_table_is_told_once_and_not_of_the_database(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = tmp_path / "config.toml"
    config.write_text('[city]\nname = "溪城市"\n[tables]\nrules = "config.toml"\n', encoding="utf-8")
    assert doctor.examine(config) == 1
    broken = [line for line in capsys.readouterr().out.splitlines() if line.startswith("✘")]
    assert broken == [f"✘ {config}：没有[[version]]，请至少写一版扣分细则。"]


def test_the_whole_command(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    async def told(config: Config, _categories: object) -> list[Sign]:
        return [Sign(Mark.WELL, f"{config.city.name}的附加组件")]

    monkeypatch.setattr(doctor, "extras", told)  # tried for real in test_extras
    config = tmp_path / "config.toml"
    config.write_text('[city]\nname = "溪城市"\n[store]\n', encoding="utf-8")
    assert doctor.examine(config) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("✔ Python 3.")
    assert "⚠ 花名册没有路段，请运行 luzhang import roster。" in lines
    assert "✔ 溪城市的附加组件" in lines
    assert all(line[0] in "✔⚠✘" for line in lines[:-1])
    (tmp_path / "data" / "luzhang.db").write_bytes(b"no database at all" * 100)
    assert doctor.examine(config) == 1
    assert any(line.startswith("✘ 数据库：") for line in capsys.readouterr().out.splitlines())
