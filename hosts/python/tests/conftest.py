from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from moonlet import Lua

#: The repository, whose vectors, programs and list of numbers the tests read.
REPOSITORY = Path(__file__).resolve().parents[3]

# What a shell starts in the background ignores SIGINT, and so would all that it starts in its turn.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(params=["lua54", "lua55"])
def lua(request: pytest.FixtureRequest) -> Iterator[Lua]:
    """A state of each Lua."""
    with Lua(module=request.param) as state:
        yield state
