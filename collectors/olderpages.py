"""The older entries of a page that is its own feed (h-feed): by the links of its navigation.

https://microformats.org/wiki/existing-rel-values (`next`, `prev`)

Sites do not agree which of the two is older. The newest page mostly has one of them only, and that
is gone on with; a page with both is taken for the first of a series, whose next is older.

Place: `{}` the page itself; `url` the page to be asked, `rel` which link led to it.
"""

from collections.abc import Mapping
from typing import Any

from collectors import microformats
from collectors.contract import NO_PAST, PAGE_LIMIT, Ask, Batch, CollectError, Reply
from collectors.microformats import Page
from collectors.older import BEYOND, as_safe
from models.domain.links import absolute, host_key
from models.domain.source import SourceSpec

RELS = ("next", "prev", "previous")
ACCEPT = "text/html, application/xhtml+xml"


def ask(source: SourceSpec) -> Ask:
    """The page itself, or one that its navigation led to."""
    url = source.past.get("url")
    return Ask(
        url or source.url,
        limit=PAGE_LIMIT,
        accept=ACCEPT,
        conditional=False,
        answers=frozenset() if url is None else BEYOND,
    )


def read(source: SourceSpec, reply: Reply) -> Batch:
    """Raises `no-past` where the page itself leads to none before it."""
    if reply.status in BEYOND:
        return Batch()
    page = microformats.page(reply)
    following = _following(page, reply, source.past.get("rel"))
    if following is None and "url" not in source.past:
        raise CollectError(
            NO_PAST,
            f"{source.url} has no feed, and its page leads to no older entries",
            mend="if there is a feed after all, register its address as a source of kind feed",
        )
    return Batch(
        posts=page.posts,
        cursor=following or {},
        more=following is not None and bool(page.posts),
    )


def _following(page: Page, reply: Reply, known: str | None) -> Mapping[str, Any] | None:
    """Never to another host: anybody's comment may hold a link with a `rel`."""
    for rel in (known,) if known else RELS:
        for url in filter(None, (absolute(url, None) for url in page.rels.get(rel, ()))):
            if host_key(url) == host_key(reply.url) and url != reply.url:
                return {"url": as_safe(url, reply.url), "rel": rel}
    return None
