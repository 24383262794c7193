import asyncio
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.effects import Effects, Notice, ToPerson
from domain.messages import Receipt, Target
from domain.ports import Post
from store import OutboxRow, Store
from tests.store.samples import MINUTE, NOW, case, keys_due, notice, plan, queue, save, way

SECOND = timedelta(seconds=1)


async def take(store: Store, row: OutboxRow, now: datetime = NOW, **changes: int) -> bool:
    return await store.outbox.claim(now, way(**changes), row.id, "me")  # type: ignore[arg-type]


async def only(store: Store, now: datetime = NOW) -> OutboxRow:
    [row] = await store.outbox.due(now, 9)
    return row


async def test_a_post_comes_out_as_it_was_planned(store: Store) -> None:
    post = Post(
        "k1", Target("wecom", userid="han"), None, "slot", NOW, about=case().id, person="han", mentions=("a", "b"),
        reply='{"url": 1}', fallback=Target("wecom", chat_id="g1"), urgent=True,
    )  # fmt: skip
    other = await Store.open(str(store.database.url), planner=lambda notice, view: [post])
    await save(other, Effects(notices=[notice("any")]))
    row = await only(store)
    assert {name: getattr(row, name) for name in Post.__dataclass_fields__} == {
        name: getattr(post, name) for name in Post.__dataclass_fields__
    }
    assert (row.tries, row.in_doubt) == (0, False)
    await other.close()


async def test_a_key_is_posted_once_for_ever(store: Store) -> None:
    await queue(store, notice("k1", text="一"), notice("k1", text="二"))
    row = await only(store)
    assert row.text == "一"
    assert await take(store, row)
    assert await store.outbox.sent(row, Receipt("pm1"), NOW)
    await queue(store, notice("k1", text="三"))
    assert await store.outbox.due(NOW + MINUTE, 9) == []
    [line] = await store.outbox.log(NOW, NOW + MINUTE)
    assert (line.state, line.post.text, line.robot, line.ended_at) == ("sent", "一", "r1", NOW)


async def test_a_row_is_claimed_once(store: Store) -> None:
    await queue(store, notice("k1"))
    row = await only(store)
    results = await asyncio.gather(*(take(store, row) for _ in range(5)))
    assert sorted(results) == [False] * 4 + [True]
    assert await store.outbox.due(NOW, 9) == []


async def test_order_is_kept_per_place_and_case(store: Store) -> None:
    first, second = case(1).id, case(2).id
    await queue(
        store,
        notice("a1", about=first),
        notice("a2", about=first),
        notice("b1", about=second),
        notice("c1", about=first, chat="g2"),
        notice("free1"),
        notice("free2"),
    )
    assert await keys_due(store, NOW) == ["a1", "b1", "c1", "free1", "free2"]
    a1 = (await store.outbox.due(NOW, 9))[0]
    assert await take(store, a1)
    assert "a2" not in await keys_due(store, NOW)  # the first is on its way
    assert await store.outbox.failed(a1, "PlatformUnreachable", NOW, NOW + 5 * MINUTE)
    assert "a2" not in await keys_due(store, NOW + MINUTE)  # it will be tried again
    assert "a1" in await keys_due(store, NOW + 5 * MINUTE)
    assert await take(store, a1, NOW + 5 * MINUTE)
    assert await store.outbox.failed(a1, "Undeliverable", NOW + 5 * MINUTE, None)
    assert "a2" in await keys_due(store, NOW + 5 * MINUTE)  # given up, so it holds nobody back


async def test_what_waits_behind_an_earlier_row_is_not_asked_for_without_end(store: Store) -> None:
    await queue(store, notice("first", about=case().id), notice("second", about=case().id))
    [first] = await store.outbox.due(NOW, 9)
    assert await take(store, first)
    assert await store.outbox.next_due() is None  # whoever sends the first looks again afterwards
    assert await store.outbox.failed(first, "PlatformUnreachable", NOW, NOW + 5 * MINUTE)
    assert await store.outbox.next_due() == NOW + 5 * MINUTE


async def test_a_row_not_yet_due_holds_nobody_back(store: Store) -> None:
    await queue(store, notice("later", about=case().id, due=NOW + MINUTE), notice("now", about=case().id))
    assert await keys_due(store, NOW) == ["now"]
    assert await store.outbox.next_due() == NOW
    assert await keys_due(store, NOW + MINUTE) == ["now"]


async def test_urgent_rows_come_first_and_every_place_gets_a_share(store: Store) -> None:
    await queue(store, *(notice(f"flood{n}", chat="g1") for n in range(60)), notice("other", chat="g2"))
    posts = [Post("hazard", Target("wecom", chat_id="g9"), "快", "work", NOW, urgent=True)]
    urgent = await Store.open(str(store.database.url), planner=lambda notice, view: posts)
    await queue(urgent, notice("any"))
    await urgent.close()
    keys = await keys_due(store, NOW, 10)
    assert keys[0] == "hazard"
    assert "other" in keys


