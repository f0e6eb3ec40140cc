"""Redirects: permanent ones are believed in the end, passing ones never."""

import pytest

from tests.collectors.courses import Collecting
from tests.collectors.pipeline.answers import FEED, OTHER, on_sqlite
from tests.sites import Page, site


@pytest.mark.parametrize("status", [301, 308])
def test_permanent_ones_three_times_running_are_believed(
    collecting: Collecting, status: int
) -> None:
    with site(host=OTHER) as new, site() as old:
        new.pages["/new"] = Page(FEED)
        old.pages["/feed"] = Page(status=status, headers={"Location": f"{new.origin}/new"})
        (feed,) = collecting.add(("feed", f"{old.origin}/feed"))
        collecting.run()
        collecting.later_run()
        assert collecting.source(feed).url == f"{old.origin}/feed"
        collecting.later_run()
        moved = collecting.source(feed)
        assert (moved.url, moved.host) == (f"{new.origin}/new", new.netloc)
        old.requests.clear()
        assert collecting.later_run().as_json()["sources"]["unchanged"] == 1
        assert old.requests == []


def test_a_course_file_may_go_on_naming_the_old_address(collecting: Collecting) -> None:
    with site({"/new": Page(FEED)}) as blog:
        blog.pages["/feed"] = Page(status=301, headers={"Location": "/new"})
        (feed,) = collecting.add(("feed", f"{blog.origin}/feed"))
        for _ in range(3):
            collecting.later_run()
        applied = collecting.apply(("feed", f"{blog.origin}/feed"))
        assert (applied.sources_added, applied.sources_changed, applied.sources_paused) == (0, 0, 0)
        assert collecting.source(feed).url == f"{blog.origin}/new"
        applied = collecting.apply(("feed", f"{blog.origin}/new"))
        assert (applied.sources_added, applied.sources_changed, applied.sources_paused) == (0, 0, 0)


def test_also_where_the_addresses_count_as_the_same(collecting: Collecting) -> None:
    """As from http to https, which is the most frequent of all."""
    with site({"/feed/": Page(FEED)}) as blog:
        blog.pages["/feed"] = Page(status=301, headers={"Location": "/feed/"})
        (feed,) = collecting.add(("feed", f"{blog.origin}/feed"))
        for _ in range(3):
            collecting.later_run()
        assert collecting.source(feed).url == f"{blog.origin}/feed/"


@pytest.mark.parametrize("status", [302, 303, 307])
def test_passing_ones_never(collecting: Collecting, status: int) -> None:
    with site({"/new": Page(FEED)}) as blog:
        blog.pages["/feed"] = Page(status=status, headers={"Location": "/new"})
        (feed,) = collecting.add(("feed", f"{blog.origin}/feed"))
        for _ in range(5):
            collecting.later_run()
        assert collecting.source(feed).url == f"{blog.origin}/feed"


@on_sqlite
def test_neither_where_the_row_is_broken(collecting: Collecting) -> None:
    with site({"/new": Page(FEED), "/newer": Page(FEED)}) as blog:
        to_new = Page(status=301, headers={"Location": "/new"})
        others = (
            Page(status=301, headers={"Location": "/newer"}),
            Page(status=500),
            Page(FEED),
        )
        (feed,) = collecting.add(("feed", f"{blog.origin}/feed"))
        for other in others:
            for page in (to_new, to_new, other, to_new, to_new, Page(FEED)):
                blog.pages["/feed"] = page
                collecting.later_run()
        assert collecting.source(feed).url == f"{blog.origin}/feed"


@on_sqlite
def test_nor_where_the_course_has_the_new_address_already(collecting: Collecting) -> None:
    with site({"/new": Page(FEED)}) as blog:
        blog.pages["/feed"] = Page(status=301, headers={"Location": "/new"})
        feed, _ = collecting.add(("feed", f"{blog.origin}/feed"), ("feed", f"{blog.origin}/new"))
        for _ in range(4):
            collecting.later_run()
        assert collecting.source(feed).url == f"{blog.origin}/feed"


def test_of_a_blogs_feed_they_leave_its_homepage_alone(collecting: Collecting) -> None:
    page = b"<html><link rel=alternate type='application/rss+xml' href='/feed'></html>"
    with site({"/": Page(page, "text/html"), "/feed": Page(FEED)}) as blog:
        (source,) = collecting.add(("blog", blog.origin))
        collecting.run()
        blog.pages["/new"] = Page(FEED)
        blog.pages["/feed"] = Page(status=301, headers={"Location": "/new"})
        for _ in range(3):
            collecting.later_run()
        row = collecting.source(source)
        assert (row.url, row.cursor) == (blog.origin, {"feed": f"{blog.origin}/new"})


@on_sqlite
def test_into_the_operators_network_they_are_refused(collecting: Collecting) -> None:
    with site() as blog:
        blog.pages["/feed"] = Page(status=301, headers={"Location": "http://10.0.0.1/feed"})
        (feed,) = collecting.add(("feed", f"{blog.origin}/feed"))
        collecting.run()
    assert collecting.source(feed).error_code == "refused-address"
