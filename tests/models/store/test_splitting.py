"""What was merged and is not one post after all is split by a person, for good."""

import pytest

from models.domain.errors import Conflict, Gone, NotFound
from models.store import feed, splitting
from models.store.engine import Database
from tests.models.store.arrivals import BEN, Course, blog, relayed, status
from tests.models.store.audit import audit
from tests.models.store.texts import OTHER, STAIRS, STAIRS_MENDED

TWO = "ada-zwei.example"
STAIRS_POST = blog("treppe", STAIRS, title="Die Treppe")
COPY = blog("treppe-zwei", STAIRS_MENDED, host=TWO, hours=30, title="Treppen")


def _merged(database: Database) -> tuple[Course, str, str]:
    """A course, the id of its only post, and of the part that the copy is."""
    course = Course.of(database)
    course.take(STAIRS_POST)
    course.take(COPY)
    (post,) = course.posts()
    with database.reading() as session:
        first, second = splitting.parts(session, course.id, post.id)
    assert (first.id, first.urls) == (post.id, (STAIRS_POST.raw.url,))
    assert (second.title, second.urls) == ("Treppen", (COPY.raw.url,))
    return course, post.id, second.id


def _split(course: Course, part_id: str) -> str:
    with course.database.writing() as session:
        return splitting.split(session, course.id, part_id, course.now)


def test_both_are_posts_of_their_own_with_all_that_is_theirs(database: Database) -> None:
    course, post_id, part_id = _merged(database)
    course.take(status(1, f"Zur Treppe {STAIRS_POST.raw.url} #sample", by=BEN))
    course.take(status(2, f"Zur anderen {COPY.raw.url} #sample", by=BEN))
    course.take(status(3, f"Noch einmal {COPY.raw.url} #sample", by=BEN))
    assert _split(course, part_id) == part_id
    posts = {post.id: post for post in course.posts(kind="blog")}
    assert {post_id: post.responses for post_id, post in posts.items()} == {post_id: 1, part_id: 2}
    assert [source.url for source in posts[part_id].sources] == [f"https://{TWO}/feed"]
    assert len(course.posts(q="Durchschnitt", kind="blog")) == 1
    audit(database)


def test_they_are_never_merged_again(database: Database) -> None:
    course, post_id, part_id = _merged(database)
    _split(course, part_id)
    course.take(relayed(COPY, STAIRS_POST.raw.url or ""))
    course.take(blog("treppe-zwei", STAIRS, host=TWO, hours=30, title="Die Treppe"))
    assert {post.id for post in course.posts()} == {post_id, part_id}
    audit(database)


def test_later_sightings_go_to_the_right_one(database: Database) -> None:
    course, _, part_id = _merged(database)
    _split(course, part_id)
    course.take(relayed(COPY))
    course.take(blog("treppe-zwei", OTHER, host=TWO, hours=30))
    found = {post.id: post for post in course.posts()}
    assert len(found[part_id].sources) == 2
    assert "Pausenraum" in found[part_id].content_html
    audit(database)


def test_the_first_may_be_split_off_as_well(database: Database) -> None:
    course, post_id, part_id = _merged(database)
    _split(course, post_id)
    posts = {post.id: post.url for post in course.posts()}
    assert posts == {post_id: STAIRS_POST.raw.url, part_id: COPY.raw.url}
    audit(database)


def test_a_post_that_was_one_before_returns_under_its_old_id(database: Database) -> None:
    course = Course.of(database)
    course.take(blog("pause", OTHER, hours=-90), blog("kurz", OTHER[:90], host=TWO))
    short, long = sorted(course.posts(), key=lambda post: len(post.content_html))
    course.take(relayed(blog("pause", OTHER, hours=-90), short.url))
    with database.reading() as session, pytest.raises(Gone):
        feed.post(session, course.row(), short.id)
    _split(course, short.id)
    assert {post.id for post in course.posts()} == {short.id, long.id}
    audit(database)


def test_what_is_not_merged_cannot_be_split(database: Database) -> None:
    course = Course.of(database)
    course.take(STAIRS_POST)
    (post,) = course.posts()
    with pytest.raises(Conflict):
        _split(course, post.id)
    with pytest.raises(NotFound):
        _split(course, "0199aaaa-0000-7000-8000-000000000000")


def test_one_of_three_leaves_the_others_together(database: Database) -> None:
    course = Course.of(database)
    third = blog("treppe-drei", STAIRS, host="planet.example", hours=40)
    mine = status(9, STAIRS + " #sample", hours=41)
    course.take(STAIRS_POST)
    course.take(COPY)
    course.take(mine)
    course.take(third)  # the planet names nobody Ada could be: it stays alone
    post = next(post for post in course.posts() if len(post.sources) == 3)
    with database.reading() as session:
        part = splitting.parts(session, course.id, post.id)[1]
    _split(course, part.id)
    assert sorted(len(each.sources) for each in course.posts()) == [1, 1, 2]
    audit(database)
