import asyncio
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from domain.case import Case, CasePhoto, Chain, Event, State, id_of
from domain.effects import Contact, Effects, Gather, LedgerEvent, Notice, PeriodState, Question, Timer, ToPerson
from domain.messages import Choice, Photo, Receipt
from domain.ports import CaseQuery
from domain.roster import Leave
from store import AlreadyClaimed, SqlView, Store
from tests.store.samples import MINUTE, NOW, case, effects_of, notice, queue, save, way

PHOTO = CasePhoto("aa11", "jpg", "before", NOW, "rep")


def question(question_id: str = "q1", **changes: Any) -> Question:
    given: dict[str, Any] = {
        "platform": "wecom", "chat_id": "g1", "person": "rep", "kind": "place", "case": case().id,
        "options": (Choice("a", "人民路"), Choice("b", "建设街")), "asked_at": NOW, "until": NOW + 5 * MINUTE,
        "facts": {"text": "坑"},
    }  # fmt: skip
    return Question(question_id, **(given | changes))


def gather(**changes: Any) -> Gather:
    given: dict[str, Any] = {
        "platform": "wecom", "chat_id": "g1", "person": "rep", "photos": (Photo("aa", "jpg", 10, 4, 3),),
        "started_at": NOW, "until": NOW + MINUTE, "message_id": "m1",
    }  # fmt: skip
    return Gather(**(given | changes))


async def test_effects_are_seen_at_once_and_kept_by_the_commit(store: Store) -> None:
    mine = case(photos=(PHOTO,), message_id="m1", platform="wecom")
    async with store.deciding(NOW) as view:
        assert await view.case(mine.id) is None
        view.apply(effects_of(mine))
        assert await view.case(mine.id) == mine
        assert await view.in_hand("han") == [mine]
        assert await view.cases(CaseQuery(handler="han")) == [mine]
        assert await view.photo_cases("aa11") == [mine.id]
        assert await view.by_message("wecom", "m1") == [mine]
    async with store.reading(NOW) as view:
        assert await view.case(mine.id) == mine
        assert await view.in_hand("han") == [mine]
        assert await view.photo_cases("aa11") == [mine.id]
        assert await view.by_message("wecom", "m1") == [mine]
        assert await view.by_message("dingtalk", "m1") == []


async def test_an_exception_leaves_nothing(store: Store) -> None:
    async def killed() -> None:
        async with store.deciding(NOW) as view:
            await view.next_sequence(2026)
            effects = effects_of(case(photos=(PHOTO,)))
            effects.notices.append(notice("k1"))
            effects.timers.append(Timer("t1", "ack", "1", NOW))
            view.apply(effects)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await killed()
    async with store.reading(NOW) as view:
        assert await view.case(case().id) is None
    assert await store.outbox.due(NOW, 9) == []
    assert await store.timers.due(NOW, 9) == []
    assert await store.ledger.events("case:2026-0001") == []


async def test_a_decision_that_is_cancelled_leaves_nothing_and_holds_nobody_up(store: Store) -> None:
    begun, never = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        async with store.deciding(NOW) as view:
            view.apply(effects_of(case()))
            begun.set()
            await never.wait()

    task = asyncio.create_task(work())
    await begun.wait()
    task.cancel()
    await asyncio.wait({task})
    assert task.cancelled()
    await save(store, effects_of(case(2)))
    async with store.reading(NOW) as seen:
        assert await seen.case(case().id) is None
        assert await seen.case(case(2).id) is not None


