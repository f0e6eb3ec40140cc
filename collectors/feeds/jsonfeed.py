"""JSON Feed 1.0 and 1.1 (jsonfeed.org/version/1.1)."""

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any

import orjson

from collectors.contract import Batch, CollectError, Hints
from collectors.feeds import dates, jsonloose, sniff
from collectors.feeds.assemble import distinct, named_by
from collectors.feeds.found import ENTRY_LIMIT, media_type, person
from models.domain import links
from models.domain.identity import digest
from models.domain.post import Kind, RawAuthor, RawMedia, RawPost

_Object = Mapping[str, Any]


def read(body: bytes, address: str) -> Batch:
    """The batch of a JSON Feed; raises `CollectError` for all other JSON. `address`: its URL."""
    feed = _parsed(body)
    homepage = _address(feed, "home_page_url", address)
    base = homepage or address
    language = _text(feed, "language") or None
    authors = list(_authors(feed, base))
    posts = [
        _post(item, base, language, authors)
        for item in _objects(feed, "items")[:ENTRY_LIMIT]
        if any(item.get(key) for key in ("id", "url", "title", "content_html", "content_text"))
    ]
    return Batch(
        posts=tuple(distinct(posts)),
        title=" ".join(_text(feed, "title").split()) or None,
        homepage=homepage,
        hints=Hints(
            hub=next(_hubs(feed, address), None),
            self_url=_address(feed, "feed_url", address),
            older=_address(feed, "next_url", address),
        ),
    )


def _parsed(body: bytes) -> _Object:
    try:
        feed = orjson.loads(body.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError:
        feed = jsonloose.read(body)
    if feed is None:
        raise CollectError(
            "not-a-feed",
            "this begins like JSON, but it cannot be read",
            mend="look at the feed in a JSON validator",
        )
    version = feed.get("version") if isinstance(feed, dict) else None
    if not isinstance(version, str) or "jsonfeed.org/version/1" not in version:
        raise CollectError(
            "not-a-feed", "this is JSON, but not a JSON Feed 1.0 or 1.1", mend=sniff.MEND
        )
    return dict(feed)


def _post(item: _Object, base: str, language: str | None, authors: list[RawAuthor]) -> RawPost:
    url = _url(item, base)
    markup, text = _text(item, "content_html"), _text(item, "content_text")
    title = _text(item, "title")
    media = tuple(_media(item, url or base))
    return RawPost(
        external_id=_id(item) or named_by(url) or digest(title, markup or text),
        kind=_kind(item, media),
        url=url,
        title=title or None,
        title_is_text=True,
        content=markup or text,
        content_is_text=not markup,
        base_url=url or base,
        summary=_text(item, "summary") or None,
        language=_text(item, "language") or language,
        published_at=dates.parse(_text(item, "date_published")),
        updated_at=dates.parse(_text(item, "date_modified")),
        author=next(chain(_authors(item, base), authors), RawAuthor()),
        tags=tuple(_tags(item)),
        media=media,
        from_origin=True,
    )


def _id(item: _Object) -> str:
    """Version 1 says a number is to be read as its text."""
    value = item.get("id")
    return str(value) if isinstance(value, int | float) else _text(item, "id")


def _url(item: _Object, base: str) -> str | None:
    name = _id(item)
    return (
        _address(item, "url", base)
        or _address(item, "external_url", base)
        or (name if links.is_web_url(name) else None)
    )


def _authors(holder: _Object, base: str) -> Iterator[RawAuthor]:
    """`authors` of version 1.1, else the one `author` of 1.0."""
    listed = _objects(holder, "authors")
    single = holder.get("author")
    for author in listed or ([single] if isinstance(single, dict) else []):
        named = person(_text(author, "name"))
        if named is not None:
            url, avatar = _address(author, "url", base), _address(author, "avatar", base)
            yield RawAuthor(name=named.name, url=url, avatar_url=avatar)


def _tags(item: _Object) -> Iterator[str]:
    tags = item.get("tags")
    if isinstance(tags, list):
        seen = dict.fromkeys(tag.strip() for tag in tags if isinstance(tag, str))
        yield from (tag for tag in seen if tag)


def _media(item: _Object, base: str) -> Iterator[RawMedia]:
    for picture in dict.fromkeys(_address(item, key, base) for key in ("image", "banner_image")):
        if picture:
            yield RawMedia(picture)
    for attachment in _objects(item, "attachments"):
        url = _address(attachment, "url", base)
        kind = media_type(url, _text(attachment, "mime_type")) if url else None
        if url and kind:
            yield RawMedia(url, kind, _text(attachment, "title") or None)


def _kind(item: _Object, media: tuple[RawMedia, ...]) -> Kind:
    attached = [one.type for one in media if one.type != "image"]
    only_video = attached and set(attached) == {"video"}
    return Kind.VIDEO if only_video else Kind.BLOG


def _hubs(feed: _Object, address: str) -> Iterator[str]:
    for hub in _objects(feed, "hubs"):
        url = _address(hub, "url", address)
        if url and _text(hub, "type").lower() == "websub":
            yield url


def _objects(holder: _Object, key: str) -> list[_Object]:
    value = holder.get(key)
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _address(holder: _Object, key: str, base: str) -> str | None:
    written = _text(holder, key)
    return links.absolute(written, base) if written else None


def _text(holder: _Object, key: str) -> str:
    value = holder.get(key)
    return value.strip() if isinstance(value, str) else ""
