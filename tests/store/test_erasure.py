"""Erasing and retention on both databases: the same rows go, the chain stays, ids of others are not touched."""

from datetime import timedelta

import pytest

from domain.case import CasePhoto, Event, State
from domain.effects import Contact, Effects, LedgerEvent, Timer
from domain.roster import Person
from store import Store
from store.depths import photo_names
from store.erasure import compact, erase
from store.retention import Limits, Retention
from store.traces import Traces
from tests.store.samples import NOW, case, notice, save

RESIDENT = Person("wecom:wei.zhang", "wecom:wei.zhang", accounts=(("wecom", "wei.zhang"),))
YEAR = timedelta(days=365)
LIMITS = Limits(YEAR, YEAR, YEAR, YEAR, YEAR)


async def report(store: Store, sequence: int, who: str, text: str) -> None:
    photo = CasePhoto("a" * 63 + str(sequence), "jpg", "before", NOW, who)
    one = case(
        sequence,
        reporter=who,
        text=text,
        photos=(photo,),
        state=State.CLOSED,
        closed_at=NOW,
        is_group=True,
        chat_id="g",
    )
    effects = Effects(
        photos=[(one.id, photo)],
        contacts=[Contact(who, last_case=one.id)],
        timers=[Timer(f"gather:wecom:g:{who.rpartition(':')[2]}", "gather", "x", NOW)],
        notices=[notice(f"work:{one.id}:{who}", about=one.id, text=f"请处理：{text}")],
    )
    effects.case_event(one, Event.REPORT, persons={"reporter": who, "handler": "han"}, words={"text": text})
    effects.case_event(one, Event.RETURN, persons={"by": "han"}, words={"reason": "不属本路段"})
    await save(store, effects)


async def test_one_person_goes_and_another_of_a_like_id_stays(store: Store) -> None:
    await report(store, 1, RESIDENT.id, "路面坑洼")
    await report(store, 2, "wecom:wei.zhang2", "路灯不亮")
    done = await erase(store.database, RESIDENT, [], NOW)
    assert (done.cases, done.photos) == (1, ("a" * 63 + "1.jpg",))
    assert await store.ledger.verify() is None
    first, second = await store.ledger.events("case:2026-0001"), await store.ledger.events("case:2026-0002")
    assert [(dict(e.event.persons), dict(e.event.words)) for e in first] == [
        ({"handler": "han"}, {}),
        ({"by": "han"}, {"reason": "不属本路段"}),
    ]
    assert second[0].event.words == {"text": "路灯不亮"}
    async with store.reading(NOW) as view:
        mine, other = await view.case(case(1).id), await view.case(case(2).id)
        assert mine is not None
        assert other is not None
        assert (mine.reporter.startswith("erased-"), mine.photos, mine.chat_id) == (True, (), "g")
        assert "坑洼" not in mine.text
        assert (other.reporter, other.text, len(other.photos)) == ("wecom:wei.zhang2", "路灯不亮", 1)
        assert (await view.contact(RESIDENT.id)).last_case == 0
    keys = {t.key for t in await store.timers.of_kind("gather")}
    assert "gather:wecom:g:wei.zhang2" in keys
    assert "gather:wecom:g:wei.zhang" not in keys
    assert await photo_names(store.database) == {"a" * 63 + "2.jpg"}
    assert await compact(store.database)


async def test_who_was_erased_begins_anew(store: Store) -> None:
    await report(store, 1, RESIDENT.id, "路面坑洼")
    await erase(store.database, RESIDENT, [], NOW)
    await report(store, 2, RESIDENT.id, "又坏了")
    assert dict((await store.ledger.events("case:2026-0002"))[0].event.persons)["reporter"] == RESIDENT.id
    assert "reporter" not in (await store.ledger.events("case:2026-0001"))[0].event.persons
    assert (await erase(store.database, RESIDENT, [], NOW)).cases == 1
    assert await store.ledger.verify() is None