def _queries() -> list[Any]:
    day = timedelta(days=1)
    return [
        pytest.param(CaseQuery(handler="h2"), [2, 5], id="handler"),
        pytest.param(CaseQuery(responsible="c3"), [3], id="the chain's chief"),
        pytest.param(CaseQuery(responsible="standin"), [4], id="today's stand-in"),
        pytest.param(CaseQuery(second_level="s3"), [3], id="second level"),
        pytest.param(CaseQuery(states=frozenset({State.CLOSED})), [5], id="state"),
        pytest.param(CaseQuery(states=frozenset({State.ASSIGNED}), township="新区"), [1, 2], id="state and township"),
        pytest.param(CaseQuery(states=frozenset()), [], id="no state at all"),
        pytest.param(CaseQuery(reported_since=NOW + 3 * day), [3, 4, 5], id="reported since"),
        pytest.param(CaseQuery(reported_until=NOW + 3 * day), [1, 2], id="reported until, exclusive"),
        pytest.param(CaseQuery(closed_since=NOW), [5], id="closed since"),
        pytest.param(CaseQuery(closed_until=NOW), [], id="closed until, exclusive"),
        pytest.param(CaseQuery(due_before=NOW + 2 * day), [1], id="due before"),
        pytest.param(CaseQuery(due_since=NOW + 2 * day), [2], id="due since"),
        pytest.param(CaseQuery(segment="XZ4", category="litter"), [4], id="segment and category"),
        pytest.param(CaseQuery(reporter="r1", limit=1), [1], id="reporter"),
        pytest.param(CaseQuery(limit=2), [4, 5], id="newest first, no more than asked"),
    ]


def _five() -> list[Case]:
    day = timedelta(days=1)
    return [
        case(1, reporter="r1", township="新区", due=NOW + day, reported_at=NOW + day),
        case(2, handler="h2", township="新区", due=NOW + 2 * day, reported_at=NOW + 2 * day),
        case(3, chain=Chain("u", "c3", "s3"), chief="c3", reported_at=NOW + 3 * day),
        case(4, chain=Chain("u", "c4"), chief="standin", segment="XZ4", category="litter", reported_at=NOW + 4 * day),
        case(5, handler="h2", state=State.CLOSED, closed_at=NOW, reported_at=NOW + 5 * day),
    ]


@pytest.mark.parametrize(("query", "expected"), _queries())
async def test_searches_agree_on_rows_and_on_unwritten_changes(
    on_sqlite: Store, query: CaseQuery, expected: list[int]
) -> None:
    wanted = [id_of(2026, n) for n in reversed(expected)]
    async with on_sqlite.deciding(NOW) as view:
        view.apply(effects_of(*_five()))
        assert [c.id for c in await view.cases(query)] == wanted
        in_memory = await view.count(query)
    async with on_sqlite.reading(NOW) as view:
        assert [c.id for c in await view.cases(query)] == wanted
        assert await view.count(query) == in_memory
    async with on_sqlite.deciding(NOW) as view:  # half on disk, half changed
        view.apply(effects_of(*_five()[::2]))
        assert [c.id for c in await view.cases(query)] == wanted
        assert await view.count(query) == in_memory


async def test_a_change_moves_a_case_out_of_and_into_a_search(store: Store) -> None:
    await save(store, effects_of(case(1), case(2)))
    async with store.deciding(NOW) as view:
        view.apply(effects_of(case(1, handler="other"), case(2, state=State.RESOLVED)))
        assert await view.cases(CaseQuery(handler="han", states=frozenset({State.ASSIGNED}))) == []
        assert [c.short for c in await view.in_hand("other")] == ["0001"]
        assert await view.in_hand("han") == []


async def test_pictures_follow_their_case(store: Store) -> None:
    after = replace(PHOTO, sha256="bb22", role="after")
    await save(store, effects_of(case(photos=(PHOTO,))), Effects(photos=[(case().id, after), (case().id, after)]))
    async with store.deciding(NOW) as view:
        found = await view.case(case().id)
        assert found is not None
        assert found.photos == (PHOTO, after)
        view.apply(effects_of(replace(found, photos=(after,))))
    async with store.reading(NOW) as view:
        assert await view.photo_cases("aa11") == []
        assert await view.photo_cases("bb22") == [case().id]
    # written without having been read: the old pictures go all the same
    await save(store, effects_of(case(photos=())))
    async with store.reading(NOW) as view:
        assert await view.photo_cases("bb22") == []


async def test_numbers_mean_open_cases_first_then_this_year(store: Store) -> None:
    async with store.deciding(NOW) as view:
        assert [await view.next_sequence(2026) for _ in range(2)] == [1, 2]
        assert await view.next_sequence(2025) == 1
        old = replace(case(), id=id_of(2025, 1))
        view.apply(effects_of(old, case(1, state=State.CLOSED), case(2, state=State.CLOSED)))
        assert await view.numbered(1, None, 2026) == [old]
    async with store.deciding(NOW) as view:
        assert await view.next_sequence(2026) == 3
        await view.preload(numbers=[1, 2])
        assert [c.number for c in await view.numbered(1, None, 2026)] == ["2025-0001"]
        assert [c.number for c in await view.numbered(1, 2026, 2026)] == ["2026-0001"]
        assert [c.number for c in await view.numbered(2, None, 2026)] == ["2026-0002"]
        assert await view.numbered(9, None, 2026) == []


