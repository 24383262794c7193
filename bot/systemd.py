"""What systemd hands over and wants to hear: the listening socket, readiness, the watchdog. No-ops elsewhere.

With a socket unit the address stays bound while the service restarts, so a platform's request waits instead of failing.
"""

import os
import socket

_FIRST = 3  # SD_LISTEN_FDS_START


def listening_socket() -> socket.socket | None:
    """Return the socket passed to this process (LISTEN_PID, LISTEN_FDS), or None when we must bind one ourselves.

    The variables are removed, so that a child process does not take the socket for its own.
    """
    pid, count = os.environ.pop("LISTEN_PID", ""), os.environ.pop("LISTEN_FDS", "")
    os.environ.pop("LISTEN_FDNAMES", None)
    if pid != str(os.getpid()) or not count.isdigit() or int(count) < 1:
        return None
    os.set_inheritable(_FIRST, False)
    passed = socket.socket(fileno=_FIRST)
    passed.setblocking(False)
    return passed


def notify(state: str) -> bool:
    """Tell systemd a state such as "READY=1", "STOPPING=1" or "WATCHDOG=1"; return whether somebody listens."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address.startswith(("/", "@")):
        return False
    path = f"\0{address[1:]}" if address.startswith("@") else address
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
            channel.connect(path)
            channel.sendall(state.encode())
    except OSError:  # the service must not fail because its supervisor is gone
        return False
    return True


def watchdog_interval() -> float | None:
    """Return how often, in seconds, to send "WATCHDOG=1": half of systemd's patience; None without a watchdog."""
    patience, pid = os.environ.get("WATCHDOG_USEC", ""), os.environ.get("WATCHDOG_PID", str(os.getpid()))
    if not patience.isdigit() or pid != str(os.getpid()):
        return None
    return int(patience) / 2_000_000
