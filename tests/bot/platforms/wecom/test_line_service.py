"""What the service makes of its long connection: nothing twice, nothing lost that came, outages told once."""

from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from bot.app import MACHINE, OPERATIONS
from bot.assembly import open_store, rules_of
from bot.clock import MovedClock
from bot.commands.reconnect import reconnect
from bot.commands.session import Session, UsageError
from bot.config import load_config
from bot.fakes.rules import Fault
from bot.fakes.wecom import Quoted
from bot.line_alarms import ask_row
from bot.platforms.wecom.line import LineState
from domain.effects import Effects, Notice, ToChat, Urgency
from store.intake import Arrival
from tests.bot.platforms.wecom.line_rig import QUICK
from tests.bot.platforms.wecom.line_stage import LineStage, line_staged, write_line_config
from tests.bot.stage import OPS_GROUP, WECOM_GROUP, fakes, quiet, serving, settle_roster, until, write_config
from tests.house import MONDAY_MORNING, picture

SEND = "/ws/aibot_send_msg"
REPORT = "人民路百货大楼门口占道经营"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pauses that a test can wait for."""
    monkeypatch.setattr("bot.wecom_line.PACE", QUICK)
    monkeypatch.setattr("bot.wecom_line.GLANCE", 0.02)
    monkeypatch.setattr("bot.wecom_line.STORE_PAUSE", 0.02)
    monkeypatch.setattr("bot.pictures.PAUSE", 0.02)


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[LineStage]:
    async with line_staged(tmp_path) as running:
        yield running


@pytest.fixture
async def bare(tmp_path: Path) -> AsyncIterator[LineStage]:
    """The bot is all there is of WeCom: no app, no webhook."""
    async with line_staged(tmp_path, with_others=False) as running:
        yield running


def heard(stage: LineStage, chat_id: str) -> list[str]:
    return [post.text for post in stage.wecom.deliveries if post.chat_id == chat_id]


async def reconnected(stage: LineStage, earlier: str) -> None:
    async def is_new() -> bool:
        return stage.line.connection_id not in ("", earlier)

    await until(is_new)


async def kicked(stage: LineStage) -> None:
    """Let another instance take the line, and be gone at once."""
    live = stage.wecom.gateway.live
    assert live is not None
    await stage.wecom.gateway.kick(live)

    async def is_kicked() -> bool:
        return stage.line.state is LineState.KICKED

    await until(is_kicked)


async def told(stage: LineStage, chat_id: str, words: str) -> str:
    """Wait until a group was told something; return it."""

    async def is_told() -> bool:
        return any(words in text for text in heard(stage, chat_id))

    await until(is_told)
    return next(text for text in heard(stage, chat_id) if words in text)


# what comes in


async def test_a_message_that_comes_twice_counts_once(stage: LineStage) -> None:
    stage.wecom.rules.arm(Fault("repeat", "/ws/aibot_msg_callback"))
    message = stage.hand.message(REPORT, userid="fang", chat_id=WECOM_GROUP)
    await stage.hand.push(message)
    await stage.hand.push(message)
    await stage.settled()
    assert len(await stage.cases()) == 1


async def test_a_message_known_before_a_restart_counts_once(tmp_path: Path) -> None:
    clock = MovedClock(MONDAY_MORNING)
    async with line_staged(tmp_path, clock=clock) as first:
        message = first.hand.message(REPORT, userid="fang", chat_id=WECOM_GROUP)
        await first.hand.push(message)
        await first.settled()
    async with line_staged(tmp_path, clock=clock) as second:
        await second.hand.push(message)
        await second.hand.say("建设街第一小学门口垃圾堆放", userid="fang", chat_id=WECOM_GROUP)
        await second.settled()
        assert len(await second.cases()) == 2


async def test_pictures_come_by_quote_in_a_group_and_alone_in_private(bare: LineStage) -> None:
    await bare.hand.say(REPORT, userid="fang", chat_id=WECOM_GROUP, quote=Quoted(photos=[picture("quoted")]))
    await bare.settled()
    await bare.hand.say(photos=[picture("alone")], userid="feng")
    await bare.settled()
    await bare.hand.say_voice("建设街第一小学门口垃圾堆放", userid="feng")
    await bare.settled()
    first, second = await bare.cases()
    assert (len(first.photos), len(second.photos), second.segment) == (1, 1, "XC003")


async def test_a_dead_media_link_costs_the_picture_alone(bare: LineStage) -> None:
    bare.wecom.rules.arm(Fault("status", "/media/*", count=0, status=403))
    await bare.hand.say(REPORT, userid="fang", chat_id=WECOM_GROUP, photos=[picture("gone")])
    await bare.settled()
    [case] = await bare.cases()
    assert len(case.photos) == 0


async def test_whoever_enters_is_welcomed(bare: LineStage) -> None:
    await bare.hand.enter(userid="fang")
    await bare.settled()
    assert [(post.way, post.userids) for post in bare.wecom.deliveries] == [("welcome", ("fang",))]


async def test_another_bots_message_and_garbage_are_left(bare: LineStage) -> None:
    for body in ({"msgtype": "text"}, {"msgid": "x" * 200, "msgtype": "text"}, {"msgid": "M", "aibotid": "OTHER"}):
        await bare.wecom.gateway.deliver(body)
    await bare.hand.say(REPORT, userid="fang", chat_id=WECOM_GROUP)
    await bare.settled()
    async with bare.app[MACHINE].store.database.reading() as connection:
        rows = await connection.exec_driver_sql("SELECT count(*) FROM inbox")
        assert rows.scalar_one() == 1


async def test_what_the_database_does_not_take_now_waits(bare: LineStage, monkeypatch: pytest.MonkeyPatch) -> None:
    intake = bare.app[MACHINE].store.intake
    put_all, refusals = intake.put_all, [OSError("disk full")] * 3

    async def full(arrivals: Sequence[Arrival]) -> list[bool | Exception]:
        return [refusals.pop() for _ in arrivals] if refusals else await put_all(arrivals)

    monkeypatch.setattr(intake, "put_all", full)
    await bare.hand.say(REPORT, userid="fang", chat_id=WECOM_GROUP)
    await bare.settled()
    assert (len(await bare.cases()), refusals) == (1, [])


# what goes out


async def test_a_post_waits_out_a_dead_line_and_goes_by_push(bare: LineStage) -> None:
    await bare.hand.say("你好", userid="zhao")
    bare.wecom.rules.arm(Fault("empty", "/ws/aibot_subscribe", count=0))
    message = bare.hand.message(REPORT, userid="fang", chat_id=WECOM_GROUP)
    await bare.hand.push(message)
    earlier = bare.line.connection_id
    await bare.settled()
    before = len(bare.wecom.deliveries)
    bare.wecom.gateway.drop()
    async with bare.app[MACHINE].store.deciding(bare.clock.now()) as view:
        notice = Notice("late", ToChat("wecom", WECOM_GROUP, True), "提醒", "test")
        view.apply(Effects(notices=[notice]))
    bare.app[MACHINE].outbox.wake()
    bare.wecom.rules.disarm()
    await reconnected(bare, earlier)
    bare.clock.advance(timedelta(seconds=60))
    bare.app[MACHINE].outbox.wake()
    await quiet(bare.app[MACHINE].store, bare.clock)
    assert [(post.way, post.text) for post in bare.wecom.deliveries[before:]] == [("push", "提醒")]


async def test_where_somebody_spoke_is_known_after_a_restart(tmp_path: Path) -> None:
    clock = MovedClock(MONDAY_MORNING)
    async with line_staged(tmp_path, clock=clock, with_others=False) as first:
        await first.hand.say("你好", userid="Zhao")
        await first.settled()
        assert await first.app[MACHINE].store.spoken.places("wecom") == {"person:zhao"}
    async with fakes(clock) as (wecom, url, _dingtalk, dingtalk_url):
        wecom.gateway.spoken.add("person:zhao")  # the platform remembers too
        config = load_config(write_line_config(tmp_path, url, dingtalk_url, with_others=False))
        async with serving(config, clock) as (app, _):
            stage = LineStage(app, clock, wecom, wecom.live_driver(url))
            await stage.live()
            await stage.hand.say(REPORT, userid="fang", chat_id=WECOM_GROUP)
            await stage.settled()
            assert ("card", ("zhao",)) in [(post.way, post.userids) for post in wecom.deliveries]


async def test_a_conversation_gets_thirty_posts_in_a_minute(bare: LineStage) -> None:
    await bare.hand.say("你好", userid="fang", chat_id=WECOM_GROUP)
    await bare.settled()
    bare.clock.advance(timedelta(minutes=2))
    before, store = len(bare.wecom.deliveries), bare.app[MACHINE].store
    to = ToChat("wecom", WECOM_GROUP, True)
    notices = [Notice(f"n{n}", to, f"第{n}条", "test", urgency=Urgency.HAZARD) for n in range(35)]
    async with store.deciding(bare.clock.now()) as view:
        view.apply(Effects(notices=notices))

    async def arrived(count: int) -> None:
        bare.app[MACHINE].outbox.wake()

        async def are_there() -> bool:
            return len(bare.wecom.deliveries) - before >= count

        await until(are_there)

    await arrived(30)
    bare.clock.advance(timedelta(seconds=60))
    await arrived(35)
    assert [post.text for post in bare.wecom.deliveries[before:]] == [f"第{n}条" for n in range(35)]
    assert {post.at for post in bare.wecom.deliveries[before : before + 30]} == {
        bare.clock.now() - timedelta(minutes=1)
    }


# outages


async def test_a_takeover_is_told_and_the_operator_brings_the_line_back(stage: LineStage) -> None:
    await kicked(stage)
    text = await told(stage, OPS_GROUP, "顶替")
    assert text == (
        "企业微信长连接09:00断开，被另一实例顶替。本实例已停止重连以免互踢。"
        "请停掉另一实例后执行 luzhang reconnect。影响：09:00起未收到群消息。"
    )
    assert stage.app[OPERATIONS].troubles() == ("line:wecom",)
    assert stage.wecom.gateway.subscriptions == 1
    stage.clock.advance(timedelta(minutes=7))
    async with stage.app[MACHINE].store.deciding(stage.clock.now()) as view:
        view.apply(Effects(settings={ask_row("wecom"): "once"}))
    await stage.live()
    assert await told(stage, OPS_GROUP, "已恢复") in (
        "企业微信长连接09:07已恢复。",
        "企业微信长连接09:07已恢复，补发提醒1条。",
    )
    assert await told(stage, WECOM_GROUP, "掉线") == "机器人 09:00–09:07 掉线，此间上报请重发。"
    assert stage.app[OPERATIONS].troubles() == ()


async def test_the_command_waits_for_the_outcome(
    stage: LineStage, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.commands.reconnect.SystemClock", lambda: stage.clock)
    machine = stage.app[MACHINE]
    config = load_config(Path(str(machine.store.database.file)).parent.parent / "config.toml")
    session = Session(config, machine.rules, machine.store, stage.clock.now())
    await machine.store.beat(stage.clock.now())

    async def noted(state: str) -> None:
        async def is_noted() -> bool:
            async with machine.store.reading(stage.clock.now()) as view:
                return bool((await view.setting("line:wecom") or {}).get("state") == state)

        await until(is_noted)

    await noted("live")
    assert await reconnect(session) == 0
    assert capsys.readouterr().out == "长连接正常，无需恢复。\n"
    await kicked(stage)
    await noted("kicked")
    assert await reconnect(session) == 0
    assert capsys.readouterr().out == "已重新连接企业微信长连接。\n"
    stage.wecom.rules.arm(Fault("reset", "/ws/aibot_subscribe", count=0))
    await kicked(stage)
    await noted("kicked")
    assert await reconnect(session, glances=1) == 1
    assert "还没有连上" in capsys.readouterr().out


async def test_the_command_says_when_no_service_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = load_config(write_line_config(tmp_path, "http://127.0.0.1:9", "http://127.0.0.1:9"))
    rules = rules_of(config)
    store = await open_store(config, rules)
    try:
        assert await reconnect(Session(config, rules, store, MONDAY_MORNING)) == 1
    finally:
        await store.close()
    assert capsys.readouterr().out == "服务没有在运行。请启动 luzhang serve，启动时会自动连接。\n"


async def test_without_a_long_connection_there_is_nothing_to_reconnect(tmp_path: Path) -> None:
    config = load_config(write_config(tmp_path))
    with pytest.raises(UsageError, match="没有长连接"):
        await reconnect(Session(config, None, None, MONDAY_MORNING))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("seconds", "notices"),
    [
        pytest.param(10, [], id="a short gap"),
        pytest.param(420, ["机器人 09:00–09:07 掉线，此间上报请重发。"], id="seven minutes"),
    ],
)
async def test_work_groups_hear_once_of_a_gap(stage: LineStage, seconds: int, notices: list[str]) -> None:
    earlier = stage.line.connection_id
    stage.wecom.rules.arm(Fault("reset", "/ws/aibot_subscribe", count=0))  # down until we say so
    stage.wecom.gateway.drop()

    async def is_down() -> bool:
        return stage.line.state is LineState.DOWN

    await until(is_down)
    stage.clock.advance(timedelta(seconds=seconds))
    stage.wecom.rules.disarm()
    await reconnected(stage, earlier)

    async def is_noted() -> bool:
        async with stage.app[MACHINE].store.reading(stage.clock.now()) as view:
            return bool((await view.setting("line:wecom"))["since"] == stage.clock.now().isoformat())

    await until(is_noted)
    stage.clock.advance(timedelta(minutes=10))  # posts leave some minutes later
    stage.app[MACHINE].outbox.wake()
    await quiet(stage.app[MACHINE].store, stage.clock)
    assert heard(stage, WECOM_GROUP) == notices


async def test_wrong_credentials_are_told_once(tmp_path: Path) -> None:
    clock = MovedClock(MONDAY_MORNING)
    async with fakes(clock) as (wecom, url, _dingtalk, dingtalk_url):
        path = write_line_config(tmp_path, url, dingtalk_url)
        path.write_text(path.read_text(encoding="utf-8").replace("sample-bot-secret", "other-secret"), encoding="utf-8")
        async with serving(load_config(path), clock) as (app, _):
            stage = LineStage(app, clock, wecom, wecom.live_driver(url))
            text = await told(stage, OPS_GROUP, "BotID或Secret有误")
            assert "已连续5次被拒，停止重连" in text
            assert wecom.rules.count("/ws/aibot_subscribe") == 5


async def test_a_line_that_stays_away_is_told_after_a_minute(tmp_path: Path) -> None:
    clock = MovedClock(MONDAY_MORNING)
    async with fakes(clock) as (wecom, url, _dingtalk, dingtalk_url):
        wecom.rules.arm(Fault("status", "/ws", count=0, status=502))
        async with serving(load_config(write_line_config(tmp_path, url, dingtalk_url)), clock) as (app, _):
            stage = LineStage(app, clock, wecom, wecom.live_driver(url))
            await settle_roster(app[MACHINE].store, clock)
            clock.advance(timedelta(minutes=2))
            text = await told(stage, OPS_GROUP, "未连通")
            assert text == "企业微信长连接09:00起未连通，正在自动重连。影响：09:00起未收到群消息。"


async def test_a_message_whose_decision_fails_leaves_no_trace_of_its_chat(
    bare: LineStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.inbox.decide", lambda *_: 1 / 0)
    await bare.hand.say("你好", userid="zhao")
    await bare.settled()
    assert await bare.app[MACHINE].store.spoken.places("wecom") == set()


async def test_a_burst_is_read_in_order_though_few_may_wait(bare: LineStage, monkeypatch: pytest.MonkeyPatch) -> None:
    arrivals = bare.wecom_line._arrivals
    monkeypatch.setattr(arrivals, "_most", 3)
    monkeypatch.setattr(arrivals, "_at_once", 3)
    bodies = [bare.hand.message(f"帮助{n}", userid=f"new{n}") for n in range(8)]
    for body in bodies:
        await bare.wecom.gateway.deliver(body)
    database = bare.app[MACHINE].store.database

    async def are_stored() -> bool:
        async with database.reading() as connection:
            found = list((await connection.exec_driver_sql("SELECT message_id FROM inbox ORDER BY id")).scalars())
        return found == [body["msgid"] for body in bodies]

    await until(are_stored)
