"""Answers that could keep a pattern or a table busy for minutes, read within a worker's limits.

The pool kills whoever takes more CPU or memory than one source may have, so nothing here measures
time: an answer was read, or its worker was killed.
"""

import asyncio
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest

from collectors.contract import CollectError
from collectors.parsing import ParserPool
from collectors.reading import Reading, read
from models.domain.post import Post
from models.domain.source import Match, Rule, SourceSpec
from tests.collectors.feeds.batches import ADDRESS, reply_of

NOW = datetime(2026, 1, 1, tzinfo=UTC)
RULE = Rule(hashtags=("samplecourse",), match=Match.ALL, language="de")
SOURCE = SourceSpec(id="source", kind="feed", url=ADDRESS, rule=RULE)
MARKS = "\u0301\u0323" * 100_000
"""Not in canonical order: sorting them takes quadratic time."""

Read = Callable[[bytes], Reading | CollectError]


@pytest.fixture(scope="module")
def read_in_worker() -> Iterator[Read]:
    """Reads an answer as the collector does; what the worker does not survive fails the test."""
    with asyncio.Runner() as runner, ParserPool(1) as pool:

        def run(body: bytes) -> Reading | CollectError:
            try:
                return runner.run(pool.run(read, SOURCE, reply_of(body), NOW))
            except CollectError as caught:
                error = caught
            assert not error.code.startswith("parse-"), error.message
            return error

        yield run


def rss(item: str, channel: str = "") -> bytes:
    return (
        '<rss version="2.0" xmlns:media="http://search.yahoo.com/mrss/"'
        ' xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>t</title>'
        f"{channel}<item><guid>1</guid>{item}</item></channel></rss>"
    ).encode()


def cdata(text: str) -> str:
    return f"<description><![CDATA[{text}]]></description>"


def in_a_row(form: str, count: int) -> str:
    return "".join(form.format(number) for number in range(count))


HEAVY = {
    "attributes": rss("<a " + in_a_row(" b{0}='c'", 50_000) + "/>"),
    "depth": rss("<x>" * 200 + "</x>" * 200),
    "comments": rss("<!-- x -->" * 50_000),
    "categories": rss(in_a_row("<category>c{0}</category>", 100_000)),
    "media": rss(in_a_row('<media:content url="/{0}.png"/>', 20_000)),
    "groups": rss("<media:group>" * 200 + "<media:title>x</media:title>" * 50_000
                  + "</media:group>" * 200),
    "marks in a title": rss(f"<title>#a{MARKS}</title>"),
    "marks in a tag": rss(f"<category>a{MARKS}</category>"),
    "marks in a name": rss(f"<author>a{MARKS}</author>"),
    "marks in a text": rss(f"<description>#a{MARKS}</description>"),
    "marks in a link": rss(f"<link>https://a{MARKS}.example/</link>"),
    "an address": rss(f"<link>https://a.example/{'amp/' * 400}x</link>"),
    "an endless address": rss(
        "", f'<atom:link rel="self" href="https://a.example/{"/amp" * 1_000_000}x"/>'
    ),
    "ampersands": rss(cdata("&" * 900_000)),
    "no references": rss(cdata("&x" * 450_000)),
    "unknown references": rss(cdata("&xy;" * 240_000)),
    "references in a text": rss(cdata("&amp;xyz " * 110_000)),
    "references for letters": rss(cdata("&#x4e2d;" * 120_000)),
    "bold": rss(cdata("<b>" * 300_000)),
    "tables": rss(cdata("<table><tr><td>" * 60_000)),
    "frames": rss(cdata('<iframe src="https://www.youtube.com/embed/abcdefgh"></iframe>' * 15_000)),
    "lazy pictures": rss(cdata('<img data-src="/a.png">' * 40_000)),
    "code": rss(cdata("<pre><code>#a</code></pre>" * 35_000)),
    "addresses": rss(cdata("https://a.example/.." * 45_000)),
    "blank lines": rss(cdata("\n \t" * 300_000)),
    "hashtags": rss(cdata("#a" * 450_000)),
    "a long title": rss(f"<title>{'a &amp;lt;b&amp;gt; ' * 200_000}</title>"),
    "a long name": rss(f"<author>{'a@' * 1_000_000}</author>"),
    "dates": rss(f"<pubDate>{'a' * 78}</pubDate>" * 5_000),
}  # fmt: skip


@pytest.mark.parametrize("name", HEAVY)
def test_heavy_entries_are_read(read_in_worker: Read, name: str) -> None:
    reading = read_in_worker(HEAVY[name])
    assert isinstance(reading, Reading)
    (post,) = reading.entries
    assert isinstance(post, Post)


WILD: dict[str, bytes] = {
    "links": b"<rss>" + b"<link " * 20_000,
    "links and quotes": b"<rss>" + (b"<link " * 80 + b" href='" + b"x" * 2000) * 200,
    "prefixes": b"<rss>" + b"<a:" * 20_000,
    "comments": b"<!--" * 300_000,
    "guids": b"<rss><channel><item>" + b"<guid" * 10_000,
    "items": b"<rss><channel>" + b"<item>" * 3_000,
    "items without a root": b"<x>" + b"<item><title>&nbsp;" * 2_000,
    "texts left open": b"<rss><channel><item>&nbsp;" + b"<title>" * 10_000,
    "sections left open": b"<rss><channel><item>&nbsp;" + b"<![CDATA[" * 100_000,
    "an endless guid": b"<rss><channel><item><guid>" + b" " * 3_000_000,
    "references": b"&#xD83D;" * 100_000,
    "references within references": b"<rss>" + b"&#" * 500_000 + b"0;" * 500_000,
    "digits": b"<rss>&#" + b"9" * 3_000_000 + b";",
    "spaces": b" " * 2_000_000 + b"x",
    "declarations": b"<?xml " * 200_000,
    "document types": b"<!doctype html>" * 200_000,
    "comments at the end": b"<rss><channel><item><title>&nbsp;</title></item></channel></rss>"
    + b"<!---->" * 280
    + b"x",
    "tombstones": b"<feed>&nbsp;" + b"<at:deleted-entry ref" * 10_000,
    "hours": b"<rss><skipHours><hour>&nbsp;" + b"<hour> " * 20_000,
    "odd bytes": b"<rss><channel><title>" + b"\xc3\xa4\xff" * 300_000,
    "JSON": b'{"version":' + b"[" * 1_000_000,
    "a page": b"<html>" + b"<b><p>" * 100_000,
    "a page's links": b"<html>" + b"<link rel=alternate type=application/rss+xml href=x>" * 30_000,
}


@pytest.mark.parametrize("name", WILD)
def test_no_pattern_runs_wild(read_in_worker: Read, name: str) -> None:
    outcome = read_in_worker(WILD[name])
    assert isinstance(outcome, Reading) or outcome.code == "not-a-feed"
