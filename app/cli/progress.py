"""Progress on a terminal, and that of a collecting run."""

import sys
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)

from collectors.pipeline import Done


class Bar:
    """Progress on a terminal, nothing elsewhere; gone at the end."""

    def __init__(
        self, doing: str, *columns: ProgressColumn, total: int | None = None, news: str = ""
    ) -> None:
        self._progress = Progress(
            *columns, console=Console(stderr=True), disable=not sys.stderr.isatty(), transient=True
        )
        self._task = self._progress.add_task(doing, total=total, news=news)

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._progress.stop()

    def start(self, wanted: int) -> None:
        """Learns how many there are."""
        self._progress.update(self._task, total=wanted)


class CollectProgress(Bar):
    """Shows how many sources are done, and how many new posts they brought."""

    def __init__(self) -> None:
        super().__init__(
            "Collecting",
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[news]}"),
            TimeRemainingColumn(),
            news="0 new posts",
        )
        self._new = 0

    def done(self, done: Done) -> None:
        """One source more."""
        self._new += done.counts.new
        self._progress.update(self._task, advance=1, news=f"{self._new} new posts")
