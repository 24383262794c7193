"""Accounts by mobile number: found on each platform, everybody else named with the reason, no number ever kept."""

import logging
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp.test_utils import TestServer

from bot.commands import by_mobile
from bot.commands.importing import take
from bot.config import Config
from bot.fakes.dingtalk import FakeDingtalk, FakeRobot
from bot.fakes.rules import Fault
from bot.fakes.wecom import SAMPLE_APP, FakeWecom
from domain.imports.people import People
from domain.roster import Person
from tests.bot.commands.files import session_of, write
from tests.house import House

HEAD = "person,name,role,wecom_userid,dingtalk_userid,mobile"
KNOWN = {f"1390000000{n}": f"u{n}" for n in range(1, 8)}
NUMBER = "13900000001"
ASKED = "/cgi-bin/user/getuserid"


class Platforms:
    """Both fakes, and a configuration that leads to them."""

    def __init__(self, wecom: FakeWecom, dingtalk: FakeDingtalk, bases: tuple[str, str]) -> None:
        self.wecom, self.dingtalk, self.bases = wecom, dingtalk, bases
        self.waits: list[float] = []

    def config(self, config: Config, *, wecom: bool = True, dingtalk: bool = False) -> Config:
        app = {name: getattr(SAMPLE_APP, name) for name in ("corp_id", "agent_id", "secret", "token", "aes_key")}
        robot = {"mode": "stream", "client_id": "dingroadchief", "client_secret": "roadchief-app-secret"}
        robot |= {"api_base": self.bases[1], "oapi_base": self.bases[1]}
        parts = {"wecom": {"api_base": self.bases[0], "app": app} if wecom else {}}
        return Config.model_validate({**config.model_dump(), **parts, "dingtalk": robot if dingtalk else None})

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)


@pytest.fixture
async def platforms() -> AsyncIterator[Platforms]:
    wecom = FakeWecom(mobiles=KNOWN, members=frozenset({"u1", "u2", "u3"}))
    dingtalk = FakeDingtalk(FakeRobot(mobiles=KNOWN))
    async with TestServer(wecom.app()) as one, TestServer(dingtalk.app()) as two:
        yield Platforms(wecom, dingtalk, (str(one.make_url("")).rstrip("/"), str(two.make_url("")).rstrip("/")))


async def imported(house: House, tmp_path: Path, *rows: str, dry_run: bool = False) -> None:
    await take(session_of(house), "people", write(tmp_path, "p.csv", HEAD, *rows), None, dry_run=dry_run)


