"""Pictures that a case no longer shows: their rows keep the fingerprint, so that one sent again is known as old."""

from collections.abc import Collection

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from store.schema import case_photo, photo, photo_hash, photo_wait

_CHUNK = 500


async def let_go(connection: AsyncConnection, which: ColumnElement[bool]) -> list[str]:
    """Let go of pictures of cases; return the names of the files that no case shows any more.

    What was read from such a picture (place, watermark, likeness) goes with it.
    """
    mine = which, case_photo.c.ext != ""
    rows = (await connection.execute(select(case_photo.c.sha256, case_photo.c.ext).where(*mine).distinct())).all()
    await connection.execute(update(case_photo).where(*mine).values(ext=""))
    names = {row.sha256: f"{row.sha256}.{row.ext}" for row in rows}
    free = sorted(names.keys() - await _held(connection, names.keys()))
    for begin in range(0, len(free), _CHUNK):
        for table in (photo, photo_hash, photo_wait):
            await connection.execute(delete(table).where(table.c.sha256.in_(free[begin : begin + _CHUNK])))
    return [names[sha256] for sha256 in free]


async def _held(connection: AsyncConnection, wanted: Collection[str]) -> set[str]:
    found: set[str] = set()
    listed = sorted(wanted)
    for begin in range(0, len(listed), _CHUNK):
        some = case_photo.c.sha256.in_(listed[begin : begin + _CHUNK])
        query = select(case_photo.c.sha256).where(some, case_photo.c.ext != "").distinct()
        found |= set((await connection.execute(query)).scalars())
    return found
