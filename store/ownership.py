"""Who owns the files: what root puts into a folder goes to the folder's owner, else the service could not use it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = 0


@contextmanager
def kept(*folders: Path) -> Iterator[None]:
    """As root, give what lies in these folders afterwards to whoever owned each before; else change nothing.

    A folder that is not there yet goes, with all that is made on the way, to the owner of the one around it.
    """
    if os.geteuid() != ROOT:
        yield
        return
    before = [(folder, next(p for p in (folder, *folder.parents) if p.exists())) for folder in folders]
    owners = [(folder, standing, standing.stat()) for folder, standing in before]
    try:
        yield
    finally:
        for folder, standing, owner in owners:
            for path in _made(folder, standing):
                if path.stat(follow_symlinks=False).st_uid == ROOT:
                    os.chown(path, owner.st_uid, owner.st_gid, follow_symlinks=False)


def _made(folder: Path, standing: Path) -> Iterator[Path]:
    """Yield the folders made below the one that stood, and the files in the last of them."""
    yield from (path for path in (folder, *folder.parents) if path.is_relative_to(standing) and path != standing)
    if folder.is_dir():
        yield from folder.iterdir()
