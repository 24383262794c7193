"""What pictures tell beside words: where and when they were taken, and whether they were used before."""

import io
import random
from datetime import datetime, timedelta

from PIL import Image, ImageDraw

from domain.case import State
from tests.house import GROUP, SEAT_GROUP, House
from tests.media.test_reading import exif

LITTER = "人民路12号门口垃圾没人捡"


def drawn(
    seed: int, *, quality: int = 80, stamp: str = "", taken: str = "", gps: dict[int, object] | None = None
) -> bytes:
    """A picture with texture, always the same for a seed; `stamp` stands where watermarks stand."""
    chance = random.Random(seed)
    image = Image.frombytes("RGB", (16, 12), chance.randbytes(576)).resize((320, 240), Image.Resampling.BICUBIC)
    draw = ImageDraw.Draw(image)
    for _ in range(12):
        x, y = chance.randrange(320), chance.randrange(240)
        draw.rectangle((x, y, x + chance.randrange(10, 90), y + chance.randrange(10, 90)), tuple(chance.randbytes(3)))
    if stamp:
        draw.text((8, 190), stamp, fill="white", font_size=24)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality, exif=exif(taken=taken, gps=gps) if taken or gps else b"")
    return out.getvalue()


def gps(longitude: float, latitude: float) -> dict[int, object]:
    return {1: "N", 2: (latitude, 0.0, 0.0), 3: "E", 4: (longitude, 0.0, 0.0)}


async def reported(house: House, photo: str = "") -> int:
    """Open a case of 赵强 and return its number's last part."""
    await house.say("刘芳", LITTER, photo=photo or (), group=GROUP)
    return len(await house.cases())


def pictures_to(house: House, place: str) -> int:
    """How many pictures went to a person or a group since the last thing said."""
    posts = [p.outgoing for p in house.new() if place in (p.outgoing.target.userid, p.outgoing.target.chat_id)]
    return sum(len(post.photos) for post in posts)


async def test_a_photo_says_where_when_no_word_does(house: House) -> None:
    house.show("a", drawn(1, gps=gps(113.7042, 34.4001)))  # WGS-84, on the first segment of 人民路
    await house.say("刘芳", "烧烤店占道经营", photo="a", group=GROUP)
    case = await house.case(1)
    assert (case.state, case.segment) == (State.ASSIGNED, "XC001")
    assert "by=exif" in case.why


async def test_words_beat_what_a_photo_says(house: House) -> None:
    house.show("a", drawn(1, gps=gps(113.7042, 34.4001)))
    await house.say("刘芳", "人民路150号 烧烤店占道经营", photo="a", group=GROUP)
    case = await house.case(1)
    assert (case.segment, case.place) == ("XC002", "人民路150号")
    assert "by=words" in case.why


async def test_a_photo_at_a_crossing_decides_nothing(house: House) -> None:
    house.show("a", drawn(1, gps=gps(113.71, 34.4)))
    posted = await house.say("刘芳", "烧烤店占道经营", photo="a", group=GROUP)
    assert (await house.case(1)).state is State.UNLOCATED
    assert any("请确认位置：1 人民路（" in text and "2 人民路（" in text for text in posted)


async def test_a_photo_elsewhere_in_the_world_places_nothing(house: House) -> None:
    house.show("a", drawn(1, gps=gps(121.5, 31.2)))
    await house.say("刘芳", "烧烤店占道经营", photo="a", group=GROUP)
    assert (await house.case(1)).state is State.UNLOCATED


async def test_evidence_that_resembles_another_cases_photo_is_asked_about_and_shown_to_the_verifier(
    house: House,
) -> None:
    house.show("old", drawn(1))
    house.show("new", drawn(1, quality=55, stamp="14:02"))
    first = await reported(house)
    await house.say("赵强", f"{first:04d} 已处理", photo="old")
    await house.say("钱专干", f"{first:04d} 通过")
    await house.advance(hours=25)
    second = await reported(house)
    posted = await house.say("赵强", f"{second:04d} 已处理", photo="new")
    assert posted == [f"该照片与2026-{first:04d}整改照片高度相似，请核对后重新上传；如确为本件，请回复“确认”。"]
    assert (await house.case(second)).state is State.ASSIGNED
    await house.say("赵强", "确认")
    case = await house.case(second)
    assert case.state is State.RESOLVED
    assert case.doubts == (f"alike:2026-{first:04d}:after",)
    (post,) = [p for p in house.new() if "待复核" in p.outgoing.text]
    assert f"请核对照片：与2026-{first:04d}整改照片高度相似。" in post.outgoing.text
    assert pictures_to(house, "qian") == 2


