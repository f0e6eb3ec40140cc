"""Everything the strict reading leaves: feedparser, which reads what nobody else can.

It is given a text in memory and nothing to fetch, and neither resolves nor sanitises markup:
that is done later, for all sources alike.
"""

import io
from collections.abc import Sequence
from typing import Any

import feedparser

from collectors.contract import Batch
from collectors.feeds import fast, patient, pieces
from collectors.feeds.assemble import assemble
from collectors.feeds.converted import converted
from collectors.feeds.found import ENTRY_LIMIT, FoundFeed


def read(text: str, address: str) -> Batch | None:
    """The batch of a feed, or None if there is none in it. `address`: its final URL.

    `text` is what `decoding` made of the feed.
    """
    parsed = _parsed(text, address)
    listed = pieces.entries(text) if parsed.bozo else ()
    if len(listed) > _named(parsed.entries):
        _read_alone(parsed, listed, text, address)
    if not parsed.get("version") and not parsed.entries:
        return None
    found = converted(parsed, text, address)
    if parsed.bozo and len(listed) == len(found.entries):
        _read_strictly(found, listed, text)
        _allow_for_the_end(found, listed, text)
    elif parsed.bozo:
        found.complete = False  # something is missing, nobody knows what
    return assemble(found, address)


def _parsed(text: str, address: str) -> Any:
    try:
        return _by_feedparser(text, address)
    except MemoryError:
        raise
    except Exception:
        return patient.parse(text, address)


def _by_feedparser(text: str, address: str) -> Any:
    return feedparser.parse(
        io.BytesIO(text.encode("utf-8")),
        response_headers={
            "content-type": "application/xml; charset=utf-8",
            "content-location": address,
        },
        sanitize_html=False,
        resolve_relative_uris=False,
    )


def _read_alone(parsed: Any, listed: Sequence[str], text: str, address: str) -> None:
    """Reads head and entries each by itself, if that brings more: some were swallowed."""
    start, end = pieces.frame(text)
    alone = (f"{start}{pieces.mended(entry)}{end}" for entry in listed[:ENTRY_LIMIT])
    entries = [entry for feed in alone for entry in _parsed(feed, address).entries[:1]]
    if _named(entries) > _named(parsed.entries):
        parsed.entries = entries
        parsed.feed.update(_parsed(pieces.head(text) + end, address).feed)


def _named(entries: list[Any]) -> int:
    return sum(any(entry.get(key) for key in ("id", "link", "title")) for entry in entries)


def _read_strictly(found: FoundFeed, listed: Sequence[str], text: str) -> None:
    """Entries that are well-formed themselves are read as if the whole feed were."""
    start, end = pieces.frame(text)
    for index, entry in enumerate(listed):
        strict = fast.read_alone(start + pieces.without_rest(entry) + end)
        if strict is not None:
            found.entries[index] = strict


def _allow_for_the_end(found: FoundFeed, listed: Sequence[str], text: str) -> None:
    """What a feed that breaks off does not say any more means nothing."""
    found.complete = found.complete and pieces.is_ended(text)
    if listed and not pieces.is_whole(listed[-1]):
        last = found.entries[-1]
        last.cut_off = True
        if not (last.id or last.link):  # nothing says yet which entry it is
            found.entries.pop()
