"""Runs the packed wheel on every Python and wasmtime that is to be had here, and prints one table.

Each run is a virtual environment of its own with the wheel, in which the vectors, the programs and the guide are run from a folder outside of
the checkout's package.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as xml
from pathlib import Path
from typing import Optional

HERE = Path(__file__).resolve().parent
VERSIONS = [f"3.{minor}" for minor in range(9, 15)]
#: The oldest that the package allows, and the newest.
WASMTIMES = ["40.0.0", "50.0.1"]
ROWS = ["Python", "wasmtime", "vectors", "programs", "guide", "IPython"]


def interpreter(version: str) -> Optional[str]:
    """A Python of that version on this machine."""
    found = [shutil.which(f"python{version}")]
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    found += [str(path) for path in pyenv.glob(f"versions/{version}.*/bin/python")]
    for candidate in found:
        if candidate and told(candidate, "import sys; print('%d.%d' % sys.version_info[:2])") == version:
            return candidate
    return None


def told(python: object, program: str) -> str:
    """What a program prints, or nothing where it fails."""
    ended = subprocess.run([str(python), "-c", program], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False)
    return ended.stdout.strip() if ended.returncode == 0 else ""


def passed(python: Path, test: str, folder: Path) -> str:
    """How many of the tests in a file pass, of how many."""
    report = folder / "report.xml"
    command = [str(python), "-m", "pytest", f"tests/{test}", "-p", "no:cacheprovider", f"--junitxml={report}"]
    environ = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    subprocess.run(command, cwd=HERE, env={**environ, "PYTHONDONTWRITEBYTECODE": "1"}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    try:
        suite = next(xml.parse(report).getroot().iter("testsuite"))
    except FileNotFoundError:
        return "did not run"
    counts = {name: int(suite.get(name, "0")) for name in ("tests", "failures", "errors", "skipped")}
    report.unlink()
    return f"{counts['tests'] - counts['failures'] - counts['errors'] - counts['skipped']}/{counts['tests']}"


def notebook(python: Path) -> str:
    """Whether the magic works in the real IPython."""
    if not installs(python, "ipython"):
        return "not to be had"
    program = (
        "from IPython.testing.globalipapp import start_ipython as start; shell = start(); shell.run_line_magic('load_ext', 'moonlet'); "
        "print(shell.run_line_magic('lua', '6 * 7'), shell.run_cell_magic('lua', '', 'return 2 + 2'))"
    )
    return "ok" if told(python, program).endswith("42 4") else "failed"


def installs(python: Path, *what: str) -> bool:
    command = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *what]
    return subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode == 0


def row(version: str, wasmtime: str, wheel: Path) -> list[str]:
    base = interpreter(version)
    if base is None:
        return [version, wasmtime, f"there is no Python {version} on this machine"]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        subprocess.run([base, "-m", "venv", folder / "venv"], check=True)
        python = folder / ("venv/Scripts/python.exe" if os.name == "nt" else "venv/bin/python")
        tools = re.findall(r"^(?:pytest|hypothesis)==.*$", (HERE / "tests/requirements.txt").read_text(), re.MULTILINE)
        if not installs(python, str(wheel), f"wasmtime=={wasmtime}", *tools):
            return [version, wasmtime, "pip cannot install it"]
        exact = told(python, "import platform; print(platform.python_version())")
        return [exact, wasmtime, *(passed(python, f"test_{test}.py", folder) for test in ("vectors", "programs", "docs")), notebook(python)]


def table(wheel: Path) -> int:
    """Prints the table; 1 where something that ran did not pass."""
    print("| " + " | ".join(ROWS) + " |\n" + "|---" * len(ROWS) + "|", flush=True)
    failed = False
    for version in VERSIONS:
        for wasmtime in WASMTIMES:
            cells = row(version, wasmtime, wheel)
            print("| " + " | ".join(cells) + " |", flush=True)
            counts = [cell.split("/") for cell in cells if "/" in cell]
            failed = failed or any(ran != all for ran, all in counts) or "failed" in cells or "did not run" in cells
    return int(failed)


if __name__ == "__main__":
    sys.exit(table(Path(sys.argv[1]).resolve()))
