"""The strict reading against feedparser's, and both against feedparser itself, field by field.

On the fixtures, on feeds made at random, and on feeds damaged at random.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from random import Random

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from collectors.contract import Batch, CollectError
from collectors.feeds import fast, read_feed, slow
from collectors.feeds.decoding import decoded, repaired
from tests.collectors.feeds import damages, random_feeds, views
from tests.collectors.feeds.batches import ADDRESS, as_json, fixtures, reply_of, without_alt
from tests.collectors.feeds.views import FIELDS, View

SEEDS = 600
DAMAGED = 400
AGREEMENT = 0.99
"""Of all entries, for each field."""

QUICK = [path for path in fixtures() if fast.read(path.read_bytes(), ADDRESS) is not None]
DOUBTFUL = [path for path in fixtures() if path not in QUICK]


def mended(body: bytes) -> str:
    return repaired(decoded(body, "application/xml"))


MENDED = [path for path in DOUBTFUL if fast.read(mended(path.read_bytes()).encode(), ADDRESS)]


def name(path: Path) -> str:
    return path.name


def check_equal(body: bytes, quick: Batch) -> None:
    thorough = slow.read(mended(body), ADDRESS)
    assert thorough is not None
    assert as_json(without_alt(quick)) == as_json(without_alt(thorough))


@pytest.mark.parametrize("path", QUICK, ids=name)
def test_both_readers_agree_on_fixtures(path: Path) -> None:
    body = path.read_bytes()
    quick = fast.read(body, ADDRESS)
    assert quick is not None
    check_equal(body, quick)


@pytest.mark.parametrize("path", MENDED, ids=name)
def test_both_readers_agree_on_mended_fixtures(path: Path) -> None:
    body = path.read_bytes()
    quick = fast.read(mended(body).encode(), ADDRESS)
    assert quick is not None
    check_equal(body, quick)


@settings(max_examples=200, deadline=None)
@given(st.integers(min_value=0, max_value=2**40))
def test_both_readers_agree_on_random_feeds(seed: int) -> None:
    body = random_feeds.feed(Random(seed))
    quick = fast.read(body, ADDRESS)
    assume(quick is not None)
    assert quick is not None
    check_equal(body, quick)


def disagreements(pairs: Iterable[tuple[View, View]]) -> dict[str, float]:
    """The share of entries that agree, of each field where it is too small; (ours, theirs)."""
    agreed: Counter[str] = Counter()
    entries = 0
    for ours, theirs in pairs:
        entries += 1
        agreed.update(field for field in FIELDS if views.same(field, ours, theirs))
    assert entries > 2 * DAMAGED
    return {
        field: agreed[field] / entries for field in FIELDS if agreed[field] < AGREEMENT * entries
    }


def test_the_strict_reading_agrees_with_feedparser() -> None:
    """Not by way of the slow reader: against what feedparser says."""
    bodies = [path.read_bytes() for path in QUICK]
    bodies += [random_feeds.feed(Random(seed)) for seed in range(SEEDS)]
    read = [(body, quick) for body in bodies if (quick := fast.read(body, ADDRESS)) is not None]
    assert len(read) >= 0.95 * len(bodies)
    pairs: list[tuple[View, View]] = []
    for body, quick in read:
        theirs = views.of_feedparser(body)
        ours = [views.of_post(post) for post in quick.posts]
        if body in bodies[len(QUICK) :]:
            assert len(ours) == len(theirs)
        pairs += paired(ours, theirs)
    assert disagreements(pairs) == {}


def paired(ours: Sequence[View], theirs: Sequence[View]) -> list[tuple[View, View]]:
    """In their order; where some of theirs became one of ours, there are no pairs."""
    return list(zip(ours, theirs, strict=True)) if len(ours) == len(theirs) else []


def ours_of(body: bytes) -> list[View]:
    try:
        return [views.of_post(post) for post in read_feed(ADDRESS, reply_of(body)).posts]
    except CollectError:
        return []


def theirs_of(body: bytes) -> list[View] | None:
    """None where feedparser fails. An entry that breaks off before it is named is none yet."""
    try:
        theirs = views.of_feedparser(body)
    except (OverflowError, ValueError):
        return None
    if theirs and damages.is_cut_off(body) and not (theirs[-1]["id"] or theirs[-1]["link"]):
        theirs.pop()
    return theirs


@pytest.mark.parametrize("path", QUICK, ids=name)
def test_nothing_is_lost_of_well_formed_fixtures(path: Path) -> None:
    body = path.read_bytes()
    theirs, ours = theirs_of(body), ours_of(body)
    assert views.lost(theirs or [], ours) == []


@pytest.mark.parametrize("path", DOUBTFUL, ids=name)
def test_nothing_is_lost_of_doubtful_fixtures(path: Path) -> None:
    body = path.read_bytes()
    ours, theirs = ours_of(body), theirs_of(body)
    assert views.lost(theirs or [], ours) == []
    assert ours or not damages.has_whole_entry(body)


def test_nothing_is_lost_of_damaged_feeds() -> None:
    """All that feedparser reads is read, and alike, but for characters that it spoils."""
    pairs: list[tuple[View, View]] = []
    for seed in range(DAMAGED):
        body = damages.feed(Random(seed))
        ours, theirs = ours_of(body), theirs_of(body)
        assert views.lost(theirs or [], ours) == []
        assert ours or not damages.has_whole_entry(body)
        pairs += paired(*([views.bare(one) for one in each] for each in (ours, theirs or [])))
    assert disagreements(pairs) == {}
