"""Blogs through the pipeline: their feeds come, go and move."""

from tests.collectors.courses import Collecting
from tests.collectors.pipeline.answers import FEED, LOGIN, OTHER, endless, on_sqlite
from tests.sites import Page, site


def test_a_feed_that_comes_later_is_found(collecting: Collecting) -> None:
    with site({"/": Page(b"<html>Hello</html>", "text/html")}) as blog:
        (source,) = collecting.add(("blog", blog.origin))
        for _ in range(2):
            collecting.later_run()
            assert collecting.source(source).error_code == "no-feed"
        blog.pages["/feed/"] = Page(FEED)
        assert collecting.later_run().posts.new == 1


def test_a_feed_that_went_elsewhere_is_looked_for_on_the_homepage(collecting: Collecting) -> None:
    page = "<html><link rel=alternate type='application/rss+xml' href='{}'></html>"
    with site(host=OTHER) as feeds, site() as blog:
        blog.pages |= {
            "/": Page(page.format("/feed").encode(), "text/html"),
            "/feed": Page(FEED),
        }
        feeds.pages["/blog"] = Page(FEED)
        (source,) = collecting.add(("blog", blog.origin))
        collecting.run()
        blog.pages["/"] = Page(page.format(f"{feeds.origin}/blog").encode(), "text/html")
        blog.pages["/feed"] = Page(LOGIN, "text/html")  # what was there leads to a page now
        collecting.later_run()
        row = collecting.source(source)
        assert row.cursor == {"feed": f"{feeds.origin}/blog"}
        assert (row.url, row.host) == (blog.origin, feeds.netloc)
        # Should that go too, and nothing else be found, it is asked for again.
        del feeds.pages["/blog"]
        blog.pages["/"] = Page(b"<html></html>", "text/html")
        collecting.later_run()
        row = collecting.source(source)
        assert (row.error_code, row.cursor) == ("no-feed", {"feed": f"{feeds.origin}/blog"})
        feeds.pages["/blog"] = Page(FEED)
        assert collecting.later_run().as_json()["sources"]["unchanged"] == 1


@on_sqlite
def test_a_candidate_that_cannot_be_reached_is_passed_over(collecting: Collecting) -> None:
    page = (
        b"<html><link rel=alternate type='application/rss+xml' href='http://localhost/feed'>"
        b"<link rel=alternate type='application/rss+xml' href='http://10.0.0.1/feed'>"
        b"<link rel=alternate type='application/rss+xml' href='http://./feed'>"
        b"<link rel=alternate type='application/rss+xml' href='/endless'>"
        b"<link rel=alternate type='application/rss+xml' href='/feed'></html>"
    )
    with site({"/": Page(page, "text/html"), "/feed": Page(FEED)}) as blog:
        blog.pages["/endless"] = Page(endless)
        (source,) = collecting.add(("blog", blog.origin))
        assert collecting.run().posts.new == 1
        assert collecting.source(source).cursor == {"feed": f"{blog.origin}/feed"}
