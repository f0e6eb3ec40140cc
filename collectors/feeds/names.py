"""The names that matter in a feed: namespaces to short prefixes, tags to `prefix:local`."""

from functools import lru_cache

from lxml import etree

ATOM = "http://www.w3.org/2005/Atom"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
THREADING = "http://purl.org/syndication/thread/1.0"
HISTORY = "http://purl.org/syndication/history/1.0"
TOMBSTONES = "http://purl.org/atompub/tombstones/1.0"
COMMENTS = "http://wellformedweb.org/CommentAPI/"
SLASH = "http://purl.org/rss/1.0/modules/slash/"
YOUTUBE = "http://www.youtube.com/xml/schemas/2015"

_PREFIXES = {
    "": "",
    "http://purl.org/rss/1.0/": "",
    ATOM.lower(): "atom:",
    RDF.lower(): "rdf:",
    "http://purl.org/dc/elements/1.1/": "dc:",
    "http://purl.org/dc/terms/": "dcterms:",
    "http://purl.org/rss/1.0/modules/content/": "content:",
    "http://purl.org/rss/1.0/modules/syndication/": "sy:",
    "http://search.yahoo.com/mrss": "media:",
    "http://search.yahoo.com/mrss/": "media:",
    "http://www.itunes.com/dtds/podcast-1.0.dtd": "itunes:",
    "http://rssnamespace.org/feedburner/ext/1.0": "feedburner:",
    "http://www.pheedo.com/namespace/pheedo": "pheedo:",
    "http://www.w3.org/1999/xhtml": "xhtml:",
    THREADING.lower(): "thr:",
    HISTORY.lower(): "fh:",
    TOMBSTONES.lower(): "at:",
    YOUTUBE.lower(): "yt:",
    COMMENTS.lower(): "wfw:",
    SLASH.lower(): "slash:",
}
"""By the namespace in lower case: many feeds spell the one of iTunes so."""

_ODD = frozenset(
    {
        "http://backend.userland.com/rss",
        "http://backend.userland.com/rss2",
        "http://blogs.law.harvard.edu/tech/rss",
        "http://my.netscape.com/rdf/simple/0.9/",
        "http://purl.org/rss/1.0/modules/rss091#",
        "http://purl.org/atom/ns#",
        "http://purl.org/pie/",
    }
)
"""Namespaces under which feedparser knows the elements of RSS and Atom as well."""

_READ_BY_PREFIX = frozenset({"dc", "dcterms", "content", "media", "itunes"})
"""Prefixes that feedparser follows even where their namespace is misspelled."""

_COMMON = frozenset(
    {"abstract", "author", "body", "category", "content", "created", "description", "enclosure"}
    | {"entry", "fullitem", "guid", "id", "issued", "item", "keywords", "link", "modified"}
    | {"published", "pubdate", "source", "summary", "tags", "title", "updated"}
)
_RISKY = frozenset(
    {"?", "content:encoded", "xhtml:body", "dcterms:created", "dcterms:issued", "dcterms:modified"}
    | {"dc:author", "dc:creator", "dc:date", "dc:description", "dc:language", "dc:subject"}
    | {"dc:title", "media:category", "media:content", "media:description", "media:keywords"}
    | {"media:title", "itunes:author", "itunes:category", "itunes:keywords", "itunes:summary"}
    | {prefix + name for prefix in ("", "atom:") for name in _COMMON}
)
"""Elements whose meaning depends on where they stand: feedparser reads them anywhere."""


@lru_cache(maxsize=4096)
def name_of(tag: str) -> str:
    """`{namespace}Local` as `prefix:local`; "?" for an odd namespace, "" for a foreign one."""
    namespace, _, local = tag.rpartition("}")
    namespace = namespace[1:].lower()
    if namespace in _ODD:
        return "?"
    prefix = _PREFIXES.get(namespace)
    return "" if prefix is None else prefix + local.lower()


@lru_cache(maxsize=4096)
def is_risky(tag: str) -> bool:
    """Whether an element that nobody expects in its place may change what an entry says."""
    return name_of(tag) in _RISKY


def holds_risky(element: etree._Element) -> bool:
    """Whether the element or anything within it is risky."""
    return any(is_risky(each.tag) for each in element.iter())


def misleads(element: etree._Element) -> bool:
    """Whether a well-known prefix stands for an unknown namespace here."""
    return any(
        prefix in _READ_BY_PREFIX and uri.lower() not in _PREFIXES
        for prefix, uri in element.nsmap.items()
    )
