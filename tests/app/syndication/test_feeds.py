"""Feeds out: read again by a feed reader they say the same, whatever the posts hold."""

import io
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import feedparser
import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar
from lxml import etree
from starlette.testclient import TestClient

from app.syndication import atom, jsonfeed, rss
from app.syndication.channel import Channel, title_of
from app.wiring import Services
from models.domain.course import Course
from models.store.rows import FeedAuthor, FeedPost, FeedSource

AT = datetime(2026, 11, 3, 10, tzinfo=UTC)
COURSE = Course(slug="sample", title="Ein Beispielkurs", hashtags=("sample",))


def a_post(**values: Any) -> FeedPost:
    given_values: dict[str, Any] = {
        "id": "0199b1a0-7c1e-7000-8000-3f5c2f1e9a10",
        "course": "sample",
        "kind": "blog",
        "url": "https://ada.example/1",
        "title": "Ein Titel",
        "content_html": "<p>Text</p>",
        "excerpt": "Text",
        "language": "de",
        "published_at": AT,
        "updated_at": AT + timedelta(hours=1),
        "first_seen_at": AT + timedelta(hours=2),
        "author": FeedAuthor("Ada (Muster)", "https://ada.example/", None, None, None),
        "sources": (FeedSource("s1", "feed", "Adas Blog", "https://ada.example/feed"),),
        "hashtags": ("sample",),
        "links": (),
        "media": (),
        "in_reply_to": None,
        "announced_by": (),
        "responses": 0,
        "week": None,
        "pinned": False,
        "sensitive": False,
        "content_warning": None,
        "revision": 1,
    }
    return FeedPost(**{**given_values, **values})


def channel(*posts: FeedPost) -> Channel:
    return Channel(
        course=COURSE,
        title="Ein Beispielkurs",
        home_url="https://feed.example/sample",
        self_url="https://feed.example/sample/feed.atom",
        updated_at=AT,
        posts=posts,
    )


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


@given(
    text=st.text(),
    title=st.none() | st.text(),
    name=st.text(),
    tags=st.lists(st.text(min_size=1), max_size=3),
)
def test_no_post_breaks_a_feed(text: str, title: str | None, name: str, tags: list[str]) -> None:
    clean = "".join(c for c in text if not 0xD800 <= ord(c) <= 0xDFFF)
    post = a_post(
        content_html=text,
        excerpt=text,
        title=title,
        author=FeedAuthor(name, None, None, None, None),
        hashtags=tuple(tags),
    )
    for writer in (rss, atom):
        assert etree.fromstring(writer.write(channel(post))) is not None
    if clean == text:
        assert json.loads(jsonfeed.write(channel(a_post(content_html=clean))))["items"]


def test_titles_are_made_where_there_are_none() -> None:
    long = "Ein Kurzbeitrag, der länger ist als ein Titel sein darf, und noch weiter geht"
    made = title_of(a_post(title=None, excerpt=long))
    assert made.startswith("Ada (Muster): Ein Kurzbeitrag")
    assert made.endswith(" …")
    assert len(made) < 80
    warned = title_of(a_post(title=None, content_warning="Essen", excerpt=long))
    assert warned == "Ada (Muster): Essen"


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
    from models.store import courses, intake, sources

    post = next(
        item
        for item in client.get("/api/v1/courses/sample/posts").json()["items"]
        if "ben" in item["url"]
    )
    with services.database.writing() as session:
        course = courses.course(session, "sample")
        source = sources.get(session, post["sources"][0]["id"])
        intake.withdraw_source(session, course.id, source.id, datetime.now(UTC))
    body = client.get("/sample/feed.atom", headers={"Cookie": "past=the cache"}).text
    assert f'deleted-entry ref="urn:uuid:{post["id"]}"' in body


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
