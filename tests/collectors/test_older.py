"""The past of feeds: which address comes next, and where it ends."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from collectors import older
from collectors.contract import NO_PAST, Batch, CollectError, Reply
from collectors.feeds import read_feed
from tests.collectors.archives import atom, by_wordpress, entry
from tests.collectors.specs import spec
from tests.sites import item, rss

FEED = "https://blog.example/feed"


def read(body: bytes, past: Mapping[str, Any] = {}, *, url: str = FEED, status: int = 200) -> Batch:
    source = spec("feed", FEED, past=past)
    return older.read(source, Reply(url, status, {}, body), lambda reply: read_feed(FEED, reply))


def asked(past: Mapping[str, Any]) -> str:
    ask = older.ask(spec("feed", FEED, past=past), FEED)
    assert not ask.conditional
    return ask.url


@pytest.mark.parametrize("rel", ["prev-archive", "next"])
@pytest.mark.parametrize(
    ("named", "url"),
    [
        ("https://blog.example/2026/10", "https://blog.example/2026/10"),
        ("/2026/10", "https://blog.example/2026/10"),
        ("?page=2", "https://blog.example/feed?page=2"),
        ("https://archive.example/10", "https://archive.example/10"),
        ("http://blog.example/2026/10", "https://blog.example/2026/10"),
    ],
)
def test_the_document_before(rel: str, named: str, url: str) -> None:
    batch = read(atom(entry(1, day=1), older=named, rel=rel))
    assert (batch.cursor, batch.more) == ({"url": url}, True)
    assert asked(batch.cursor) == url


def test_a_json_feed_names_the_next_one() -> None:
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "A sample blog",
        "items": [{"id": "1", "content_text": "One"}],
        "next_url": "/feed/2.json",
    }
    batch = read(json.dumps(feed).encode())
    assert batch.cursor == {"url": "https://blog.example/feed/2.json"}


def test_an_archive_without_a_document_before_it_is_the_end() -> None:
    assert not read(atom(entry(1, day=1)), {"url": "https://blog.example/1"}).more


def test_a_feed_that_names_nothing_has_no_past() -> None:
    with pytest.raises(CollectError) as caught:
        read(atom(entry(1, day=1)))
    assert caught.value.code == NO_PAST
    assert "blog.example" in caught.value.text


def test_wordpress_has_pages() -> None:
    body = by_wordpress(rss(item(1, "One")))
    first = read(body, url="https://blog.example/feed/?x=%C3%A4&paged=1")
    assert asked(first.cursor) == "https://blog.example/feed/?x=%C3%A4&paged=2"
    second = read(body, first.cursor)
    assert asked(second.cursor).endswith("paged=3")
    assert not read(by_wordpress(rss()), first.cursor).more


def test_what_names_its_archive_is_not_asked_for_pages() -> None:
    body = atom("<generator>WordPress</generator>", entry(1, day=1), older="/older")
    assert "url" in read(body).cursor
    assert not read(atom("<generator>WordPress</generator>"), {"url": FEED}).more


@pytest.mark.parametrize("status", [400, 404, 410])
def test_a_page_beyond_the_last(status: int) -> None:
    place = {"page": 9, "of": FEED}
    assert status in older.ask(spec("feed", FEED, past=place), FEED).answers
    assert read(b"<html>", place, status=status) == Batch()


@pytest.mark.parametrize("body", [b"", b"<!doctype html><h1>Nothing here</h1>"])
def test_a_page_that_is_no_feed_ends_pages_but_no_archive(body: bytes) -> None:
    assert read(body, {"page": 9, "of": FEED}) == Batch()
    with pytest.raises(CollectError):
        read(body, {"url": FEED})


def test_nothing_is_withdrawn_and_nothing_complete() -> None:
    extra = (
        '<fh:complete xmlns:fh="http://purl.org/syndication/history/1.0"/>'
        '<at:deleted-entry xmlns:at="http://purl.org/atompub/tombstones/1.0"'
        ' ref="https://blog.example/7" when="2026-11-19T08:00:00Z"/>'
    )
    batch = read(atom(extra, entry(1, day=1), older="/older"))
    assert (batch.complete, batch.withdrawn) == (False, ())
    older_batch = read(atom(entry(7, day=1), entry(2, day=1)), batch.cursor)
    assert [post.external_id for post in older_batch.posts] == ["https://blog.example/2"]
