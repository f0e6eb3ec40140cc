"""A walk to older entries in memory, as `collectors.backfill` goes about it."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from collectors.contract import SECRET, Ask, LookingBack, Reply
from collectors.reading import read_back
from collectors.registry import collector
from models.domain.backfill import Walk, advanced, resumed
from models.domain.post import Post
from models.domain.source import SourceSpec
from tests.collectors.specs import NOW
from tests.servers.web import Answer, asked

EVER = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass
class Walked:
    """What was asked, and which posts of the course came."""

    walk: Walk
    asks: list[Ask] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)


def walk(
    source: SourceSpec,
    answer: Answer,
    *,
    since: datetime = EVER,
    token: str | None = None,
    before: Walk | None = None,
    now: datetime = NOW,
) -> Walked:
    """To its end."""
    return walked(source, lambda ask, token: asked(answer, ask, token), since, token, before, now)


def walked(
    source: SourceSpec,
    fetch: Callable[[Ask, str | None], Reply],
    since: datetime = EVER,
    secret: str | None = None,
    before: Walk | None = None,
    now: datetime = NOW,
) -> Walked:
    kind = collector(source.kind)
    assert isinstance(kind, LookingBack)
    made, bearer = Walked(resumed(before, since)), None
    rule = replace(source.rule, since=None)
    for _ in range(100):
        if made.walk.done:
            return made
        spec = replace(source, rule=rule, past=made.walk.at, now=now.timestamp())
        ask = kind.look_back(spec)
        made.asks.append(ask)
        token = secret if ask.body and SECRET.encode() in ask.body else bearer or secret
        past = read_back(spec, fetch(ask, token), made.walk.since, now)
        bearer = past.bearer or bearer
        made.ids += [entry.external_id for entry in past.entries if isinstance(entry, Post)]
        following = advanced(made.walk, past.page, ways=kind.ways(spec))
        made.walk = replace(following, at=json.loads(json.dumps(following.at)))
    raise AssertionError(f"{source.url} never ends")
