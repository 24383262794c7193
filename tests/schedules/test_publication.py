"""The month's end: draft, objections, publication; held, released, blocked, signed; made up once after downtime."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from bot.assembly import rules_of
from domain.casework import publication, votes
from domain.casework.correcting import Wanted, worked_out
from domain.casework.work import Work
from domain.errors import WrongState
from domain.finding import Finding
from domain.imports.shops import parse_shops
from domain.month import Month
from schedules.tick import tick
from tests.house import LEADERS, OFFICE_GROUP, House, open_house
from tests.schedules.stage import down_until, lines, restart, times


@pytest.fixture
async def june(tmp_path: Path) -> AsyncIterator[House]:
    """The last afternoon of June, with a finding in June; two persons have approved publication by the clock."""
    async with open_house(tmp_path, datetime(2026, 6, 30, 8, 0, tzinfo=UTC)) as house:
        found = Finding(
            "f1", datetime(2026, 6, 15, 2, 0, tzinfo=UTC), "XC001", "luan.stall", Decimal("2.50"), "孙督查", "", False
        )
        await house.store.findings.add([found], house.clock.now())
        for person in ("吴主任", "冯副主任"):
            await house.say(person, "授权自动通报")
        yield house


async def test_drafted_on_the_first_and_published_after_three_working_days(june: House) -> None:
    await june.until(june.local(1, 8, 11, month=7))
    assert lines(june, "草稿") == []
    await june.until(june.local(1, 9, month=7))
    (draft,) = lines(june, "【代拟稿】2026年6月份考评草稿已生成", OFFICE_GROUP)
    assert draft.at[:11] == "07-01 08:12"
    assert "申诉期至7月6日（含），7月7日09:12自动通报" in draft.text
    await june.until(june.local(7, 9, 11, month=7))
    assert lines(june, who=LEADERS) == []
    await june.until(june.local(8, 12, month=7))
    (post,) = lines(june, who=LEADERS)
    assert post.at[:11] == "07-07 09:12"
    assert "补发" not in post.text
    assert "1.河西镇100.00分" in post.text
    period = await june.store.ledger.events("period:2026-06")
    assert [one.event.kind for one in period] == ["drafted", "published"]


async def test_held_and_released_by_chat(june: House) -> None:
    await june.until(june.local(2, 10, month=7))
    await june.say("吴主任", "暂缓通报 数据核对中")
    await june.until(june.local(9, 12, month=7))
    assert lines(june, who=LEADERS) == []
    told = lines(june, "已暂缓：数据核对中", OFFICE_GROUP)
    assert [line.at[:11] for line in told] == ["07-07 09:12", "07-08 09:12", "07-09 09:12"]
    await june.say("冯副主任", "恢复通报")
    await june.until(june.local(13, 12, month=7))
    assert times(june, "现将6月份考评结果通报如下", LEADERS) == ["07-10 09:12"]


async def test_without_approval_the_office_is_told_daily(tmp_path: Path) -> None:
    async with open_house(tmp_path, datetime(2026, 7, 1, 0, 0, tzinfo=UTC)) as house:
        await house.until(house.local(8, 12, month=7))
        assert lines(house, who=LEADERS) == []
        told = lines(house, "今日未通报：没有两人登记的常设授权", OFFICE_GROUP)
        assert [line.at[:5] for line in told] == ["07-07", "07-08"]
        await house.say("吴主任", "授权自动通报")
        await house.say("吴主任", "授权自动通报")
        await house.until(house.local(9, 12, month=7))
        assert lines(house, who=LEADERS) == []
        await house.say("冯副主任", "授权自动通报")
        await house.until(house.local(10, 12, month=7))
        assert times(house, "6月份考评结果", LEADERS) == ["07-10 09:12"]


@pytest.fixture
async def signed(tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(tmp_path, datetime(2026, 7, 1, 0, 0, tzinfo=UTC)) as house:
        assessment = house.config.assessment.model_copy(update={"publication": "signed"})
        house.config = house.config.model_copy(update={"assessment": assessment})
        house.machine.rules = rules_of(house.config)
        await restart(house)
        yield house


async def test_signed_months_wait_for_a_name(signed: House) -> None:
    await signed.until(signed.local(2, 12, month=7))
    answer = await signed.say("吴主任", "定稿 6月")
    assert "申诉期尚未结束" in answer[0]
    await signed.until(signed.local(7, 12, month=7))
    assert lines(signed, who=LEADERS) == []
    assert times(signed, "等待定稿", OFFICE_GROUP) == ["07-07 09:12"]
    await signed.say("吴主任", "定稿 6月")
    await signed.until(signed.local(8, 12, month=7))
    assert times(signed, "6月份考评结果", LEADERS) == ["07-08 09:12"]


async def test_a_signed_month_that_is_held_goes_out_when_it_is_released(signed: House) -> None:
    await signed.until(signed.local(7, 8, month=7))
    await signed.say("吴主任", "定稿 6月")
    await signed.say("吴主任", "暂缓通报 数据核对中")
    await signed.until(signed.local(8, 12, month=7))
    await signed.say("吴主任", "恢复通报")
    await signed.until(signed.local(9, 12, month=7))
    assert times(signed, "6月份考评结果", LEADERS) == ["07-09 09:12"]


async def test_figures_changed_after_the_signature_are_not_published_by_themselves(signed: House) -> None:
    await signed.until(signed.local(7, 8, month=7))
    await signed.say("吴主任", "定稿 6月")
    late = Finding("f2", datetime(2026, 6, 20, tzinfo=UTC), "XC002", "luan.stall", Decimal(5), "孙督查", "", False)
    await signed.store.findings.add([late], signed.clock.now())
    await signed.until(signed.local(8, 12, month=7))
    assert lines(signed, who=LEADERS) == []
    assert len(lines(signed, "定稿后数据有变化", OFFICE_GROUP)) == 2


async def checked_shops(house: House) -> None:
    """Two persons check June's shops on 2 July: their objection time runs until 8 July."""
    columns = ("period", "segment_id", "shop", "merchant", "rater", "capacity", "score")
    row = (2, dict(zip(columns, ("2026-06", "XC001", "张记", "张记老板", "陈涛", "二级路长", "90"), strict=True)))
    roster = await house.store.rosters.load()
    given = parse_shops("s.csv", [row], roster=roster, frames=house.rules.frame, frozen=())
    async with house.store.deciding(house.clock.now()) as view:
        view.apply(await votes.take_shops(Work(view, house.rules), given, "salt"))
    for person in ("吴主任", "冯副主任"):
        await house.say(person, "核实评比 6月")


