"""From an answer to entries that may be stored: each fixture beside what comes of it."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from html import escape
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.contract import Reply
from collectors.reading import read
from models.domain.post import Post
from models.domain.source import Match, Rule, SourceSpec
from tests.collectors.feeds.batches import as_json

FIXTURES = Path(__file__).parents[1] / "fixtures" / "readings"
ADDRESS = "https://feeds.example.com/dir/feed.xml"
NOW = datetime(2024, 7, 7, 12, tzinfo=UTC)
RULE = Rule(hashtags=("e20mooc",), match=Match.ALL, language="de")
SOURCE = SourceSpec("source", "feed", ADDRESS, RULE, title="Die Quelle")
SHOWN = (
    *("external_id", "url", "title", "content_html", "published_at", "dated", "updated_at"),
    *("author", "hashtags", "links", "media"),
)


def posts(body: bytes, source: SourceSpec = SOURCE) -> list[Post]:
    reading = read(source, Reply(ADDRESS, 200, {"content-type": "application/xml"}, body), NOW)
    return [entry for entry in reading.entries if isinstance(entry, Post)]


def shown(post: Post) -> dict[str, Any]:
    """What a reader would see of it, without what is empty."""
    values = {name: as_json(getattr(post, name)) for name in SHOWN}
    values["author"] = post.author.name
    return {name: value for name, value in values.items() if value not in (None, "", [])}


def fixtures() -> list[Path]:
    return sorted(path for path in FIXTURES.iterdir() if ".expected" not in path.name)


@pytest.mark.parametrize("path", fixtures(), ids=lambda path: path.name)
def test_is_read_as_expected(path: Path) -> None:
    expected = json.loads(path.with_name(path.name + ".expected.json").read_text("utf-8"))
    assert [shown(post) for post in posts(path.read_bytes())] == expected


def item(inner: str, title: str = "Sample blog") -> bytes:
    channel = f"<title>{title}</title><link>https://blog.example.org/</link>"
    return f"<rss version='2.0'><channel>{channel}<item>{inner}</item></channel></rss>".encode()


@pytest.mark.parametrize(
    ("guid", "everywhere"),
    [
        ("tag:blog.example.org,2024:1", True),
        ("urn:uuid:60a76c80-d399-11d9-b93c-0003939e0af6", True),
        ("https://blog.example.org/?p=1", True),
        ("1", False),
        ("post-7", False),
        ("11 at https://blog.example.org", False),
    ],
)
def test_an_id_counts_everywhere_if_it_is_an_absolute_uri(guid: str, everywhere: bool) -> None:
    body = item(f'<title>t</title><guid isPermaLink="false">{guid}</guid>')
    (one,) = posts(body)
    (other,) = posts(body, replace(SOURCE, id="other"))
    assert one.entry_key == other.entry_key
    assert bool(set(one.identity_keys) & set(other.identity_keys)) is everywhere


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("<link>https://blog.example.org/a</link>", "<link>http://www.blog.example.org/a/</link>"),
        ("<link>https://blog.example.org/a</link>", "<link>/a?utm_source=feed</link>"),
        ("<description>Text</description>", "<description>Text</description>"),
    ],
)
def test_without_an_id_the_canonical_link_or_the_text_names_an_entry(one: str, other: str) -> None:
    title = "<title>t</title>"
    ((first,), (second,)) = posts(item(title + one)), posts(item(title + other))
    assert first.entry_key == second.entry_key
    (third,) = posts(item(f"{title}<link>https://blog.example.org/b</link>"))
    assert third.entry_key != first.entry_key


@pytest.mark.parametrize(
    ("inner", "participant", "name"),
    [
        ("<author>a@example.org (Sample Ada)</author>", "Sample Bert", "Sample Ada"),
        ("", "Sample Bert", "Sample Bert"),
        ("<author>a@example.org</author>", "Sample Bert", "Sample Bert"),
        ("", None, "Sample blog"),
    ],
)
def test_who_wrote_an_entry(inner: str, participant: str | None, name: str) -> None:
    source = replace(SOURCE, participant_name=participant)
    (post,) = posts(item(f"<title>t</title>{inner}"), source)
    assert post.author.name == name


when = st.datetimes(timezones=st.just(UTC)).map(format_datetime) | st.text(
    st.characters(codec="utf-8", categories=["L", "N", "P", "Zs"]), max_size=40
)


@given(when, when)
def test_no_post_is_older_than_the_web_or_far_ahead(published: str, updated: str) -> None:
    dates = f"<pubDate>{escape(published)}</pubDate><dc:date>{escape(updated)}</dc:date>"
    body = item(f"<title>t</title>{dates}").replace(
        b"<rss", b"<rss xmlns:dc='http://purl.org/dc/elements/1.1/'"
    )
    (post,) = posts(body)
    assert post.published_at.tzinfo is UTC
    assert datetime(1990, 1, 1, tzinfo=UTC) <= post.published_at <= NOW + timedelta(days=1)
    assert post.dated or post.published_at == NOW
    assert post.updated_at is None or post.published_at < post.updated_at <= NOW + timedelta(days=1)


def test_a_source_without_a_title_is_called_by_its_host() -> None:
    (post,) = posts(item("<title>t</title>", title=""), replace(SOURCE, title=None))
    assert post.author.name == "feeds.example.com"
