"""Public replies to the course's posts.

https://docs.joinmastodon.org/methods/statuses/#context
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from collectors import instance
from collectors.contract import Ask, Batch, Reply
from collectors.fields import document
from collectors.steps import State, Step
from models.domain.source import SourceSpec


def first(source: SourceSpec, cursor: Mapping[str, Any]) -> State | None:
    return {"at": 0} if source.errands.answers_to else None


def ask(source: SourceSpec, state: State) -> Ask:
    id_, _ = source.errands.answers_to[state["at"]]
    return instance.get(source, f"/api/v1/statuses/{quote(id_, safe='')}/context")


def read(source: SourceSpec, state: State, reply: Reply) -> Step:
    """Where the instance does not show them, they are not asked for until there are new ones."""
    _, external_id = source.errands.answers_to[state["at"]]
    following = state["at"] + 1
    more = following < len(source.errands.answers_to)
    batch = replace(_replies(source, reply), answered=(external_id,))
    return Step(batch, {"at": following} if more else None)


def _replies(source: SourceSpec, reply: Reply) -> Batch:
    """Of people who do not want to be collected, or not in public, not even a note is kept."""
    answer = document(reply) if reply.status == 200 else None
    found = answer.get("descendants") if isinstance(answer, dict) else None
    batch = instance.read(source, instance.statuses(found) or [])
    posts = tuple(replace(post, is_response=True) for post in batch.posts)
    return Batch(posts=posts)
