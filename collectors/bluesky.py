"""Kind `bluesky`: a hashtag's posts by search, or one profile's posts.

Search (`app.bsky.feed.searchPosts`) is for signed-in users: a server (PDS) is asked with an
account's app password, which opens a session for one run. A profile (`app.bsky.feed.getAuthorFeed`)
is read from the public AppView without one, and the hashtag is looked for here.

Both come newest first. A walk reads down to a day before the newest post of the last one, or to the
course's start; `RUN` posts in one run, the rest in the following ones. The search's own `since`,
`tag` and `until` are not used: with a hashtag for a query the servers do not heed them.

Cursor: `marks` newest time of each walk done, by hashtag, or under `feed`; of the walk under way
`at` its hashtag, `page` the server's cursor, `top` its newest time, `run` posts read in this run;
`session` the run that is signed in; and what `collectors.rounds` keeps, for the checks of older
posts that follow the walk. Place of older posts: `page` and `session`.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from collectors import bskychecks, fields, rounds
from collectors.bskyservers import actor, appview, server
from collectors.contract import SECRET, Ask, Batch, CollectError, Reply
from collectors.fields import moment
from collectors.needs import Needs, text
from collectors.postviews import WEB, profile_address, read_post, written_at
from collectors.rounds import Part, Rounds
from collectors.statuses import Excluded
from models.domain.backfill import WAY
from models.domain.links import host_key
from models.domain.post import RawPost
from models.domain.source import SourceSpec

PAGE = 100
RUN = 2000
ROUNDS = Rounds(checks=Part(bskychecks.first, bskychecks.ask, bskychecks.read))
OVERLAP = 86_400.0
"""Seconds a walk goes below the last one's newest post: what was indexed late stands there."""
HOW_TO_BE_LET_IN = (
    "make an app password there under Settings > Privacy and security > App passwords, and give it"
    " with `moocfeed source add … --kind bluesky --option identifier=YOUR.HANDLE --token-stdin`"
)


class BlueskyCollector:
    kind = "bluesky"
    pace = (600.0, 86_400.0)
    needs = Needs(takes="an account's app password", options={"identifier": text})
    looks_after = True

    def ask(self, source: SourceSpec) -> Ask:
        if (state := rounds.state_of(source)) is not None:
            return ROUNDS.ask(source, state)
        if named := actor(source):
            return _query(source, appview(source), "app.bsky.feed.getAuthorFeed", actor=named)
        if source.cursor.get("session") != source.now:
            return _sign_in(source)
        query = f"#{_at(source)}"
        return _query(source, server(source), "app.bsky.feed.searchPosts", q=query, sort="latest")

    def ways(self, source: SourceSpec) -> int:
        return len(_walks(source))

    def look_back(self, source: SourceSpec) -> Ask:
        return self.ask(_on_way(source))

    def read_back(self, source: SourceSpec, reply: Reply) -> Batch:
        past, signed_in = source.past, source.past.get("session") == source.now
        if actor(source) is None and not signed_in:
            signed = _signed_in(_on_way(source), reply)
            return replace(signed, cursor={**past, "session": source.now})
        answer = fields.answer(reply)
        if answer.get("error") == "ExpiredToken":
            return Batch(cursor={"page": past.get("page")}, more=True)
        if reply.status != 200:
            raise _refused(source, answer)
        items = _items(source, answer)
        posts, excluded = _read(source, [view for item in items if (view := _own(item))])
        following = answer.get("cursor")
        further = isinstance(following, str) and following != past.get("page") and bool(items)
        place = {**past, "page": following}
        return Batch(posts=posts, excluded=excluded, cursor=place, more=further)

    def parse(self, source: SourceSpec, reply: Reply) -> Batch:
        if (state := rounds.state_of(source)) is not None:
            return ROUNDS.parse(source, state, reply)
        signing_in = actor(source) is None and source.cursor.get("session") != source.now
        if signing_in:
            return _signed_in(source, reply)
        answer = fields.answer(reply)
        if reply.status != 200:
            raise _refused(source, answer)
        return ROUNDS.begin(source, _page(source, _items(source, answer), answer))


def _on_way(source: SourceSpec) -> SourceSpec:
    """Each hashtag is a way to older posts."""
    at = _walks(source)[source.past.get(WAY, 0)]
    return replace(source, cursor={**source.past, "at": at})


