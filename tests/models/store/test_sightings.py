"""One post, many sightings: which one is shown, and when it is gone."""

from datetime import timedelta

import pytest

from models.domain.post import Kind, RawAuthor
from models.store.engine import Database
from models.store.touched import Counts
from tests.models.store.audit import audit
from tests.models.store.material import AT, Stage, raw

ADA = "ada.example"
OTHERS = ("planet.example", "tags.example", "mirror.example", "reader.example")
CHANGED, WITHDRAWN, NOTHING = Counts(0, 1), Counts(0, 0, 1), Counts()


@pytest.fixture
def stage(database: Database) -> Stage:
    return Stage(database)


def seen_in(stage: Stage) -> list[str]:
    return [source.url.split("/")[2] for source in stage.post().sources]


def test_a_post_seen_in_five_places_is_one_post(stage: Stage) -> None:
    stage.bring(ADA, raw("one", from_origin=True))
    for host in OTHERS:
        stage.later(minutes=1)
        before = stage.post().revision
        assert stage.bring(host, raw("one", external_id=f"{host}:1")) == NOTHING
        assert stage.post().revision > before  # mirrors learn where it was seen
    assert seen_in(stage) == [ADA, *OTHERS]
    assert len(audit(stage.database).sightings) == 5
    for host in OTHERS:
        assert len(stage.posts(source=stage.source(host))) == 1


def test_a_source_that_lists_a_post_twice_shows_it_once(stage: Stage) -> None:
    stage.bring(ADA, raw("one", external_id="1"), raw("one", external_id="2"))
    assert seen_in(stage) == [ADA]
    assert len(stage.posts(source=stage.source(ADA))) == 1


@pytest.mark.parametrize("origin_first", [True, False])
def test_the_origin_s_own_is_shown(stage: Stage, origin_first: bool) -> None:
    own = stage.answer(ADA, raw("one", "Text", from_origin=True, published_at=AT))
    copy = stage.answer(
        OTHERS[0],
        raw("one", "Text and", url="http://ada.example/one?utm_source=planet"),
    )
    for answer in [own, copy] if origin_first else [copy, own]:
        stage.take(answer)
        stage.later(minutes=1)
    post = stage.post()
    assert (post.excerpt, post.url, post.published_at) == ("Text", "https://ada.example/one", AT)


def test_an_origin_that_publishes_summaries_does_not_replace_full_text(stage: Stage) -> None:
    full = "Viel mehr Text " * 20
    stage.bring(OTHERS[0], raw("one", full))
    stage.bring(ADA, raw("one", "Viel mehr Text Viel mehr Text Viel mehr Text…", from_origin=True))
    assert full.strip() in stage.post().content_html
    assert stage.posts(q="mehr")


def test_a_poorer_copy_changes_nothing_but_the_list_of_sources(stage: Stage) -> None:
    stage.bring(ADA, raw("one", "Text " * 9))
    before = stage.post()
    assert stage.bring(OTHERS[0], raw("one", "Text")) == NOTHING
    after = stage.post()
    assert (after.content_html, after.published_at) == (before.content_html, before.published_at)
    assert stage.bring(OTHERS[0], raw("one", "Test")) == NOTHING
    assert stage.post() == after
    assert stage.bring(OTHERS[0], raw("one", tags=())) == CHANGED
    assert seen_in(stage) == [ADA]


def test_without_an_origin_it_lives_as_long_as_one_sighting(stage: Stage) -> None:
    stage.bring(OTHERS[0], raw("one", "Text " * 9))
    stage.bring(OTHERS[1], raw("one", "Text", tags=("sample", "more")))
    assert stage.bring(OTHERS[0], withdrawn=["https://ada.example/one"]) == CHANGED
    assert stage.post().excerpt == "Text"
    assert stage.bring(OTHERS[1], withdrawn=["https://ada.example/one"]) == WITHDRAWN
    assert not stage.posts()
    audit(stage.database)


def test_the_origin_decides_over_withdrawal(stage: Stage) -> None:
    stage.bring(OTHERS[0], raw("one"))
    stage.later(days=1)
    stage.bring(ADA, raw("one", from_origin=True))
    assert stage.bring(ADA, withdrawn=["https://ada.example/one"]) == WITHDRAWN
    stage.later(days=1)
    assert stage.bring(OTHERS[1], raw("one")) == NOTHING
    assert stage.bring(OTHERS[0], raw("one", "More")) == NOTHING
    assert not stage.posts()
    assert stage.bring(ADA, raw("one", from_origin=True)) == Counts(1)
    assert seen_in(stage) == [OTHERS[0], ADA, OTHERS[1]]
    audit(stage.database)


def test_everything_comes_from_the_sighting_that_is_shown_now(stage: Stage) -> None:
    """The one shown before it leaves nothing of its own behind."""
    stage.bring(OTHERS[1], raw("one", "Ein Werkzeug", language="de", tags=("sample", "kept")))
    stage.later(hours=1)
    stage.bring(
        OTHERS[0],
        raw(
            "one",
            "A <a href='https://ada.example/two'>hammer</a> " * 9,
            kind=Kind.VIDEO,
            language="en",
            tags=("sample", "gone"),
            author=RawAuthor(name="Another (sample)"),
            published_at=AT - timedelta(days=3),
        ),
    )
    assert [post.kind for post in stage.posts(q="hammer", lang="en", tag="gone")] == ["video"]
    stage.bring(OTHERS[0], withdrawn=["https://ada.example/one"])
    (post,) = stage.posts(q="Werkzeuge", lang="de", tag="kept", kind="blog")
    assert post.author.name == "Ada (Muster)"
    assert post.published_at == AT - timedelta(hours=1)
    assert not stage.posts(q="hammer")
    assert not stage.posts(tag="gone")
    audit(stage.database)
