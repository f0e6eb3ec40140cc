"""Building XML documents."""

from collections.abc import Mapping

from lxml import etree

from app.syndication.channel import clean

ATOM = "http://www.w3.org/2005/Atom"
CONTENT = "http://purl.org/rss/1.0/modules/content/"
DC = "http://purl.org/dc/elements/1.1/"
HISTORY = "http://purl.org/syndication/history/1.0"
TOMBSTONES = "http://purl.org/atompub/tombstones/1.0"
THREADING = "http://purl.org/syndication/thread/1.0"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"

Element = etree._Element


def root(name: str, namespaces: Mapping[str | None, str], **attributes: str) -> Element:
    """The root of a document, with the prefixes that are used in it."""
    # lxml-stubs do not know that the default namespace has the prefix None.
    return etree.Element(name, attributes, nsmap=dict(namespaces))  # type: ignore[arg-type]


def add(
    parent: Element,
    name: str,
    text: str | None = None,
    attributes: Mapping[str, str | None] | None = None,
) -> Element:
    """A child element; attributes that are None are left out."""
    kept = {key: clean(value) for key, value in (attributes or {}).items() if value is not None}
    child = etree.SubElement(parent, name, kept)
    if text is not None:
        child.text = clean(text)
    return child


def document(element: Element) -> bytes:
    """The document in UTF-8."""
    return bytes(etree.tostring(element, encoding="utf-8", xml_declaration=True))
