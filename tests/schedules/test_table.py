"""Every row of JOBS and TIMERS keeps the contract: run twice = no second effect, and downtime is made up as it says."""

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot.assembly import rules_of
from domain.casework import verifying
from domain.casework.work import Work
from domain.effects import Effects, Timer
from domain.rules import Rules
from schedules.table import CatchUp, Job, jobs_of
from schedules.tick import JOB, tick
from schedules.timers import TIMERS
from store.schema import ledger, outbox
from tests.house import GROUP, House, config_in
from tests.schedules.months import black_months
from tests.schedules.stage import ALONE, HOLE, STALL, down_until, report

RULES = rules_of(config_in(Path()))
JOBS = jobs_of(RULES)
BEFORE = datetime(2026, 6, 1, 0, 0, tzinfo=UTC)


def rows_of(jobs: tuple[Job, ...]) -> list[Any]:
    return [pytest.param(job, id=job.id) for job in jobs]


async def effects(house: House) -> tuple[set[str], int]:
    """Return everything that leaves a trace: keys of posts, and the number of ledger entries."""
    async with house.store.database.reading() as connection:
        keys = set((await connection.execute(select(outbox.c.key))).scalars())
        return keys, len((await connection.execute(select(ledger.c.id))).all())


async def again(house: House, timer: Timer, now: datetime) -> None:
    """Run a timer a second time, as a second process would whose row had not gone."""
    async with house.store.deciding(now) as view:
        view.apply(Effects(timers=[timer]))
    await tick(house.store, house.rules, now)


def test_ids_are_unique_and_name_functions() -> None:
    assert len({job.id for job in JOBS}) == len(JOBS)
    assert set(TIMERS) == {
        "gather", "photos", "locate", "duplicate", "ladder", "verify", "shelve", "publish", "settle", "walk", "appeal",
        "done",
    }  # fmt: skip


@pytest.mark.parametrize("job", rows_of(JOBS))
def test_a_job_has_a_next_and_a_last_time(job: Job) -> None:
    at = job.next_after(BEFORE, RULES)
    assert at > BEFORE
    assert job.last_at(at, RULES) == at
    assert job.last_at(at - timedelta(seconds=1), RULES) < at
    assert job.next_after(at, RULES) > at
    assert RULES.local(at).time() in job.at


@pytest.mark.parametrize("job", rows_of(JOBS))
def test_jobs_that_disturb_people_rest_on_holidays(job: Job) -> None:
    holiday = date(2026, 6, 19)
    assert job.on(holiday, RULES) is (job.id in {"ledger_head", "summary"})


@pytest.mark.parametrize("job", rows_of(JOBS))
async def test_a_job_run_twice_has_no_second_effect(house: House, job: Job) -> None:
    await filled(house)
    at = job.next_after(house.clock.now(), house.rules)
    await down_until(house, at)
    before = await effects(house)
    await again(house, Timer(f"{JOB}:{job.id}", JOB, job.id, at), house.clock.now())
    assert await effects(house) == before
    (kept,) = [timer for timer in await house.store.timers.of_kind(JOB) if timer.subject == job.id]
    assert kept.due_at == job.next_after(at, house.rules)


async def filled(house: House) -> None:
    """Give every job something to say."""
    await report(house, ALONE)
    await report(house, STALL)
    await report(house, HOLE)
    await house.say("赵强", "挂账 0002 7月20日 管线迁改未完成")
    await house.say("陈涛", "同意挂账 0002")
    await house.say("李卫东", "同意挂账 0002")


