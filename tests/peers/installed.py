"""Installing a peer for the run of the tests, or skipping them with the reason."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

INSTALL_SECONDS = 120


def node_modules(folder: Path, *packages: str) -> Path:
    """Install npm packages and return the folder that holds them; skips without node or without a registry."""
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm is None or node is None:
        pytest.skip("node and npm are not installed")
    (folder / "package.json").write_text('{"private": true}', encoding="utf-8")
    _run([npm, "install", "--no-audit", "--no-fund", "--ignore-scripts", "--silent", *packages], folder, "npm")
    return folder


def python_packages(folder: Path, *packages: str) -> Path:
    """Install PyPI packages beside ours and return their folder; skips without a registry."""
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--target", str(folder)]
    _run([*pip, *packages], folder, "pip")
    return folder


def _run(command: list[str], folder: Path, what: str) -> None:
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env={**os.environ, "CI": "1"},
            capture_output=True,
            timeout=INSTALL_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        pytest.skip(f"{what} took longer than {INSTALL_SECONDS} s")
    if done.returncode:
        pytest.skip(f"{what} could not install the peer: {done.stderr.decode(errors='replace').strip()[-200:]}")
