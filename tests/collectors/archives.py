"""Feeds that keep their past: an archive's chain (RFC 5005), and a blog made by WordPress.

https://www.rfc-editor.org/rfc/rfc5005#section-4; a page of WordPress's beyond the last is a 404.
"""

from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import parse_qs, urlsplit

from tests.sites import Page, item, rss

ATOM = "http://www.w3.org/2005/Atom"


def entry(number: int, *, day: int, tag: str = "sample", text: str = "Text") -> str:
    """An entry of November 2026, with a category."""
    return (
        f"<entry><id>https://blog.example/{number}</id><title>Post {number}</title>"
        f'<link href="https://blog.example/{number}"/><category term="{tag}"/>'
        f"<published>2026-11-{day:02}T08:00:00Z</published>"
        f"<updated>2026-11-{day:02}T08:00:00Z</updated><summary>{text}</summary></entry>"
    )


def atom(*parts: str, older: str | None = None, rel: str = "prev-archive") -> bytes:
    """A document, and where the one before it is."""
    link = f'<link rel="{rel}" href="{older}"/>' if older else ""
    return (
        f'<?xml version="1.0" encoding="utf-8"?><feed xmlns="{ATOM}"><title>A sample blog</title>'
        f'<id>https://blog.example/</id><link href="https://blog.example/"/>'
        f"<updated>2026-11-20T08:00:00Z</updated>{link}{''.join(parts)}</feed>"
    ).encode()


def chain(days: Sequence[Sequence[int]], rel: str = "prev-archive") -> Mapping[str, Page]:
    """`/feed` and its archives, one for each list of days; a day is its entry's number."""
    pages = {}
    for at, part in enumerate(days):
        older = f"/archive/{at + 1}" if at + 1 < len(days) else None
        body = atom(*(entry(day, day=day) for day in part), older=older, rel=rel)
        pages[f"/archive/{at}" if at else "/feed"] = Page(body, "application/atom+xml")
    return pages


def wordpress(days: Sequence[int], size: int = 2) -> Mapping[str, Page]:
    """`/feed/` in pages of so many items, newest first; a day is its item's number."""
    pages = dict(_pages(days, size))
    return {**pages, "/feed/": pages["/feed/?paged=1"], "/feed/?paged=1": pages["/feed/?paged=1"]}


def _pages(days: Sequence[int], size: int) -> Iterator[tuple[str, Page]]:
    newest = sorted(days, reverse=True)
    for at in range(0, len(newest), size):
        items = (item(day, "Text #sample", day=day) for day in newest[at : at + size])
        yield f"/feed/?paged={at // size + 1}", Page(by_wordpress(rss(*items)))
    yield f"/feed/?paged={-(-len(newest) // size) + 1}", Page(b"<h1>Nothing</h1>", "text/html", 404)


def by_wordpress(feed: bytes) -> bytes:
    generator = b"<generator>https://wordpress.org/?v=6.7</generator></channel>"
    return feed.replace(b"</channel>", generator)


def paged(requests: Sequence[str]) -> list[str]:
    """The pages asked for, of WordPress's; 1 for the feed itself."""
    return [parse_qs(urlsplit(path).query).get("paged", ["1"])[0] for path in requests]
