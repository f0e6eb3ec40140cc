"""What an answer is that is no feed: said in a sentence that helps whoever registered it."""

import re

from selectolax.lexbor import LexborHTMLParser

from collectors.contract import PAGE_LIMIT, CollectError
from models.domain import links

_SIGNATURES = (
    (b"%PDF-", "a PDF"),
    (b"\x89PNG\r\n", "a picture (PNG)"),
    (b"\xff\xd8\xff", "a picture (JPEG)"),
    (b"GIF8", "a picture (GIF)"),
    (b"PK\x03\x04", "a ZIP archive or an office document"),
    (b"\x1f\x8b", "compressed data (gzip)"),
    (b"ID3", "a sound file (MP3)"),
    (b"\xd0\xcf\x11\xe0", "an office document"),
)
_FEED_TYPES = re.compile(
    r"application/(?:rss|atom|rdf|feed)\+(?:xml|json)|(?:application|text)/(?:json|xml)",
    re.IGNORECASE,
)
_PAGE = re.compile(
    rb"(?:\s++|<!--.*?-->|<\?xml.*?\?>)*+<(?:(?:html|head|body)\b"
    rb"|!doctype\s+html\b[^>]*+>(?:\s++|<!--.*?-->)*+(?!<(?:rss|feed|rdf:rdf)\b))",
    re.DOTALL | re.IGNORECASE,
)
"""Some servers put the document type of a page before a feed."""
_FEEDS_SHOWN = 5
MEND = "register the address of the feed itself"


def is_page(body: bytes) -> bool:
    """Whether this is a web page from its first element on."""
    return _PAGE.match(body[:20_000].removeprefix(b"\xef\xbb\xbf")) is not None


def refuse_other_data(body: bytes) -> None:
    """Raises `CollectError` for what begins as a file of another kind does."""
    if not body.strip():
        raise CollectError(
            "empty-body", "the answer is empty", mend="see whether the feed's address still works"
        )
    for signature, name in _SIGNATURES:
        if body.startswith(signature) or body[:20].lstrip().startswith(signature):
            raise CollectError("not-a-feed", f"this is {name}, not a feed", mend=MEND)
    if body[4:8] == b"ftyp" or (body[:4] == b"RIFF" and body[8:12] in {b"WEBP", b"WAVE", b"AVI "}):
        raise CollectError("not-a-feed", "this is a media file, not a feed", mend=MEND)


def no_feed(body: bytes, address: str) -> CollectError:
    """The error for what not even feedparser finds a feed in."""
    if is_page(body) or re.search(rb"<(?:html|body|p|div|br|meta)\b", body[:20_000], re.IGNORECASE):
        return _page(body, address)
    if re.match(rb"\s*<", body):
        return CollectError("not-a-feed", "this is XML, but not a feed", mend=MEND)
    what = "binary data" if b"\x00" in body[:1000] else "plain text"
    return CollectError("not-a-feed", f"this is {what}, not a feed", mend=MEND)


def _page(body: bytes, address: str) -> CollectError:
    found = alternates(body, address)
    shown = ", ".join(found[:_FEEDS_SHOWN]) or "none"
    return CollectError(
        "not-a-feed",
        f"this is a web page, not a feed; feeds found there: {shown}",
        mend="register one of the feeds found there" if found else MEND,
    )


def alternates(body: bytes, address: str) -> list[str]:
    """The feeds that a page links as its own (`<link rel=alternate>`), absolute, in order."""
    page = LexborHTMLParser(body[:PAGE_LIMIT])
    base_element = page.css_first("base[href]")
    base = base_element.attributes.get("href") if base_element is not None else None
    base = (links.absolute(base, address) if base else None) or address
    found: dict[str, None] = {}
    for link in page.css("link[rel~=alternate][href]"):
        url = links.absolute(link.attributes.get("href") or "", base)
        if url and _FEED_TYPES.fullmatch((link.attributes.get("type") or "").strip()):
            found[url] = None
    return list(found)
