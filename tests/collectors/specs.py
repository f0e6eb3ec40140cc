"""Sources as collectors see them, for tests."""

from datetime import UTC, datetime
from typing import Any

from models.domain.source import Match, Rule, SourceSpec

NOW = datetime(2026, 10, 20, 12, 0, tzinfo=UTC)


def spec(kind: str, url: str, *hashtags: str, now: datetime = NOW, **fields: Any) -> SourceSpec:
    """A source of a course with these hashtags (`muster`), at a moment."""
    rule = Rule(
        hashtags=hashtags or ("muster",),
        match=fields.pop("match", Match.HASHTAG),
        language="de",
        participant_registered=fields.pop("participant_registered", False),
        since=fields.pop("since", None),
    )
    return SourceSpec("s1", kind, url, rule, now=now.timestamp(), **fields)
