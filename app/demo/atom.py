"""Atom 1.0 (RFC 4287) and its draft 0.3."""

from collections.abc import Sequence
from datetime import UTC, datetime
from xml.sax.saxutils import escape, quoteattr

from app.demo.entries import Channel, Document, FeedEntry, rfc3339


def atom(channel: Channel, entries: Sequence[FeedEntry]) -> Document:
    """Atom 1.0; entries that were taken over name their `source`."""
    newest = max((entry.updated for entry in entries), default=datetime(2014, 1, 1, tzinfo=UTC))
    body = f"""<?xml version="1.0" encoding="UTF-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{channel.language}">
<id>{escape(channel.url)}</id>
<title type="text">{escape(channel.title)}</title>
<updated>{rfc3339(newest)}</updated>
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
            f"<source><id>{escape(url)}</id><title>{escape(title)}</title>"
            f'<link rel="self" href={quoteattr(url)}/></source>\n'
        )
    return f"""<entry xml:lang="{entry.language}">
<id>{escape(entry.uid)}</id>
<title type="text">{escape(entry.title)}</title>
<published>{rfc3339(entry.at)}</published>
<updated>{rfc3339(entry.updated)}</updated>
<link rel="alternate" type="text/html" href={quoteattr(entry.url)}/>
<author><name>{escape(entry.author)}</name></author>
{categories}{source}
<content type="html">{escape(entry.html)}</content>
</entry>
"""


def atom03(channel: Channel, entries: Sequence[FeedEntry]) -> Document:
    """The draft that some old blogs never left."""
    items = "".join(
        f"""<entry>
<id>{escape(entry.uid)}</id>
<title>{escape(entry.title)}</title>
<issued>{rfc3339(entry.at)}</issued>
<modified>{rfc3339(entry.updated)}</modified>
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
