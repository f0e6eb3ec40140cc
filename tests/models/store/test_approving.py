"""What strangers sent in waits, and is a post like any other once a person has looked at it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from models.domain.errors import NotFound
from models.domain.post import RawAuthor, RawPost
from models.store import mentions, sources
from models.store.approving import approve
from models.store.engine import Database
from models.store.touched import Counts
from models.tables.posts import PostTable
from tests.models.store.arrivals import ADA, AT, COURSE, Arrival, Course, blog, relayed, status
from tests.models.store.audit import audit
from tests.models.store.texts import OTHER, STAIRS, STAIRS_MENDED

HOST = "pages.example"
PAGE = f"https://{HOST}/treppe"
STAIRS_POST = blog("treppe", STAIRS, title="Die Treppe")


def page(text: str, *, by: str = ADA) -> Arrival:
    """A page that was sent in and says that Ada wrote it."""
    return Arrival(
        HOST,
        RawPost(
            external_id=PAGE,
            url=PAGE,
            title="Treppen",
            content="".join(f"<p>{part}</p>" for part in text.split("\n\n")),
            base_url=PAGE,
            published_at=AT - timedelta(days=5),
            author=RawAuthor(name="Ada", url=by, account=by),
            tags=("sample",),
            from_origin=True,
        ),
    )


def opened(database: Database, text: str = COURSE) -> Course:
    """The course, to which the page's address was sent."""
    course = Course.of(database, text)
    with database.writing() as session:
        target = "https://courses.example/sample"
        mentions.received(session, course.id, page=PAGE, target=target, post=None, now=AT)
    look_up(course)
    return course


def look_up(course: Course) -> None:
    with course.database.reading() as session:
        found = sources.find(session, course.id, mentions.KIND, PAGE)
    assert found is not None
    course.hosts[HOST] = found


def sent(course: Course, text: str) -> Counts:
    """What the page says, as it is stored."""
    look_up(course)
    (answer,) = course.answers(page(text))
    return course.store([replace(answer, held=bool(course.hosts[HOST].options["held"]))])


def held(course: Course) -> list[str]:
    with course.database.reading() as session:
        return list(session.scalars(select(PostTable.id).where(PostTable.held)))


def approved(course: Course, post_id: str) -> Counts:
    course.now += timedelta(minutes=1)
    with course.database.writing() as session:
        return approve(session, course.id, post_id, course.now)


def test_a_post_that_was_approved_is_shown(database: Database) -> None:
    course = opened(database)
    assert sent(course, OTHER) == Counts()
    (waiting,) = held(course)
    assert approved(course, waiting) == Counts(new=1)
    assert [post.id for post in course.posts()] == [waiting]
    assert approved(course, waiting) == Counts()
    audit(database)


def test_a_copy_that_was_sent_in_joins_its_post_once_approved(database: Database) -> None:
    course = opened(database)
    course.take(STAIRS_POST)
    assert sent(course, STAIRS_MENDED) == Counts()
    (first,) = course.posts()
    (waiting,) = held(course)
    assert approved(course, waiting) == Counts(changed=1)
    (post,) = course.posts()
    assert post.id == first.id
    assert {source.url for source in post.sources} == {"https://ada.example/feed", PAGE}
    audit(database)


def test_a_post_joins_a_copy_that_was_approved_before(database: Database) -> None:
    course = opened(database)
    sent(course, STAIRS_MENDED)
    (waiting,) = held(course)
    approved(course, waiting)
    course.take(STAIRS_POST)
    (post,) = course.posts()
    assert (post.id, len(post.sources)) == (waiting, 2)
    audit(database)


def test_an_edit_after_the_approval_is_compared_too(database: Database) -> None:
    course = opened(database)
    course.take(STAIRS_POST)
    sent(course, OTHER)
    (waiting,) = held(course)
    assert approved(course, waiting) == Counts(new=1)
    sent(course, STAIRS_MENDED)
    assert len(course.posts()) == 1
    audit(database)


def test_what_strangers_sent_in_is_nobodys_copy_before(database: Database) -> None:
    course = opened(database)
    sent(course, STAIRS_MENDED)
    assert course.take(STAIRS_POST) == Counts(new=1)
    assert len(held(course)) == 1
    audit(database)


def test_a_status_announces_a_page_once_that_was_approved(database: Database) -> None:
    course = opened(database)
    sent(course, OTHER)
    announcing = status(1, f"Neu bei mir: {PAGE} #sample", by=ADA)
    course.take(announcing)
    assert [post.url for post in course.posts()] == [announcing.raw.url]
    (waiting,) = held(course)
    approved(course, waiting)
    (post,) = course.posts()
    assert (post.id, post.announced_by) == (waiting, (announcing.raw.url,))
    audit(database)


def test_a_source_of_the_course_vouches_for_what_it_shows_too(database: Database) -> None:
    """A blog that is registered after one of its pages was sent in."""
    course = opened(database)
    sent(course, OTHER)
    (waiting,) = held(course)
    same = blog("treppe", OTHER)
    same = replace(same, raw=replace(same.raw, external_id=PAGE, url=PAGE))
    assert course.take(same) == Counts(new=1)
    assert [post.id for post in course.posts()] == [waiting]
    audit(database)


def test_where_all_posts_wait_a_further_source_changes_nothing(database: Database) -> None:
    course = Course.of(
        database, COURSE.replace("[[sources]]", 'moderation = "before"\n[[sources]]', 1)
    )
    course.take(STAIRS_POST)
    assert course.take(relayed(STAIRS_POST)) == Counts()
    (waiting,) = held(course)
    assert approved(course, waiting) == Counts(new=1)
    assert [len(post.sources) for post in course.posts()] == [2]
    audit(database)


def test_a_post_that_is_not_there_cannot_be_approved(database: Database) -> None:
    course = Course.of(database)
    with pytest.raises(NotFound):
        approved(course, "0199b1a0-7c1e-7000-8000-3f5c2f1e9a10")
