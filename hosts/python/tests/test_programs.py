"""The six programs print what they print in every language, and the chain goes through."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from .conftest import REPOSITORY

EXAMPLES = REPOSITORY / "hosts/python/examples"


def run(program: str, *arguments: object) -> str:
    command = [sys.executable, str(EXAMPLES / program), *map(str, arguments)]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, encoding="utf-8", timeout=100).stdout


@pytest.mark.parametrize("name", ["hello", "errors", "host-calls", "hostile", "pause", "snapshot"])
def test_a_program(name: str) -> None:
    expected = (REPOSITORY / f"hosts/programs/{name}.txt").read_bytes().decode()
    assert run(name.replace("-", "_") + ".py") == expected


def test_the_chain(tmp_path: Path) -> None:
    snapshots = [tmp_path / str(number) for number in range(4)]
    assert run("chain.py", "start", snapshots[0]) == ""
    for name, before, after in zip(("python", "rust"), snapshots, snapshots[1:]):
        assert run("chain.py", "go", name, before, after) == ""
    assert run("chain.py", "go", "javascript", snapshots[2], snapshots[3]) == "python, rust, javascript; closed 3 times\n"
    assert not snapshots[3].exists()
