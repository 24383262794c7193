"""doctor on the extras: what people miss without each, how to add it, and whether what is installed works."""

from dataclasses import replace
from pathlib import Path

import pytest

from bot.commands.extras import _every, _finds, _leaving, _service, _shows_heic
from bot.commands.signs import Mark
from bot.config import Config, Privacy
from domain.categories import Categories
from media.extras import can_find_faces, can_heic
from media.photos import PhotoStore


def config(**sections: object) -> Config:
    return Config.model_validate({"city": {"name": "溪城市"}, "store": {}, **sections})


@pytest.fixture
def store(tmp_path: Path) -> PhotoStore:
    return PhotoStore(tmp_path)


@pytest.mark.parametrize(
    ("name", "missed"),
    [
        pytest.param("heif", "上报人改发JPG", id="iPhones"),
        pytest.param("ocr", "只发照片的要请上报人补写位置", id="watermarks"),
        pytest.param("blur", "没有放行的不外发", id="blurring"),
    ],
)
async def test_what_is_not_installed(store: PhotoStore, name: str, missed: str) -> None:
    (extra,) = [one for one in _every(Privacy()) if one.name == name]
    sign = await replace(extra, is_here=lambda: False).sign(store)
    assert sign.mark is Mark.WARN
    assert f"（{name}）没有安装：" in sign.text
    assert missed in sign.text
    assert sign.text.endswith(f"make photos，或 pip install 'luzhang[{name}]'，再重启服务。")


async def test_what_is_installed_and_does_not_work(store: PhotoStore) -> None:
    async def fails(_store: PhotoStore) -> bool:
        return False

    async def works(_store: PhotoStore) -> bool:
        return True

    reading = replace(_every(Privacy())[1], is_here=lambda: True, works=fails)
    sign = await reading.sign(store)
    assert (sign.mark, "装了但不能用" in sign.text, "--force-reinstall" in sign.text) == (Mark.WARN, True, True)
    assert str(await replace(reading, works=works).sign(store)) == "✔ 水印识别（ocr）可用"


async def test_blurring_that_is_switched_off_is_not_missed_but_said(store: PhotoStore) -> None:
    off = Privacy(blur=False)
    assert (await replace(_every(off)[2], is_here=lambda: False).sign(store)).mark is Mark.WELL
    assert [sign.mark for sign in _leaving(off)] == [Mark.WARN]
    assert "先由市路长办过目" in _leaving(Privacy(review=True))[0].text
    assert _leaving(Privacy()) == []


async def test_the_optional_service(store: PhotoStore) -> None:
    assert (await _service(config(), Categories.load(), store)).mark is Mark.WELL
    asked = {"endpoint": "http://127.0.0.1:9/v1", "model": "some-model", "api_key": "key-canary"}
    sign = await _service(config(understanding=asked), Categories.load(), store)
    assert (sign.mark, "连不上；不影响受理" in sign.text, "key-canary" in sign.text) == (Mark.WARN, True, False)


@pytest.mark.skipif(not can_heic(), reason="extra “heif” is not installed")
async def test_a_heic_picture_is_tried(store: PhotoStore) -> None:
    assert await _shows_heic(store)


@pytest.mark.skipif(not can_find_faces(), reason="extra “blur” is not installed (make photos)")
async def test_the_detectors_are_tried(store: PhotoStore) -> None:
    assert await _finds(store)
