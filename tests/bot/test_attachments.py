import hashlib
import io
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from bot.attachments import KeptAttachments
from domain.messages import ChatRoom, Document, Look, Photo, Target, Undeliverable
from media.decode import Decoder
from media.photos import PhotoStore


def drawn(form: str, size: tuple[int, int] = (64, 48)) -> bytes:
    image = Image.effect_noise(size, 90).convert("RGB")
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x010F] = "SecretCamera"
    image.save(out, form, **({"exif": exif} if form == "JPEG" else {}))
    return out.getvalue()


class Nobody:
    """Public copies that nobody may ask for: nothing here goes into a group."""


async def no_rooms() -> tuple[ChatRoom, ...]:
    return ()


TO = Target("wecom", userid="zhao")


@pytest.fixture
async def folder(tmp_path: Path) -> AsyncIterator[tuple[PhotoStore, KeptAttachments]]:
    store = PhotoStore(tmp_path / "media")
    async with Decoder(store) as decoder:
        yield store, KeptAttachments(store, decoder, Nobody(), no_rooms)  # type: ignore[arg-type]


async def test_a_photograph_goes_out_without_what_the_camera_wrote(
    folder: tuple[PhotoStore, KeptAttachments],
) -> None:
    store, attachments = folder
    body = drawn("JPEG")
    assert b"SecretCamera" in body
    found = await attachments.picture(await store.save(body), 1 << 20, TO)
    assert found.body.startswith(b"\xff\xd8")
    assert b"SecretCamera" not in found.body


async def test_a_large_picture_is_shrunk_until_it_fits(folder: tuple[PhotoStore, KeptAttachments]) -> None:
    store, attachments = folder
    photo = await store.save(drawn("JPEG", (2000, 1500)))
    whole = await attachments.picture(photo, 20 << 20, TO)
    small = await attachments.picture(photo, len(whole.body) - 1, TO)
    assert Image.open(io.BytesIO(whole.body)).size == (1600, 1200)
    assert Image.open(io.BytesIO(small.body)).size == (1200, 900)
    with pytest.raises(Undeliverable):
        await attachments.picture(photo, 100, TO)


async def test_a_drawn_table_stays_as_it_is(folder: tuple[PhotoStore, KeptAttachments]) -> None:
    store, attachments = folder
    body = drawn("PNG")
    made = replace(await store.save(body), look=Look.MADE)
    assert (await attachments.picture(made, 1 << 20, TO)).body == body


async def test_a_persons_screenshot_is_drawn_anew_too(folder: tuple[PhotoStore, KeptAttachments]) -> None:
    store, attachments = folder
    found = await attachments.picture(await store.save(drawn("PNG")), 1 << 20, TO)
    assert found.body.startswith(b"\xff\xd8")


async def test_a_file_keeps_its_title(folder: tuple[PhotoStore, KeptAttachments], tmp_path: Path) -> None:
    _, attachments = folder
    body = b"PK\x03\x04sheet"
    document = Document(hashlib.sha256(body).hexdigest(), "xlsx", len(body), "得分表.xlsx")
    (tmp_path / "media" / document.name).write_bytes(body)
    found = await attachments.file(document, 100)
    assert (found.name, found.body, found.is_picture) == ("得分表.xlsx", body, False)
    with pytest.raises(Undeliverable):
        await attachments.file(document, 5)


async def test_what_is_gone_is_told_not_guessed(folder: tuple[PhotoStore, KeptAttachments]) -> None:
    _, attachments = folder
    with pytest.raises(Undeliverable):
        await attachments.picture(Photo("a" * 64, "jpg", 9), 100, TO)
    with pytest.raises(Undeliverable):
        await attachments.file(Document("a" * 64, "docx", 9, "通报.docx"), 100)
    with pytest.raises(Undeliverable):
        await attachments.file(Document("../" + "a" * 61, "docx", 9, "通报.docx"), 100)
