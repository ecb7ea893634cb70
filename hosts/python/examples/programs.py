"""Where the programs have their Lua sources: in hosts/programs, which all languages share."""

from __future__ import annotations

from pathlib import Path

PROGRAMS = Path(__file__).resolve().parents[2] / "programs"


def source(name: str) -> str:
    """The text of a Lua source."""
    return (PROGRAMS / name).read_text(encoding="utf-8")
