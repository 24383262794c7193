"""What the page is told while it is open: every change, once, to everybody who listens."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

WAITING = 2_000  # changes kept for a page that does not read; beyond that it must load everything again


class Feed:
    """Sends each change to every open page."""

    def __init__(self) -> None:
        self._readers: set[asyncio.Queue[str | None]] = set()

    def publish(self, kind: str, data: Any) -> None:
        """Tell every page; one that does not keep up is let go and loads again."""
        line = json.dumps({"kind": kind, "data": data}, ensure_ascii=False)
        for reader in list(self._readers):
            if reader.qsize() >= WAITING:
                self._readers.discard(reader)
                reader.put_nowait(None)
                continue
            reader.put_nowait(line)

    def read(self) -> AsyncIterator[str]:
        """Return the changes from this call on as JSON lines, until `close`."""
        queue: asyncio.Queue[str | None] = asyncio.Queue()
        self._readers.add(queue)
        return self._lines(queue)

    async def _lines(self, queue: "asyncio.Queue[str | None]") -> AsyncIterator[str]:
        try:
            while (line := await queue.get()) is not None:
                yield line
        finally:
            self._readers.discard(queue)

    def close(self) -> None:
        """End every open stream."""
        for reader in self._readers:
            reader.put_nowait(None)
