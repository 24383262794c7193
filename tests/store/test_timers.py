import pytest

from domain.effects import Effects, Timer
from store import Store
from tests.store.samples import MINUTE, NOW, save


def timer(key: str, minutes: int = 0) -> Timer:
    return Timer(key, "ack", "202600000001", NOW + minutes * MINUTE)


async def test_timers_come_due_in_order(store: Store) -> None:
    await save(store, Effects(timers=[timer("late", 9), timer("b", 2), timer("a", 2), timer("first", 1)]))
    assert [t.key for t in await store.timers.due(NOW + 5 * MINUTE, 9)] == ["first", "a", "b"]
    assert [t.key for t in await store.timers.due(NOW + 5 * MINUTE, 1)] == ["first"]
    assert await store.timers.due(NOW, 9) == []
    assert await store.timers.next_due() == NOW + MINUTE


async def test_setting_a_timer_again_moves_it(store: Store) -> None:
    await save(store, Effects(timers=[timer("t", 1)]), Effects(timers=[timer("t", 3)]))
    assert await store.timers.due(NOW + MINUTE, 9) == []
    await save(store, Effects(timers=[timer("t", 0)]))
    assert await store.timers.due(NOW, 9) == [timer("t", 0)]


async def test_a_dropped_timer_never_comes(store: Store) -> None:
    await save(store, Effects(timers=[timer("t"), timer("u")]))
    await save(store, Effects(timers_dropped=["t", "unknown"]))
    await save(store, Effects(timers=[timer("v")]), Effects(timers_dropped=["v"]))
    assert [t.key for t in await store.timers.due(NOW, 9)] == ["u"]
    await save(store, Effects(timers=[timer("u", 5)], timers_dropped=["u"]))  # dropped and set anew
    assert await store.timers.next_due() == NOW + 5 * MINUTE


async def test_a_due_timer_is_claimed_once_and_with_its_effects(store: Store) -> None:
    await save(store, Effects(timers=[timer("t"), timer("later", 5)]))
    async with store.deciding(NOW) as view:
        assert await view.timer_claim("t") is True
        assert await view.timer_claim("t") is False
        assert await view.timer_claim("later") is False  # moved since it was listed
        view.apply(Effects(timers=[timer("t", 9)]))
        assert await view.timer_claim("t") is False
    assert [t.key for t in await store.timers.due(NOW + 9 * MINUTE, 9)] == ["later", "t"]


async def test_a_claim_is_undone_with_its_transaction(store: Store) -> None:
    await save(store, Effects(timers=[timer("t")]))

    async def killed() -> None:
        async with store.deciding(NOW) as view:
            assert await view.timer_claim("t")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await killed()
    assert await store.timers.due(NOW, 9) == [timer("t")]


async def test_a_timer_dropped_earlier_in_the_batch_is_not_run(store: Store) -> None:
    await save(store, Effects(timers=[timer("t")]))
    async with store.deciding(NOW) as view:
        view.apply(Effects(timers_dropped=["t"]))
        assert await view.timer_claim("t") is False


async def test_nothing_waits_in_an_empty_store(store: Store) -> None:
    assert await store.timers.next_due() is None
    assert await store.outbox.next_due() is None
    assert await store.last_beat() is None
    await store.beat(NOW)
    await store.beat(NOW + MINUTE)
    assert await store.last_beat() == NOW + MINUTE
