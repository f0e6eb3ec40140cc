"""Short addresses of WordPress, looked up at the site that gave them."""

from collections.abc import Iterator

import pytest

from models.domain.links import host_key
from models.store.engine import Database
from tests.collectors.courses import Collecting
from tests.collectors.pipeline.answers import OTHER, on_sqlite
from tests.models.store.audit import audit
from tests.sites import Page, Site, rss, site

ITEM = (
    "<item><title>Die Treppe</title><link>{link}</link><guid isPermaLink='false'>{guid}</guid>"
    "<pubDate>Tue, 03 Nov 2026 10:00:00 GMT</pubDate><description>Kurz #sample</description></item>"
)
LONG = "/2026/11/treppe/"


@pytest.fixture
def blog() -> Iterator[Site]:
    """A blog whose short addresses lead to its pages."""
    with site(host=OTHER) as made:
        made.pages |= {
            "/?p=123": Page(status=301, headers={"Location": LONG}),
            LONG: Page(b"<html>Die Treppe</html>", "text/html"),
        }
        yield made


@pytest.fixture
def planets() -> Iterator[Site]:
    with site() as made:
        yield made


def list_in(planets: Site, path: str, link: str, guid: str) -> None:
    planets.pages[path] = Page(rss(ITEM.format(link=link, guid=guid)))


@pytest.mark.parametrize("short_first", [True, False])
def test_two_planets_name_one_post(
    collecting: Collecting, database: Database, planets: Site, blog: Site, short_first: bool
) -> None:
    addresses = [f"{blog.origin}/?p=123", f"{blog.origin}{LONG}"]
    if not short_first:
        addresses.reverse()
    feeds = [("feed", f"{planets.origin}/{number}") for number in (1, 2)]
    collecting.add(*feeds[:1])
    list_in(planets, "/1", addresses[0], "planet-1")
    list_in(planets, "/2", addresses[1], "entry-9")
    assert collecting.run().posts.new == 1
    collecting.add(*feeds)
    assert collecting.later_run().posts.new == 0
    assert len(collecting.posts()) == 1
    audit(database)


@on_sqlite
def test_an_address_is_looked_up_once(collecting: Collecting, planets: Site, blog: Site) -> None:
    collecting.add(("feed", f"{planets.origin}/1"))
    list_in(planets, "/1", f"{blog.origin}/?p=123", "planet-1")
    collecting.run()
    item = ITEM.format(link=f"{blog.origin}/?p=123", guid="planet-1")
    planets.pages["/1"] = Page(rss(item, title="Another title"))
    assert collecting.later_run().as_json()["sources"]["fetched"] == 1
    assert blog.requests == ["/?p=123", LONG]


@on_sqlite
def test_what_the_blog_itself_lists_is_not_looked_up(collecting: Collecting, blog: Site) -> None:
    blog.pages["/feed"] = Page(
        rss(ITEM.format(link=f"{blog.origin}/?p=123", guid=f"{blog.origin}/?p=123"))
    )
    collecting.add(("feed", f"{blog.origin}/feed"))
    assert collecting.run().posts.new == 1
    assert blog.requests == ["/feed"]


@on_sqlite
@pytest.mark.parametrize(
    "answer",
    [
        Page(status=404),
        Page(status=429, headers={"Retry-After": "86400"}),
        Page(status=301, headers={"Location": "/"}),
        Page(status=301, headers={"Location": "http://10.0.0.1/treppe"}),
        Page(status=301, headers={"Location": "/?p=123"}),
        Page(b"<html>no permalinks here</html>", "text/html"),
    ],
)
def test_a_post_is_stored_whatever_its_site_answers(
    collecting: Collecting, planets: Site, blog: Site, answer: Page
) -> None:
    blog.pages |= {"/?p=123": answer, "/": Page(b"<html>Start</html>", "text/html")}
    collecting.add(("feed", f"{planets.origin}/1"))
    list_in(planets, "/1", f"{blog.origin}/?p=123", "planet-1")
    summary = collecting.run()
    assert (summary.posts.new, summary.sources["failed"]) == (1, 0)


@on_sqlite
@pytest.mark.parametrize(
    ("answer", "wait", "asked"),
    [
        (Page(status=429, headers={"Retry-After": "7200"}), 7200, 1),
        (Page(status=429), 3600, 1),
        (
            Page(
                b"<html></html>",
                "text/html",
                headers={"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1800"},
            ),
            1800,
            1,
        ),
        (Page(status=500), None, 1),
        (Page(status=404), None, 2),
    ],
)
def test_a_site_that_asks_for_fewer_requests_is_left_alone(
    collecting: Collecting, planets: Site, blog: Site, answer: Page, wait: int | None, asked: int
) -> None:
    blog.pages |= {"/?p=123": answer, "/?p=124": answer}
    collecting.add(("feed", f"{planets.origin}/1"))
    short = (ITEM.format(link=f"{blog.origin}/?p={n}", guid=f"planet-{n}") for n in (123, 124))
    planets.pages["/1"] = Page(rss(*short))
    assert collecting.run().posts.new == 2
    host = collecting.host(host_key(blog.origin))
    assert host is not None
    rests = None if host.not_before is None else (host.not_before - collecting.now).total_seconds()
    assert rests == (None if wait is None else pytest.approx(wait, abs=1))
    assert len(blog.requests) == asked


@on_sqlite
def test_a_site_speaks_only_for_itself(collecting: Collecting, planets: Site, blog: Site) -> None:
    """Else anybody could tie a post of theirs to another's."""
    victim = f"{planets.origin}/victim"
    planets.pages["/victim"] = Page(b"<html></html>", "text/html")
    blog.pages["/?p=123"] = Page(status=301, headers={"Location": victim})
    collecting.add(*(("feed", f"{planets.origin}/{number}") for number in (1, 2)))
    list_in(planets, "/1", f"{blog.origin}/?p=123", "planet-1")
    list_in(planets, "/2", victim, "entry-9")
    assert collecting.run().posts.new == 2
