"""A look at an address: what it is, and what would be taken from it. Nothing is stored."""

import asyncio
import json

import pytest

from collectors.contract import CollectError
from collectors.http import Fetcher
from collectors.parsing import ParserPool
from collectors.preview import Preview, Previewer
from models.domain.post import Post
from models.domain.source import Match, Rule
from tests.collectors.courses import BEGIN
from tests.collectors.loopback import policy
from tests.collectors.pipeline.answers import JSON, LOGIN, TIMELINE, page_of
from tests.sites import Page, item, rss, site

FEED = rss(*(item(n, "One #sample" if n % 2 else "Another", day=1) for n in range(1, 9)))
PAGE = b"<html><link rel=alternate type='application/rss+xml' href='/feed'></html>"
RULE = Rule(("sample",), Match.HASHTAG, "de")
ABOUT = "/api/v1/instance"


def look(url: str, kind: str | None = None, rule: Rule = RULE) -> Preview:
    async def scenario() -> Preview:
        with ParserPool(1) as parsers:
            async with Fetcher(policy()) as fetcher:
                return await Previewer(fetcher, parsers, lambda: BEGIN).look(url, kind, rule)

    return asyncio.run(scenario())


def test_a_feed_by_its_address() -> None:
    with site({"/feed": Page(FEED)}) as blog:
        found = look(f"{blog.origin}/feed")
    assert (found.kind, found.feed_url) == ("feed", f"{blog.origin}/feed")
    assert (found.entries, found.matching) == (8, 4)
    assert [entry.title for entry in found.latest] == ["Post 8", "Post 7", "Post 6"]
    assert [isinstance(entry, Post) for entry in found.latest] == [False, True, False]


def test_of_whoever_opted_out_nothing_is_shown() -> None:
    account = {"acct": "ada", "url": "https://a.example/@ada", "noindex": True}
    statuses = json.loads(page_of(1, 5))
    statuses[-1]["account"] = account
    with site({TIMELINE: Page(json.dumps(statuses).encode(), JSON)}) as instance:
        found = look(instance.origin, "mastodon")
    assert (found.entries, found.matching) == (5, 4)
    assert all(isinstance(entry, Post) for entry in found.latest)


def test_a_blog_by_its_homepage() -> None:
    with site({"/": Page(PAGE, "text/html"), "/feed": Page(FEED)}) as blog:
        found = look(f"{blog.origin}/")
        assert (found.kind, found.feed_url) == ("blog", f"{blog.origin}/feed")
        assert ABOUT in blog.requests
        assert look(f"{blog.origin}/", "blog") == found


@pytest.mark.parametrize("about", [b'{"uri": "x"}', b'{"domain": "x"}'])
def test_an_instance_by_its_address(about: bytes) -> None:
    with site({"/": Page(LOGIN, "text/html"), ABOUT: Page(about, JSON)}) as instance:
        instance.pages[TIMELINE] = Page(page_of(1, 5), JSON)
        found = look(instance.origin)
        assert (found.kind, found.matching, len(found.latest)) == ("mastodon", 5, 3)
        assert len([path for path in instance.requests if path.startswith(TIMELINE)]) == 1


@pytest.mark.parametrize(
    "about", [b"[]", b"{}", b"null", b"<html>", b"[" * 100_000, b'{"uri": ' + b"9" * 5000 + b"}"]
)
def test_what_only_answers_at_that_address_is_no_instance(about: bytes) -> None:
    with site({"/": Page(PAGE, "text/html"), "/feed": Page(FEED)}) as blog:
        blog.pages[ABOUT] = Page(about, JSON)
        assert look(blog.origin).kind == "blog"


def test_a_page_with_nothing_to_read() -> None:
    with site({"/": Page(LOGIN, "text/html")}) as blog, pytest.raises(CollectError) as caught:
        look(blog.origin)
    assert caught.value.code == "no-feed"


@pytest.mark.parametrize("status", [429, 500])
@pytest.mark.parametrize("kind", [None, "mastodon"])
def test_what_passes_is_to_be_looked_at_again_by_hand(status: int, kind: str | None) -> None:
    """Nothing is stored that could be asked again by itself."""
    with site({path: Page(status=status) for path in ("/channel/UC1", "/")}) as there:
        there.pages[TIMELINE] = Page(status=status)
        url = there.origin if kind == "mastodon" else f"{there.origin}/channel/UC1"
        with pytest.raises(CollectError) as caught:
            look(url, kind)
    assert caught.value.code == f"http-{status}"
    assert "by itself" not in caught.value.text
    assert caught.value.text.endswith("Nothing is stored: look again in a few minutes.")


def test_what_may_stay_keeps_its_advice() -> None:
    with site({}) as there:
        pass  # it takes no connections any more
    with pytest.raises(CollectError) as caught:
        look(there.origin, "feed")
    assert caught.value.code == "connect"
    assert "by itself" not in caught.value.text
    assert caught.value.text.endswith(
        "Nothing is stored: look again in a few minutes; check that the address opens in a browser."
    )
