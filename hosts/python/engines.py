"""Runs the packed wheel on every Python and wasmtime that is to be had here: a line of JSON for each.

Each run is a virtual environment of its own, in which the tests of the vectors, the programs and the guide find the wheel, and not the sources.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
import xml.etree.ElementTree as xml
from pathlib import Path
from subprocess import DEVNULL, PIPE, TimeoutExpired
from typing import Any, Optional

import processes

HERE = Path(__file__).resolve().parent
VERSIONS = [f"3.{minor}" for minor in range(9, 15)]
#: The oldest that the package allows, and the newest.
WASMTIMES = ["40.0.0", "50.0.1"]
#: Seconds after which a command is taken to hang.
LONGEST = 600


def interpreter(version: str) -> Optional[str]:
    """A Python of that version on this machine."""
    found = [shutil.which(f"python{version}")]
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    found += [str(path) for path in pyenv.glob(f"versions/{version}.*/bin/python")]
    for candidate in found:
        if candidate and told(candidate, "import sys; print('%d.%d' % sys.version_info[:2])") == version:
            return candidate
    return None


def told(python: object, program: str, *arguments: str) -> str:
    """What a program prints, or nothing where it fails."""
    try:
        ended = processes.run(python, "-c", program, *arguments, timeout=LONGEST, stdout=PIPE, stderr=DEVNULL)
    except TimeoutExpired:
        return ""
    return ended.stdout.strip() if ended.returncode == 0 else ""


def passed(python: Path, test: str, folder: Path) -> list[int]:
    """How many of the tests in a file pass, of how many; nothing where they do not run."""
    report = folder / "report.xml"
    command = [python, "-m", "pytest", f"tests/{test}", f"--junitxml={report}"]
    environ = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    try:
        processes.run(*command, timeout=LONGEST, cwd=HERE, env={**environ, "PYTHONDONTWRITEBYTECODE": "1"}, stdout=DEVNULL, stderr=DEVNULL)
        suite = next(xml.parse(report).getroot().iter("testsuite"))
    except (FileNotFoundError, TimeoutExpired):
        return []
    counts = {name: int(suite.get(name, "0")) for name in ("tests", "failures", "errors", "skipped")}
    report.unlink()
    # What is skipped is what a mini variant has no library for.
    applying = counts["tests"] - counts["skipped"]
    return [applying - counts["failures"] - counts["errors"], applying]


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
    """Installs packages; whether that went well."""
    command = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *what]
    try:
        return processes.run(*command, timeout=LONGEST, stdout=DEVNULL, stderr=DEVNULL).returncode == 0
    except TimeoutExpired:
        return False


FIGURES = """
import json, pathlib, sys, time, moonlet
folder = pathlib.Path(sys.argv[1])
def shortest(work):
    best = float("inf")
    for _ in range(9):
        began = time.perf_counter()
        work()
        best = min(best, (time.perf_counter() - began) * 1e3)
    return best
def start():
    with moonlet.Lua() as other:
        other.eval("return 1")
with moonlet.Lua() as lua:
    script = lambda name: (folder / f"{name}.lua").read_text()
    timed = lambda name: shortest(lambda source=script(name): lua.eval(source))
    print(json.dumps({"depth": lua.eval(script("depth")), "start_ms": shortest(start), "fib_ms": timed("fib"), "strings_ms": timed("strings")}))
"""


def figures(python: Path) -> dict[str, Any]:
    """Levels of C calls, and milliseconds at best of a new state with its first result, of fib(24), and of 10,000 texts formatted and joined."""
    printed = told(python, FIGURES, str(HERE.parent / "programs/figures"))
    return json.loads(printed) if printed else {}


CONFORMANCE = """
import pathlib, sys, moonlet
from moonlet.options import LIBRARIES
script, testes = map(pathlib.Path, sys.argv[1:])
for name in ("lua54", "lua55"):
    printed = []
    with moonlet.Lua(module=name, memory=None, libraries=LIBRARIES, binary_chunks=True, seed=0, clock=1_767_225_600, on_output=printed.append, on_error_output=printed.append) as lua:
        lua.files["a"] = b""
        for file in testes.glob(f"{name}/testes/*.lua"):
            lua.files[file.name] = file.read_bytes()
        lua.eval(script.read_text())
    print("ok" if "final OK" in "".join(printed) else "")
"""


def conformance(python: Path) -> list[int]:
    """How many of Lua's official suites pass, of how many; nothing where MOONLET_TESTES does not say where they are."""
    testes = os.environ.get("MOONLET_TESTES")
    if not testes:
        return []
    return [told(python, CONFORMANCE, str(HERE.parent / "programs/figures/conformance.lua"), testes).split().count("ok"), 2]


def row(version: str, wasmtime: str, wheel: Path) -> dict[str, Any]:
    """What one Python with one wasmtime passes."""
    told_of: dict[str, Any] = {"engine": "CPython", "version": version, "way": f"wasmtime {wasmtime}", "failed": []}
    base = interpreter(version)
    if base is None:
        return {**told_of, "notes": f"there is no Python {version} on this machine"}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if processes.run(base, "-m", "venv", folder / "venv", timeout=LONGEST).returncode != 0:
            return {**told_of, "failed": ["it makes no virtual environment"]}
        python = folder / ("venv/Scripts/python.exe" if os.name == "nt" else "venv/bin/python")
        tools = re.findall(r"^(?:pytest|hypothesis)==.*$", (HERE / "tests/requirements.txt").read_text(), re.MULTILINE)
        if not installs(python, str(wheel), f"wasmtime=={wasmtime}", *tools):
            return {**told_of, "failed": ["pip cannot install it"]}
        told_of["version"] = told(python, "import platform; print(platform.python_version())")
        counts = {what: passed(python, f"test_{what}.py", folder) for what in ("vectors", "programs", "docs")}
        suites = conformance(python)
        measured = figures(python)
        magic = notebook(python)
    failed = [f"{what}: {count or 'did not run'}" for what, count in counts.items() if not count or count[0] != count[1]]
    if magic == "failed":
        failed.append("the magic of IPython")
    if not measured:
        failed.append("its figures cannot be taken")
    if suites and suites[0] != suites[1]:
        failed.append(f"official suites: {suites}")
    docs = counts.pop("docs")
    if suites:
        counts["conformance"] = suites
    return {**told_of, **counts, **measured, "notes": f"guide {docs[0]} of {docs[1]}, IPython {magic}" if docs else "", "failed": failed}


def rows(wheel: Path) -> int:
    """Prints the rows; 1 where something that ran did not pass."""
    is_well = True
    for version in VERSIONS:
        for wasmtime in WASMTIMES:
            line = row(version, wasmtime, wheel)
            print(json.dumps(line), flush=True)
            is_well = is_well and not line["failed"]
    return int(not is_well)
