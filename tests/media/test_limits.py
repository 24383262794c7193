"""The children that decode give way to the bot."""

import os
import subprocess
import sys

_ASKED = """
import os
from media.limits import limit_process
limit_process()
print(os.nice(0), os.sched_getscheduler(0) == os.SCHED_BATCH)
"""


def test_a_child_has_the_lowest_turn_and_interrupts_nobody() -> None:
    said = subprocess.run([sys.executable, "-c", _ASKED], capture_output=True, text=True, check=True, cwd=os.getcwd())
    assert said.stdout.split() == ["19", "True"]
