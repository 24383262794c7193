from dataclasses import replace
from datetime import date, timedelta

import pytest

from domain.messages import ChatRoom
from domain.roster import Dated, Duty, Leave, Person, Post, Role, Roster
from store import Store
from store import roster as rosters
from tests.store.samples import NOW, plan, segment

LONG_AGO, OCTOBER, NOVEMBER, DECEMBER = date(2020, 1, 1), date(2026, 10, 1), date(2026, 11, 1), date(2026, 12, 1)
DAY = timedelta(days=1)
ONE, TWO = segment("XZ001"), segment("XZ002", chief="c2", chief_name="龚庆华", unit="新区")


async def imported(store: Store, *rows: object, since: date = OCTOBER) -> Roster:
    await store.rosters.import_roster(rows, since, NOW)  # type: ignore[arg-type]
    return await store.rosters.load()


async def test_the_first_roster_holds_for_all_earlier_days(store: Store) -> None:
    roster = await imported(store, TWO, ONE)
    assert roster.on(LONG_AGO) == [ONE, TWO]
    assert [row.value for row in roster.segments] == [TWO, ONE]  # file order
    assert roster.segments[0] == Dated(TWO)


async def test_a_later_roster_closes_what_changed_and_keeps_it(store: Store) -> None:
    await imported(store, ONE, TWO)
    changed = replace(ONE, chief="c9", chief_name="新人")
    roster = await imported(store, changed, segment("XZ003"), since=NOVEMBER)
    assert roster.segment("XZ001", NOVEMBER - DAY) == ONE
    assert roster.segment("XZ001", NOVEMBER) == changed
    assert roster.segment("XZ002", NOVEMBER - DAY) == TWO
    assert roster.segment("XZ002", NOVEMBER) is None
    assert roster.segment("XZ003", NOVEMBER - DAY) is None
    again = await imported(store, changed, segment("XZ003"), since=DECEMBER)
    assert again.segments == roster.segments  # the same file changes nothing


async def test_a_roster_imported_for_an_earlier_day_replaces_later_ones(store: Store) -> None:
    await imported(store, ONE, TWO)
    await imported(store, replace(ONE, chief="c9"), TWO, since=DECEMBER)
    roster = await imported(store, ONE, since=NOVEMBER)
    assert roster.segment("XZ001", DECEMBER) == ONE
    assert roster.segment("XZ001", NOVEMBER - DAY) == ONE
    assert roster.segment("XZ002", NOVEMBER - DAY) == TWO
    assert roster.segment("XZ002", DECEMBER) is None


async def test_a_roster_corrected_on_its_own_day_leaves_no_trace(store: Store) -> None:
    await imported(store, ONE)
    await imported(store, replace(ONE, chief="typo"), since=NOVEMBER)
    roster = await imported(store, replace(ONE, chief="right"), since=NOVEMBER)
    assert [row.value.chief for row in roster.segments] == ["c1", "right"]


async def test_posts_follow_from_segments_once_for_every_span(store: Store) -> None:
    await imported(store, ONE, TWO)
    roster = await imported(store, replace(ONE, chief="c9"), TWO, since=NOVEMBER)
    assert roster.holders(Role.CHIEF, "XZ001", OCTOBER) == ["c1"]
    assert roster.holders(Role.CHIEF, "XZ001", NOVEMBER) == ["c9"]
    assert roster.holders(Role.SECOND_LEVEL, "新区", OCTOBER) == ["s1"]
    assert roster.holders(Role.SECOND_LEVEL, "新区", DECEMBER) == ["s1"]
    assert roster.posts_of("c1", OCTOBER) == [Post("c1", Role.CHIEF, "XZ001", "团市委")]
    assert roster.person("t1") == Person("t1", "洪改玲")
    assert roster.person("c2") == Person("c2", "龚庆华", "新区")


async def test_a_listed_post_and_the_segments_post_are_one(store: Store) -> None:
    await imported(store, ONE)
    listed = [Dated(Post("s1", Role.SECOND_LEVEL, "新区", "新区办")), Dated(Post("g1", Role.GENERAL))]
    await store.rosters.import_people([Person("s1", "梁占军", "新区办")], listed, OCTOBER, NOW)
    roster = await store.rosters.load()
    assert roster.holders(Role.SECOND_LEVEL, "新区", OCTOBER) == ["s1"]
    assert roster.holders(Role.GENERAL, None, LONG_AGO) == ["g1"]
    assert roster.person("s1").unit == "新区办"


async def test_people_keep_what_a_new_list_does_not_say(store: Store) -> None:
    first = [Person("a", "甲", "一科", (("wecom", "A1"),)), Person("b", "乙", "", (("dingtalk", "B1"),))]
    posts = [Dated(Post("a", Role.SEAT, "新区")), Dated(Post("b", Role.OFFICE), NOVEMBER, DECEMBER)]
    await store.rosters.import_people(first, posts, OCTOBER, NOW)
    second = [Person("a", "甲", "二科", (("wecom", "A2"),))]
    await store.rosters.import_people(second, posts[1:], NOVEMBER, NOW)
    roster = await store.rosters.load()
    assert roster.holders(Role.SEAT, "新区", NOVEMBER - DAY) == ["a"]
    assert roster.holders(Role.SEAT, "新区", NOVEMBER) == []
    assert roster.holders(Role.OFFICE, "", NOVEMBER) == ["b"]
    assert roster.holders(Role.OFFICE, "", DECEMBER) == []
    assert roster.by_account("wecom", "a2") == "a"  # whatever the case
    assert roster.by_account("wecom", "A1") is None
    assert roster.by_account("dingtalk", "B1") == "b"
    assert roster.person("a").unit == "二科"


