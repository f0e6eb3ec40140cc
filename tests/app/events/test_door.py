"""Streams under a real server: who gets one, what it says, and how it ends."""

import http.client
import json
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psutil
import pytest
from sqlalchemy import select

from app.api import documents
from app.events import limits
from app.events import stream as streams
from app.web import create_app
from app.wiring import Services
from models.store import changelog, courses
from models.tables.posts import PostTable
from tests.app.conftest import entry, merge, publish
from tests.app.events.reading import Reader
from tests.app.events.serving import EVENTS, Door, served
from tests.waiting import wait_for


@pytest.fixture
def door(services: Services) -> Iterator[Door]:
    with served(create_app(services)) as door:
        yield door


def ask(door: Door, method: str, path: str = EVENTS, **headers: str) -> Any:
    """An answer that ends, with its body read."""
    connection = http.client.HTTPConnection("127.0.0.1", door.port, timeout=20)
    connection.request(method, path, headers=headers)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer, body


def write(services: Services, number: int, text: str = "Neu", **more: str) -> int:
    """Publishes a post; the course's revision afterwards."""
    at = datetime.now(UTC) - timedelta(minutes=1)
    publish(services, "https://ben.example/feed", entry("ben.example", number, at, text, **more))
    return revision_of(services)


def revision_of(services: Services) -> int:
    with services.database.reading() as session:
        return courses.plain_course(session, "sample").revision


def number_of(door: Door, name: str) -> float:
    _, body = ask(door, "GET", "/metrics")
    lines = [line.split() for line in body.decode().splitlines()]
    return next(float(line[1]) for line in lines if line[0] == name)


def connections(door: Door) -> list[Any]:
    """That the server holds."""
    found = psutil.Process().net_connections("tcp")
    return [one for one in found if one.raddr and one.laddr.port == door.port]


def test_what_a_stream_is_like(door: Door) -> None:
    stream = door.open()
    assert stream.status == 200
    assert stream.headers["content-type"] == "text/event-stream"
    assert stream.headers["cache-control"] == "no-store"
    assert stream.headers["x-accel-buffering"] == "no"
    assert stream.headers["access-control-allow-origin"] == "*"
    zipped = door.open(headers={"Accept-Encoding": "gzip"})
    assert "content-encoding" not in {**stream.headers, **zipped.headers}


def test_a_new_reader_hears_what_happens_from_now_on(door: Door, services: Services) -> None:
    stream = door.open()
    stream.hears(revision_of(services))
    assert stream.reader.told == []
    first = write(services, 2)
    stream.hears(first)
    second = write(services, 2, "Geändert")
    stream.hears(second)
    told = [(one.revision, one.change) for one in stream.reader.told]
    assert told == [(first, "post"), (second, "change")]
    path = f"/api/v1/courses/sample/posts/{stream.reader.told[-1].data['id']}"
    assert stream.reader.told[-1].data == json.loads(ask(door, "GET", path)[1])


def test_the_past_is_told_as_the_change_log_has_it(door: Door, services: Services) -> None:
    merge(services)
    last = revision_of(services)
    stream = door.open(Reader(last="0"))
    stream.hears(last)
    with services.database.reading() as session:
        course = courses.plain_course(session, "sample")
        found, _ = changelog.changes(session, course, 0)
    expected = [
        (
            change.revision,
            change.change,
            json.loads(json.dumps(documents.post(change.post)))
            if change.post
            else {"id": change.id},
        )
        for change in found
    ]
    assert [(one.revision, one.change, one.data) for one in stream.reader.told] == expected
    assert expected[-1][1] == "withdraw"
    assert {"post", "change", "withdraw"} == {change for _, change, _ in expected}


def test_what_is_no_longer_visible_is_told_to_nobody(door: Door, services: Services) -> None:
    """Not even to who asks for the time when it was there."""
    before = revision_of(services)
    early = door.open(Reader(last="0"))
    early.hears(before)
    with services.database.reading() as session:
        number = session.scalars(select(PostTable.id).where(PostTable.url.like("%ben%"))).one()
    write(services, 1, "Ohne das Schlagwort", author="Ben (Muster)", tag="anderes")
    last = revision_of(services)
    early.hears(last)
    late = door.open(Reader(last="0"))
    late.hears(last)
    about = [one for one in late.reader.told if one.data["id"] == number]
    assert [about[0].change, about[-1].change] == ["post", "withdraw"]
    assert all(one.data == {"id": number} for one in about)


@pytest.mark.parametrize("count", [0, 1, 3])
def test_resuming_by_header_or_parameter(door: Door, services: Services, count: int) -> None:
    last = revision_of(services)
    expected = list(range(last - count + 1, last + 1))
    place = last - count
    by_parameter = f"{EVENTS}?last_event_id={place}"
    stale = f"{EVENTS}?last_event_id=1"
    opened = [
        door.open(headers={"Last-Event-ID": str(place)}),
        door.open(path=by_parameter),
        door.open(path=by_parameter, headers={"Last-Event-ID": ""}),
        door.open(path=stale, headers={"Last-Event-ID": str(place)}),
    ]
    then = write(services, 2)
    for stream in opened:
        stream.hears(then)
        assert stream.reader.revisions == [*expected, then]


