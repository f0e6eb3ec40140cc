"""What is collected, and what is known already."""

from datetime import timedelta
from http.server import BaseHTTPRequestHandler

from sqlalchemy import select, update

from models.tables.courses import ChangeTable, CourseTable
from models.tables.posts import SightingTable
from tests.collectors.courses import BEGIN, Collecting
from tests.collectors.pipeline.answers import FEED, written
from tests.sites import Page, item, rss, site


def test_what_is_collected_and_what_is_not(collecting: Collecting) -> None:
    with site({"/feed": Page(FEED)}) as blog:
        (feed,) = collecting.add(("feed", f"{blog.origin}/feed"))
        summary = collecting.run()
        assert summary.as_json()["sources"] == {"fetched": 1, "unchanged": 0, "failed": 0}
        assert (summary.posts.new, collecting.posts()) == (1, {"https://blog.example/1"})
        assert collecting.reasons() == {"https://blog.example/2": "no-hashtag"}
        assert collecting.run().as_json()["sources"]["fetched"] == 0  # nothing is due
    row = collecting.source(feed)
    assert (row.title, row.homepage) == ("A sample blog", "https://blog.example/")
    assert row.due_at is not None
    assert row.due_at > BEGIN
    assert collecting.leased() == set()


def test_validators_are_echoed_byte_for_byte_and_kept_across_304(collecting: Collecting) -> None:
    etag, modified, seen = 'W/"a b, \xfc"', "yesterday, \xe4bout noon", list[tuple[str, str]]()

    def feed(handler: BaseHTTPRequestHandler) -> None:
        known = handler.headers.get("If-None-Match", ""), handler.headers["If-Modified-Since"]
        seen.append(known)
        if known[0]:
            handler.send_response(304)
            handler.end_headers()
            return
        written(FEED, ("ETag", etag), ("Last-Modified", modified))(handler)

    with site({"/feed": Page(feed)}) as blog:
        collecting.add(("feed", f"{blog.origin}/feed"))
        collecting.run()
        outcomes = [collecting.later_run().as_json()["sources"] for _ in range(2)]
    assert outcomes == [{"fetched": 0, "unchanged": 1, "failed": 0}] * 2
    assert seen[1:] == [(etag, modified)] * 2


def test_the_same_bytes_again_write_nothing_but_the_outcome(collecting: Collecting) -> None:
    with site({"/feed": Page(written(FEED))}) as blog:
        (feed,) = collecting.add(("feed", f"{blog.origin}/feed"))
        collecting.run()
        before = _content(collecting)
        assert collecting.later_run().as_json()["sources"]["unchanged"] == 1
        assert _content(collecting) == before
        seen = collecting.source(feed).last_success_at
        assert seen is not None
        assert seen > BEGIN + timedelta(days=1)
        assert [fetch.outcome for fetch in collecting.fetches()] == ["fetched", "unchanged"]


def test_other_hashtags_read_everything_anew(collecting: Collecting) -> None:
    with site({"/feed": Page(rss(item(1, "One #other")))}) as blog:
        collecting.add(("feed", f"{blog.origin}/feed"))
        collecting.run()
        assert collecting.posts() == set()
        with collecting.database.writing() as session:
            session.execute(update(CourseTable).values(hashtags=["other"], updated_at=BEGIN))
        summary = collecting.later_run()
    assert blog.answered_304 == 0
    assert summary.posts.new == 1


def _content(collecting: Collecting) -> list[object]:
    with collecting.database.reading() as session:
        return [
            list(session.execute(select(table.__table__)))
            for table in (CourseTable, SightingTable, ChangeTable)
        ]
