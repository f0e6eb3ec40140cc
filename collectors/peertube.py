"""Kind `peertube`: a channel or an account of a PeerTube instance, or the whole instance.

https://docs.joinpeertube.org/api-rest-reference.html (`tagsOneOf` of the lists of videos)

Lists name no tags, so each of the course's hashtags is asked for; what is listed under one carries
it. Without a path the instance's own and federated videos are asked.

Cursor: `turn`, the hashtag asked last; `listed`, ids of what the turns before it showed: a video
with two of the hashtags is read under the first; and what the rounds keep. Place of older videos:
`start`, how many are newer.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import urlencode, urlsplit

from collectors import fields, rounds, videos
from collectors.contract import Ask, Batch, CollectError, Reply
from collectors.fields import Object
from collectors.rounds import Rounds
from collectors.singly import kept
from collectors.videochecks import VIDEOS, shown
from models.domain.backfill import WAY
from models.domain.post import RawPost
from models.domain.source import Match, SourceSpec

PAGE = 50
_CHANNEL = re.compile(r"/(?:c|video-channels)/([^/]+)(?:/.*)?")
_ACCOUNT = re.compile(r"/(?:a|accounts)/([^/]+)(?:/.*)?")


ROUNDS = Rounds(checks=VIDEOS.part)


class PeertubeCollector:
    kind = "peertube"
    pace = (900.0, 86_400.0)
    looks_after = True

    def ask(self, source: SourceSpec) -> Ask:
        if (state := rounds.state_of(source)) is not None:
            return ROUNDS.ask(source, state)
        query = {"count": str(PAGE), "sort": "-publishedAt"}
        if tag := _turn(source):
            query["tagsOneOf"] = tag
        return Ask(
            f"{_list_of(source)}?{urlencode(query)}",
            accept="application/json",
            # A list that is as it was before would end the run before its errands.
            conditional=len(source.rule.hashtags) == 1 and not source.errands,
        )

    def ways(self, source: SourceSpec) -> int:
        return _turns(source)

    def look_back(self, source: SourceSpec) -> Ask:
        ask = self.ask(_on_way(source))
        start = urlencode({"start": source.past.get("start", 0)})
        return replace(ask, url=f"{ask.url}&{start}", conditional=False)

    def read_back(self, source: SourceSpec, reply: Reply) -> Batch:
        tag = _turn(_on_way(source))
        posts = tuple(_post(source, video, tag) for video in _videos(source, reply))
        following = source.past.get("start", 0) + PAGE
        return Batch(posts=posts, cursor={"start": following}, more=bool(posts))

    def parse(self, source: SourceSpec, reply: Reply) -> Batch:
        if (state := rounds.state_of(source)) is not None:
            return ROUNDS.parse(source, state, reply)
        tag, listed = _turn(source), source.cursor.get("listed", [])
        fresh = [video for video in _videos(source, reply) if video["uuid"] not in listed]
        posts = tuple(_post(source, video, tag) for video in fresh)
        turn = source.cursor.get("turn", 0) + 1
        if turn < _turns(source):
            listed = [*listed, *(video["uuid"] for video in fresh)]
            cursor = {**kept(source), "turn": turn, "listed": listed}
            return Batch(posts=posts, cursor=cursor, more=True)
        cursor = {**kept(source), **shown(source, [*listed, *(video["uuid"] for video in fresh)])}
        found = Batch(posts=posts, cursor=cursor, title=_title(posts), homepage=source.url)
        return ROUNDS.begin(source, found)


def is_peertube_address(url: str) -> bool:
    """Whether the address has the form of a channel's or an account's."""
    path = urlsplit(url).path
    return (_CHANNEL.fullmatch(path) or _ACCOUNT.fullmatch(path)) is not None


def _turns(source: SourceSpec) -> int:
    return len(source.rule.hashtags) if source.rule.match is Match.HASHTAG else 1


def _on_way(source: SourceSpec) -> SourceSpec:
    """Each hashtag is a way to older videos."""
    return replace(source, cursor={"turn": source.past.get(WAY, 0)})


def _turn(source: SourceSpec) -> str | None:
    if source.rule.match is Match.ALL:
        return None
    tags = source.rule.asked_for
    return tags[int(source.cursor.get("turn", 0)) % len(tags)]


def _list_of(source: SourceSpec) -> str:
    parts = urlsplit(source.url)
    api = f"{parts.scheme}://{parts.netloc}/api/v1"
    if match := _CHANNEL.fullmatch(parts.path):
        return f"{api}/video-channels/{match[1]}/videos"
    if match := _ACCOUNT.fullmatch(parts.path):
        return f"{api}/accounts/{match[1]}/videos"
    return f"{api}/videos"


def _videos(source: SourceSpec, reply: Reply) -> Iterator[Object]:
    answer = fields.answer(reply)
    if "data" not in answer:
        raise CollectError(
            "not-peertube",
            f"{source.url} does not answer as a PeerTube instance does",
            mend="check the address; for a blog use the kind blog",
        )
    return (video for video in fields.items(answer, "data") if fields.text(video, "uuid"))


def _post(source: SourceSpec, video: Object, tag: str | None) -> RawPost:
    return videos.post(source, video, (tag,) if tag else ())


def _title(posts: tuple[RawPost, ...]) -> str | None:
    return posts[0].author.name if posts else None
