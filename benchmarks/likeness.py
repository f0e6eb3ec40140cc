"""How well one post at two places is told from two posts: precision and recall on labelled pairs.

`python -m benchmarks likeness` prints them; a test holds them.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from benchmarks.figures import Limit, Table
from benchmarks.run import Run
from models.domain import announce, html, likeness, links
from models.domain.announce import ANNOUNCED, Announced, Announcement
from models.domain.post import Kind

_FOLDER = Path(__file__).parent.parent / "tests" / "fixtures" / "likeness"
PAIRS = _FOLDER / "pairs.jsonl"
HELD_OUT = _FOLDER / "held_out.jsonl"
"""Written after the rules, on other subjects; no rule is made to fit it."""
PRECISION = 0.99
RECALL = 0.95
LABELS = ("same", "announces")
"""What is to be found; all other pairs are `different`."""


@dataclass(frozen=True, slots=True)
class Side:
    """One post of a pair."""

    kind: Kind
    title: str | None
    url: str
    content: html.Clean
    by: str
    source: str
    is_reply: bool


@dataclass(frozen=True, slots=True)
class Pair:
    """Two posts, and what a person says of them."""

    id: str
    category: str
    label: str
    gap: timedelta
    one: Side
    other: Side


@dataclass(frozen=True, slots=True)
class Score:
    """How what was found agrees with the labels."""

    label: str
    right: int
    found: int
    labelled: int

    @property
    def precision(self) -> float:
        return self.right / self.found if self.found else 0.0

    @property
    def recall(self) -> float:
        return self.right / self.labelled if self.labelled else 0.0


def pairs(path: Path = PAIRS) -> Iterator[Pair]:
    """The labelled pairs."""
    for line in path.read_text("utf-8").splitlines():
        found = json.loads(line)
        yield Pair(
            found["id"],
            found["category"],
            found["label"],
            timedelta(hours=found["hours"]),
            _side(found["one"]),
            _side(found["other"]),
        )


def _side(found: Mapping[str, Any]) -> Side:
    return Side(
        Kind(found["kind"]),
        found["title"],
        found["url"],
        html.clean(found["content"], found["url"]),
        found["by"],
        found["source"],
        is_reply="in_reply_to" in found,
    )


def judge(pair: Pair) -> str:
    """What the rules say: `same`, `announces` or `different`."""
    one, other = pair.one, pair.other
    if one.by != other.by:
        return "different"
    if one.source != other.source and likeness.alike(_text(one), _text(other), pair.gap):
        return "same"
    if _announces(one, other) or _announces(other, one):
        return "announces"
    return "different"


def _text(side: Side) -> likeness.Text:
    return likeness.text_of(side.kind, side.title, side.content.html)


def _announces(status: Side, post: Side) -> bool:
    if status.kind is not Kind.STATUS or post.kind not in ANNOUNCED:
        return False
    said = Announcement(
        status.content.html,
        status.content.links,
        mentions=(),
        hashtags=status.content.hashtags,
        is_reply=status.is_reply,
    )
    home = links.canonical(post.url)
    owners = {url: "post" for url in status.content.links if links.canonical(url) == home}
    if announce.target(said, owners) is None:
        return False
    return announce.announces(said, Announced(post.title, post.content.html))


def scores(judged: Sequence[tuple[Pair, str]]) -> list[Score]:
    """For each label and for both together."""
    each = [_score(judged, {label}) for label in LABELS]
    return [*each, _score(judged, set(LABELS))]


def _score(judged: Sequence[tuple[Pair, str]], labels: set[str]) -> Score:
    return Score(
        "/".join(label for label in LABELS if label in labels),
        right=sum(verdict == pair.label for pair, verdict in judged if verdict in labels),
        found=sum(verdict in labels for _, verdict in judged),
        labelled=sum(pair.label in labels for pair, _ in judged),
    )


def run(run: Run) -> Iterable[Table]:
    """Two tables; the same at every size, as nothing in them is timed."""
    run.say("judging labelled pairs")
    yield _table("One post at two places", PAIRS)
    yield _table("The same, on pairs that the rules were not made with", HELD_OUT)


def _table(title: str, path: Path) -> Table:
    judged = [(pair, judge(pair)) for pair in pairs(path)]
    found = scores(judged)
    kinds = Counter(pair.category for pair, _ in judged)
    return Table(
        title,
        ("", "precision", "recall", "found", "labelled"),
        [
            (
                score.label,
                f"{score.precision:.3f}",
                f"{score.recall:.3f}",
                str(score.found),
                str(score.labelled),
            )
            for score in found
        ],
        notes=[f"{len(judged)} labelled pairs of {len(kinds)} kinds", *_wrong(judged)],
        limits=[limit for score in found for limit in _limits(score)],
    )


def _wrong(judged: Sequence[tuple[Pair, str]]) -> Iterator[str]:
    for pair, verdict in judged:
        if verdict != pair.label:
            yield f"{pair.id}: {verdict}, labelled {pair.label}"


def _limits(score: Score) -> Iterator[Limit]:
    yield Limit(f"precision of {score.label}", score.precision, PRECISION, at_least=True)
    yield Limit(f"recall of {score.label}", score.recall, RECALL, at_least=True)
