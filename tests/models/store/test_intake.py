"""What an answer's entries come to: posts, changes, withdrawals, notes."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from models.domain.course import Consent, Course, Moderation, Show
from models.domain.coursefile import CourseFile
from models.domain.errors import Gone, NotFound
from models.domain.post import RawAuthor
from models.domain.source import Match, SourceState
from models.store import applying, changelog, feed, intake, reprojecting, sources, withdrawing
from models.store.engine import Database
from models.store.rows import Change, FeedPost
from models.store.touched import Counts
from models.tables.base import Base
from models.tables.posts import PostTable, SightingTable
from tests.models.store.audit import audit
from tests.models.store.material import AT, SAMPLE, Stage, raw

ADA, PLANET = "ada.example", "planet.example"
NEW, CHANGED, WITHDRAWN, NOTHING = Counts(1), Counts(0, 1), Counts(0, 0, 1), Counts()


@pytest.fixture
def stage(database: Database) -> Stage:
    return Stage(database)


def changes(stage: Stage) -> list[str]:
    with stage.database.reading() as session:
        found, _ = changelog.changes(session, stage.row, 0)
    return [entry.change for entry in found]


def states(stage: Stage) -> dict[str, tuple[str, str | None]]:
    """By the end of its address, each sighting's state and reason."""
    with stage.database.reading() as session:
        rows = session.execute(
            select(SightingTable.url, SightingTable.state, SightingTable.reason)
        ).all()
    return {row.url.rpartition("/")[2]: (row.state, row.reason) for row in rows}


def everything(database: Database) -> dict[str, Sequence[Any]]:
    with database.reading() as session:
        return {
            table.name: sorted(map(repr, session.execute(select(table))))
            for table in Base.metadata.tables.values()
        }


def look_up(stage: Stage, post_id: str) -> FeedPost:
    with stage.database.reading() as session:
        return feed.post(session, stage.row, post_id)


def test_new_same_and_changed(stage: Stage) -> None:
    assert stage.bring(ADA, raw("one"), raw("two")) == Counts(2)
    before = {post.url: post.id for post in stage.posts()}
    assert stage.bring(ADA, raw("one"), raw("two")) == NOTHING
    stage.later(hours=1)
    assert stage.bring(ADA, raw("one", "More"), raw("two")) == CHANGED
    assert {post.url: post.id for post in stage.posts()} == before
    assert [post.excerpt for post in stage.posts(q="more")] == ["More"]
    assert changes(stage) == ["post", "post", "change"]
    audit(stage.database)


def test_what_is_taken_in_again_changes_nothing(stage: Stage) -> None:
    answer = stage.answer(ADA, raw("one"), raw("two", tags=()), withdrawn=["x"], complete=True)
    stage.take(answer)
    before = everything(stage.database)
    stage.later(hours=1)
    assert stage.take(answer) == NOTHING
    assert everything(stage.database) == before


def test_an_entry_that_does_not_match_is_noted_without_its_content(stage: Stage) -> None:
    assert stage.bring(ADA, raw("one", "secret", tags=())) == NOTHING
    assert states(stage) == {"one": ("unmatched", "no-hashtag")}
    with stage.database.reading() as session:
        assert session.scalars(select(SightingTable.content_html)).all() == [None]
    assert not stage.posts()
    assert stage.bring(ADA, raw("one", "now it does")) == NEW
    audit(stage.database)


def test_an_entry_that_loses_its_hashtag_is_withdrawn_and_may_come_back(stage: Stage) -> None:
    stage.bring(ADA, raw("one"))
    post_id = stage.post().id
    assert stage.bring(ADA, raw("one", tags=())) == WITHDRAWN
    assert states(stage) == {"one": ("withdrawn", "no-hashtag")}
    assert not stage.posts()
    with pytest.raises(Gone):
        look_up(stage, post_id)
    assert stage.bring(ADA, raw("one", "else", tags=())) == NOTHING
    audit(stage.database)
    assert stage.bring(ADA, raw("one")) == NEW
    assert stage.post().id == post_id
    assert changes(stage) == ["post", "withdraw", "post"]
    audit(stage.database)


def test_a_tombstone_withdraws(stage: Stage) -> None:
    stage.bring(ADA, raw("one"), raw("two"))
    assert stage.bring(ADA, withdrawn=["https://ada.example/one", "unheard of"]) == WITHDRAWN
    assert states(stage)["one"] == ("withdrawn", "deleted")
    assert stage.post().url == "https://ada.example/two"


def test_falling_out_of_a_window_is_no_deletion(stage: Stage) -> None:
    stage.bring(ADA, raw("one"), raw("two"))
    assert stage.bring(ADA, raw("two")) == NOTHING
    assert len(stage.posts()) == 2