async def test_the_latest_open_question_is_the_one_asked(store: Store) -> None:
    other, stale = question("q3", chat_id="g2"), question("q4", until=NOW)
    # of one instant, as when one batch asks twice: the later one counts all the same
    await save(store, Effects(questions=[other, stale, question("q1"), question("q2")]))
    for preloaded in (False, True):
        async with store.deciding(NOW) as view:
            if preloaded:
                await view.preload(persons=["rep"], chats=["g1"])
            latest = await view.question("wecom", "g1", "rep")
            assert latest is not None
            assert replace(latest, asked_at=NOW) == question("q2")
            assert await view.question_by_id("q4") is None
            view.apply(Effects(questions_closed=["q2"]))
            before = await view.question("wecom", "g1", "rep")
            assert before is not None
            assert before.id == "q1"
            assert await view.question_by_id("q2") is None
            view.apply(Effects(questions=[question("q2")]))
    await save(store, Effects(questions_closed=["q1", "q2"]))
    async with store.reading(NOW) as seen:
        assert await seen.question("wecom", "g1", "rep") is None
        assert await seen.question_by_id("q3") == other


async def test_waiting_photos_are_replaced_and_closed(store: Store) -> None:
    more = gather(photos=(Photo("aa", "jpg", 10), Photo("bb", "png", 20)))
    await save(store, Effects(gathers=[gather()]))
    async with store.deciding(NOW) as view:
        assert await view.gather("wecom", "g1", "rep") == gather()
        view.apply(Effects(gathers=[more]))
        assert await view.gather("wecom", "g1", "rep") == more
        assert await view.gather("wecom", "g2", "rep") is None
    async with store.deciding(NOW) as view:
        assert await view.gather("wecom", "g1", "rep") == more
        view.apply(Effects(gathers_closed=[("wecom", "g1", "rep")]))
        assert await view.gather("wecom", "g1", "rep") is None
    async with store.reading(NOW) as view:
        assert await view.gather("wecom", "g1", "rep") is None


async def test_small_facts_are_remembered(store: Store) -> None:
    told = Contact("rep", privacy_told=True, unknown_told_at=NOW, last_case=case().id, last_case_at=NOW, last_chat="g1")
    await save(
        store, Effects(contacts=[told], settings={"mute": {"until": 5}}, periods=[PeriodState("2026-10", {"a": 1})])
    )
    async with store.deciding(NOW) as view:
        assert await view.contact("rep") == told
        assert await view.contact("stranger") == Contact("stranger")
        assert await view.setting("mute") == {"until": 5}
        assert await view.setting("other") is None
        assert await view.period("2026-10") == PeriodState("2026-10", {"a": 1})
        assert await view.period("2026-09") is None
        view.apply(Effects(settings={"mute": None}, periods=[PeriodState("2026-10", {"a": 2})]))
        assert await view.setting("mute") is None
    async with store.reading(NOW) as view:
        assert await view.setting("mute") is None
        assert await view.period("2026-10") == PeriodState("2026-10", {"a": 2})


async def test_a_quoted_post_leads_to_its_case_by_id_or_by_text(store: Store) -> None:
    mine = case(message_id="m1", platform="wecom")
    await save(store, effects_of(mine), Effects(notices=[notice("k1", about=mine.id, text="2026-0001 已收到\n谢谢")]))
    [row] = await store.outbox.due(NOW, 9)
    assert await store.outbox.claim(NOW, way(), row.id, "me")
    await store.outbox.sent(row, Receipt("pm9"), NOW)
    async with store.reading(NOW) as view:
        assert await view.by_message("wecom", "pm9") == [mine]
        assert await view.by_message("wecom", "2026-0001  已收到 谢谢") == [mine]
        assert await view.by_message("dingtalk", "pm9") == []
        assert await view.by_message("wecom", "谢谢") == []


