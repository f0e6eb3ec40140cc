"""From feedparser's dictionaries to what was found."""

import calendar
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from collectors.feeds import dates, written
from collectors.feeds.elements import add_media
from collectors.feeds.found import (
    ENTRY_LIMIT,
    OLDER,
    Body,
    FoundEntry,
    FoundFeed,
    FoundSource,
    add_tags,
    media_type,
    person,
    pixels,
)
from collectors.feeds.names import HISTORY, THREADING, YOUTUBE
from models.domain.post import RawAuthor, RawMedia

_END_OF_VOID = re.compile(r"</(?:area|br|col|embed|hr|img|input|source|track|wbr)>")
_MARKUP_TYPES = frozenset({"text/html", "application/xhtml+xml"})


def converted(parsed: Any, text: str, address: str) -> FoundFeed:
    """`parsed` is what feedparser made of the text; `address` the feed's final URL."""
    return _Converter(parsed, text, address).feed()


class _Converter:
    """Turns feedparser's dictionaries into what was found."""

    def __init__(self, parsed: Any, text: str, address: str) -> None:
        self._parsed = parsed
        self._text = text
        self._address = address
        self._is_atom = parsed.version == "atom10"
        self._as_written = dict(written.relative_addresses(text, address))
        self._prefixes = {uri: prefix for prefix, uri in parsed.namespaces.items()}

    def feed(self) -> FoundFeed:
        head = self._parsed.feed
        found = FoundFeed(
            is_rss=not self._parsed.version.startswith("atom"),
            id=_text(head, "id"),
            title=Body(_text(head, "title"), self._is_text(head.get("title_detail"))),
            link=self._written(_text(head, "link")),
            base=self._base(head.get("title_detail")),
            language=head.get("language"),
            generator=_text(head, "generator"),
            authors=list(_authors(head)),
            ttl=_text(head, "ttl"),
            update_period=_text(head, "sy_updateperiod"),
            update_frequency=_text(head, "sy_updatefrequency"),
            complete=self._key(HISTORY, "complete") in head,
            entries=[self._entry(entry) for entry in self._parsed.entries[: ENTRY_LIMIT + 1]],
        )
        for link in head.get("links", ()):
            if link.get("rel") == "self":
                found.self_url = _text(link, "href")
            elif link.get("rel") == "hub":
                found.hub = found.hub or _text(link, "href")
            elif link.get("rel") in OLDER:
                found.older = found.older or _text(link, "href")
        found.withdrawn = written.tombstones(self._text)
        if {"skiphours", "skipdays", "hour", "day"} & head.keys():
            found.skip_hours, found.skip_days = written.skipped(self._text)
        return found

    def _entry(self, entry: Any) -> FoundEntry:
        found = FoundEntry(
            id=self._written(_text(entry, "id")),
            id_is_link=self._is_atom or entry.get("guidislink", False) or entry.get("link") == "",
            link=self._written(_text(entry, "link")),
            title=_without_void_ends(_text(entry, "title"), entry.get("title_detail", {})),
            title_is_text=self._is_text(entry.get("title_detail")),
            published=_moment(entry, "published"),
            updated=_moment(entry, "updated"),
            created=_moment(entry, "created"),
            authors=list(_authors(entry)),
            credits=list(_credits(entry)),
            base=next(filter(None, map(self._base, reversed([*_details(entry)]))), None),
            is_video=self._key(YOUTUBE, "videoid") in entry,
            language=_language(entry),
            source=self._source(entry),
        )
        if entry.get("guidislink") and found.link == found.id:
            found.link = ""  # feedparser puts an id in a missing link's place, whatever it is
        self._add_bodies(found, entry)
        _add_tags(found, entry)
        _add_media(found, entry)
        parent = entry.get(self._key(THREADING, "in-reply-to"))
        if isinstance(parent, Mapping):
            found.reply_id, found.reply_url = _text(parent, "ref"), _text(parent, "href")
        found.comments_url = _text(entry, "wfw_commentrss") or _replies(entry)
        found.comments = _text(entry, "slash_comments") or _text(
            entry, self._key(THREADING, "total")
        )
        for key in ("feedburner_origlink", "pheedo_origlink"):
            add_tags(found.aliases, _text(entry, key))
        return found

    def _add_bodies(self, found: FoundEntry, entry: Any) -> None:
        detail = entry.get("summary_detail", {})
        summary = self._body(_text(entry, "summary"), detail)
        contents = entry.get("content", ())
        if not detail and any(_text(content, "value") == summary.markup for content in contents):
            summary = Body("")  # feedparser's copy of the content
        for content in contents:
            body = self._body(_text(content, "value"), content)
            if source := _text(content, "src"):
                found.elsewhere = source
                add_media(found.enclosures, source, content.get("type"))
            elif self._is_readable(content):
                found.contents.append(body)
            elif _is_plain(content):
                found.captions.append(body)
        if found.is_video and not found.contents:
            found.captions.append(Body(summary.markup, is_text=True))
        elif self._is_readable(detail):
            found.summary = summary
        elif summary.markup:
            found.captions.append(summary)

    def _is_readable(self, detail: Any) -> bool:
        """In RSS, declared plain text is a caption's or a podcast player's."""
        markup = detail.get("type", "text/html") in _MARKUP_TYPES
        return markup or (self._is_atom and _is_plain(detail))

    def _body(self, markup: str, detail: Any) -> Body:
        return Body(
            _without_void_ends(markup, detail),
            self._is_text(detail),
            self._base(detail),
            detail.get("language"),
        )

    def _is_text(self, detail: Any) -> bool:
        return self._is_atom and detail is not None and _is_plain(detail)

    def _base(self, detail: Any) -> str | None:
        """The `xml:base` in force, which is not the feed's address."""
        base = detail.get("base") if detail else None
        return base if base and base != self._address else None

    def _written(self, address: str) -> str:
        """feedparser resolves ids too, so that every feed's `1` would seem to be a page."""
        return self._as_written.get(address, address)

    def _key(self, namespace: str, local: str) -> str:
        prefix = self._prefixes.get(namespace, "")
        return f"{prefix}_{local}" if prefix else local

    def _source(self, entry: Any) -> FoundSource | None:
        source = entry.get("source")
        if source is None:
            return None
        addresses = [_text(source, "href"), _text(source, "id")]
        addresses += [_text(link, "href") for link in source.get("links", ())]
        return FoundSource(addresses, _text(source, "title"), list(_authors(source)))


