"""Older posts of kind `fediverse`, looked at again as those of a timeline (`collectors.rechecks`).

The account's own instance is asked by its API; who is read by a feed is not looked at again.
"""

from dataclasses import replace

from collectors import rechecks
from collectors.accounts import at_home, is_trusted
from collectors.contract import Ask, Reply
from collectors.steps import State, Step
from models.domain.source import SourceSpec


def ask(source: SourceSpec, state: State) -> Ask:
    return replace(rechecks.ask(at_home(source), state), with_secret=is_trusted(source))


def read(source: SourceSpec, state: State, reply: Reply) -> Step:
    return rechecks.read(at_home(source), state, reply)
