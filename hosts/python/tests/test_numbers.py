from __future__ import annotations

from moonlet import numbers

from .conftest import REPOSITORY


def test_the_constants_are_those_of_the_list() -> None:
    rows = [line.split() for line in (REPOSITORY / "src/abi/numbers.txt").read_text().splitlines() if not line.startswith("#")]
    listed = {f"{kind}_{name}".upper(): int(number) for kind, number, name in rows}
    assert {name: value for name, value in vars(numbers).items() if name.isupper()} == listed
