"""Figures for Prometheus: what came in, what went out, what waits. One registry per application, no global state.

Counters are kept where the thing happens; what waits is read from the database when the page is asked for. No label
holds a key, a chat or a person.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, generate_latest

from domain.case import OPEN_STATES, State
from domain.messages import PlatformError

CONTENT_TYPE = CONTENT_TYPE_LATEST


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits in the database at one instant; an age is that of the oldest, zero when nothing waits."""

    inbox: int = 0
    inbox_age: timedelta = timedelta()
    inbox_parked: int = 0
    outbox: int = 0
    outbox_age: timedelta = timedelta()
    outbox_parked: int = 0
    timers_due: int = 0
    cases: Mapping[State, int] = field(default_factory=dict)  # open cases
    overdue: int = 0


class Metrics:
    """The figures of one application."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._received = self._counter("inbox_received", "Messages stored, repeats not counted", "channel")
        self._repeated = self._counter("inbox_repeated", "Messages that came again and were dropped", "channel")
        self._refused = self._counter(
            "callback_refused", "Requests refused before anything was stored", "channel", "code"
        )
        self._handled = self._counter("inbox_handled", "Messages decided and committed", "channel")
        self._parked = self._counter("inbox_parked", "Messages given up after three tries", "channel")
        self._sent = self._counter("outbox_sent", "Posts that a platform took", "platform", "way")
        self._failed = self._counter("outbox_failed", "Tries that a platform did not take", "platform", "way", "error")
        self._inbox = self._gauge("inbox_waiting", "Messages stored and not yet handled")
        self._inbox_age = self._gauge("inbox_oldest_seconds", "Age of the oldest message not yet handled")
        self._inbox_parked_now = self._gauge("inbox_parked_now", "Messages that wait for an operator")
        self._outbox = self._gauge("outbox_queued", "Posts due and not yet sent")
        self._outbox_age = self._gauge("outbox_oldest_seconds", "How long the oldest due post has waited")
        self._outbox_parked_now = self._gauge("outbox_parked_now", "Posts that wait for an operator")
        self._timers_due = self._gauge("timers_due", "Timers due and not yet run")
        self._cases = self._gauge("cases_open", "Open cases", "state")
        self._overdue = self._gauge("cases_overdue", "Open cases past their deadline")

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(f"luzhang_{name}", text, labels, registry=self.registry)

    def _gauge(self, name: str, text: str, *labels: str) -> Gauge:
        return Gauge(f"luzhang_{name}", text, labels, registry=self.registry)

    def received(self, channel: str, count: int = 1) -> None:
        """Count messages that were stored for the first time."""
        self._received.labels(channel).inc(count)

    def repeated(self, channel: str, count: int = 1) -> None:
        """Count messages whose platform id was known already."""
        self._repeated.labels(channel).inc(count)

    def refused(self, channel: str, code: str) -> None:
        """Count a request refused by the edge; `code` is one of its fixed words, never input."""
        self._refused.labels(channel, code).inc()

    def handled(self, channel: str, count: int = 1) -> None:
        """Count messages whose effects are committed."""
        self._handled.labels(channel).inc(count)

    def parked(self, channel: str) -> None:
        """Count a message that failed three times."""
        self._parked.labels(channel).inc()

    def sent(self, platform: str, way: str) -> None:
        """Count a post that the platform took."""
        self._sent.labels(platform, way).inc()

    def failed(self, platform: str, way: str, error: PlatformError) -> None:
        """Count a try that failed, by the error's class."""
        self._failed.labels(platform, way, type(error).__name__).inc()

    def observe(self, waiting: Waiting) -> None:
        """Set the gauges to what waits now; a state without cases shows 0."""
        self._inbox.set(waiting.inbox)
        self._inbox_age.set(waiting.inbox_age.total_seconds())
        self._inbox_parked_now.set(waiting.inbox_parked)
        self._outbox.set(waiting.outbox)
        self._outbox_age.set(waiting.outbox_age.total_seconds())
        self._outbox_parked_now.set(waiting.outbox_parked)
        self._timers_due.set(waiting.timers_due)
        self._overdue.set(waiting.overdue)
        for state in sorted(OPEN_STATES):
            self._cases.labels(state.value).set(waiting.cases.get(state, 0))

    def render(self) -> bytes:
        """Return the page in Prometheus' text form, to be served as CONTENT_TYPE."""
        return generate_latest(self.registry)
