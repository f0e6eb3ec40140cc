"""From a web page to its feeds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.contract import Reply
from collectors.discovery import USUAL_PATHS, advertised, feed_candidates, is_second_rate
from models.domain import links

URL = "https://blog.example/some/page.html"
RSS = 'type="application/rss+xml"'


def page(head: str = "", body: str = "", url: str = URL, link: str = "") -> Reply:
    html = f"<!doctype html><html><head>{head}</head><body>{body}</body></html>"
    headers = {"content-type": "text/html", **({"link": link} if link else {})}
    return Reply(url, 200, headers, html.encode())


class TestLinkElements:
    @pytest.mark.parametrize(
        "type_",
        [
            "application/rss+xml",
            "application/atom+xml",
            "application/feed+json",
            "application/json",
            "application/rdf+xml",
            "text/xml",
            "Application/RSS+XML; charset=utf-8",
        ],
    )
    def test_every_type_of_feed(self, type_: str) -> None:
        head = f'<link rel="alternate" type="{type_}" href="https://f.example/x">'
        assert advertised(page(head)) == ["https://f.example/x"]

    @pytest.mark.parametrize(
        "head",
        [
            f"<link rel=alternate {RSS} href=/x>",
            f"<LINK REL='Alternate' {RSS} HREF='/x'>",
            f'<link rel="home alternate" {RSS} href=" /x ">',
            '<link rel="feed" href="/x">',
            f'<link rel="alternate" {RSS} href="../x">',
            f'<base href="/"><link rel="alternate" {RSS} href="x">',
            f'<base href="https://blog.example"><link rel="alternate" {RSS} href="x">',
            f'<base href="//blog.example/a/"><link rel="alternate" {RSS} href="../x">',
            f'<base href="javascript:x"><link rel="alternate" {RSS} href="/x">',
            f'<base href="http://["><link rel="alternate" {RSS} href="/x">',
            f'<base><link rel="alternate" {RSS} href="/x">',
        ],
    )
    def test_every_spelling_and_base(self, head: str) -> None:
        assert advertised(page(head)) == ["https://blog.example/x"]

    @pytest.mark.parametrize(
        "head",
        [
            '<link rel="alternate" type="text/html" hreflang="en" href="/en">',
            '<link rel="alternate" href="/amp">',
            f'<link rel="stylesheet" {RSS} href="/x">',
            f'<link rel="alternate" {RSS}>',
            f'<link rel="alternate" {RSS} href="javascript:alert(1)">',
            f'<link rel="alternate" {RSS} href="http://[">',
            f'<link rel="alternate" {RSS} href="feed://blog.example/x">',
            f'<!-- <link rel="alternate" {RSS} href="/x"> -->',
            '<link rel="alternate" type="application/json+oembed" href="/oembed">',
        ],
    )
    def test_what_is_none(self, head: str) -> None:
        assert advertised(page(head)) == []

    def test_several_in_their_order_each_once(self) -> None:
        head = "".join(f'<link rel="alternate" {RSS} href="/{name}">' for name in "bab")
        assert advertised(page(head)) == ["https://blog.example/b", "https://blog.example/a"]

    @pytest.mark.parametrize(
        ("href", "title"),
        [
            ("/comments/feed/", ""),
            ("/a", "Blog » Comments Feed"),
            ("/a", "Blog » Kommentar-Feed"),
            ("/podcast.xml", ""),
            ("/a", "Der Podcast"),
            ("/2026/10/post/feed/", "Blog » Beitrag Kommentar-Feed"),
            ("/wp-json/wp/v2/posts/1", "JSON"),
        ],
    )
    def test_comments_and_podcasts_come_last(self, href: str, title: str) -> None:
        head = (
            f'<link rel="alternate" {RSS} href="{href}" title="{title}">'
            f'<link rel="alternate" {RSS} href="/feed/" title="Blog » Feed">'
        )
        found = advertised(page(head))
        assert found == ["https://blog.example/feed/", f"https://blog.example{href}"]

    def test_what_a_blog_is_called_says_nothing_of_its_feed(self) -> None:
        assert not is_second_rate("https://podcast.example/feed")
        assert not is_second_rate("https://kommentare.example/feed.xml")
        assert is_second_rate("https://blog.example/podcast/feed")


class TestLinkHeaders:
    @pytest.mark.parametrize(
        "header",
        [
            '</x>; rel="alternate"; type="application/rss+xml"',
            "<https://blog.example/x>; rel=alternate; type=application/atom+xml",
            '</style.css>; rel=preload, </x>; type="application/feed+json"; rel="alternate home"',
            '</a,b>; rel="next"; title="x, y", </x>;rel="feed"',
            '<../x>; rel="alternate"; type="text/xml"; title="A \\"feed\\""',
        ],
    )
    def test_they_advertise_feeds_too(self, header: str) -> None:
        assert advertised(page(link=header)) == ["https://blog.example/x"]

    @pytest.mark.parametrize(
        "header",
        [
            '<https://blog.example/wp-json/>; rel="https://api.w.org/"',
            '</x>; rel="hub"',
            "nonsense",
            "<" * 20_000,
            "<x>" + "; a=b" * 20_000,
        ],
    )
    def test_others_do_not(self, header: str) -> None:
        assert advertised(page(link=header)) == []

    def test_they_come_before_the_head(self) -> None:
        head = f'<link rel="alternate" {RSS} href="/head">'
        found = advertised(page(head, link='</header>; rel="alternate"; type="text/xml"'))
        assert found == ["https://blog.example/header", "https://blog.example/head"]


class TestCandidates:
    def test_advertised_then_linked_then_usual(self) -> None:
        found = feed_candidates(
            page(
                f'<link rel="alternate" {RSS} href="/advertised">',
                '<a href="/rss.xml">RSS</a><a href="/about">About</a><a href="/blog.atom">Atom</a>',
                "https://blog.example/",
            )
        )
        assert found[:3] == [
            "https://blog.example/advertised",
            "https://blog.example/rss.xml",
            "https://blog.example/blog.atom",
        ]
        assert found[3:] == [
            f"https://blog.example{path}" for path in USUAL_PATHS if path != "/rss.xml"
        ]

    @pytest.mark.parametrize(
        ("href", "looks_like_one"),
        [
            ("/feed", True),
            ("/feeds/all", True),
            ("/rss2", True),
            ("/blog/index.rss", True),
            ("/?feed=atom", True),
            ("https://feeds.example/rss/blog", True),
            ("/feedback", False),
            ("/anatomy", False),
            ("/why-rss-matters", True),
            ("/wordfeed-tips", False),
            ("/comments/feed", False),
            ("mailto:rss@blog.example", False),
        ],
    )
    def test_links_that_look_like_feeds(self, href: str, looks_like_one: bool) -> None:
        found = feed_candidates(page(body=f'<a href="{href}">x</a>'))
        usual = feed_candidates(page())
        assert (found != usual) is looks_like_one

    def test_below_the_pages_own_folder_first(self) -> None:
        found = feed_candidates(page(url="https://host.example/~ada/blog/"))
        assert found[0] == "https://host.example/~ada/blog/feed/"
        assert "https://host.example/feed/" in found
        assert feed_candidates(page(url="https://host.example/ada/index.html"))[0] == (
            "https://host.example/ada/feed/"
        )

    def test_addresses_that_lead_nowhere_are_left_out(self) -> None:
        head = f'<link rel="alternate" {RSS} href="http://./feed">'
        assert all(map(links.host_key, feed_candidates(page(head))))


@given(st.text(max_size=200), st.text(max_size=100))
def test_no_page_is_too_odd(text: str, header: str) -> None:
    soup = f"{text}<base href='{text}'><link rel=alternate {RSS} href='{text}'><a href='{text}'>"
    reply = Reply(URL, 200, {"link": header}, soup.encode("utf-8", "surrogatepass"))
    assert all(map(links.is_web_url, feed_candidates(reply)))
