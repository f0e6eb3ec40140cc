import pytest

from collectors.contract import Reply
from collectors.discovery import advertised

PAGE = "https://blog.example.org/home/"
FEED = '<link rel="alternate" type="application/rss+xml" href="feed.xml">'


def page(head: str, link: str = "") -> Reply:
    body = f"<!doctype html><head>{head}</head>".encode()
    return Reply(PAGE, 200, {"link": link}, body)


@pytest.mark.parametrize(
    ("base", "feed"),
    [
        ("", "https://blog.example.org/home/feed.xml"),
        ('<base href="/blog/">', "https://blog.example.org/blog/feed.xml"),
        ('<base href="https://other.example.net/">', "https://other.example.net/feed.xml"),
        ('<base href="https://[/">', "https://blog.example.org/home/feed.xml"),
        ('<base href="javascript:x">', "https://blog.example.org/home/feed.xml"),
    ],
)
def test_relative_feeds_follow_a_base_that_is_an_address(base: str, feed: str) -> None:
    assert advertised(page(base + FEED)) == [feed]


def test_a_header_of_open_brackets_names_no_feed() -> None:
    assert advertised(page("", "<" * 8000)) == []