@pytest.mark.parametrize("job", rows_of(JOBS))
async def test_missed_runs_are_made_up_as_the_row_says(house: House, job: Job) -> None:
    runs: list[datetime] = []
    first = job.next_after(house.clock.now(), house.rules)
    last = first
    for _ in range(2):
        last = job.next_after(last, house.rules)
    async with house.store.deciding(house.clock.now()) as view:
        view.apply(Effects(timers=[Timer(f"{JOB}:{job.id}", JOB, job.id, first)]))
    now = last + timedelta(hours=1)
    await tick(house.store, house.rules, now)
    async with house.store.reading(now) as view:
        at = first
        while at <= last:
            if await view.claimed(job.id, house.rules.local(at).isoformat(timespec="minutes")):
                runs.append(at)
            at = job.next_after(at, house.rules)
    expected = 3 if job.catch_up is CatchUp.EACH else 1
    assert len(runs) == expected
    assert runs[-1] == job.last_at(now, house.rules)


async def make_gather(house: House) -> None:
    await house.say("刘芳", photo="a")


async def make_photos(house: House) -> None:
    await house.say("刘芳", STALL)
    await house.say("刘芳", photo="b")


async def make_locate(house: House) -> None:
    await house.say("刘芳", "人民路垃圾没清", group=GROUP)


async def make_duplicate(house: House) -> None:
    await report(house)
    await report(house, STALL, who="商户")


async def make_ladder(house: House) -> None:
    await report(house)


async def make_verify(house: House) -> None:
    await report(house)
    await house.say("赵强", "0001 已处理", photo="after")


async def make_done(house: House) -> None:
    await house.say("刘芳", STALL, photo="a", group=GROUP)
    await house.say("赵强", "0001 已处理", photo="b")
    async with house.store.deciding(house.clock.now()) as view:
        case = await view.case(202600000001)
        assert case is not None
        view.apply(verifying.passed(Work(view, house.rules), case, "qian")[1])


async def make_shelve(house: House) -> None:
    await filled(house)


async def make_walk(house: House) -> None:
    await house.say("孙督查", "开始督查 人民路")


async def make_appeal(house: House) -> None:
    await house.say("孙督查", "开始督查 建设街")
    await house.say("孙督查", "流动摊 -0.5", photo="a")
    await house.say("刘局", "申诉 0001 已批准")


async def make_publish(house: House) -> None:
    async with house.store.deciding(house.clock.now()) as view:
        view.apply(Effects(settings={"standing_approval": ["wu", "feng"]}))
    draft = next(job for job in JOBS if job.id == "month_draft")
    await tick(house.store, house.rules, draft.next_after(house.clock.now(), house.rules))


async def make_settle(house: House) -> None:
    await black_months(house, "2026-04", "2026-05")


@pytest.mark.parametrize("kind", TIMERS)
async def test_a_timer_run_twice_has_no_second_effect(house: House, kind: str) -> None:
    await globals()[f"make_{kind}"](house)
    (timer, *_) = await house.store.timers.of_kind(kind)
    house.clock.set(timer.due_at)
    await tick(house.store, house.rules, timer.due_at)
    await house.machine.settle()
    before = await effects(house)
    await again(house, timer, timer.due_at)
    assert await effects(house) == before


@pytest.mark.parametrize("kind", sorted(set(TIMERS) - {"publish", "settle"}))
async def test_a_timer_whose_subject_is_gone_does_nothing(house: House, kind: str) -> None:
    before = await effects(house)
    subject = "simulated\nx\ny\ngroup" if kind == "gather" else "209900000001"
    await again(house, Timer(f"{kind}:gone", kind, subject, house.clock.now()), house.clock.now())
    assert await effects(house) == before
    assert [timer for timer in await house.store.timers.of_kind(kind) if timer.key.endswith("gone")] == []


def test_slots_follow_the_city(house_rules: Rules) -> None:
    slot = next(job for job in jobs_of(house_rules) if job.id == "slot")
    assert slot.at == (time(9), time(15))


@pytest.fixture
def house_rules() -> Rules:
    config = config_in(Path())
    reminders = config.reminders.model_copy(update={"slots": (time(9), time(15))})
    return rules_of(config.model_copy(update={"reminders": reminders}))
