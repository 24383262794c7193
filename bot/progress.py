"""A progress bar for whoever waits at a terminal: on stderr, and only there."""

import sys
from types import TracebackType
from typing import Self, TextIO

_WIDTH = 24


class Progress:
    """Shows how many of so many things are done, and what is being done now. Silent where nobody watches."""

    def __init__(self, total: int, about: str, stream: TextIO | None = None) -> None:
        self._total, self._about, self._done = max(1, total), about, 0
        self._stream = stream or sys.stderr
        self._is_watched = self._stream.isatty()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._is_watched:
            self._stream.write("\r\x1b[K")
            self._stream.flush()

    def step(self, what: str) -> None:
        """Say that one thing more is begun."""
        if self._is_watched:
            filled = _WIDTH * self._done // self._total
            bar = "█" * filled + "░" * (_WIDTH - filled)
            self._stream.write(f"\r\x1b[K{self._about} {bar} {self._done}/{self._total} {what}")
            self._stream.flush()
        self._done += 1
