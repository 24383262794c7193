"""A city drawn by lot: whatever its roads are called, what is said plainly is found and what is ambiguous is asked."""

from itertools import pairwise
from random import Random

import pytest

from domain.roster import BOTH_SIDES, Segment
from domain.understand.gazetteer import Gazetteer
from domain.understand.locate import Locator

LUCK = Random(41)
FIRST, SECOND = "翠锦云岚澄沐栖朗淞霁瑶颍", "屏澜溪岫湾桐汀亭苑陂岭塘"
NAMES = LUCK.sample([one + two for one in FIRST for two in SECOND], 60)
ACROSS = [name + ending for name, ending in zip(NAMES[:6], ("路", "大道", "街", "路", "大街", "路"), strict=True)]
DOWN = [name + ending for name, ending in zip(NAMES[6:12], ("路", "街", "巷", "路", "大道", "路"), strict=True)]
KINDS = ("小区", "幼儿园", "超市", "酒店", "卫生院", "派出所", "汽贸城", "小学")
STEP = 0.01  # degrees between two crossings, about a kilometre


def stretch(number: int, road: str, ends: tuple[str, str], line: tuple[float, ...], side: str, mark: str) -> Segment:
    (west, south, east, north), odd = line, number % 4 * 40
    named = ("", "", "", "", "", "", "", "")  # nobody: places alone are looked at
    return Segment(
        f"SJ{number:03}", road, (), *ends, side, "城区街道办事处", "B", "", *named, landmarks=(mark,),
        house_no=f"{odd + 1}-{odd + 40}", length_m=1000, polyline=((west, south), (east, north)),
    )  # fmt: skip


def drawn() -> list[Segment]:
    """A grid of six roads by six; every fifth stretch is parted between its two sides."""
    segments: list[Segment] = []
    for y, road in enumerate(ACROSS):
        for x, ends in enumerate(pairwise(DOWN)):
            line = (113.0 + x * STEP, 34.0 - y * STEP, 113.0 + (x + 1) * STEP, 34.0 - y * STEP)
            for side in ("北侧", "南侧") if (x + y) % 5 == 0 else (BOTH_SIDES,):
                number = len(segments)
                mark = NAMES[12 + number % 48] + KINDS[number % len(KINDS)]
                segments.append(stretch(number, road, ends, line, side, mark))
    for x, road in enumerate(DOWN):
        for y, ends in enumerate(pairwise(ACROSS)):
            line = (113.0 + x * STEP, 34.0 - y * STEP, 113.0 + x * STEP, 34.0 - (y + 1) * STEP)
            number = len(segments)
            mark = NAMES[12 + number % 48] + KINDS[(number + 3) % len(KINDS)]
            segments.append(stretch(number, road, ends, line, BOTH_SIDES, mark))
    return segments


SEGMENTS = drawn()
LOCATOR = Locator(Gazetteer.build(SEGMENTS))
MARKS = [segment.landmarks[0] for segment in SEGMENTS]


def found(words: str) -> str | None:
    return LOCATOR.locate(f"{words}垃圾没人扫").segment


def same(segment: Segment) -> list[str]:
    """The segments of the same stretch, both sides."""
    return [s.id for s in SEGMENTS if (s.road, s.from_cross) == (segment.road, segment.from_cross)]


@pytest.mark.parametrize("tail", ["门口", "旁边", "东边50米", ""])
def test_a_landmark_of_one_place_says_where(tail: str) -> None:
    lone = [segment for segment in SEGMENTS if MARKS.count(segment.landmarks[0]) == 1]
    wrong = [s.id for s in lone if found(s.landmarks[0] + tail) != s.id]
    assert len(lone) > 40
    assert not wrong


def test_directions_stretches_and_sides_are_followed() -> None:
    for segment in SEGMENTS:
        side = "" if segment.side == BOTH_SIDES else segment.side
        way, back = ("东", "西") if segment.road in ACROSS else ("南", "北")
        said = (
            f"{segment.road}{segment.from_cross}路口往{way}80米{side}",
            f"{segment.road}{segment.to_cross}口向{back}一百米路{side[:1] or way}",
            f"{segment.road}{segment.from_cross}到{segment.to_cross}之间{side}",
            f"{segment.from_cross}与{segment.to_cross}之间的{segment.road}{side}"
            if not side
            else f"{segment.road}{segment.from_cross}至{segment.to_cross}段{side}",
        )
        for words in said:
            assert found(words) in (segment.id, None), words
        assert sum(found(words) == segment.id for words in said) >= 3, said


def test_what_fits_several_is_never_decided() -> None:
    for road in (*ACROSS, *DOWN):
        assert found(f"{road}上") is None
        assert found(f"{road}路边") is None
    for road in ACROSS:
        for cross in DOWN:
            assert found(f"{road}{cross}路口") is None
            assert found(f"{cross}与{road}交叉口") is None
    for segment in SEGMENTS:
        if len(same(segment)) == 2:
            assert found(f"{segment.road}{segment.from_cross}到{segment.to_cross}") is None
