"""Whatever people write, the documents stay well-formed and say no more than they should."""

import html
import io
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import feedparser
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar
from lxml import etree

from app.syndication import atom, ical, jsonfeed, opml, rss
from app.syndication.xml import ATOM
from models.domain.course import Event
from models.store.rows import FeedAuthor, FeedSource, PublicSource, Withdrawn
from tests.app.syndication.samples import AT, COURSE, WEEKS, a_post, channel

HOME = "https://feed.example/sample"
ANY = st.text(st.characters(exclude_categories=()))
"""Surrogates and control characters too."""
STORED = st.text()
"""What a database can hold: no surrogates."""
LINE = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1)
TIMES = st.datetimes(
    min_value=datetime(1990, 1, 1),  # noqa: DTZ001
    max_value=datetime(2100, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
).map(lambda moment: moment.replace(microsecond=0))


@st.composite
def posts(draw: st.DrawFn, text: st.SearchStrategy[str]) -> Any:
    return a_post(
        url=draw(text),
        title=draw(st.none() | text),
        content_html=draw(text),
        excerpt=draw(text),
        language=draw(st.none() | text),
        author=FeedAuthor(draw(text), draw(st.none() | text), draw(st.none() | text), None, None),
        sources=draw(st.just(()) | text.map(lambda name: (FeedSource("s", "feed", name, name),))),
        hashtags=tuple(draw(st.lists(text, max_size=3))),
        in_reply_to=draw(st.none() | text),
        content_warning=draw(st.none() | text),
    )


@given(post=posts(ANY), title=ANY)
def test_xml_stays_well_formed(post: Any, title: str) -> None:
    document = channel(post, title=title, withdrawn=(Withdrawn(post.id, 1, AT),))
    read = etree.fromstring(atom.write(document))
    assert [child.tag for child in read.iter(f"{{{ATOM}}}entry")] == [f"{{{ATOM}}}entry"]
    assert read.findtext(f"{{{ATOM}}}entry/{{{ATOM}}}author/{{{ATOM}}}name")
    assert read.findtext(f"{{{ATOM}}}entry/{{{ATOM}}}title")
    assert len(etree.fromstring(rss.write(document)).findall("channel/item")) == 1


@given(name=ANY, url=ANY, feed_url=st.none() | ANY, person=st.none() | ANY)
def test_opml_stays_well_formed(
    name: str, url: str, feed_url: str | None, person: str | None
) -> None:
    source = PublicSource("s", "blog", name, url, feed_url, person)
    root = etree.fromstring(opml.write(COURSE, [source]))
    assert len(root.findall("body/outline")) == 1


@given(post=posts(STORED))
def test_json_feed_has_what_it_must(post: Any) -> None:
    """Of JSON Feed 1.1: ids, content and authors of each item."""
    feed = json.loads(jsonfeed.write(channel(post)))
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["title"]
    item = feed["items"][0]
    assert item["id"] == f"urn:uuid:{post.id}"
    assert post.content_html.replace("bdo", "bdi") in item["content_html"].replace("bdo", "bdi")
    assert item["authors"][0]["name"]


@given(content=st.text(st.characters(categories=["L", "N", "P", "S"])), title=LINE, moment=TIMES)
def test_readers_read_what_was_written(content: str, title: str, moment: datetime) -> None:
    escaped = content.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    post = a_post(content_html=escaped, title=title, published_at=moment, updated_at=moment)
    for writer in (rss, atom):
        found = etree.fromstring(writer.write(channel(post)))
        texts = {element.text for element in found.iter()}
        assert escaped in (texts if escaped else {""})
        assert texts & {title, html.escape(title, quote=False)}
        entry = feedparser.parse(io.BytesIO(writer.write(channel(post)))).entries[0]
        assert entry.id == f"urn:uuid:{post.id}"
        assert entry.published_parsed[:6] == moment.timetuple()[:6]


@given(title=STORED, question=st.none() | STORED, name=LINE)
def test_a_calendar_has_no_lines_of_others(title: str, question: str | None, name: str) -> None:
    event = Event(name, AT)
    weeks = (replace(WEEKS[0], title=title, question=question, events=(event,)),)
    written = ical.write(replace(COURSE, title=title, weeks=weeks), HOME, AT)
    assert all(byte >= 32 or byte in b"\t\r\n" for byte in written)
    assert b"\r" not in written.replace(b"\r\n", b"")
    assert all(len(line) <= 75 for line in written.split(b"\r\n"))
    events = Calendar.from_ical(written).walk("VEVENT")
    assert str(events[1]["SUMMARY"]) == name
    assert [one.decoded("DTSTART") for one in events] == [WEEKS[0].starts_on, AT]


def test_a_calendar_is_named_in_one_line() -> None:
    written = ical.write(replace(COURSE, title="Tools, Wege\nund mehr"), HOME, AT)
    assert b"\r\nNAME:Tools\\, Wege und mehr\r\n" in written
    assert b"\r\nX-WR-CALNAME:Tools\\, Wege und mehr\r\n" in written


def test_an_event_that_moves_stays_the_same_event() -> None:
    def uids(*events: Event) -> list[str]:
        weeks = (replace(WEEKS[0], events=events),)
        written = ical.write(replace(COURSE, weeks=weeks), HOME, AT)
        return [str(one["UID"]) for one in Calendar.from_ical(written).walk("VEVENT")][1:]

    talk = Event("Sprechstunde", AT)
    later = replace(talk, starts_at=AT + timedelta(days=1))
    assert uids(talk) == uids(later)
    assert len(set(uids(talk, later))) == 2
    assert uids(replace(talk, title="Vortrag"), talk)[1:] == uids(talk)
