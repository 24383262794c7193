import io
import itertools
from datetime import datetime

import pytest
from PIL import Image, ImageStat

from bot.demo import city, pictures
from media.likeness import is_same_picture
from tests.media.test_likeness import known

AT = datetime(2026, 6, 29, 8, 41, tzinfo=city.ZONE)


def test_every_scene_is_another_picture(gallery: dict[str, Image.Image]) -> None:
    assert len({pictures.jpeg(image) for image in gallery.values()}) == len(pictures.SCENES) - 1  # one is only marked


def test_a_stamped_picture_is_a_photo_of_its_own(gallery: dict[str, Image.Image]) -> None:
    first, second = (pictures.stamped(gallery["stall"], AT, number) for number in (1, 2))
    assert first != second
    assert Image.open(io.BytesIO(first)).size == (pictures.WIDTH, pictures.HEIGHT)


def test_before_and_after_show_the_same_place_from_another_spot(gallery: dict[str, Image.Image]) -> None:
    before, after = known(gallery["stall"]), known(gallery["stall-after"])
    assert not is_same_picture(before[1], after[1])
    shown = gallery["stall"].crop((160, 0, pictures.WIDTH, 60)).resize((pictures.WIDTH, 72))
    colours = [ImageStat.Stat(part).mean for part in (shown, gallery["stall-after"].crop((0, 0, pictures.WIDTH, 72)))]
    assert colours[0] == pytest.approx(colours[1], abs=6)


def test_no_two_pictures_are_taken_for_one_but_the_marked_one(gallery: dict[str, Image.Image]) -> None:
    others = {key: known(image)[1] for key, image in gallery.items() if key != "stall-marked"}
    alike = [(a, b) for a, b in itertools.combinations(others, 2) if is_same_picture(others[a], others[b])]
    assert alike == []
