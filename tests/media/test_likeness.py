"""The same picture saved anew is known again; another one never is, not even of the same street."""

import io
import itertools
import os
import random
from collections.abc import Callable
from functools import cache

import pytest
from PIL import Image, ImageDraw, ImageEnhance

from domain.photo_facts import bands_of
from media.likeness import grey_copy, hashes_of, is_same_picture

COUNT = 159 if os.environ.get("LUZHANG_FULL") else 24  # 12,561 pairs or 276


@cache
def scene(seed: int) -> Image.Image:
    """Something like a photograph: soft light, texture, and things of hard edges."""
    chance = random.Random(seed)
    size = (480, 360)
    light = Image.frombytes("RGB", (6, 5), chance.randbytes(90)).resize(size, Image.Resampling.BICUBIC)
    texture = Image.frombytes("RGB", (24, 18), chance.randbytes(24 * 18 * 3)).resize(size, Image.Resampling.BICUBIC)
    image = Image.blend(light, texture, 0.3)
    draw = ImageDraw.Draw(image)
    for _ in range(chance.randrange(5, 30)):
        x, y = chance.randrange(480), chance.randrange(360)
        box = (x, y, x + chance.randrange(10, 150), y + chance.randrange(10, 150))
        fill = tuple(chance.randbytes(3))
        draw.rectangle(box, fill) if chance.random() < 0.5 else draw.ellipse(box, fill)
    return image


def saved(image: Image.Image, quality: int) -> Image.Image:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality)
    return Image.open(out).convert("RGB")


def recompressed(image: Image.Image, chance: random.Random) -> Image.Image:
    return saved(image.resize((320, 240)), 50)


def brightened(image: Image.Image, chance: random.Random) -> Image.Image:
    return saved(ImageEnhance.Brightness(image).enhance(chance.choice([0.8, 1.2])), 75)


def marked(image: Image.Image, chance: random.Random) -> Image.Image:
    copy = image.copy()
    draw = ImageDraw.Draw(copy, "RGBA")
    width, height = copy.size
    draw.rectangle((5, 0.75 * height, 0.5 * width, 0.97 * height), fill=(0, 0, 0, 110))
    time = f"{chance.randrange(24):02d}:{chance.randrange(60):02d}"
    draw.text((15, 0.76 * height), time, fill="white", font_size=height / 9)
    return saved(copy, 75)


def trimmed(image: Image.Image, chance: random.Random) -> Image.Image:
    left, top, right, bottom = (chance.random() * 0.05 for _ in range(4))
    w, h = image.size
    return saved(image.crop((int(w * left), int(h * top), int(w * (1 - right)), int(h * (1 - bottom)))), 75)


def all_of_it(image: Image.Image, chance: random.Random) -> Image.Image:
    light = ImageEnhance.Brightness(trimmed(image, chance)).enhance(chance.choice([0.9, 1.1]))
    return marked(light.resize((640, 480)), chance)


Known = tuple[tuple[int, ...], bytes]


def known(image: Image.Image) -> Known:
    grey = image.convert("L")
    grey.thumbnail((320, 320))
    return hashes_of(grey), grey_copy(grey)


@cache
def scenes() -> list[Known]:
    return [known(scene(seed)) for seed in range(COUNT)]


def are_candidates(one: Known, other: Known) -> bool:
    bands = {(n, band) for value in one[0] for n, band in enumerate(bands_of(value))}
    return any((n, band) in bands for value in other[0] for n, band in enumerate(bands_of(value)))


@pytest.mark.parametrize("change", [recompressed, brightened, marked, trimmed, all_of_it])
def test_the_same_picture_is_found(change: Callable[[Image.Image, random.Random], Image.Image]) -> None:
    chance = random.Random(5)
    found = 0
    for seed in range(COUNT):
        copy = known(change(scene(seed), chance))
        found += are_candidates(scenes()[seed], copy) and is_same_picture(scenes()[seed][1], copy[1])
    assert found / COUNT >= 0.95


def test_no_two_pictures_are_the_same() -> None:
    pairs = [
        (one, other)
        for one, other in itertools.combinations(range(COUNT), 2)
        if are_candidates(scenes()[one], scenes()[other]) and is_same_picture(scenes()[one][1], scenes()[other][1])
    ]
    assert pairs == []


def reshot(image: Image.Image, chance: random.Random) -> Image.Image:
    """The same view from the very same place a while later: other light, other noise, another print."""
    light = ImageEnhance.Brightness(image).enhance(chance.uniform(0.94, 1.06))
    return marked(Image.blend(light, Image.effect_noise(light.size, 20).convert("RGB"), 0.04), chance)


def littered(image: Image.Image, size: float, chance: random.Random) -> Image.Image:
    """With a heap of something, `size` of the frame's width, where reporters aim: in the middle."""
    copy, (width, height) = image.copy(), image.size
    draw = ImageDraw.Draw(copy)
    middle, spot = (chance.uniform(0.3, 0.7) * width, chance.uniform(0.4, 0.6) * height), size * width / 4
    for _ in range(12):
        x, y = middle[0] + chance.gauss(0, spot), middle[1] + chance.gauss(0, spot / 2)
        draw.ellipse((x - spot, y - spot / 2, x + spot, y + spot / 2), fill=tuple(chance.randbytes(3)))
    return copy


def test_before_and_after_from_the_very_same_place_are_two_pictures() -> None:
    chance = random.Random(7)
    wrong = 0
    for seed in range(0, COUNT, 3):
        place = scene(seed)
        before = known(marked(littered(place, 0.12, chance), chance))
        after, elsewhere = known(reshot(place, chance)), known(reshot(littered(place, 0.12, chance), chance))
        wrong += is_same_picture(before[1], after[1]) + is_same_picture(before[1], elsewhere[1])
    assert wrong <= 0.05 * 2 * COUNT / 3  # what is small, or lies before something alike, cannot be told


def test_a_picture_without_contrast_is_like_none() -> None:
    flat = known(Image.new("RGB", (64, 48), (80, 80, 80)))
    assert flat[0] == ()
    assert not is_same_picture(flat[1], flat[1])
