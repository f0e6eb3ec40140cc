from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.domain.choose import Seen, choose
from models.domain.decide import SightingState
from models.domain.source import SourceSpec
from tests.models.domain.samples import NOW, post, raw, seen, source

LIVE, WITHDRAWN = SightingState.LIVE, SightingState.WITHDRAWN
BLOG = source("https://blog.example/feed")
TAG_FEED = source("https://blog.example/tag/e20mooc/feed")
PLANET = source("https://planet.example/feed")
SPOOFER = source("https://evil.example/feed")
MOVED = source("https://new.example/feed")

SENTENCE = "Werkzeuge machen die Arbeit sichtbar, und das gefällt nicht jedem im Haus. "
FULL = f"<p>{SENTENCE * 20}</p>"
SUMMARY = f"<p>{SENTENCE * 2}[…]</p>"
SPAM = f"<p>{'Kaufen Sie hier. ' * 400}</p>"


def sighting(
    by: SourceSpec = BLOG,
    content: str = FULL,
    uid: str = "https://blog.example/?p=1",
    url: str | None = "https://blog.example/post",
    after: int = 0,
    state: SightingState = LIVE,
    published_at: datetime | None = NOW,
) -> Seen:
    """`after`: hours until this source was first seen with it."""
    sighted = post(raw(uid, url=url, content=content, published_at=published_at), by)
    return seen(sighted, by, state=state, first_seen_at=NOW + timedelta(hours=after))


def shown(*sightings: Seen) -> str | None:
    found = choose(sightings)
    return found.sighting.source_id if found else None


def test_the_origin_is_shown_however_long_others_are() -> None:
    assert shown(sighting(PLANET, FULL + SPAM), sighting(BLOG, FULL, after=1)) == BLOG.id


def test_of_the_origins_own_the_longest_is_shown() -> None:
    assert shown(sighting(BLOG, SUMMARY), sighting(TAG_FEED, FULL, after=1)) == TAG_FEED.id
    assert shown(sighting(TAG_FEED, FULL), sighting(BLOG, SUMMARY, after=1)) == TAG_FEED.id


def test_without_an_origin_the_longest_is_shown_and_the_first_among_equals() -> None:
    other = source("https://other.example/feed")
    assert shown(sighting(PLANET, SUMMARY), sighting(other, FULL, after=1)) == other.id
    assert shown(sighting(other, FULL, after=1), sighting(PLANET, FULL)) == PLANET.id


@pytest.mark.parametrize(
    "summary",
    [
        SUMMARY,
        f"<p>{SENTENCE * 2}&#8230;</p>",
        f"<p>{SENTENCE * 2}...</p>",
        f'<p>{SENTENCE * 2}<a href="/post">Weiterlesen &rarr;</a></p>',
        f"<p>{SENTENCE * 8}[&hellip;]</p>",
        f'{SUMMARY}<p>Der Beitrag <a href="/post">Titel</a> erschien zuerst auf <a>Blog</a>.</p>',
    ],
)
def test_where_the_origin_breaks_off_a_copy_that_goes_on_is_shown(summary: str) -> None:
    copy = sighting(PLANET, FULL, after=1)
    assert shown(sighting(BLOG, summary), copy) == PLANET.id
    assert shown(copy, sighting(BLOG, summary, after=2)) == PLANET.id


@pytest.mark.parametrize(
    "copy", [SPAM, f"<p>Vorab: {SENTENCE * 20}</p>", f"<p>{SENTENCE}</p>", "<p></p>"]
)
def test_a_copy_that_does_not_go_on_is_not(copy: str) -> None:
    assert shown(sighting(BLOG, SUMMARY), sighting(PLANET, copy, after=1)) == BLOG.id


def test_a_text_that_ends_is_not_continued_by_others() -> None:
    assert shown(sighting(BLOG, FULL), sighting(PLANET, FULL + SPAM)) == BLOG.id


@pytest.mark.parametrize("url", ["https://blog.example/post", "https://evil.example/post", None])
@pytest.mark.parametrize("after", [-1, 1])
@pytest.mark.parametrize(
    "uid", ["https://blog.example/?p=1", "tag:blog.example,2024:1", "tag:ada@blog.example,2024:1"]
)
def test_who_repeats_an_id_does_not_take_the_post_over(
    uid: str, url: str | None, after: int
) -> None:
    mine = sighting(BLOG, FULL, uid)
    theirs = sighting(SPOOFER, FULL + SPAM, uid, url, after)
    found = choose([theirs, mine])
    assert found is not None
    assert found.sighting == mine
    assert found.url == "https://blog.example/post"
    gone = replace(mine, state=WITHDRAWN)
    assert choose([gone, theirs]) is None
    assert choose([mine, replace(theirs, state=WITHDRAWN)]) == found


def test_an_id_that_names_nobody_is_the_firsts() -> None:
    uid = "urn:uuid:1225c695-cfb8-4ebb-aaaa-80da344efa6a"
    mine = sighting(BLOG, FULL, uid)
    theirs = sighting(SPOOFER, SPAM, uid, "https://evil.example/post", after=1)
    assert shown(theirs, mine) == BLOG.id


def test_an_opaque_id_weighs_more_than_one_of_another_site() -> None:
    mine = sighting(BLOG, FULL, "1")
    theirs = sighting(
        SPOOFER, SPAM, "https://blog.example/post", "https://evil.example/post", after=-1
    )
    assert shown(theirs, mine) == BLOG.id


