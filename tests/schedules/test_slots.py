"""Reminders leave a few times a day, everything of one person in one message, and leave people alone otherwise."""

from datetime import UTC, datetime
from pathlib import Path

from tests.house import GROUP, House, open_house
from tests.schedules.stage import ALONE, HOLE, LITTER, STALL, lines, report, times


async def test_a_slot_says_everything_of_one_person_at_once(house: House) -> None:
    await report(house)
    await report(house, LITTER)
    await house.until(house.local(1, 14, 40))
    at_slot = [line for line in lines(house, who="赵强") if line.text.startswith("截至14")]
    assert len(at_slot) == 1
    assert "您有2件需处理" in at_slot[0].text
    assert "0001 超时3小时" in at_slot[0].text


async def test_every_post_of_a_slot_leaves_two_to_eight_minutes_after_it(house: House) -> None:
    for text in (STALL, ALONE):
        await report(house, text)
    await house.until(house.local(3, 18))
    slotted = [line for line in lines(house) if line.text.startswith(("截至", "08:"))]
    assert len(slotted) > 15
    assert {line.minute for line in slotted} <= {*range(2, 8), *range(32, 38)}


async def test_the_next_reminder_reads_differently_and_counts(house: House) -> None:
    await report(house)
    await house.until(house.local(2, 8, 40))
    said = [line.text.split("：", 1)[1] for line in lines(house, "您有", "赵强")]
    assert said[0] == "①0001 今日11:00到期"
    assert [text.partition("（")[2] for text in said[1:]] == ["", "仍未办结，第2次提醒）", "仍未办结，第3次提醒）"]
    assert len(set(said)) == len(said)


async def test_a_chief_who_handles_himself_hears_one_message_a_slot(house: House) -> None:
    await report(house, ALONE, group=GROUP)
    await house.until(house.local(2, 9))
    morning = [line for line in lines(house, who="何局") if line.at.startswith("06-02 08")]
    assert len(morning) == 1
    assert "您负责的路段" in morning[0].text
    assert "您有1件需处理" in morning[0].text


async def test_a_chief_hears_no_slot_but_the_morning(house: House) -> None:
    await report(house)
    await house.until(house.local(2, 19))
    assert times(house, "您负责的路段", "王建国") == ["06-02 08:35"]
    assert lines(house, "您有", "王建国") == []


async def test_nothing_to_say_says_nothing(house: House) -> None:
    await house.until(house.local(2, 18))
    told = {line.who for line in lines(house) if "今日督查（抽签）" not in line.text}
    assert told <= {"市路长办群", "运维群"}


async def test_settled_cases_leave_the_reminder(house: House) -> None:
    await report(house)
    await report(house, LITTER)
    await house.say("赵强", "0001 已处理", photo="done")
    await house.until(house.local(1, 14, 40))
    (line,) = lines(house, "截至14", "赵强")
    assert "0001" not in line.text


async def test_a_report_at_night_is_told_in_the_morning(house: House) -> None:
    await house.until(house.local(1, 22))
    await report(house)
    assert house.heard(GROUP)  # the reporter is answered at once
    assert house.heard("赵强") == []
    await house.until(house.local(2, 9))
    (line,) = lines(house, "【2026-0001】", "赵强")
    assert line.at.startswith("06-02 08:36")
    assert "6月2日10:30前办结，6月2日10:00前认领" in line.text  # two hours around the clock, from when it could be told


async def test_nobody_is_disturbed_on_a_holiday_but_by_hazards(house: House) -> None:
    await house.until(house.local(18, 23))  # the evening before the Dragon Boat Festival, a Friday
    await report(house)
    await report(house, HOLE)
    await house.until(house.local(22, 8))  # Monday, before the first slot
    over_the_days = [line for line in lines(house) if line.who != GROUP and line.at >= "06-18 23"]
    assert {line.who for line in over_the_days if "0001" in line.text} <= {"市路长办群"}
    assert {"赵强", "陈涛", "钱专干", "李卫东"} <= {line.who for line in over_the_days if "紧急" in line.text}
    await house.until(house.local(22, 9))
    assert times(house, "【2026-0001】", "赵强") == ["06-22 08:36"]


async def test_a_working_sunday_has_slots(tmp_path: Path) -> None:
    async with open_house(tmp_path, datetime(2026, 9, 19, 4, 0, tzinfo=UTC)) as house:
        await report(house)
        await house.until(house.local(21, 9, month=9))
        # Saturday rests, Sunday the 20th works for the National Day week
        assert [at[:5] for at in times(house, "截至", "赵强")] == ["09-20"] * 4 + ["09-21"]
