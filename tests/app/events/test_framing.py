"""Frames: one event each, whatever a post says; pages that end somewhere."""

from dataclasses import replace
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.api import documents
from app.events import framing
from app.wiring import Services
from collectors.contract import Event
from collectors.sse import EventStream
from models.store import changelog, courses
from models.store.rows import Change, FeedPost
from tests.app.events.reading import Reader

TEXTS = st.text(st.characters(codec="utf-8") | st.sampled_from("\r\n\u2028\u2029\x85\0:"))


def read(body: bytes) -> Reader:
    reader = Reader()
    reader.feed(body)
    return reader


@pytest.fixture
def some_post(services: Services) -> FeedPost:
    with services.database.reading() as session:
        course = courses.plain_course(session, "sample")
        found, _ = changelog.changes(session, course, 0, limit=1)
    assert found[0].post is not None
    return found[0].post


def test_an_event_says_what_the_api_says(some_post: FeedPost) -> None:
    told = read(framing.event(Change(7, "post", some_post.id, some_post))).told
    said = orjson.loads(orjson.dumps(documents.post(some_post)))
    assert [(one.revision, one.change, one.data) for one in told] == [(7, "post", said)]


@pytest.mark.parametrize("change", ["post", "change", "withdraw"])
def test_of_what_is_not_visible_stays_the_id(change: str) -> None:
    told = read(framing.event(Change(8, change, "an id", None))).told
    assert [(one.change, one.data) for one in told] == [(change, {"id": "an id"})]


def test_whatever_a_post_says_it_stays_one_event(some_post: FeedPost) -> None:
    @given(title=TEXTS, content=TEXTS)
    def say(title: str, content: str) -> None:
        post = replace(some_post, title=title, content_html=content)
        body = framing.event(Change(9, "change", post.id, post))
        data: Any = read(body).told[0].data
        assert (data["title"], data["content_html"]) == (title, content)
        assert len(read(body).told) == 1
        stream = EventStream()  # written for other servers' streams
        events = [event for byte in body for event in stream.feed(bytes([byte]))]
        assert [event.name for event in events] == ["change"]
        assert isinstance(events[0], Event)

    say()


@given(sizes=st.lists(st.integers(0, framing.PAGE_BYTES * 2), min_size=1, max_size=framing.PAGE))
def test_a_page_ends_with_the_change_that_goes_beyond(sizes: list[int]) -> None:
    changes = [
        Change(revision, "withdraw", "x" * size, None)
        for revision, size in enumerate(sizes, start=5)
    ]
    page = framing.page(changes)
    told = read(page.body).told
    assert [one.revision for one in told] == list(range(5, 5 + page.events))
    assert page.revision == told[-1].revision
    without_last = len(page.body) - len(framing.event(changes[page.events - 1]))
    assert without_last < framing.PAGE_BYTES
    if page.events < len(changes):
        assert len(page.body) >= framing.PAGE_BYTES


def test_the_log_is_read_to_its_end(services: Services) -> None:
    reader, place = Reader(), 0
    while (page := framing.read(services.database, "sample", place)).events:
        assert page.events <= framing.PAGE
        reader.feed(page.body)
        place = page.revision
    assert page == framing.Page(b"", 0, place)
    assert reader.revisions == list(range(1, place + 1))


def test_who_is_ahead_is_told_where_the_course_is(services: Services) -> None:
    with services.database.reading() as session:
        revision = courses.plain_course(session, "sample").revision
    page = framing.read(services.database, "sample", revision + 5)
    assert (page.events, page.revision) == (0, revision)
    reader = read(page.body)
    assert (reader.last, reader.told) == (str(revision), [])


def test_the_blocks_that_are_no_events() -> None:
    reader = read(framing.retry(3000) + framing.HEARTBEAT + framing.place(4))
    assert (reader.told, reader.last, reader.comments) == ([], "4", 1)
