"""Documents before they are wanted: made outside the commit that takes them along, once, and never in the text's way."""

import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from domain.casework.kept import Made
from domain.effects import Effects
from domain.finding import Finding
from domain.messages import Document, Look, Outgoing, Photo
from domain.papers import Album, Book, Letter, NothingToShow, Paper, PaperFailed, Poster
from schedules.printing import Printer
from store.depths import forget_papers, photo_names
from tests.house import GROUP, LEADERS, OFFICE_GROUP, OPS, House, open_house
from tests.schedules.stage import down_until


@dataclass
class FakePress:
    """Keeps what it was asked to make; `broken` kinds fail."""

    house: House
    broken: tuple[type, ...] = ()
    made: list[tuple[datetime, Paper]] = field(default_factory=list)
    rests: int = 0

    async def make(self, paper: Paper) -> Photo | Document:
        self.made.append((self.house.clock.now(), paper))
        if isinstance(paper, self.broken):
            raise PaperFailed("没有中文字体。")
        data = repr(paper).encode()
        digest = hashlib.sha256(data).hexdigest()
        if isinstance(paper, Poster | Album):
            return Photo(digest, "png", len(data), 1080, 100)
        return Document(digest, paper.file.rpartition(".")[2], len(data), paper.file)

    async def rest(self) -> None:
        self.rests += 1

    def of(self, kind: type) -> list[Paper]:
        return [paper for _, paper in self.made if isinstance(paper, kind)]


def with_press(house: House, *broken: type) -> FakePress:
    press = FakePress(house, broken)
    house.machine.printer = Printer(house.store, press)
    return press


def whole(house: House, word: str) -> list[Outgoing]:
    """Posts with a word in them, each with the pictures and files that followed it."""
    sent = [p.outgoing for p in house.platform.posted]
    found = []
    for post in sent:
        if post.text and word in post.text:
            parts = [one for one in sent if one.key.startswith(f"{post.key}#")]
            photos = tuple(photo for one in parts for photo in one.photos)
            found.append(replace(post, photos=photos, files=tuple(file for one in parts for file in one.files)))
    return found


def posts(house: House, where: str, word: str) -> list[Outgoing]:
    return [one for one in whole(house, word) if one.target.chat_id == where]


@pytest.fixture
async def june(tmp_path: Path) -> AsyncIterator[House]:
    """The last afternoon of June; two persons have approved publication by the clock."""
    async with open_house(tmp_path, datetime(2026, 6, 30, 8, 0, tzinfo=UTC)) as house:
        found = Finding(
            "f1", datetime(2026, 6, 15, 2, 0, tzinfo=UTC), "XC001", "luan.stall", Decimal("2.50"), "孙督查", "", False
        )
        await house.store.findings.add([found], house.clock.now())
        for person in ("吴主任", "冯副主任"):
            await house.say(person, "授权自动通报")
        yield house


async def test_a_month_goes_out_with_its_picture_and_files_once(june: House) -> None:
    press = with_press(june)
    await june.until(june.local(7, 8, month=7))
    assert press.made == []
    await june.until(june.local(8, 12, month=7))
    [post] = posts(june, LEADERS, "6月份考评结果")
    assert len(post.photos) == 1
    assert [file.title for file in post.files] == ["第6期通报.docx", "6月考评得分表.xlsx"]
    assert "附件：第6期通报.docx　6月考评得分表.xlsx" in post.text
    assert [type(paper) for _, paper in press.made] == [Poster, Letter, Book]
    assert press.rests > 0
    [letter] = press.of(Letter)
    assert isinstance(letter, Letter)
    assert (letter.mark, letter.day) == ("", "2026年7月7日")


async def test_they_are_made_before_the_hour_and_again_when_the_figures_move(june: House) -> None:
    press = with_press(june)
    await june.until(june.local(7, 9, 8, month=7))
    assert len(press.made) == 3
    late = Finding(
        "f2", datetime(2026, 6, 16, 2, 0, tzinfo=UTC), "XC003", "luan.stall", Decimal("1.00"), "孙督查", "", False
    )
    await june.store.findings.add([late], june.clock.now())
    await june.until(june.local(7, 9, 30, month=7))
    assert len(press.made) == 6
    [post] = posts(june, LEADERS, "6月份考评结果")
    stored = {f.sha256 for f in post.files}
    last = {hashlib.sha256(repr(p).encode()).hexdigest() for _, p in press.made[3:]}
    assert stored <= last


