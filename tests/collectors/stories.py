"""Recorded-like exchanges of one source with its servers, beside what must be read from them.

`tests/fixtures/<kind>/<story>/case.json` names the source, and for each exchange what is asked and
what is answered; `expected.json` holds the batches.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from collectors.contract import Ask, Batch, Reply
from collectors.registry import KINDS
from models.domain.source import Match, Rule, SourceSpec

FIXTURES = Path(__file__).parents[1] / "fixtures"
STARTS = 1791151200.0
"""2026-10-05 00:00 in Berlin."""


@dataclass(frozen=True)
class Step:
    """One exchange, and what the collector made of it."""

    source: SourceSpec
    """As the collector saw it."""
    ask: Ask
    reply: Reply
    batch: Batch


def folders() -> list[Path]:
    return sorted(path.parent for kind in KINDS for path in FIXTURES.glob(f"{kind}/*/case.json"))


def told(folder: Path) -> tuple[Mapping[str, Any], SourceSpec]:
    """A story's exchanges, and the source it is about."""
    story = json.loads((folder / "case.json").read_text("utf-8"))
    hashtags = tuple(story.get("hashtags", ("samplecourse", "sampler")))
    rule = Rule(hashtags, Match.HASHTAG, "de", since=STARTS)
    source = SourceSpec(
        "sample", folder.parent.name, story["url"], rule, cursor=story.get("cursor", {})
    )
    return story, source


def steps(folder: Path) -> Sequence[Step]:
    """Plays a story through."""
    story, source = told(folder)
    collector, done = KINDS[source.kind], list[Step]()
    for exchange in story["exchanges"]:
        ask = collector.ask(source)
        reply = _reply(folder, ask, exchange)
        batch = collector.parse(source, reply)
        done.append(Step(source, ask, reply, batch))
        source = replace(source, cursor=batch.cursor)
    return done


def _reply(folder: Path, ask: Ask, exchange: Mapping[str, Any]) -> Reply:
    body = (folder / exchange["body"]).read_bytes() if "body" in exchange else b""
    return Reply(
        exchange.get("url", ask.url), exchange.get("status", 200), exchange.get("headers", {}), body
    )