async def test_a_text_rendered_when_due_is_frozen(store: Store) -> None:
    post = Post("slot", Target("wecom", userid="han"), None, "slot", NOW, about=case().id)
    slots = await Store.open(str(store.database.url), planner=lambda notice, view: [post])
    await queue(slots, notice("any"))
    await slots.close()
    row = await only(store)
    assert row.text is None
    assert await store.outbox.freeze(row.id, "今天2件") == "今天2件"
    assert await store.outbox.freeze(row.id, "今天3件") == "今天2件"
    assert (await only(store)).text == "今天2件"


async def test_a_row_with_nothing_left_to_say_is_dropped(store: Store) -> None:
    await queue(store, notice("k1", about=case().id), notice("k2", about=case().id))
    [row] = await store.outbox.due(NOW, 9)
    await store.outbox.drop(row.id, "empty", NOW)
    assert await keys_due(store, NOW) == ["k2"]


async def test_a_person_out_of_reach_is_told_through_the_group(store: Store) -> None:
    await save(store, Effects(notices=[Notice("k1", ToPerson("han"), "您好", "work")]))
    row = await only(store)
    assert await take(store, row)
    assert await store.outbox.failed(row, "Undeliverable", NOW, NOW)
    await store.outbox.retarget(row, Target("wecom", chat_id="g1"))
    moved = await only(store)
    assert (moved.target, moved.tries) == (Target("wecom", chat_id="g1"), 1)


async def test_what_may_have_arrived_is_marked(store: Store) -> None:
    await queue(store, notice("k1"))
    row = await only(store)
    assert await take(store, row)
    assert await store.outbox.unknown(row, NOW, NOW + MINUTE)
    assert await store.outbox.due(NOW, 9) == []
    again = await only(store, NOW + MINUTE)
    assert (again.in_doubt, again.tries) == (True, 1)
    assert await take(store, again, NOW + MINUTE)
    assert await store.outbox.failed(again, "RateLimited", NOW + MINUTE, NOW + MINUTE)
    assert (await only(store, NOW + MINUTE)).in_doubt  # still: the first try may have arrived


async def test_a_restart_takes_back_what_was_being_sent(store: Store) -> None:
    await queue(store, notice("k1"))
    row = await only(store)
    assert await take(store, row)
    again = await Store.open(str(store.database.url), planner=plan)
    assert await again.outbox.recover(NOW + SECOND, lease=MINUTE) == 0  # its sender may still live
    assert await again.outbox.recover(NOW + SECOND) == 1
    assert await again.outbox.recover(NOW + SECOND) == 0
    back = await only(again, NOW + SECOND)
    assert back.in_doubt
    assert await again.outbox.claim(NOW + SECOND, way(), back.id, "new")
    # the old process wakes up: it changes nothing any more
    assert await store.outbox.sent(row, Receipt("late"), NOW + MINUTE) is False
    assert await again.outbox.sent(back, Receipt("pm"), NOW + MINUTE) is True
    await again.close()


async def test_the_limit_holds_in_every_window_and_across_a_restart(store: Store) -> None:
    await queue(store, *(notice(f"k{n}", chat=f"g{n}") for n in range(6)))
    rows = await store.outbox.due(NOW, 9)
    for number, row in enumerate(rows[:2]):
        start = NOW + number * 10 * SECOND
        assert await take(store, row, start, limit=3)
        assert await store.outbox.sent(row, Receipt(), start + SECOND)
    assert await take(store, rows[2], NOW + 20 * SECOND, limit=3)  # never finished: the process dies
    again = await Store.open(str(store.database.url), planner=plan)
    assert not await take(again, rows[3], NOW + 59 * SECOND, limit=3)
    await again.outbox.recover(NOW + 62 * SECOND)
    left = [row for row in await again.outbox.due(NOW + 62 * SECOND, 9) if row.key in {"k3", "k4", "k5"}]
    # the first has left the window at :61, the abandoned one counts from :62
    assert await take(again, left[0], NOW + 62 * SECOND, limit=3)
    assert not await take(again, left[1], NOW + 62 * SECOND, limit=3)
    await again.close()


async def test_a_full_robot_does_not_stand_before_others(store: Store) -> None:
    people = [Notice(f"p{n}", ToPerson(f"u{n}"), "您好", "work") for n in range(8)]
    await queue(store, *people, notice("group"))
    first = await store.outbox.due(NOW, 1)
    assert await take(store, first[0], limit=1)
    assert await store.outbox.sent(first[0], Receipt(), NOW)
    refused = [row for row in await store.outbox.due(NOW, 9) if row.key != "group"]
    assert not any([await take(store, row, limit=1) for row in refused])
    assert await keys_due(store, NOW) == ["group"]  # the rest rest
    assert len(await keys_due(store, NOW + MINUTE)) == 8