def test_an_id_of_the_future_is_brought_back(door: Door, services: Services) -> None:
    stream = door.open(Reader(last="999999999999999"))
    wait_for(lambda: stream.reader.last == str(revision_of(services)))
    last = write(services, 2)
    wait_for(lambda: stream.reader.revisions == [last])


@pytest.mark.parametrize(
    ("path", "given", "status"),
    [
        ("/api/v1/courses/nobody/events", {}, 404),
        ("/api/v1/courses/NO!/events", {}, 404),
        (EVENTS, {"Last-Event-ID": "abc"}, 422),
        (EVENTS, {"Last-Event-ID": "-1"}, 422),
        (EVENTS, {"Last-Event-ID": "1" * 16}, 422),
        (EVENTS, {"Last-Event-ID": "1 "}, 200),
        (f"{EVENTS}?last_event_id=x", {}, 422),
        (f"{EVENTS}?since=4", {}, 422),
        (f"{EVENTS}?last_event_id=1&last_event_id=2&x=1", {}, 422),
    ],
)
def test_who_gets_none(door: Door, path: str, given: dict[str, str], status: int) -> None:
    if status == 200:
        assert door.open(path=path, headers=given).status == 200
        return
    answer, body = ask(door, "GET", path, **given)
    assert answer.status == json.loads(body)["status"] == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["cache-control"] == "no-store"
    assert not [value for value in given.values() if value in body.decode()]


def test_other_methods(door: Door) -> None:
    answer, body = ask(door, "HEAD")
    assert (answer.status, body) == (200, b"")
    assert answer.headers["content-type"] == "text/event-stream"
    answer, body = ask(door, "OPTIONS", Origin="https://a.example")
    assert (answer.status, body) == (204, b"")
    assert "Last-Event-ID" in answer.headers["access-control-allow-headers"]
    answer, body = ask(door, "POST")
    assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD, OPTIONS")
    answer, _ = ask(door, "GET", f"{EVENTS}/")
    assert (answer.status, answer.headers["location"]) == (308, EVENTS)


def test_only_so_many(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST", 2)
    with served(create_app(services)) as door:
        first, second = door.open(), door.open()
        assert (first.status, second.status) == (200, 200)
        answer, body = ask(door, "GET")
        assert (answer.status, answer.headers["retry-after"]) == (503, "30")
        assert answer.headers["access-control-allow-origin"] == "*"
        assert json.loads(body)["type"] == "urn:moocfeed:problem:unavailable"
        assert ask(door, "GET", "/api/v1/courses/sample/posts")[0].status == 200
        assert number_of(door, "moocfeed_streams_refused_total") == 1
        first.close()
        wait_for(lambda: number_of(door, "moocfeed_streams") == 1)
        assert door.open().status == 200


def test_streams_are_counted(door: Door, services: Services) -> None:
    opened = [door.open() for _ in range(3)]
    for stream in opened:
        stream.hears(revision_of(services))
    last = write(services, 2)
    for stream in opened:
        stream.hears(last)
    wait_for(lambda: number_of(door, "moocfeed_stream_events_total") == 3)
    assert number_of(door, "moocfeed_streams") == 3
    for stream in opened:
        stream.close()
    wait_for(lambda: number_of(door, "moocfeed_streams") == 0)


def test_comments_keep_it_open(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "HEARTBEAT", 0.01)
    with served(create_app(services)) as door:
        stream = door.open()
        wait_for(lambda: stream.reader.comments > 3)
        last = write(services, 2)
        stream.hears(last)
        assert stream.reader.revisions == [last]


def test_who_takes_nothing_is_cut(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    """Others hear everything meanwhile, and a reader that comes back misses nothing."""
    monkeypatch.setattr(streams, "PATIENCE", 0.3)
    at = datetime.now(UTC) - timedelta(minutes=1)
    for part in range(8):
        long = ("<p>" + "Wort " * 20_000 + "</p>").replace("<", "&lt;")
        publish(
            services,
            "https://ben.example/feed",
            *(
                entry("ben.example", 100 + 20 * part + number, at, f"{long} {part} {number}")
                for number in range(20)
            ),
        )
    last = revision_of(services)
    with served(create_app(services)) as door, socket.socket() as deaf:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        deaf.connect(("127.0.0.1", door.port))
        deaf.sendall(f"GET {EVENTS} HTTP/1.1\r\nHost: a\r\nLast-Event-ID: 0\r\n\r\n".encode())
        wait_for(lambda: number_of(door, "moocfeed_streams_cut_total") == 1)
        assert number_of(door, "moocfeed_streams") == 0
        wait_for(lambda: not connections(door))
        other = door.open(Reader(last="0"))
        other.hears(last)
        assert other.reader.revisions == list(range(1, last + 1))
