"""The socket and the notices of systemd, played by this test."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from bot.systemd import listening_socket, notify, watchdog_interval

TAKE = (
    "import os; os.environ['LISTEN_PID'] = str(os.getpid() + {shift})\n"
    "from bot.systemd import listening_socket\n"
    "taken = listening_socket()\n"
    "print(taken.getsockname()[1] if taken else None, 'LISTEN_FDS' in os.environ, os.get_inheritable(3))"
)


def take(passed: socket.socket, shift: int) -> list[str]:
    """Start a process that holds `passed` as descriptor 3, as systemd does, and return what it printed."""
    code = TAKE.format(shift=shift)
    shell = f'exec 3<&{passed.fileno()}; exec "$0" -c "$1"'
    done = subprocess.run(
        ["bash", "-c", shell, sys.executable, code],
        capture_output=True,
        text=True,
        check=True,
        pass_fds=[passed.fileno()],
        env=os.environ | {"LISTEN_FDS": "1"},
    )
    return done.stdout.split()


def test_the_passed_socket_is_taken_once() -> None:
    with socket.create_server(("127.0.0.1", 0)) as passed:
        port = str(passed.getsockname()[1])
        assert take(passed, shift=0) == [port, "False", "False"]


def test_a_socket_for_another_process_is_left_alone() -> None:
    with socket.create_server(("127.0.0.1", 0)) as passed:
        assert take(passed, shift=1)[:2] == ["None", "False"]


def test_without_systemd_nothing_is_passed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LISTEN_PID", raising=False)
    monkeypatch.delenv("LISTEN_FDS", raising=False)
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    monkeypatch.delenv("WATCHDOG_USEC", raising=False)
    assert listening_socket() is None
    assert notify("READY=1") is False
    assert watchdog_interval() is None


@pytest.mark.parametrize("kind", ["path", "abstract"])
def test_readiness_reaches_the_supervisor(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, kind: str) -> None:
    shown = str(tmp_path / "notify") if kind == "path" else f"@luzhang-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as supervisor:
        supervisor.bind(shown if kind == "path" else f"\0{shown[1:]}")
        monkeypatch.setenv("NOTIFY_SOCKET", shown)
        assert notify("READY=1") is True
        assert supervisor.recv(64) == b"READY=1"


def test_a_lost_supervisor_is_no_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "gone"))
    assert notify("READY=1") is False


@pytest.mark.parametrize(
    ("pid", "expected"),
    [pytest.param(None, 30.0, id="ours"), pytest.param("1", None, id="meant for another process")],
)
def test_the_watchdog_is_fed_at_half_time(
    monkeypatch: pytest.MonkeyPatch, pid: str | None, expected: float | None
) -> None:
    monkeypatch.setenv("WATCHDOG_USEC", "60000000")
    if pid is not None:
        monkeypatch.setenv("WATCHDOG_PID", pid)
    assert watchdog_interval() == expected
