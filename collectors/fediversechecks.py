"""Older posts of kind `fediverse`, looked at again as those of a timeline (`collectors.rechecks`).

The account's own instance is asked by its API, where the account was found there; what was read by
a feed is looked at by its pages (`collectors.pagechecks`).
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from collectors import rechecks
from collectors.accounts import at_home, is_trusted
from collectors.contract import Ask, Reply
from collectors.pagechecks import has_page
from collectors.steps import State, Step
from models.domain.source import SourceSpec


def first(source: SourceSpec, cursor: Mapping[str, Any]) -> State | None:
    """Where it begins; nowhere while the account is read by its feed."""
    return rechecks.first(_known_there(source), cursor) if "id" in cursor else None


def ask(source: SourceSpec, state: State) -> Ask:
    asked = rechecks.ask(at_home(_known_there(source)), state)
    return replace(asked, with_secret=is_trusted(source))


def read(source: SourceSpec, state: State, reply: Reply) -> Step:
    return rechecks.read(at_home(_known_there(source)), state, reply)


def _known_there(source: SourceSpec) -> SourceSpec:
    """With the errands that its API has ids for."""
    pairs = tuple(pair for pair in source.errands.recheck if not has_page(pair))
    return replace(source, errands=replace(source.errands, recheck=pairs))