async def test_a_penalty_outlives_a_restart_and_is_never_shortened(store: Store) -> None:
    await queue(store, notice("k1"), notice("k2", chat="g2"))
    await store.outbox.cool("r1", NOW + 10 * MINUTE)
    await store.outbox.cool("r1", NOW + MINUTE)
    again = await Store.open(str(store.database.url), planner=plan)
    row, other = await again.outbox.due(NOW, 9)
    assert not await take(again, row, NOW + 5 * MINUTE)
    assert await again.outbox.claim(NOW + 5 * MINUTE, way("r2"), other.id, "me")
    assert await keys_due(again, NOW + 9 * MINUTE) == []
    assert await take(again, row, NOW + 10 * MINUTE)
    await again.close()


async def test_claims_and_results_share_commits(on_sqlite: Store) -> None:
    await queue(on_sqlite, *(notice(f"k{n}", chat=f"g{n}") for n in range(20)))
    rows = await on_sqlite.outbox.due(NOW, 20)
    assert all(await asyncio.gather(*(take(on_sqlite, row) for row in rows)))
    assert all(await asyncio.gather(*(on_sqlite.outbox.sent(row, Receipt(), NOW) for row in rows)))
    assert on_sqlite.outbox.batches == 2


async def test_the_log_is_searched_and_purged(store: Store) -> None:
    await queue(store, notice("k1", about=case(1).id), notice("k2", about=case(2).id))
    await queue(store, notice("k3", about=case(1).id), now=NOW + MINUTE)
    day = NOW + timedelta(days=1)
    assert [line.post.key for line in await store.outbox.log(NOW, day, about=case(1).id)] == ["k3", "k1"]
    assert [line.post.key for line in await store.outbox.log(NOW, NOW + MINUTE)] == ["k2", "k1"]
    assert await store.outbox.log(NOW, day, state="sent") == []
    [row] = [row for row in await store.outbox.due(NOW, 9) if row.key == "k2"]
    assert await take(store, row)
    await store.outbox.sent(row, Receipt(), NOW)
    assert await store.outbox.purge(NOW + MINUTE) == 1
    assert [line.post.key for line in await store.outbox.log(NOW, day)] == ["k3", "k1"]
    assert await store.outbox.depth() == 2


STEPS = st.lists(
    st.tuples(st.sampled_from(["claim", "claim", "claim", "finish", "unknown", "kill"]), st.integers(0, 25)),
    min_size=10,
    max_size=40,
)


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS, run=st.uuids())
async def test_no_history_breaks_a_limit(on_sqlite: Store, steps: list[tuple[str, int]], run: object) -> None:
    """Whatever is claimed, finished, lost or killed, a platform never sees more than 3 posts in any 60 seconds."""
    robot, now = f"robot {run}", NOW
    await queue(on_sqlite, *(notice(f"{run} {n}", chat=f"{run} {n}") for n in range(12)))
    rows = {row.key: row for row in await on_sqlite.outbox.due(NOW, 100) if row.key.startswith(str(run))}
    running: dict[str, datetime] = {}
    spans: list[tuple[datetime, datetime]] = []  # when the platform may have counted each post
    for what, seconds in steps:
        now += seconds * SECOND
        waiting = [key for key in rows if key not in running]
        if what == "claim" and waiting and await on_sqlite.outbox.claim(now, way(robot, 3), rows[waiting[0]].id, "me"):
            running[waiting[0]] = now
        elif what == "kill":
            spans += [(start, now) for start in running.values()]
            await on_sqlite.outbox.recover(now)
            running.clear()
        elif what != "claim" and running:
            key = next(iter(running))
            spans.append((running.pop(key), now))
            await on_sqlite.outbox.unknown(rows[key], now)
    # the worst case: each post is counted at the end of its span or at the start of it
    for _first, end in spans:
        inside = [span for span in spans if span[1] > end - MINUTE and span[0] <= end and span[1] <= end]
        assert len(inside) <= 3


@pytest.mark.parametrize("finished", [pytest.param(True, id="finished"), pytest.param(False, id="still running")])
async def test_every_attempt_counts(store: Store, finished: bool) -> None:
    await queue(store, notice("k1"), notice("k2", chat="g2"))
    first, second = await store.outbox.due(NOW, 9)
    assert await take(store, first, limit=1)
    if finished:
        await store.outbox.failed(first, "PlatformUnreachable", NOW, NOW + MINUTE)
    assert not await take(store, second, NOW + 59 * SECOND, limit=1)
    assert await take(store, second, NOW + MINUTE, limit=1) is finished
