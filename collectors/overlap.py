"""The newest pages once more, each hour.

An instance gives a status its id when it fetches it: what reached it late may stand below the
newest id seen, where polls that go up never look. Edits of recent posts, and how often they were
answered and passed on, are seen here too. What is known and unchanged costs nothing.

Cursor: `window`, Unix time of the last time.
"""

from collections.abc import Mapping
from typing import Any

from collectors import instance
from collectors.contract import Ask, Batch, Reply
from collectors.fields import document
from collectors.steps import State, Step
from collectors.timeline import FULL, order
from models.domain.source import SourceSpec

EVERY = 3600.0
"""Seconds."""
PAGES = 3


def first(source: SourceSpec, cursor: Mapping[str, Any]) -> State | None:
    """A clock that was set back must not put it off for long."""
    due = abs(source.now - cursor["window"]) >= EVERY
    return {"page": 1} if due and "newest" in cursor else None


def ask(source: SourceSpec, state: State) -> Ask:
    bounds = [("max_id", state["below"])] if "below" in state else []
    return instance.timeline(source, source.cursor, bounds)


def read(source: SourceSpec, state: State, reply: Reply) -> Step:
    """An answer that is no timeline ends it until the next hour: the polls will say what is up."""
    done = {"window": source.now}
    found = instance.statuses(document(reply)) if reply.status == 200 else None
    if not found:
        return Step(Batch(), learned=done)
    batch = instance.read(source, found)
    below = min((str(status["id"]) for status in found), key=order)
    further = "below" not in state or order(below) < order(state["below"])
    if state["page"] >= PAGES or len(found) < FULL or not further:
        return Step(batch, learned=done)
    return Step(batch, {"page": state["page"] + 1, "below": below})