def _items(source: SourceSpec, answer: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    items = answer.get("posts" if actor(source) is None else "feed")
    if not isinstance(items, list):
        raise _not_bluesky(source)
    return [item for item in items if isinstance(item, Mapping)]


def _walks(source: SourceSpec) -> Sequence[str]:
    return ("feed",) if actor(source) else source.rule.asked_for


def _at(source: SourceSpec) -> str:
    walks = _walks(source)
    return next((walk for walk in walks if walk == source.cursor.get("at")), walks[0])


def _query(source: SourceSpec, root: str, method: str, **parameters: str) -> Ask:
    page = source.cursor.get("page") if source.cursor.get("at") == _at(source) else None
    query = {**parameters, "limit": str(PAGE), **({"cursor": page} if page else {})}
    return Ask(
        f"{root}/xrpc/{method}?{urlencode(query)}",
        accept="application/json",
        conditional=False,
        with_secret=actor(source) is None,
        answers=frozenset({400, 401}),
    )


def _sign_in(source: SourceSpec) -> Ask:
    identifier = source.options.get("identifier")
    if not identifier:
        raise _wants_password(source, "searches only for accounts it knows")
    return Ask(
        f"{server(source)}/xrpc/com.atproto.server.createSession",
        "POST",
        json.dumps({"identifier": identifier, "password": SECRET}).encode(),
        {"Content-Type": "application/json"},
        with_secret=True,
        accept="application/json",
        conditional=False,
        answers=frozenset({400, 401}),
    )


def _signed_in(source: SourceSpec, reply: Reply) -> Batch:
    if reply.status != 200:
        raise _wants_password(source, f"does not let {source.options.get('identifier')} in")
    token = fields.answer(reply).get("accessJwt")
    if not isinstance(token, str) or not token:
        raise _not_bluesky(source)
    return Batch(cursor={**source.cursor, "session": source.now}, more=True, bearer=token)


def _page(
    source: SourceSpec, items: Sequence[Mapping[str, Any]], answer: Mapping[str, Any]
) -> Batch:
    named = actor(source)
    posts, excluded = _read(source, [view for item in items if (view := _own(item))])
    page = answer.get("cursor")
    times = [time for item in items if (time := _sorted_by(item)) is not None]
    cursor, more = _advance(source, times, page if isinstance(page, str) else None, len(items))
    return Batch(
        posts=posts,
        cursor=cursor,
        more=more,
        title=_title(source, posts),
        homepage=profile_address(named) if named else f"{WEB}/hashtag/{source.rule.asked_for[0]}",
        address=_profile(source, named) if named else server(source),
        excluded=excluded,
    )


def _profile(source: SourceSpec, named: str) -> str:
    """Without what a post's address has beyond."""
    return source.url.partition("/profile/")[0] + f"/profile/{named}"


def _own(item: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The post's view: a search's item, or within a profile's; None for what is passed on."""
    if "uri" in item:
        return item
    post, reason = item.get("post"), item.get("reason")
    passed_on = isinstance(reason, Mapping) and str(reason.get("$type")).endswith("#reasonRepost")
    return post if isinstance(post, Mapping) and not passed_on else None


def _sorted_by(item: Mapping[str, Any]) -> float | None:
    post, reason = item.get("post"), item.get("reason")
    passed_on = moment(reason, "indexedAt") if isinstance(reason, dict) else None
    time = passed_on or written_at(post if isinstance(post, Mapping) else item)
    return time.timestamp() if time else None


def _read(
    source: SourceSpec, views: Sequence[Mapping[str, Any]]
) -> tuple[tuple[RawPost, ...], tuple[tuple[str, str, str | None], ...]]:
    posts: list[RawPost] = []
    excluded: list[tuple[str, str, str | None]] = []
    since = source.rule.since or 0.0
    for view in views:
        read = read_post(view)
        if isinstance(read, Excluded):
            excluded.append(read)
        elif read is not None:
            time = read.published_at
            if time is None or time.timestamp() >= since:
                posts.append(read)
    return tuple(posts), tuple(excluded)


def _title(source: SourceSpec, posts: Sequence[RawPost]) -> str:
    named = actor(source)
    if named is None:
        return f"#{source.rule.asked_for[0]} (Bluesky)"
    return next((post.author.name for post in posts if post.author.name), named)


def _advance(
    source: SourceSpec, times: Sequence[float], page: str | None, seen: int
) -> tuple[Mapping[str, Any], bool]:
    """The next cursor, and whether to ask again at once."""
    before, at = source.cursor, _at(source)
    walking = before if before.get("at") == at else {}
    marks = {key: mark for key, mark in before.get("marks", {}).items() if key in _walks(source)}
    top = max([*times, walking.get("top", 0.0)], default=0.0)
    run = before.get("run", 0) + seen
    session = {"session": source.now} if actor(source) is None else {}
    ended = page in {None, walking.get("page")} or not times or min(times) < _bound(source, at)
    if not ended:
        cursor = {"marks": marks, "at": at, "page": page, "top": top}
        return (cursor, False) if run >= RUN else ({**cursor, **session, "run": run}, True)
    marks[at] = max(top, marks.get(at, 0.0))
    if (following := _after(source, at)) is None:
        return {"marks": marks}, False
    return {"marks": marks, "at": following, "run": run, **session}, True


def _after(source: SourceSpec, at: str) -> str | None:
    walks = list(_walks(source))
    place = walks.index(at) + 1
    return walks[place] if place < len(walks) else None


def _bound(source: SourceSpec, at: str) -> float:
    mark: float = source.cursor.get("marks", {}).get(at, 0.0)
    return max(mark - OVERLAP, source.rule.since or 0.0)


def _refused(source: SourceSpec, answer: Mapping[str, Any]) -> CollectError:
    """XRPC errors: `{"error": name, "message": …}` with 400 or 401."""
    named = actor(source)
    if named is None:
        return _wants_password(source, "does not answer the search")
    return CollectError(
        "no-account",
        f"{host_key(appview(source))} shows no posts of {named}",
        mend="check the handle in a browser; whoever changed it has a new profile address",
    )


def _wants_password(source: SourceSpec, refuses: str) -> CollectError:
    return CollectError(
        "wants-token", f"{host_key(server(source))} {refuses}", mend=HOW_TO_BE_LET_IN
    )


def _not_bluesky(source: SourceSpec) -> CollectError:
    return CollectError(
        "not-bluesky",
        f"{source.url} does not answer as Bluesky does",
        mend="give a profile (https://bsky.app/profile/NAME) or an account's server",
    )
