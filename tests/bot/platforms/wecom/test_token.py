import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.fakes.rules import Fault
from bot.fakes.wecom import SAMPLE_APP
from bot.platforms.wecom.token import TokenKeeper
from domain.messages import Misconfigured, PlatformError, PlatformUnreachable
from tests.bot.platforms.wecom.stage import Stage, staged

GETTOKEN = "/cgi-bin/gettoken"


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with staged() as stage:
        yield stage


def keeper(stage: Stage, secret: str = SAMPLE_APP.secret) -> TokenKeeper:
    return TokenKeeper(stage.web, stage.base, replace(SAMPLE_APP, secret=secret), stage.clock)


async def test_all_who_wait_share_one_call(stage: Stage) -> None:
    tokens = keeper(stage)
    assert len(set(await asyncio.gather(*(tokens.get() for _ in range(20))))) == 1
    await tokens.get()
    assert stage.fake.rules.count(GETTOKEN) == 1


async def test_it_is_renewed_before_its_end(stage: Stage) -> None:
    tokens = keeper(stage)
    await tokens.get()
    stage.clock.advance(7200 - 301)
    await tokens.get()
    assert stage.fake.rules.count(GETTOKEN) == 1
    stage.clock.advance(1)
    await tokens.get()
    assert stage.fake.rules.count(GETTOKEN) == 2


async def test_a_dropped_token_is_asked_for_again_but_a_renewed_one_stays(stage: Stage) -> None:
    tokens = keeper(stage)
    old = await tokens.get()
    stage.fake.state.kill_token()
    tokens.drop(old)
    new = await tokens.get()
    assert new != old
    tokens.drop(old)
    assert await tokens.get() == new
    assert stage.fake.rules.count(GETTOKEN) == 2


async def test_a_failure_is_shared_and_then_tried_again(stage: Stage) -> None:
    tokens = keeper(stage)
    stage.fake.rules.arm(Fault("errcode", GETTOKEN, errcode=-1))
    outcomes = await asyncio.gather(*(tokens.get() for _ in range(10)), return_exceptions=True)
    assert {type(outcome) for outcome in outcomes} == {PlatformUnreachable}
    assert await tokens.get()
    assert stage.fake.rules.count(GETTOKEN) == 2


@pytest.mark.parametrize("kind", ["html", "empty", "wrong_type", "reset", "huge"])
async def test_no_usable_answer_is_no_token(stage: Stage, kind: str) -> None:
    stage.fake.rules.arm(Fault(kind, GETTOKEN, count=0))
    with pytest.raises(PlatformUnreachable):
        await keeper(stage).get()


async def test_an_answer_without_code_is_no_lost_post(stage: Stage) -> None:
    stage.fake.rules.arm(Fault("errcode", GETTOKEN, code="x"))
    with pytest.raises(PlatformUnreachable):
        await keeper(stage).get()


async def test_a_wrong_secret_is_not_tried_again_for_a_minute(stage: Stage) -> None:
    tokens = keeper(stage, secret="canary-secret-0451")
    for _ in range(5):
        with pytest.raises(Misconfigured, match="Secret") as caught:
            await tokens.get()
        assert "canary" not in caught.value.text
    assert stage.fake.rules.count(GETTOKEN) == 1
    stage.clock.advance(61)
    with pytest.raises(PlatformError):
        await tokens.get()
    assert stage.fake.rules.count(GETTOKEN) == 2


async def test_a_cancelled_asker_takes_nothing_from_the_others(stage: Stage) -> None:
    stage.fake.rules.arm(Fault("delay", GETTOKEN, delay_s=0.05))
    tokens = keeper(stage)
    impatient, patient = asyncio.create_task(tokens.get()), asyncio.create_task(tokens.get())
    await asyncio.sleep(0)
    impatient.cancel()
    assert await patient
    assert stage.clock.now + timedelta(0) == stage.clock()
