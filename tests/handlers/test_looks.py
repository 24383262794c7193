"""What may leave the work group: nothing unseen, the office decides, each look at an original is recorded."""

import pytest

from domain.messages import Look, Photo
from domain.photo_facts import PhotoFacts, Review
from media.header import PhotoRefused
from media.photos import PhotoStore
from media.redact import PublicCopies
from tests.handlers.test_looking import drawn
from tests.house import GROUP, SEAT_GROUP, House
from tests.media.test_decode import opened

LITTER = "人民路12号门口垃圾没人捡"


class Found:
    """Stands in for the detectors."""

    def __init__(self, boxes: tuple[tuple[int, int, int, int], ...] | None) -> None:
        self.boxes = boxes

    async def find(self, photo: Photo) -> tuple[tuple[int, int, int, int], ...] | None:
        return self.boxes

    async def close(self) -> None:
        pass


def copies(house: House, boxes: tuple[tuple[int, int, int, int], ...] | None, **other: bool) -> PublicCopies:
    store = PhotoStore(house.config.store.media)
    return PublicCopies(store, house.store.photos, house.clock, finder=Found(boxes), **other)


@pytest.fixture
async def photo(house: House) -> Photo:
    house.show("a", drawn(1))
    await house.say("刘芳", LITTER, photo="a", group=GROUP)
    kept = (await house.case(1)).photos[0]
    return Photo(kept.sha256, kept.ext, 0)


async def test_nothing_leaves_before_the_office_has_looked(house: House, photo: Photo) -> None:
    public = copies(house, ((100, 100, 400, 400),), needs_look=True)
    with pytest.raises(PhotoRefused, match="过目"):
        await public.thumbnail(photo, 320)
    await house.until(house.local(2, 10, 30))
    assert any("待您过目照片1张" in text for text in house.all_heard("市路长办群"))
    posted = await house.say("吴主任", "待过目")
    assert posted[0].startswith("待您过目照片1张：2026-0001第1张（整改前照片，已打码1处）")
    (shown,) = [p for post in house.new() for p in post.outgoing.photos]
    assert (shown.sha256, shown.look) == (photo.sha256, Look.COPY)  # the copy, not the original
    assert await house.say("吴主任", "放行 0001 第1张") == ["2026-0001第1张已放行，外发时用打码副本。"]
    made = opened(await public.thumbnail(photo, 320))
    original = opened(
        await PublicCopies(
            PhotoStore(house.config.store.media), house.store.photos, house.clock, blurs=False
        ).thumbnail(photo, 320)
    )
    inside, outside = (48, 36, 120, 90), (200, 120, 310, 230)
    assert _distance(made.crop(inside), original.crop(inside)) > 3 * _distance(
        made.crop(outside), original.crop(outside)
    )
    assert await house.say("吴主任", "待过目") == ["没有待您过目的照片。"]
    await public.close()


def _distance(one: object, other: object) -> float:
    from PIL import Image, ImageChops, ImageStat

    assert isinstance(one, Image.Image)
    assert isinstance(other, Image.Image)
    return sum(ImageStat.Stat(ImageChops.difference(one, other)).mean) + 0.1


async def test_without_the_look_only_what_was_searched_leaves(house: House, photo: Photo) -> None:
    searched = copies(house, ())
    assert await searched.thumbnail(photo, 320)
    await searched.close()


async def test_a_picture_that_could_not_be_searched_waits_for_a_person(house: House, photo: Photo) -> None:
    failing = copies(house, None)
    with pytest.raises(PhotoRefused, match="过目"):
        await failing.thumbnail(photo, 320)
    await failing.close()


async def test_kept_back_blurred_and_undone(house: House, photo: Photo) -> None:
    public = copies(house, ())
    await house.say("吴主任", "不外发 0001")
    with pytest.raises(PhotoRefused, match="不外发"):
        await public.thumbnail(photo, 320)
    assert "整张打码" in (await house.say("钱专干", "打码 0001 第1张"))[0]
    known = (await house.store.photos.known([photo.sha256]))[photo.sha256]
    assert (known.boxes, known.review) == (((0, 0, 1000, 1000),), Review.KEPT_BACK)  # blurring clears nothing
    assert "取消打码" in (await house.say("吴主任", "取消打码 0001"))[0]
    assert await public.thumbnail(photo, 320)
    await public.close()


