"""A corpus on disk, each feed with a host and an address of its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.corpus.feeds import HASHTAG, SampleFeed, feeds
from benchmarks.sites.addresses import hosts
from models.domain.course import Course
from models.domain.coursefile import CourseFile, SourceEntry, dump

SLUG = "bench"


@dataclass(frozen=True, slots=True)
class Corpus:
    """What was written into a folder."""

    folder: Path
    hosts: Sequence[str]
    paths: Sequence[str]
    """In the order of `hosts`."""
    entries: int
    size: int
    """Bytes."""

    def urls(self, port: int) -> Sequence[str]:
        """The feeds' addresses."""
        pairs = zip(self.hosts, self.paths, strict=True)
        return [f"http://{host}:{port}{path}" for host, path in pairs]

    def course_file(self, port: int) -> str:
        """The course with all feeds as its sources; an entry counts only with the hashtag."""
        sources = tuple(SourceEntry("feed", url) for url in self.urls(port))
        return dump(CourseFile(Course(SLUG, "Sample course", (HASHTAG,)), sources))

    @property
    def described(self) -> str:
        return (
            f"{len(self.paths):,} feeds on as many hosts, {self.entries:,} entries,"
            f" {self.size / 1e6:.1f} MB"
        )


def publish(folder: Path, count: int, entries: tuple[int, int]) -> Corpus:
    """Writes so many feeds, each with a number of entries between the two given."""
    folder.mkdir()
    paths: list[str] = []
    total = size = 0
    for feed in feeds(count, entries):
        paths.append(_path(feed))
        (folder / paths[-1].lstrip("/")).write_bytes(feed.document.body)
        total += feed.entries
        size += len(feed.document.body)
    return Corpus(folder, hosts(count), paths, total, size)


def _path(feed: SampleFeed) -> str:
    return f"/blog{feed.number}.{'json' if feed.platform == 'jsonfeed' else 'xml'}"
