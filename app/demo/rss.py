"""RSS 0.91, 1.0 and 2.0, with the habits and the faults of several platforms."""

from collections.abc import Sequence
from xml.sax.saxutils import escape, quoteattr

from app.demo.entries import Channel, Document, FeedEntry, cdata, german, rfc822, rfc3339


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


def wordpress(channel: Channel, entries: Sequence[FeedEntry]) -> Document:
    """RSS 2.0 with `content:encoded`, `dc:creator` and categories; ids are not addresses."""
    return _rss2(channel, [_wordpress_item(entry) for entry in entries])


def _wordpress_item(entry: FeedEntry) -> str:
    categories = "".join(f"<category>{cdata(name)}</category>" for name in entry.categories)
    return f"""<item>
<title>{escape(entry.title)}</title>
<link>{escape(entry.url)}</link>
<dc:creator>{cdata(entry.author)}</dc:creator>
<pubDate>{rfc822(entry.at)}</pubDate>
{categories}
{_permalink(entry)}
<description>{cdata(entry.summary)}</description>
<content:encoded>{cdata(entry.html)}</content:encoded>
</item>
"""


def doubled(channel: Channel, entries: Sequence[FeedEntry]) -> Document:
    """Lists its newest post twice, as a feed does whose blog pins one."""
    return wordpress(channel, [*entries[:1], *entries])


def ghost(channel: Channel, entries: Sequence[FeedEntry]) -> Document:
    """Titles and all are CDATA, ids are bare numbers."""
    return _rss2(
        channel,
        [
            _wordpress_item(entry).replace(
                f"<title>{escape(entry.title)}</title>", f"<title>{cdata(entry.title)}</title>"
            )
            for entry in entries
        ],
    )


def hugo(channel: Channel, entries: Sequence[FeedEntry]) -> Document:
    """Escaped HTML in the description, no author with the entry."""
    return _rss2(channel, [_plain_item(entry) for entry in entries])


def _plain_item(entry: FeedEntry) -> str:
    categories = "".join(f"<category>{escape(name)}</category>" for name in entry.categories)
    return f"""<item>
<title>{escape(entry.title)}</title>
<link>{escape(entry.url)}</link>
<pubDate>{rfc822(entry.at)}</pubDate>
{categories}{_permalink(entry)}
<description>{escape(entry.html)}</description>
</item>
"""


def latin1(channel: Channel, entries: Sequence[FeedEntry]) -> Document:
    """ISO-8859-1, declared; what it cannot hold becomes a character reference."""
    document = _rss2(channel, [_plain_item(entry) for entry in entries])
    text = document.body.decode().replace('encoding="UTF-8"', 'encoding="ISO-8859-1"')
    body = text.encode("iso-8859-1", "xmlcharrefreplace")
    return Document("application/rss+xml; charset=ISO-8859-1", body)


def illformed(channel: Channel, entries: Sequence[FeedEntry]) -> Document:
    """Bare ampersands and an entity that no document type declares: no XML, but readable."""
    document = _rss2(channel, [_plain_item(entry) for entry in entries])
    text = document.body.decode()
    text = text.replace("<description>Eine Beispielseite", "<description>Pech & Pannen:&nbsp;Eine")
    return Document("text/xml", text.encode())


def rss091(channel: Channel, entries: Sequence[FeedEntry]) -> Document:
    """No ids, no content beside the description, German dates."""
    items = "".join(
        f"""<item>
<title>{escape(entry.title)}</title>
<link>{escape(entry.url)}</link>
<description>{escape(entry.html)}</description>
<pubDate>{german(entry.at)}</pubDate>
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


def rdf(channel: Channel, entries: Sequence[FeedEntry]) -> Document:
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
<content:encoded>{cdata(entry.html)}</content:encoded>
<dc:creator>{escape(entry.author)}</dc:creator>
<dc:date>{rfc3339(entry.at)}</dc:date>
{subjects}</item>
"""
