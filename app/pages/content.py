"""A post's content as our pages show it: nothing in it makes a browser ask a third party."""

import re
from collections.abc import Callable

from markupsafe import Markup, escape
from selectolax.lexbor import LexborHTMLParser, LexborNode

from app.media.addresses import Sources

REL = "noopener noreferrer nofollow ugc"
SIZES = "(min-width: 46rem) 40rem, calc(100vw - 4rem)"
"""How wide a picture may be shown, as `site.css` has it."""
_HEADING = re.compile(r"<(/?)h([1-6])>")
LOWEST = 6
NARROW = 640
"""Pixels: only of a picture that says it is wider there is a choice of widths. The others would be
drawn smaller than they are where a browser chooses.
"""

SourcesOf = Callable[[str], Sources]
"""An original's address -> ours."""


def shown(content_html: str, sources: SourcesOf, picture: str, below: int) -> Markup:
    """`content_html` as the store has it; `picture` is the word for one ("Bild").

    Headings in it begin one level under `below`, that of the post's own heading.
    """
    tree = LexborHTMLParser(f"<div id='root'>{content_html}</div>")
    root = tree.css_first("#root")
    if root is None:
        return Markup("")
    for image in root.css("img"):
        _show(image, sources, picture)
    for link in root.css("a"):
        link.attrs["rel"] = REL
    for table in root.css("table"):
        table.attrs["tabindex"] = "0"  # it may be wider than the page, and is scrolled by keys
    inner = "".join(node.html or "" for node in root.iter(include_text=True))
    inner = _HEADING.sub(lambda tag: _lowered(tag, below), inner)
    return Markup(inner)  # noqa: S704 - sanitised by the store, changed only above


def unpictured(shown_html: str) -> Markup:
    """What `shown` gave, without its pictures."""
    return _changed(shown_html, lambda image: image.decompose())


def closed(shown_html: str, show: str, picture: str) -> Markup:
    """What `shown` gave, with a link to each picture in its place; `show` says what it does.

    A link of class `picture` holds as `data-` what the picture's element needs.
    """
    return _changed(shown_html, lambda image: _close(image, show, picture))


def _changed(shown_html: str, change: Callable[[LexborNode], None]) -> Markup:
    root = LexborHTMLParser(f"<div id='root'>{shown_html}</div>").css_first("#root")
    if root is None:
        return Markup("")
    for image in root.css("img"):
        change(image)
    inner = "".join(node.html or "" for node in root.iter(include_text=True))
    return Markup(inner)  # noqa: S704 - safe before, and only pictures were changed


def _close(image: LexborNode, show: str, picture: str) -> None:
    link = LexborHTMLParser("<a class=picture></a>").css_first("a")
    assert link is not None
    given = image.attributes
    alt = given.get("alt")
    link.attrs["href"] = given.get("src") or ""
    for name in ("alt", "width", "height", "srcset", "sizes"):
        if value := given.get(name):
            link.attrs[f"data-{name}"] = value
    link.inner_html = str(escape(f"{show}: {alt}" if alt and alt != picture else show))
    around = _link_around(image)
    if around is None:
        image.replace_with(link)
        return
    around.insert_after(link)  # a link in a link would be none
    image.decompose()
    if not around.text().strip():
        around.decompose()


def _lowered(tag: re.Match[str], below: int) -> str:
    end, level = tag.groups()
    name = f"h{min(LOWEST, below + max(1, int(level) - 1))}"
    return f"</{name}>" if end else f"<{name} class=in-post>"


def _show(image: LexborNode, sources: SourcesOf, picture: str) -> None:
    """Through the proxy; what has no address of the web is a word."""
    original, words = image.attributes.get("src") or "", image.attributes.get("alt")
    if not original.startswith(("http://", "https://")):
        image.replace_with(f"{picture}: {words}" if words else picture)
        return
    ours = sources(original)
    image.attrs["src"] = ours.src
    if _says_it_is_wide(image):
        image.attrs["srcset"] = ours.srcset
        image.attrs["sizes"] = SIZES
    if words is None or (not words and _is_all_of_a_link(image)):
        image.attrs["alt"] = picture
    image.attrs["loading"] = "lazy"
    image.attrs["decoding"] = "async"


def _says_it_is_wide(image: LexborNode) -> bool:
    width = image.attributes.get("width") or ""
    return width.isdecimal() and len(width) < 6 and int(width) > NARROW


def _is_all_of_a_link(node: LexborNode) -> bool:
    """A link needs a name: of its text, or of the picture that is all there is in it."""
    link = _link_around(node)
    return link is not None and not link.text().strip()


def _link_around(node: LexborNode) -> LexborNode | None:
    parent = node.parent
    while parent is not None and parent.tag != "a":
        parent = parent.parent
    return parent
