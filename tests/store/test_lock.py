import os
import subprocess
import sys
from pathlib import Path

import pytest

from domain.errors import ConfigError
from store import single_instance

ROOT = Path(__file__).parents[2]


def test_a_second_service_on_one_file_is_refused_and_told_who_runs(sqlite_url: str) -> None:
    told = pytest.raises(ConfigError, match=rf"进程 {os.getpid()}.*先停掉")
    with single_instance(sqlite_url), told, single_instance(sqlite_url):
        pass
    with single_instance(sqlite_url):
        pass


def test_a_killed_service_leaves_no_lock(sqlite_url: str) -> None:
    script = (
        "import os, sys\nfrom store import single_instance\n"
        f"with single_instance({sqlite_url!r}):\n    print('locked', flush=True)\n    sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"locked\n"
        with pytest.raises(ConfigError, match=str(process.pid)), single_instance(sqlite_url):
            pass
        process.kill()
    with single_instance(sqlite_url):
        pass


def test_postgresql_takes_several_services() -> None:
    url = "postgresql+asyncpg://postgres@127.0.0.1/x"
    with single_instance(url), single_instance(url):
        pass
