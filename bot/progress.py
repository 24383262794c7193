"""What whoever waits at a terminal sees: a bar, or a running clock where nobody knows how much is left; on stderr alone."""

import sys
from threading import Event, Thread
from types import TracebackType
from typing import Self, TextIO

_WIDTH = 24
_CLEAR = "\r\x1b[K"


class _Shown:
    """A line at the terminal that is gone at the end. Silent where nobody watches."""

    def __init__(self, stream: TextIO | None) -> None:
        self._stream = stream or sys.stderr
        self._is_watched = self._stream.isatty()

    @property
    def is_watched(self) -> bool:
        """Tell whether anybody sees it."""
        return self._is_watched

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._show("")

    def _show(self, line: str) -> None:
        if self._is_watched:
            self._stream.write(f"{_CLEAR}{line}")
            self._stream.flush()


class Progress(_Shown):
    """Shows how many of so many things are done, and what is being done now."""

    def __init__(self, total: int, about: str, stream: TextIO | None = None) -> None:
        super().__init__(stream)
        self._total, self._about, self._done = max(1, total), about, 0

    def step(self, what: str) -> None:
        """Say that one thing more is begun."""
        self.reach(self._done, what)
        self._done += 1

    def reach(self, done: int, what: str = "") -> None:
        """Say how many are done; from any thread."""
        filled = _WIDTH * min(done, self._total) // self._total
        bar = "█" * filled + "░" * (_WIDTH - filled)
        self._show(f"{self._about} {bar} {done}/{self._total} {what}")


class Waiting(_Shown):
    """Shows for how long work of unknown length has been going on, from its first second on, in a thread of its own."""

    def __init__(self, about: str, stream: TextIO | None = None, *, tick: float = 1) -> None:
        super().__init__(stream)
        self._about, self._tick = about, tick
        self._over = Event()
        self._thread = Thread(target=self._count, daemon=True)

    def __enter__(self) -> Self:
        if self._is_watched:
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._is_watched:
            self._over.set()
            self._thread.join()
        super().__exit__(kind, error, trace)

    def _count(self) -> None:
        passed = 0
        while not self._over.wait(self._tick):
            passed += 1
            self._show(f"{self._about}……{passed}秒")
