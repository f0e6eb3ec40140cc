"""A post's content as our pages show it: nothing in it makes a browser ask a third party."""

import re

from markupsafe import Markup, escape
from selectolax.lexbor import LexborHTMLParser, LexborNode

REL = "noopener noreferrer nofollow ugc"
_HEADING = re.compile(r"<(/?)h([1-6])>")
LOWEST = 6


def shown(content_html: str, picture: str, below: int) -> Markup:
    """`content_html` as the store has it; `picture` is the word for one ("Bild").

    Headings in it begin one level under `below`, that of the post's own heading.
    """
    tree = LexborHTMLParser(f"<div id='root'>{content_html}</div>")
    root = tree.css_first("#root")
    if root is None:
        return Markup("")
    for image in root.css("img"):
        _replace_image(image, picture)
    for link in root.css("a"):
        link.attrs["rel"] = REL
    for table in root.css("table"):
        table.attrs["tabindex"] = "0"  # it may be wider than the page, and is scrolled by keys
    inner = "".join(node.html or "" for node in root.iter(include_text=True))
    inner = _HEADING.sub(lambda tag: _lowered(tag, below), inner)
    return Markup(inner)  # noqa: S704 - sanitised by the store, changed only above


def _lowered(tag: re.Match[str], below: int) -> str:
    end, level = tag.groups()
    name = f"h{min(LOWEST, below + max(1, int(level) - 1))}"
    return f"</{name}>" if end else f"<{name} class=in-post>"


def _replace_image(image: LexborNode, picture: str) -> None:
    words = image.attributes.get("alt") or ""
    text = f"{picture}: {words}" if words else picture
    source = image.attributes.get("src") or ""
    if source.startswith(("http://", "https://")) and not _is_linked(image):
        linked = f"<a class=picture href='{escape(source)}' rel='{REL}'>{escape(text)}</a>"
        fragment = LexborHTMLParser(linked).css_first("a")
        if fragment is not None:
            image.replace_with(fragment)
            return
    image.replace_with(text)


def _is_linked(node: LexborNode) -> bool:
    """A link within a link is none."""
    parent = node.parent
    while parent is not None and parent.tag != "a":
        parent = parent.parent
    return parent is not None
