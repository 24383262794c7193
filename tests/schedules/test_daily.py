"""What comes every day: the desk's list, the office's summary with the ledger's head, the proof of the roster."""

from datetime import UTC, date, datetime
from pathlib import Path

from domain.effects import Timer
from tests.house import SEGMENTS, House, open_house
from tests.schedules.stage import lines, report, restart, times

OFFICE, OPS = "市路长办群", "运维群"


async def test_the_summary_is_cut_at_half_past_five_and_leaves_a_few_minutes_later(house: House) -> None:
    await report(house)
    await house.until(house.local(1, 17, 29))
    assert lines(house, "督查情况") == []
    await house.until(house.local(1, 17, 40))
    (line,) = lines(house, "督查情况", OFFICE)
    assert 32 <= line.minute <= 37
    assert line.text.splitlines() == [
        "6月1日督查情况：当日无督查记录；群内上报1件，办结0件，在办1件，超时1件。",
        "问题较多路段：人民路1处。",
        "超时件：0001。",
    ]


async def test_the_summary_prints_the_head_that_the_file_keeps(house: House) -> None:
    await report(house)
    await house.until(house.local(2, 18))
    (line,) = [line for line in lines(house, "台账校验", OFFICE) if line.at >= "06-02"]
    kept = house.config.store.heads.read_text(encoding="utf-8").split()
    assert kept[0] == "2026-06-01"
    assert line.text.endswith(f"台账校验：{kept[2][:16]}")
    assert await house.store.ledger.verify() is None


async def test_the_ledgers_day_is_closed_once_and_a_missed_day_with_the_next(house: House) -> None:
    await report(house)
    await restart(house, house.local(4, 3))
    await house.until(house.local(5, 1))
    days = [line.split()[0] for line in house.config.store.heads.read_text(encoding="utf-8").splitlines()]
    assert days == ["2026-06-03", "2026-06-04"]
    assert await house.store.ledger.verify() is None


async def test_the_desk_gets_its_list_once_a_day(house: House) -> None:
    await report(house)
    await house.until(house.local(3, 9))
    assert [at[:8] for at in times(house, "东关街道待办：超时1", "钱专干")] == ["06-02 10"]
    assert {line.minute for line in lines(house, "东关街道待办")} <= set(range(2, 8))


async def test_what_has_no_township_is_listed_for_the_office(house: House) -> None:
    await house.say("刘芳", "路边有人乱摆摊")  # in private: no group tells the township
    assert (await house.case(1)).township == ""
    await house.until(house.local(1, 11))
    assert [at[:8] for at in times(house, "全市待办：待定位1", "吴主任")] == ["06-01 10"]


async def test_the_proof_says_what_is_lacking_once_and_again_only_when_that_has_changed(house: House) -> None:
    await house.until(house.local(5, 9))
    told = lines(house, "路由自检发现1项", OPS)
    assert [line.at[:5] for line in told] == ["06-02"]
    assert "1. 路段XC004、XC005：没有坐标" in told[0].text
    mended = [segment for segment in SEGMENTS if segment.polyline]
    await house.store.rosters.import_roster(mended, date(2026, 6, 5), house.clock.now())
    await house.until(house.local(9, 9))
    assert [(line.at[:5], line.text) for line in lines(house, "路由自检", OPS)[1:]] == [
        ("06-08", "路由自检：此前的问题均已解决。")
    ]


async def test_a_day_of_rest_on_which_nothing_was_has_no_summary(house: House) -> None:
    await house.until(house.local(7, 12))  # Sunday
    await report(house)
    await house.until(house.local(8, 9))
    assert [line.at[:5] for line in lines(house, "督查情况", OFFICE)][-2:] == ["06-05", "06-07"]


async def test_the_proof_warns_of_a_year_without_holidays_from_december(tmp_path: Path) -> None:
    async with open_house(tmp_path, datetime(2026, 11, 29, 1, 0, tzinfo=UTC)) as house:
        await house.until(house.local(1, 9, month=12))
        warned = [line.at[:5] for line in lines(house, "2027年节假日安排尚未导入", OPS)]
    assert warned == ["12-01"]


async def test_a_year_without_holidays_works_by_weekdays(tmp_path: Path) -> None:
    async with open_house(tmp_path, datetime(2027, 1, 1, 1, 0, tzinfo=UTC)) as house:  # a Friday, New Year's Day
        await report(house)
        await house.until(datetime(2027, 1, 4, 4, 0, tzinfo=UTC))
        case = await house.case(1, year=2027)
        assert case.ack_due == datetime(2027, 1, 4, 2, 0, tzinfo=UTC)
        assert case.due == datetime(2027, 1, 4, 2, 30, tzinfo=UTC)  # around the clock, from when it could be told
        assert times(house, "【2027-0001】", "赵强") == ["01-04 08:36"]
        assert times(house, "未认领", "王建国") == ["01-04 10:00"]


async def test_jobs_set_up_again_keep_their_time(house: House) -> None:
    before = {timer.key: timer for timer in await house.store.timers.of_kind("job")}
    await restart(house)
    assert {timer.key: timer for timer in await house.store.timers.of_kind("job")} == before
    assert before["job:summary"] == Timer("job:summary", "job", "summary", datetime(2026, 6, 1, 9, 30, tzinfo=UTC))


async def test_a_house_without_a_roster_keeps_quiet(tmp_path: Path) -> None:
    async with open_house(tmp_path, datetime(2026, 6, 30, 1, 0, tzinfo=UTC), roster=False) as house:
        await house.until(house.local(1, 18, month=7))
        assert lines(house) == []
        assert await house.store.timers.next_due() is not None
