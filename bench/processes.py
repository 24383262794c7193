"""Starting servers on their own core, and reading what they used from /proc."""

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from bench.load import Sent

SERVER_CORE, LOAD_CORE = 0, 1
ROOT = Path(__file__).parent.parent
_PAGE_MIB = os.sysconf("SC_PAGE_SIZE") / 2**20


def cores(wanted: Iterable[int]) -> set[int]:
    """Return those of the wanted cores that we have; all of ours when there is but one."""
    ours = os.sched_getaffinity(0)
    return (set(wanted) & ours) or ours


@dataclass
class Server:
    """A running server."""

    process: subprocess.Popen[str]
    port: int

    def cpu(self) -> float:
        """Return the CPU seconds of the process so far, its children and ended threads not counted."""
        tasks = Path(f"/proc/{self.process.pid}/task").iterdir()
        return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9

    def resident_mib(self) -> float:
        """Return the resident memory of the process and of its children, in MiB."""
        return sum(_resident(pid) for pid in (self.process.pid, *_children(self.process.pid)))

    @contextlib.contextmanager
    def paused(self) -> Iterator[None]:
        """Hold the process still, so that what it still has to do takes nothing from another on its core."""
        self.process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.process.send_signal(signal.SIGCONT)

    def stop(self) -> None:
        """End it, by force after ten seconds."""
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def __enter__(self) -> "Server":
        return self

    def __exit__(self, *_error: object) -> None:
        self.stop()


def _resident(pid: int) -> float:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE_MIB


def _children(pid: int) -> list[int]:
    found = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        found += [int(child) for child in (task / "children").read_text().split()]
    return [one for child in found for one in (child, *_children(child))]


def start(
    command: list[str],
    log: Path,
    *,
    on: Iterable[int] = (SERVER_CORE,),
    environment: Mapping[str, str] | None = None,
) -> Server:
    """Start a server on a core and wait until it says its port. Raises RuntimeError when it ends before that."""
    wanted = cores(on)
    with log.open("ab") as errors:
        return _started(command, errors, wanted, {**os.environ, **(environment or {})}, log)


def _started(
    command: list[str], errors: IO[bytes], wanted: set[int], environment: Mapping[str, str], log: Path
) -> Server:
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=errors,
        text=True,
        cwd=ROOT,
        env=environment,
        preexec_fn=lambda: os.sched_setaffinity(0, wanted),
    )
    assert process.stdout is not None
    for line in process.stdout:
        if found := re.search(r"(?:listening |:)(\d+)\s*$", line):
            return Server(process, int(found[1]))
    raise RuntimeError(f"{' '.join(command)} ended with {process.wait()} before it listened: {log}")


def floor(kind: str, folder: Path, environment: Mapping[str, str] | None = None) -> Server:
    """Start a floor server with a database of its own."""
    command = [sys.executable, "-m", "bench.floors", kind, "--file", str(folder / f"{kind}-{time.monotonic_ns()}.db")]
    return start(command, folder / "floor.log", environment=environment)


@dataclass(frozen=True, slots=True)
class Run:
    """One run of the load against one server."""

    sent: Sent
    cpu_per_1000: float


class Load:
    """A load process, built and waiting for the word."""

    def __init__(self, server: Server, channel: str, count: int, first: int, *options: str) -> None:
        self._server = server
        command = [sys.executable, "-m", "bench.load", channel, str(server.port)]
        command += ["--count", str(count), "--first", str(first), *options]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            preexec_fn=lambda: os.sched_setaffinity(0, cores([LOAD_CORE])),
        )
        self._line()

    def _line(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"the load ended with {self._process.wait()}")
        return line

    def go(self) -> None:
        """Let it send."""
        assert self._process.stdin is not None
        self._process.stdin.write("go\n")
        self._process.stdin.flush()

    def result(self) -> Sent:
        """Wait until every request is answered."""
        sent = Sent(**json.loads(self._line()))
        self._process.communicate()
        return sent

    def run(self) -> Run:
        """Send everything; return the figures and the server's CPU meanwhile."""
        before = self._server.cpu()
        self.go()
        sent = self.result()
        return Run(sent, 1000 * (self._server.cpu() - before) / sent.count)
