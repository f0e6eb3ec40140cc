"""Answers made to hurt: nothing but a batch or a `CollectError` may come of them."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.contract import Batch, CollectError
from collectors.feeds import fast, read_feed
from tests.collectors.feeds import random_feeds
from tests.collectors.feeds.batches import ADDRESS, as_json, fixtures, reply_of, without_alt

BODIES = [path.read_bytes() for path in fixtures()]
SPLINTERS = (
    *(b"<", b">", b"&", b"]]>", b"<![CDATA[", b"<!--", b"\x00", b"\xff", b"\xed\xa0\x80"),
    *(b"&#xD800;", b"&#0;", b"&#x110000;", b"&#99999999999;", b"&nbsp;", b"<item>", b"</item>"),
    *(b"<!DOCTYPE x>", b"<?xml?>", b"<svg>", b"<content type='image/png'>", b"<title>"),
    *(b"</rss>", b"<html>", b"<link/>", b"<pubDate>x</pubDate>", b'xml:base="/x"', b"<category/>"),
)


def read(body: bytes) -> Batch | None:
    try:
        return read_feed(ADDRESS, reply_of(body))
    except CollectError as caught:
        error = caught
    assert error.code in {"not-a-feed", "empty-body"}
    assert error.message
    return None


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_damaged_feeds(data: st.DataObject) -> None:
    body = data.draw(st.sampled_from(BODIES))
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(body)))
        length = data.draw(st.integers(0, 20))
        body = body[:place] + data.draw(st.sampled_from(SPLINTERS)) + body[place + length :]
    read(body)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300))
def test_noise(body: bytes) -> None:
    read(body)
    read(b"<rss><channel><item><title>" + body)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**9), st.integers(0, 100))
def test_no_entry_before_the_cut_is_lost(seed: int, share: int) -> None:
    whole = random_feeds.feed(Random(seed))
    end = b"</entry>" if b"<entry>" in whole else b"</item>"
    cut = whole[: len(whole) * share // 100]
    complete = fast.read(cut[: cut.rfind(end) + len(end)] + closing(whole), ADDRESS)
    if end not in cut or complete is None:
        return
    broken = read(cut)
    assert broken is not None
    # What was whole is read as from a whole feed.
    assert as_json(without_alt(complete).posts) == as_json(
        without_alt(broken).posts[: len(complete.posts)]
    )


def closing(feed: bytes) -> bytes:
    root = feed[feed.rindex(b"</") :]
    return b"</channel></rss>" if root == b"</rss>" else root


def entities(inner: str) -> bytes:
    head = f"<!DOCTYPE rss [{inner}]>"
    items = f"<item><title>{'&a;' * 10_000}</title><guid>1</guid></item>"
    return f'{head}<rss version="2.0"><channel><title>t</title>{items}</channel></rss>'.encode()


@pytest.mark.parametrize(
    "declaration",
    [
        f'<!ENTITY a "{"x" * 100_000}">',
        '<!ENTITY % p SYSTEM "file:///etc/passwd"> %p;',
        '<!ENTITY a SYSTEM "file:///etc/passwd">',
    ],
    ids=["quadratic", "parameter", "external"],
)
def test_entities_are_never_expanded(declaration: str) -> None:
    batch = read(entities(declaration))
    assert batch is not None
    assert batch.posts[0].title == "&a;" * 10_000


def test_a_feed_of_10000_entries() -> None:
    item = (
        "<item><title>n{0}</title><link>https://many.example.org/{0}</link><guid>{0}</guid></item>"
    )
    items = "".join(item.format(number) for number in range(10_000))
    well_formed = f'<rss version="2.0"><channel><title>t</title>{items}</channel></rss>'
    for body in (well_formed, well_formed.replace("<title>t<", "<title>&nbsp;<")):
        batch = read(body.encode())
        assert batch is not None
        assert len(batch.posts) == 10_000
        assert batch.posts[-1].url == "https://many.example.org/9999"


def test_10000_entries_with_one_id() -> None:
    item = "<item><title>{0}</title><link>https://many.example.org/{0}</link><guid>1</guid></item>"
    items = "".join(item.format(number) for number in range(10_000))
    batch = read(f"<rss><channel><title>t</title>{items}</channel></rss>".encode())
    assert batch is not None
    assert len({post.external_id for post in batch.posts}) == 10_000


def test_deep_nesting_ends() -> None:
    assert read(b"<rss><channel><item>" + b"<a>" * 20_000) is not None
    read(b'{"version":' + b"[" * 100_000)
