"""What makes feedparser itself fail costs one element, and no entry."""

import io

import feedparser
import pytest

from collectors.feeds import patient, read_feed
from tests.collectors.feeds.batches import ADDRESS, reply_of

FAULTS = [
    "</height>",
    "<image></width></image>",
    '<psc:chapters><psc:chapter title="x"/></psc:chapters>',
    '<gml:Point srsName="EPSG:x"><gml:pos>1 2</gml:pos></gml:Point>',
]


def feed(fault: str) -> str:
    item = "<item><title>{0}&nbsp;</title><guid>{0}</guid>{1}<description>d{0}</description></item>"
    items = item.format(1, "") + item.format(2, fault) + item.format(3, "")
    return (
        '<rss version="2.0" xmlns:gml="http://www.opengis.net/gml"'
        ' xmlns:psc="http://podlove.org/simple-chapters">'
        f"<channel><title>t</title>{fault}{items}</channel></rss>"
    )


@pytest.mark.parametrize("fault", FAULTS)
def test_feedparser_fails_there_so_this_is_still_needed(fault: str) -> None:
    with pytest.raises((LookupError, TypeError, ValueError)):
        feedparser.parse(io.BytesIO(feed(fault).encode()))


@pytest.mark.parametrize("fault", FAULTS)
def test_every_entry_is_read_all_the_same(fault: str) -> None:
    batch = read_feed(ADDRESS, reply_of(feed(fault).encode()))
    assert batch.title == "t"
    assert [(post.external_id, post.content) for post in batch.posts] == [
        ("1", "d1"),
        ("2", "d2"),
        ("3", "d3"),
    ]


def test_gives_what_feedparser_gives_where_it_does_not_fail() -> None:
    text = feed("<category>c</category>")
    theirs = feedparser.parse(
        io.BytesIO(text.encode()),
        response_headers={"content-type": "application/xml", "content-location": ADDRESS},
        sanitize_html=False,
        resolve_relative_uris=False,
    )
    ours = patient.parse(text, ADDRESS)
    assert (ours.version, ours.feed, ours.entries) == (theirs.version, theirs.feed, theirs.entries)
    assert ours.namespaces == theirs.namespaces
