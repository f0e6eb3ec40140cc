"""Memory at its peak: a collector with its parse workers, and a web process."""

import subprocess
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import psutil

from benchmarks import sites
from benchmarks.collect import WARM_ENTRIES, WARM_FEEDS
from benchmarks.corpus.published import SLUG, publish
from benchmarks.figures import Limit, Size, Table, megabytes
from benchmarks.installation import COMMAND, Installation
from benchmarks.many import filled
from benchmarks.run import Run
from benchmarks.service import Service, serving

POSTS = {Size.FULL: 1_000_000, Size.QUICK: 10_000, Size.TINY: 100}
PAGES = {Size.FULL: 300, Size.QUICK: 60, Size.TINY: 3}
"""Different pages of each kind that the web process renders."""
COLLECTOR, WORKER, WEB = 150e6, 100e6, 150e6
EVERY = 0.05
"""Seconds between two looks."""


@dataclass(slots=True)
class Peak:
    """The most bytes a process was seen to hold. Pages that processes share count in each
    one's RSS, by share in its PSS, and not at all in its USS.
    """

    name: str
    rss: int = 0
    pss: int = 0
    uss: int = 0

    def look(self, process: psutil.Process) -> None:
        seen = process.memory_full_info()
        self.rss, self.pss, self.uss = (
            max(self.rss, seen.rss),
            max(self.pss, seen.pss),
            max(self.uss, seen.uss),
        )


@dataclass(slots=True)
class _Watch:
    """Looks at a process and all it starts, until it is told to stop."""

    root: psutil.Process
    peaks: dict[int, Peak] = field(default_factory=dict)
    stop: threading.Event = field(default_factory=threading.Event)

    def go_on(self) -> None:
        while not self.stop.wait(EVERY):
            self._look()

    def _look(self) -> None:
        try:
            generations = [[self.root], self.root.children()]
            generations.append([child for each in generations[1] for child in each.children()])
            for depth, processes in enumerate(generations):
                for process in processes:
                    peak = self.peaks.setdefault(process.pid, Peak(_NAMES[depth]))
                    peak.look(process)
        except psutil.NoSuchProcess:
            return


_NAMES = ("process", "fork server", "parse worker")
"""By how many processes stand between it and the one that was started."""


@contextmanager
def _watched(pid: int) -> Iterator[dict[int, Peak]]:
    watch = _Watch(psutil.Process(pid))
    thread = threading.Thread(target=watch.go_on)
    thread.start()
    try:
        yield watch.peaks
    finally:
        watch.stop.set()
        thread.join()


def run(run: Run) -> Iterable[Table]:
    """One table: every kind of process, and its bound."""
    run.say("memory of a collector")
    feeds = run.feeds or run.of(WARM_FEEDS)
    peaks = _collector(run, feeds)
    worker = max((peak for peak in peaks if peak.name == "parse worker"), key=lambda peak: peak.rss)
    run.say("memory of a web process")
    web = _web(run)
    shown = [
        ("collector", peaks[0]),
        ("fork server", peaks[1]),
        ("largest parse worker", worker),
        ("web process", web),
    ]
    yield Table(
        "Memory at its peak",
        ("", "RSS", "PSS", "USS"),
        [
            (name, megabytes(peak.rss), megabytes(peak.pss), megabytes(peak.uss))
            for name, peak in shown
        ],
        notes=[
            f"collecting {feeds:,} feeds from empty; {run.of(PAGES)} pages of each kind among"
            f" {run.of(POSTS):,} posts on SQLite",
            f"{sum(peak.name == 'parse worker' for peak in peaks)} parse workers in all",
        ],
        limits=[
            Limit("collector's RSS in MB", peaks[0].rss / 1e6, COLLECTOR / 1e6),
            Limit("parse worker's RSS in MB", worker.rss / 1e6, WORKER / 1e6),
            Limit("web process' RSS in MB", web.rss / 1e6, WEB / 1e6),
        ],
    )


def _collector(run: Run, feeds: int) -> list[Peak]:
    """The collector's own, its fork server's, its workers', in this order."""
    corpus = publish(run.scratch("corpus") / "www", feeds, WARM_ENTRIES)
    with sites.serving(corpus.folder, corpus.hosts, run.scratch("server") / "state") as server:
        installation = Installation(run.scratch("memory"))
        installation.apply(corpus.course_file(server.port))
        process = subprocess.Popen(
            [*COMMAND, "collect", "--once", "--all", "--json"],
            env=installation.environment,
            cwd=installation.folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        with _watched(process.pid) as peaks:
            if process.wait():
                raise RuntimeError(f"collecting ended with {process.returncode}")
    return sorted(peaks.values(), key=lambda peak: _NAMES.index(peak.name))


def _web(run: Run) -> Peak:
    installation = Installation(run.scratch("serve"), filled.sqlite(run, run.of(POSTS)))
    with serving(installation) as service, _watched(service.process.pid) as peaks:
        for number in range(run.of(PAGES)):
            _ask(service, number)
    return peaks[service.process.pid]


def _ask(service: Service, number: int) -> None:
    """Different pages, through the cache, which keeps what it can."""
    days = f"until=2026-{1 + number % 3:02}-{1 + number % 28:02}&limit={20 + number % 80}"
    for path in (
        f"/api/v1/courses/{SLUG}/posts?{days}",
        f"/{SLUG}/feed.atom?{days}",
        f"/{SLUG}/feed.rss?{days}",
        f"/{SLUG}?{days}",
    ):
        service.get(path, {"Accept-Encoding": "gzip"})
