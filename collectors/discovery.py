"""From a web page to its feeds: what it advertises, what it links, what is usual."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser

from collectors.contract import Reply
from models.domain.links import absolute, host_key

FEED_TYPES = frozenset(
    {
        "application/rss+xml",
        "application/atom+xml",
        "application/feed+json",
        "application/json",  # JSON Feed 1.0
        "application/rdf+xml",
        "application/x-rss+xml",
        "application/xml",
        "text/xml",
    }
)
USUAL_PATHS = (
    "/feed/",
    "/feed.xml",
    "/rss.xml",
    "/atom.xml",
    "/index.xml",
    "/feed.json",
    "/rss",
    "/feeds/posts/default",
    "/?feed=rss2",
)
"""Where platforms keep their feeds; asked when a page names none that works."""

_LINK = re.compile(r"<([^<>]*)>((?:\s*;\s*[\w*-]+\s*=\s*(?:\"[^\"]*\"|[^\",;\s]+))*)")
_PARAMETER = re.compile(r";\s*([\w*-]+)\s*=\s*(?:\"([^\"]*)\"|([^\",;\s]+))")
_LOOKS_LIKE_FEED = re.compile(
    r"(?:^|[/._?=-])(?:feed|feeds|rss2?|atom|rdf)(?:$|[/._?=&-])|\.(?:rss|atom|rdf)$", re.IGNORECASE
)
_SECOND_RATE = re.compile(
    r"comment|kommentar|podcast|replies|oembed|wp-json|/feed/.+/feed|xmlrpc", re.IGNORECASE
)


def advertised(reply: Reply) -> list[str]:
    """Feeds that a page names in its Link header or head; comment feeds and podcasts last."""
    found = [*_in_header(reply), *_in_head(reply)]
    ranked = sorted(found, key=lambda item: is_second_rate(*item))
    return list(dict.fromkeys(url for url, _ in ranked))


def feed_candidates(reply: Reply) -> list[str]:
    """Addresses to try, the likeliest first: advertised, linked, usual."""
    linked = [url for url in _linked(reply) if not is_second_rate(url)]
    candidates = [*advertised(reply), *linked[:5], *_usual(reply.url)]
    return [url for url in dict.fromkeys(candidates) if _has_host(url)]


def is_second_rate(url: str, title: str = "") -> bool:
    """Whether a feed is, by its address or title, one of comments, a podcast's, or none at all.

    The host's name says nothing: a blog may well be called so.
    """
    parts = urlsplit(url)
    return _SECOND_RATE.search(f"{parts.path}?{parts.query} {title}") is not None


def _has_host(url: str) -> bool:
    try:
        return bool(host_key(url))
    except ValueError:
        return False


def _in_header(reply: Reply) -> Iterator[tuple[str, str]]:
    for match in _LINK.finditer(reply.headers.get("link", "")[:8000]):
        parameters = {name.lower(): a or b for name, a, b in _PARAMETER.findall(match[2])}
        if _is_feed(parameters.get("rel"), parameters.get("type")) and (
            url := absolute(match[1], reply.url)
        ):
            yield url, parameters.get("title", "")


def _in_head(reply: Reply) -> Iterator[tuple[str, str]]:
    tree = LexborHTMLParser(reply.body)
    base = _base(tree, reply.url)
    for node in tree.css("link[rel][href]"):
        attributes = node.attributes
        if _is_feed(attributes.get("rel"), attributes.get("type")) and (
            url := absolute(attributes.get("href") or "", base)
        ):
            yield url, attributes.get("title") or ""


def _is_feed(rel: str | None, type_: str | None) -> bool:
    words = (rel or "").lower().split()
    kind = (type_ or "").partition(";")[0].strip().lower()
    return ("alternate" in words or "feed" in words) and (
        kind in FEED_TYPES or (kind == "" and "feed" in words)
    )


def _base(tree: LexborHTMLParser, url: str) -> str:
    node = tree.css_first("base[href]")
    href = node.attributes.get("href") if node is not None else None
    return (absolute(href, url) if href else None) or url


def _linked(reply: Reply) -> Iterator[str]:
    tree = LexborHTMLParser(reply.body)
    base = _base(tree, reply.url)
    for node in tree.css("a[href]"):
        url = absolute(node.attributes.get("href") or "", base)
        if url is not None and _LOOKS_LIKE_FEED.search(
            urlsplit(url).path + "?" + urlsplit(url).query
        ):
            yield url


def _usual(url: str) -> Iterator[str]:
    """Below the page's own folder first (a blog in a folder), then at the site's root."""
    parts = urlsplit(url)
    root = f"{parts.scheme}://{parts.netloc}"
    folder = parts.path.rsplit("/", 1)[0] if "." in parts.path.rsplit("/", 1)[-1] else parts.path
    for prefix in dict.fromkeys((folder.rstrip("/"), "")):
        for path in USUAL_PATHS[: 3 if prefix else None]:
            yield f"{root}{prefix}{path}"
