"""What the elements of an entry say: the fast reader's tables, from names to what to do."""

from collections.abc import Callable, Mapping

from lxml import etree

from collectors.feeds.found import (
    Body,
    FoundEntry,
    FoundSource,
    add_tags,
    media_type,
    person,
    pixels,
)
from collectors.feeds.names import holds_risky, is_risky, name_of
from collectors.feeds.values import (
    XML_BASE,
    XML_LANG,
    Doubt,
    atom_person,
    construct,
    date_of,
    is_page_link,
    text_of,
    unescaped,
)
from models.domain.post import RawMedia

Handler = Callable[[FoundEntry, etree._Element], None]
Handlers = Mapping[str, Handler]


def read_entry(element: etree._Element, handlers: Handlers, base: str | None) -> FoundEntry:
    """One item or entry; `base` is the `xml:base` in force outside it."""
    entry = FoundEntry(base=element.get(XML_BASE) or base, language=element.get(XML_LANG))
    _read_children(entry, element, handlers)
    return entry


def _read_children(entry: FoundEntry, element: etree._Element, handlers: Handlers) -> None:
    for child in element:
        handler = handlers.get(name_of(child.tag))
        if handler is not None:
            handler(entry, child)
        elif is_risky(child.tag) or (len(child) and holds_risky(child)):
            raise Doubt


def _id(entry: FoundEntry, element: etree._Element) -> None:
    entry.id = text_of(element)
    entry.id_is_link = True


def _guid(entry: FoundEntry, element: etree._Element) -> None:
    entry.id = text_of(element)
    declared = {name.lower(): value for name, value in element.items()}
    entry.id_is_link = declared.get("ispermalink", "true") == "true"


def _title(entry: FoundEntry, element: etree._Element) -> None:
    if not entry.title:
        entry.title = text_of(element)


def _atom_title(entry: FoundEntry, element: etree._Element) -> None:
    if not entry.title:
        title = construct(element)
        entry.title, entry.title_is_text = title.markup, title.is_text


def _link(entry: FoundEntry, element: etree._Element) -> None:
    if element.attrib:
        raise Doubt
    entry.link = unescaped(text_of(element))


def _atom_link(entry: FoundEntry, element: etree._Element) -> None:
    href = element.get("href")
    if href is None:
        raise Doubt
    if is_page_link(element):
        entry.link = href.strip()
    elif element.get("rel", "").lower() == "enclosure":
        add_media(entry.enclosures, href, element.get("type"))
    elif element.get("rel", "").lower() == "replies" and "xml" in element.get("type", ""):
        entry.comments_url = href.strip()


def _comment_feed(entry: FoundEntry, element: etree._Element) -> None:
    entry.comments_url = text_of(element)


def _comment_count(entry: FoundEntry, element: etree._Element) -> None:
    entry.comments = text_of(element)


def add_media(found: list[RawMedia], url: str | None, mime: str | None) -> None:
    """Adds an enclosure, if it is something to look at or listen to."""
    kind = media_type(url, mime) if url else None
    if url and kind:
        found.append(RawMedia(url.strip(), kind))


def _enclosure(entry: FoundEntry, element: etree._Element) -> None:
    add_media(entry.enclosures, element.get("url"), element.get("type"))


def _content(entry: FoundEntry, element: etree._Element) -> None:
    source = element.get("src")
    if source is None:
        entry.contents.append(construct(element))
    elif len(element) or (element.text or "").strip():
        raise Doubt
    else:
        entry.elsewhere = source.strip()
        add_media(entry.enclosures, source, element.get("type"))


def _encoded(entry: FoundEntry, element: etree._Element) -> None:
    entry.contents.append(Body(text_of(element), False, element.get(XML_BASE)))


def _summary(entry: FoundEntry, element: etree._Element) -> None:
    if entry.summary is not None:
        raise Doubt
    entry.summary = construct(element)


def _description(entry: FoundEntry, element: etree._Element) -> None:
    body = Body(text_of(element), False, element.get(XML_BASE))
    if entry.summary is None:
        entry.summary = body
    else:
        entry.contents.append(body)


def _caption(entry: FoundEntry, element: etree._Element) -> None:
    entry.captions.append(Body(text_of(element), entry.is_video))


def _published(entry: FoundEntry, element: etree._Element) -> None:
    entry.published = date_of(element)


def _updated(entry: FoundEntry, element: etree._Element) -> None:
    entry.updated = date_of(element)


def _created(entry: FoundEntry, element: etree._Element) -> None:
    entry.created = date_of(element)


def _author(entry: FoundEntry, element: etree._Element) -> None:
    named = person(text_of(element))
    if named is not None:
        entry.authors.append(named)


def _atom_author(entry: FoundEntry, element: etree._Element) -> None:
    named = atom_person(element)
    if named is not None:
        entry.authors.append(named)


def _credit(entry: FoundEntry, element: etree._Element) -> None:
    named = person(text_of(element))
    if named is not None:
        entry.credits.append(named)


