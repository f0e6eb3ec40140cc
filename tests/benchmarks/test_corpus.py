"""The corpus that is measured with: the same for a seed, and read whole by what is measured."""

from datetime import UTC, datetime

from benchmarks.corpus.feeds import HASHTAG, PLATFORMS, feeds
from benchmarks.sites.addresses import hosts
from collectors.contract import Reply
from collectors.reading import read
from models.domain.post import Post
from models.domain.source import Match, Rule, SourceSpec

RULE = Rule((HASHTAG,), Match.HASHTAG, "de")


def test_the_same_bytes_for_the_same_seed() -> None:
    assert list(feeds(12, (2, 3))) == list(feeds(12, (2, 3)))
    assert list(feeds(12, (2, 3))) != list(feeds(12, (2, 3), seed=8))


def test_every_entry_of_every_platform_is_a_post_of_the_course() -> None:
    seen = set()
    for feed in feeds(len(PLATFORMS), (2, 3), words=20):
        seen.add(feed.platform)
        address = f"https://blog{feed.number}.example/feed"
        reply = Reply(
            address, 200, {"content-type": feed.document.content_type}, feed.document.body
        )
        source = SourceSpec(id="s", kind="feed", url=address, rule=RULE)
        entries = read(source, reply, datetime(2026, 11, 1, tzinfo=UTC)).entries
        assert len(entries) == feed.entries
        assert all(isinstance(entry, Post) for entry in entries)
    assert seen == set(PLATFORMS)


def test_every_host_is_another_and_loopback() -> None:
    made = hosts(2000)
    assert len(set(made)) == 2000
    assert all(host.startswith("127.") for host in made)
