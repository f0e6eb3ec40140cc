"""Lists of values for IN, within every SQLite's limit on variables."""

from collections.abc import Collection, Iterator, Sequence
from typing import TypeVar

CHUNK = 500

Value = TypeVar("Value", str, tuple[str, str])


def chunks(values: Collection[Value]) -> Iterator[Sequence[Value]]:
    """The values, sorted, at most 500 at a time."""
    ordered = sorted(values)
    for at in range(0, len(ordered), CHUNK):
        yield ordered[at : at + CHUNK]
