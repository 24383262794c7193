"""A ranking through a group's webhook: a real table, or the words of ever where that form is not taken."""

from collections.abc import AsyncIterator

import pytest

from bot.fakes.rules import Fault
from domain.messages import Undeliverable
from tests.bot.platforms.wecom.stage import Stage, staged, to_group

RANKING = "各位领导：通报如下。\n一、辖区排名：1.东关街道95.60分（红旗）；2.新城|街道94.25分；3.河西镇81.40分（黑旗）。\n请阅示。"
SEND = "/cgi-bin/webhook/send"


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with staged() as stage:
        yield stage


async def test_a_ranking_is_a_table(stage: Stage) -> None:
    await stage.post(to_group(RANKING))
    (post,) = stage.fake.deliveries
    assert post.raw == (
        "各位领导：通报如下。\n\n一、辖区排名：\n\n"
        "|名次|名称|得分|评定|\n|---|---|---|---|\n"
        "|1|东关街道|95.60|红旗|\n|2|新城｜街道|94.25||\n|3|河西镇|81.40|黑旗|\n\n请阅示。"
    )


async def test_where_somebody_is_called_it_stays_words(stage: Stage) -> None:
    await stage.post(to_group(RANKING, mentions=("lisi",)))
    (post,) = stage.fake.deliveries
    assert (post.mentions, post.raw) == (("lisi",), RANKING)


@pytest.mark.parametrize("code", [40008, 40058, 45002])
async def test_a_refused_table_goes_as_words_once_and_says_why(stage: Stage, code: int) -> None:
    stage.fake.rules.arm(Fault("errcode", SEND, errcode=code))
    outgoing = to_group(RANKING)
    receipt = await stage.client.send(outgoing, stage.client.ways(outgoing, stage.clock())[0])
    assert isinstance(receipt.complaint, Undeliverable)
    assert [post.raw for post in stage.fake.deliveries] == [RANKING]


async def test_a_ranking_too_long_for_the_form_stays_words(stage: Stage) -> None:
    places = "；".join(f"{n}.{'长' * 40}{n}镇95.60分" for n in range(1, 40))
    await stage.post(to_group(f"一、辖区排名：{places}。"))
    assert "|名次|" not in stage.fake.deliveries[0].raw
