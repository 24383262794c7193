"""`luzhang case copy|blur|unblur`: how a picture leaves the work group, looked at and changed by the rules of the chat."""

import asyncio
from pathlib import Path

from bot.clock import SystemClock
from bot.commands.cases import numbered
from bot.commands.session import OK, Session, UsageError, acting_person, say
from bot.public_copies import copies_of
from domain.case import Case, CasePhoto
from domain.casework import leaving
from domain.casework.work import Work
from domain.messages import Photo
from domain.texts import pictures
from media.photos import PhotoStore

SIDE_PX = 1_280


async def copy(session: Session, number: str, position: int | None, out: Path) -> int:
    """Write a picture as it would leave, its parts numbered, into a file. Raises RuleError, PhotoRefused."""

    async def meant(work: Work) -> tuple[Case, CasePhoto, int]:
        case = await numbered(work, number)
        return case, *leaving.picture_of(case, position, f"luzhang case copy {case.short} --photo 1")

    case, photo, place = await session.read(meant)
    store = PhotoStore(session.config.store.media)
    copies = copies_of(session.config, store, session.store, SystemClock())
    try:
        data = await copies.numbered(Photo(photo.sha256, photo.ext, 0), SIDE_PX)
    finally:
        await copies.close()
    await asyncio.to_thread(out.write_bytes, data)
    say(f"✔ {case.number}第{place}张外发时的样子已写入 {out}，图上的格号不会外发。")
    return OK


async def change(
    session: Session,
    number: str,
    position: int | None,
    given: str | None,
    *,
    cells: list[int],
    boxes: list[str],
    restores: bool = False,
) -> int:
    """Blur further places of a picture, or show them again. Raises RuleError, UsageError."""
    if any(not 1 <= cell <= leaving.CELLS for cell in cells):
        raise UsageError(f"--cell 是1至{leaving.CELLS}，按从左到右、从上到下数；先用 luzhang case copy 看格号。")
    places = [*(leaving.cell_box(cell) for cell in cells), *(_box(text) for text in boxes)]
    async with session.store.deciding(session.now) as view:
        work = Work(view, session.rules)
        case, by = await numbered(work, number), acting_person(work, given)
        leaving.require_desk(work, case, by)
        if restores:
            leaving.require_office(work, by)
        photo, place = leaving.picture_of(case, position, f"luzhang case blur {case.short} --photo 1")
        step = leaving.restored(cells) if restores else leaving.blurred(places or [leaving.WHOLE])
        kind = leaving.UNBLURRED if restores else leaving.BLURRED
        view.apply(await leaving.decided(work, case, photo, by, kind, step, cells=cells, boxes=boxes))
        told = pictures.unblurred if restores else pictures.blurred
        text = told(case, place, cells) if cells or not boxes else pictures.boxed(case, place, len(boxes))
    say(text)
    return OK


def _box(text: str) -> leaving.Box:
    parts = text.replace("，", ",").split(",")
    try:
        left, top, right, bottom = (int(part) for part in parts)
    except ValueError:
        left = top = right = bottom = -1
    if not (0 <= left < right <= leaving.FRAME and 0 <= top < bottom <= leaving.FRAME):
        raise UsageError(f"--box “{text}”有误：请写左,上,右,下，占画面的千分之几，如 120,300,220,420。")
    return left, top, right, bottom
