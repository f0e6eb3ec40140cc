"""An instance's REST API, as far as all requests to it have it in common.

https://docs.joinmastodon.org/api/
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from collectors.contract import Ask, Batch, CollectError
from collectors.statuses import Excluded, created_at, read_status
from models.domain.post import RawPost
from models.domain.source import SourceSpec

PAGE = 40
"""The most statuses a page may have."""
REFUSED = frozenset({400, 401, 403, 422})
"""How servers say that anonymous readers are not welcome."""
OUT_OF_ORDER = frozenset(range(400, 600)) - {429, 503}
"""What may be answered to a request beside the timeline without harm to the timeline."""
HOW_TO_BE_LET_IN = (
    "log in there, open Preferences > Development > New application, allow read:statuses,"
    " and give its access token with `moocfeed source add … --token-stdin`"
)
_ID = re.compile(r"[!-~]{1,100}")
"""Ids become parts of addresses, and are stored."""

Query = Sequence[tuple[str, str]]
Status = Mapping[str, Any]


def root(url: str) -> str:
    """Scheme and host: where an instance's API begins."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def get(
    source: SourceSpec, path: str, query: Query = (), *, answers: frozenset[int] = OUT_OF_ORDER
) -> Ask:
    """A request to the instance itself, with its user's token, if there is one."""
    return Ask(
        root(source.url) + path + (f"?{urlencode(query)}" if query else ""),
        accept="application/json",
        conditional=False,
        with_secret=True,
        answers=answers,
    )


def timeline(
    source: SourceSpec,
    cursor: Mapping[str, Any],
    bounds: Query,
    *,
    answers: frozenset[int] = OUT_OF_ORDER,
) -> Ask:
    """A page of the course's hashtags, all of them at once, newest first."""
    main, *others = hashtags(source)
    query = [("limit", str(PAGE)), *(("any[]", tag) for tag in others)]
    if only := cursor.get("only"):
        query.append((only, "true"))
    path = f"/api/v1/timelines/tag/{quote(main, safe='')}"
    return get(source, path, [*query, *bounds], answers=answers)


def hashtags(source: SourceSpec) -> tuple[str, ...]:
    """The course's as servers want them, at least one. Raises `CollectError`."""
    found = source.rule.asked_for
    if not found:
        raise CollectError(
            "no-hashtag",
            f"{root(source.url)} is asked for hashtags, and none is known",
            mend="name the course whose hashtags count with --course",
        )
    return found


def statuses(answer: Any) -> list[Status] | None:
    """A list of statuses as it came, entries that are none left out; None where it is no list."""
    if not isinstance(answer, list):
        return None
    return [status for status in answer if is_status(status)]


def is_status(value: Any) -> bool:
    """Whether it has an id that can be asked for."""
    found = value.get("id") if isinstance(value, dict) else None
    known = isinstance(found, str | int) and not isinstance(found, bool)
    return known and _ID.fullmatch(str(found)) is not None


def is_early(status: Status, since: float | None) -> bool:
    """Whether it was written before the course began."""
    time = created_at(status)
    return since is not None and time is not None and time.timestamp() < since


def read(source: SourceSpec, found: Sequence[Status]) -> Batch:
    """The statuses that may be taken in, and those left out, with the reason."""
    posts: list[RawPost] = []
    excluded: list[tuple[str, str, str | None]] = []
    for status in found:
        post = read_status(status, source)
        if isinstance(post, Excluded):
            excluded.append(post)
        elif post is not None and is_early(status, source.rule.earliest):
            excluded.append((post.external_id, "too-old", post.url))
        elif post is not None:
            posts.append(post)
    return Batch(posts=tuple(posts), excluded=tuple(excluded), partial=True)


def wants_token(source: SourceSpec) -> CollectError:
    """Its answers are for its users only."""
    return CollectError(
        "wants-token",
        f"{root(source.url)} shows its timelines to its users only: it wants a user's token",
        mend=HOW_TO_BE_LET_IN,
    )