async def published_sequences(house: House) -> set[str]:
    async with house.store.reading(house.clock.now()) as view:
        figures = await view.setting("figures:2026-06:1")
    return {listed["sequence"] for listed in figures["sequences"]}


async def test_shops_that_are_not_settled_when_a_month_is_signed_stay_out_of_it(signed: House) -> None:
    await signed.until(signed.local(2, 10, month=7))
    await checked_shops(signed)
    await signed.until(signed.local(7, 10, month=7))
    assert await signed.say("吴主任", "定稿 6月") == [
        "2026年6月门店评比异议期至7月7日（含），期满后定稿即计入本期；不等门店、现在定稿请回“定稿 6月 不含门店”。"
    ]
    assert await signed.say("吴主任", "定稿 6月 不含门店") == [
        "2026年6月考评已由吴主任定稿，将于明日09:12通报。此后有误须发更正通报。"
    ]
    await signed.until(signed.local(8, 12, month=7))
    assert times(signed, "6月份考评结果", LEADERS) == ["07-08 09:12"]
    assert lines(signed, "定稿后数据有变化") == []
    assert "shop" not in await published_sequences(signed)
    async with signed.store.reading(signed.clock.now()) as view:
        with pytest.raises(WrongState, match="没有变化"):  # nor does a correction bring them in unasked
            await worked_out(Work(view, signed.rules), Month(2026, 6), ("吴主任", "冯副主任"), "核对", Wanted())