async def test_every_month_is_told_in_order_with_the_changes_of_this_batch(store: Store) -> None:
    async with store.deciding(NOW) as view:
        view.apply(Effects(periods=[PeriodState(month, {"a": 1}) for month in ("2026-10", "2025-12", "2026-02")]))
    async with store.deciding(NOW) as view:
        view.apply(Effects(periods=[PeriodState("2026-02", {"a": 2}), PeriodState("2026-01", {})]))
        assert [(state.period, state.facts) for state in await view.periods()] == [
            ("2025-12", {"a": 1}),
            ("2026-01", {}),
            ("2026-02", {"a": 2}),
            ("2026-10", {"a": 1}),
        ]
    async with store.reading(NOW) as view:
        assert [state.period for state in await view.periods()] == ["2025-12", "2026-01", "2026-02", "2026-10"]


async def test_posts_to_a_person_are_counted_before_and_after_they_are_written(store: Store) -> None:
    def told(key: str, kind: str = "remind") -> Notice:
        return Notice(key, ToPerson("han"), "请处理", kind)

    async with store.deciding(NOW) as view:
        view.apply(Effects(notices=[told("a"), told("b"), told("a"), told("c", "other")]))
        assert await view.sent_today("han", "remind", NOW) == 2
    async with store.deciding(NOW + MINUTE) as view:
        assert await view.sent_today("han", "remind", NOW) == 2
        view.apply(Effects(notices=[told("a"), told("d")]))
        assert await view.sent_today("han", "remind", NOW) == 3
    async with store.reading(NOW) as view:
        assert await view.sent_today("han", "remind", NOW + MINUTE) == 1


async def test_a_second_claim_of_a_run_fails_the_whole_commit(store: Store) -> None:
    await save(store, Effects(claims=[("digest", "2026-10-05")]))
    async with store.reading(NOW) as seen:
        assert await seen.claimed("digest", "2026-10-05")
        assert not await seen.claimed("digest", "2026-10-06")
    with pytest.raises(AlreadyClaimed):
        await save(store, effects_of(case()), Effects(claims=[("digest", "2026-10-05")]))
    async with store.reading(NOW) as seen:
        assert await seen.case(case().id) is None


async def test_leaves_change_the_roster_that_the_batch_sees(store: Store) -> None:
    first, last, future = date(2026, 10, 1), date(2026, 10, 9), date(2026, 12, 1)
    now, later = Leave("han", "sub", first, last), Leave("han", "", future, future)
    async with store.deciding(NOW) as view:
        view.apply(Effects(leaves=[now, later]))
        assert view.roster.leave_of("han", first) == now
    async with store.deciding(NOW) as view:
        assert view.roster.leaves == (now, later)
        view.apply(Effects(leaves_ended=[("han", date(2026, 10, 5))]))
        assert view.roster.leave_of("han", date(2026, 10, 5)) is None
        assert view.roster.leave_of("han", date(2026, 10, 4)) is not None
        assert view.roster.leave_of("han", future) == later
    seen = await store.rosters.load()
    assert seen.leaves == (replace(now, last=date(2026, 10, 4)), later)
    await save(store, Effects(leaves_ended=[("han", first)]))
    assert (await store.rosters.load()).leaves == (later,)


async def test_a_reading_view_takes_no_effects(on_sqlite: Store) -> None:
    async with on_sqlite.reading(NOW) as view:
        with pytest.raises(RuntimeError, match="reading"):
            view.apply(Effects())


async def test_a_photo_for_a_case_nobody_read_is_a_fault(on_sqlite: Store) -> None:
    with pytest.raises(LookupError):
        await save(on_sqlite, Effects(photos=[(5, PHOTO)]))


async def test_head_and_findings_are_within_reach(on_sqlite: Store) -> None:
    await save(on_sqlite, effects_of(case()))
    async with on_sqlite.reading(NOW) as view:
        assert await view.head() == ""
    closed = await on_sqlite.ledger.close_day(date(2026, 10, 5), NOW)
    async with on_sqlite.reading(NOW) as view:
        assert await view.head() == closed.printed
        assert await view.findings(NOW, NOW + MINUTE) == []


