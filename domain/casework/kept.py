"""Documents that were made before they are wanted: a record of each sheaf, which a decision takes along.

Making them takes seconds and is done outside every transaction; the decision only looks whether what was made is of
the very figures that it is about to publish.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from domain.casework.work import Work
from domain.messages import Document, Look, Photo
from domain.papers import Paper

PREFIX = "papers:"  # of the settings that record them
LASTING = f"{PREFIX}bulletin:"  # of those that stay for good


@dataclass(frozen=True, slots=True)
class Sheaf:
    """Papers that belong together: what they are for, and of which figures they are."""

    key: str
    fingerprint: str
    papers: tuple[Paper, ...]


@dataclass(frozen=True, slots=True)
class Made:
    """The files of a sheaf. `problem` tells that it could not be made."""

    fingerprint: str
    photos: tuple[Photo, ...] = ()
    files: tuple[Document, ...] = ()
    problem: str = ""

    @property
    def titles(self) -> tuple[str, ...]:
        """Return the files' names as people see them."""
        return tuple(file.title for file in self.files)

    def to_facts(self, at: datetime) -> dict[str, Any]:
        """Return the record as JSON values."""
        return {
            "fingerprint": self.fingerprint,
            "made_at": at.isoformat(),
            "photos": [[p.sha256, p.ext, p.size, p.width, p.height] for p in self.photos],
            "files": [[f.sha256, f.ext, f.size, f.title] for f in self.files],
            "problem": self.problem,
        }

    @classmethod
    def from_facts(cls, facts: Mapping[str, Any]) -> "Made":
        """Return the record that `to_facts` wrote."""
        photos = tuple(replace(Photo(*values[:5]), look=Look.MADE) for values in facts["photos"])
        return cls(
            facts["fingerprint"], photos, tuple(Document(*values) for values in facts["files"]), facts["problem"]
        )


async def kept(work: Work, key: str) -> Made | None:
    """Return what was made under a key, None when nothing was."""
    facts = await work.view.setting(f"{PREFIX}{key}")
    return Made.from_facts(facts) if facts else None


async def ready(work: Work, key: str, fingerprint: str) -> Made:
    """Return what was made of these very figures; without any, nothing is attached."""
    made = await kept(work, key)
    return made if made is not None and made.fingerprint == fingerprint else Made(fingerprint)


def names_in(records: Sequence[Mapping[str, Any]]) -> set[str]:
    """Return the names in the media folder that records keep."""
    made = [Made.from_facts(facts) for facts in records]
    return {photo.name for one in made for photo in one.photos} | {file.name for one in made for file in one.files}
