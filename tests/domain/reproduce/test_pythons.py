"""The same inputs give the same figures on every Python we support, in any time zone, locale and order of rows."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.domain.reproduce.figures import main

ROOT = Path(__file__).parents[3]
HERE = ".".join(map(str, sys.version_info[:2]))
PYTHONS = ("3.11", "3.12", "3.13")
ELSEWHERE = {"TZ": "America/St_Johns", "LC_ALL": "C", "PYTHONHASHSEED": "7"}
# what pyenv and uv keep beside those on the PATH
KEPT = ((".pyenv/versions", "{0}*/bin/python"), (".local/share/uv/python", "cpython-{0}*/bin/python"))


@pytest.fixture(scope="module")
def expected() -> list[bytes]:
    return main("1").encode().splitlines()


@pytest.mark.parametrize("version", PYTHONS)
def test_same_figures(version: str, expected: list[bytes]) -> None:
    python = sys.executable if version == HERE else _python(version)
    if python is None:
        pytest.skip(f"no Python {version} on this machine")
    printed = _run(python, "-m", "tests.domain.reproduce.figures", "2").splitlines()
    assert len(printed) == len(expected)
    assert [pair for pair in zip(printed, expected, strict=True) if pair[0] != pair[1]][:1] == []


def _python(version: str) -> str | None:
    kept = (str(path) for folder, name in KEPT for path in sorted((Path.home() / folder).glob(name.format(version))))
    for found in (shutil.which(f"python{version}"), *kept):
        if found and _run(found, "-c", "import sys; print(*sys.version_info[:2], sep='.')").decode().strip() == version:
            return found
    return None


def _run(python: str, *args: str) -> bytes:
    """Return what it prints; a shim that leads nowhere prints nothing."""
    command = [python, "-s", "-B", *args]
    return subprocess.run(command, cwd=ROOT, env=os.environ | ELSEWHERE, capture_output=True, check=False).stdout
