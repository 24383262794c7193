"""Doctor's lines about the service at work: connections, troubles, people who wait to activate, old lists."""

from datetime import timedelta

import pytest

from bot.clock import MovedClock
from bot.commands import health, reach
from bot.commands.session import Session
from bot.commands.signs import Mark, Sign
from bot.config import Config, load_config
from bot.fakes.rules import Fault
from bot.line_alarms import state_row
from bot.operations import REASONS, TROUBLES
from domain.effects import Effects
from domain.roster import Dated, Person
from tests.bot.commands.files import session_of
from tests.bot.stage import fakes, write_config
from tests.house import MONDAY_MORNING, PEOPLE, POSTS, House

SINCE = "2026-06-01T00:30:00+00:00"
HOLD = {"holder": "gate:42", "frame": "2026-06-01T00:59:30+00:00"}


def with_line(house: House) -> Session:
    wecom = {"bot": {"mode": "websocket", "bot_id": "b", "secret": "s"}}
    house.config = Config.model_validate({**house.config.model_dump(), "wecom": wecom})
    return session_of(house)


async def note(house: House, **settings: object) -> None:
    async with house.store.deciding(house.clock.now()) as view:
        view.apply(Effects(settings=dict(settings)))


def only(signs: list[Sign]) -> Sign:
    [sign] = signs
    return sign


@pytest.mark.parametrize(
    ("row", "mark", "words"),
    [
        pytest.param(
            {"state": "live", "since": SINCE, **HOLD}, Mark.WELL, "由 gate:42 保持，最近一帧 08:59:30", id="live"
        ),
        pytest.param({"state": "live", "since": SINCE, **HOLD, "frame": SINCE}, Mark.WARN, "之后没有动静", id="silent"),
        pytest.param({"state": "kicked", "since": SINCE}, Mark.BROKEN, "06-01 08:30起被另一实例顶替", id="kicked"),
        pytest.param({"state": "refused", "since": SINCE}, Mark.BROKEN, "登录被拒", id="refused"),
        pytest.param({"state": "down", "since": SINCE}, Mark.BROKEN, "正在自动重连", id="down"),
    ],
)
async def test_a_live_connection(house: House, row: dict[str, str], mark: Mark, words: str) -> None:
    await note(house, **{state_row("wecom"): row})
    sign = only(await health.connections(with_line(house), is_served=True))
    assert (sign.mark, words in sign.text) == (mark, True), sign.text


async def test_a_connection_of_a_service_that_does_not_run(house: House) -> None:
    await note(house, **{state_row("wecom"): {"state": "live", "since": SINCE, **HOLD}})
    sign = only(await health.connections(with_line(house), is_served=False))
    assert (sign.mark, "服务（luzhang serve）启动后" in sign.text) == (Mark.WARN, True)


async def test_what_cannot_post_is_named_with_its_mend(house: House) -> None:
    reason = "应用缺少权限 Card.Instance.Write，请在 钉钉开放平台→应用开发→本应用→权限管理 申请并重新发布版本"
    await note(house, **{TROUBLES: {"dingtalk.private": SINCE}, REASONS: {"dingtalk.private": reason}})
    sign = only(await health.troubles(session_of(house)))
    assert sign == Sign(Mark.BROKEN, f"钉钉单聊接口：06-01 08:30起发送失败，{reason}。")


async def test_who_has_not_activated_is_listed(house: House) -> None:
    people = [Person(i, name, unit, (("wecom", i.upper()),)) for i, (name, unit) in PEOPLE.items()]
    await house.store.rosters.import_people(
        people, [Dated(post) for post in POSTS], house.clock.now().date(), house.clock.now()
    )
    session = with_line(house)
    sign = only(await health.activation(session))
    assert (sign.mark, "0/" in sign.text, "王建国" in sign.text) == (Mark.WARN, True, True)
    assert "发“你好”；未激活者暂收不到私聊提醒，改为在群内提醒。" in sign.text
    async with house.store.deciding(house.clock.now()) as view:
        for i in PEOPLE:
            view.spoke("wecom", f"person:{i}")
    assert only(await health.activation(session)).mark is Mark.WELL
    app = {"corp_id": "c", "agent_id": 1, "secret": "s", "token": "t", "aes_key": "a" * 43}
    values = house.config.model_dump()
    house.config = Config.model_validate({**values, "wecom": {**values["wecom"], "app": app}})
    assert await health.activation(session_of(house)) == [], "an app reaches everybody"


async def test_old_lists_are_named(house: House) -> None:
    fresh = await health.ages(session_of(house))
    assert {sign.mark for sign in fresh} == {Mark.WELL}
    assert [sign.text[:3] for sign in fresh] == ["花名册", "人员更", "轮值表"]
    house.clock.advance(timedelta(days=61))
    old = {sign.text[:3]: sign for sign in await health.ages(session_of(house))}
    assert (old["轮值表"].mark, old["花名册"].mark) == (Mark.WARN, Mark.WELL)
    assert "（61天前）：如有变动请 luzhang import duty。" in old["轮值表"].text


async def test_a_missing_permission_is_named_by_its_scope(house: House) -> None:
    async with fakes(MovedClock(MONDAY_MORNING)) as (wecom, wecom_url, dingtalk, dingtalk_url):
        file = write_config(house.config.store.media.parent, wecom_url, dingtalk_url)
        config = load_config(file)
        granted = [sign for sign in await reach.reach(config) if "钉钉权限" in sign.text]
        assert {sign.mark for sign in granted} == {Mark.WELL}
        assert not dingtalk.deliveries
        text = file.read_text("utf-8").replace("[dingtalk]", '[dingtalk]\ncard_template_id = "x.schema"')
        file.write_text(text, "utf-8")
        denied = "Forbidden.AccessDenied.AccessTokenPermissionDenied"
        dingtalk.rules.arm(Fault("errcode", "/v1.0/robot/*", count=0, status=403, code=denied))
        wecom.rules.arm(Fault("errcode", "/cgi-bin/agent/get", errcode=60020))
        dingtalk.rules.arm(Fault("errcode", "/v1.0/card/*", count=0, status=403, code=denied))
        broken = [sign.text for sign in await reach.reach(load_config(file)) if sign.mark is Mark.BROKEN]
    assert broken == [
        "企业微信自建应用：企业微信拒绝了本机出口IP，请到管理后台→应用管理→自建应用→企业可信IP添加；出口IP会变时请走固定代理（errcode 60020）",
        "钉钉：缺主动发送权限 qyapi_robot_sendmsg，到 钉钉开放平台→应用开发→本应用→权限管理 搜索并申请，重新发布版本。",
        "钉钉：缺权限（互动卡片实例写） Card.Instance.Write，到 钉钉开放平台→应用开发→本应用→权限管理 搜索并申请，重新发布版本。",
    ]