async def test_a_blur_is_redone_by_the_numbers_on_the_picture(house: House, photo: Photo) -> None:
    public = copies(house, ((100, 100, 200, 200),))

    async def known() -> PhotoFacts:
        return (await house.store.photos.known([photo.sha256]))[photo.sha256]

    told = await house.say("钱专干", "打码 0001 第1张 5")
    assert told == ["2026-0001第1张格号如图，请核对后再回复“打码 0001 第1张 5”。"]  # nobody has seen the numbers
    assert [p.look for post in house.new() for p in post.outgoing.photos] == [Look.COPY]
    assert (await known()).boxes is None
    assert await public.numbered(photo, 320) != await public.thumbnail(photo, 320)  # the numbers stay here
    told = await house.say("钱专干", "打码 0001 5，9")
    assert told == ["2026-0001第1张外发时第5、9格打码，原图不变。恢复回复“还原 0001 第1张 5 9”。"]
    found, five, nine = (100, 100, 200, 200), (333, 333, 666, 666), (666, 666, 1000, 1000)
    assert ((await known()).boxes, (await known()).review) == ((found, five, nine), Review.CLEARED)
    assert "由市路长办" in (await house.say("钱专干", "还原 0001 9"))[0]
    assert await house.say("吴主任", "还原 0001 第1张 1 9") == ["2026-0001第1张第1、9格已还原，其余打码不变。"]
    assert (await known()).boxes == (five,)
    assert await house.say("吴主任", "还原 0001 2") == ["第2格没有打码，未作改动。"]
    assert "格号是1至9" in (await house.say("吴主任", "打码 0001 第1张 0"))[0]
    assert await house.say("吴主任", "外发图 0001") == [
        "2026-0001第1张外发时如图（格号只在这里显示）。再打码回复“打码 0001 第1张 5”（可写几格），"
        "整张回“打码 0001 第1张”，多打了回“还原 0001 第1张 5”。"
    ]
    events = [e.event for e in await house.store.ledger.events("case:2026-0001") if "blur" in e.event.kind]
    assert [(e.kind, e.facts["cells"]) for e in events] == [("photo_blurred", [5, 9]), ("photo_unblurred", [1, 9])]
    await public.close()


async def test_by_the_numbers_in_a_group_no_picture_is_shown(house: House, photo: Photo) -> None:
    told = await house.say("钱专干", "打码 0001 5", group=SEAT_GROUP)
    assert told == ["请先私聊回复“外发图 0001 第1张”看格号，再回复“打码 0001 第1张 5”。"]
    assert "请私聊" in (await house.say("钱专干", "外发图 0001", group=SEAT_GROUP))[0]
    assert "整张打码" in (await house.say("钱专干", "打码 0001", group=SEAT_GROUP))[0]
    assert [p for post in house.new() for p in post.outgoing.photos] == []


async def test_a_look_at_the_original_is_recorded(house: House, photo: Photo) -> None:
    assert await house.say("钱专干", "原图 0001") == ["2026-0001第1张原图，本次查看已留痕，请勿外传。"]
    assert [p for post in house.new() for p in post.outgoing.photos] == [photo]
    events = await house.store.ledger.events("case:2026-0001")
    assert events[-1].event.kind == "photo_seen"
    assert events[-1].event.persons == {"by": "qian"}


@pytest.mark.parametrize(
    ("who", "words", "answer"),
    [
        pytest.param("刘芳", "原图 0001", "原图和打码由指挥席和市路长办处理", id="a reporter"),
        pytest.param("钱专干", "放行 0001", "由市路长办过目决定", id="the seat clears nothing"),
        pytest.param("吴主任", "放行 0001 第7张", "没有第7张照片", id="no such picture"),
        pytest.param("吴主任", "放行", "请写案件编号", id="no case"),
    ],
)
async def test_refusals(house: House, photo: Photo, who: str, words: str, answer: str) -> None:
    assert answer in (await house.say(who, words))[0]
    assert (await house.store.photos.known([photo.sha256]))[photo.sha256].review is Review.NONE


async def test_why(house: House) -> None:
    await house.say("刘芳", "人民路百货大楼门口垃圾没人捡", group=GROUP)
    (text,) = await house.say("钱专干", "为什么 0001")
    assert text.startswith("2026-0001判定依据：\n类别：因“")
    assert "垃圾" in text
    assert "判为路面遗漏垃圾。" in text
    assert "百货大楼”对应人民路（建设街—文化街）。" in text


async def test_why_of_two_problems_of_one_message_gives_each_its_own_words(house: House) -> None:
    await house.say("刘芳", "人民路12号门口垃圾没人捡，旁边井盖破损翻板下沉", group=GROUP)
    told = [(await house.say("钱专干", f"为什么 000{number}"))[0].splitlines()[1] for number in (1, 2)]
    (manhole,) = [line for line in told if "井盖" in line]
    (litter,) = [line for line in told if "垃圾" in line]
    assert manhole != litter


async def test_why_after_people_have_corrected_it(house: House) -> None:
    await house.say("刘芳", "东边那个摊子又摆出来了", group=GROUP)
    assert "未写明位置，待人工定位。" in (await house.say("钱专干", "为什么 0001"))[0]
    await house.say("钱专干", "定位 0001 XC003")
    await house.say("钱专干", "改类 0001 路面遗漏垃圾")
    (text,) = await house.say("钱专干", "为什么 0001")
    assert "类别：由人工改为路面遗漏垃圾。" in text
    assert "位置：由人工确认为建设街（" in text
