"""Posts with pictures, files and long words: each part once, in order, and what is refused is said in one line."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.platforms.simulated.platform import PLATFORM, Simulated
from domain.effects import Effects, Notice, ToChat, ToPerson, Urgency
from domain.messages import (
    Document,
    Misconfigured,
    Outgoing,
    Photo,
    PlatformError,
    PlatformUnreachable,
    Receipt,
    Undeliverable,
    Way,
)
from tests.house import GROUP, House, open_house
from tests.schedules.stage import restart

PHOTOS = tuple(Photo(f"{n:064x}", "jpg", 9) for n in range(3))
FILE = Document("b" * 64, "xlsx", 9, "5月考评得分表.xlsx")


class Killed(BaseException):
    pass


@dataclass
class Choosy(Simulated):
    """A platform that refuses some attachments, or dies in the midst."""

    refuses: dict[str, PlatformError] = field(default_factory=dict)
    dies_at: str = ""

    async def send(self, outgoing: Outgoing, way: Way) -> Receipt:
        if outgoing.key == self.dies_at:
            self.dies_at = ""
            raise Killed
        if outgoing.is_attachment and (error := self.refuses.get(outgoing.key.rpartition("#")[2])):
            raise error
        return await super().send(outgoing, way)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(tmp_path) as house:
        platform = Choosy(house.platform.worn, house.clock.now)
        house.platform = platform
        house.machine.outbox._clients = {PLATFORM: platform}
        yield house


def choosy(house: House) -> Choosy:
    assert isinstance(house.platform, Choosy)
    return house.platform


async def post(house: House, key: str = "n", **changes: object) -> None:
    notice = Notice(key, ToChat(PLATFORM, GROUP, is_group=True), "请看", "kind", photos=PHOTOS[:2], files=(FILE,))
    async with house.store.deciding(house.clock.now()) as view:
        view.apply(Effects(notices=[replace(notice, **changes)]))  # type: ignore[arg-type]


def shown(house: House) -> list[str]:
    """What arrived, in order: words, or the key of a part."""
    return [p.outgoing.text or p.outgoing.key for p in house.platform.posted]


async def test_words_pictures_and_files_arrive_in_order(house: House) -> None:
    await post(house)
    await house.machine.settle()
    assert shown(house) == ["请看", "n#1", "n#2", "n#3"]
    assert house.platform.posted[3].outgoing.files == (FILE,)


async def test_a_kill_between_parts_repeats_none_of_them(house: House) -> None:
    await post(house)
    choosy(house).dies_at = "n#2"
    with pytest.raises(Killed):
        await house.machine.settle()
    assert shown(house) == ["请看", "n#1"]
    await restart(house, house.clock.now() + timedelta(minutes=5))
    await house.store.outbox.recover(house.clock.now())
    await house.machine.settle()
    assert shown(house) == ["请看", "n#1", "n#2", "n#3"]


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        pytest.param(Undeliverable("照片超过10MB"), "照片超过10MB", id="size"),
        pytest.param(Misconfigured("应用缺少权限 qyapi_media"), "qyapi_media", id="permission"),
    ],
)
async def test_what_is_refused_is_said_once_behind_everything_else(
    house: House, error: PlatformError, reason: str
) -> None:
    choosy(house).refuses = {"1": error, "2": error}
    await post(house)
    await house.machine.settle()
    *before, note = shown(house)
    assert before == ["请看", "n#3"]
    assert note == f"以下附件未能发送：照片2张。原因：{error.text.rstrip('。')}。需要时请向市路长办索取。"
    assert reason in note
    await house.machine.settle()
    assert len(shown(house)) == 3


async def test_a_lost_permission_for_pictures_keeps_the_robot_speaking(house: House) -> None:
    choosy(house).refuses = {"1": Misconfigured("应用缺少权限"), "2": Misconfigured("应用缺少权限")}
    await post(house)
    await post(house, "other", photos=(), files=(), text="另一件")
    await house.machine.settle()
    assert "另一件" in shown(house)


async def test_a_file_that_cannot_go_now_holds_up_no_words(house: House) -> None:
    choosy(house).refuses = {"1": PlatformUnreachable()}
    await post(house, about=202600000007)
    await post(house, "later", about=202600000007, photos=(), files=(), text="后一条")
    await house.machine.settle()
    assert shown(house) == ["请看", "后一条", "n#2", "n#3"]
    choosy(house).refuses.clear()
    await house.advance(minutes=10)
    assert shown(house) == ["请看", "后一条", "n#2", "n#3", "n#1"]


async def test_a_picture_that_never_goes_is_told_about_in_the_end(house: House) -> None:
    choosy(house).refuses = {"1": PlatformUnreachable()}
    await post(house, files=())
    await house.advance(hours=2, minutes=10)
    assert shown(house)[:2] == ["请看", "n#2"]
    assert shown(house)[2].startswith("以下附件未能发送：照片1张。")


async def test_parts_count_with_their_post_against_the_groups_budget(house: House) -> None:
    for number in range(7):
        await post(house, f"n{number}", urgency=Urgency.NORMAL)
    await house.machine.settle()
    assert [text for text in shown(house) if "#" not in text] == ["请看"] * 6
    await house.advance(minutes=1)  # the robot itself may say no more in one minute
    assert sum("#" in text for text in shown(house)) == 18
    await house.advance(minutes=61)
    assert shown(house)[24:] == ["请看", "n6#1", "n6#2", "n6#3"]


async def test_parts_follow_words_that_went_to_another_place(house: House) -> None:
    class Elsewhere(Choosy):
        async def send(self, outgoing: Outgoing, way: Way) -> Receipt:
            if outgoing.target.userid == "zhao":
                raise Undeliverable
            return await super().send(outgoing, way)

    platform = Elsewhere(house.platform.worn, house.clock.now)
    house.platform = platform
    house.machine.outbox._clients = {PLATFORM: platform}
    await post(house, to=ToPerson("zhao", "东关街道"))
    await house.machine.settle()
    assert [p.outgoing.target.chat_id for p in platform.posted] == [GROUP] * 4


async def test_parts_of_words_that_were_never_sent_stay_unsent(house: House) -> None:
    await post(house, text="", kind="digest", key="digest:2026-06-01T10:00:zhao", to=ToPerson("zhao"))
    await house.machine.settle()
    assert shown(house) == []
    assert await house.store.outbox.depth() == 0


async def test_a_long_text_goes_on_in_further_posts_before_its_pictures(house: House) -> None:
    text = "\n".join(f"{n:03d} 人民路（建设街—文化街）北侧 占道经营未清理" for n in range(120))
    await post(house, text=text, photos=PHOTOS[:1], files=())
    await house.machine.settle()
    *words, picture = shown(house)
    assert "\n".join(words) == text
    assert len(words) > 2
    assert all(len(one.encode()) <= house.platform.worn.text_bytes for one in words)
    assert picture == "n#1"


async def test_words_that_no_channel_takes_end_with_their_parts(house: House) -> None:
    class Deaf(Choosy):
        async def send(self, outgoing: Outgoing, way: Way) -> Receipt:
            raise Undeliverable

    house.machine.outbox._clients = {PLATFORM: Deaf(house.platform.worn, house.clock.now)}
    await post(house)
    for _ in range(6):
        await house.machine.outbox.send_once()
    assert await house.store.outbox.depth() == 0
