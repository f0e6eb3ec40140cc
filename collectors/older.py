"""The older entries of a feed: its archives (RFC 5005), or WordPress's `?paged=N`.

A feed that names the document before it is followed from one to the next; else one that WordPress
made is asked for its second page, its third, until there is none. Archives may hold entries as
they once were: what is deleted or edited since, the feed itself says.

Place: `{}` the feed itself; `url` a document that another named; `page` and `of` a page of
WordPress's; `gone`, external ids that a newer document says were deleted (RFC 6721).
"""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from collectors.contract import NO_PAST, Ask, Batch, CollectError, Reply
from collectors.feeds import ACCEPT
from models.domain.links import host_key
from models.domain.source import SourceSpec

BEYOND = frozenset({400, 404, 410})
"""What is answered to a page beyond the last."""
NO_FEED = frozenset({"not-a-feed", "empty-body"})
"""Codes of what some sites show there instead."""
MOST_GONE = 1000


def ask(source: SourceSpec, feed: str) -> Ask:
    """`feed`: the address of the feed itself."""
    place = source.past
    if "page" in place:
        url = _paged(place["of"], place["page"])
        return Ask(url, accept=ACCEPT, conditional=False, answers=BEYOND)
    return Ask(place.get("url", feed), accept=ACCEPT, conditional=False)


def read(source: SourceSpec, reply: Reply, entries: Callable[[Reply], Batch]) -> Batch:
    """`entries` reads the answer as the kind does. Raises `CollectError` as it does, and `no-past`
    where the feed names nothing before it.
    """
    place = source.past
    if "page" in place and reply.status in BEYOND:
        return Batch()
    try:
        batch = entries(reply)
    except CollectError as error:
        if "page" in place and error.code in NO_FEED:
            return Batch()
        raise
    following = _following(source, reply, batch)
    if following is None and "url" not in place and "page" not in place:
        raise _no_past(source, reply)
    known = place.get("gone", ())
    gone = tuple(dict.fromkeys((*known, *batch.withdrawn)))[:MOST_GONE]
    return Batch(
        posts=tuple(post for post in batch.posts if post.external_id not in known),
        cursor={**(following or {}), **({"gone": list(gone)} if gone else {})},
        more=following is not None,
    )


def _following(source: SourceSpec, reply: Reply, batch: Batch) -> Mapping[str, Any] | None:
    place = source.past
    if "page" in place:
        return {**place, "page": place["page"] + 1} if batch.posts else None
    if batch.hints.older is not None:
        return {"url": as_safe(batch.hints.older, reply.url)}
    if "url" not in place and batch.hints.pages and batch.posts:
        return {"page": 2, "of": reply.url}
    return None


def as_safe(url: str, before: str) -> str:
    """Never from https to http, as with redirects."""
    if before.startswith("https:") and url.startswith("http:"):
        return "https:" + url.removeprefix("http:")
    return url


def _paged(url: str, page: int) -> str:
    parts = urlsplit(url)
    query = [pair for pair in parse_qsl(parts.query, True) if pair[0] != "paged"]
    return urlunsplit(parts._replace(query=urlencode([*query, ("paged", str(page))]), fragment=""))


def _no_past(source: SourceSpec, reply: Reply) -> CollectError:
    return CollectError(
        NO_PAST,
        f"the feed at {host_key(reply.url)} names no older entries than those it lists",
        mend="ask its author for a feed of the hashtag, which mostly reaches further back",
    )
