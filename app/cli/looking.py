"""The progress of looking back: a line for each source that is read, nothing off a terminal."""

from datetime import timedelta

from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn

from app.cli.progress import Bar
from app.clock import now
from collectors.lookback import LookedBack
from models.domain.backfill import Walk
from models.store.sources import SourceRow

NAME = 30
"""Characters of a source's name."""


class BackfillProgress(Bar):
    """How many sources are done, and of those under way how far back they are."""

    def __init__(self) -> None:
        super().__init__(
            "Looking back",
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=20),
            MofNCompleteColumn(),
            TextColumn("{task.fields[news]}"),
        )
        self._new = 0
        self._lines: dict[str, TaskID] = {}

    def page(self, source: SourceRow, walk: Walk) -> None:
        """A page of a source was read: its line counts days, from today to the day wanted."""
        total = max(1, (now() - walk.since).days)
        behind = (now() - walk.oldest).days if walk.oldest else 0
        back = f"back to {walk.oldest:%Y-%m-%d}, " if walk.oldest else ""
        news = f"days {back}page {walk.pages}, {walk.new} new posts"
        self._progress.update(
            self._line(source), total=total, completed=min(max(behind, 0), total), news=news
        )

    def wait(self, source: SourceRow, seconds: float) -> None:
        """A source's host wants no request for a while."""
        until = (now() + timedelta(seconds=seconds)).astimezone()
        self._progress.update(self._line(source), news=f"waits until {until:%H:%M:%S}")

    def done(self, done: LookedBack) -> None:
        """One source less."""
        self._new += done.new
        if (line := self._lines.pop(done.source.id, None)) is not None:
            self._progress.remove_task(line)
        self._progress.update(self._task, advance=1, news=f"sources, {self._new} new posts")

    def _line(self, source: SourceRow) -> TaskID:
        if source.id not in self._lines:
            name = (source.title or source.url)[:NAME]
            self._lines[source.id] = self._progress.add_task(name, total=None, news="")
        return self._lines[source.id]
