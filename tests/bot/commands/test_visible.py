"""Whom a platform does not reach: named with the mend, before anything is sent and after it was not delivered."""

from datetime import timedelta

import pytest
from aiohttp.test_utils import TestServer

from bot.commands import health
from bot.commands.signs import Mark
from bot.commands.visible import unseen
from bot.config import Config
from bot.fakes.wecom import SAMPLE_APP, FakeWecom
from bot.metrics import Metrics
from bot.operations import Operations, Watched
from bot.platforms.dingtalk.errors import lost_person
from domain.messages import Outgoing, PersonLost, PhotoRef, Receipt, Target, Undeliverable, Way
from tests.bot.commands.files import session_of
from tests.house import House

WAY = Way("wecom.app:1000002:x", "private", 30, timedelta(minutes=1))


async def with_accounts(house: House) -> None:
    for person in ("wang", "chen", "zhao"):
        await house.store.rosters.bind_account(person, "wecom", f"wx_{person}", house.clock.now())


async def doctor_says(house: House, fake: FakeWecom) -> list[tuple[Mark, str]]:
    async with TestServer(fake.app()) as server:
        app = {name: getattr(SAMPLE_APP, name) for name in ("corp_id", "agent_id", "secret", "token", "aes_key")}
        wecom = {"api_base": str(server.make_url("")).rstrip("/"), "app": app}
        house.config = Config.model_validate({**house.config.model_dump(), "wecom": wecom})
        return [(sign.mark, sign.text) for sign in await unseen(session_of(house))]


async def test_a_range_of_names_alone_says_who_is_missing(house: House) -> None:
    await with_accounts(house)
    fake = FakeWecom(members=frozenset({"wx_wang", "WX_CHEN"}))
    ((mark, text),) = await doctor_says(house, fake)
    assert mark is Mark.WARN
    assert text.startswith(
        "赵强不在企业微信应用可见范围内：收不到应用消息，请到管理后台→应用管理→自建应用→可见范围添加"
    )
    assert fake.rules.count("/cgi-bin/user/get") == 0


async def test_a_range_of_departments_is_asked_singly(house: House) -> None:
    await with_accounts(house)
    fake = FakeWecom()
    assert await doctor_says(house, fake) == [(Mark.WELL, "企业微信应用可见范围：3名任职人员都在")]
    fake.contacts.gone = frozenset({"wx_zhao"})
    ((mark, text),) = await doctor_says(house, fake)
    assert (mark, text.startswith("赵强的企业微信账号不存在：请核对是否离职")) == (Mark.WARN, True)


# what the service noted


class Deaf:
    """A client that reaches nobody as long as it has a reason."""

    def __init__(self, why: Undeliverable | None) -> None:
        self.why = why
        self.capabilities = None

    def ways(self, outgoing: Outgoing, now: object) -> tuple[Way, ...]:
        return (WAY,)

    async def send(self, outgoing: Outgoing, way: Way) -> Receipt:
        if self.why is not None:
            raise self.why
        return Receipt()

    async def fetch_photo(self, ref: PhotoRef) -> bytes:
        return b""


@pytest.fixture
async def operations(house: House) -> Operations:
    found = Operations()
    await found.start(house.machine)
    return found


async def send(operations: Operations, why: Undeliverable | None, userid: str = "wx_zhao") -> None:
    watched = Watched(Deaf(why), operations, Metrics())  # type: ignore[arg-type]
    try:
        await watched.send(Outgoing("k", Target("wecom", userid=userid), "您好"), WAY)
    except Undeliverable:
        return


async def test_who_was_not_reached_is_named_until_a_post_arrives(house: House, operations: Operations) -> None:
    await with_accounts(house)
    gone = PersonLost("收件人没有接口许可，请到管理后台→应用管理→接口许可分配")
    await send(operations, gone)
    await send(operations, gone, "WX_WANG")
    await send(operations, gone, "wx_reporter")  # nobody of the roster
    await send(operations, Undeliverable("消息过长"), "wx_chen")  # the message's fault, not the person's
    (sign,) = await health.unreached(session_of(house))
    assert sign.mark is Mark.WARN
    assert sign.text.startswith(
        "企业微信送不到2人：赵强（06-01 09:00起）、王建国（06-01 09:00起）。收件人没有接口许可，请到管理后台→应用管理→接口许可分配。"
    )
    again = Operations()  # after a restart
    await again.start(house.machine)
    await send(again, None)
    (sign,) = await health.unreached(session_of(house))
    assert "赵强" not in sign.text
    await send(again, None, "wx_wang")
    assert await health.unreached(session_of(house)) == []


@pytest.mark.parametrize(
    ("listed", "error"),
    [
        pytest.param("invalidStaffIdList", "版本管理与发布→可使用范围", id="outside the range"),
        pytest.param("filteredStaffIdList", "取消屏蔽", id="blocked"),
    ],
)
def test_dingtalks_lists_tell_whom_it_did_not_reach(listed: str, error: str) -> None:
    lost = lost_person({listed: ["u1"]}, "u1")
    assert isinstance(lost, PersonLost)
    assert error in lost.text
