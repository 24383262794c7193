"""Figures are counted by application, by fixed labels, and waiting work is shown as it stands."""

from datetime import timedelta

import pytest

from bot.metrics import CONTENT_TYPE, Metrics, Waiting
from domain.case import OPEN_STATES, State
from domain.messages import OutcomeUnknown, RateLimited


def figures(metrics: Metrics) -> dict[str, float]:
    lines = metrics.render().decode().splitlines()
    samples = (line.rsplit(" ", 1) for line in lines if line.startswith("luzhang_") and "_created" not in line)
    return {name: float(value) for name, value in samples}


def test_what_happens_is_counted_by_channel_and_class() -> None:
    metrics = Metrics()
    metrics.received("wecom.bot", 3)
    metrics.repeated("wecom.bot")
    metrics.handled("wecom.bot", 2)
    metrics.parked("wecom.bot")
    metrics.refused("wecom.app", "signature")
    metrics.sent("dingtalk", "webhook")
    metrics.failed("wecom", "webhook", RateLimited())
    metrics.failed("wecom", "webhook", RateLimited("限流"))
    metrics.failed("wecom", "private", OutcomeUnknown())
    found = figures(metrics)
    assert found['luzhang_inbox_received_total{channel="wecom.bot"}'] == 3
    assert found['luzhang_inbox_repeated_total{channel="wecom.bot"}'] == 1
    assert found['luzhang_inbox_handled_total{channel="wecom.bot"}'] == 2
    assert found['luzhang_inbox_parked_total{channel="wecom.bot"}'] == 1
    assert found['luzhang_callback_refused_total{channel="wecom.app",code="signature"}'] == 1
    assert found['luzhang_outbox_sent_total{platform="dingtalk",way="webhook"}'] == 1
    assert found['luzhang_outbox_failed_total{error="RateLimited",platform="wecom",way="webhook"}'] == 2
    assert found['luzhang_outbox_failed_total{error="OutcomeUnknown",platform="wecom",way="private"}'] == 1


def test_two_applications_share_nothing() -> None:
    one, other = Metrics(), Metrics()
    one.received("wecom.app")
    assert 'luzhang_inbox_received_total{channel="wecom.app"}' not in figures(other)


def test_what_waits_is_shown_as_it_stands() -> None:
    metrics = Metrics()
    metrics.observe(
        Waiting(
            inbox=2,
            inbox_age=timedelta(seconds=90),
            inbox_parked=1,
            outbox=4,
            outbox_age=timedelta(minutes=2),
            outbox_parked=3,
            timers_due=5,
            cases={State.ASSIGNED: 7},
            overdue=6,
        )
    )
    found = figures(metrics)
    assert found["luzhang_inbox_waiting"] == 2
    assert found["luzhang_inbox_oldest_seconds"] == 90
    assert found["luzhang_inbox_parked_now"] == 1
    assert found["luzhang_outbox_queued"] == 4
    assert found["luzhang_outbox_oldest_seconds"] == 120
    assert found["luzhang_outbox_parked_now"] == 3
    assert found["luzhang_timers_due"] == 5
    assert found["luzhang_cases_overdue"] == 6
    assert found['luzhang_cases_open{state="assigned"}'] == 7


@pytest.mark.parametrize("state", sorted(OPEN_STATES))
def test_a_state_that_has_emptied_goes_back_to_zero(state: State) -> None:
    metrics = Metrics()
    metrics.observe(Waiting(cases={state: 1}))
    metrics.observe(Waiting())
    assert figures(metrics)[f'luzhang_cases_open{{state="{state.value}"}}'] == 0


def test_the_content_type_is_that_of_the_text_form() -> None:
    assert CONTENT_TYPE.startswith("text/plain")


def test_closed_cases_have_no_figure() -> None:
    metrics = Metrics()
    metrics.observe(Waiting(cases={State.CLOSED: 9}))
    assert 'luzhang_cases_open{state="closed"}' not in figures(metrics)
