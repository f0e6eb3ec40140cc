import pytest

from collectors.contract import CollectError
from collectors.feeds import read_feed, sniff
from tests.collectors.feeds.batches import ADDRESS, reply_of


def refusal(body: bytes) -> CollectError:
    with pytest.raises(CollectError) as raised:
        read_feed(ADDRESS, reply_of(body, "text/html"))
    return raised.value


@pytest.mark.parametrize("body", [b"", b" \r\n\t"])
def test_empty_bodies(body: bytes) -> None:
    assert refusal(body).code == "empty-body"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"\xff\xd8\xff\xe0 JFIF", "a picture (JPEG)"),
        (b"PK\x03\x04 docx", "a ZIP archive or an office document"),
        (b"\x00\x00\x00\x18ftypmp42", "a media file"),
        (b"RIFF1234WEBPVP8 ", "a media file"),
        (b"\x00\x01\x02\x03 stuff", "binary data"),
        (b"User-agent: *\nDisallow:", "plain text"),
        (b"[1, 2]", "JSON, but not a JSON Feed"),
        (b'{"version": "https://jsonfeed.org/version/1", "items": [', "cannot be read"),
        (b"<opml version='2.0'><body/></opml>", "not a feed"),
        (b"<p>Wartung</p>", "this is a web page, not a feed; feeds found there: none"),
        (b"\xef\xbb\xbf<!-- x --><HTML lang=de>", "this is a web page"),
        (b"<?xml version='1.0'?><!DOCTYPE html><html/>", "this is a web page"),
    ],
)
def test_says_what_it_looks_like(body: bytes, words: str) -> None:
    error = refusal(body)
    assert error.code == "not-a-feed"
    assert words in error.message


def test_lists_at_most_five_feeds_of_a_page() -> None:
    links = "".join(f"<link rel=alternate type=application/rss+xml href=/{n}>" for n in range(9))
    message = refusal(f"<!doctype html><title>x</title>{links}".encode()).message
    assert message.endswith(
        "feeds found there: https://feeds.example.com/0, https://feeds.example.com/1,"
        " https://feeds.example.com/2, https://feeds.example.com/3, https://feeds.example.com/4"
    )


def test_finds_only_feeds() -> None:
    page = b"""<html><head><base href="/sub/">
        <link rel="alternate" hreflang="en" href="/en">
        <link rel="alternate" type="application/feed+json" href="feed.json">
        <link rel="stylesheet" type="application/rss+xml" href="no.xml">
        <link rel="alternate" type="application/rss+xml" href="javascript:alert(1)">
        <link rel="alternate" type="application/rss+xml" href="feed.json">
        </head>"""
    assert sniff.alternates(page, ADDRESS) == ["https://feeds.example.com/sub/feed.json"]


def test_a_feed_may_call_itself_html() -> None:
    body = b"<rss version='2.0'><channel><title>t</title></channel></rss>"
    assert read_feed(ADDRESS, reply_of(body, "text/html")).title == "t"
