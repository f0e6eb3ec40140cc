"""Kind `mastodon`: the hashtag timeline of one instance (Mastodon's REST API and its kin).

https://docs.joinmastodon.org/methods/timelines/#tag

The first collection pages down from the newest to the course's start; from then on each poll pages
up from the newest id seen (`collectors.timeline`). Requests are built from ids alone, never from
the server's `Link`.

Cursor: the timeline's, and `asked`, the hashtags and rules its ids stand for: others begin anew;
`only` where an instance shows local or remote posts only; `probe` while it is asked what it is.
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from collectors import timeline
from collectors.contract import Ask, Batch, CollectError, Reply
from collectors.statuses import Excluded, created_at, read_status
from models.domain.post import RawPost
from models.domain.source import SourceSpec

PAGE = 40
"""The most statuses a page may have."""
REFUSED = frozenset({400, 401, 403, 422})
"""How servers say that anonymous readers are not welcome."""
ANSWERS = REFUSED | {404}
HOW_TO_BE_LET_IN = (
    "log in there, open Preferences > Development > New application, allow read:statuses,"
    " and give its access token with `moocfeed source add … --token-stdin`"
)
_ID = re.compile(r"[!-~]{1,100}")
"""Ids become parts of addresses, and are stored."""
_PROBES = {"refused": "/api/v2/instance", "missing": "/api/v1/instance"}
"""Why an instance is asked what it is, and where."""


class MastodonCollector:
    kind = "mastodon"
    pace = (20.0, 120.0)

    def ask(self, source: SourceSpec) -> Ask:
        root, cursor = _root(source.url), _cursor(source)
        if probe := cursor.get("probe"):
            return Ask(root + _PROBES[probe], conditional=False, answers=ANSWERS)
        main, *others = _hashtags(source)
        query = [("limit", str(PAGE)), *(("any[]", tag) for tag in others)]
        if only := cursor.get("only"):
            query.append((only, "true"))
        return Ask(
            f"{root}/api/v1/timelines/tag/{quote(main, safe='')}"
            f"?{urlencode(query + timeline.bounds(cursor))}",
            accept="application/json",
            conditional=False,
            answers=ANSWERS,
        )

    def parse(self, source: SourceSpec, reply: Reply) -> Batch:
        cursor = _cursor(source)
        probe = cursor.pop("probe", None)
        if probe == "refused":
            return _goes_on(cursor, only=_shown(source, reply))
        if probe == "missing":
            return _unused(source, reply, cursor)
        if reply.status in REFUSED:
            return _refused(source, cursor)
        answer = _json(reply)
        if reply.status == 404 and answer is None:
            return _goes_on(cursor, probe="missing")
        return _page(source, cursor, [] if reply.status == 404 else _statuses(source, answer))


def _cursor(source: SourceSpec) -> dict[str, Any]:
    """Where the timeline that is asked for was left; what is known of the instance stays anyway."""
    asked = [
        *(source.rule.spelled or source.rule.hashtags),
        f"registered={source.rule.registered_only}",
        f"participant={source.rule.participant_registered}",
    ]
    cursor = dict(source.cursor)
    if cursor.get("asked") == asked and not timeline.falls_short(cursor, source.rule.since):
        return cursor
    return {key: value for key, value in cursor.items() if key not in timeline.KEYS} | {
        "asked": asked
    }


def _hashtags(source: SourceSpec) -> tuple[str, ...]:
    hashtags = source.rule.spelled or source.rule.hashtags
    if not hashtags:
        raise CollectError(
            "no-hashtag",
            f"{_root(source.url)} is asked for hashtags, and none is known",
            mend="name the course whose hashtags count with --course",
        )
    return hashtags


def _root(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _json(reply: Reply) -> Any:
    """The answer, or None where it is no JSON."""
    try:
        return json.loads(reply.body)
    except (ValueError, RecursionError):
        return None


def _page(
    source: SourceSpec, cursor: Mapping[str, Any], statuses: Sequence[Mapping[str, Any]]
) -> Batch:
    since = source.rule.since
    walked, more = timeline.advance(
        cursor,
        [str(status["id"]) for status in statuses],
        since=since,
        all_early=bool(statuses) and all(_is_early(status, since) for status in statuses),
    )
    posts, excluded = _read(source, statuses)
    kept = {key: value for key, value in cursor.items() if key not in timeline.KEYS}
    return Batch(posts=posts, cursor={**kept, **walked}, more=more, partial=True, excluded=excluded)


def _is_early(status: Mapping[str, Any], since: float | None) -> bool:
    """Whether it was written before the course began."""
    time = created_at(status)
    return since is not None and time is not None and time.timestamp() < since


def _statuses(source: SourceSpec, answer: Any) -> list[Mapping[str, Any]]:
    """The timeline as it came, entries that are no statuses left out."""
    if not isinstance(answer, list):
        raise _not_mastodon(source)
    return [status for status in answer if isinstance(status, dict) and _has_id(status)]


def _has_id(status: Mapping[str, Any]) -> bool:
    found = status.get("id")
    known = isinstance(found, str | int) and not isinstance(found, bool)
    return known and _ID.fullmatch(str(found)) is not None


def _read(
    source: SourceSpec, statuses: Sequence[Mapping[str, Any]]
) -> tuple[tuple[RawPost, ...], tuple[tuple[str, str, str | None], ...]]:
    posts: list[RawPost] = []
    excluded: list[tuple[str, str, str | None]] = []
    for status in statuses:
        read = read_status(status, source)
        if isinstance(read, Excluded):
            excluded.append((read.external_id, read.reason, read.url))
        elif read is not None and _is_early(status, source.rule.since):
            excluded.append((read.external_id, "too-old", read.url))
        elif read is not None:
            posts.append(read)
    return tuple(posts), tuple(excluded)


def _goes_on(cursor: Mapping[str, Any], **found: str) -> Batch:
    return Batch(cursor={**cursor, **found}, more=True, partial=True)


def _refused(source: SourceSpec, cursor: Mapping[str, Any]) -> Batch:
    """Ask once what the instance does show; where that was known already, it wants a token."""
    if cursor.get("only"):
        raise _wants_token(source)
    return _goes_on(cursor, probe="refused")


def _shown(source: SourceSpec, reply: Reply) -> str:
    """`local` or `remote`, by `configuration.timelines_access.hashtag_feeds` (Mastodon 4.5)."""
    try:
        access = json.loads(reply.body)["configuration"]["timelines_access"]["hashtag_feeds"]
        shown = [side for side in ("local", "remote") if access.get(side) == "public"]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        shown = []
    if len(shown) != 1:
        raise _wants_token(source)
    return shown[0]


def _unused(source: SourceSpec, reply: Reply, cursor: Mapping[str, Any]) -> Batch:
    """A page that says 404: an instance where nobody used the tag, or no instance at all."""
    about = _json(reply)
    if not isinstance(about, dict) or about.keys().isdisjoint({"uri", "domain"}):
        raise _not_mastodon(source)
    return Batch(cursor=dict(cursor), partial=True)


def _not_mastodon(source: SourceSpec) -> CollectError:
    return CollectError(
        "not-mastodon",
        f"{_root(source.url)} does not answer as a Mastodon instance does",
        mend="check the instance's address; for a blog use the kind blog, for a feed feed",
    )


def _wants_token(source: SourceSpec) -> CollectError:
    return CollectError(
        "wants-token",
        f"{_root(source.url)} shows its timelines to its users only: it wants a user's token",
        mend=HOW_TO_BE_LET_IN,
    )
