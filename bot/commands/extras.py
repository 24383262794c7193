"""Doctor's look at what may be added: each extra for pictures tried on a picture drawn for it, the optional service asked once."""

import io
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw

from bot.clock import SystemClock
from bot.commands.signs import Mark, Sign
from bot.config import Config, Privacy
from bot.second_opinion import SecondOpinion, service_of
from domain.categories import Categories
from domain.messages import Photo
from media.decode import Decoder
from media.extras import can_find_faces, can_heic, can_read_watermarks
from media.header import PhotoRefused
from media.photos import PhotoStore
from media.redact import Finder
from media.watermarks import ChildFailed, WatermarkReader

SIZE = (640, 480)
CLOCK, PLATE = "2026-06-01 14:02", "A·12345"  # read wherever the recogniser works, without a Chinese font to draw with
HOW = "安装：在源码文件夹执行 make photos，或 pip install 'luzhang[{name}]'，再重启服务。"
AGAIN = "请重新安装：make photos，或 pip install --force-reinstall 'luzhang[{name}]'，再重启服务。"


@dataclass(frozen=True, slots=True)
class Extra:
    """One extra: whether it is here, whether it works, and what people miss without it."""

    name: str
    title: str
    is_here: Callable[[], bool]
    works: Callable[[PhotoStore], Awaitable[bool]]
    missed: str
    is_needed: bool = True  # as configured: without it something wished for is left out

    async def sign(self, store: PhotoStore) -> Sign:
        """Return its line."""
        if not self.is_here():
            mark = Mark.WARN if self.is_needed else Mark.WELL
            return Sign(mark, f"{self.title}（{self.name}）没有安装：{self.missed}{HOW.format(name=self.name)}")
        if await self.works(store):
            return Sign(Mark.WELL, f"{self.title}（{self.name}）可用")
        return Sign(Mark.WARN, f"{self.title}（{self.name}）装了但不能用：{self.missed}{AGAIN.format(name=self.name)}")


async def extras(config: Config, categories: Categories) -> list[Sign]:
    """Return a line for each extra, for how photos leave, and for the optional service."""
    with tempfile.TemporaryDirectory() as folder:
        store = PhotoStore(Path(folder))
        found = [await extra.sign(store) for extra in _every(config.privacy)]
        return [*found, *_leaving(config.privacy), await _service(config, categories, store)]


def _every(privacy: Privacy) -> tuple[Extra, ...]:
    return (
        Extra(
            "heif", "苹果手机照片", can_heic, _shows_heic, "HEIC照片只保存，不能预览、查重和打码，要请上报人改发JPG。"
        ),
        Extra(
            "ocr",
            "水印识别",
            can_read_watermarks,
            _reads,
            "照片水印里的时间、地点、坐标不读，只发照片的要请上报人补写位置。",
        ),
        Extra(
            "blur",
            "人脸车牌打码",
            can_find_faces,
            _finds,
            "照片外发前一律等市路长办过目（回复“待过目”），没有放行的不外发。" if privacy.blur else "",
            is_needed=privacy.blur,
        ),
    )


def _leaving(privacy: Privacy) -> list[Sign]:
    if not privacy.blur:
        text = "外发照片不打码、不过目（[privacy] blur = false）：人脸、车牌会随对比图外发。要打码请改为 true。"
        return [Sign(Mark.WARN, text)]
    if privacy.review:
        return [Sign(Mark.WELL, "外发照片先由市路长办过目（[privacy] review = true）")]
    return []


async def _shows_heic(store: PhotoStore) -> bool:
    try:
        import pillow_heif

        data = io.BytesIO()
        pillow_heif.from_pillow(Image.new("RGB", (64, 48), "gray")).save(data)
        async with Decoder(store) as decoder:
            return bool(await decoder.thumbnail(await store.save(data.getvalue()), 32))
    except (ImportError, OSError, ValueError, RuntimeError, PhotoRefused):
        return False


async def _reads(store: PhotoStore) -> bool:
    reader = WatermarkReader(store)
    try:
        lines = await reader.lines(await _drawn(store))
    except ChildFailed:
        return False
    finally:
        await reader.close()
    return any("14:02" in line.text for line in lines)


async def _finds(store: PhotoStore) -> bool:
    finder = Finder(store)
    try:
        return bool(await finder.find(await _drawn(store)))
    finally:
        await finder.close()


async def _drawn(store: PhotoStore) -> Photo:
    """Return a picture with a clock where watermarks stand, and a number plate."""
    picture = Image.new("RGB", SIZE, (70, 80, 90))
    draw = ImageDraw.Draw(picture)
    draw.rectangle((200, 200, 440, 276), fill=(30, 80, 190))
    draw.text((320, 238), PLATE, fill="white", font_size=52, anchor="mm")
    draw.text((24, 430), CLOCK, fill="white", font_size=28)
    data = io.BytesIO()
    picture.save(data, "JPEG", quality=90)
    return await store.save(data.getvalue())


async def _service(config: Config, categories: Categories, store: PhotoStore) -> Sign:
    service = service_of(config)
    if service is None:
        return Sign(Mark.WELL, "外部识别没有启用（[understanding] endpoint 未填）：拿不准的照常问人")
    opinion = SecondOpinion(service, categories, Decoder(store).thumbnail, SystemClock())
    try:
        trouble = await opinion.trouble()
    finally:
        await opinion.close()
    if not trouble:
        return Sign(Mark.WELL, f"外部识别可用：{service.model}")
    mend = "不影响受理，拿不准的照常问人。请核对[understanding]的endpoint、model、api_key，或清空endpoint停用。"
    return Sign(Mark.WARN, f"外部识别不可用：{trouble}；{mend}")