def test_a_complete_feed_retires_what_it_no_longer_lists(stage: Stage) -> None:
    stage.bring(ADA, raw("one"), raw("two"), raw("three", tags=()))
    stage.bring(PLANET, raw("one"))
    assert stage.bring(ADA, raw("two"), complete=True) == CHANGED  # the planet still has it
    assert states(stage)["three"] == ("unmatched", "no-hashtag")
    assert stage.bring(ADA, complete=True) == WITHDRAWN
    assert states(stage)["two"] == ("withdrawn", "not-listed")
    assert stage.post().sources[0].url == "https://planet.example/feed"


def test_a_changed_rule_decides_anew(stage: Stage) -> None:
    blog = stage.source(ADA, match=Match.ALL)
    stage.bring(ADA, raw("one"), raw("two", tags=()))
    assert len(stage.posts()) == 2
    with stage.database.writing() as session:
        sources.change(session, sources.get(session, blog), {"match": Match.HASHTAG.value})
    assert stage.bring(ADA, raw("one"), raw("two", tags=())) == WITHDRAWN
    assert stage.post().url == "https://ada.example/one"


def test_a_post_without_a_date_keeps_the_moment_it_was_first_seen(stage: Stage) -> None:
    stage.bring(ADA, raw("one", published_at=None))
    stage.later(days=1)
    stage.bring(ADA, raw("one", "More", published_at=None))
    post = stage.post()
    assert (post.published_at, post.first_seen_at, post.excerpt) == (AT, AT, "More")


def test_what_answers_bring_together_counts_for_the_first(stage: Stage) -> None:
    answers = [stage.answer(ADA, raw("one")), stage.answer(PLANET, raw("one"), raw("two"))]
    with stage.database.writing() as session:
        assert intake.take_in_all(session, answers, AT) == [NEW, NEW]
        assert intake.take_in_all(session, answers, AT) == [NOTHING, NOTHING]


def test_one_more_copy_is_told_to_mirrors_and_counts_for_nothing(stage: Stage) -> None:
    assert stage.bring(ADA, raw("one")) == NEW
    assert stage.bring(PLANET, raw("one")) == NOTHING
    assert len(stage.post().sources) == 2
    assert changes(stage) == ["post", "change"]


def test_a_copy_that_tells_whose_it_is_counts_for_nothing(stage: Stage) -> None:
    stage.bring(PLANET, raw("one"))
    stage.source(ADA, participant="Ada (Muster)")
    assert stage.bring(ADA, raw("one")) == NOTHING
    assert stage.post().author.participant is not None
    assert changes(stage) == ["post", "change"]


def test_a_copy_that_says_more_is_a_change(stage: Stage) -> None:
    stage.bring(PLANET, raw("one", "Short"))
    assert stage.bring(ADA, raw("one", "Short, and all the rest")) == CHANGED
    assert stage.post().excerpt == "Short, and all the rest"


def test_before_moderation_posts_are_held(database: Database) -> None:
    stage = Stage(database, replace(SAMPLE, moderation=Moderation.BEFORE))
    assert stage.bring(ADA, raw("one")) == NOTHING
    assert not stage.posts()
    assert not stage.posts(q="text")
    post_id = _ids(stage)[0]
    with pytest.raises(NotFound):
        look_up(stage, post_id)
    with database.writing() as session:
        session.execute(update(PostTable).values(held=False))
        assert reprojecting.reproject(session, stage.course_id, AT) == NEW
    assert stage.post().id == post_id
    assert stage.bring(ADA, raw("one", "More")) == CHANGED
    audit(database)


def _ids(stage: Stage) -> Sequence[str]:
    with stage.database.reading() as session:
        return session.scalars(select(PostTable.id).order_by(PostTable.number)).all()


def test_where_consent_is_asked_for_only_participants_are_shown(database: Database) -> None:
    stage = Stage(database, replace(SAMPLE, consent=Consent.REGISTERED))
    stage.source(ADA, participant="Ada (Muster)")
    assert stage.bring(ADA, raw("one")) == NEW
    assert stage.bring("ben.example", raw("b", url="https://ben.example/b")) == NOTHING
    assert stage.post().url == "https://ada.example/one"
    open_to_all = replace(stage.course, consent=Consent.OPEN)
    assert _apply(stage, open_to_all)
    assert len(stage.posts()) == 2
    assert _apply(stage, stage.course)
    assert stage.post().url == "https://ada.example/one"
    assert changes(stage) == ["post", "post", "withdraw"]
    audit(database)