async def test_both_platforms_are_asked_for_who_has_no_account(
    house: House,
    platforms: Platforms,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    house.config = platforms.config(house.config, dingtalk=True)
    await imported(
        house,
        tmp_path,
        "n1,周敏,office,,,+86 139-0000-0001",
        "n2,钱进,office,qian_jin,,13900000002",
        "n3,何洁,office,,,13811112222",
        "n4,高远,office,,,13900000005",
        "n5,孙一,office,,,13900000003",
        "n6,孙二,office,,,13900000003",
    )
    roster = await house.store.rosters.load()
    assert roster.person("n1").accounts == (("dingtalk", "u1"), ("wecom", "u1"))
    assert roster.person("n2").account("wecom") == "qian_jin"  # what stands in the table is not asked for
    assert (roster.person("n4").account("wecom"), roster.person("n4").account("dingtalk")) == ("", "u5")
    told = capsys.readouterr().out
    assert "按手机号在企业微信查到1人的账号" in told
    assert "按手机号在钉钉查到3人的账号" in told
    assert "4人未匹配到企业微信账号：何洁（通讯录中没有这个手机号）、高远（收件人不在应用可见范围内" in told
    assert "孙一（手机号重复）、孙二（手机号重复）" in told
    for text in (told, caplog.text, str(await whole_database(house))):
        assert "13900000" not in text
        assert "13811112222" not in text


async def whole_database(house: House) -> list[object]:
    async with house.store.database.reading() as connection:
        tables = await connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'")
        return [
            tuple(row)
            for (table,) in tables.fetchall()
            for row in (await connection.exec_driver_sql(f'SELECT * FROM "{table}"')).fetchall()
        ]


async def test_a_dry_run_asks_nobody(
    house: House, platforms: Platforms, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    house.config = platforms.config(house.config)
    await imported(house, tmp_path, f"n1,周敏,office,,,{NUMBER}", "n2,钱进,office,q,,13900000002", dry_run=True)
    assert "将按手机号在企业微信查1人的账号：周敏" in capsys.readouterr().out
    assert not platforms.wecom.rules.asked


async def test_who_was_found_is_not_asked_for_again(house: House, platforms: Platforms, tmp_path: Path) -> None:
    house.config = platforms.config(house.config)
    for _ in range(2):
        await imported(house, tmp_path, f"n1,周敏,office,,,{NUMBER}")
    assert platforms.wecom.rules.count(ASKED) == 1


async def test_an_account_of_somebody_else_is_not_taken(
    house: House, platforms: Platforms, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    house.config = platforms.config(house.config)
    await imported(house, tmp_path, "n1,周敏,office,U1,,", f"n2,钱进,office,,,{NUMBER}")
    assert "钱进（查到的账号已属于周敏）" in capsys.readouterr().out
    assert not (await house.store.rosters.load()).person("n2").accounts


async def test_nothing_to_ask_with(house: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    await imported(house, tmp_path, f"n1,周敏,office,,,{NUMBER}")
    assert "没有可按手机号查账号的平台（[wecom.app] 或 [dingtalk]），未查" in capsys.readouterr().out


def people(count: int = 3) -> People:
    persons = [Person(f"n{n}", f"人{n}", "", ()) for n in range(1, count + 1)]
    return People(persons, [], {p.id: f"1390000000{n}" for n, p in enumerate(persons, 1)})


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        pytest.param(Fault("errcode", ASKED, errcode=48002, count=0), "应用没有该接口权限", id="no permission"),
        pytest.param(Fault("errcode", ASKED, errcode=60020, count=0), "企业可信IP", id="address"),
        pytest.param(Fault("errcode", ASKED, errcode=45009, count=0), "1天内不能再查", id="locked"),
        pytest.param(Fault("status", ASKED, status=502, count=0), "平台暂时无法访问", id="away"),
    ],
)
async def test_what_breaks_it_off_says_who_is_left(house: House, platforms: Platforms, fault: Fault, said: str) -> None:
    platforms.wecom.rules.arm(Fault("delay", ASKED), fault)
    config = platforms.config(house.config)
    roster = await house.store.rosters.load()
    found, lines = await by_mobile.fill(config, people(), roster, dry_run=False, sleep=platforms.sleep)
    assert [p.account("wecom") for p in found.persons] == ["u1", "", ""]
    assert said in lines[-1]
    assert "还有2人未查：人2、人3" in lines[-1]


async def test_a_missing_permission_is_named_as_the_console_names_it(house: House, platforms: Platforms) -> None:
    platforms.dingtalk.robot = FakeRobot(mobiles=KNOWN, lacks=frozenset({"qyapi_get_member_by_mobile"}))
    config = platforms.config(house.config, wecom=False, dingtalk=True)
    roster = await house.store.rosters.load()
    _, lines = await by_mobile.fill(config, people(), roster, dry_run=False, sleep=platforms.sleep)
    assert "缺按手机号查成员的权限 qyapi_get_member_by_mobile，到 钉钉开放平台→应用开发→本应用→权限管理" in lines[-1]


async def test_a_busy_platform_is_waited_for(house: House, platforms: Platforms) -> None:
    platforms.dingtalk.rules.arm(Fault("errcode", "/topapi/*", errcode=90018, count=2))
    config = platforms.config(house.config, wecom=False, dingtalk=True)
    roster = await house.store.rosters.load()
    found, _ = await by_mobile.fill(config, people(1), roster, dry_run=False, sleep=platforms.sleep)
    assert found.persons[0].account("dingtalk") == "u1"
    assert platforms.waits == [1.0, 1.0]


async def test_wrong_numbers_lock_the_platform_for_a_day(house: House, platforms: Platforms) -> None:
    platforms.wecom.contacts.size = 5
    config = platforms.config(house.config)
    roster = await house.store.rosters.load()
    persons = [Person(f"x{n}", f"人{n}", "", ()) for n in range(4)]
    numbers = {p.id: f"1370000000{n}" for n, p in enumerate(persons)}
    found, lines = await by_mobile.fill(config, People(persons, [], numbers), roster, dry_run=False)
    assert "2人未匹配到企业微信账号：人0（通讯录中没有这个手机号）" in lines[0]
    assert "查错的号码过多" in lines[1]
    assert not any(p.accounts for p in found.persons)