async def test_a_month_signed_after_the_shops_objection_time_names_them(signed: House) -> None:
    await signed.until(signed.local(2, 10, month=7))
    await checked_shops(signed)
    await signed.until(signed.local(8, 8, month=7))
    assert "定稿" in (await signed.say("吴主任", "定稿 6月"))[0]
    assert await signed.say("吴主任", "核实评比 6月") == ["2026年6月考评已定稿，门店评比不再计入。"]
    await signed.until(signed.local(8, 12, month=7))
    assert "shop" in await published_sequences(signed)


@pytest.mark.parametrize(
    ("down", "back", "published"),
    [
        pytest.param((7, 7, 9), (7, 7, 10), "07-07 10:00", id="an hour"),
        pytest.param((7, 6, 12), (7, 9, 14), "07-09 14:00", id="three days"),
        pytest.param((7, 6, 12), (7, 8, 23), "07-09 08:3", id="back at night"),
        pytest.param((7, 3, 12), (7, 28, 10), "07-28 10:00", id="25 days"),
        pytest.param((7, 1, 7), (7, 9, 10), "07-15 09:12", id="the draft was missed: the objections begin anew"),
    ],
)
async def test_a_missed_announcement_is_made_up_once_and_marked(
    june: House, down: tuple[int, int, int], back: tuple[int, int, int], published: str
) -> None:
    await june.until(june.local(down[1], down[2], month=down[0]))
    await restart(june, june.local(back[1], back[2], month=back[0]))
    await restart(june)
    await june.until(june.local(31, 12, month=7))
    (post,) = lines(june, "考评结果通报如下", LEADERS)
    assert post.at.startswith(published)
    assert post.text.startswith("【补发】原定2026年7月7日通报，因系统停机未能按时发出，现予补发。")


async def test_forty_days_down_over_two_month_ends_come_in_order_a_day_apart(june: House) -> None:
    await june.until(june.local(30, 17))
    await restart(june, june.local(9, 17, month=8))
    await june.until(june.local(18, 12, month=8))
    posts = lines(june, "考评结果通报如下", LEADERS)
    assert [line.at[:8] for line in posts] == ["08-13 09", "08-14 08"]
    assert "2026年6月份" in posts[0].text
    assert "7月份" in posts[1].text
    assert all(line.text.startswith("【补发】") for line in posts)


async def test_two_loops_publish_once(june: House) -> None:
    await june.until(june.local(7, 9, 11, month=7))
    june.clock.set(june.local(7, 9, 12, month=7))
    now = june.clock.now()
    await asyncio.gather(*(tick(june.store, june.rules, now) for _ in range(4)))
    await june.machine.settle()
    assert len(lines(june, "考评结果通报如下", LEADERS)) == 1


async def test_a_killed_run_is_run_again_and_posts_once(june: House, monkeypatch: pytest.MonkeyPatch) -> None:
    await june.until(june.local(7, 9, 11, month=7))
    june.clock.set(june.local(7, 9, 12, month=7))

    async def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("store.store.flush", killed)
        with pytest.raises(KeyboardInterrupt):
            await tick(june.store, june.rules, june.clock.now())
    await restart(june)
    await restart(june)
    assert len(lines(june, "考评结果通报如下", LEADERS)) == 1


async def test_a_month_published_by_hand_is_not_drafted_again_and_holds_up_nothing(june: House) -> None:
    from domain.casework.work import Work

    await june.until(june.local(1, 7, month=7))
    async with june.store.deciding(june.clock.now()) as view:
        view.apply(await publication.publish_now(Work(view, june.rules), Month(2026, 6), ["吴主任", "冯副主任"]))
    await june.until(june.local(10, 12, month=8))
    assert [line.at[:5] for line in lines(june, "考评结果通报如下", LEADERS)] == ["07-01", "08-06"]


async def test_an_early_wake_changes_nothing(june: House) -> None:
    await june.until(june.local(3, 12, month=7))
    await down_until(june, june.local(3, 12, month=7) + timedelta(minutes=5))
    assert lines(june, who=LEADERS) == []
