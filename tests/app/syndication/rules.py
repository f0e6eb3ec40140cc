"""The rules of feeds that validators go by, as far as our documents could break them.

From RFC 4287, RFC 5005, RSS 2.0 with the RSS Profile of its Advisory Board, and the W3C Feed
Validation Service. Each finding is one sentence.
"""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from email.utils import parsedate_to_datetime

from lxml import etree
from selectolax.lexbor import LexborHTMLParser

from app.syndication.xml import ATOM, CONTENT, DC, HISTORY, THREADING

_A = f"{{{ATOM}}}"
_URI = re.compile(
    r"[a-z][a-z0-9+.-]*:(//(\[[0-9a-f:.]+\]|[A-Za-z0-9.%_~-]+)(:\d+)?/)?"
    r"([A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2})*(#([\w.~!$&'()*+,;=:@/?-]|%[0-9A-F]{2})*)?",
    re.ASCII,
)
_TYPE = re.compile(r"[a-z]+/[a-z0-9.+-]+")
_MARKUP = re.compile(rb"&lt;/?[a-zA-Z]|&amp;#?\w+;")
KNOWN = {None: {ATOM}, "atom": {ATOM}, "content": {CONTENT}, "dc": {DC}, "fh": {HISTORY}}
SAFE = frozenset({
    "a", "abbr", "b", "bdi", "blockquote", "br", "caption", "cite", "code", "col", "colgroup",
    "dd", "del", "details", "dfn", "div", "dl", "dt", "em", "figcaption", "figure", "h1", "h2",
    "h3", "h4", "h5", "h6", "hr", "i", "img", "ins", "kbd", "li", "mark", "ol", "p", "pre", "q",
    "rp", "rt", "ruby", "s", "samp", "small", "span", "strong", "sub", "summary", "sup", "table",
    "tbody", "td", "tfoot", "th", "thead", "time", "tr", "u", "ul", "var", "wbr",
})  # fmt: skip


def complaints(document: bytes, address: str) -> list[str]:
    """What a validator would say of a feed document that was fetched from `address`."""
    root = etree.fromstring(document)
    is_rss = root.tag == "rss"
    feed = root[0] if is_rss else root
    entries = feed.findall("item" if is_rss else f"{_A}entry")
    found = [*_namespaces(root), *_links(feed, address), *_same_ids(entries)]
    for entry in entries:
        found += _rss_item(entry) if is_rss else _atom_entry(entry)
    found += _titles(document)
    found += _blank(root)
    return found


def _namespaces(root: etree._Element) -> Iterator[str]:
    for prefix, name in root.nsmap.items():
        if name not in KNOWN.get(prefix, {THREADING}):
            yield f"the namespace {name} is unknown"


def _links(feed: etree._Element, address: str) -> Iterator[str]:
    links = [(one.get("rel"), one.get("href") or "") for one in feed.findall(f"{_A}link")]
    rels = Counter(rel for rel, _ in links)
    if ("self", address) not in links or rels["self"] != 1:
        yield f"self is not {address}: {links}"
    if feed.find(f"{{{HISTORY}}}archive") is not None and not rels["current"]:
        yield "an archive does not name the current document"
    for _, href in links:
        yield from _address(href)


def _same_ids(entries: list[etree._Element]) -> Iterator[str]:
    ids = [entry.findtext("guid") or entry.findtext(f"{_A}id") for entry in entries]
    for id_, times in Counter(ids).items():
        if id_ is None or times > 1:
            yield f"the id {id_} stands {times} times"
        else:
            yield from _address(id_)


def _rss_item(item: etree._Element) -> Iterator[str]:
    yield from _address(item.findtext("link") or "")
    if item.find("author") is not None or not item.findtext(f"{{{DC}}}creator"):
        yield "who wrote it does not stand in dc:creator"
    yield from _date(parsedate_to_datetime, item.findtext("pubDate") or "")
    yield from _html(item.findtext(f"{{{CONTENT}}}encoded") or "")
    yield from _html(item.findtext("description") or "")
    files = item.findall("enclosure")
    if len(files) > 1:
        yield "more than one enclosure"
    for file in files:
        yield from _file(file.get("url"), file.get("type"))
        if not (file.get("length") or "").isdecimal():
            yield "an enclosure without length"
    for source in item.findall("source"):
        yield from _address(source.get("url") or "")


def _atom_entry(entry: etree._Element) -> Iterator[str]:
    for name in ("author/name", "title", "source/title"):
        if not entry.findtext("/".join(_A + part for part in name.split("/"))):
            yield f"no {name}"
    for name in ("published", "updated"):
        yield from _date(datetime.fromisoformat, entry.findtext(f"{_A}{name}") or "")
    for link in entry.iter(f"{_A}link"):
        yield from _address(link.get("href") or "")
        if link.get("rel") == "enclosure":
            yield from _file(link.get("href"), link.get("type"))
    for name in ("author/uri", "source/id"):
        for one in entry.findall("/".join(_A + part for part in name.split("/"))):
            yield from _address(one.text or "")
    content = entry.findtext(f"{_A}content") or ""
    if not content and not entry.findtext(f"{_A}summary"):
        yield "neither content nor summary"
    yield from _html(content)


def _address(text: str) -> Iterator[str]:
    if not _URI.fullmatch(text):
        yield f"{text!r} is no absolute URI"


def _date(read: object, text: str) -> Iterator[str]:
    assert callable(read)
    try:
        aware = read(text).tzinfo is not None
    except ValueError:
        aware = False
    if not aware:
        yield f"{text!r} is no date"


def _file(url: str | None, kind: str | None) -> Iterator[str]:
    yield from _address(url or "")
    if not (url or "").startswith(("http://", "https://")) or not _TYPE.fullmatch(kind or ""):
        yield f"an enclosure that is no file of the web: {url} {kind}"


def _html(text: str) -> Iterator[str]:
    body = LexborHTMLParser(f"<!DOCTYPE html><body>{text}").body
    for node in body.traverse() if body is not None and text else ():
        if node.tag not in {*SAFE, "body"}:
            yield f"<{node.tag}> is a risk"
        for name, value in node.attributes.items():
            if name == "style" or name.startswith("on"):
                yield f"the attribute {name} is a risk"
            if name in {"href", "src"} and not re.match("(https?|mailto):", value or ""):
                yield f"{value!r} is relative"


def _titles(document: bytes) -> Iterator[str]:
    """As they are spelled: what looks like markup, and was not declared to be none."""
    for title in re.findall(rb"<title>([^<]*)</title>", document):
        if _MARKUP.search(title):
            yield f"there is markup in the title {title.decode()}"


def _blank(root: etree._Element) -> Iterator[str]:
    for name in ("category", f"{_A}content", f"{_A}name", "title"):
        for one in root.iter(name):
            if not (one.text or "").strip():
                yield f"{name} is blank"
    for one in root.iter(f"{_A}category"):
        if not (one.get("term") or "").strip():
            yield "a category is blank"
