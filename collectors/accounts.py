"""One account's posts by Mastodon's API, as far as all requests for them have it in common.

https://docs.joinmastodon.org/methods/accounts/#statuses

Cursor: `root` the instance, `id` the account there, `plain` where it refuses `tagged`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from collectors.contract import Ask, CollectError, Reply
from collectors.fields import document
from collectors.statuses import Excluded, read_status
from models.domain.post import RawPost
from models.domain.source import Match, SourceSpec

PAGE = 40
"""The most statuses a page may have."""
REFUSED = frozenset({401, 403, 422})
UNANSWERED = REFUSED | {400, 404, 405, 406, 501}
"""What an API answers that does not know the request, or not the one who asks."""

Status = Mapping[str, Any]


def at_home(source: SourceSpec) -> SourceSpec:
    """The source at the account's instance, whose host may be another than the handle's."""
    return replace(source, url=source.cursor["root"])


def is_trusted(source: SourceSpec) -> bool:
    """Whether the token goes there along: it belongs to the host it was registered for."""
    return source.url.lower().startswith(f"{source.cursor['root']}/")


def get(source: SourceSpec, path: str) -> Ask:
    """What to request of the account's instance."""
    return Ask(
        source.cursor["root"] + path,
        accept="application/json",
        conditional=False,
        with_secret=is_trusted(source),
        answers=UNANSWERED,
    )


def page(source: SourceSpec, **bounds: str) -> Ask:
    """A page of the account's posts, newest first, of the course's hashtag where that can be."""
    query = {"limit": str(PAGE), "exclude_reblogs": "true", **bounds}
    if is_narrowed(source):
        query["tagged"] = source.rule.asked_for[0]
    return get(source, f"/api/v1/accounts/{source.cursor['id']}/statuses?{urlencode(query)}")


def is_narrowed(source: SourceSpec) -> bool:
    """Whether the instance is asked for one hashtag only."""
    rule = source.rule
    plain = bool(source.cursor.get("plain"))
    return rule.match is Match.HASHTAG and len(rule.hashtags) == 1 and not plain


def statuses(source: SourceSpec, reply: Reply) -> Sequence[Status]:
    """The answer's statuses as they came. Raises `CollectError` where it holds none at all."""
    answer = document(reply)
    if reply.status != 200 or not isinstance(answer, list):
        raise CollectError(
            "not-mastodon",
            f"{source.cursor['root']} does not answer for an account's posts as Mastodon does",
            mend="register the account's feed as a source of kind feed",
        )
    return [
        status
        for status in answer
        if isinstance(status, dict) and isinstance(status.get("id"), str | int)
    ]


def read(
    source: SourceSpec, found: Sequence[Status]
) -> tuple[tuple[RawPost, ...], tuple[tuple[str, str, str | None], ...], bool]:
    """Posts, what is left out, and whether the course's start was reached."""
    home = at_home(source)
    posts: list[RawPost] = []
    excluded: list[tuple[str, str, str | None]] = []
    reached = False
    for status in found:
        post = read_status(status, home)
        if isinstance(post, Excluded):
            excluded.append(post)
        elif post is not None and _is_early(post, source.rule.since):
            reached = True
        elif post is not None:
            posts.append(post)
    return tuple(posts), tuple(excluded), reached


def _is_early(post: RawPost, since: float | None) -> bool:
    published = post.published_at
    return since is not None and published is not None and published.timestamp() < since
