from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.domain.decide import Decision, Known, SightingState, decide
from models.domain.post import Entry, Post, Unmatched
from tests.models.domain.samples import NOW, post, raw

LIVE, WITHDRAWN, UNMATCHED = SightingState.LIVE, SightingState.WITHDRAWN, SightingState.UNMATCHED
POST = post()
OTHER = post(raw(title="Ein anderer Titel"))
NOT_OURS = Unmatched("1", "k", "digest", None, None, "no-hashtag")


def known(state: SightingState, entry: Entry) -> Known:
    reason = entry.reason if isinstance(entry, Unmatched) else None
    return Known(
        state, entry.digest, "post" if isinstance(entry, Post) else None, None, NOW, reason
    )


@pytest.mark.parametrize(
    ("entry", "before", "decision"),
    [
        (POST, None, Decision.NEW),
        (POST, known(UNMATCHED, NOT_OURS), Decision.NEW),
        (POST, known(LIVE, POST), Decision.SAME),
        (POST, known(LIVE, OTHER), Decision.CHANGED),
        (POST, known(WITHDRAWN, POST), Decision.CHANGED),
        (POST, known(WITHDRAWN, OTHER), Decision.CHANGED),
        (NOT_OURS, None, Decision.NOTED),
        (NOT_OURS, known(LIVE, POST), Decision.WITHDRAWN),
        (NOT_OURS, known(WITHDRAWN, POST), Decision.SAME),
        (NOT_OURS, known(UNMATCHED, NOT_OURS), Decision.SAME),
        (NOT_OURS, Known(UNMATCHED, "else", None, None, NOW, "no-hashtag"), Decision.NOTED),
        (NOT_OURS, Known(UNMATCHED, "digest", None, None, NOW, "opted-out"), Decision.NOTED),
    ],
)
def test_what_an_entry_means(entry: Entry, before: Known | None, decision: Decision) -> None:
    assert decide(entry, before) is decision


def applied(entry: Entry, before: Known | None) -> Known | None:
    """What is kept afterwards, as the store keeps it."""
    match decide(entry, before):
        case Decision.NEW | Decision.CHANGED:
            return known(LIVE, entry)
        case Decision.NOTED:
            return known(UNMATCHED, entry)
        case Decision.WITHDRAWN:
            assert before is not None
            return Known(WITHDRAWN, before.digest, before.post_id, None, NOW)
        case _:
            return before


entries = st.sampled_from(
    [
        POST,
        OTHER,
        NOT_OURS,
        post(raw(published_at=NOW - timedelta(days=1))),
        Unmatched("1", "k", "digest", None, None, "not-public"),
        Unmatched("1", "k", "another", None, None, "no-hashtag"),
    ]
)


@given(st.lists(entries, min_size=1))
def test_after_any_history_the_last_entry_holds(history: list[Entry]) -> None:
    state: Known | None = None
    for entry in history:
        state = applied(entry, state)
        assert state is not None
        assert (state.state is LIVE) == isinstance(entry, Post)
        assert decide(entry, state) is Decision.SAME
        assert state.state is not LIVE or state.digest == entry.digest


@given(st.lists(entries, min_size=1))
def test_what_was_never_the_courses_is_never_withdrawn(history: list[Entry]) -> None:
    state: Known | None = None
    was_ours = False
    for entry in history:
        decision = decide(entry, state)
        assert decision is not Decision.WITHDRAWN or was_ours
        was_ours = was_ours or isinstance(entry, Post)
        state = applied(entry, state)
