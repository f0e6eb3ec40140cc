"""Older posts that are known from an account's feed alone, looked at again by their own pages.

What the feed lists is there; of the rest the page is asked for, and nothing of it is read: only
whether there is one. A page elsewhere than on the account's server says nothing of the account.

Cursor: `listed`, external ids of posts due for a check that the feed showed in this run.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from collectors.contract import PAGE_LIMIT, Ask, Batch, Reply
from collectors.instance import OUT_OF_ORDER
from collectors.singly import Pair, Seen, Singly
from models.domain.links import host_key, is_web_url
from models.domain.source import SourceSpec

LISTED = "listed"
GONE = frozenset({404, 410})


def noted(source: SourceSpec, feed: str, batch: Batch) -> Batch:
    """What the feed held, with the posts to be asked for by their pages: those at its server."""
    host = host_key(feed)
    posts = tuple(
        replace(post, remote_id=post.url) if post.url and host_key(post.url) == host else post
        for post in batch.posts
    )
    shown = {post.external_id for post in posts}
    listed = [external_id for _, external_id in source.errands.recheck if external_id in shown]
    cursor = {**batch.cursor, LISTED: listed} if listed else batch.cursor
    # An API's ids lead nowhere here; left due, they would keep those behind them waiting.
    elsewhere = [pair[1] for pair in source.errands.recheck if not has_page(pair)]
    checked = tuple(dict.fromkeys((*listed, *elsewhere)))
    return replace(batch, posts=posts, cursor=cursor, checked=checked)


def has_page(pair: Pair) -> bool:
    """Whether the post is asked for by its page, not by an id of an API."""
    return is_web_url(pair[0])


def _wanted(source: SourceSpec, cursor: Mapping[str, Any]) -> Sequence[Pair]:
    listed = cursor.get(LISTED, ())
    return [pair for pair in source.errands.recheck if has_page(pair) and pair[1] not in listed]


def _ask(source: SourceSpec, url: str) -> Ask:
    return Ask(url, limit=PAGE_LIMIT, accept="text/html", conditional=False, answers=OUT_OF_ORDER)


def _judge(source: SourceSpec, pair: Pair, reply: Reply) -> Seen:
    if reply.status in GONE:
        return Seen(Batch(withdrawn=(pair[1],)), doubtful=True)
    return Seen()


PAGES = Singly(_wanted, _ask, _judge)
