"""Whatever people type, nothing breaks, nothing is parked, and nobody does what is not theirs to do."""

import json
import logging
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.platforms.simulated.platform import CHANNEL, PLATFORM
from domain.case import State
from handlers.table import COMMANDS
from tests.house import GROUP, LEADERS, PEOPLE, SEAT_GROUP, House, open_house

pytestmark = pytest.mark.fuzz

WHO = st.sampled_from([*(name for name, _ in PEOPLE.values()), "路人", "刘芳", "张三"])
WHERE = st.sampled_from(["", "", GROUP, SEAT_GROUP, LEADERS, "没登记的群"])
PHOTOS = st.lists(st.sampled_from(["a", "b", "c", "d"]), max_size=2, unique=True)
WORDS = [word for command in COMMANDS for word in command.words.words]
PIECES = [
    *WORDS, "0001", "0002", "2026-0003", "#4", "0", "99999999", "2025-0001", "1", "2", "3", "9", "１", "②",
    "人民路百货大楼门口", "第一小学", "滨河公园", "河西市场", "垃圾未清", "井盖缺失", "烧烤店占道", "明天12点", "6月31日",
    "2月29日", "6月3日-40日", "24点", "周敏", "赵强代", "XC001", "XC999", "突出", "重大", "原因", "代张三报：", "群众举报",
    "@路长助手 ", "@所有人", "<@all>", "<@wang>", "[点我](http://x.cn)", "**粗**", "`code`", "<font color='red'>", "\n", "  ",
    "\u202e", "\u200b", "\x00", "\x1b[31m", "\ufffe", "🙏", "【2026-0001】", "，", "；", "。", "/", "-", "'; DROP TABLE cases;--",
    "{}", "%s", "{case.id}", "\\", "None",
]  # fmt: skip
TEXTS = st.one_of(
    st.lists(st.sampled_from(PIECES), max_size=7).map("".join),
    st.lists(st.sampled_from(PIECES), max_size=7).map(" ".join),
    st.text(max_size=80),
    st.text(alphabet=st.characters(categories=("Cc", "Cf", "Zs", "So", "Mn")), max_size=40),
    st.sampled_from(["垃圾", "1 ", "@赵强 ", " ", "人民路 ", "\u202e<@all>"]).map(lambda seed: (seed * 5000)[:5000]),
)
SAID = st.tuples(WHO, TEXTS, WHERE, PHOTOS, st.sampled_from(["", "", "【2026-0001】已交办｜垃圾", "随便"]))
TRACES = ("Traceback", "Error", "  File ", "None", "object at 0x")


def problems_in(house: House, caplog: pytest.LogCaptureFixture) -> list[str]:
    logged = [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR]
    said = [post.outgoing.text for post in house.platform.posted]
    own = [text for text in said if any(trace in _without_quotes(text) for trace in TRACES)]
    return [*logged, *own]


def _without_quotes(text: str) -> str:
    """A post's text without what people typed: reasons, places and names come back in ours."""
    for piece in PIECES:
        text = text.replace(piece, "") if len(piece) > 3 else text
    return text


@settings(max_examples=6, suppress_health_check=list(HealthCheck))
@given(talk=st.lists(SAID, min_size=8, max_size=14))
async def test_nothing_breaks_whatever_is_said(
    talk: list[tuple[str, str, str, list[str], str]],
    tmp_path_factory: pytest.TempPathFactory,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.clear()
    async with open_house(tmp_path_factory.mktemp("fuzz")) as house:
        await house.say("刘芳", "人民路百货大楼门口垃圾未清", photo="first", group=GROUP)
        for who, text, group, photos, quote in talk:
            await house.say(who, text, photo=photos, group=group, quote=quote)
            house.clock.advance(timedelta(seconds=20))
        await house.advance(hours=3)
        assert problems_in(house, caplog) == []
        assert await house.store.inbox.waiting(10) == []
        assert (await house.store.inbox.depth()) == 0


@pytest.mark.parametrize(
    "text",
    [
        pytest.param('"\\ud800"', id="half a surrogate pair"),
        pytest.param('"\\u0000\\u0001 垃圾\\u001b[2J"', id="control characters"),
        pytest.param('"人民路百货大楼\\udfff垃圾未清"', id="a surrogate in a report"),
    ],
)
async def test_text_that_is_no_valid_unicode(house: House, caplog: pytest.LogCaptureFixture, text: str) -> None:
    payload = (
        '{"message_id": "s1", "chat_id": "刘芳", "is_group": false, "sender": "刘芳", "text": ' + text + ","
        ' "photos": [], "quote": "", "quote_photos": [], "choice": "", "sender_name": ""}'
    )
    json.loads(payload)
    await house.machine.receive(CHANNEL, PLATFORM, "s1", payload)
    await house.machine.settle()
    assert problems_in(house, caplog) == []


CLAIMS = [
    "我是王段长，已处理 0001",
    "我是王建国路段长，0001 已处理",
    "王建国：已处理 0001",
    "【系统】0001 已办结",
    "0001 通过 ——吴主任",
    "通过 0001",
    "作废 0001 误报",
    "改派 0001 路人",
    "批准延期 0001",
    "确认无图 0001",
    "不予立案 0001 原因",
    "收到 0001",
    "<@wang> 收到 0001",
    "@王建国 已处理 0001",
    "同意挂账 0001",
    "接受 0001",
    "定位 0001 XC003",
    "提级 0001 重大 原因",
    "恢复 0001",
    "并入 0001 0002",
    "改类 0001 井盖箱盖缺失破损",
    "授权自动通报",
    "定稿 5月",
]


@settings(max_examples=6, suppress_health_check=list(HealthCheck))
@given(claims=st.lists(st.tuples(st.sampled_from(CLAIMS), WHERE, PHOTOS, st.text(max_size=5)), min_size=4, max_size=8))
async def test_a_claim_in_the_text_changes_nothing(
    claims: list[tuple[str, str, list[str], str]],
    tmp_path_factory: pytest.TempPathFactory,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.clear()
    async with open_house(tmp_path_factory.mktemp("claims")) as house:
        await house.say("刘芳", "人民路百货大楼门口垃圾未清", photo="first", group=GROUP)
        before = await house.case(1)
        for claim, group, photos, tail in claims:
            await house.say("路人", f"{claim}{tail}", photo=photos, group=group)
        after = await house.case(1)
        assert problems_in(house, caplog) == []
    assert (after.state, after.handler, after.due, after.category) == (
        State.ASSIGNED,
        before.handler,
        before.due,
        before.category,
    )
    assert not [photo for photo in after.photos if photo.role == "after"]
