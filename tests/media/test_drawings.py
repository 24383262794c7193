"""Posters and albums: measures that chats carry, words inside the picture, and no font at all."""

import io
from pathlib import Path

import pytest
from PIL import Image

from domain.messages import Photo
from domain.papers import Album, Pair, Poster
from domain.texts.papers import month_poster
from media import albums, drawing, fonts, posters
from tests.media.pictures import picture
from tests.papers import month_facts

PAIR = Pair(
    "2026-0123 占道经营 人民路", Photo("a" * 64, "jpg", 0), Photo("b" * 64, "jpg", 0), "06-03 14:30", "06-03 15:52"
)
PICTURES = {"a" * 64: picture(size=(640, 480)), "b" * 64: picture(size=(480, 640))}
needs_font = pytest.mark.skipif(fonts.chinese() is None, reason="needs a Chinese font, such as fonts-wqy-microhei")


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def test_a_poster_is_1080_wide_small_and_the_same_each_time() -> None:
    poster = month_poster.poster(month_facts())
    data = posters.render(poster)
    assert data == posters.render(poster)
    assert opened(data).width == 1080
    assert len(data) < drawing.MOST_BYTES
    assert opened(data).format == "PNG"


def test_red_and_black_flags_have_their_colours() -> None:
    image = opened(posters.render(month_poster.poster(month_facts()))).convert("RGB")
    body = image.crop((0, 220, 1080, image.height)).tobytes()
    pixels = [body[n : n + 3] for n in range(0, len(body), 3)]
    assert sum(p[0] > 170 and p[1] < 60 for p in pixels) > 2_000
    assert sum(max(p) < 60 for p in pixels) > 2_000


@pytest.mark.parametrize(("count", "columns"), [(1, 1), (2, 2), (4, 2), (5, 3), (9, 3), (12, 3)])
def test_an_album_takes_up_to_nine_pairs(count: int, columns: int) -> None:
    image = opened(albums.render(Album("九宫格.png", "6月3日整改前后", (PAIR,) * count, "市路长办"), PICTURES))
    assert image.width == 1080
    rows = -(-min(count, 9) // columns)
    assert image.height < 3_000
    assert image.height > rows * 300


def test_a_pair_shows_both_sides_and_its_format_follows_its_name() -> None:
    data = albums.render(Album("对比.jpg", "", (PAIR,)), PICTURES)
    assert opened(data).format == "JPEG"
    wide = opened(data).convert("L")
    left, right = wide.crop((10, 10, 530, 400)), wide.crop((550, 10, 1070, 400))
    assert left.tobytes() != right.tobytes()


def test_a_photo_that_cannot_be_shown_leaves_a_frame() -> None:
    assert opened(albums.render(Album("a.png", "", (PAIR,)), {})).width == 1080


def test_noisy_pictures_are_reduced_until_a_chat_carries_them() -> None:
    noise = Image.effect_noise((1080, 2000), 120).convert("RGB")
    assert len(drawing.saved(noise, "png")) <= drawing.MOST_BYTES


def test_names_are_kept_whole_and_closing_marks_begin_no_line() -> None:
    names = [f"单位{n} 9{n}.00" for n in range(10)]
    lines = drawing.listed(names, 40, 700)
    assert all(any(name in line for line in lines) for name in map(fonts.spelled, names))
    wrapped = drawing.wrapped("督查覆盖一千个路段（共三千处）。" * 8, 38, 500)
    assert not any(line[:1] in "，。）" for line in wrapped)
    assert not any(line.endswith("（") for line in wrapped)
    assert max(fonts.font(38).getlength(line) for line in wrapped) <= 500 + 2 * 38


@needs_font
def test_the_font_in_use_has_chinese_characters() -> None:
    drawn = fonts.font(40).getmask("路")
    assert bytes(drawn) != bytes(fonts.font(40).getmask("长"))


def test_without_a_chinese_font_words_are_spelled(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert fonts.chinese((str(tmp_path),)) is None
    fonts.font.cache_clear()
    monkeypatch.setattr(fonts, "chinese", lambda: None)
    try:
        assert fonts.spelled("河西镇81.40分") == "he xi zhen 81.40 fen"
        assert opened(posters.render(Poster("a.png", "六月考评", "市路长办", (), ()))).width == 1080
    finally:
        fonts.font.cache_clear()


def test_a_broken_font_file_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "wqy-microhei.ttc").write_bytes(b"not a font")
    assert fonts.chinese((str(tmp_path),)) is None


def test_a_name_too_long_for_its_line_goes_on_in_the_next_uncut() -> None:
    long = "中国石油化工股份有限公司河南溪城石油分公司第一经营部 98.93"
    lines = drawing.listed(["市档案局 99.15", long, "市审计局 98.93"], 40, 700)
    assert "".join(lines[1:-1]).replace(" ", "") == long.replace(" ", "")
    assert (lines[0], lines[-1]) == ("市档案局 99.15", "市审计局 98.93")


def test_a_long_name_in_a_row_becomes_smaller_then_takes_two_lines() -> None:
    assert posters._fitted("东关街道", 500, is_bold=False) == (46, ["东关街道"])
    assert posters._fitted("新华路街道办事处城区", 420, is_bold=False)[0] == 40
    size, lines = posters._fitted("郑州航空港经济综合实验区溪城片区管理委员会", 520, is_bold=False)
    assert (size, "".join(lines)) == (34, "郑州航空港经济综合实验区溪城片区管理委员会")
