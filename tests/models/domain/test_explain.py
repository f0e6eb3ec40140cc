"""From facts to steps: the first that fails decides, and each failure has its mend."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.domain.course import Course
from models.domain.explain import (
    MENDS,
    REASONS,
    EntryFacts,
    Facts,
    FetchFacts,
    PostFacts,
    SourceFacts,
    explain,
    tag_mend,
)
from models.domain.source import Match, SourceState

AT = datetime(2026, 11, 3, 10, tzinfo=UTC)
COURSE = Course(slug="sample", title="A sample", hashtags=("sample", "samplecourse"))
SOURCE = SourceFacts(
    id="s1",
    kind="feed",
    url="https://ada.example/feed",
    match=Match.HASHTAG,
    state=SourceState.ACTIVE,
    state_reason=None,
    due_at=AT,
    last_success_at=AT,
    last_fetch=FetchFacts(AT, "fetched", 200, None),
    last_error=None,
    entries=3,
    matching=1,
)
ENTRY = EntryFacts("s1", "live", None, "A title", ("sample",), AT, AT)
POST = PostFacts("id", "https://ada.example/1", True, False, False, False, False, None, None, True)
SHOWN = Facts(POST.url, COURSE, (SOURCE,), (ENTRY,), POST, barred=False, is_source=False)


def unmatched(reason: str, *tags: str) -> Facts:
    entry = replace(ENTRY, state="unmatched", reason=reason, hashtags=tags)
    return replace(SHOWN, entries=(entry,), post=None)


def test_what_is_shown_needs_no_mend() -> None:
    found = explain(SHOWN)
    assert (found.shown, found.mend, found.post_id) == (True, None, "id")


@pytest.mark.parametrize("reason", sorted(REASONS))
def test_every_reason_has_its_words_and_its_mend(reason: str) -> None:
    found = explain(unmatched(reason))
    assert not found.shown
    assert (found.steps[-1].name, found.steps[-1].finding) == ("rule", REASONS[reason])
    assert found.mend
    assert set(REASONS) == set(MENDS)


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"erased": True}, "erased"),
        ({"merged_into": "other"}, "same as post other"),
        ({"hidden": True}, "hid it"),
        ({"held": True}, "waits for a facilitator"),
        ({"withdrawn": True}, "withdrawn"),
        ({"visible": False, "registered": False}, "registered participants"),
    ],
)
def test_what_became_of_the_post(changes: dict[str, Any], word: str) -> None:
    found = explain(replace(SHOWN, post=replace(POST, **changes)))
    assert (found.shown, found.steps[-1].name) == (False, "post")
    assert word in found.steps[-1].finding
    assert found.mend


def test_a_slip_of_the_pen_is_named() -> None:
    assert "#samples is not #sample" in tag_mend(COURSE.hashtags, ("cooking", "samples"))
    assert "Write #sample into the post" in tag_mend(COURSE.hashtags, ("cooking",))


def test_a_source_on_its_way() -> None:
    fresh = replace(SOURCE, last_success_at=None, last_fetch=None)
    facts = replace(SHOWN, sources=(fresh,), entries=(), post=None)
    assert "--source s1" in (explain(facts).mend or "")
    failed = replace(
        fresh, last_fetch=FetchFacts(AT, "failed", 404, "http-404"), last_error="Check the address."
    )
    assert explain(replace(facts, sources=(failed,))).mend == "Check the address."
    gone = replace(SOURCE, state=SourceState.REMOVED)
    assert "source add" in (explain(replace(facts, sources=(gone,))).mend or "")
    unseen = explain(replace(facts, sources=(SOURCE,)))
    assert [step.name for step in unseen.steps] == ["source", "fetch", "entry"]
    assert "backfill --course sample" in (unseen.mend or "")


def test_what_a_failing_source_could_not_bring_yet() -> None:
    """To wait for the next fetch would be no use."""
    failing = replace(
        SOURCE, last_fetch=FetchFacts(AT, "failed", 403, "http-403"), last_error="Let us in."
    )
    facts = replace(SHOWN, sources=(failing,), entries=(), post=None)
    found = explain(facts)
    assert (found.steps[-1].name, found.mend) == ("fetch", "Let us in.")
    assert "since 2026-11-03 10:00 UTC" in found.steps[-1].finding
    assert explain(replace(facts, sources=(failing, SOURCE))).steps[-1].name == "entry"
    assert explain(replace(facts, is_source=True)).shown
    assert explain(replace(unmatched("no-hashtag"), sources=(failing,))).steps[-1].name == "rule"


@pytest.mark.parametrize("odd", ["ada", "ada.example/1", "https://[x", "@ada", "javascript:1"])
def test_what_is_no_address_cannot_be_registered(odd: str) -> None:
    found = explain(Facts(odd, COURSE, (), (), None, barred=False, is_source=False))
    assert (found.shown, len(found.steps)) == (False, 1)
    assert found.mend == "Give an address that begins with https://, or a handle (@user@host)."


def test_commands_can_be_pasted() -> None:
    url = "https://ada.example/?feed=rss&tag=sample"
    nobodys = Facts(url, COURSE, (), (), None, barred=False, is_source=False)
    assert f"`moocfeed source add '{url}' --course sample`" in (explain(nobodys).mend or "")
    removed = replace(SOURCE, url=url, state=SourceState.REMOVED)
    assert f"'{url}'" in (explain(replace(nobodys, sources=(removed,))).mend or "")


@given(
    sources=st.lists(st.sampled_from([SOURCE, replace(SOURCE, state=SourceState.PAUSED)])),
    entries=st.lists(st.sampled_from([ENTRY, unmatched("no-hashtag").entries[0]])),
    post=st.sampled_from([None, POST, replace(POST, hidden=True)]),
    barred=st.booleans(),
    is_source=st.booleans(),
)
def test_at_most_the_last_step_fails_and_then_there_is_a_mend(
    sources: list[SourceFacts],
    entries: list[EntryFacts],
    post: PostFacts | None,
    barred: bool,
    is_source: bool,
) -> None:
    found = explain(Facts("u", COURSE, tuple(sources), tuple(entries), post, barred, is_source))
    assert all(step.ok for step in found.steps[:-1])
    assert found.shown is (bool(found.steps) and found.steps[-1].ok)
    assert found.shown or found.mend
