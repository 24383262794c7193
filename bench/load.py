"""The load: a process that keeps a number of requests in flight over as many connections, from ready-made requests.

It says "ready" when everything is built, waits for a line, and prints its figures as JSON. One thread over epoll, with
nothing decoded but the status and the length, so that it can send several times what any Python server can answer.
"""

import argparse
import gc
import json
import select
import socket
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import islice

from bench import messages
from bench.figures import percentile


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of a run of requests; latencies in ms."""

    count: int
    errors: int
    seconds: float
    rate: float
    p50: float
    p99: float


class Connection:
    """One keep-alive connection with at most one request under way."""

    __slots__ = ("_received", "socket", "started")

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._received = b""
        self.started = 0.0

    def close(self) -> None:
        """Let it go."""
        self.socket.close()

    def send(self, request: bytes) -> None:
        """Put a request on its way."""
        self.started = time.perf_counter()
        self.socket.sendall(request)

    def receive(self) -> int:
        """Take what came; return the status once the answer is complete, 0 before. Raises ConnectionError at its end."""
        came = self.socket.recv(65536)
        if not came:
            raise ConnectionError("the server closed the connection")
        data = self._received + came if self._received else came
        end = data.find(b"\r\n\r\n")
        if end < 0 or len(data) < end + 4 + _length(data[:end]):
            self._received = data
            return 0
        self._received = b""
        return int(data[9:12])


def _length(head: bytes) -> int:
    at = head.lower().find(b"content-length:")
    return 0 if at < 0 else int(head[at + 15 :].split(b"\r\n", 1)[0])


def closed_loop(port: int, requests: list[bytes], in_flight: int) -> Sent:
    """Send every request, each as soon as an earlier one is answered, with `in_flight` under way."""
    poll = select.epoll()
    connections = {c.socket.fileno(): c for c in (Connection(port) for _ in range(min(in_flight, len(requests))))}
    waiting = iter(requests)
    took: list[float] = []
    errors = 0
    begin = time.perf_counter()
    for number, connection in connections.items():
        poll.register(number, select.EPOLLIN)
        connection.send(next(waiting))
    while len(took) < len(requests):
        for number, _event in poll.poll(30):
            connection = connections[number]
            if not (status := connection.receive()):
                continue
            took.append(time.perf_counter() - connection.started)
            errors += status != 200
            if (request := next(waiting, None)) is not None:
                connection.send(request)
    seconds = time.perf_counter() - begin
    for connection in connections.values():
        connection.close()
    poll.close()
    return _sent(took, errors, seconds)


def paced(port: int, requests: list[bytes], per_second: float) -> Sent:
    """Send requests at fixed instants whatever the answers; latencies count from the instant that was meant."""
    poll = select.epoll()
    free: list[Connection] = []
    busy: dict[int, Connection] = {}
    took: list[float] = []
    errors, sent = 0, 0
    begin = time.perf_counter()
    while len(took) < len(requests):
        due = begin + sent / per_second
        pause = max(0.0, due - time.perf_counter()) if sent < len(requests) else 1.0
        for number, _event in poll.poll(pause):
            connection = busy[number]
            if status := connection.receive():
                took.append(time.perf_counter() - connection.started)
                errors += status != 200
                free.append(busy.pop(number))
        if sent < len(requests) and time.perf_counter() >= due:
            connection = free.pop() if free else _registered(Connection(port), poll)
            busy[connection.socket.fileno()] = connection
            connection.send(requests[sent])
            connection.started = due
            sent += 1
    seconds = time.perf_counter() - begin
    for connection in free:
        connection.close()
    poll.close()
    return _sent(took, errors, seconds)


def _registered(connection: Connection, poll: select.epoll) -> Connection:
    poll.register(connection.socket.fileno(), select.EPOLLIN)
    return connection


def _sent(took: list[float], errors: int, seconds: float) -> Sent:
    ordered = sorted(1000 * one for one in took)
    return Sent(len(took), errors, seconds, len(took) / seconds, percentile(ordered, 0.5), percentile(ordered, 0.99))


def _requests(channel: str, first: int, webhook: str) -> Iterator[bytes]:
    if channel == "dingtalk":
        return messages.dingtalk(first, webhook)
    return messages.wecom(first, media_id="bench" if channel == "photo" else "")


def main() -> None:
    """Build, wait for the word, send, report."""
    parser = argparse.ArgumentParser(prog="python -m bench.load")
    parser.add_argument("channel", choices=("wecom", "dingtalk", "photo"))
    parser.add_argument("port", type=int)
    parser.add_argument("--count", type=int, required=True)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--in-flight", type=int, default=16)
    parser.add_argument("--per-second", type=float, default=0.0)
    parser.add_argument("--webhook", default="http://127.0.0.1:9/robot/sendBySession")
    given = parser.parse_args()
    requests = list(islice(_requests(given.channel, given.first, given.webhook), given.count))
    gc.disable()
    print("ready", flush=True)
    sys.stdin.readline()
    if given.per_second:
        sent = paced(given.port, requests, given.per_second)
    else:
        sent = closed_loop(given.port, requests, given.in_flight)
    print(json.dumps(asdict(sent)), flush=True)


if __name__ == "__main__":
    main()
