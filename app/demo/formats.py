"""Feeds in the forms that blogs really have: RSS 0.91/1.0/2.0, Atom 0.3/1.0, JSON Feed 1.1.

`write` knows each platform of `addresses.FEED_PATHS`. Equal entries make equal bytes: no feed
holds the moment of its making.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from xml.sax.saxutils import escape, quoteattr
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """A blog post as a feed tells it."""

    uid: str
    url: str
    title: str
    html: str
    summary: str
    """Plain text."""
    at: datetime
    updated: datetime
    author: str
    categories: tuple[str, ...]
    language: str
    source: tuple[str, str] | None = None
    """Address and title of the feed it was taken over from."""


@dataclass(frozen=True, slots=True)
class Channel:
    """A feed's head."""

    title: str
    home: str
    url: str
    language: str
    author: str


@dataclass(frozen=True, slots=True)
class Document:
    """A feed in the form in which it is served."""

    content_type: str
    body: bytes


_GERMAN_DAYS = ("Mo", "Di", "Mi", "Do", "Fr", "Sa", "So")
_GERMAN_MONTHS = (
    *("Jan", "Feb", "Mär", "Apr", "Mai", "Jun"),
    *("Jul", "Aug", "Sep", "Okt", "Nov", "Dez"),
)
_BERLIN = ZoneInfo("Europe/Berlin")


def write(platform: str, channel: Channel, entries: Sequence[FeedEntry]) -> Document:
    """The feed of a platform, entries in the given order. Raises `KeyError` for other platforms."""
    return _WRITERS[platform](channel, entries)


def _rfc822(moment: datetime) -> str:
    return format_datetime(moment.astimezone(UTC))


