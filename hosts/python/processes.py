"""Commands that end with the run that started them, and all that they started too."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import Any


def run(*command: object, timeout: float, **options: Any) -> subprocess.CompletedProcess[str]:
    """Runs a command in a group of its own, as ``subprocess.run`` does; the whole group is killed at the end, after ``timeout`` seconds at the
    latest, which raises TimeoutExpired."""
    with subprocess.Popen([str(part) for part in command], text=True, start_new_session=True, **options) as process:
        try:
            said, complained = process.communicate(timeout=timeout)
        finally:
            end(process)
    return subprocess.CompletedProcess(process.args, process.returncode, said, complained)


def end(process: subprocess.Popen[str]) -> None:
    """Kills a process and its group, where there is anything left of them."""
    if os.name == "nt":
        process.kill()
        return
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        # macOS refuses where only dead ones are left.
        pass


def end_by_signals() -> None:
    """Has SIGTERM and SIGHUP end this program as SIGINT does: by an exception, so that what it started and its temporary files go."""
    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), lambda number, frame: sys.exit(128 + number))
