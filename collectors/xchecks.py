"""Older posts of kind `x`, looked at again: whether they are still there.

https://docs.x.com/x-api/posts/get-posts-by-ids (up to 100) · X's developer agreement wants what was
deleted or made private to be taken down by everybody who shows it.

Only ids are asked for, without authors and pictures, so that each post that is there costs one
read. An edit is a post of its own with another id: it is not seen here. Of the cap a quarter at the
most goes to checks; what is beyond it stays due.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from collectors import fields
from collectors.contract import Ask, Batch, Reply
from collectors.instance import OUT_OF_ORDER
from collectors.steps import State, Step
from collectors.xapi import account, api, checked, spent
from models.domain.source import SPENT, SourceSpec

TOGETHER = 100
"""Posts in one request."""
SHARE = 4
"""Checks may use this part of the month's cap."""
GONE = "resource-not-found"
NOT_PUBLIC = "not-authorized-for-resource"
"""Of an account that is protected or suspended by now."""


def first(source: SourceSpec, cursor: Mapping[str, Any]) -> State | None:
    """`at`: how many are behind; `size`: how many the next request asks for."""
    return _onward(source, 0, cursor)


def ask(source: SourceSpec, state: State) -> Ask:
    ids = ",".join(id_ for id_, _ in _wanted(source, state))
    return Ask(
        f"{api(source)}/2/tweets?{urlencode({'ids': ids})}",
        accept="application/json",
        conditional=False,
        with_secret=True,
        answers=OUT_OF_ORDER,
    )


def read(source: SourceSpec, state: State, reply: Reply) -> Step:
    """What is refused stays due: nothing was looked at."""
    answer = fields.answer(reply)
    if reply.status != 200 or answer.keys().isdisjoint({"data", "errors"}):
        return Step(Batch())
    wanted = _wanted(source, state)
    sold = len(list(fields.items(answer, "data")))
    learned = {SPENT: account(source, spent(source) + sold, checked(source) + sold)}
    following = _onward(source, state["at"] + len(wanted), {**source.cursor, **learned})
    return Step(_batch(wanted, answer), following, learned)


def _onward(source: SourceSpec, at: int, cursor: Mapping[str, Any]) -> State | None:
    waiting = len(source.errands.recheck) - at
    size = min(waiting, _affordable(source, cursor), TOGETHER)
    return {"at": at, "size": size} if size > 0 else None


def _affordable(source: SourceSpec, cursor: Mapping[str, Any]) -> int:
    cap = source.options["max_reads_a_month"]
    kept = cursor[SPENT]
    return int(min(cap // SHARE - kept.get("checks", 0), cap - kept["reads"]))


def _wanted(source: SourceSpec, state: State) -> Sequence[tuple[str, str]]:
    return source.errands.recheck[state["at"] : state["at"] + state["size"]]


def _batch(wanted: Sequence[tuple[str, str]], answer: fields.Object) -> Batch:
    shown = {fields.text(tweet, "id") for tweet in fields.items(answer, "data")}
    said = dict(_problems(answer))
    return Batch(
        withdrawn=tuple(external_id for id_, external_id in wanted if said.get(id_) == GONE),
        excluded=tuple(
            (external_id, "not-public", external_id)
            for id_, external_id in wanted
            if said.get(id_) == NOT_PUBLIC
        ),
        checked=tuple(
            external_id
            for id_, external_id in wanted
            if id_ in shown or said.get(id_) in {GONE, NOT_PUBLIC}
        ),
        partial=True,
    )


def _problems(answer: fields.Object) -> Iterator[tuple[str, str]]:
    """Id of each post that is not shown, and why: types are addresses, of two hosts."""
    for problem in fields.items(answer, "errors"):
        id_, kind = fields.text(problem, "resource_id"), fields.text(problem, "type")
        if id_ and kind:
            yield id_, kind.rpartition("/")[2]