async def test_retention_works_in_batches(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("store.retention.BATCH", 2)
    for sequence in range(1, 6):
        await report(store, sequence, f"r{sequence}", "路面坑洼")
    retention = Retention(store.database, LIMITS)
    assert (await retention.run(NOW + YEAR)).is_nothing  # the day itself still counts
    later = NOW + YEAR + timedelta(seconds=1)
    planned = await retention.run(later, is_dry=True)
    assert (planned.photos, planned.words) == (5, 5)
    assert await retention.run(later) == planned
    assert (await retention.run(later)).is_nothing
    entries = await store.ledger.events("case:2026-0003")
    assert [dict(e.event.words) for e in entries] == [{}, {"reason": "不属本路段"}]
    assert await store.ledger.verify() is None


async def test_who_reported_is_forgotten_a_term_after_the_last_case(store: Store) -> None:
    await report(store, 1, RESIDENT.id, "路面坑洼")
    await report(store, 2, "wecom:busy", "路灯不亮")
    fresh = case(3, reporter="wecom:busy", state=State.CLOSED, closed_at=NOW + timedelta(days=1))
    await save(store, Effects(cases=[fresh]))
    await report(store, 4, "an_official", "井盖缺失")
    retention = Retention(store.database, LIMITS)
    assert (await retention.run(NOW + YEAR)).identities == 0
    later = NOW + YEAR + timedelta(seconds=1)
    planned = await retention.run(later, is_dry=True)
    assert planned.identities == 1
    assert await retention.run(later) == planned
    assert (await retention.run(later)).is_nothing
    async with store.reading(NOW) as view:
        reporters = [one.reporter for n in (1, 2, 4) if (one := await view.case(case(n).id))]
        assert [who.startswith("erased-") for who in reporters] == [True, False, False]
        assert (await view.contact(RESIDENT.id)).last_case == 0
    entries = await store.ledger.events("case:2026-0001")
    assert "reporter" not in entries[0].event.persons
    assert await store.ledger.verify() is None
    assert (await retention.run(later + timedelta(days=1))).identities == 1


async def test_others_words_that_name_the_person_go_too(on_sqlite: Store) -> None:
    told = LedgerEvent("case:1", "return", {}, {"by": "han"}, {"reason": "上报人wei.zhang称已解决", "note": "无"})
    await save(on_sqlite, Effects(events=[told]))
    await erase(on_sqlite.database, RESIDENT, [], NOW)
    [entry] = await on_sqlite.ledger.events("case:1")
    assert dict(entry.event.words) == {"note": "无"}
    assert await on_sqlite.ledger.verify() is None


@pytest.mark.parametrize(
    ("text", "left"),
    [
        pytest.param("work:1:2:wecom:wei.zhang", "work:1:2:wecom:X", id="key"),
        pytest.param("wecom\np\nWei.Zhang", "wecom\np\nX", id="target, any case"),
        pytest.param("<@wei.zhang>您好", "<@X>您好", id="mention"),
        pytest.param("wei.zhang2、xwei.zhang、wei.zhang.li", "wei.zhang2、xwei.zhang、wei.zhang.li", id="others"),
        pytest.param("共77件，第77条", "共77件，第77条", id="a short number within words"),
        pytest.param("reply:77:3", "reply:X:3", id="a short number as a part"),
        pytest.param("张伟、张伟民来过", "已删除人员、张伟民来过", id="a part of another's name"),
    ],
)
def test_what_counts_as_the_person(text: str, left: str) -> None:
    traces = Traces(("wei.zhang", "wecom:wei.zhang", "77"), ("张伟",), ("张伟民",), "X")
    assert traces.replaced(text) == left


def test_a_name_beside_the_id_goes_whoever_else_bears_it() -> None:
    traces = Traces(("c-105",), (), (), "X")
    row = {"chief": "c-105", "chief_name": "李娜", "second_level": "s", "second_level_name": "李娜", "parts": ["c-105"]}
    assert traces.cleaned(row) == row | {"chief": "X", "chief_name": "已删除人员", "parts": ["X"]}
