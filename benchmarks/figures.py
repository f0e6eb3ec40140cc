"""What a benchmark hands out: a table, and the bounds and goals its figures are held to."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum


class Size(Enum):
    """How much is measured. Bounds are judged at full size only: below it, starting dominates."""

    FULL = "full"
    QUICK = "quick"
    TINY = "tiny"
    """Seconds; only shows that everything runs."""


@dataclass(frozen=True, slots=True)
class Limit:
    """A figure of ours, and the most it may be (with `at_least`, the least)."""

    name: str
    figure: float
    limit: float
    at_least: bool = False
    binding: bool = True
    """A bound: missing it is a failure. Otherwise it is a goal."""

    @property
    def kept(self) -> bool:
        return self.figure >= self.limit if self.at_least else self.figure <= self.limit


@dataclass(frozen=True, slots=True)
class Table:
    """A table with what stands above and below it."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    notes: Sequence[str] = ()
    limits: Sequence[Limit] = ()


def seconds(value: float) -> str:
    """`3.26 s`, `41.0 ms`, `120 µs`."""
    if value >= 1:
        return f"{value:.2f} s"
    if value >= 0.001:
        return f"{value * 1e3:.3g} ms"
    return f"{value * 1e6:.3g} µs"


def times(value: float) -> str:
    """A ratio: `×0.31`."""
    return f"×{value:.2f}"


def megabytes(value: float) -> str:
    return f"{value / 1e6:.1f} MB"
