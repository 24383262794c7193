"""`luzhang understand --photos`: what the pictures of a folder tell, line by line, without database or network."""

import asyncio
import json
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bot.commands.understand import build
from domain.casework.placing import nearest_of
from domain.errors import LuzhangError
from domain.photo_facts import PhotoFacts, Watermark
from domain.understand import Understander
from domain.understand.watermark import parse
from media.extras import can_read_watermarks
from media.header import PhotoRefused
from media.photos import PhotoStore
from media.reading import PhotoReader
from media.watermarks import ChildFailed, WatermarkReader

_KINDS = {".jpg", ".jpeg", ".png", ".webp", ".heic"}
_ZONE = ZoneInfo("Asia/Shanghai")
NO_OCR = "未安装水印识别（luzhang[ocr]），只列出照片自带的时间和定位。\n"


def run(roster: Path, folder: Path) -> int:
    """Print one JSON line for each picture of a folder, by name; return the exit code."""
    if not folder.is_dir():
        sys.stderr.write(f"没有文件夹 {folder}。\n")
        return 2
    try:
        understander = build(roster)
    except LuzhangError as error:
        sys.stderr.write(f"{error.text}\n")
        return 2
    if not can_read_watermarks():
        sys.stderr.write(NO_OCR)
    files = sorted(path for path in folder.iterdir() if path.suffix.lower() in _KINDS)
    asyncio.run(_all(understander, files))
    return 0


async def _all(understander: Understander, files: Sequence[Path]) -> None:
    with tempfile.TemporaryDirectory() as name:
        store = PhotoStore(Path(name))
        reader, prints = PhotoReader(_ZONE), WatermarkReader(store)
        try:
            for path in files:
                told = await _told(understander, store, reader, prints, path)
                sys.stdout.write(json.dumps({"file": path.name, **told}, ensure_ascii=False) + "\n")
                sys.stdout.flush()
        finally:
            await reader.close()
            await prints.close()


async def _told(
    understander: Understander, store: PhotoStore, reader: PhotoReader, prints: WatermarkReader, path: Path
) -> dict[str, Any]:
    try:
        photo = await store.save(await asyncio.to_thread(path.read_bytes))
    except PhotoRefused as refused:
        return {"problem": refused.text}
    facts = await reader.facts(photo, store.path(photo))
    mark = Watermark()
    if can_read_watermarks():
        try:
            mark = parse(await prints.lines(photo), datetime.now(UTC), _ZONE)
        except ChildFailed:
            return {"problem": "水印没有读出来，请再试一次。"}
    return _as_json(understander, facts, mark)


def _as_json(understander: Understander, facts: PhotoFacts, mark: Watermark) -> dict[str, Any]:
    said = understander.understand(f"{mark.address} {mark.note}".strip()) if mark.address else None
    segments = understander.gazetteer.segments
    by_words = (said.segment,) if said and said.segment else ()
    points = [point for point in (mark.point, facts.point) if point]
    by_point = next((found for point in points if (found := nearest_of(segments, point))), ())
    segment = (by_words or by_point)[0] if len(by_words or by_point) == 1 else None
    return {
        "taken": _time(facts.taken_at),
        "point": facts.point,
        "watermark": {"address": mark.address, "time": _time(mark.taken_at), "point": mark.point, "note": mark.note},
        "segment": segment,
    }


def _time(at: datetime | None) -> str | None:
    return at.astimezone(_ZONE).isoformat() if at else None
