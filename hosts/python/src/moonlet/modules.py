"""Finds the module and compiles it: once per process, and once per machine by a cache on disk."""

from __future__ import annotations

import contextlib
import hashlib
import os
import platform
import sys
import threading
from importlib import metadata
from pathlib import Path
from typing import Optional, Union

from wasmtime import Engine, Module, WasmtimeError

#: The modules that the package carries, by name.
NAMES = ("lua54", "lua55", "lua54-mini", "lua55-mini")

#: The environment variable that names the cache's folder. Empty, it turns the cache off.
CACHE_VARIABLE = "MOONLET_CACHE_DIR"

_SUFFIX = ".cwasm"
_lock = threading.Lock()
_compiled: dict[str, Module] = {}
_digests: dict[str, str] = {}
_engine: Optional[Engine] = None


def engine() -> Engine:
    """The one engine of this process."""
    global _engine
    if _engine is None:
        _engine = Engine()
    return _engine


def load(module: Union[str, bytes, os.PathLike[str]]) -> Module:
    """The compiled module: one of ``NAMES``, the path of a file, or its bytes.

    Raises ValueError for another name and for what is no WebAssembly, OSError where a file cannot be read.
    """
    with _lock:
        # What the package carries is read once.
        known = _digests.get(module) if isinstance(module, str) else None
        if known is not None:
            return _compiled[known]
        contents = _contents(module)
        digest = hashlib.sha256(contents).hexdigest()
        if digest not in _compiled:
            _compiled[digest] = _from_cache(contents, digest)
        if isinstance(module, str):
            _digests[module] = digest
        return _compiled[digest]


def _contents(module: Union[str, bytes, os.PathLike[str]]) -> bytes:
    if isinstance(module, (bytes, bytearray, memoryview)):
        return _checked(bytes(module))
    if isinstance(module, os.PathLike):
        return _checked(Path(module).read_bytes())
    if not isinstance(module, str):
        raise TypeError(f"module is a name, a path or bytes, not {type(module).__name__}")
    if module not in NAMES:
        raise ValueError(f"module is one of {', '.join(NAMES)}, or a pathlib.Path, or bytes; {module!r} is none of them")
    try:
        return (Path(__file__).parent / f"{module}.wasm").read_bytes()
    except FileNotFoundError:
        raise FileNotFoundError(
            f"this installation of moonlet lacks {module}.wasm; in a checkout run `make dist`, then `python hosts/python/make.py modules`"
        ) from None


def _checked(contents: bytes) -> bytes:
    # The engine would take text for WebAssembly's own.
    if not contents.startswith(b"\0asm"):
        raise ValueError("this is no WebAssembly module; the module is lua54.wasm or lua55.wasm")
    return contents


def cache_folder() -> Optional[Path]:
    """Where compiled modules are kept, or None where nowhere. The folder may be deleted at any time."""
    named = os.environ.get(CACHE_VARIABLE)
    if named is not None:
        return Path(named) if named else None
    try:
        if sys.platform == "win32":
            base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
        elif sys.platform == "darwin":
            base = Path.home() / "Library" / "Caches"
        else:
            base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    except RuntimeError:
        # There is no home.
        return None
    return base / "moonlet"


def _from_cache(contents: bytes, digest: str) -> Module:
    folder = _usable(cache_folder())
    # wasmtime itself refuses what another version, other settings or another processor made. That the key names them lets each have its file.
    try:
        key = f"{digest[:32]}-wasmtime{metadata.version('wasmtime')}-{platform.machine()}-"
    except metadata.PackageNotFoundError:
        # It was put there by another way than an installer.
        folder = None
    if folder is not None:
        for file in folder.glob(f"{key}*{_SUFFIX}"):
            module = _read(file, file.name[len(key) : -len(_SUFFIX)])
            if module is not None:
                return module
    try:
        module = Module(engine(), contents)
    except WasmtimeError as error:
        raise ValueError(f"this is no WebAssembly module: {error}") from error
    if folder is not None:
        _write(folder, key, module)
    return module


def _usable(folder: Optional[Path]) -> Optional[Path]:
    """The folder, made where it is missing; None where it cannot be made, or where others could write code into it for us to run."""
    if folder is None:
        return None
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = folder.stat()
    except OSError:
        return None
    if hasattr(os, "geteuid") and (found.st_uid != os.geteuid() or found.st_mode & 0o022):
        return None
    return folder


def _read(file: Path, expected: str) -> Optional[Module]:
    """The module in a file of the cache; None, and no file, where it is damaged or does not fit this processor."""
    try:
        # The engine runs what it finds without a check of its own.
        if hashlib.sha256(file.read_bytes()).hexdigest() == expected:
            return Module.deserialize_file(engine(), str(file))
    except (OSError, WasmtimeError):
        pass
    with contextlib.suppress(OSError):
        file.unlink()
    return None


def _write(folder: Path, key: str, module: Module) -> None:
    """Adds a file to the cache. It gets its name once it is whole, so no reader sees half of it; two writers write two files, or one twice."""
    # It takes long to import, and most processes read only.
    import tempfile

    compiled = module.serialize()
    name = f"{key}{hashlib.sha256(compiled).hexdigest()}{_SUFFIX}"
    # A cache that cannot be written is slow and no error.
    with contextlib.suppress(OSError):
        descriptor, temporary = tempfile.mkstemp(dir=folder, prefix=".", suffix=_SUFFIX)
        try:
            with os.fdopen(descriptor, "wb") as out:
                out.write(compiled)
            os.replace(temporary, folder / name)
        except BaseException:
            os.unlink(temporary)
            raise
