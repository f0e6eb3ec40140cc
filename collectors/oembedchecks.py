"""Older videos of kind `youtube`, looked at again by YouTube's oEmbed, which needs no key.

https://oembed.com/ section 2.3.4. YouTube says 404 where there is no such video, `403 Forbidden`
where it is private, and 401 where it is there, but not to be embedded.

What the feed lists is there and needs no asking.

Cursor: `listed`, external ids of videos due for a check that the feed showed in this run.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode, urlsplit

from collectors.contract import Ask, Batch, Reply
from collectors.instance import OUT_OF_ORDER
from collectors.singly import Pair, Seen, Singly
from models.domain.source import SourceSpec

LISTED = "listed"
GONE = frozenset({404, 410})
LIMIT = 64 * 1024
_ID = "yt:video:"


def noted(source: SourceSpec, batch: Batch) -> Batch:
    """What the feed held, with what its videos are asked for by."""
    posts = tuple(
        replace(post, remote_id=post.external_id.removeprefix(_ID))
        if post.external_id.startswith(_ID)
        else post
        for post in batch.posts
    )
    shown = {post.external_id for post in posts}
    listed = [external_id for _, external_id in source.errands.recheck if external_id in shown]
    cursor = {**batch.cursor, LISTED: listed} if listed else batch.cursor
    return replace(batch, posts=posts, cursor=cursor, checked=tuple(listed))


def _wanted(source: SourceSpec, cursor: Mapping[str, Any]) -> Sequence[Pair]:
    listed = cursor.get(LISTED, ())
    return [pair for pair in source.errands.recheck if pair[1] not in listed]


def _ask(source: SourceSpec, video: str) -> Ask:
    feed = urlsplit(source.cursor["feed"])
    origin = f"{feed.scheme}://{feed.netloc}"
    query = {"url": f"{origin}/watch?{urlencode({'v': video})}", "format": "json"}
    return Ask(
        f"{origin}/oembed?{urlencode(query)}",
        limit=LIMIT,
        accept="application/json",
        conditional=False,
        answers=OUT_OF_ORDER,
    )


def _judge(source: SourceSpec, pair: Pair, reply: Reply) -> Seen:
    _, external_id = pair
    if reply.status in GONE:
        return Seen(Batch(withdrawn=(external_id,)), doubtful=True)
    # Any other 403 is meant for us, not for the video.
    if reply.status == 403 and reply.body.strip() == b"Forbidden":
        return Seen(Batch(excluded=((external_id, "not-public", None),)), doubtful=True)
    return Seen()


VIDEOS = Singly(_wanted, _ask, _judge)