async def test_a_press_that_fails_leaves_the_text_and_tells_the_operators_once(june: House) -> None:
    press = with_press(june, Poster, Letter)
    await june.until(june.local(8, 12, month=7))
    [post] = posts(june, LEADERS, "6月份考评结果")
    assert post.photos == ()
    assert [file.title for file in post.files] == ["6月考评得分表.xlsx"]
    [told] = posts(june, OPS, "没有做全")
    assert told.text.startswith("2026年6月通报的图片和附件没有做全：没有中文字体。")
    assert "luzhang report month --period 2026-06" in told.text
    assert len(press.made) == 3


async def test_a_press_that_breaks_down_is_no_obstacle(june: House) -> None:
    press = with_press(june)

    async def burst(paper: Paper) -> Photo | Document:
        raise OSError("disk full")

    press.make = burst  # type: ignore[method-assign]
    await june.until(june.local(8, 12, month=7))
    [post] = posts(june, LEADERS, "6月份考评结果")
    assert (post.photos, post.files) == ((), ())
    assert "附件" not in post.text
    assert len(posts(june, OPS, "没有做全")) == 1


async def test_a_held_month_is_not_printed(june: House) -> None:
    press = with_press(june)
    await june.until(june.local(2, 10, month=7))
    await june.say("吴主任", "暂缓通报 数据核对中")
    await june.until(june.local(8, 12, month=7))
    assert press.made == []
    await june.say("吴主任", "恢复通报")
    await june.until(june.local(9, 12, month=7))
    [post] = posts(june, LEADERS, "6月份考评结果")
    assert len(post.files) == 2


async def test_after_downtime_the_files_bear_the_day_on_which_they_go_out(june: House) -> None:
    press = with_press(june)
    await june.until(june.local(6, 12, month=7))
    await down_until(june, june.local(9, 15, month=7))
    await june.until(june.local(10, 12, month=7))
    [post] = posts(june, LEADERS, "6月份考评结果")
    assert "补发" in post.text
    assert len(post.files) == 2
    assert press.of(Letter)[-1].day == "2026年7月9日"  # type: ignore[union-attr]


async def test_what_was_made_survives_the_sweep(june: House) -> None:
    with_press(june)
    await june.until(june.local(8, 12, month=7))
    [post] = posts(june, LEADERS, "6月份考评结果")
    names = await photo_names(june.store.database)
    assert {f.name for f in post.files} | {p.name for p in post.photos} <= names


async def test_a_months_documents_stay_and_a_days_go_after_their_time(tmp_path: Path) -> None:
    async with open_house(tmp_path, documents={"daily_sheet": True}) as house:
        press = with_press(house)
        await house.until(house.local(1, 18))
        facts = Made("f", files=(Document("e" * 64, "docx", 1, "第5期通报.docx"),)).to_facts(house.local(1, 9))
        async with house.store.deciding(house.clock.now()) as view:
            view.apply(Effects(settings={"papers:bulletin:2026-05:1": facts}))
        assert len(await photo_names(house.store.database)) == 2
        assert await forget_papers(house.store.database, house.local(1, 12)) == 0
        assert await forget_papers(house.store.database, house.local(2, 12)) == 1
        assert await photo_names(house.store.database) == {f"{'e' * 64}.docx"}
        assert len(press.made) == 1


