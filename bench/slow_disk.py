"""A disk that takes 2 ms more for every fsync: a small library put before the C library's."""

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

_SOURCE = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <time.h>
static void late(void) { struct timespec t = {0, 2000000}; nanosleep(&t, 0); }
int fsync(int f) { static int (*real)(int); if (!real) real = (int (*)(int)) dlsym(RTLD_NEXT, "fsync"); late(); return real(f); }
int fdatasync(int f) { static int (*real)(int); if (!real) real = (int (*)(int)) dlsym(RTLD_NEXT, "fdatasync"); late(); return real(f); }
"""


def environment(folder: Path) -> Mapping[str, str] | None:
    """Return the environment of a process with a slow disk; None where there is no C compiler."""
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        return None
    source, library = folder / "slowsync.c", folder / "slowsync.so"
    source.write_text(_SOURCE)
    subprocess.run([compiler, "-shared", "-fPIC", "-O2", "-o", library, source, "-ldl"], check=True)
    return {"LD_PRELOAD": str(library)}
