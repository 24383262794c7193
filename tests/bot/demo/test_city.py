from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from PIL import Image

from bot.demo import city, opening
from bot.demo.stage import Stage
from bot.demo.story import FULL
from bot.platforms.simulated.platform import PLATFORM
from domain import authority
from domain.calendar import WorkCalendar
from domain.casework.publication import APPROVAL
from domain.month import Month

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage(tmp_path_factory: pytest.TempPathFactory, gallery: dict[str, Image.Image]) -> AsyncIterator[Stage]:
    async with opening.running(tmp_path_factory.mktemp("city"), lambda kind, data: None, gallery, FULL) as opened:
        yield opened


async def test_everybody_can_be_reached(stage: Stage) -> None:
    assert all(person.account(PLATFORM) == person.id for person in stage.roster.people.values())


async def test_every_township_has_a_command_seat(stage: Stage) -> None:
    day = stage.rules.day(stage.now)
    office = stage.roster.by_name("吴静")[0].id
    desks = {township: authority.desk(township, stage.roster, day) for township in stage.roster.townships(day)}
    assert len(desks) == 14
    assert all(people and office not in people for people in desks.values())


async def test_names_are_unique_among_listed_people(stage: Stage) -> None:
    listed = [*city.APPROVERS, *(resident.person for resident in city.residents()), "zhaoqiang", "sunli", "qianning"]
    assert [len(stage.roster.by_name(stage.roster.person(person).name)) for person in listed] == [1] * len(listed)


async def test_findings_of_the_sample_month_cover_every_segment(stage: Stage) -> None:
    month = Month(2026, 6)
    found = await stage.store.findings.of_month(month.start(city.ZONE), month.end(city.ZONE))
    assert {finding.segment for finding in found} == {s.id for s in stage.roster.on(stage.rules.day(stage.now))}
    assert all(finding.found_at <= stage.now for finding in found)


async def test_the_standing_approval_is_spoken_by_two(stage: Stage) -> None:
    async with stage.store.reading(stage.now) as view:
        assert await view.setting(APPROVAL) == list(city.APPROVERS)


async def test_begins_on_a_working_morning_near_the_months_end() -> None:
    calendar = WorkCalendar()
    assert calendar.is_working_day(city.START.date())
    assert not calendar.missing_years(city.START.date())
    assert (Month(2026, 7).start(city.ZONE) - city.START).days < 3