def test_a_blog_that_moved_is_still_the_origin_of_its_posts() -> None:
    own = sighting(MOVED, FULL, "http://old.example/?p=1", "https://new.example/post")
    copy = sighting(PLANET, SPAM, "http://old.example/?p=1", "https://new.example/post", after=-1)
    assert shown(copy, own) == MOVED.id
    assert choose([copy, replace(own, state=WITHDRAWN)]) is None


def test_the_origin_decides_over_withdrawal() -> None:
    own, copy = sighting(BLOG), sighting(PLANET, after=1)
    assert choose([replace(own, state=WITHDRAWN), copy]) is None
    assert shown(own, replace(copy, state=WITHDRAWN)) == BLOG.id
    both = [replace(own, state=WITHDRAWN), sighting(TAG_FEED)]
    assert shown(*both) == TAG_FEED.id


def test_without_an_origin_the_last_sighting_decides() -> None:
    one = sighting(PLANET)
    other = sighting(source("https://other.example/feed"))
    assert shown(replace(one, state=WITHDRAWN), other) == "https://other.example/feed"
    assert choose([replace(one, state=WITHDRAWN), replace(other, state=WITHDRAWN)]) is None
    assert choose([]) is None


def test_the_time_is_the_one_that_was_stated() -> None:
    undated = sighting(BLOG, published_at=None)
    dated = sighting(PLANET, published_at=NOW - timedelta(days=2), after=1)
    found = choose([undated, dated])
    assert found is not None
    assert found.sighting == undated
    assert found.published_at == NOW - timedelta(days=2)
    alone = choose([undated])
    assert alone is not None
    assert alone.published_at == NOW


SOURCES = (BLOG, TAG_FEED, PLANET, SPOOFER, source("https://other.example/feed"))
states = st.sampled_from([LIVE, LIVE, WITHDRAWN, SightingState.UNMATCHED])
TEXTS = (FULL, SUMMARY, SPAM, f"<p>{SENTENCE}</p>", "")
ANY = {
    (by.id, content, uid, url, after, dated): sighting(
        by, content, uid, url, after, published_at=NOW if dated else None
    )
    for by in SOURCES
    for content in TEXTS
    for uid in ("https://blog.example/?p=1", "tag:blog.example,2024:1")
    for url in ("https://blog.example/post", "https://evil.example/post")
    for after in (0, 1)
    for dated in (True, False)
}
histories = st.lists(
    st.builds(
        lambda one, state: replace(one, state=state), st.sampled_from(list(ANY.values())), states
    ),
    max_size=6,
    unique_by=lambda one: one.source_id,
)


@given(histories, st.randoms(use_true_random=False))
def test_the_order_makes_no_difference(sightings: list[Seen], random: object) -> None:
    found = choose(sightings)
    shuffled = list(sightings)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert choose(shuffled) == found


@given(histories)
def test_what_is_shown_is_live(sightings: list[Seen]) -> None:
    found = choose(sightings)
    live = [one for one in sightings if one.state is LIVE]
    if found is None:
        assert not live or any(one.from_origin for one in sightings)
        return
    assert found.sighting in live
    assert found.url in {one.url for one in live}
    assert found.published_at in {one.stated_at for one in live}


@given(histories)
def test_edits_and_further_sightings_never_lower_quality(sightings: list[Seen]) -> None:
    """A summary that comes in beside what is shown never takes the place of the full text."""
    found = choose(sightings)
    if found is None or found.sighting.length != len(FULL):
        return
    for by in SOURCES:
        if any(one.source_id == by.id for one in sightings):
            continue
        further = choose([*sightings, sighting(by, SUMMARY, after=2)])
        assert further is not None
        assert further.sighting.length >= found.sighting.length
        assert further.sighting.excerpt == found.sighting.excerpt


@given(histories)
def test_the_origin_alone_decides_whether_it_is_there(sightings: list[Seen]) -> None:
    own = sighting(BLOG)
    others = [one for one in sightings if one.source_id not in {BLOG.id, TAG_FEED.id}]
    assert choose([replace(own, state=WITHDRAWN), *others]) is None
    found = choose([own, *others])
    assert found is not None
    assert found.sighting == own
    assert found.url == own.url


def test_among_equals_the_one_published_first() -> None:
    late = sighting(BLOG, published_at=NOW)
    early = sighting(TAG_FEED, after=1, published_at=NOW - timedelta(hours=1))
    assert shown(late, early) == shown(early, late) == TAG_FEED.id


def test_who_publishes_at_two_places_is_at_home_at_both() -> None:
    one = replace(sighting(BLOG), participant_id="ada")
    other = sighting(MOVED, FULL, "https://new.example/?p=9", "https://new.example/post", after=1)
    other = replace(other, participant_id="ada")
    assert shown(replace(one, state=WITHDRAWN), other) == MOVED.id
    assert choose([replace(one, state=WITHDRAWN), replace(other, participant_id=None)]) is None


def test_whose_it_is_stands_in_any_of_them() -> None:
    own = replace(sighting(BLOG, SUMMARY), participant_id="ada")
    found = choose([sighting(PLANET, FULL, after=1), own])
    assert found is not None
    assert (found.sighting.source_id, found.participant_id) == (PLANET.id, "ada")