async def test_the_summary_brings_before_and_after(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        press = with_press(house)
        await house.say("刘芳", "人民路百货大楼门口占道经营", photo="before", group=GROUP)
        await house.say("赵强", "收到")
        await house.say("赵强", "0001 已处理", photo="after")
        await house.say("钱专干", "0001 通过")
        await house.until(house.local(1, 18))
        [post] = posts(house, OFFICE_GROUP, "督查情况")
        assert len(post.photos) == 1
        assert post.files == ()
        [album] = [paper for paper in press.of(Album) if isinstance(paper, Album) and paper.title]
        assert isinstance(album, Album)
        assert [pair.caption[:9] for pair in album.pairs] == ["2026-0001"]
        assert album.pairs[0].before != album.pairs[0].after
        await house.until(house.local(2, 18))
        assert (
            len(press.made) == 2
        )  # one picture for the reporter, one for the office: nothing was closed on the second day


async def test_the_sheet_comes_where_the_office_wants_it(tmp_path: Path) -> None:
    async with open_house(tmp_path, documents={"daily_sheet": True}) as house:
        with_press(house)
        await house.until(house.local(1, 18))
        [post] = posts(house, OFFICE_GROUP, "督查情况")
        assert [file.title for file in post.files] == ["6月1日督查明细.xlsx"]


async def test_the_reporter_of_a_closed_case_sees_before_and_after_in_one_picture(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        press = with_press(house)
        await house.say("刘芳", "人民路百货大楼门口占道经营", photo="before", group=GROUP)
        await house.say("赵强", "收到")
        await house.say("赵强", "0001 已处理", photo="after")
        await house.say("钱专干", "0001 通过")
        [told] = whole(house, "您反映的2026-0001")
        assert told.text == "您反映的2026-0001已处理并复核通过，整改前后对比如图。如未解决，请回复“未解决”。"
        assert len(told.photos) == 1
        [pair] = press.of(Album)
        assert isinstance(pair, Album)
        assert pair.file.endswith(".jpg")
        assert "刘芳" not in repr(pair)


async def test_the_reporter_is_told_without_a_picture_when_there_can_be_none(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        with_press(house, Album)
        for number in ("0001", "0002"):
            await house.say(
                "刘芳", f"人民路{'百货大楼' if number == '0001' else '人民医院'}门口占道经营", photo=number, group=GROUP
            )
            await house.say("赵强", f"{number} 收到")
            await house.say("赵强", f"{number} 已处理", photo=f"after{number}")
            await house.say("钱专干", f"{number} 通过")
        told = whole(house, "已处理并复核通过")
        assert [one.photos for one in told] == [(), ()]
        assert all("整改前后照片见案件" in one.text for one in told)
        assert len(posts(house, OPS, "对比图没有做成")) == 1


async def test_photos_that_may_not_leave_bother_nobody(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        press = with_press(house)

        async def nothing(paper: Paper) -> Photo | Document:
            raise NothingToShow

        press.make = nothing  # type: ignore[method-assign]
        await house.say("刘芳", "人民路百货大楼门口占道经营", photo="before", group=GROUP)
        await house.say("赵强", "0001 已处理", photo="after")
        await house.say("钱专干", "0001 通过")
        [told] = whole(house, "已处理并复核通过")
        assert told.photos == ()
        assert posts(house, OPS, "没有做") == []


async def test_figures_that_cannot_be_had_hold_up_nothing(june: House, monkeypatch: pytest.MonkeyPatch) -> None:
    with_press(june)

    async def broken(work: object, due_at: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("domain.casework.day.day_sheaf", broken)
    await june.until(june.local(30, 18))
    assert len(posts(june, OFFICE_GROUP, "督查情况")) == 1


async def test_the_office_gets_the_order_of_a_case_that_nobody_handled(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        press = with_press(house)
        await house.say("刘芳", "人民路百货大楼门口占道经营", photo="before", group=GROUP)
        await house.until(house.local(8, 18))
        told = whole(house, "督办单（代拟稿）")
        assert {one.target.userid for one in told} == {"wu", "feng"}
        assert all([f.title for f in one.files] == ["督办单2026-0001.docx"] for one in told)
        assert len(press.made) == 1


def test_a_record_comes_back_as_it_was() -> None:
    made = Made(
        "f", (Photo("a" * 64, "png", 5, 1080, 90, Look.MADE),), (Document("b" * 64, "xlsx", 7, "表.xlsx"),), "缺字体。"
    )
    assert Made.from_facts(made.to_facts(datetime(2026, 7, 7, tzinfo=UTC))) == made
