"""Feeds out: read again by a feed reader they say the same, whatever the posts hold."""

import io
import time
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import feedparser
import pytest
from icalendar import Calendar
from lxml import etree
from starlette.testclient import TestClient

from app.syndication import atom, rss
from app.syndication.channel import author_of
from app.syndication.xml import ATOM
from app.wiring import Services
from models.store.rows import FeedAuthor, FeedSource
from tests.app.syndication.samples import a_post, channel


@pytest.mark.parametrize("writer", [rss, atom])
def test_a_reader_reads_the_same(writer: Any) -> None:
    found = feedparser.parse(io.BytesIO(writer.write(channel(a_post()))))
    assert not found.bozo
    assert found.feed.title == "Ein Beispielkurs"
    read = found.entries[0]
    assert read.id == "urn:uuid:0199b1a0-7c1e-7000-8000-3f5c2f1e9a10"
    assert (read.title, read.link, read.author) == (
        "Ein Titel",
        "https://ada.example/1",
        "Ada (Muster)",
    )
    assert read.published_parsed[:5] == (2026, 11, 3, 10, 0)
    assert read.content[0].value == "<p>Text</p>"
    assert read.tags[0].term == "sample"
    assert read.source.title == "Adas Blog"


def test_somebody_is_always_the_author() -> None:
    nobody = FeedAuthor(" ", None, None, None, None)
    known = FeedAuthor("\x00", None, "@ben@social.example", None, None)
    assert author_of(a_post(author=known)) == "@ben@social.example"
    assert author_of(a_post(author=nobody)) == "Adas Blog"
    assert author_of(a_post(author=nobody, sources=())) == "?"


def test_only_a_feed_is_a_source_to_subscribe_to() -> None:
    feed = FeedSource("s1", "feed", "Blog", "https://ada.example/feed")
    home = FeedSource("s2", "blog", "Blog", "https://ada.example/")
    for source, rel in ((feed, "self"), (home, "alternate")):
        root = etree.fromstring(atom.write(channel(a_post(sources=(source,)))))
        link = root.find(f"{{{ATOM}}}entry/{{{ATOM}}}source/{{{ATOM}}}link")
        assert link is not None
        assert (link.get("rel"), link.get("href")) == (rel, source.url)


@pytest.mark.parametrize("suffix", ["rss", "atom", "json"])
def test_a_feed_says_what_the_list_says(client: TestClient, suffix: str) -> None:
    """Our own output, read again: the same ids, addresses, titles and times."""
    posts = client.get("/api/v1/courses/sample/posts?limit=100").json()["items"]
    answer = client.get(f"/sample/feed.{suffix}?limit=100")
    if suffix == "json":
        read = [
            (item["id"], item["url"], item["title"], item["date_published"])
            for item in answer.json()["items"]
        ]
    else:
        read = [
            (entry.id, entry.link, entry.title, _stamp(entry.published_parsed))
            for entry in feedparser.parse(io.BytesIO(answer.content)).entries
        ]
    assert read == [
        (f"urn:uuid:{post['id']}", post["url"], post["title"], post["published_at"])
        for post in posts
    ]


def _stamp(parsed: time.struct_time) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", parsed)


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("feed.rss", "application/rss+xml"),
        ("feed.atom", "application/atom+xml"),
        ("feed.json", "application/feed+json"),
        ("sources.opml", "text/x-opml"),
        ("calendar.ics", "text/calendar"),
    ],
)
def test_media_types(client: TestClient, name: str, media_type: str) -> None:
    for prefix in ("/sample", "/api/v1/courses/sample"):
        answer = client.get(f"{prefix}/{name}")
        assert answer.status_code == 200
        assert answer.headers["content-type"] == f"{media_type}; charset=utf-8"


@pytest.mark.parametrize("suffix", ["rss", "atom", "json"])
def test_short_and_long_addresses_answer_alike(client: TestClient, suffix: str) -> None:
    short = client.get(f"/sample/feed.{suffix}?limit=3")
    long = client.get(f"/api/v1/courses/sample/feed.{suffix}?limit=3")
    assert short.status_code == 200
    assert short.content == long.content
    assert short.headers["content-type"] == long.headers["content-type"]
    assert client.get(f"/sample/feed.{suffix}?foo=1").status_code == 422
    assert client.get(f"/nobody/feed.{suffix}").status_code == 404


def test_json_feed(client: TestClient) -> None:
    found = client.get("/sample/feed.json?limit=100").json()
    assert found["version"] == "https://jsonfeed.org/version/1.1"
    assert len(found["items"]) == 25
    assert {"id", "url", "title", "content_html", "date_published"} <= found["items"][0].keys()


def test_archives_lead_through_the_weeks(client: TestClient) -> None:
    newest = feedparser.parse(io.BytesIO(client.get("/sample/feed.atom").content))
    archive = next(link.href for link in newest.feed.links if link.rel == "prev-archive")
    parts = urlsplit(archive)
    found = client.get(f"{parts.path}?{parts.query}")
    read = feedparser.parse(io.BytesIO(found.content))
    assert b"fh:archive" in found.content
    assert {link.rel for link in read.feed.links} >= {"self", "current"}
    weeks = client.get("/api/v1/courses/sample/posts?week=1&limit=100").json()["items"]
    assert {entry.link for entry in read.entries} == {post["url"] for post in weeks}


def test_tombstones(client: TestClient, services: Services) -> None:
    from models.store import courses, sources, withdrawing

    post = next(
        item
        for item in client.get("/api/v1/courses/sample/posts").json()["items"]
        if "ben" in item["url"]
    )
    with services.database.writing() as session:
        course = courses.course(session, "sample")
        source = sources.get(session, post["sources"][0]["id"])
        withdrawing.withdraw_source(session, course.id, source.id, datetime.now(UTC))
    body = client.get("/sample/feed.atom", headers={"Cookie": "past=the cache"}).text
    assert f'deleted-entry ref="urn:uuid:{post["id"]}"' in body
    longer = client.get("/sample/feed.atom?limit=50", headers={"Cookie": "past=the cache"}).text
    assert "deleted-entry" in longer
    narrowed = client.get("/sample/feed.atom?tag=sample", headers={"Cookie": "past=the cache"})
    assert "deleted-entry" not in narrowed.text  # another feed: it may never have held the post


def test_opml_names_sources(client: TestClient) -> None:
    root = etree.fromstring(client.get("/sample/sources.opml").content)
    outlines = root.findall("body/outline")
    assert {one.get("xmlUrl") for one in outlines} == {
        "https://ada.example/feed",
        "https://ben.example/feed",
    }
    assert "Ada (Muster)" in {one.get("text") for one in outlines}


def test_calendar(client: TestClient) -> None:
    answer = client.get("/sample/calendar.ics")
    assert answer.headers["content-type"].startswith("text/calendar")
    events = Calendar.from_ical(answer.content).walk("VEVENT")
    assert len(events) == 3
    talk = next(event for event in events if event["SUMMARY"] == "Sprechstunde")
    assert talk.decoded("DTSTART").utcoffset() == timedelta(0)
    assert len({str(event["UID"]) for event in events}) == 3
    assert client.get("/sample/calendar.ics").content == answer.content


def test_filters_narrow_feeds_too(client: TestClient) -> None:
    found = feedparser.parse(io.BytesIO(client.get("/sample/feed.rss?q=werkzeuge").content))
    assert len(found.entries) == 1
