"""One run of benchmarks: its size, its rounds, its folder."""

import itertools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from benchmarks.figures import Size, Table

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Run:
    """What a benchmark is told. Its folder vanishes with the run."""

    size: Size
    folder: Path
    rounds: int | None = None
    """None: as many as the benchmark thinks fit."""
    feeds: int | None = None
    """Other than the usual number of feeds to find unchanged."""
    say: Callable[[str], None] = lambda text: None
    """Told what is under way."""
    _numbers: "itertools.count[int]" = field(default_factory=itertools.count)

    def scratch(self, name: str) -> Path:
        """A new empty folder."""
        made = self.folder / f"{name}-{next(self._numbers)}"
        made.mkdir()
        return made

    def of(self, sizes: Mapping[Size, T]) -> T:
        """What holds for this size."""
        return sizes[self.size]

    def rounds_or(self, usual: int) -> int:
        """Rounds asked for, or so many; a single one where only running counts."""
        if self.size is Size.TINY:
            return 1
        return self.rounds or usual


Benchmark = Callable[[Run], Iterable[Table]]
