"""A hashtag timeline as an instance keeps it, and how different servers page through it. Pure."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from collectors.contract import Ask, Batch, Reply
from collectors.mastodon import MastodonCollector
from models.domain.source import Match, Rule, SourceSpec

URL = "https://instance.example"
TAG = "samplecourse"
STARTS = datetime(2026, 10, 5, tzinfo=UTC)


class MinId(Enum):
    """What a server makes of `min_id`."""

    NEXT = "the statuses right above it, as Mastodon does"
    NEWEST = "the newest statuses above it, as if it were since_id"
    NOTHING = "it does not know the parameter"


def source(
    *hashtags: str, since: datetime | None = STARTS, cursor: Mapping[str, Any] = {}, **rule: Any
) -> SourceSpec:
    """A timeline's source in its course."""
    return SourceSpec(
        "source",
        "mastodon",
        URL,
        Rule(
            hashtags or (TAG,),
            Match.HASHTAG,
            "de",
            since=since.timestamp() if since else None,
            **rule,
        ),
        cursor=cursor,
    )


def status(number: int, *, at: datetime | None = None, **fields: Any) -> dict[str, Any]:
    """A status of a sample account; ids grow with `number`, their length too."""
    return {
        "id": str(number),
        "uri": f"{URL}/users/ada/statuses/{number}",
        "url": f"{URL}/@ada/{number}",
        "created_at": (at or STARTS + timedelta(minutes=number)).isoformat(),
        "visibility": "public",
        "content": f"<p>Sample {number} <a href='{URL}/tags/{TAG}'>#{TAG}</a></p>",
        "tags": [{"name": TAG, "url": f"{URL}/tags/{TAG}"}],
        "account": {"acct": "ada", "display_name": "Ada (Muster)", "url": f"{URL}/@ada"},
        **fields,
    }


def order(id_: str) -> tuple[int, str]:
    return len(id_), id_


@dataclass
class Instance:
    """Statuses by id, whatever the order they arrived in."""

    statuses: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    min_id: MinId = MinId.NEXT
    knows_max_id: bool = True
    largest_page: int = 40
    asked: list[str] = field(default_factory=list)

    def add(self, *added: Mapping[str, Any]) -> None:
        self.statuses |= {each["id"]: each for each in added}

    def answer(self, ask: Ask) -> Reply:
        self.asked.append(ask.url)
        parts = urlsplit(ask.url)
        query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        assert unquote(parts.path).startswith("/api/v1/timelines/tag/")
        page = self.page(query)
        return Reply(ask.url, 200, {}, json.dumps([self.statuses[id_] for id_ in page]).encode())

    def page(self, query: Mapping[str, str]) -> Sequence[str]:
        """Ids, newest first."""
        found = sorted(self.statuses, key=order, reverse=True)
        if self.knows_max_id and "max_id" in query:
            found = [id_ for id_ in found if order(id_) < order(query["max_id"])]
        if self.min_id is not MinId.NOTHING and "min_id" in query:
            found = [id_ for id_ in found if order(id_) > order(query["min_id"])]
        limit = min(int(query["limit"]), self.largest_page)
        upwards = self.min_id is MinId.NEXT and "min_id" in query
        return found[-limit:] if upwards else found[:limit]


def run(instance: Instance, spec: SourceSpec, *, most: int = 60) -> tuple[SourceSpec, list[Batch]]:
    """One run over the timeline: the source as the next one finds it, and what the answers held."""
    collector, batches = MastodonCollector(), list[Batch]()
    for _ in range(most):
        batches.append(collector.parse(spec, instance.answer(collector.ask(spec))))
        spec = replace(spec, cursor=json.loads(json.dumps(batches[-1].cursor)))
        if not batches[-1].more:
            break
    return spec, batches


def ids(batches: Sequence[Batch]) -> list[str]:
    """The statuses' own ids, as they came."""
    return [post.external_id.rpartition("/")[2] for batch in batches for post in batch.posts]
