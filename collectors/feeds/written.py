"""What the text of a feed says itself where feedparser alters it or keeps only the last of it."""

import html
import re
from collections.abc import Iterator
from urllib.parse import urljoin

_ADDRESSED = re.compile(
    r"<(?:\w+:)?(?:guid|id|link)\b([^<>]*)>\s*+(?:<!\[CDATA\[\s*+)?([^<\]\s]{0,2000})",
    re.IGNORECASE,
)
_DELETED = re.compile(r"<(?:\w+:)?deleted-entry\b([^<>]*)>", re.IGNORECASE)
"""Both go on at the next `<`, whatever is left open, so that no feed takes quadratic time."""
_HREF = re.compile(r"""\shref\s*=\s*["']([^"']{1,2000})["']""", re.IGNORECASE)
_REF = re.compile(r"""\sref\s*=\s*["']([^"']+)["']""", re.IGNORECASE)
_SKIPPED = re.compile(r"<(hour|day)>\s*(\w{1,9})\s*</\1>", re.IGNORECASE)
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)


def relative_addresses(text: str, address: str) -> Iterator[tuple[str, str]]:
    """(as feedparser gives it, as it was written) of each relative id and link."""
    for attributes, within in _ADDRESSED.findall(text):
        href = _HREF.search(attributes)
        written = href[1] if href else within
        if href is None and attributes.endswith("/"):
            continue
        written = html.unescape(written)
        if written and not _SCHEME.match(written):
            try:
                yield urljoin(address, written), written
            except ValueError:
                continue


def tombstones(text: str) -> list[str]:
    """The ids of entries that a feed says it deleted (RFC 6721)."""
    if "deleted-entry" not in text:
        return []
    found = (_REF.search(attributes) for attributes in _DELETED.findall(text))
    return [html.unescape(ref[1]).strip() for ref in found if ref]


def skipped(text: str) -> tuple[list[str], list[str]]:
    """The hours and days at which a feed is not to be asked."""
    found: tuple[list[str], list[str]] = ([], [])
    for name, value in _SKIPPED.findall(text):
        found[name.lower() == "day"].append(value)
    return found