def test_posts_that_a_setting_shows_otherwise_are_changes(database: Database) -> None:
    """Mirrors learn of them by the change log alone."""
    stage = Stage(database)
    stage.bring(ADA, raw("one"), raw("two"))
    before = {post.id: post for post in stage.posts()}
    assert _apply(stage, replace(stage.course, title="Another title"))
    assert changes(stage) == ["post", "post"]
    excerpts = replace(stage.course, show=Show.EXCERPT)
    assert _apply(stage, excerpts)
    assert changes(stage) == ["post", "post", "change", "change"]
    after = {post.id: post for post in stage.posts()}
    assert all(after[id_].revision > post.revision for id_, post in before.items())
    assert _apply(stage, replace(excerpts, weeks=()))
    moved = sum(post.week is not None for post in after.values())
    assert moved == 2
    assert {post.week for post in stage.posts()} == {None}
    assert all(post.revision > after[post.id].revision for post in stage.posts())
    audit(database)


def _apply(stage: Stage, course: Course) -> bool:
    with stage.database.writing() as session:
        return applying.apply(session, CourseFile(course, ()), stage.now).changed


def test_placing_anew_what_stays_as_it_is_changes_nothing(stage: Stage) -> None:
    stage.bring(ADA, *(raw(f"p{number}") for number in range(5)))
    before = everything(stage.database)
    with stage.database.writing() as session:
        assert reprojecting.reproject(session, stage.course_id, AT + timedelta(days=1)) == NOTHING
    assert everything(stage.database) == before


def test_a_removed_source_takes_along_what_only_it_brought(stage: Stage) -> None:
    """Also where it is the posts' own home: that does not mean that their author deleted them."""
    stage.bring(ADA, raw("one", from_origin=True), raw("two", from_origin=True))
    stage.bring(PLANET, raw("one"))
    with stage.database.writing() as session:
        assert _remove(session, stage.source(ADA)) == Counts(changed=1, withdrawn=1)
    post = stage.post()
    assert [source.url for source in post.sources] == ["https://planet.example/feed"]
    assert post.url == "https://ada.example/one"
    assert states(stage)["two"] == ("removed", "source-removed")
    audit(stage.database)


def _remove(session: Session, source_id: str) -> Counts:
    source = sources.get(session, source_id)
    sources.set_state(session, source, SourceState.REMOVED, reason="by hand", now=AT)
    return withdrawing.withdraw_source(session, source.course_id, source_id, AT)


def test_a_removed_source_that_comes_back_brings_its_posts_back(stage: Stage) -> None:
    blog = stage.source(ADA)
    stage.bring(ADA, raw("one"))
    post_id = stage.post().id
    with stage.database.writing() as session:
        _remove(session, blog)
    with stage.database.writing() as session:
        url = "https://ada.example/feed"
        assert sources.add(session, stage.course_id, kind="feed", url=url, now=AT) == blog
    assert stage.bring(ADA, raw("one")) == NEW
    assert stage.post().id == post_id
    audit(stage.database)


def test_a_mirror_is_told_in_order_and_in_parts(stage: Stage) -> None:
    stage.bring(ADA, *(raw(f"p{number}") for number in range(5)))
    stage.bring(ADA, raw("p1", "More"), raw("p2", tags=()))
    with stage.database.reading() as session:
        parts: list[Change] = []
        more, since = True, 0
        while more:
            found, more = changelog.changes(session, stage.row, since, limit=3)
            since = found[-1].revision
            parts += found
    assert [entry.revision for entry in parts] == list(range(1, 8))
    mirror = _followed(parts)
    assert sorted(mirror) == sorted(post.id for post in stage.posts())
    assert {post.excerpt for post in mirror.values()} == {"Text", "More"}


def _followed(entries: Sequence[Change]) -> dict[str, FeedPost]:
    mirror: dict[str, FeedPost] = {}
    for entry in entries:
        if entry.post is not None:
            mirror[entry.id] = entry.post
        else:
            mirror.pop(entry.id, None)
    return mirror


def test_tombstones_are_of_what_has_not_come_back(stage: Stage) -> None:
    stage.bring(ADA, raw("one"), raw("two"))
    ids = {post.url: post.id for post in stage.posts()}
    stage.later(hours=1)
    stage.bring(ADA, raw("one", tags=()), raw("two", tags=()))
    stage.later(hours=1)
    stage.bring(ADA, raw("one"))
    with stage.database.reading() as session:
        (stone,) = changelog.tombstones(session, stage.row)
    assert (stone.id, stone.at) == (ids["https://ada.example/two"], AT + timedelta(hours=1))


def test_posts_of_one_name_on_two_blogs_are_two_people_s(stage: Stage) -> None:
    admin = RawAuthor(name="admin")
    stage.bring(ADA, raw("one", author=admin))
    stage.bring("ben.example", raw("b", url="https://ben.example/b", author=admin))
    assert stage.row.people == 2