async def test_another_photo_instead_resolves_without_a_doubt(house: House) -> None:
    house.show("before", drawn(1))
    house.show("again", drawn(1, quality=60))
    house.show("after", drawn(2))
    number = await reported(house, "before")
    assert "高度相似" in (await house.say("赵强", "已处理", photo="again"))[0]
    await house.say("赵强", "已处理", photo="after")
    case = await house.case(number)
    assert (case.state, case.doubts) == (State.RESOLVED, ())


async def test_the_very_same_photo_stays_refused_however_one_insists(house: House) -> None:
    house.show("before", drawn(1))
    number = await reported(house, "before")
    await house.say("赵强", "已处理", photo="before")
    await house.say("赵强", "确认")
    assert (await house.case(number)).state is State.ASSIGNED


async def test_a_report_with_a_used_photo_is_taken_and_shown_to_the_seat(house: House) -> None:
    house.show("one", drawn(1))
    house.show("two", drawn(1, quality=50))
    await house.say("刘芳", LITTER, photo="one", group=GROUP)
    await house.say("王芳", "人民医院门口垃圾没人捡", photo="two", group=GROUP)
    case = await house.case(2)
    assert (case.state, case.doubts) == (State.ASSIGNED, ("alike:2026-0001:before",))
    assert (
        house.heard(SEAT_GROUP)[0] == "【2026-0002】照片待核｜与2026-0001整改前照片高度相似。请人工核对，系统不作认定。"
    )
    assert pictures_to(house, SEAT_GROUP) == 2


async def test_a_photo_that_joins_a_report_later_is_looked_at_too(house: House) -> None:
    house.show("one", drawn(1))
    house.show("two", drawn(1, quality=50))
    await house.say("刘芳", LITTER, photo="one", group=GROUP)
    await house.say("王芳", "人民医院门口垃圾没人捡", group=GROUP)
    await house.say("王芳", photo="two")
    assert (await house.case(2)).doubts == ("alike:2026-0001:before",)


async def test_a_photo_older_than_what_it_shows_is_for_a_person_to_judge(house: House) -> None:
    now = house.rules.local(house.clock.now())
    house.show("stale", drawn(1, taken=f"{now - timedelta(days=3):%Y:%m:%d %H:%M:%S}"))
    house.show("early", drawn(2, taken=f"{now - timedelta(minutes=5):%Y:%m:%d %H:%M:%S}"))
    await house.say("刘芳", LITTER, photo="stale", group=GROUP)
    case = await house.case(1)
    assert case.state is State.ASSIGNED
    assert any("照片摄于5月29日09:00，早于上报时间" in text for text in house.heard(SEAT_GROUP))
    await house.say("赵强", "已处理", photo="early")
    case = await house.case(1)
    assert case.state is State.RESOLVED
    kinds = [doubt.split(":")[:2] for doubt in case.doubts]
    assert kinds == [["old", "before"], ["old", "after"]]
    assert any("照片摄于6月1日08:55，早于交办时间" in p.outgoing.text for p in house.new())


async def test_fresh_photos_raise_no_doubt(house: House) -> None:
    at: datetime = house.rules.local(house.clock.now())
    house.show("a", drawn(1, taken=f"{at:%Y:%m:%d %H:%M:%S}"))
    await house.say("刘芳", LITTER, photo="a", group=GROUP)
    await house.advance(minutes=5)
    house.show("b", drawn(2, taken=f"{at + timedelta(minutes=4):%Y:%m:%d %H:%M:%S}"))
    await house.say("赵强", "已处理", photo="b")
    case = await house.case(1)
    assert (case.state, case.doubts) == (State.RESOLVED, ())
