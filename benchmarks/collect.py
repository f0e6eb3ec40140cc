"""Collecting beside `reader`: feeds never seen before, and feeds that have not changed."""

import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks import sites
from benchmarks.corpus.published import SLUG, Corpus, publish
from benchmarks.figures import Limit, Size, Table, seconds, times
from benchmarks.installation import Installation
from benchmarks.processes import environment
from benchmarks.run import Run
from benchmarks.spent import Spent, middle, spent_by

COLD_FEEDS = {Size.FULL: 500, Size.QUICK: 100, Size.TINY: 6}
COLD_ENTRIES = (10, 20)
WARM_FEEDS = {Size.FULL: 2000, Size.QUICK: 200, Size.TINY: 6}
WARM_ENTRIES = (3, 8)
READER = (sys.executable, "-m", "benchmarks.peers.reader_feeds")
WORKERS = 10
"""Threads of `reader`: between 1 and 20 it makes no difference to its figures."""


def run(run: Run) -> Iterable[Table]:
    """The two tables: cold and warm."""
    yield from _with(run, run.of(COLD_FEEDS), COLD_ENTRIES, _cold)
    yield from _with(run, run.feeds or run.of(WARM_FEEDS), WARM_ENTRIES, _warm)


@dataclass(slots=True)
class _Setting:
    """A corpus that is being served."""

    run: Run
    corpus: Corpus
    server: sites.Server

    def installation(self) -> Installation:
        """moocfeed with the corpus' feeds as sources, none of them fetched yet."""
        made = Installation(self.run.scratch("moocfeed"))
        made.apply(self.corpus.course_file(self.server.port))
        return made

    def reader(self) -> Path:
        """`reader`'s folder, with the feeds added."""
        folder = self.run.scratch("reader")
        subprocess.run(
            [*READER, "add", "feeds.sqlite"],
            input="\n".join(self.corpus.urls(self.server.port)),
            text=True,
            check=True,
            cwd=folder,
            env=environment(),
        )
        return folder


def _with(
    run: Run, feeds: int, entries: tuple[int, int], measure: Callable[[_Setting], Table]
) -> Iterator[Table]:
    corpus = publish(run.scratch("corpus") / "www", feeds, entries)
    with sites.serving(corpus.folder, corpus.hosts, run.scratch("server") / "state") as server:
        yield measure(_Setting(run, corpus, server))


def _collect(setting: _Setting, installation: Installation, *, unchanged: bool) -> Spent:
    """Raises `RuntimeError` where not every entry of every feed is a post afterwards."""
    spent, summary = installation.collect()
    feeds, entries = len(setting.corpus.paths), setting.corpus.entries
    expected = {"fetched": 0, "unchanged": feeds} if unchanged else {"fetched": feeds}
    found = {name: summary["sources"][name] for name in expected}
    new = 0 if unchanged else entries
    if found != expected or summary["posts"]["new"] != new:
        raise RuntimeError(f"not what was to be collected: {summary}")
    if (shown := installation.posts(SLUG)) != entries:
        raise RuntimeError(f"{shown} posts of {entries} entries")
    return spent


def _update(folder: Path) -> Spent:
    return spent_by([*READER, "update", "feeds.sqlite", str(WORKERS)], environment(), folder)


def _cold(setting: _Setting) -> Table:
    ours: list[Spent] = []
    theirs: list[Spent] = []
    for number in range(setting.run.rounds_or(3)):
        setting.run.say(f"cold, round {number + 1}")
        ours.append(_collect(setting, setting.installation(), unchanged=False))
        theirs.append(_update(setting.reader()))
    return _table(setting, "Collecting from empty", ours, theirs, bound=1 / 3, goal=1 / 5)


def _warm(setting: _Setting) -> Table:
    setting.run.say("collecting once, to find everything unchanged afterwards")
    installation, folder = setting.installation(), setting.reader()
    _collect(setting, installation, unchanged=False)
    _update(folder)
    ours: list[Spent] = []
    theirs: list[Spent] = []
    for number in range(setting.run.rounds_or(5)):
        setting.run.say(f"warm, round {number + 1}")
        ours.append(_collect(setting, installation, unchanged=True))
        theirs.append(_update(folder))
    return _table(setting, "Collecting what has not changed", ours, theirs, bound=1 / 2, goal=1 / 3)


def _table(
    setting: _Setting,
    title: str,
    ours: list[Spent],
    theirs: list[Spent],
    *,
    bound: float,
    goal: float,
) -> Table:
    own, peer, feeds = middle(ours), middle(theirs), len(setting.corpus.paths)
    wall, cpu = own.wall / peer.wall, own.cpu / peer.cpu
    stored = theirs[-1].output.strip()
    return Table(
        title,
        ("", "wall time", "CPU time", "CPU a feed"),
        [
            ("moocfeed", seconds(own.wall), seconds(own.cpu), seconds(own.cpu / feeds)),
            ("reader", seconds(peer.wall), seconds(peer.cpu), seconds(peer.cpu / feeds)),
            ("ratio", times(wall), times(cpu), ""),
        ],
        notes=[
            f"{setting.corpus.described}, from {setting.server.name}",
            f"moocfeed stored {setting.corpus.entries:,} of the entries, reader {stored};"
            f" medians of {len(ours)} rounds",
        ],
        limits=[
            Limit("wall time beside reader's", wall, bound),
            Limit("CPU time beside reader's", cpu, bound),
            Limit("wall time beside reader's", wall, goal, binding=False),
            Limit("CPU time beside reader's", cpu, goal, binding=False),
        ],
    )