def _is_plain(detail: Any) -> bool:
    """Whatever kind of text it is, if not markup (RFC 4287 4.1.3.3, 5)."""
    kind = _text(detail, "type")
    return kind.startswith("text/") and kind not in _MARKUP_TYPES


def _without_void_ends(markup: str, detail: Any) -> str:
    """feedparser writes `<br></br>`, which HTML reads as two."""
    is_xhtml = detail.get("type") == "application/xhtml+xml"
    return _END_OF_VOID.sub("", markup) if is_xhtml else markup


def _text(holder: Any, key: str) -> str:
    """feedparser has None, or a text's details, where an end tag lacks its start."""
    value = holder.get(key)
    return value if isinstance(value, str) else ""


def _replies(entry: Any) -> str:
    """Atom's link to the comments (RFC 4685), where it leads to a feed."""
    for link in entry.get("links", ()):
        if link.get("rel") == "replies" and "xml" in _text(link, "type"):
            return _text(link, "href")
    return ""


def _moment(entry: Any, key: str) -> datetime | None:
    """Ours, else feedparser's: it knows rarer forms, but reads zones it doesn't know as UTC."""
    if key not in entry:
        return None
    text = _text(entry, key)
    if (ours := dates.parse(text)) is not None or dates.is_known_form(text):
        return ours
    parsed = entry.get(f"{key}_parsed")
    try:
        return datetime.fromtimestamp(calendar.timegm(parsed), UTC) if parsed else None
    except (ValueError, OverflowError):
        return None


def _language(entry: Any) -> str | None:
    for detail in ({"language": entry.get("language")}, *_details(entry)):
        language = detail.get("language")
        if language:
            return str(language)
    return None


def _details(entry: Any) -> Iterator[Any]:
    yield from entry.get("content", ())
    yield entry.get("summary_detail", {})
    yield entry.get("title_detail", {})


def _authors(holder: Any) -> Iterator[RawAuthor]:
    for author in holder.get("authors", ()):
        named = person(_text(author, "name"), author.get("href"))
        if named is not None:
            yield named


def _credits(entry: Any) -> Iterator[RawAuthor]:
    for credit in entry.get("media_credit", ()):
        named = person(_text(credit, "content"))
        if named is not None:
            yield named


def _add_tags(found: FoundEntry, entry: Any) -> None:
    for tag in entry.get("tags", ()):
        if not (tag.get("scheme") or "").endswith("#kind"):
            add_tags(found.tags, tag.get("term"), tag.get("label"))


def _add_media(found: FoundEntry, entry: Any) -> None:
    for link in entry.get("links", ()):
        if link.get("rel") == "enclosure":
            add_media(found.enclosures, link.get("href"), link.get("type"))
    for content in entry.get("media_content", ()):
        url = _text(content, "url")
        kind = media_type(url, content.get("type"), content.get("medium"))
        if url and kind:
            found.media.append(_sized(url, kind, content))
    for thumbnail in entry.get("media_thumbnail", ()):
        if thumbnail.get("url"):
            found.thumbnails.append(_sized(thumbnail["url"], "image", thumbnail))


def _sized(url: str, kind: str, attributes: Any) -> RawMedia:
    width, height = pixels(attributes.get("width")), pixels(attributes.get("height"))
    return RawMedia(url.strip(), kind, None, width, height)
