"""What every child process that touches a picture has in common: hard limits, and one question after another on its pipes.

A question is one line of JSON; the answer one line of JSON and, where it names a `size`, so many bytes after it. The child
writes no file and may die of any picture: the parent starts another.
"""

import json
import os
import resource
import struct
import sys
from collections.abc import Callable, Mapping
from typing import Any, BinaryIO

from PIL import Image

MEMORY_BYTES = 512 * 1024 * 1024
CPU_SECONDS = 10
LOWEST = 19  # still gets its turn on a busy machine, unlike an idle class: a receipt waits for what pictures tell
# What Pillow raises on a bad picture; anything else ends the process, which is an answer too.
BAD_PICTURE = (
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    KeyError,
    IndexError,
    TypeError,
    MemoryError,
    OverflowError,
    ZeroDivisionError,
    struct.error,
    Image.DecompressionBombError,
)

Question = Mapping[str, Any]
Answer = tuple[dict[str, Any], bytes]


def limit_process(memory_bytes: int = MEMORY_BYTES) -> None:
    """Bound memory, files and core dumps for good, and let the bot go first; the time is bounded anew for each picture."""
    os.nice(LOWEST)
    if hasattr(os, "SCHED_BATCH"):  # Linux: such a process never interrupts another that wakes, as an answer does
        os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def limit_time(seconds: int = CPU_SECONDS) -> None:
    """Allow so many more seconds of processor time, after which the system ends this process."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    _soft, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + seconds, hard))


def _own_answers() -> BinaryIO:
    """Return the pipe for answers, and send whatever a library prints elsewhere: it would be taken for an answer."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return answers


def serve(
    answer: Callable[[Question], Answer], questions: BinaryIO | None = None, answers: BinaryIO | None = None
) -> None:
    """Answer questions until the parent closes the pipe; a bad picture is the answer `{"problem": …}`."""
    questions, answers = questions or sys.stdin.buffer, answers or _own_answers()
    for line in iter(questions.readline, b""):
        limit_time()
        try:
            said, data = answer(json.loads(line))
        except BAD_PICTURE as error:
            said, data = {"problem": type(error).__name__}, b""
        if data:
            said = {**said, "size": len(data)}
        answers.write(json.dumps(said).encode() + b"\n" + data)
        answers.flush()
