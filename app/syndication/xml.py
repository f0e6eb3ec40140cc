"""Building XML documents."""

from collections.abc import Mapping
from xml.etree.ElementTree import Element, SubElement, register_namespace, tostring

from app.syndication.channel import clean

ATOM = "http://www.w3.org/2005/Atom"
CONTENT = "http://purl.org/rss/1.0/modules/content/"
DC = "http://purl.org/dc/elements/1.1/"
HISTORY = "http://purl.org/syndication/history/1.0"
TOMBSTONES = "http://purl.org/atompub/tombstones/1.0"
THREADING = "http://purl.org/syndication/thread/1.0"

for _prefix, _uri in {
    "content": CONTENT,
    "dc": DC,
    "fh": HISTORY,
    "at": TOMBSTONES,
    "thr": THREADING,
}.items():
    register_namespace(_prefix, _uri)


def add(
    parent: Element,
    name: str,
    text: str | None = None,
    attributes: Mapping[str, str | None] | None = None,
) -> Element:
    """A child element; attributes that are None are left out."""
    kept = {key: clean(value) for key, value in (attributes or {}).items() if value is not None}
    child = SubElement(parent, name, kept)
    if text is not None:
        child.text = clean(text)
    return child


def document(root: Element, default_namespace: str | None = None) -> bytes:
    """The document in UTF-8."""
    # ElementTree refuses a default namespace as soon as one name has none, as all of RSS's.
    if default_namespace is not None:
        register_namespace("", default_namespace)
    return bytes(tostring(root, encoding="utf-8", xml_declaration=True))
