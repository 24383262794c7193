"""Patrols and meetings on both databases: each once, taken back, seen at once, and without words when erased."""

from datetime import date

from domain.effects import Effects, LedgerEvent
from domain.month import Month
from domain.patrols import Patrol, PatrolKind, Reason
from domain.roster import Person
from store import Store
from store.erasure import erase
from tests.store.samples import NOW, save

DAY, OCTOBER = date(2026, 10, 5), Month(2026, 10)
FIRST, LAST = OCTOBER.first, OCTOBER.last
MINE = Patrol("zhang", PatrolKind.PATROL, DAY, "人民路", "与李卫东同行")
ALSO = Patrol("zhang", PatrolKind.PATROL, DAY, "建设街")
MEETING = Patrol("zhang", PatrolKind.MEETING, OCTOBER.first, "会议室")
OTHER = Patrol("li", PatrolKind.PATROL, DAY, "人民路", "与张市长同行")


async def records(store: Store, person: str = "", first: date = FIRST) -> list[Patrol]:
    async with store.reading(NOW) as view:
        return await view.patrolled.records(first, LAST, person)


async def test_each_is_kept_once_and_its_later_note_stands(store: Store) -> None:
    await save(store, Effects(patrols=[ALSO, MEETING, OTHER]))
    noted = Patrol(ALSO.person, ALSO.kind, ALSO.day, ALSO.place, "无问题")
    async with store.deciding(NOW) as view:
        view.apply(Effects(patrols=[noted, MINE], patrols_withdrawn=[OTHER]))
        seen = await view.patrolled.records(FIRST, LAST)
    assert seen == await records(store)
    assert seen == [MEETING, MINE, noted]
    assert await records(store, "li") == []
    assert len(await records(store, "zhang", DAY)) == 2


async def test_a_later_reason_replaces_the_first(store: Store) -> None:
    for said in ("开会", "住院"):
        await save(store, Effects(patrol_reasons=[Reason("zhang", OCTOBER, said)]))
    await save(store, Effects(patrol_reasons=[Reason("zhang", OCTOBER.next(), "学习")]))
    async with store.reading(NOW) as view:
        assert await view.patrolled.reasons(OCTOBER) == {"zhang": "住院"}


async def test_who_is_erased_leaves_counts_without_words(store: Store) -> None:
    event = LedgerEvent("period:2026-10", "patrol_recorded", {"kind": "patrol"}, {"by": "zhang"}, {"place": "人民路"})
    reason = Reason("zhang", OCTOBER, "住院")
    await save(store, Effects(patrols=[MINE, ALSO, OTHER], patrol_reasons=[reason], events=[event]))
    await erase(store.database, Person("zhang", "张市长"), [], NOW)
    erased, other = sorted(await records(store), key=lambda one: one.person == "li")
    assert erased.person.startswith("erased-")
    assert erased == Patrol(erased.person, PatrolKind.PATROL, DAY)
    assert other == Patrol("li", PatrolKind.PATROL, DAY, "人民路", "与已删除人员同行")
    async with store.reading(NOW) as view:
        assert await view.patrolled.reasons(OCTOBER) == {}
    [entry] = await store.ledger.events("period:2026-10")
    assert (dict(entry.event.persons), dict(entry.event.words)) == ({}, {})
    assert await store.ledger.verify() is None
