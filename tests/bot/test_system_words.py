import errno
import os

import pytest

from bot.system_words import reason


@pytest.mark.parametrize(
    ("number", "said"),
    [
        pytest.param(errno.ENOSPC, "磁盘已满", id="known"),
        pytest.param(errno.ELOOP, os.strerror(errno.ELOOP), id="the system's own words"),
    ],
)
def test_reason(number: int, said: str) -> None:
    assert reason(OSError(number, os.strerror(number))) == said


def test_reason_without_a_number() -> None:
    assert reason(TimeoutError()) == "TimeoutError"
