"""The commands of a checkout: run wrongly they say how, and nothing that they started outlives them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

import processes

from .conftest import REPOSITORY

FOLDER = REPOSITORY / "hosts/python"
#: A command that does not listen, and one that it started.
DEAF = """
import os, signal, time
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
    signal.signal(number, signal.SIG_IGN)
if os.fork() == 0:
    print("runs", flush=True)
time.sleep(1000)
"""
POSIX = pytest.mark.skipif(os.name == "nt", reason="groups of processes are POSIX's")


@pytest.mark.parametrize(
    "command", [["make.py"], ["make.py", "nothing"], ["make.py", "pack", "x"], ["examples/chain.py"], ["examples/chain.py", "go", "x"], ["bench/soak.py", "x"]]
)
def test_a_wrong_command_says_how(command: list[str]) -> None:
    ended = subprocess.run([sys.executable, *command], cwd=FOLDER, capture_output=True, text=True, timeout=100, check=False)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.startswith("usage: ")


@POSIX
@pytest.mark.parametrize("number", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_what_a_command_started_ends_with_it(number: str) -> None:
    program = f"import processes, sys; processes.end_by_signals(); processes.run(sys.executable, '-c', {DEAF!r}, timeout=1000)"
    with subprocess.Popen([sys.executable, "-c", program], cwd=FOLDER, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "runs\n"
            process.send_signal(getattr(signal, number))
            # The pipe ends once nobody has it any more.
            assert process.communicate(timeout=100)[0] == ""
        finally:
            process.kill()
    assert process.returncode != 0


@POSIX
def test_a_command_that_hangs_is_ended() -> None:
    with pytest.raises(subprocess.TimeoutExpired):
        processes.run(sys.executable, "-c", DEAF, timeout=0.5, stdout=subprocess.DEVNULL)
