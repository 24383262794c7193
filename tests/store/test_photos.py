from datetime import UTC, datetime, timedelta

from domain.effects import Effects
from domain.messages import Photo
from domain.photo_facts import PhotoFacts, Review, Watermark
from store import Store
from store.photos import NewWait

NOW = datetime(2026, 6, 1, 1, 0, tzinfo=UTC)


def facts(sha256: str, *hashes: int, **other: object) -> PhotoFacts:
    return PhotoFacts(sha256, hashes=hashes, grey=sha256.encode(), **other)  # type: ignore[arg-type]


async def test_what_goes_in_comes_out(store: Store) -> None:
    mark = Watermark("人民路86号", NOW, (113.7, 34.4), "占道经营", ("XC001",), "stalls", "一般", is_hazard=True)
    known = PhotoFacts("a", NOW, (113.71, 34.41), mark, (), b"\0\xff", ("b",), ((1, 2, 30, 40),), Review.CLEARED)
    await store.photos.learn([known], [], NOW)
    assert await store.photos.known(["a", "other"]) == {"a": known}


async def test_a_copy_is_found_by_one_equal_band_and_nothing_else_is(store: Store) -> None:
    kept = [facts("near", 0x1111_2222_3333_4444), facts("far", 0x1110_2220_3330_4440), facts("flat")]
    await store.photos.learn(kept, [], NOW)
    asked = facts("asked", 0xFFFF_FFFF_FFFF_FFFF, 0xAAAA_2222_BBBB_CCCC)
    assert await store.photos.candidates(asked) == [("near", b"near")]
    assert await store.photos.candidates(facts("wall")) == []
    again = facts("near", 0x1111_2222_3333_4444)
    assert [sha for sha, _ in await store.photos.candidates(again)] == []  # never itself


async def test_the_search_reads_no_whole_table(on_sqlite: Store) -> None:
    from sqlalchemy import text

    async with on_sqlite.database.reading() as connection:
        plan = await connection.execute(
            text("EXPLAIN QUERY PLAN SELECT sha256 FROM photo_hash WHERE band0 IN (1, 2) OR band1 IN (3)")
        )
        steps = [row[3] for row in plan]
    assert not any(step.startswith("SCAN") for step in steps), steps


async def test_the_queue_survives_and_ends_with_its_commit(store: Store) -> None:
    wait = NewWait(Photo("a", "jpg", 0), "wecom", "g", is_group=True, person="zhao", message_id="m1")
    await store.photos.learn([facts("a")], [wait, wait], NOW)
    await store.photos.learn([], [wait], NOW + timedelta(minutes=1))  # delivered again
    (waiting,) = await store.photos.waiting(10)
    assert (waiting.photo.sha256, waiting.person, waiting.is_group) == ("a", "zhao", True)
    async with store.deciding(NOW) as view:
        view.apply(Effects(photo_facts=[facts("a", review=Review.WAITING)]))
        assert (await view.photo_facts(["a"])).of("a").review is Review.WAITING
        assert [one.sha256 for one in await view.photos_for_review(9)] == ["a"]
        view.photo_read(waiting.id)
    assert await store.photos.waiting(10) == []
    async with store.reading(NOW) as view:
        assert [one.sha256 for one in await view.photos_for_review(9)] == ["a"]
