"""Reading feeds beside feedparser: from bytes to safe posts, and from bytes to what was found."""

import io
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from statistics import median

import feedparser

from benchmarks.corpus.feeds import HASHTAG, SampleFeed, feeds
from benchmarks.figures import Limit, Size, Table, seconds, times
from benchmarks.run import Run
from collectors.contract import Reply
from collectors.feeds import read_feed
from collectors.reading import read
from models.domain.source import Match, Rule, SourceSpec

FEEDS = {Size.FULL: 200, Size.QUICK: 40, Size.TINY: 4}
NOW = datetime(2026, 11, 1, tzinfo=UTC)
RULE = Rule((HASHTAG,), Match.HASHTAG, "de")

Way = Callable[[SampleFeed], int]
"""Reads a feed; returns how many entries it found."""


def _by_feedparser(feed: SampleFeed) -> int:
    """As is usual: sanitised and resolved by feedparser itself, the fields read out."""
    headers = {"content-type": feed.document.content_type, "content-location": _address(feed)}
    parsed = feedparser.parse(io.BytesIO(feed.document.body), response_headers=headers)
    for entry in parsed.entries:
        for name in ("id", "title", "link", "summary", "content", "published_parsed", "tags"):
            entry.get(name)
    return len(parsed.entries)


def _found(feed: SampleFeed) -> int:
    return len(read_feed(_address(feed), _reply(feed)).posts)


def _posts(feed: SampleFeed) -> int:
    return len(read(_source(feed), _reply(feed), NOW).entries)


def _address(feed: SampleFeed) -> str:
    return f"https://blog{feed.number}.example/feed"


def _reply(feed: SampleFeed) -> Reply:
    headers = {"content-type": feed.document.content_type}
    return Reply(_address(feed), 200, headers, feed.document.body)


def _source(feed: SampleFeed) -> SourceSpec:
    return SourceSpec(id=f"s{feed.number}", kind="feed", url=_address(feed), rule=RULE)


WAYS: Sequence[tuple[str, Way]] = (
    ("moocfeed, posts (sanitised, stemmed)", _posts),
    ("moocfeed, entries as found", _found),
    ("feedparser (sanitised)", _by_feedparser),
)


def run(run: Run) -> Iterable[Table]:
    """One table; CPU time of this process, one feed after another."""
    corpus = list(feeds(run.of(FEEDS), (10, 20)))
    entries = sum(feed.entries for feed in corpus)
    spent: dict[str, list[float]] = {name: [] for name, _ in WAYS}
    found: dict[str, int] = {}
    rounds = run.rounds_or(5)
    for number in range(rounds):
        run.say(f"parsing, round {number + 1}")
        for name, way in WAYS:
            started = time.process_time()
            found[name] = sum(map(way, corpus))
            spent[name].append(time.process_time() - started)
    peer = median(spent[WAYS[-1][0]])
    own = peer / median(spent[WAYS[0][0]])
    size = sum(len(feed.document.body) for feed in corpus)
    yield Table(
        "Reading feeds",
        ("", "CPU a feed", "feeds a second", "speed", "entries found"),
        [
            (
                name,
                seconds(median(times_) / len(corpus)),
                f"{len(corpus) / median(times_):.0f}",
                times(peer / median(times_)),
                f"{found[name]:,}",
            )
            for name, times_ in spent.items()
        ],
        notes=[
            f"{len(corpus)} feeds of ten platforms and forms, {entries:,} entries,"
            f" {size / 1e6:.1f} MB; medians of {rounds} rounds"
        ],
        limits=[Limit("speed beside feedparser's", own, 3.0, at_least=True, binding=False)],
    )
