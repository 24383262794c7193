"""The child process that makes documents: a paper in, a file out, so that seconds of work hold up nobody.

A question is one line of JSON `{"paper"}` with the pickled paper, its pictures and its template, from the parent alone;
the answer one line `{"size"}` and the file, or `{"problem"}` in Chinese where somebody can mend it.
"""

import base64
import json
import pickle
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field

from domain.errors import LuzhangError
from domain.papers import Album, Book, Letter, Paper, Poster


@dataclass(frozen=True, slots=True)
class Task:
    """A paper with all that it takes to make it."""

    paper: Paper
    pictures: Mapping[str, bytes] = field(default_factory=dict)  # JPEG by the fingerprint of the photo
    template: bytes | None = None


def make(task: Task) -> bytes:
    """Return the paper as a file. Raises TableError for a template that cannot be filled."""
    paper = task.paper
    if isinstance(paper, Book):
        from media import books

        return books.render(paper)
    if isinstance(paper, Poster):
        from media import posters

        return posters.render(paper)
    if isinstance(paper, Album):
        from media import albums

        return albums.render(paper, task.pictures)
    from media import letters

    if isinstance(paper, Letter):
        return letters.render_letter(paper, task.template)
    shown = [task.pictures[photo.sha256] for photo in paper.photos if photo.sha256 in task.pictures]
    return letters.render_form(paper, shown, task.template)


def pack(task: Task) -> str:
    """Return a task as it goes through the pipe."""
    return base64.b64encode(pickle.dumps(task)).decode()


def main() -> None:
    """Serve until the parent closes the pipe."""
    for line in iter(sys.stdin.buffer.readline, b""):
        try:
            data = make(pickle.loads(base64.b64decode(json.loads(line)["paper"])))
            said: dict[str, object] = {"size": len(data)}
        except LuzhangError as error:
            said, data = {"problem": error.text}, b""
        sys.stdout.buffer.write(json.dumps(said).encode() + b"\n" + data)
        sys.stdout.buffer.flush()
