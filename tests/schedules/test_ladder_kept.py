"""A case keeps the ladder it was assigned under: an edited table or setting moves only cases that come later."""

from datetime import timedelta
from pathlib import Path

from tests.house import open_house
from tests.schedules.stage import report, times

SOONER: object = {"escalation": {"second_level_hours": 1, "notice_minutes": 5}}


async def test_a_changed_delay_moves_no_running_case(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        await report(house)  # Monday 09:00, until 11:00; the second level four hours later
        now = house.clock.now()
    async with open_house(tmp_path, now + timedelta(minutes=30), roster=False, reminders=SOONER) as house:
        await house.until(house.local(1, 18))
        assert times(house, "10分钟后将报二级路长陈涛", "赵强") == ["06-01 16:50"]
        assert times(house, "提请协调", "陈涛") == ["06-01 17:00"]


async def test_a_case_of_today_goes_by_the_setting_of_today(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        now = house.clock.now()
    async with open_house(tmp_path, now, roster=False, reminders=SOONER) as house:
        await report(house)
        await house.until(house.local(1, 18))
        assert times(house, "提请协调", "陈涛") == ["06-01 12:00"]


async def test_the_earlier_ladder_outlives_two_restarts(tmp_path: Path) -> None:
    async with open_house(tmp_path, reminders=SOONER) as house:
        case = await report(house)
        now = house.clock.now()
    for _ in range(2):
        async with open_house(tmp_path, now, roster=False) as house:
            case = await house.case(1)
            [step] = [s for s in house.rules.steps(case) if s.level == "second_level" and not s.announces_handler]
            assert case.ack_due is not None
            assert step.at == case.ack_due + timedelta(hours=1)
