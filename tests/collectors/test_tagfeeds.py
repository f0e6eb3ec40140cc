"""Platforms and their tag feeds; feeds that were only supposed."""

import pytest

from collectors.contract import Reply
from collectors.tagfeeds import OPTIONAL, tag_feeds
from models.domain.source import Match

GENERATOR = '<meta name="generator" content="{0}">'


def feeds(url: str, body: str = "", tags: tuple[str, ...] = ("e20mooc",)) -> list[str]:
    found = list(tag_feeds(Reply(url, 200, {}, body.encode()), tags))
    assert all((one.kind, one.match, one.options) == ("feed", Match.ALL, OPTIONAL) for one in found)
    return [one.url for one in found]


@pytest.mark.parametrize(
    ("url", "generator", "expected"),
    [
        ("https://a.example/", "WordPress 6.8", "https://a.example/tag/e20mooc/feed/"),
        ("https://a.example/blog/", "WordPress 6.8", "https://a.example/blog/tag/e20mooc/feed/"),
        ("https://a.example/", "blogger", "https://a.example/feeds/posts/default/-/e20mooc"),
        ("https://a.example/", "Ghost 5.2", "https://a.example/tag/e20mooc/rss/"),
        ("https://a.example/", "Hugo 0.140", "https://a.example/tags/e20mooc/index.xml"),
        ("https://a.tumblr.com/", "", "https://a.tumblr.com/tagged/e20mooc/rss"),
        ("https://a.wordpress.com/", "", "https://a.wordpress.com/tag/e20mooc/feed/"),
        ("https://a.blogspot.com/", "", "https://a.blogspot.com/feeds/posts/default/-/e20mooc"),
        ("https://medium.com/pub", "", "https://medium.com/feed/pub/tagged/e20mooc"),
    ],
)
def test_platforms(url: str, generator: str, expected: str) -> None:
    assert feeds(url, GENERATOR.format(generator)) == [expected]


def test_wordpress_that_hides_its_generator() -> None:
    body = '<link rel="stylesheet" href="/wp-content/themes/x/style.css">'
    assert feeds("https://a.example/", body, ("übung", "a")) == [
        "https://a.example/tag/%C3%BCbung/feed/",
        "https://a.example/tag/a/feed/",
    ]


def test_nothing_is_supposed_of_what_is_not_known() -> None:
    assert feeds("https://a.example/", GENERATOR.format("Handmade")) == []
    assert feeds("https://medium.com/@ada") == []
    assert feeds("https://a.example/", "<p>about WordPress</p>") == []
