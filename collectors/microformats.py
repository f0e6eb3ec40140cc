"""h-entries of a page (https://microformats.org/wiki/h-entry), read by mf2py, as posts."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from collectors.contract import Reply
from collectors.feeds import dates
from models.domain.links import absolute
from models.domain.post import RawAuthor, RawPost

Properties = Mapping[str, Sequence[Any]]


@dataclass(frozen=True, slots=True)
class Page:
    """What a page with h-entries holds."""

    posts: tuple[RawPost, ...]
    """The entries that have an address of their own."""
    rels: Mapping[str, Sequence[str]]
    """Absolute addresses that its links name, by their `rel`."""


def page(reply: Reply) -> Page:
    """A page as a feed of its own."""
    parsed = _parsed(reply)
    found = [post(entry, reply.url) for entry in _entries(parsed)]
    once = {each.external_id: each for each in found}
    return Page(tuple(each for each in once.values() if each.url), parsed.get("rels", {}))


def entries(reply: Reply) -> Iterator[Properties]:
    """The properties of each h-entry, also of those within an h-feed, in the page's order."""
    return _entries(_parsed(reply))


def _parsed(reply: Reply) -> Mapping[str, Any]:
    import mf2py  # with what it needs a tenth of a second; workers have it loaded

    found: Mapping[str, Any] = mf2py.parse(doc=reply.body.decode("utf-8", "replace"), url=reply.url)
    return found


def _entries(parsed: Mapping[str, Any]) -> Iterator[Properties]:
    for item in _items(parsed.get("items", ())):
        if "h-entry" in item.get("type", ()):
            yield item["properties"]


def _items(items: Sequence[Any]) -> Iterator[Mapping[str, Any]]:
    for item in items:
        if isinstance(item, Mapping) and isinstance(item.get("properties"), Mapping):
            yield item
            yield from _items(item.get("children", ()))


def post(entry: Properties, base: str) -> RawPost:
    """What an h-entry says. Without an address of its own, `external_id` is empty."""
    content = next(iter(entry.get("content", ())), None)
    name = first(entry, "name")
    url = first_url(entry, "url", base)
    return RawPost(
        external_id=first(entry, "uid") or url or "",
        url=url,
        title=name if name and name.strip() != _text(content) else None,
        title_is_text=True,
        content=content.get("html", "") if isinstance(content, Mapping) else content or "",
        summary=first(entry, "summary"),
        base_url=base,
        published_at=_moment(first(entry, "published")),
        updated_at=_moment(first(entry, "updated")),
        author=_author(entry, base),
        tags=tuple(tag for tag in entry.get("category", ()) if isinstance(tag, str)),
        in_reply_to=first_url(entry, "in-reply-to", base),
        from_origin=True,
    )


def first(properties: Properties, name: str) -> str | None:
    """The first value that is a text."""
    return next((value for value in properties.get(name, ()) if isinstance(value, str)), None)


def first_url(properties: Properties, name: str, base: str) -> str | None:
    """The first value as an absolute address."""
    value = first(properties, name)
    return absolute(value, base) if value else None


def _text(content: Any) -> str:
    value = content.get("value", "") if isinstance(content, Mapping) else content or ""
    return str(value).strip()


def _author(entry: Properties, base: str) -> RawAuthor:
    author = next(iter(entry.get("author", ())), None)
    if isinstance(author, str):
        is_url = author.startswith(("http://", "https://"))
        return RawAuthor(url=author) if is_url else RawAuthor(name=author)
    if not isinstance(author, Mapping):
        return RawAuthor()
    card = author.get("properties", {})
    photo = next(iter(card.get("photo", ())), None)
    picture = photo.get("value") if isinstance(photo, Mapping) else photo
    return RawAuthor(
        name=first(card, "name"),
        url=first_url(card, "url", base),
        avatar_url=absolute(picture, base) if isinstance(picture, str) else None,
    )


def _moment(text: str | None) -> datetime | None:
    return dates.parse(text) if text else None
