"""A homepage and its feed: found, remembered, looked for anew when it is gone."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from collectors.blog import MOST_CANDIDATES, REFUSALS, BlogCollector
from collectors.contract import NO_ANSWER, PAGE_LIMIT, Batch, CollectError, Reply
from models.domain.source import Match, Rule, SourceSpec
from tests.sites import item, rss

URL = "https://blog.example/"
FEED = rss(item(1, "#sample"))
LINK = "<link rel='alternate' type='application/rss+xml' href='{}'>"
PAGE = f"<html><head>{LINK.format('/a')}{LINK.format('/b')}</head></html>".encode()
COLLECTOR = BlogCollector()


def source(cursor: Mapping[str, Any] = {}) -> SourceSpec:
    return SourceSpec("s", "blog", URL, Rule(("sample",), Match.HASHTAG, "de"), cursor=cursor)


def answer(
    spec: SourceSpec, body: bytes = b"", status: int = 200, type_: str = "", url: str = ""
) -> Batch:
    asked = COLLECTOR.ask(spec)
    assert status == 200 or status in asked.answers
    return COLLECTOR.parse(spec, Reply(url or asked.url, status, {"content-type": type_}, body))


def following(spec: SourceSpec, batch: Batch) -> SourceSpec:
    assert batch.more
    return replace(spec, cursor=batch.cursor)


def test_the_homepage_is_asked_first() -> None:
    ask = COLLECTOR.ask(source())
    assert (ask.url, ask.limit, ask.conditional) == (URL, PAGE_LIMIT, False)
    assert ask.accept.startswith("text/html")


def test_its_first_feed_that_can_be_read_is_remembered() -> None:
    spec = following(source(), answer(source(), PAGE))
    assert COLLECTOR.ask(spec).url == "https://blog.example/a"
    spec = following(spec, answer(spec, status=404))
    assert COLLECTOR.ask(spec).url == "https://blog.example/b"
    batch = answer(spec, FEED)
    assert (batch.cursor, batch.more) == ({"feed": "https://blog.example/b"}, False)
    assert len(batch.posts) == 1
    ask = COLLECTOR.ask(replace(spec, cursor=batch.cursor))
    assert (ask.url, ask.conditional) == ("https://blog.example/b", True)


def test_a_feeds_address_given_as_a_blogs() -> None:
    batch = answer(source(), FEED)
    assert (batch.cursor, len(batch.posts)) == ({"feed": URL}, 1)


@pytest.mark.parametrize("cursor", [{}, {"try": ["https://blog.example/a"]}])
def test_where_a_redirect_led_is_not_remembered(cursor: Mapping[str, Any]) -> None:
    spec = source(cursor)
    batch = answer(spec, FEED, url="https://cdn.example/today")
    assert batch.cursor == {"feed": COLLECTOR.ask(spec).url}


@pytest.mark.parametrize("status", sorted(REFUSALS))
def test_a_candidate_that_is_refused_is_passed_over(status: int) -> None:
    spec = source({"try": ["https://blog.example/a", "https://blog.example/b"]})
    assert answer(spec, b"sorry", status).cursor == {"try": ["https://blog.example/b"]}


@pytest.mark.parametrize("body", [b"", PAGE, b"%PDF-1.7", b'{"a": 1}', b"<xml/>"])
def test_a_candidate_that_is_no_feed_is_passed_over(body: bytes) -> None:
    spec = source({"try": ["https://blog.example/a", "https://blog.example/b"]})
    assert answer(spec, body).cursor == {"try": ["https://blog.example/b"]}


def test_the_search_ends() -> None:
    many = "".join(LINK.format(f"/{n}") for n in range(100))
    spec = following(source(), answer(source(), f"<html>{many}</html>".encode()))
    assert len(spec.cursor["try"]) == MOST_CANDIDATES
    for _ in range(MOST_CANDIDATES):
        spec = following(spec, answer(spec, status=NO_ANSWER))
    with pytest.raises(CollectError, match="no feed was found") as caught:
        answer(spec, b"<html>no entries</html>")
    assert (caught.value.code, URL in caught.value.message) == ("no-feed", True)
    assert "kind feed" in caught.value.mend


@pytest.mark.parametrize(
    ("body", "code", "words"),
    [
        (b"%PDF-1.7 \x00", "not-a-feed", "PDF"),
        (b"\x89PNG\r\n\x1a\n", "not-a-feed", "picture"),
        (b"", "empty-body", "empty"),
        (b'{"error": "x"}', "not-a-feed", "JSON"),
        (b"just words", "not-a-feed", "text"),
    ],
)
def test_what_is_no_page_is_told_as_what_it_is(body: bytes, code: str, words: str) -> None:
    with pytest.raises(CollectError) as caught:
        answer(source(), body)
    assert (caught.value.code, words in caught.value.message) == (code, True)


def test_a_page_without_markup_is_one_if_it_says_so() -> None:
    assert answer(source(), b"Welcome", type_="text/html; charset=utf-8").more


class TestAFeedThatIsGone:
    KNOWN = source({"feed": "https://blog.example/a"})

    @pytest.mark.parametrize(
        ("status", "body"), [(404, b""), (410, b""), (200, PAGE), (200, b"<html>Moved</html>")]
    )
    def test_the_homepage_is_asked_where_it_is(self, status: int, body: bytes) -> None:
        spec = following(self.KNOWN, answer(self.KNOWN, body, status))
        assert COLLECTOR.ask(spec).url == URL
        spec = following(spec, answer(spec, PAGE))
        batch = answer(spec, FEED)
        assert batch.cursor == {"feed": "https://blog.example/a"}

    def test_comments_do_not_take_its_place(self) -> None:
        head = LINK.format("/comments/feed/") + LINK.format("/podcast.xml")
        body = f"<html>{head}</html>".encode()
        fresh = answer(source(), body).cursor["try"]
        assert "https://blog.example/comments/feed/" in fresh
        spec = following(self.KNOWN, answer(self.KNOWN, status=404))
        again = answer(spec, body).cursor["try"]
        assert again == [url for url in fresh if "comments" not in url and "podcast" not in url]

    @pytest.mark.parametrize("body", [b"", b"\x00\x01"])
    def test_one_that_only_stutters_is_not_given_up(self, body: bytes) -> None:
        with pytest.raises(CollectError):
            answer(self.KNOWN, body)


HFEED = b"""<html><body class="h-feed"><article class="h-entry"><a class="u-url" href="/eins">
<span class="p-name">Eins #demo</span></a><div class="e-content"><p>Ein Beitrag.</p></div>
<time class="dt-published" datetime="2026-10-05T10:00:00+02:00"></time></article></body></html>"""


def test_a_page_without_a_feed_is_read_by_its_own_markup() -> None:
    spec = source({"page": True})
    batch = answer(spec, HFEED, type_="text/html")
    (post,) = batch.posts
    assert (post.title, post.url) == ("Eins #demo", f"{URL.rstrip('/')}/eins")
    assert (batch.cursor, batch.more) == ({"page": True}, False)
    assert COLLECTOR.ask(spec).conditional


def test_a_known_platforms_tag_feed_is_followed_beside_the_main_one() -> None:
    page = b'<html><meta name="generator" content="WordPress 6.8"></html>'
    batch = answer(source(), page, type_="text/html")
    assert [one.url for one in batch.derived] == [f"{URL.rstrip('/')}/tag/sample/feed/"]


def test_platforms_may_strip_diacritics_or_keep_them() -> None:
    page = b'<html><meta name="generator" content="WordPress 6.8"></html>'
    spec = source()
    spec = replace(spec, rule=replace(spec.rule, hashtags=("grun",), spelled=("grün",)))
    paths = [one.url.removeprefix(URL) for one in answer(spec, page, type_="text/html").derived]
    assert paths == ["tag/gr%C3%BCn/feed/", "tag/grun/feed/"]
