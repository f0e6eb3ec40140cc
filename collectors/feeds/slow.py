"""Everything the strict reading leaves: feedparser, which reads what nobody else can.

It is given bytes in memory and nothing to fetch, and neither resolves nor sanitises markup:
that is done later, for all sources alike.
"""

import io
from typing import Any

import feedparser

from collectors.contract import Batch
from collectors.feeds import patient, pieces
from collectors.feeds.assemble import assemble
from collectors.feeds.converted import converted
from collectors.feeds.decoding import decoded, repaired
from collectors.feeds.found import ENTRY_LIMIT


def read(body: bytes, content_type: str, address: str) -> Batch | None:
    """The batch of a feed, or None if there is none in it. `address`: its final URL."""
    text = repaired(decoded(body, content_type))
    parsed = _parsed(text, address)
    whole = not parsed.bozo or _rescued(parsed, text, address)
    if not parsed.get("version") and not parsed.entries:
        return None
    found = converted(parsed, text, address)
    found.complete = found.complete and whole
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


def _rescued(parsed: Any, text: str, address: str) -> bool:
    """Reads head and entries alone where some were swallowed; drops what is no entry yet.

    Returns whether all that the feed lists is there: what is missing says nothing otherwise.
    """
    found = pieces.entries(text)
    if len(found) > _named(parsed.entries):
        _read_alone(parsed, found, text, address)
    if found and parsed.entries and not pieces.is_whole(found[-1]):
        _drop_nameless(parsed.entries)
    return pieces.is_ended(text) and len(found) == len(parsed.entries)


def _read_alone(parsed: Any, found: list[str], text: str, address: str) -> None:
    start, end = pieces.frame(text)
    alone = (f"{start}{pieces.mended(entry)}{end}" for entry in found[:ENTRY_LIMIT])
    entries = [entry for feed in alone for entry in _parsed(feed, address).entries[:1]]
    if _named(entries) > _named(parsed.entries):
        parsed.entries = entries
        parsed.feed.update(_parsed(pieces.head(text) + end, address).feed)


def _named(entries: list[Any]) -> int:
    return sum(any(entry.get(key) for key in ("id", "link", "title")) for entry in entries)


def _drop_nameless(entries: list[Any]) -> None:
    """The last entry of a feed that breaks off, if nothing says yet which entry it is."""
    if not (entries[-1].get("id") or entries[-1].get("link")):
        entries.pop()
