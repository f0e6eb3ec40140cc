"""Hosts that ask for fewer requests, and those that another collector talks to."""

from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler

import pytest
from sqlalchemy import update

from models.store import leases
from models.tables.sources import SourceTable
from tests.collectors.courses import BEGIN, Collecting
from tests.collectors.pipeline.answers import (
    FEED,
    JSON,
    OTHER,
    TIMELINE,
    on_sqlite,
    page_of,
    written,
)
from tests.sites import Page, site


def test_retry_after_holds_for_the_whole_host(collecting: Collecting) -> None:
    refusal = Page(status=429, headers={"Retry-After": "7200"})
    with site({"/a": refusal, "/b": refusal}) as blog:
        ids = collecting.add(("feed", f"{blog.origin}/a"), ("feed", f"{blog.origin}/b"))
        collecting.run()
        assert len(blog.requests) == 1
        collecting.later_run(minutes=119)
        assert len(blog.requests) == 1
        blog.pages |= {"/a": Page(FEED), "/b": Page(FEED)}
        collecting.later_run(minutes=2)
        assert sorted(blog.requests[1:]) == ["/a", "/b"]
    assert {collecting.source(id_).failures for id_ in ids} == {0}


@on_sqlite
@pytest.mark.parametrize(
    ("status", "headers", "rests"),
    [
        (429, {"X-RateLimit-Reset": "in-an-hour"}, 3600),
        (429, {}, 600),  # as long as the source backs off
        (503, {"Retry-After": "60"}, 60),
        (503, {}, None),
        (500, {"Retry-After": "60"}, None),
    ],
)
def test_how_long_a_host_rests(
    collecting: Collecting, status: int, headers: dict[str, str], rests: int | None
) -> None:
    def refuse(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            hour = datetime.now(UTC) + timedelta(hours=1)
            said = hour.isoformat().replace("+00:00", "Z") if "hour" in value else value
            handler.send_header(name, said)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    with site({"/feed": Page(refuse)}) as blog:
        collecting.add(("feed", f"{blog.origin}/feed"))
        collecting.run()
        host = collecting.host(blog.netloc)
    assert host is not None
    until = None if rests is None else collecting.now + timedelta(seconds=rests)
    if until is None or host.not_before is None:
        assert host.not_before == until
    else:
        assert abs(host.not_before - until) < timedelta(seconds=5)


def test_a_redirects_target_rests_not_who_led_there(collecting: Collecting) -> None:
    with site(host=OTHER) as there, site({"/b": Page(FEED)}) as blog:
        there.pages["/x"] = Page(status=429, headers={"Retry-After": "7200"})
        blog.pages["/a"] = Page(status=302, headers={"Location": f"{there.origin}/x"})
        first, second = collecting.add(("feed", f"{blog.origin}/a"), ("feed", f"{blog.origin}/b"))
        collecting.run()
        assert collecting.source(second).failures == 0
        asked = list(there.requests)
        # The one that leads there waits for it, and does not fail.
        with collecting.database.writing() as session:
            session.execute(update(SourceTable).values(due_at=BEGIN))
            leases.reschedule(session, [blog.netloc, there.netloc])
        collecting.later_run(minutes=30)
        assert there.requests == asked
        row = collecting.source(first)
        assert (row.host, row.failures) == (there.netloc, 1)
        there.pages["/x"] = Page(FEED)
        collecting.later_run(minutes=100)
        row = collecting.source(first)
        assert (row.host, row.failures) == (blog.netloc, 0)


def test_the_last_request_that_is_allowed_ends_the_run(collecting: Collecting) -> None:
    limits = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "300"}
    with site() as instance:
        instance.pages[TIMELINE] = Page(page_of(30, 69), JSON, headers=limits)
        (source,) = collecting.add(("mastodon", instance.origin))
        summary = collecting.run()
        assert (summary.posts.new, len(instance.requests)) == (40, 1)
        instance.pages[TIMELINE] = Page(b"[]", JSON)
        collecting.later_run(seconds=280)
        assert len(instance.requests) == 1
        collecting.later_run(seconds=30)
        assert [request.partition("&")[2] for request in instance.requests[1:]] == ["max_id=30"]
        assert collecting.source(source).failures == 0


def test_it_is_held_while_that_host_is_asked(collecting: Collecting) -> None:
    leased = list[set[str]]()
    with site(host=OTHER) as there, site() as blog:
        there.pages["/x"] = Page(written(FEED, then=lambda: leased.append(collecting.leased())))
        blog.pages["/a"] = Page(status=302, headers={"Location": f"{there.origin}/x"})
        collecting.add(("feed", f"{blog.origin}/a"))
        collecting.run()
        assert leased == [{blog.netloc, there.netloc}]
    assert collecting.leased() == set()


def test_where_another_has_it_the_source_waits_for_it(
    collecting: Collecting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("collectors.runner.PATIENCE", 0.1)
    with site(host=OTHER) as there, site() as blog:

        def lease() -> None:
            """Another collector talks to that host, and then dies."""
            if len(blog.requests) == 1:
                with collecting.database.writing() as session:
                    assert leases.take(session, there.netloc, collecting.now)

        there.pages["/x"] = Page(FEED)
        location = "Location", f"{there.origin}/x"
        blog.pages["/a"] = Page(written(b"", location, status=302, then=lease))
        (feed,) = collecting.add(("feed", f"{blog.origin}/a"))
        collecting.step = timedelta(seconds=4)
        summary = collecting.run()
        assert summary.as_json()["sources"] == {"fetched": 1, "unchanged": 0, "failed": 0}
        assert len(blog.requests) == 2
    row = collecting.source(feed)
    assert (row.host, row.failures) == (blog.netloc, 0)
    assert [fetch.outcome for fetch in collecting.fetches()] == ["fetched"]
