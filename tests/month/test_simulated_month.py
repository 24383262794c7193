"""A simulated month: every due instant visited, every reminder and escalation exactly once, every figure recomputed.

MONTH_CASES sets how many cases it has: 200 by default, 5,000 in `make bench`. One test lives the month once and then
looks at it from all sides.
"""

import json
import os
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot.platforms.simulated.platform import PLATFORM
from domain.case import Case, id_of
from domain.casework import handling, opening, publication, verifying
from domain.casework.opening import Draft
from domain.casework.work import Work
from domain.effects import Effects
from domain.imports.findings import parse_findings
from domain.imports.roster import parse_roster
from domain.messages import ChatRoom, Photo
from domain.roster import Dated, Duty, Person, Post, Role
from schedules.tick import next_due, tick
from store.schema import ledger, outbox
from tests.domain.scoring import oracle
from tests.house import LEADERS, OFFICE_GROUP, House, open_house
from tests.month.plan import ACKNOWLEDGE, CITY, FAIL, PASS, RESOLVE, CasePlan, Plan, made, people, table
from tests.month.replay import OFFICE, Expected, Replay, by_case

pytestmark = pytest.mark.month

CASES = int(os.environ.get("MONTH_CASES", "200"))
SEED = 20260601
START = datetime(2026, 5, 31, 22, 0, tzinfo=CITY)
END = datetime(2026, 7, 7, 10, 0, tzinfo=CITY)  # the morning of the announcement

REPORT = "report"
Act = tuple[datetime, CasePlan, str]


async def test_a_month(tmp_path: Path) -> None:
    plan = made(SEED, CASES)
    expected, listed = Replay(plan, END).expected(), figures(plan)
    async with open_house(tmp_path, START.astimezone(UTC), roster=False) as house:
        await settle(house, plan)
        await live(house, plan)
        await check_that_every_step_was_taken_once_at_its_instant(house, expected)
        await check_that_everybody_was_told_of_every_step_once(house, expected)
        check_that_every_reminder_left_once_within_its_slot(house, expected)
        await check_that_nothing_was_lost_or_said_twice(house, plan)
        await check_that_nobody_was_woken_but_by_hazards(house, plan)
        await check_that_the_office_had_its_summary_every_day_with_news(house)
        await check_that_the_frozen_figures_are_those_of_the_files(house, listed)
        check_that_the_announcement_prints_these_figures(house, listed)


async def settle(house: House, plan: Plan) -> None:
    """Bring in the city: its roster and findings by the importers of the product."""
    now = house.clock.now()
    rosters = house.store.rosters
    segments = parse_roster("roster.csv", list(enumerate(oracle.read(plan.roster), 2)))
    await rosters.import_roster(segments, date(2026, 1, 1), now)
    townships = sorted({segment.township for segment in segments})
    posts = [Post(f"seat{name[1:-2]}", Role.SEAT, name, "指挥中心") for name in townships]
    posts += [Post(person, Role.OFFICE, "", "市路长办") for person in OFFICE]
    everybody = people(plan) | {post.person for post in posts}
    known = [Person(person, person, "", ((PLATFORM, person),)) for person in sorted(everybody)]
    await rosters.import_people(known, [Dated(post) for post in posts], date(2026, 1, 1), now)
    duties = [Dated(Duty(segment, person)) for segment, person in plan.duty.items()]
    await rosters.import_duty(duties, date(2026, 1, 1), now)
    for purpose, chat in (("office", OFFICE_GROUP), ("leadership", LEADERS)):
        await rosters.bind_room(ChatRoom(purpose, PLATFORM, chat, purpose), now)
    roster = await rosters.load()
    rules, names = house.rules.scoring.rules, {row.code: row.name for row in house.rules.categories.rows}
    rows = list(enumerate(oracle.read(plan.findings), 2))
    found = parse_findings("findings.csv", rows, roster=roster, categories=names, rules=rules)
    await house.store.findings.add(found, now)
    async with house.store.deciding(now) as view:
        view.apply(Effects(settings={publication.APPROVAL: list(OFFICE)}))


async def live(house: House, plan: Plan) -> None:
    """Go from instant to instant: what is due first, then what people do. Posts leave within their minute."""
    acts: list[Act] = [(case.at, case, REPORT) for case in plan.cases]
    acts += [(at, case, act) for case in plan.cases for act, at in case.acts if at < END]
    acts.sort(key=lambda act: (act[0], act[1].number))
    for at, together in groupby(acts, key=lambda act: act[0]):
        await pass_time(house, at)
        await do(house, list(together))
        await send(house)
    await pass_time(house, END)


