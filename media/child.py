"""A child process that is asked one thing after another and may die without harm.

It is started when first needed (about a tenth of a second), and replaced after a failure or many answers, so that neither
a bomb nor a leak in a decoder reaches the bot.
"""

import asyncio
import json
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

ROOT = Path(__file__).parents[1]
MAX_ANSWER_BYTES = 32 * 1024 * 1024
ANSWERS_PER_CHILD = 500
PATIENCE = timedelta(seconds=10)
_BOOT = "import sys; sys.path.insert(0, sys.argv[1]); import importlib; importlib.import_module(sys.argv[2]).main()"


class ChildFailed(Exception):
    """The child died, took too long, or answered with rubbish."""


class Child:
    """Serves the questions of one module's `main` (see `media.limits.serve`). Close it at the end."""

    def __init__(self, module: str, *, patience: timedelta = PATIENCE, answers: int = ANSWERS_PER_CHILD) -> None:
        self._module = module
        self.patience = patience
        self._answers = answers
        self._lock = asyncio.Lock()  # one question at a time
        self._process: Process | None = None
        self._served = 0
        self._dying: list[Process] = []

    @property
    def process(self) -> Process | None:
        """Return the running process, or None before the first question and after a failure."""
        return self._process

    @property
    def is_busy(self) -> bool:
        """Tell whether a question is under way."""
        return self._lock.locked()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """End the child and wait for it."""
        async with self._lock:
            self._discard()
            await self._bury()

    async def ask(self, question: Mapping[str, Any]) -> tuple[dict[str, Any], bytes]:
        """Return the child's answer and the bytes that came with it.

        A child that failed, or that is left in the middle of an answer, is never asked again. Raises ChildFailed.
        """
        line = json.dumps(question).encode() + b"\n"
        async with self._lock:
            is_sound = False
            try:
                async with asyncio.timeout(self.patience.total_seconds()):
                    found = await _answer(await self._ready(), line)
                is_sound = True
                return found
            except (TimeoutError, OSError, EOFError, ValueError) as error:
                raise ChildFailed(type(error).__name__) from None
            finally:
                self._served += 1
                if not is_sound or self._served >= self._answers:
                    self._discard()

    async def _ready(self) -> Process:
        await self._bury()
        if self._process is None or self._process.returncode is not None:
            self._discard()
            # Isolated, and with an empty environment: the child has no secrets to give away.
            command = (sys.executable, "-I", "-B", "-c", _BOOT, str(ROOT), self._module)
            self._process = await asyncio.create_subprocess_exec(
                *command, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, cwd="/", env={}
            )
        return self._process

    def _discard(self) -> None:
        if self._process is None:
            return
        with suppress(ProcessLookupError):
            self._process.kill()
        self._dying.append(self._process)
        self._process = None
        self._served = 0

    async def _bury(self) -> None:
        while self._dying:
            await self._dying[-1].communicate()
            self._dying.pop()


async def _answer(process: Process, line: bytes) -> tuple[dict[str, Any], bytes]:
    """Raises EOFError when the child dies, OSError or ValueError when its answer is none."""
    if process.stdin is None or process.stdout is None:
        raise ValueError("a child without pipes")
    process.stdin.write(line)
    await process.stdin.drain()
    answer = json.loads(await process.stdout.readline() or b"null")
    size = answer.get("size", 0) if isinstance(answer, dict) else None
    if not isinstance(size, int) or not 0 <= size <= MAX_ANSWER_BYTES:
        raise ValueError("no size in the answer")
    return answer, await process.stdout.readexactly(size) if size else b""