def _rfc3339(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _german(moment: datetime) -> str:
    local = moment.astimezone(_BERLIN)
    day, month = _GERMAN_DAYS[local.weekday()], _GERMAN_MONTHS[local.month - 1]
    zone = "MESZ" if local.dst() else "MEZ"
    return f"{day}, {local:%d} {month} {local:%Y %H:%M:%S} {zone}"


def _cdata(text: str) -> str:
    return "<![CDATA[" + text.replace("]]>", "]]]]><![CDATA[>") + "]]>"


def _permalink(entry: FeedEntry) -> str:
    declared = "true" if entry.uid == entry.url else "false"
    return f'<guid isPermaLink="{declared}">{escape(entry.uid)}</guid>'


def _rss2(channel: Channel, items: Sequence[str], *, encoding: str = "UTF-8") -> Document:
    body = f"""<?xml version="1.0" encoding="{encoding}"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" \
xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:atom="http://www.w3.org/2005/Atom" \
xmlns:sy="http://purl.org/rss/1.0/modules/syndication/">
<channel>
<title>{escape(channel.title)}</title>
<atom:link href={quoteattr(channel.url)} rel="self" type="application/rss+xml"/>
<link>{escape(channel.home)}</link>
<description>Eine Beispielseite des Demokurses</description>
<language>{channel.language}</language>
<sy:updatePeriod>hourly</sy:updatePeriod>
{"".join(items)}</channel>
</rss>
"""
    return Document(f"application/rss+xml; charset={encoding}", body.encode(encoding))


def _wordpress(channel: Channel, entries: Sequence[FeedEntry]) -> Document:
    return _rss2(channel, [_wordpress_item(entry) for entry in entries])


def _wordpress_item(entry: FeedEntry) -> str:
    categories = "".join(f"<category>{_cdata(name)}</category>" for name in entry.categories)
    return f"""<item>
<title>{escape(entry.title)}</title>
<link>{escape(entry.url)}</link>
<dc:creator>{_cdata(entry.author)}</dc:creator>
<pubDate>{_rfc822(entry.at)}</pubDate>
{categories}
{_permalink(entry)}
<description>{_cdata(entry.summary)}</description>
<content:encoded>{_cdata(entry.html)}</content:encoded>
</item>
"""


def _doubled(channel: Channel, entries: Sequence[FeedEntry]) -> Document:
    """Lists its newest post twice, as a feed does whose blog pins one."""
    return _wordpress(channel, [*entries[:1], *entries])


def _ghost(channel: Channel, entries: Sequence[FeedEntry]) -> Document:
    """Titles and all are CDATA, ids are bare numbers."""
    return _rss2(
        channel,
        [
            _wordpress_item(entry).replace(
                f"<title>{escape(entry.title)}</title>", f"<title>{_cdata(entry.title)}</title>"
            )
            for entry in entries
        ],
    )


def _hugo(channel: Channel, entries: Sequence[FeedEntry]) -> Document:
    """Escaped HTML in the description, no author with the entry."""
    return _rss2(channel, [_plain_item(entry) for entry in entries])


def _plain_item(entry: FeedEntry) -> str:
    categories = "".join(f"<category>{escape(name)}</category>" for name in entry.categories)
    return f"""<item>
<title>{escape(entry.title)}</title>
<link>{escape(entry.url)}</link>
<pubDate>{_rfc822(entry.at)}</pubDate>
{categories}{_permalink(entry)}
<description>{escape(entry.html)}</description>
</item>
"""


def _latin1(channel: Channel, entries: Sequence[FeedEntry]) -> Document:
    """ISO-8859-1, declared; what it cannot hold becomes a character reference."""
    document = _rss2(channel, [_plain_item(entry) for entry in entries])
    text = document.body.decode().replace('encoding="UTF-8"', 'encoding="ISO-8859-1"')
    body = text.encode("iso-8859-1", "xmlcharrefreplace")
    return Document("application/rss+xml; charset=ISO-8859-1", body)


def _illformed(channel: Channel, entries: Sequence[FeedEntry]) -> Document:
    """Bare ampersands and an entity that no document type declares: no XML, but readable."""
    document = _rss2(channel, [_plain_item(entry) for entry in entries])
    text = document.body.decode()
    text = text.replace("<description>Eine Beispielseite", "<description>Pech & Pannen:&nbsp;Eine")
    return Document("text/xml", text.encode())


def _rss091(channel: Channel, entries: Sequence[FeedEntry]) -> Document:
    """No ids, no content beside the description, German dates."""
    items = "".join(
        f"""<item>
<title>{escape(entry.title)}</title>
<link>{escape(entry.url)}</link>
<description>{escape(entry.html)}</description>
<pubDate>{_german(entry.at)}</pubDate>
</item>
"""
        for entry in entries
    )
    body = f"""<?xml version="1.0" encoding="UTF-8"?>
<rss version="0.91">
<channel>
<title>{escape(channel.title)}</title>
<link>{escape(channel.home)}</link>
<description>Eine Beispielseite des Demokurses</description>
<language>{channel.language}</language>
{items}</channel>
</rss>
"""
    return Document("text/xml; charset=UTF-8", body.encode())


def _rdf(channel: Channel, entries: Sequence[FeedEntry]) -> Document:
    """RSS 1.0 with the Dublin Core and content modules."""
    listed = "".join(f"<rdf:li rdf:resource={quoteattr(entry.url)}/>" for entry in entries)
    items = "".join(_rdf_item(entry) for entry in entries)
    body = f"""<?xml version="1.0" encoding="UTF-8"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" \
xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/" \
xmlns:content="http://purl.org/rss/1.0/modules/content/">
<channel rdf:about={quoteattr(channel.url)}>
<title>{escape(channel.title)}</title>
<link>{escape(channel.home)}</link>
<description>Eine Beispielseite des Demokurses</description>
<dc:language>{channel.language}</dc:language>
<items><rdf:Seq>{listed}</rdf:Seq></items>
</channel>
{items}</rdf:RDF>
"""
    return Document("application/rdf+xml; charset=UTF-8", body.encode())


def _rdf_item(entry: FeedEntry) -> str:
    subjects = "".join(f"<dc:subject>{escape(name)}</dc:subject>" for name in entry.categories)
    return f"""<item rdf:about={quoteattr(entry.uid)}>
<title>{escape(entry.title)}</title>
<link>{escape(entry.url)}</link>
<description>{escape(entry.summary)}</description>
<content:encoded>{_cdata(entry.html)}</content:encoded>
<dc:creator>{escape(entry.author)}</dc:creator>
<dc:date>{_rfc3339(entry.at)}</dc:date>
{subjects}</item>
"""


def _atom(channel: Channel, entries: Sequence[FeedEntry]) -> Document:
    newest = max((entry.updated for entry in entries), default=datetime(2014, 1, 1, tzinfo=UTC))
    body = f"""<?xml version="1.0" encoding="UTF-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{channel.language}">
<id>{escape(channel.url)}</id>
<title type="text">{escape(channel.title)}</title>
<updated>{_rfc3339(newest)}</updated>
<link rel="self" type="application/atom+xml" href={quoteattr(channel.url)}/>
<link rel="alternate" type="text/html" href={quoteattr(channel.home)}/>
{"".join(_atom_entry(entry) for entry in entries)}</feed>
"""
    return Document("application/atom+xml; charset=UTF-8", body.encode())


def _atom_entry(entry: FeedEntry) -> str:
    categories = "".join(f"<category term={quoteattr(name)}/>" for name in entry.categories)
    source = ""
    if entry.source is not None:
        url, title = entry.source
        source = (
            f'<source><id>{escape(url)}</id><title>{escape(title)}</title>'
            f'<link rel="self" href={quoteattr(url)}/></source>\n'
        )
    return f"""<entry xml:lang="{entry.language}">
<id>{escape(entry.uid)}</id>
<title type="text">{escape(entry.title)}</title>
<published>{_rfc3339(entry.at)}</published>
<updated>{_rfc3339(entry.updated)}</updated>
<link rel="alternate" type="text/html" href={quoteattr(entry.url)}/>
<author><name>{escape(entry.author)}</name></author>
{categories}{source}
<content type="html">{escape(entry.html)}</content>
</entry>
"""


def _atom03(channel: Channel, entries: Sequence[FeedEntry]) -> Document:
    """The draft that some old blogs never left."""
    items = "".join(
        f"""<entry>
<id>{escape(entry.uid)}</id>
<title>{escape(entry.title)}</title>
<issued>{_rfc3339(entry.at)}</issued>
<modified>{_rfc3339(entry.updated)}</modified>
<link rel="alternate" type="text/html" href={quoteattr(entry.url)}/>
<author><name>{escape(entry.author)}</name></author>
<content type="text/html" mode="escaped">{escape(entry.html)}</content>
</entry>
"""
        for entry in entries
    )
    body = f"""<?xml version="1.0" encoding="UTF-8"?>
<feed version="0.3" xmlns="http://purl.org/atom/ns#" xml:lang="{channel.language}">
<title>{escape(channel.title)}</title>
<link rel="alternate" type="text/html" href={quoteattr(channel.home)}/>
{items}</feed>
"""
    return Document("application/xml; charset=UTF-8", body.encode())


def _jsonfeed(channel: Channel, entries: Sequence[FeedEntry]) -> Document:
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": channel.title,
        "home_page_url": channel.home,
        "feed_url": channel.url,
        "language": channel.language,
        "authors": [{"name": channel.author}],
        "items": [
            {
                "id": entry.uid,
                "url": entry.url,
                "title": entry.title,
                "content_html": entry.html,
                "date_published": _rfc3339(entry.at),
                "date_modified": _rfc3339(entry.updated),
                "tags": list(entry.categories),
                "language": entry.language,
            }
            for entry in entries
        ],
    }
    body = json.dumps(feed, ensure_ascii=False, indent=1)
    return Document("application/feed+json", body.encode())


_WRITERS: Mapping[str, Callable[[Channel, Sequence[FeedEntry]], Document]] = {
    "wordpress": _wordpress,
    "tagfeed": _wordpress,
    "doubled": _doubled,
    "latin1": _latin1,
    "illformed": _illformed,
    "empty": _wordpress,
    "blogger": _atom,
    "jsonfeed": _jsonfeed,
    "hugo": _hugo,
    "ghost": _ghost,
    "rdf": _rdf,
    "rss091": _rss091,
    "atom03": _atom03,
}
