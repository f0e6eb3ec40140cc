"""Older videos of kind `peertube`, looked at again: still there, still public, still tagged?

https://docs.joinpeertube.org/api-rest-reference.html (`GET /api/v1/videos/{id}`)

What is written about a video is read of those that the list shows no more: lists cut descriptions
off, so the two would replace each other for ever.

Cursor: `shown`, ids of videos due for a check that the list showed in this run.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlsplit

from collectors import fields, videos
from collectors.contract import Ask, Batch, Reply
from collectors.fields import Object
from collectors.instance import OUT_OF_ORDER
from collectors.singly import Pair, Seen, Singly
from models.domain.hashtags import extract, match_key
from models.domain.source import Match, SourceSpec

SHOWN = "shown"
PUBLIC = 1
REFUSED = frozenset({401, 403})
NOT_FOLLOWED = "does_not_respect_follow_constraints"
"""Code of a refusal that is the instance's own matter: the video is there."""


def shown(source: SourceSpec, uuids: Collection[str]) -> Mapping[str, Any]:
    """What the cursor has to remember for the round, of the videos that the list showed."""
    found = [uuid for uuid, _ in source.errands.recheck if uuid in uuids]
    return {SHOWN: found} if found else {}


def _wanted(source: SourceSpec, cursor: Mapping[str, Any]) -> Sequence[Pair]:
    return source.errands.recheck


def _ask(source: SourceSpec, uuid: str) -> Ask:
    parts = urlsplit(source.url)
    return Ask(
        f"{parts.scheme}://{parts.netloc}/api/v1/videos/{quote(uuid, safe='')}",
        accept="application/json",
        conditional=False,
        answers=OUT_OF_ORDER,
    )


def _judge(source: SourceSpec, pair: Pair, reply: Reply) -> Seen:
    uuid, external_id = pair
    answer = fields.answer(reply)
    # A 404 without a word from the API may mean that there is none at this moment.
    if reply.status == 410 or (reply.status == 404 and answer):
        return Seen(Batch(withdrawn=(external_id,)), doubtful=True)
    if reply.status in REFUSED and answer and answer.get("code") != NOT_FOLLOWED:
        return Seen(_left_out(external_id, "not-public"), doubtful=True)
    if reply.status != 200 or answer.get("uuid") != uuid:
        return Seen()
    if fields.inner(answer, "privacy").get("id", PUBLIC) != PUBLIC:
        return Seen(_left_out(external_id, "not-public"))
    if not _is_tagged(source, answer):
        return Seen(_left_out(external_id, "no-hashtag"))
    return Seen() if uuid in source.cursor.get(SHOWN, ()) else Seen(_read(source, pair, answer))


def _read(source: SourceSpec, pair: Pair, video: Object) -> Batch:
    """What is written about it by now; an id that names another address says nothing of it."""
    found = videos.post(source, video, fields.texts(video, "tags"))
    return Batch(posts=(found,)) if found.external_id == pair[1] else Batch()


def _left_out(external_id: str, reason: str) -> Batch:
    return Batch(excluded=((external_id, reason, external_id),))


def _is_tagged(source: SourceSpec, video: Object) -> bool:
    """By its tags or in its text, like any post; where it names no tags, it is believed to be."""
    if source.rule.match is Match.ALL or not isinstance(video.get("tags"), list):
        return True
    written = f"{fields.text(video, 'name')}\n{fields.text(video, 'description')}"
    found = {match_key(tag) for tag in (*fields.texts(video, "tags"), *extract(written))}
    return not found.isdisjoint(source.rule.hashtags)


VIDEOS = Singly(_wanted, _ask, _judge)
