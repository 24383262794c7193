"""Every place where a photo leaves those who handle its case: the copy that may leave, or none; never the original."""

from collections.abc import AsyncIterator, Collection, Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import docx
import pytest

from bot.attachments import KeptAttachments
from bot.clock import MovedClock
from bot.commands.printed import printed
from domain.casework.kept import Sheaf, kept
from domain.casework.work import Work
from domain.messages import ChatRoom, Look, Photo, Target, Undeliverable
from domain.papers import Album, Form, Pair
from domain.photo_facts import PhotoFacts
from media.decode import Decoder
from media.header import PhotoRefused
from media.photos import PhotoStore
from media.press import Press
from media.redact import PublicCopies
from tests.bot.commands.files import session_of
from tests.handlers.test_looking import drawn
from tests.handlers.test_looks import Found, copies
from tests.house import GROUP, MONDAY_MORNING, House

LITTER = "人民路12号门口垃圾没人捡"
WHOLE = ((0, 0, 1000, 1000),)
ROOMS = tuple(
    ChatRoom(purpose, "simulated", purpose, purpose) for purpose in ("work", "seat", "office", "leadership", "ops")
)


async def rooms() -> tuple[ChatRoom, ...]:
    return ROOMS


@pytest.fixture
async def photo(house: House) -> Photo:
    house.show("a", drawn(1))
    await house.say("刘芳", LITTER, photo="a", group=GROUP)
    kept_photo = (await house.case(1)).photos[0]
    return Photo(kept_photo.sha256, kept_photo.ext, 0)


@pytest.fixture
async def blurring(house: House) -> AsyncIterator[PublicCopies]:
    made = copies(house, WHOLE)
    yield made
    await made.close()


@pytest.fixture
async def waiting(house: House) -> AsyncIterator[PublicCopies]:
    made = copies(house, WHOLE, needs_look=True)
    yield made
    await made.close()


WHERE = [
    (Target("simulated", chat_id="work"), False, "the work group handles the case"),
    (Target("simulated", chat_id="seat"), False, "so does the command seat"),
    (Target("simulated", chat_id="office"), False, "the office decides what leaves, and about appeals"),
    (Target("simulated", userid="zhao"), False, "a person who was sent it has a part in the case"),
    (Target("simulated", chat_id="leadership"), True, "leaders only read"),
    (Target("simulated", chat_id="ops"), True, "operators run the machine"),
    (Target("simulated", chat_id="elsewhere"), True, "a group that nobody has bound"),
    (Target("wecom", chat_id="work"), True, "a group of that name on another platform"),
]


class Known:
    """Facts of pictures, in memory."""

    def __init__(self) -> None:
        self.facts: dict[str, PhotoFacts] = {}

    async def known(self, shas: Collection[str]) -> dict[str, PhotoFacts]:
        return {sha: self.facts[sha] for sha in shas if sha in self.facts}

    async def learn(self, found: Iterable[PhotoFacts], waits: Sequence[Any], now: datetime) -> None:
        self.facts.update({one.sha256: one for one in found})


async def test_posts(tmp_path: Path) -> None:
    store, clock = PhotoStore(tmp_path), MovedClock(MONDAY_MORNING)
    photo = await store.save(drawn(1))
    public = PublicCopies(store, Known(), clock, finder=Found(WHOLE))
    unseen = PublicCopies(store, Known(), clock, finder=Found(WHOLE), needs_look=True)
    async with Decoder(store) as decoder:
        looks = {await decoder.thumbnail(photo, 1600): False, await decoder.thumbnail(photo, 1600, WHOLE): True}
        sent = KeptAttachments(store, decoder, public, rooms)
        for target, is_blurred, reason in WHERE:
            assert looks[(await sent.picture(photo, 1 << 20, target)).body] is is_blurred, reason
        held, leaders = KeptAttachments(store, decoder, unseen, rooms), Target("simulated", chat_id="leadership")
        with pytest.raises(Undeliverable, match="过目"):
            await held.picture(photo, 1 << 20, leaders)
        table = await held.picture(replace(photo, look=Look.MADE), 1 << 20, leaders)
        assert table.body  # what we drew waits for nobody
    await public.close()
    await unseen.close()


async def test_the_month_printed_by_command(house: House, photo: Photo) -> None:
    await house.say("吴主任", "不外发 0001")
    album = Album("a.png", "", (Pair("甲", photo, None),))

    async def step(_work: Work) -> Sheaf:
        return Sheaf("bulletin:x", "x", (album,))

    assert await printed(session_of(house), step) == []
    async with house.store.reading(house.clock.now()) as view:
        made = await kept(Work(view, house.rules), "bulletin:x")
    assert made is not None
    assert made.photos == ()


async def test_a_written_order_says_that_its_picture_waits(house: House, photo: Photo, waiting: PublicCopies) -> None:
    press = Press(PhotoStore(house.config.store.media), waiting)
    form = Form("督办单.docx", (("编号", "1"),), (photo,), date(2026, 6, 1))
    try:
        first = docx.Document(BytesIO(await press.render(form)))
        assert await house.say("吴主任", "放行 0001 第1张")
        second = docx.Document(BytesIO(await press.render(form)))
    finally:
        await press.close()
    assert "照片1张未附：待市路长办过目" in "".join(
        p.text for t in first.tables for c in t._cells for p in c.paragraphs
    )
    assert (len(first.inline_shapes), len(second.inline_shapes)) == (0, 1)


async def test_the_optional_service_gets_what_may_leave_and_asks_nobody_to_look(
    house: House, photo: Photo, blurring: PublicCopies, waiting: PublicCopies
) -> None:
    with pytest.raises(PhotoRefused):
        await waiting.ready(photo, 320)
    assert await house.say("吴主任", "待过目") == ["没有待您过目的照片。"]
    async with Decoder(PhotoStore(house.config.store.media)) as decoder:
        assert await blurring.ready(photo, 320) == await decoder.thumbnail(photo, 320, WHOLE)


async def test_what_a_person_decides_during_the_search_stands(house: House, photo: Photo) -> None:
    class Slow(Found):
        async def find(self, photo: Photo) -> tuple[tuple[int, int, int, int], ...] | None:
            await house.say("吴主任", "不外发 0001")
            return ()

    store = PhotoStore(house.config.store.media)
    public = PublicCopies(store, house.store.photos, house.clock, finder=Slow(()))
    with pytest.raises(PhotoRefused, match="不外发"):
        await public.thumbnail(photo, 320)
    await public.close()
