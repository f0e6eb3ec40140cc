"""Kind `mastodon`: the hashtag timeline of one instance (Mastodon's REST API and its kin).

https://docs.joinmastodon.org/methods/timelines/#tag

The first collection pages down from the newest to the course's start, `RUN` posts in one run; from
then on each poll pages up from the newest id seen. Requests are built from ids alone, never from
the server's `Link`. Ids are opaque texts, sorted by length, then by text.

Cursor: `newest` and `oldest` ids; `complete` once the start was reached; `down` while paging down;
`run` posts in this run; `only` where an instance shows local or remote posts only; `probe` while
it is asked what it shows.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from collectors.contract import Ask, Batch, CollectError, Reply
from collectors.statuses import Excluded, read_status
from models.domain.post import RawPost
from models.domain.source import SourceSpec

PAGE = 40
"""The most statuses a page may have."""
RUN = 2000
"""Statuses of one run; the rest follows in the next ones."""
REFUSED = frozenset({400, 401, 403, 422})
"""How servers say that anonymous readers are not welcome."""
HOW_TO_BE_LET_IN = (
    "log in there, open Preferences > Development > New application, allow read:statuses,"
    " and give its access token with `moocfeed source add … --token-stdin`"
)


class MastodonCollector:
    kind = "mastodon"
    pace = (20.0, 120.0)

    def ask(self, source: SourceSpec) -> Ask:
        root = _root(source.url)
        if source.cursor.get("probe"):
            return Ask(f"{root}/api/v2/instance", conditional=False, answers=REFUSED | {404})
        main, *others = source.rule.hashtags
        query = [("limit", str(PAGE)), *(("any[]", tag) for tag in others)]
        if only := source.cursor.get("only"):
            query.append((only, "true"))
        if source.cursor.get("down"):
            query.append(("max_id", source.cursor["oldest"]))
        elif newest := source.cursor.get("newest"):
            query.append(("min_id", newest))
        return Ask(
            f"{root}/api/v1/timelines/tag/{quote(main, safe='')}?{urlencode(query)}",
            accept="application/json",
            conditional=False,
            answers=REFUSED | {404},
        )

    def parse(self, source: SourceSpec, reply: Reply) -> Batch:
        if source.cursor.get("probe"):
            return _probed(source, reply)
        if reply.status in REFUSED:
            return _refused(source)
        statuses = _statuses(source, reply)
        cursor, more = advance(source, statuses)
        posts, excluded = _read(source, statuses)
        return Batch(posts=posts, cursor=cursor, more=more, excluded=excluded)


def advance(source: SourceSpec, statuses: Sequence[Mapping[str, Any]]) -> tuple[Any, bool]:
    """The next cursor, and whether to ask again at once.

    It asks again only where the answer brought it further: a server that ignores `min_id` would
    repeat one page for ever.
    """
    before = source.cursor
    ids = sorted((str(status["id"]) for status in statuses), key=_order)
    cursor: dict[str, Any] = {"run": before.get("run", 0) + len(ids)}
    if only := before.get("only"):
        cursor["only"] = only
    newest, oldest = before.get("newest"), before.get("oldest")
    if ids:
        newest = max(newest or ids[-1], ids[-1], key=_order)
        oldest = min(oldest or ids[0], ids[0], key=_order)
    if newest is None:
        return {**cursor, "run": 0}, False
    cursor |= {"newest": newest, "oldest": oldest}
    going_down = bool(before.get("down")) or before.get("newest") is None
    complete = bool(before.get("complete")) or (
        going_down and (oldest == before.get("oldest") or _reaches_start(source, statuses))
    )
    cursor["complete"] = complete
    climbing = not going_down and newest != before.get("newest")
    if cursor["run"] >= RUN or (complete and not climbing):
        return {**cursor, "run": 0}, False
    if not climbing:
        cursor["down"] = True
    return cursor, True


def _reaches_start(source: SourceSpec, statuses: Sequence[Mapping[str, Any]]) -> bool:
    since = source.rule.since
    if not statuses:
        return True
    times = [post.published_at for post in _read(source, statuses, all_times=True)[0]]
    return since is not None and any(time and time.timestamp() < since for time in times)


def _order(id_: str) -> tuple[int, str]:
    return len(id_), id_


def _root(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _statuses(source: SourceSpec, reply: Reply) -> list[Mapping[str, Any]]:
    """The timeline as it came, entries that are no statuses left out."""
    try:
        answer = json.loads(reply.body)
    except (ValueError, RecursionError):
        answer = None
    if reply.status == 404 and (answer is not None or source.cursor.get("newest")):
        return []  # so some servers say that nobody used the tag
    if not isinstance(answer, list):
        raise CollectError(
            "not-mastodon",
            f"{_root(source.url)} does not answer as a Mastodon instance does",
            mend="check the instance's address; for a blog use the kind blog, for a feed feed",
        )
    return [
        status
        for status in answer
        if isinstance(status, dict) and isinstance(status.get("id"), str | int)
    ]


def _read(
    source: SourceSpec, statuses: Sequence[Mapping[str, Any]], *, all_times: bool = False
) -> tuple[tuple[RawPost, ...], tuple[tuple[str, str, str | None], ...]]:
    posts: list[RawPost] = []
    excluded: list[tuple[str, str, str | None]] = []
    since = source.rule.since
    for status in statuses:
        read = read_status(status, source)
        if isinstance(read, Excluded):
            excluded.append((read.external_id, read.reason, read.url))
        elif read is not None:
            early = since and read.published_at and read.published_at.timestamp() < since
            if all_times or not early:
                posts.append(read)
    return tuple(posts), tuple(excluded)


def _refused(source: SourceSpec) -> Batch:
    """Ask once what the instance does show; where that was known already, it wants a token."""
    if source.cursor.get("only"):
        raise _wants_token(source)
    return Batch(cursor={**source.cursor, "probe": True}, more=True)


def _probed(source: SourceSpec, reply: Reply) -> Batch:
    """`configuration.timelines_access.hashtag_feeds` (Mastodon 4.5): public, or for users only."""
    try:
        access = json.loads(reply.body)["configuration"]["timelines_access"]["hashtag_feeds"]
        shown = [side for side in ("local", "remote") if access.get(side) == "public"]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        shown = []
    if len(shown) != 1:
        raise _wants_token(source)
    kept = {key: value for key, value in source.cursor.items() if key != "probe"}
    return Batch(cursor={**kept, "only": shown[0]}, more=True)


def _wants_token(source: SourceSpec) -> CollectError:
    return CollectError(
        "wants-token",
        f"{_root(source.url)} shows its timelines to its users only: it wants a user's token",
        mend=HOW_TO_BE_LET_IN,
    )
