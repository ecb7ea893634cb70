"""What is done with the Python package in a checkout; it needs the modules that `make dist` leaves in dist/.

python3 hosts/python/make.py modules    copies the modules and the licence to where the package has them
python3 hosts/python/make.py test       type checks and fast tests, in a virtual environment of their own
python3 hosts/python/make.py pack       packs the wheel into dist/; equal commits give equal bytes
python3 hosts/python/make.py engines    installs the wheel for every Python and wasmtime that is to be had, runs vectors and programs, prints a table
python3 hosts/python/make.py bench      figures, as lines of JSON, beside lupa
python3 hosts/python/make.py soak       1,000,000 evaluations in one state, 10,000 states: memory stays flat
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path
from typing import Callable

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parents[1]
DIST = REPOSITORY / "dist"


def modules() -> None:
    """Copies the modules of dist/, once their hashes are those that `make dist` wrote down."""
    try:
        sums = {line.split()[1]: line.split()[0] for line in (DIST / "SHA256SUMS").read_text().splitlines()}
        for name in ("lua54.wasm", "lua55.wasm"):
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
        subprocess.run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement", requirements], check=True)
        stamp.write_text(wanted)
    return python


def run(*command: object) -> None:
    """Runs a command in the package's folder; where it fails, so does this."""
    print("+", " ".join(str(part) for part in command[1:]), flush=True)
    environ = {**os.environ, "PYTHONPATH": str(HERE / "src"), "PYTHONDONTWRITEBYTECODE": "1"}
    code = subprocess.run([str(part) for part in command], cwd=HERE, env=environ).returncode
    if code != 0:
        sys.exit(code)


def test(*arguments: str) -> None:
    """Type checks, where mypy is to be had for this Python, and the tests."""
    modules()
    python = environment(".venv", HERE / "tests/requirements.txt")
    if sys.version_info[:2] == (3, 11):
        run(python, "-m", "mypy", "--python-version", "3.9", "src")
        run(python, "-m", "mypy", "tests", "examples", "bench", "make.py", "engines.py")
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
    run(environment(".venv-bench", HERE / "requirements-bench.txt"), "bench/bench.py")


def soak(*counts: str) -> None:
    """Many evaluations, many states."""
    modules()
    run(environment(".venv", HERE / "tests/requirements.txt"), "bench/soak.py", *counts)


def engines() -> None:
    """The table of Pythons and engines."""
    run(sys.executable, "engines.py", pack())


COMMANDS: dict[str, Callable[..., object]] = {"modules": modules, "test": test, "pack": pack, "engines": engines, "bench": bench, "soak": soak}


def main(arguments: list[str]) -> None:
    command = COMMANDS.get(arguments[0]) if arguments else None
    if command is None:
        sys.exit(__doc__)
    command(*arguments[1:])


if __name__ == "__main__":
    main(sys.argv[1:])
