"""The values that elements of feeds hold, strictly read: texts, dates, people, links.

Whatever feedparser would read in a way that takes guessing raises `Doubt`.
"""

from datetime import datetime
from html import escape

from lxml import etree

from collectors.feeds import dates
from collectors.feeds.found import Body, person, tidy
from collectors.feeds.names import name_of
from models.domain.post import RawAuthor

XML_BASE = "{http://www.w3.org/XML/1998/namespace}base"
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"

_TEXT_TYPES = frozenset({"text", "text/plain"})
_MARKUP_TYPES = frozenset({"html", "text/html"})
_XHTML_TYPES = frozenset({"xhtml", "application/xhtml+xml"})
_VOID = frozenset(
    {"area", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
)
_WEB_PAGES = _MARKUP_TYPES | _XHTML_TYPES


class Doubt(Exception):
    """Feedparser is the better judge of this document."""


def text_of(element: etree._Element) -> str:
    if len(element):
        raise Doubt
    return tidy(element.text)


def construct(element: etree._Element) -> Body:
    """An Atom text construct (RFC 4287 3.1)."""
    declared = element.get("type", "text").strip().lower()
    base, language = element.get(XML_BASE), element.get(XML_LANG)
    if declared in _MARKUP_TYPES:
        return Body(text_of(element), False, base, language)
    if declared in _TEXT_TYPES:
        return Body(text_of(element), True, base, language)
    if declared in _XHTML_TYPES:
        return Body(tidy(_xhtml(element)), False, base, language)
    raise Doubt


def _xhtml(element: etree._Element) -> str:
    """The markup within, without the one `div` that RFC 4287 demands around it."""
    inner = element
    if len(element) == 1 and name_of(element[0].tag) == "xhtml:div":
        around = (element.text or "") + (element[0].tail or "")
        inner = element if around.strip() else element[0]
    parts = [escape(inner.text or "", quote=False)]
    for child in inner:
        _write(child, parts)
    return "".join(parts)


def _write(element: etree._Element, parts: list[str]) -> None:
    """As HTML: without namespaces, and without end tags where HTML has none."""
    tag = element.tag.rpartition("}")[2]
    attributes = [
        f' {str(name).rpartition("}")[2]}="{escape(str(value))}"' for name, value in element.items()
    ]
    parts.append(f"<{tag}{''.join(attributes)}>")
    if tag not in _VOID:
        parts.append(escape(element.text or "", quote=False))
        for child in element:
            _write(child, parts)
        parts.append(f"</{tag}>")
    parts.append(escape(element.tail or "", quote=False))


def date_of(element: etree._Element) -> datetime | None:
    text = text_of(element)
    moment = dates.parse(text)
    if moment is None and text and not dates.is_known_form(text):
        raise Doubt
    return moment


def atom_person(element: etree._Element) -> RawAuthor | None:
    parts = {name_of(child.tag): text_of(child) for child in element}
    return person(parts.get("atom:name", ""), parts.get("atom:uri"))


def unescaped(url: str) -> str:
    """Some escape an address's ampersands twice."""
    return url.replace("&amp;", "&")


def is_page_link(element: etree._Element) -> bool:
    """Whether an Atom link leads to the page of what it stands in."""
    rel = element.get("rel", "alternate").lower()
    return rel == "alternate" and element.get("type", "text/html").lower() in _WEB_PAGES
