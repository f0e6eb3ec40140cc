"""Kind `webmention`: a page that says it responds to a post of the course.

https://www.w3.org/TR/webmention/ sections 3.2.2 and 3.2.4; https://microformats.org/wiki/h-entry

Registered by whoever sends a Webmention, never by hand. The page must link to the target, and goes
on being looked at now and then: what no longer links, or is gone, is withdrawn.

Options: `target`, the address on our own pages; `post`, the address of the post it stands for, or
none for a course's page: then it is a post like any other, if it carries the hashtag.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urljoin

import mf2py
from selectolax.lexbor import LexborHTMLParser

from collectors.contract import PAGE_LIMIT, Ask, Batch, CollectError, Reply
from collectors.feeds import dates
from models.domain.links import absolute, canonical, host_key
from models.domain.post import Kind, RawAuthor, RawPost
from models.domain.source import SourceSpec

GONE = 410
ACCEPT = "text/html, application/xhtml+xml;q=0.9"
Properties = Mapping[str, Sequence[Any]]


class WebmentionCollector:
    kind = "webmention"
    pace = (43_200.0, 86_400.0)

    def ask(self, source: SourceSpec) -> Ask:
        return Ask(source.url, limit=PAGE_LIMIT, accept=ACCEPT, answers=frozenset({GONE}))

    def parse(self, source: SourceSpec, reply: Reply) -> Batch:
        if reply.status == GONE:
            return Batch(withdrawn=(source.url,))
        if not _links_to(reply, source.options.get("target", "")):
            if source.cursor.get("verified"):
                return Batch(withdrawn=(source.url,))
            raise CollectError(
                "no-link",
                f"{source.url} does not link to the post it says it responds to",
                mend="link to that post's page and send the Webmention again",
            )
        return Batch(posts=(_response(source, reply),), cursor={"verified": True})


def _links_to(reply: Reply, target: str) -> bool:
    tree = LexborHTMLParser(reply.body)
    wanted = canonical(target)
    found = (
        node.attributes.get(name) or ""
        for name in ("href", "src", "cite")
        for node in tree.css(f"[{name}]")
    )
    return any(canonical(urljoin(reply.url, address.strip())) == wanted for address in found)


def _response(source: SourceSpec, reply: Reply) -> RawPost:
    """What its h-entry says; of a page without one, no more than that it is there."""
    entry = _entry(reply)
    url = _first_url(entry, "url", reply.url)
    content = next(iter(entry.get("content", ())), None)
    markup = content.get("html", "") if isinstance(content, Mapping) else content or ""
    name = _first(entry, "name")
    post = source.options.get("post")
    return RawPost(
        external_id=source.url,
        kind=Kind.COMMENT if post else Kind.BLOG,
        url=url if url and host_key(url) == host_key(reply.url) else source.url,
        title=name if name and name.strip() != _text(content) else None,
        title_is_text=True,
        content=markup,
        summary=_first(entry, "summary"),
        base_url=reply.url,
        published_at=_moment(_first(entry, "published")),
        updated_at=_moment(_first(entry, "updated")),
        author=_author(entry, reply.url),
        tags=tuple(tag for tag in entry.get("category", ()) if isinstance(tag, str)),
        in_reply_to=post,
        is_response=post is not None,
        from_origin=True,
    )


def _text(content: Any) -> str:
    value = content.get("value", "") if isinstance(content, Mapping) else content or ""
    return str(value).strip()


def _entry(reply: Reply) -> Properties:
    parsed = mf2py.parse(doc=reply.body.decode("utf-8", "replace"), url=reply.url)
    for item in _items(parsed.get("items", ())):
        if "h-entry" in item.get("type", ()):
            properties: Properties = item["properties"]
            return properties
    return {}


def _items(items: Sequence[Any]) -> Iterator[Mapping[str, Any]]:
    """All of them, also those within others, the outer first."""
    for item in items:
        if isinstance(item, Mapping) and isinstance(item.get("properties"), Mapping):
            yield item
            yield from _items(item.get("children", ()))


def _first(properties: Properties, name: str) -> str | None:
    """The first value that is a text."""
    return next((value for value in properties.get(name, ()) if isinstance(value, str)), None)


def _first_url(properties: Properties, name: str, base: str) -> str | None:
    value = _first(properties, name)
    return absolute(value, base) if value else None


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
        name=_first(card, "name"),
        url=_first_url(card, "url", base),
        avatar_url=absolute(picture, base) if isinstance(picture, str) else None,
    )


def _moment(text: str | None) -> datetime | None:
    return dates.parse(text) if text else None