async def pass_time(house: House, until: datetime) -> None:
    while (at := await upcoming(house)) is not None and at <= until:
        house.clock.set(at)
        await tick(house.store, house.rules, house.clock.now())
        await send(house)
    house.clock.set(until)


async def upcoming(house: House) -> datetime | None:
    """Return when something happens next: a timer at its instant, a post by the end of its minute."""
    timer, post = await next_due(house.store), await house.store.outbox.next_due()
    if post is not None:
        post = max(post, house.clock.now()).replace(second=0, microsecond=0) + timedelta(minutes=1)
    return min((at for at in (timer, post) if at is not None), default=None)


async def send(house: House) -> None:
    while await house.machine.outbox.send_once():
        pass


async def do(house: House, acts: list[Act]) -> None:
    async with house.store.deciding(house.clock.now()) as view:
        work = Work(view, house.rules)
        await view.preload(case_ids=[case_id(case) for _, case, what in acts if what != REPORT])
        for _, case, what in acts:
            view.apply(await (report(work, case) if what == REPORT else act_on(work, case, what)))


def case_id(case: CasePlan) -> int:
    return id_of(2026, case.number)


async def report(work: Work, case: CasePlan) -> Effects:
    draft = Draft(case.category, case.severity, "reporter", text=f"问题{case.number}", is_hazard=case.hazard)
    opened, effects = await opening.open_case(work, draft, work.roster.segment(case.segment, work.day))
    assert opened.id == case_id(case)
    return effects.merge(opening.announce(work, opened))


async def act_on(work: Work, plan: CasePlan, what: str) -> Effects:
    case = await work.view.case(case_id(plan))
    assert case is not None
    verifier = f"seat{case.township[1:-2]}"
    if what == ACKNOWLEDGE:
        return handling.acknowledge(work, case, case.handler)[1]
    if what == RESOLVE:
        return (await handling.resolve(work, case, case.handler, [photo_of(case)]))[1]
    if what == PASS:
        return verifying.passed(work, case, verifier)[1]
    assert what == FAIL
    return verifying.rejected(work, case, verifier, "物料仍在")[1]


def photo_of(case: Case) -> Photo:
    return Photo(f"{case.id:056d}{case.reworks:08d}", "jpg", 1)


# ---- each step exactly once ----------------------------------------------------------------------------------------


async def check_that_every_step_was_taken_once_at_its_instant(month: House, expected: Expected) -> None:
    taken: Counter[tuple[int, str, datetime]] = Counter()
    for number, at, facts in await escalations(month):
        assert facts["system_late"] is False
        assert datetime.fromisoformat(facts["due"]) == at
        taken[number, facts["step"], at.astimezone(CITY)] += 1
    assert by_case(taken - expected.steps) == {}
    assert by_case(expected.steps - taken) == {}
    assert set(taken.values()) == {1}
    assert len({step.split(":", 1)[1] for _, step, _ in taken}) == 6


async def escalations(house: House) -> list[tuple[int, datetime, dict[str, Any]]]:
    query = select(ledger.c.stream, ledger.c.at, ledger.c.payload).where(ledger.c.kind == "escalate")
    async with house.store.database.reading() as connection:
        rows = (await connection.execute(query)).all()
    return [(int(row.stream.split("-")[1]), row.at, json.loads(row.payload)["facts"]) for row in rows]


async def posts(house: House, kinds: Iterable[str]) -> list[Any]:
    query = select(outbox).where(outbox.c.kind.in_(list(kinds)))
    async with house.store.database.reading() as connection:
        return list((await connection.execute(query)).mappings())


async def check_that_everybody_was_told_of_every_step_once(month: House, expected: Expected) -> None:
    told = Counter(
        (row["about"] % 10**8, row["kind"], row["person"])
        for row in await posts(month, ("overdue", "nudge", "escalation"))
        if row["state"] == "sent"
    )
    # steps of the last night may still wait for the morning
    assert told - expected.told == Counter()
    assert expected.told - told == Counter()


def check_that_every_reminder_left_once_within_its_slot(month: House, expected: Expected) -> None:
    left: Counter[tuple[datetime, str]] = Counter()
    for post in month.platform.posted:
        kind, _, rest = post.outgoing.key.partition(":")
        assert kind != "catch_up"
        if kind == "digest":
            slot = datetime.fromisoformat(rest[:16]).replace(tzinfo=CITY)
            assert timedelta(minutes=2) <= post.at - slot <= timedelta(minutes=9)
            left[slot, post.outgoing.target.userid] += 1
    assert sorted(set(left) - expected.digests) == []
    assert sorted(expected.digests - set(left)) == []
    assert set(left.values()) == {1}


