"""Every block of Python in the guide and the README runs, in order, in one namespace, and prints what the comments beside print say."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from .conftest import REPOSITORY

PAGES = [REPOSITORY / "docs/using-from-python.md", REPOSITORY / "hosts/python/README.md"]
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SAID = re.compile(r"^\s*print\(.*\)  # (.*)$", re.MULTILINE)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page(page: Path, tmp_path: Path) -> None:
    blocks = BLOCK.findall(page.read_text(encoding="utf-8"))
    assert blocks
    program = tmp_path / "page.py"
    program.write_text("\n".join(blocks), encoding="utf-8")
    ended = subprocess.run([sys.executable, str(program)], capture_output=True, encoding="utf-8", cwd=tmp_path, env={**os.environ, "PYTHONUTF8": "1"}, timeout=100, check=False)
    assert ended.returncode == 0, ended.stderr
    said = [line for block in blocks for line in SAID.findall(block)]
    printed = ended.stdout.splitlines()
    assert [line for line in said if line not in printed] == []
