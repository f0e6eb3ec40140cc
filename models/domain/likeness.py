"""Whether two posts of one person are the same post at two places.

The rule: at least 90 % the same text within seven days, both with 200 characters or more beside
tags and links, never two entries of one source. What speaks against it although the texts are that
much alike: another instalment of a series keeps its frame and changes what it is about. So what
differs is looked at, too: other numbers, and passages that have nothing to do with each other.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from rapidfuzz.distance import Indel

from models.domain import prose
from models.domain.post import Kind
from models.domain.prose import Prose

SHORTEST = 200
"""Characters of its own that a text must have to be compared."""
WITHIN = timedelta(days=7)
SAME = 0.9
"""Share of the characters that two texts must have in common, in the same order."""
EXCERPT_WITHIN = timedelta(days=2)
"""An excerpt of a post is published with it; a series begins each instalment alike."""

_RELATED = 0.7
"""How alike two passages are that are versions of one: a mistake mended, a word put otherwise."""
_SAME_TITLE = 0.85
_BRIDGE = 4
"""Words in common, fewer than which do not part two differing passages."""
_NUMBERS = re.compile(
    r"\b(?:\d+|eins|zwei|drei|vier|fuenf|sechs|sieben|acht|neun|zehn|elf|zwoelf"
    r"|(?:erst|zweit|dritt|viert|fuenft|sechst|siebt|acht|neunt|zehnt|elft|zwoelft|letzt)e[nrs]?"
    r"|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve"
    r"|first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth"
    r"|montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag"
    r"|monday|tuesday|wednesday|thursday|friday|saturday|sunday"
    r"|januar|februar|maerz|april|mai|juni|juli|august|september|oktober|november|dezember"
    r"|january|february|march|may|june|july|october|december)\b"
)


@dataclass(frozen=True, slots=True)
class Text:
    """What is compared of a post."""

    title: str
    """`prose.title_words`; empty where it has none."""
    prose: Prose
    is_status: bool


def text_of(kind: Kind, title: str | None, content_html: str) -> Text:
    """The text of a post with sanitised HTML."""
    return Text(prose.title_words(title), prose.read(content_html), kind is Kind.STATUS)


def alike(one: Text, other: Text, gap: timedelta) -> float:
    """How much two texts of one person are the same post: at least `SAME`, or 0 if they are not.

    `gap` is the time between their publications, of either sign.
    """
    if abs(gap) > WITHIN or min(one.prose.own_length, other.prose.own_length) < SHORTEST:
        return 0.0
    if _other_numbers(one.title, other.title):
        return 0.0
    same = Indel.normalized_similarity(one.prose.words, other.prose.words, score_cutoff=SAME)
    if same:
        return 0.0 if _is_another_issue(one, other) else same
    return _excerpt(one, other) if abs(gap) <= EXCERPT_WITHIN else 0.0


def is_cut_down(new: Prose, kept: Prose) -> bool:
    """Whether a new version only leaves out what the kept one goes on with, and says so itself.

    That is a feed that turned to summaries. Whoever shortens a post leaves no "read more".
    """
    if not new.cut or len(new.words) >= SAME * len(kept.words):
        return False
    begins = kept.words[: len(new.words)]
    return Indel.normalized_similarity(new.words, begins) >= SAME


def _is_another_issue(one: Text, other: Text) -> bool:
    """Whether what differs is not a version of the same but something else in its place."""
    passages = list(_differences(one.prose.words.split(), other.prose.words.split()))
    if any(_other_numbers(mine, theirs) for mine, theirs in passages):
        return True
    foreign = sum(
        min(len(mine.split()), len(theirs.split()))
        for mine, theirs in passages
        if mine and theirs and Indel.normalized_similarity(mine, theirs) < _RELATED
    )
    return foreign > _tolerated(one, other)


def _other_numbers(mine: str, theirs: str) -> bool:
    """Whether both name numbers or days, and neither only adds some to those of the other."""
    found, others = set(_NUMBERS.findall(mine)), set(_NUMBERS.findall(theirs))
    return not (found <= others or others <= found)


def _tolerated(one: Text, other: Text) -> int:
    """Words that may be put otherwise altogether: more where both have the same title."""
    words = min(one.prose.words.count(" "), other.prose.words.count(" ")) + 1
    if one.title and _same_title(one, other):
        return min(max(3, words * 4 // 100), 20)
    return min(max(1, words // 100), 4)


def _same_title(one: Text, other: Text) -> bool:
    return Indel.normalized_similarity(one.title, other.title) >= _SAME_TITLE


def _differences(mine: list[str], theirs: list[str]) -> Iterator[tuple[str, str]]:
    """Passages that differ, by the words that only one of the texts has there.

    Two unrelated passages have little words in common by chance: these part nothing.
    """
    only_mine: list[str] = []
    only_theirs: list[str] = []
    for block in Indel.opcodes(mine, theirs):
        if block.tag != "equal":
            only_mine += mine[block.src_start : block.src_end]
            only_theirs += theirs[block.dest_start : block.dest_end]
        elif block.src_end - block.src_start >= _BRIDGE:
            yield " ".join(only_mine), " ".join(only_theirs)
            only_mine, only_theirs = [], []
    yield " ".join(only_mine), " ".join(only_theirs)


def _excerpt(one: Text, other: Text) -> float:
    """Whether the shorter is how the longer begins, as in a feed of summaries."""
    short, long = sorted((one, other), key=lambda text: len(text.prose.words))
    if one.is_status or other.is_status:  # a status that quotes its post's beginning announces it
        return 0.0
    if not (one.title and other.title and _same_title(one, other)):
        return 0.0
    begins = long.prose.words[: len(short.prose.words)]
    return Indel.normalized_similarity(short.prose.words, begins, score_cutoff=SAME)
