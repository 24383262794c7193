"""Opening the stage: a folder of our own, emptied at each start, and the city built in it."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path

from PIL import Image

from bot.assembly import build, open_store, rules_of
from bot.clock import MovedClock
from bot.demo import city, pictures
from bot.demo.chat import Chats
from bot.demo.plot import Tale
from bot.demo.stage import WORN, Publish, Stage, Utterance
from bot.demo.trace import Trace
from bot.platforms.simulated.platform import CHANNEL, PLATFORM, Simulated
from bot.studying import Studying
from bot.system_words import reason
from domain.errors import ConfigError
from domain.messages import Photo
from domain.understand.watermark import Line
from media.extras import can_find_faces, can_read_watermarks
from media.photos import PhotoStore
from media.press import Press
from media.reading import PhotoReader
from media.redact import Boxes, Finder, PublicCopies
from media.watermarks import WatermarkReader
from store import single_instance

MARK = ".luzhang-demo"  # a folder without it is none of ours and is never emptied
FIRST_WORN = "wecom"
APPROVAL = "授权自动通报"


def paint_gallery() -> dict[str, Image.Image]:
    """Return all scenes of the gallery, drawn."""
    return {scene.key: pictures.painted(scene.key) for scene in pictures.SCENES}


@contextmanager
def owned(folder: Path) -> Iterator[None]:
    """Hold the demo's folder for the life of the block.

    Raises ConfigError when it holds somebody else's files or another demo has it.
    """
    try:
        _claim(folder)
    except OSError as error:
        raise ConfigError(f"{folder} 无法写入（{reason(error)}）。请换一个目录运行 luzhang demo。") from error
    lock = single_instance(city.config_in(folder).store.url)
    try:
        lock.__enter__()
    except ConfigError as error:
        raise ConfigError(f"{folder} 正被另一个演示使用。请先停掉它，或换一个目录运行 luzhang demo。") from error
    try:
        yield
    finally:
        lock.__exit__(None, None, None)


def _claim(folder: Path) -> None:
    if folder.exists() and any(folder.iterdir()) and not (folder / MARK).exists():
        raise ConfigError(f"{folder} 里有其他文件，未作改动。请换一个目录运行 luzhang demo。")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MARK).touch()


def clear(folder: Path) -> None:
    """Empty a folder that is held, but for the marks by which it is held."""
    for path in folder.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        elif path.name != MARK and path.suffix != ".lock":
            path.unlink()


class OnlyMarked:
    """Reads the pictures that carry an address; the others of the gallery would only cost the page time."""

    def __init__(self, reader: WatermarkReader) -> None:
        self._reader = reader
        self.marked: set[str] = set()

    async def lines(self, photo: Photo) -> list[Line]:
        """Return the lines of a marked picture."""
        return await self._reader.lines(photo) if photo.sha256 in self.marked else []

    async def close(self) -> None:
        """End the reader."""
        await self._reader.close()


class NobodyDrawn:
    """Finds nobody in what the gallery drew; what a visitor brings is searched, or waits for a person's look."""

    def __init__(self, drawn: set[str], photos: PhotoStore) -> None:
        self._drawn = drawn
        self._finder = Finder(photos) if can_find_faces() else None

    async def find(self, photo: Photo) -> Boxes | None:
        """Return what is to be blurred, None when the picture could not be searched."""
        if photo.sha256 in self._drawn:
            return ()
        return await self._finder.find(photo) if self._finder is not None else None

    async def close(self) -> None:
        """End the finder."""
        if self._finder is not None:
            await self._finder.close()


@asynccontextmanager
async def running(
    folder: Path, publish: Publish, gallery: Mapping[str, Image.Image], tale: Tale, worn: str = FIRST_WORN
) -> AsyncIterator[Stage]:
    """Give a fresh stage in a held folder: the city is imported and its standing approval spoken.

    tale: says when time begins and what was found. worn: the platform whose rules hold at first.
    """
    await asyncio.to_thread(clear, folder)
    config = city.config_in(folder)
    rules = rules_of(config)
    clock = MovedClock(tale.start)
    platform = Simulated(WORN[worn], clock.now)
    async with AsyncExitStack() as stack:
        store = await open_store(config, rules)
        stack.push_async_callback(store.close)
        photos = PhotoStore(config.store.media)
        reader, prints = PhotoReader(rules.zone), OnlyMarked(WatermarkReader(photos))
        drawn: set[str] = set()
        copies = PublicCopies(photos, store.photos, clock, finder=NobodyDrawn(drawn, photos))
        press = Press(photos, copies)
        for opened in (reader, prints, copies, press):
            stack.push_async_callback(opened.close)
        trace = Trace(rules, lambda: stage.roster, lambda line: publish("trace", line))
        machine = build(
            store,
            rules,
            clock,
            parsers={CHANNEL: platform.parser},
            clients={PLATFORM: platform},
            photos=photos,
            on_heard=lambda heard, view: trace.heard(heard),
            press=press,
            studying=Studying(store, photos, reader, clock, reads_watermarks=can_read_watermarks()),
            lines=prints if can_read_watermarks() else None,
        )
        stage = Stage(machine, platform, clock, photos, Chats(), trace, publish, gallery, copies, prints.marked, drawn)
        stack.push_async_callback(machine.stop)
        platform.listeners.append(stage.arrived)
        platform.turned.append(stage.turned)
        await _furnish(stage, tale)
        yield stage


async def _furnish(stage: Stage, tale: Tale) -> None:
    """Build the city, and let two persons of the office say that the month may be published by itself."""
    await stage.machine.set_up()
    await city.settle(stage.store, stage.rules, stage.now, tale.findings)
    stage.roster = await stage.store.rosters.load()
    for person in city.APPROVERS:
        await stage.say(Utterance(person, person, APPROVAL))
