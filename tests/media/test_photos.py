import asyncio
import hashlib
import os
import random
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from domain.messages import Photo
from media.header import PhotoRefused
from media.photos import MAX_BYTES, PhotoStore, is_over_pixel_cap
from tests.media.pictures import bomb, heic, picture

DAY = timedelta(days=1)
JPEG = picture()


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def age(path: Path, days: float) -> None:
    """Make a file older than it is."""
    then = path.stat().st_mtime - days * 86_400
    os.utime(path, (then, then))


@pytest.mark.parametrize(
    ("data", "ext", "size"),
    [
        (JPEG, "jpg", (64, 48)),
        (picture("PNG"), "png", (64, 48)),
        (picture("WEBP"), "webp", (64, 48)),
        (heic(), "heic", (0, 0)),
    ],
)
async def test_a_picture_is_kept_byte_for_byte(tmp_path: Path, data: bytes, ext: str, size: tuple[int, int]) -> None:
    store = PhotoStore(tmp_path / "media")
    photo = await store.save(data)
    assert photo == Photo(hashlib.sha256(data).hexdigest(), ext, len(data), *size)
    assert await store.read(photo) == data
    assert names(tmp_path / "media") == {photo.name}


async def test_the_same_picture_is_kept_once(tmp_path: Path) -> None:
    store = PhotoStore(tmp_path)
    photos = await asyncio.gather(*(store.save(JPEG) for _ in range(12)))
    assert len(set(photos)) == 1
    assert names(tmp_path) == {photos[0].name}


async def test_a_cut_off_copy_is_replaced(tmp_path: Path) -> None:
    store = PhotoStore(tmp_path)
    photo = await store.save(JPEG)
    store.path(photo).write_bytes(JPEG[:100])
    await store.save(JPEG)
    assert await store.read(photo) == JPEG


async def test_the_file_is_on_disk_before_its_name_and_the_name_before_the_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[str] = []
    sync, rename = os.fsync, os.replace

    def syncing(handle: int) -> None:
        steps.append("folder" if os.path.isdir(f"/proc/self/fd/{handle}") else "file")
        sync(handle)

    def renaming(source: Path, target: Path) -> None:
        steps.append("rename")
        rename(source, target)

    monkeypatch.setattr(os, "fsync", syncing)
    monkeypatch.setattr(os, "replace", renaming)
    await PhotoStore(tmp_path).save(JPEG)
    assert steps == ["file", "rename", "folder"]


async def test_a_disk_that_fails_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = PhotoStore(tmp_path)

    def failing(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", failing)
    with pytest.raises(OSError, match="No space"):
        await store.save(JPEG)
    assert names(tmp_path) == set()


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(JPEG[:-2], id="cut off"),
        pytest.param(JPEG + b"<script>", id="polyglot"),
        pytest.param(b"\xff\xd8\xff" + b"\0" * MAX_BYTES, id="over the cap"),
        pytest.param(picture("GIF"), id="another format"),
    ],
)
async def test_what_is_refused_is_not_kept(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(PhotoRefused) as refused:
        await PhotoStore(tmp_path).save(data)
    assert any("\u4e00" <= character <= "\u9fff" for character in refused.value.text)
    assert names(tmp_path) == set()


async def test_a_bomb_is_kept_and_another_photo_is_asked_for(tmp_path: Path) -> None:
    data = bomb()
    store = PhotoStore(tmp_path)
    photo = await store.save(data)
    assert len(data) < 100_000
    assert (photo.width, photo.height, is_over_pixel_cap(photo)) == (24_000, 24_000, True)
    assert await store.read(photo) == data


@pytest.mark.parametrize(
    ("ext", "width", "height", "is_over"),
    [
        ("jpg", 20_000, 10_000, False),
        ("jpg", 20_001, 10_000, True),
        ("png", 8_000, 5_000, False),
        ("png", 8_001, 5_000, True),
        ("webp", 6_000, 4_000, False),
        ("webp", 6_001, 4_000, True),
        ("heic", 0, 0, False),
    ],
)
def test_the_pixel_cap(ext: str, width: int, height: int, is_over: bool) -> None:
    assert is_over_pixel_cap(Photo("0" * 64, ext, 1, width, height)) is is_over


async def test_the_sweep_takes_old_orphans_alone(tmp_path: Path) -> None:
    store = PhotoStore(tmp_path)
    named, orphan, young = [await store.save(picture(size=(16, side))) for side in (16, 17, 18)]
    broken = tmp_path / f".incoming-{'0' * 32}"
    foreign = tmp_path / "README"
    for path in (broken, foreign):
        path.write_bytes(b"x")
    for path in (store.path(named), store.path(orphan), broken, foreign):
        age(path, 1.01)
    removed = await store.sweep({named.name}, DAY)
    assert removed == tuple(sorted((broken.name, orphan.name)))
    assert names(tmp_path) == {named.name, young.name, foreign.name}
    assert await store.sweep({named.name}, DAY) == ()


async def test_a_picture_that_comes_again_is_young_again(tmp_path: Path) -> None:
    store = PhotoStore(tmp_path)
    photo = await store.save(JPEG)
    age(store.path(photo), 3)
    await store.save(JPEG)
    assert await store.sweep(set(), DAY) == ()
    assert await store.read(photo) == JPEG


@pytest.mark.parametrize(
    "photo",
    [
        Photo("../../etc/passwd", "jpg", 1),
        Photo("0" * 64, "jpg/../../x", 1),
        Photo("0" * 64, "exe", 1),
        Photo("A" * 64, "jpg", 1),
        Photo("", "", 0),
        Photo("0" * 64, "jpg\n", 1),
    ],
    ids=str,
)
def test_no_name_leads_out_of_the_folder(tmp_path: Path, photo: Photo) -> None:
    with pytest.raises(ValueError, match="name"):
        PhotoStore(tmp_path).path(photo)


async def test_the_loop_runs_while_a_large_picture_is_kept(tmp_path: Path) -> None:
    data = JPEG + random.Random(1).randbytes(8 << 20)
    saving = asyncio.ensure_future(PhotoStore(tmp_path).save(data))
    turns = await _turns_until(saving.done)
    assert turns > 1
    assert (await saving).size == len(data)


async def _turns_until(is_done: Callable[[], bool]) -> int:
    turns = 0
    while not is_done():
        turns += 1
        await asyncio.sleep(0)
    return turns


async def test_pictures_go_to_the_disk_one_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = PhotoStore(tmp_path)
    save, under_way, most = PhotoStore._save, 0, 0

    def counted(self: PhotoStore, data: bytes) -> Photo:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        try:
            return save(self, data)
        finally:
            under_way -= 1

    monkeypatch.setattr(PhotoStore, "_save", counted)
    saved = await asyncio.gather(*(store.save(JPEG + bytes([n])) for n in range(8)))
    assert (len(set(saved)), most) == (8, 1)
