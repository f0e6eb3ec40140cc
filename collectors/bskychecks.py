"""Older posts of kind `bluesky`, looked at again (`app.bsky.feed.getPosts`, 25 at a time).

The answer leaves out what was deleted, and the posts of accounts that were taken down, suspended or
closed: none of it is shown any more. Servers were seen to fail a whole list for one such post
(https://github.com/bluesky-social/atproto/issues/4341), so a list that is not answered is asked for
one by one; an answer that cannot be read says nothing.

Whoever is signed in does not see the posts of those who block them, so the public AppView is asked
wherever the network is Bluesky's.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from collectors import fields
from collectors.bskyservers import PUBLIC, SERVER, actor, appview
from collectors.contract import Ask, Batch, Reply
from collectors.instance import OUT_OF_ORDER
from collectors.postviews import read_post
from collectors.statuses import Excluded
from collectors.steps import State, Step
from models.domain.post import RawPost
from models.domain.source import SourceSpec

TOGETHER = 25
"""Posts in one request."""


def first(source: SourceSpec, cursor: Mapping[str, Any]) -> State | None:
    """`at`: how many are behind; `singly`: how many of the next ones are asked for one by one."""
    return _onward(source, 0, 0)


def ask(source: SourceSpec, state: State) -> Ask:
    root = appview(source)
    root = PUBLIC if root == SERVER else root
    query = urlencode([("uris", uri) for uri in _wanted(source, state)])
    return Ask(
        f"{root}/xrpc/app.bsky.feed.getPosts?{query}",
        accept="application/json",
        conditional=False,
        with_secret=actor(source) is None and root != PUBLIC,
        answers=OUT_OF_ORDER,
    )


def read(source: SourceSpec, state: State, reply: Reply) -> Step:
    wanted = _wanted(source, state)
    views = fields.answer(reply).get("posts") if reply.status == 200 else None
    if not isinstance(views, list):
        return _unanswered(source, state, wanted)
    shown = {fields.text(view, "uri"): view for view in views if isinstance(view, dict)}
    return Step(_batch(wanted, shown), _after(source, state, len(wanted)))


def _wanted(source: SourceSpec, state: State) -> Sequence[str]:
    most = 1 if state["singly"] else TOGETHER
    return [uri for uri, _ in source.errands.recheck[state["at"] : state["at"] + most]]


def _onward(source: SourceSpec, at: int, singly: int) -> State | None:
    return {"at": at, "singly": singly} if at < len(source.errands.recheck) else None


def _after(source: SourceSpec, state: State, behind: int) -> State | None:
    return _onward(source, state["at"] + behind, max(state["singly"] - 1, 0))


def _unanswered(source: SourceSpec, state: State, wanted: Sequence[str]) -> Step:
    if len(wanted) > 1:
        return Step(Batch(), {"at": state["at"], "singly": len(wanted)})
    return Step(Batch(checked=tuple(wanted)), _after(source, state, 1))


def _batch(wanted: Sequence[str], shown: Mapping[str | None, fields.Object]) -> Batch:
    read = [read_post(shown[uri]) for uri in wanted if uri in shown]
    return Batch(
        posts=tuple(post for post in read if isinstance(post, RawPost)),
        excluded=tuple(each for each in read if isinstance(each, Excluded)),
        withdrawn=tuple(uri for uri in wanted if uri not in shown),
        checked=tuple(wanted),
        partial=True,
    )
