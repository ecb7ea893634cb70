"""What is done with the Python package in a checkout; it needs the modules that `make dist` leaves in dist/."""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path
from typing import Callable

import engines
import processes

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parents[1]
DIST = REPOSITORY / "dist"

#: Seconds after which a command is taken to hang, and one that measures.
LONGEST = 900
LONGEST_MEASUREMENT = 4 * 3600


def modules() -> None:
    """Copies the modules of dist/, once their hashes are those that `make dist` wrote down."""
    try:
        sums = {line.split()[1]: line.split()[0] for line in (DIST / "SHA256SUMS").read_text().splitlines()}
        for name in ("lua54.wasm", "lua55.wasm", "lua54-mini.wasm", "lua55-mini.wasm"):
            contents = (DIST / name).read_bytes()
            if hashlib.sha256(contents).hexdigest() != sums[name]:
                sys.exit(f"dist/{name} is not the file of dist/SHA256SUMS: run `make dist` again")
            (HERE / "src/moonlet" / name).write_bytes(contents)
    except (FileNotFoundError, KeyError) as error:
        sys.exit(f"dist/ has no modules ({error}): run `make dist` first")
    shutil.copyfile(REPOSITORY / "LICENSE", HERE / "LICENSE")


def environment(name: str, requirements: Path) -> Path:
    """The interpreter of a virtual environment that holds just what a file of pinned requirements says."""
    folder = HERE / name
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    stamp = folder / "installed"
    wanted = f"{sys.version}\n{requirements.read_text()}"
    if not stamp.exists() or stamp.read_text() != wanted:
        venv.create(folder, clear=True, with_pip=True)
        run(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement", requirements)
        stamp.write_text(wanted)
    return python


def run(*command: object, timeout: float = LONGEST) -> None:
    """Runs a command in the package's folder; where it fails or hangs, so does this."""
    print("+", " ".join(str(part) for part in command[1:]), flush=True)
    environ = {**os.environ, "PYTHONPATH": str(HERE / "src"), "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        code = processes.run(*command, timeout=timeout, cwd=HERE, env=environ).returncode
    except subprocess.TimeoutExpired as error:
        sys.exit(str(error))
    if code != 0:
        sys.exit(code)


def test(*arguments: str) -> None:
    """Type checks, where mypy is to be had for this Python, and the tests."""
    modules()
    python = environment(".venv", HERE / "tests/requirements.txt")
    if sys.version_info[:2] == (3, 11):
        run(python, "-m", "mypy", "--python-version", "3.9", "src")
        run(python, "-m", "mypy", "tests", "examples", "bench", "make.py", "engines.py", "processes.py")
    run(python, "-m", "pytest", *arguments)


def pack() -> Path:
    """The wheel. Its dates are those of the commit."""
    modules()
    python = environment(".venv-pack", HERE / "requirements-pack.txt")
    told = subprocess.run(["git", "log", "-1", "--format=%ct"], cwd=REPOSITORY, check=True, stdout=subprocess.PIPE, text=True)
    build = "import sys, flit_core.buildapi as flit; print(flit.build_wheel(sys.argv[1]))"
    environ = {**os.environ, "SOURCE_DATE_EPOCH": told.stdout.strip()}
    built = subprocess.run([python, "-c", build, DIST], cwd=HERE, env=environ, check=True, stdout=subprocess.PIPE, text=True)
    wheel = DIST / built.stdout.strip()
    print(f"{wheel} ({wheel.stat().st_size} bytes)")
    return wheel


def bench() -> None:
    """The figures of the ten tasks."""
    modules()
    run(environment(".venv-bench", HERE / "requirements-bench.txt"), "bench/bench.py", timeout=LONGEST_MEASUREMENT)


def soak(*counts: str) -> None:
    """Many evaluations, many states."""
    modules()
    run(environment(".venv", HERE / "tests/requirements.txt"), "bench/soak.py", *counts, timeout=LONGEST_MEASUREMENT)


def on_engines() -> None:
    """The rows of Pythons and engines."""
    sys.exit(engines.rows(pack()))


COMMANDS: dict[str, tuple[Callable[..., object], str]] = {
    "modules": (modules, "copies the modules and the licence to where the package has them"),
    "test": (test, "type checks and fast tests, in a virtual environment of their own; pytest gets the arguments"),
    "pack": (pack, "packs the wheel into dist/; equal commits give equal bytes"),
    "engines": (on_engines, "installs the wheel for every Python and wasmtime that is to be had, runs vectors and programs; a line of JSON for each"),
    "bench": (bench, "figures, as lines of JSON, beside lupa"),
    "soak": (soak, "1,000,000 evaluations in one state, 10,000 states: memory stays flat; the arguments are other counts"),
}
#: Those that hand arguments on.
WITH_ARGUMENTS = ("test", "soak")


def main() -> None:
    """Does what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, (_, does) in COMMANDS.items():
        commands.add_parser(name, help=does, description=does, add_help=name not in WITH_ARGUMENTS)
    asked, arguments = parser.parse_known_args()
    if arguments and asked.command not in WITH_ARGUMENTS:
        parser.error(f"{asked.command} takes no arguments")
    processes.end_by_signals()
    COMMANDS[asked.command][0](*arguments)


if __name__ == "__main__":
    main()