async def check_that_nothing_was_lost_or_said_twice(month: House, plan: Plan) -> None:
    async with month.store.database.reading() as connection:
        states = Counter((await connection.execute(select(outbox.c.state))).scalars())
        errors = Counter((await connection.execute(select(outbox.c.error).where(outbox.c.state == "failed"))).scalars())
    assert set(errors) <= {"nothing to say"}
    assert states["sent"] == len(month.platform.posted)
    assert len({post.outgoing.key for post in month.platform.posted}) == len(month.platform.posted)
    work = [row for row in await posts(month, ["work"]) if row["state"] == "sent"]
    assert len(work) == len(plan.cases)


async def check_that_nobody_was_woken_but_by_hazards(month: House, plan: Plan) -> None:
    hazards = {case_id(case) for case in plan.cases if case.hazard}
    night = [p for p in month.platform.posted if not time(7, 30) <= p.at.astimezone(CITY).time() < time(20)]
    keys = {post.outgoing.key for post in night}
    about = {row["about"] for row in await posts(month, ("work", "hazard", "tier", "escalation")) if row["key"] in keys}
    assert about <= hazards
    assert {key.split(":")[0] for key in keys} <= {"work", "hazard", "tier", "escalation"}


async def check_that_the_office_had_its_summary_every_day_with_news(month: House) -> None:
    at = [post.at.astimezone(CITY) for post in month.platform.posted if post.outgoing.key.startswith("summary:")]
    days = {date(2026, 6, 1) + timedelta(days=n) for n in range(36)}
    told = [instant.date() for instant in at]
    assert told == sorted(set(told))
    with_news = {(case.closed_at or case.reported_at).astimezone(CITY).date() for case in await month.cases()}
    assert days - set(told) == {day for day in days - with_news if day.weekday() >= 5}
    assert {instant.hour for instant in at} == {17}
    assert await month.store.ledger.verify() is None


# ---- each figure ---------------------------------------------------------------------------------------------------


def figures(plan: Plan) -> list[dict[str, Any]]:
    """The month's lists, computed from the two files alone."""
    rules = {row["category"]: row["points"] for row in table("rules.toml")["version"][0]["rules"]}
    return oracle.figures(
        "2026-06", [("", plan.roster)], plan.findings, rules, "sequence,subject,overdue,reworked,due\n"
    )


async def check_that_the_frozen_figures_are_those_of_the_files(month: House, listed: list[dict[str, Any]]) -> None:
    async with month.store.reading(month.clock.now()) as view:
        frozen = await view.setting("figures:2026-06:1")
    for sequence in frozen["sequences"]:
        for row in sequence["rows"]:
            row["deductions"] = sorted((d["segment"], d["category"], d["points"]) for d in row["deductions"])
    assert frozen["sequences"] == listed


def check_that_the_announcement_prints_these_figures(month: House, listed: list[dict[str, Any]]) -> None:
    (post,) = [post for post in month.platform.posted if post.outgoing.key == "bulletin:2026-06:1:leadership"]
    lines = post.outgoing.text.splitlines()
    assert f"{post.at.astimezone(CITY):%m-%d %H:%M}" == "07-07 09:12"
    townships, seconds, units = listed[0], [one for one in listed if one["sequence"] == "second_level"], listed[-1]
    places = "；".join(f"{r['rank']}.{r['name']}{r['score']}分{flag_of(r)}" for r in townships["rows"])
    assert lines[1] == f"一、辖区排名：{places}。"
    flags = "".join(f"{one['group']}类道路，{flags_of(one)}。" for one in seconds)
    assert lines[2] == f"二、二级路长：{flags}"
    assert lines[3] == f"三、责任单位：{flags_of(units, '个')}。"


def flag_of(row: dict[str, Any]) -> str:
    return {"red": "（红旗）", "black": "（黑旗）", None: ""}[row["flag"]]


def flags_of(listed: dict[str, Any], counted: str = "名") -> str:
    parts = []
    for flag, name in (("red", "红旗"), ("black", "黑旗")):
        names = [row["name"] for row in listed["rows"] if row["flag"] == flag]
        parts += [f"{name}{len(names)}{counted}：{'、'.join(names)}"] if names else []
    return "；".join(parts)
