#!/usr/bin/env python3
"""Build the wheel and compare what it holds with our packages.

Everything below the packages of the house belongs in the wheel, modules and data files alike, and nothing else does.
Exit 0 when both agree, 1 with the differences otherwise. The build works on a copy, so an older build leaves no trace.
"""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile

PACKAGES = ("bot", "handlers", "schedules", "store", "media", "domain")
PROJECT_FILES = ("pyproject.toml", "README.md")
UNWANTED = shutil.ignore_patterns("__pycache__", "*.py[co]", ".*")


def package_files(root: Path) -> set[str]:
    """Return the files of our packages, as paths relative to `root`; caches and hidden files don't count."""
    return {path.relative_to(root).as_posix() for package in PACKAGES for path in _files(root / package)}


def _files(folder: Path) -> Iterator[Path]:
    ignored = UNWANTED(str(folder), [path.name for path in folder.iterdir()])
    for path in folder.iterdir():
        if path.name in ignored:
            continue
        if path.is_dir():
            yield from _files(path)
        else:
            yield path


def wheel_files(wheel: Path) -> set[str]:
    """Return what the wheel installs, without its own metadata folder."""
    with ZipFile(wheel) as archive:
        return {name for name in archive.namelist() if ".dist-info/" not in name}


def build(root: Path, into: Path) -> Path:
    """Build the wheel from a copy of `root` in `into` and return its path. Raises CalledProcessError."""
    copy = into / "source"
    copy.mkdir()
    for name in PROJECT_FILES:
        shutil.copy(root / name, copy / name)
    for package in PACKAGES:
        shutil.copytree(root / package, copy / package, ignore=UNWANTED)
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*command, "--wheel-dir", str(into), str(copy)], check=True)
    return next(into.glob("*.whl"))


def differences(root: Path, wheel: Path) -> list[str]:
    """Return one line for each file that is missing from the wheel or does not belong in it."""
    ours, shipped = package_files(root), wheel_files(wheel)
    missing = [f"missing from the wheel: {name}" for name in sorted(ours - shipped)]
    return missing + [f"does not belong in the wheel: {name}" for name in sorted(shipped - ours)]


def main() -> int:
    """Check the wheel of the project that holds this script."""
    root = Path(__file__).resolve().parent.parent
    with tempfile.TemporaryDirectory() as folder:
        wheel = build(root, Path(folder))
        problems = differences(root, wheel)
        summary = f"{wheel.name}: {len(wheel_files(wheel))} files, " + (
            "as they should be" if not problems else "wrong"
        )
    sys.stdout.write("\n".join([*problems, summary]) + "\n")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
