from __future__ import annotations

import subprocess
import sys

import pytest

from .conftest import REPOSITORY


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="memory is read as Linux tells it")
def test_memory_stays_flat() -> None:
    """A short form of `make.py soak`."""
    ended = subprocess.run(
        [sys.executable, str(REPOSITORY / "hosts/python/bench/soak.py"), "10000", "500"], capture_output=True, text=True, timeout=100, check=False
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
