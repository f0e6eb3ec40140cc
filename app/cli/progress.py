"""The progress of a collecting run: a bar on a terminal, nothing elsewhere."""

import sys
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from collectors.pipeline import Done
from collectors.summary import Summary


class CollectProgress:
    """Shows how many sources are done, and how many new posts they brought."""

    def __init__(self) -> None:
        self._new = 0
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[news]}"),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            disable=not sys.stderr.isatty(),
            transient=True,
        )
        self._task = self._progress.add_task("Collecting", total=None, news="")

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

    def start(self, due: int) -> None:
        """Learns how many sources there are."""
        self._progress.update(self._task, total=due)

    def done(self, done: Done) -> None:
        """One source more."""
        self._new += done.counts.new
        self._progress.update(self._task, advance=1, news=f"{self._new} new posts")


def sentences(summary: Summary) -> str:
    """The summary for people."""
    sources, posts = summary.sources, summary.posts
    asked = sum(sources.values())
    return (
        f"{asked} {'source' if asked == 1 else 'sources'} in {summary.seconds:.1f} s: "
        f"{sources['fetched']} fetched, {sources['unchanged']} unchanged, "
        f"{sources['failed']} failed.\n"
        f"Posts: {posts.new} new, {posts.changed} changed, {posts.withdrawn} withdrawn."
    )


def failure(done: Done) -> str:
    """Which source it is; below, what happened and what mends it."""
    assert done.error is not None
    return f"{done.source.id}  {done.source.url}\n        {done.error.text}"
