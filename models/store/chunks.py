"""Lists of values for IN, within every SQLite's limit on variables."""

from collections.abc import Collection, Iterator, Sequence

CHUNK = 500


def chunks(values: Collection[str]) -> Iterator[Sequence[str]]:
    """The values, sorted, at most 500 at a time."""
    ordered = sorted(values)
    for at in range(0, len(ordered), CHUNK):
        yield ordered[at : at + CHUNK]