def _category(entry: FoundEntry, element: etree._Element) -> None:
    scheme = element.get("scheme", "")
    if not scheme.endswith("#kind"):  # what an entry is, in Google's feeds
        add_tags(entry.tags, element.get("term"), element.get("label"), text_of(element))


def _keywords(entry: FoundEntry, element: etree._Element) -> None:
    add_tags(entry.tags, *(word.strip() for word in text_of(element).split(",")))


def _itunes_category(entry: FoundEntry, element: etree._Element) -> None:
    add_tags(entry.tags, element.get("text"))


def _language(entry: FoundEntry, element: etree._Element) -> None:
    entry.language = text_of(element)


def _alias(entry: FoundEntry, element: etree._Element) -> None:
    entry.aliases.append(text_of(element))


def _in_reply_to(entry: FoundEntry, element: etree._Element) -> None:
    entry.reply_id = element.get("ref", "")
    entry.reply_url = element.get("href", "")


def _video_id(entry: FoundEntry, element: etree._Element) -> None:
    entry.is_video = True


def _rss_source(entry: FoundEntry, element: etree._Element) -> None:
    entry.source = FoundSource([element.get("url", "")], text_of(element))


def _atom_source(entry: FoundEntry, element: etree._Element) -> None:
    source = FoundSource()
    for child in element:
        name = name_of(child.tag)
        if name == "atom:link":
            source.addresses.append(child.get("href", ""))
        elif name == "atom:id":
            source.addresses.append(text_of(child))
        elif name == "atom:title":
            source.title = construct(child).markup
        elif name == "atom:author" and (named := atom_person(child)):
            source.authors.append(named)
    entry.source = source


def _media_group(entry: FoundEntry, element: etree._Element) -> None:
    _read_children(entry, element, _MEDIA)


def _thumbnail(entry: FoundEntry, element: etree._Element) -> None:
    url = element.get("url") or text_of(element)
    if url:
        entry.thumbnails.append(_picture(url, "image", element, None))


def _picture(url: str, kind: str, element: etree._Element, alt: str | None) -> RawMedia:
    size = pixels(element.get("width")), pixels(element.get("height"))
    return RawMedia(url.strip(), kind, alt, *size)


def _media_content(entry: FoundEntry, element: etree._Element) -> None:
    inner = FoundEntry()
    _read_children(inner, element, _MEDIA)
    description = inner.captions[0].markup if inner.captions else ""
    entry.captions += inner.captions
    entry.thumbnails += inner.thumbnails
    entry.credits += inner.credits
    add_tags(entry.tags, *inner.tags)
    entry.caption_title = entry.caption_title or inner.caption_title
    url = element.get("url", "")
    kind = media_type(url, element.get("type"), element.get("medium"))
    if url and kind:
        alt = description or inner.caption_title or None
        entry.media.append(_picture(url, kind, element, alt))


def _media_title(entry: FoundEntry, element: etree._Element) -> None:
    entry.caption_title = text_of(element) or entry.caption_title


def skip(entry: FoundEntry, element: etree._Element) -> None:
    """For elements whose meaning is known, and not wanted."""


_MEDIA: Handlers = {
    "media:group": _media_group,
    "media:content": _media_content,
    "media:thumbnail": _thumbnail,
    "media:title": _media_title,
    "media:description": _caption,
    "media:credit": _credit,
    "media:category": _category,
    "media:keywords": _keywords,
}
_COMMON: Handlers = {
    **_MEDIA,
    "atom:link": _atom_link,
    "atom:author": _atom_author,
    "atom:contributor": skip,
    "atom:published": _published,
    "atom:updated": _updated,
    "dc:creator": _author,
    "dc:author": _author,
    "dc:date": _updated,
    "dc:subject": _category,
    "dc:language": _language,
    "dcterms:issued": _published,
    "dcterms:modified": _updated,
    "dcterms:created": _created,
    "itunes:author": _author,
    "itunes:category": _itunes_category,
    "itunes:keywords": _keywords,
    "itunes:summary": _caption,
    "thr:in-reply-to": _in_reply_to,
    "thr:total": _comment_count,
    "slash:comments": _comment_count,
    "wfw:commentrss": _comment_feed,
    "feedburner:origlink": _alias,
    "pheedo:origlink": _alias,
    "yt:videoid": _video_id,
}
RSS: Handlers = {
    **_COMMON,
    "title": _title,
    "dc:title": _title,
    "link": _link,
    "guid": _guid,
    "description": _description,
    "dc:description": _description,
    "content:encoded": _encoded,
    "pubdate": _published,
    "category": _category,
    "author": _author,
    "enclosure": _enclosure,
    "source": _rss_source,
}
ATOM_ENTRY: Handlers = {
    **_COMMON,
    "atom:id": _id,
    "atom:title": _atom_title,
    "atom:summary": _summary,
    "atom:content": _content,
    "atom:category": _category,
    "atom:source": _atom_source,
}
