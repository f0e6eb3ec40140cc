"""The strict reading against feedparser: on the fixtures, and on feeds made at random."""

import calendar
import io
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from random import Random
from typing import Any

import feedparser
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.contract import Batch
from collectors.feeds import fast, slow
from models.domain.post import RawPost
from tests.collectors.feeds import random_feeds
from tests.collectors.feeds.batches import ADDRESS, as_json, fixtures

FIELDS = ("id", "link", "title", "published", "content", "tags")
SEEDS = 400

_VOID = re.compile(r"</(?:br|img|hr)>")


def without_alt(batch: Batch) -> Batch:
    """feedparser does not tell which description belongs to which picture."""
    posts = [
        replace(post, media=tuple(replace(media, alt=None) for media in post.media))
        for post in batch.posts
    ]
    return replace(batch, posts=tuple(posts))


def check_equal(body: bytes, quick: Batch) -> None:
    thorough = slow.read(body, "application/xml", ADDRESS)
    assert thorough is not None
    assert as_json(without_alt(quick)) == as_json(without_alt(thorough))


@pytest.mark.parametrize("path", fixtures(), ids=lambda path: path.name)
def test_both_readers_agree_on_fixtures(path: Any) -> None:
    body = path.read_bytes()
    quick = fast.read(body, ADDRESS)
    if quick is None:
        pytest.skip("feedparser's share")
    check_equal(body, quick)


@settings(max_examples=200, deadline=None)
@given(st.integers(min_value=0, max_value=2**40))
def test_both_readers_agree_on_random_feeds(seed: int) -> None:
    body = random_feeds.feed(Random(seed))
    quick = fast.read(body, ADDRESS)
    if quick is not None:
        check_equal(body, quick)


def test_agreement_with_feedparser_itself() -> None:
    """Not by way of the slow reader: against what feedparser says, field by field."""
    agreed: Counter[str] = Counter()
    entries = feeds_read = 0
    for seed in range(SEEDS):
        body = random_feeds.feed(Random(seed))
        quick = fast.read(body, ADDRESS)
        if quick is None:
            continue
        feeds_read += 1
        theirs = feedparsers_view(body)
        assert len(quick.posts) == len(theirs)
        for post, their in zip(quick.posts, theirs, strict=True):
            entries += 1
            ours = our_view(post)
            agreed.update(field for field in FIELDS if same(field, ours, their))
    assert feeds_read >= 0.95 * SEEDS
    assert entries > 2 * SEEDS
    assert {
        field: agreed[field] / entries for field in FIELDS if agreed[field] < 0.99 * entries
    } == {}


def same(field: str, ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> bool:
    if field == "id" and theirs["id"] is None:
        return True  # ours is made of the link or the text then
    return bool(ours[field] == theirs[field])


def our_view(post: RawPost) -> dict[str, Any]:
    return {
        "id": post.external_id,
        "link": post.url,
        "title": post.title,
        "published": post.published_at,
        "content": post.content,
        "tags": set(post.tags),
    }


def feedparsers_view(body: bytes) -> list[dict[str, Any]]:
    parsed = feedparser.parse(
        io.BytesIO(body),
        response_headers={"content-type": "application/xml", "content-location": ADDRESS},
        sanitize_html=False,
        resolve_relative_uris=False,
    )
    base = parsed.feed.get("link", ADDRESS)
    views = [view_of(entry, base, parsed.version) for entry in parsed.entries]
    named = ("id", "link", "title", "content")
    return [view for view in views if any(view[field] for field in named)]


def view_of(entry: Any, base: str, version: str) -> dict[str, Any]:
    texts = [content["value"] for content in entry.get("content", ())] + [entry.get("summary", "")]
    terms = {tag[key] for tag in entry.get("tags", ()) for key in ("term", "label") if tag[key]}
    moment = entry.get("published_parsed")
    if moment is None and version.startswith("rss") and "updated_parsed" in entry:
        moment = entry["updated_parsed"]
    link = entry.get("link") or None
    if link and link.startswith("tag:"):
        link = None  # an id in a missing link's place
    if link:
        link = link.replace("https://feeds.example.com/dir/", base).replace(
            "https://feeds.example.com/", base
        )
    return {
        "id": entry.get("id"),
        "link": link,
        "title": _VOID.sub("", entry.get("title", "")) or None,
        "published": datetime.fromtimestamp(calendar.timegm(moment), UTC) if moment else None,
        "content": max((_VOID.sub("", text) for text in texts), key=len),
        "tags": terms,
    }
