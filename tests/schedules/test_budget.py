"""A group bears six posts an hour and thirty a day; what is more waits and goes as one line, and nothing is lost."""

from dataclasses import replace

from domain.casework import opening
from domain.casework.opening import Draft
from domain.casework.work import Work
from domain.effects import Effects, Notice, ToPurpose
from tests.house import GROUP, LEADERS, SEAT_GROUP, House
from tests.schedules.stage import HOLE, lines, report


async def lose(house: House, count: int) -> None:
    """Let reports come in whose place nobody knows: each is told to the seat's group."""
    async with house.store.deciding(house.clock.now()) as view:
        work = Work(view, house.rules)
        for number in range(count):
            draft = Draft("luan.stall", "一般", "liu", text=f"占道经营{number}", township="东关街道")
            case, effects = await opening.open_case(work, draft, None)
            view.apply(effects.merge(opening.queue_for_desk(work, case)))
    await house.machine.settle()


async def test_the_sixth_post_of_an_hour_lists_all_that_is_left(house: House) -> None:
    await lose(house, 13)
    heard = house.all_heard(SEAT_GROUP)
    assert len(heard) == 6
    assert [text[:11] for text in heard[:5]] == [f"【2026-000{n}】" for n in range(1, 6)]
    assert heard[5].startswith("过去1小时待定位8件：0006乱设摊点、0007乱设摊点")
    assert "0013乱设摊点" in heard[5]


async def test_what_comes_later_waits_for_the_hour(house: House) -> None:
    await lose(house, 6)
    await house.advance(minutes=10)
    await lose(house, 1)
    await house.advance(minutes=10)
    await lose(house, 2)
    assert len(house.all_heard(SEAT_GROUP)) == 6
    await house.until(house.local(1, 10, 1))
    heard = lines(house, who=SEAT_GROUP)
    assert [(line.at[6:11], line.text[:14]) for line in heard[6:]] == [
        ("10:00", "【2026-0007】待定位"),
        ("10:00", "【2026-0008】待定位"),
        ("10:00", "【2026-0009】待定位"),
    ]


async def test_the_day_ends_at_thirty_and_the_rest_comes_in_the_morning(house: House) -> None:
    for _ in range(7):
        await lose(house, 6)
        await house.advance(minutes=61)
    heard = lines(house, who=SEAT_GROUP)
    assert len(heard) == 30
    await house.until(house.local(2, 9))
    rest = lines(house, who=SEAT_GROUP)[30:]
    assert [line.at[:8] for line in rest] == ["06-02 08"] * 6
    assert "待定位7件" in rest[-1].text


async def test_answers_and_hazards_do_not_wait(house: House) -> None:
    await lose(house, 7)
    await house.say("钱专干", "待办", group=SEAT_GROUP)
    assert "东关街道待办" in house.heard(SEAT_GROUP)[0]
    await house.say("钱专干", "定位 0007 XC001", group=SEAT_GROUP)
    assert house.heard(SEAT_GROUP)
    for _ in range(8):
        await house.say("刘芳", "在吗，帮助", group=GROUP)
    await report(house, HOLE)
    assert house.heard(GROUP)


async def test_leaders_hear_one_announcement_a_day(house: House) -> None:
    async with house.store.deciding(house.clock.now()) as view:
        notices = [
            Notice(f"bulletin:2026-0{month}:1", ToPurpose("leadership"), f"{month}月", "bulletin") for month in (4, 5)
        ]
        view.apply(Effects(notices=notices))
    await house.machine.settle()
    assert house.all_heard(LEADERS) == ["4月"]
    await house.until(house.local(2, 9))
    assert [(line.at[:8], line.text) for line in lines(house, who=LEADERS)[1:]] == [("06-02 08", "5月")]


async def test_without_a_leadership_group_the_office_hears_the_announcement(house: House) -> None:
    assert await house.store.rosters.unbind_room("leaders", house.clock.now())
    async with house.store.deciding(house.clock.now()) as view:
        view.apply(Effects(notices=[Notice("b", ToPurpose("leadership"), "通报", "bulletin")]))
    await house.machine.settle()
    assert house.all_heard("市路长办群") == ["通报"]


async def test_digests_that_fall_to_a_group_become_one_post_with_their_words(house: House) -> None:
    async with house.store.database.writing() as connection:
        await connection.exec_driver_sql("DELETE FROM account WHERE person NOT IN ('qian', 'wu', 'feng')")
        await connection.exec_driver_sql("UPDATE counter SET value = value + 1 WHERE name = 'roster'")
    async with house.store.deciding(house.clock.now()) as view:
        work = Work(view, house.rules)
        for number in range(8):
            draft = Draft("luan.stall", "一般", "liu", text=f"占道经营{number}", township="东关街道")
            segment = view.roster.segment("XC001", work.day)
            assert segment is not None
            case, effects = await opening.open_case(work, replace(draft, platform="x"), segment)
            view.apply(effects.merge(Effects(cases=[replace(case, handler=f"worker{number}")])))
    await house.until(house.local(1, 10, 59))
    heard = [text for text in house.all_heard(GROUP) if "您有1件需处理" in text]
    assert len(heard) == 6
    assert all("今日11:00到期" in text for text in heard)
    await house.until(house.local(1, 11, 20))
    late = [text for text in house.all_heard(GROUP) if "您有1件需处理" in text][6:]
    assert sum(text.count("您有1件需处理") for text in late) == 2
    assert all("截至11" in text and "超时" in text for text in late)  # written when it leaves
    assert "" not in house.all_heard(GROUP)