async def test_duty_changes_from_a_day_on(store: Store) -> None:
    monday, sunday = date(2026, 10, 5), date(2026, 10, 4)
    await store.rosters.import_duty([Dated(Duty("XZ001", "d1", frozenset({1, 2})))], OCTOBER, NOW)
    new = [Dated(Duty("XZ001", "d2")), Dated(Duty("XZ001", "d3", frozenset({1})), DECEMBER)]
    await store.rosters.import_duty(new, NOVEMBER, NOW)
    roster = await store.rosters.load()
    assert roster.duty("XZ001", monday) == ["d1"]
    assert roster.duty("XZ001", sunday) == []
    assert roster.duty("XZ001", date(2026, 11, 2)) == ["d2"]
    assert roster.duty("XZ001", date(2026, 12, 7)) == ["d2", "d3"]


async def test_an_account_stands_for_one_person(store: Store) -> None:
    await store.rosters.bind_account("a", "wecom", "U1", NOW)
    await store.rosters.bind_account("b", "wecom", "u1", NOW)
    await store.rosters.bind_account("b", "wecom", "U2", NOW)
    roster = await store.rosters.load()
    assert (roster.by_account("wecom", "U1"), roster.by_account("wecom", "U2")) == (None, "b")


async def test_chats_are_bound_by_name_and_let_go(store: Store) -> None:
    room = ChatRoom("东关群", "wecom", "wr1", "work", "新区")
    await store.rosters.bind_room(room, NOW)
    await store.rosters.bind_room(replace(room, chat_id="wr2"), NOW)
    await store.rosters.bind_room(ChatRoom("指挥席", "wecom", "wr3", "seat"), NOW)
    assert await store.rosters.rooms() == (replace(room, chat_id="wr2"), ChatRoom("指挥席", "wecom", "wr3", "seat"))
    assert await store.rosters.unbind_room("东关群", NOW) is True
    assert await store.rosters.unbind_room("东关群", NOW) is False
    assert [r.name for r in await store.rosters.rooms()] == ["指挥席"]
    async with store.reading(NOW) as view:
        assert [r.name for r in view.rooms] == ["指挥席"]


async def test_every_change_is_in_the_ledger(store: Store) -> None:
    await imported(store, ONE)
    await store.rosters.import_people([Person("a", "甲")], [Dated(Post("a", Role.OFFICE))], OCTOBER, NOW)
    await store.rosters.import_duty([Dated(Duty("XZ001", "a"))], OCTOBER, NOW)
    await store.rosters.bind_account("a", "wecom", "U1", NOW)
    await store.rosters.bind_room(ChatRoom("东关群", "wecom", "wr1", "work"), NOW)
    await store.rosters.add_leave(Leave("a", "b", OCTOBER, OCTOBER), NOW)
    kinds = [entry.event.kind for entry in await store.ledger.events("roster")]
    assert kinds == ["import_roster", "import_people", "import_duty", "bind_account", "bind_room", "leave"]
    assert await store.ledger.verify() is None


async def test_an_import_by_another_process_is_seen_by_the_next_batch(store: Store) -> None:
    other = await Store.open(str(store.database.url), planner=plan)
    async with store.reading(NOW) as view:
        assert view.roster.segments == ()
    before = (await imported(other, ONE)).version
    async with store.deciding(NOW) as view:
        assert [row.value.id for row in view.roster.segments] == ["XZ001"]
        assert view.roster.version == before
    await other.rosters.add_leave(Leave("c1", "", OCTOBER, OCTOBER), NOW)
    async with store.reading(NOW) as view:
        assert len(view.roster.leaves) == 1
        assert view.roster.version == before + 1
    await other.close()


async def test_an_unchanged_roster_is_not_read_again(on_sqlite: Store, statements: list[str]) -> None:
    roster = await imported(on_sqlite, ONE)
    del statements[:]
    assert await on_sqlite.rosters.load() is roster
    assert [s for s in statements if "roster_segment" in s] == []


async def test_a_failed_import_changes_nothing(store: Store) -> None:
    await imported(store, ONE)
    with pytest.raises(Exception, match="name"):
        await store.rosters.import_people([Person("a", None)], [], OCTOBER, NOW)  # type: ignore[arg-type]
    assert (await store.rosters.load()).version == 1


async def test_who_asks_for_the_groups_does_not_read_the_lists(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    room = ChatRoom("东关群", "wecom", "wr1", "work", "东关街道")
    await store.rosters.bind_room(room, NOW)

    async def read(connection: object) -> Roster:
        raise AssertionError("the lists were read")

    monkeypatch.setattr(rosters, "_read", read)
    assert await store.rosters.rooms() == (room,)


async def test_groups_are_those_of_now_also_once_the_lists_are_read(store: Store) -> None:
    await store.rosters.load()
    room = ChatRoom("东关群", "wecom", "wr1", "work", "东关街道")
    await store.rosters.bind_room(room, NOW)
    assert await store.rosters.rooms() == (room,)
    await store.rosters.load()
    assert await store.rosters.rooms() == (room,)
