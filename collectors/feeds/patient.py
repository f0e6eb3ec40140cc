"""Feedparser's reading of ill-formed feeds, made to outlive its own faults.

`feedparser.parse` is meant never to fail, and does at some elements (its issues 378, 591, 599): the
whole feed would be lost with the one. Here the element alone is.
"""

from typing import Any

from feedparser.api import LooseFeedParser
from feedparser.util import FeedParserDict


def parse(text: str, address: str) -> Any:
    """What `feedparser.parse` gives for an ill-formed feed. `address`: its final URL."""
    parser = _PatientParser(address, None, "utf-8", {})
    parser.resolve_relative_uris = parser.sanitize_html = False
    parser.feed(text)
    return FeedParserDict(
        bozo=True,
        version=parser.version,
        feed=parser.feeddata,
        entries=parser.entries,
        namespaces=parser.namespaces_in_use,
    )


class _PatientParser(LooseFeedParser):  # type: ignore[misc]  # it has no types
    """Passes over what feedparser's handlers fail at, whatever they raise."""

    def unknown_starttag(self, tag: str, attrs: Any) -> None:
        self._try(super().unknown_starttag, tag, attrs)

    def unknown_endtag(self, tag: str) -> None:
        self._try(super().unknown_endtag, tag)

    def handle_charref(self, ref: str) -> None:
        self._try(super().handle_charref, ref)

    def handle_entityref(self, ref: str) -> None:
        self._try(super().handle_entityref, ref)

    @staticmethod
    def _try(handler: Any, *args: Any) -> None:
        try:
            handler(*args)
        except MemoryError:
            raise
        except Exception:  # noqa: S110 -- an element that cannot be read is none
            pass
