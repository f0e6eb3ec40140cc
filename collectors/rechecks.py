"""Older posts, looked at again: whether they are still there, and what they say by now.

https://docs.joinmastodon.org/methods/statuses/#index (20 at a time, Mastodon 4.3)

Servers that do not know that form are asked for one at a time, and so is whatever a list of
several leaves out: only a status that is not there by its own address counts as deleted.

Cursor: `singly` where one at a time is the only way; `proven` once a status was read that way, so
that a 404 without a word from the API can be believed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from collectors import instance
from collectors.contract import Ask, Batch, Reply
from collectors.fields import document
from collectors.steps import State, Step
from models.domain.source import SourceSpec

TOGETHER = 20
"""Statuses in one request."""

Pair = list[str]
"""A status' id at the instance, and its external id; a list, because cursors are JSON."""


def first(source: SourceSpec, cursor: Mapping[str, Any]) -> State | None:
    """`at`: how many are behind; `single`: those of the last list to be asked for one by one."""
    return _onward(source, 0, cursor)


def ask(source: SourceSpec, state: State) -> Ask:
    if single := state["single"]:
        return instance.get(source, f"/api/v1/statuses/{quote(single[0][0], safe='')}")
    ids = [("id[]", id_) for id_, _ in _together(source, state["at"])]
    return instance.get(source, "/api/v1/statuses", ids)


def read(source: SourceSpec, state: State, reply: Reply) -> Step:
    if state["single"]:
        return _read_one(source, state, reply)
    wanted = _together(source, state["at"])
    found = instance.statuses(document(reply)) if reply.status == 200 else None
    if found is None:
        return Step(Batch(), {**state, "single": wanted}, {"singly": True})
    known = {str(status["id"]): status for status in found}
    seen = [(known[id_], external_id) for id_, external_id in wanted if id_ in known]
    batch = _batch(source, seen)
    missing = [pair for pair in wanted if pair[0] not in known]
    return Step(batch, _after(source, state["at"], missing))


def _together(source: SourceSpec, at: int) -> list[Pair]:
    return [list(pair) for pair in source.errands.recheck[at : at + TOGETHER]]


def _onward(source: SourceSpec, at: int, cursor: Mapping[str, Any]) -> State | None:
    if not (following := _together(source, at)):
        return None
    return {"at": at, "single": following if cursor.get("singly") else []}


def _after(source: SourceSpec, at: int, single: Sequence[Pair]) -> State | None:
    if single:
        return {"at": at, "single": single}
    return _onward(source, at + TOGETHER, source.cursor)


def _read_one(source: SourceSpec, state: State, reply: Reply) -> Step:
    (_, external_id), *rest = state["single"]
    answer = document(reply)
    learned = {}
    batch = Batch(checked=(external_id,))
    if reply.status == 200 and instance.is_status(answer):
        batch = _batch(source, [(answer, external_id)])
        learned = {"proven": True}
    elif _is_gone(source, reply, answer):
        batch = replace(batch, withdrawn=(external_id,))
    return Step(batch, _after(source, state["at"], rest), learned)


def _is_gone(source: SourceSpec, reply: Reply, answer: Any) -> bool:
    """A 404 that is no word of the API may only mean that the server does not know the request."""
    if reply.status == 404:
        return isinstance(answer, dict) or bool(source.cursor.get("proven"))
    return reply.status == 410


def _batch(source: SourceSpec, found: Sequence[tuple[Mapping[str, Any], str]]) -> Batch:
    """What the statuses say now; an id that names another status by now says nothing of the one
    that was asked for.
    """
    own = [status for status, external_id in found if status.get("uri") == external_id]
    batch = instance.read(source, own)
    posts = (
        replace(post, is_response=post.external_id in source.errands.responses)
        for post in batch.posts
    )
    return replace(
        batch, posts=tuple(posts), checked=tuple(external_id for _, external_id in found)
    )