async def test_every_event_keeps_its_words_and_persons(store: Store) -> None:
    effects = Effects()
    effects.case_event(case(), Event.REPORT, persons={"reporter": "rep", "handler": ""}, words={"text": "坑"}, slot=3)
    await save(store, effects, Effects(events=[LedgerEvent("rules", "load", {"at": NOW})]))
    [entry] = await store.ledger.events("case:2026-0001")
    assert entry.event.persons == {"reporter": "rep"}
    assert entry.event.words == {"text": "坑"}
    assert entry.event.facts["slot"] == 3
    assert (entry.seq, entry.at, entry.event.kind) == (1, NOW, "report")


async def _decide(store: Store, size: int) -> None:
    numbers = range(1, size + 1)
    async with store.deciding(NOW) as view:
        await view.preload(case_ids=map(_id, numbers), persons=[f"p{n}" for n in numbers], chats=["g1"])
        for number in numbers:
            await _one(view, number)


def _id(number: int) -> int:
    return id_of(2026, number)


async def _one(view: SqlView, number: int) -> None:
    person = f"p{number}"
    known = await view.case(_id(number)) or case(number, handler=person)
    assert len(await view.in_hand(person)) <= 1
    await view.question("wecom", "g1", person)
    await view.gather("wecom", "g1", person)
    await view.contact(person)
    effects = Effects()
    effects.case_event(
        replace(known, version=known.version + 1, photos=(PHOTO,)),
        Event.URGE,
        persons={"by": person},
        words={"t": "快"},
    )
    effects.notices.append(notice(f"k{number}", about=known.id))
    effects.timers.append(Timer(f"t{number}", "ack", str(known.id), NOW))
    effects.questions.append(question(f"q{number}", person=person))
    effects.gathers.append(gather(person=person))
    effects.contacts.append(Contact(person, last_case=known.id))
    view.apply(effects)


async def test_the_statements_of_a_batch_do_not_grow_with_it(on_sqlite: Store, statements: list[str]) -> None:
    counts = []
    for size in (1, 2, 40, 80):
        await _decide(on_sqlite, size)  # new rows
        del statements[:]
        await _decide(on_sqlite, size)  # and the same rows again, changed
        counts.append(len(statements))
    assert counts[1:] == [counts[0]] * 3
    assert counts[0] <= 26


async def test_no_decision_reads_a_whole_table(on_sqlite: Store, statements: list[str]) -> None:
    await _decide(on_sqlite, 3)
    await _decide(on_sqlite, 3)
    async with on_sqlite.deciding(NOW) as view:
        for name in ("handler", "responsible", "second_level", "reporter", "township", "segment", "category"):
            query = replace(CaseQuery(), **{name: "x"})  # type: ignore[arg-type]
            await view.cases(query)
            await view.count(replace(query, states=frozenset({State.ASSIGNED})))
        await view.cases(CaseQuery(reported_since=NOW))
        await view.cases(CaseQuery(closed_since=NOW))
        await view.cases(CaseQuery(states=frozenset({State.ASSIGNED}), due_before=NOW))
        await view.photo_cases("x")
        await view.by_message("wecom", "x")
        await view.question_by_id("x")
        await view.sent_today("p1", "work", NOW)
        await view.timer_claim("t1")
    await on_sqlite.timers.due(NOW, 5)
    await on_sqlite.timers.next_due()
    await on_sqlite.inbox.waiting(5)
    await on_sqlite.inbox.depth()
    await queue(on_sqlite, notice("k"))
    assert await on_sqlite.outbox.due(NOW, 5)
    await on_sqlite.outbox.next_due()
    await on_sqlite.outbox.depth()
    assert await plans_that_scan(on_sqlite, statements) == []


SMALL = ("counter", "leave", "room", "roster_", "account", "goal", "ledger_head", "heartbeat", "setting")


async def plans_that_scan(store: Store, statements: list[str]) -> list[str]:
    found = []
    async with store.database.reading() as connection:
        for statement in sorted(
            {s for s in statements if s.split()[0] in {"SELECT", "UPDATE", "DELETE", "INSERT", "WITH"}}
        ):
            values = (1,) * statement.count("?")
            plan = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
            found += [f"{row.detail}: {statement}" for row in plan if _scans(row.detail)]
    return found


def _scans(step: str) -> bool:
    if not step.startswith("SCAN ") or "USING" in step or "CONSTANT" in step:
        return False
    return not step.removeprefix("SCAN ").startswith(SMALL) and "SUBQUERY" not in step
