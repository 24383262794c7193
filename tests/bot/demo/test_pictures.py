import io
from datetime import datetime

from PIL import Image

from bot.demo import city, pictures

AT = datetime(2026, 6, 29, 8, 41, tzinfo=city.ZONE)


def test_every_scene_is_another_picture(gallery: dict[str, Image.Image]) -> None:
    assert len({pictures.jpeg(image) for image in gallery.values()}) == len(pictures.SCENES)


def test_a_stamped_picture_is_a_photo_of_its_own(gallery: dict[str, Image.Image]) -> None:
    first, second = (pictures.stamped(gallery["stall"], AT, number) for number in (1, 2))
    assert first != second
    assert Image.open(io.BytesIO(first)).size == (pictures.WIDTH, pictures.HEIGHT)


def test_before_and_after_show_the_same_place(gallery: dict[str, Image.Image]) -> None:
    sky = (0, 0, pictures.WIDTH, 40)
    assert gallery["stall"].crop(sky).tobytes() == gallery["stall-after"].crop(sky).tobytes()
