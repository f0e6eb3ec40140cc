"""What safe HTML says: its visible text, links, hashtags and pictures."""

import re
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser, LexborNode

from models.domain import hashtags, links
from models.domain.html.text import with_breaks
from models.domain.post import RawMedia

_NAME = re.compile(r"\s*[#＃@]\w\S*\s*")
"""All of a link's text, where it is a hashtag's or a person's."""


@dataclass(frozen=True, slots=True)
class Clean:
    """Markup made safe, and what it says."""

    html: str
    text: str
    """Visible text; blocks end with a newline."""
    links: tuple[str, ...]
    """Absolute http(s) addresses it links to, each once, in order; without what microblogs link by
    themselves: hashtags and the people who are mentioned."""
    hashtags: tuple[str, ...]
    """Folded hashtags of the visible text outside of code."""
    images: tuple[RawMedia, ...]


def read(safe: str) -> Clean | None:
    """Reads sanitised HTML; None where a browser would make another tree of it.

    Such markup exists: a sanitiser takes elements out of a tree, and what is left may be a tree
    that no markup can name.
    """
    marked = with_breaks(safe)
    # Without a document type tables would be read as browsers did in the nineties.
    body = LexborHTMLParser(f"<!DOCTYPE html><body>{marked}").body
    if body is None or body.inner_html != marked:
        return None
    text = body.text()
    return Clean(safe, _tidy(text), _links(body), _tags(body, text), _images(body))


def visible_text(safe: str) -> str:
    """The visible text of sanitised HTML."""
    body = LexborHTMLParser(with_breaks(safe)).body
    return _tidy(body.text()) if body is not None else ""


def picture_urls(safe: str) -> tuple[str, ...]:
    """The addresses of the pictures in sanitised HTML, in order."""
    if "<img" not in safe:
        return ()
    body = LexborHTMLParser(safe).body
    return () if body is None else tuple(image.url for image in _images(body))


def _tidy(text: str) -> str:
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return "\n".join(line for line in lines if line)


def _links(body: LexborNode) -> tuple[str, ...]:
    shared = (node for node in body.css("a[href]") if not _NAME.fullmatch(node.text()))
    found = (links.absolute(node.attributes.get("href") or "", None) for node in shared)
    return tuple(dict.fromkeys(url for url in found if url is not None))


def _images(body: LexborNode) -> tuple[RawMedia, ...]:
    return tuple(_image(node.attributes) for node in body.css("img[src]"))


def _image(attributes: dict[str, str | None]) -> RawMedia:
    return RawMedia(
        url=attributes.get("src") or "",
        alt=attributes.get("alt") or None,
        width=_pixels(attributes.get("width")),
        height=_pixels(attributes.get("height")),
    )


def _pixels(value: str | None) -> int | None:
    return int(value) if value and value.isascii() and value.isdigit() and len(value) < 6 else None


def _tags(body: LexborNode, text: str) -> tuple[str, ...]:
    """Takes code out of the tree: nothing else is to be read from it afterwards."""
    if "#" not in text and "＃" not in text:
        return ()
    coded = body.css("code, pre, kbd, samp")
    for node in reversed(coded):  # of `pre` and the `code` in it, the inner one first
        node.decompose()
    return hashtags.extract(body.text() if coded else text)
