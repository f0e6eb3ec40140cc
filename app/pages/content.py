"""A post's content as our pages show it: nothing in it makes a browser ask a third party."""

import re

from markupsafe import Markup, escape
from selectolax.lexbor import LexborHTMLParser, LexborNode

REL = "noopener noreferrer nofollow ugc"
HEADINGS = {"h1": "h4", "h2": "h4", "h3": "h5", "h4": "h5", "h5": "h6", "h6": "h6"}
"""A post stands under the page's headings, whatever it calls its own."""
_HEADING = re.compile(r"<(/?)(h[1-6])>")


def shown(content_html: str, picture: str) -> Markup:
    """`content_html` as the store has it; `picture` is the word for one ("Bild")."""
    tree = LexborHTMLParser(f"<div id='root'>{content_html}</div>")
    root = tree.css_first("#root")
    if root is None:
        return Markup("")
    for image in root.css("img"):
        _replace_image(image, picture)
    for link in root.css("a"):
        link.attrs["rel"] = REL
    inner = "".join(node.html or "" for node in root.iter(include_text=True))
    inner = _HEADING.sub(_lowered, inner)
    return Markup(inner)  # noqa: S704 - sanitised by the store, changed only above


def _lowered(tag: re.Match[str]) -> str:
    end, name = tag.groups()
    return f"</{HEADINGS[name]}>" if end else f"<{HEADINGS[name]} class=in-post>"


def _replace_image(image: LexborNode, picture: str) -> None:
    words = image.attributes.get("alt") or ""
    text = f"{picture}: {words}" if words else picture
    source = image.attributes.get("src") or ""
    parent = image.parent
    if source.startswith(("http://", "https://")) and not (parent and parent.tag == "a"):
        linked = f"<a class=picture href='{escape(source)}' rel='{REL}'>{escape(text)}</a>"
        fragment = LexborHTMLParser(linked).css_first("a")
        if fragment is not None:
            image.replace_with(fragment)
            return
    image.replace_with(text)
