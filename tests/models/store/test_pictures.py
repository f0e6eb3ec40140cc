"""Which pictures posts show, and which posts are there to show them."""

from datetime import UTC, datetime

import pytest

from models.domain.coursefile import parse
from models.domain.errors import NotFound
from models.domain.hashtags import match_key
from models.domain.normalise import normalise
from models.domain.post import RawAuthor, RawMedia, RawPost
from models.domain.source import Match, Rule, SourceSpec
from models.store import applying, courses, erasing, feed, intake, pictures, sources
from models.store.engine import Database
from models.store.feed import Filter
from models.store.rows import CourseRow

AT = datetime(2026, 11, 3, 10, tzinfo=UTC)
URL = "https://ada.example/feed"
FILE = """
[course]
slug = "sample"
title = "A sample"
hashtags = ["sample"]
show = "{show}"
[[sources]]
kind = "feed"
url = "https://ada.example/feed"
"""
FACE = "https://ada.example/face.jpg"


def set_up(database: Database, show: str = "full") -> str:
    """A course with a post that has all kinds of pictures; returns its id."""
    with database.writing() as session:
        applying.apply(session, parse(FILE.format(show=show)), AT)
    raw = RawPost(
        "1",
        url="https://ada.example/1",
        content="<p>#sample <img src='/one.png'><img src='https://b.example/two.png?a=1&amp;b'></p>",
        base_url="https://ada.example/",
        published_at=AT,
        author=RawAuthor("Ada (Muster)", avatar_url=FACE),
        media=(
            RawMedia("https://c.example/three.jpg"),
            RawMedia("https://c.example/film.mp4", type="video"),
        ),
    )
    with database.writing() as session:
        course = courses.course(session, "sample")
        (row,) = sources.listed(session)
        spec = SourceSpec(
            id=row.id, kind="feed", url=URL, rule=Rule((match_key("sample"),), Match.HASHTAG, "de")
        )
        answer = intake.Answer(
            course_id=course.id, source_id=row.id, entries=[normalise(raw, spec, AT)]
        )
        intake.take_in(session, answer, AT)
        return feed.page(session, course, Filter()).posts[0].id


def shown(database: Database, post_id: str) -> set[str]:
    with database.reading() as session:
        return set(pictures.of_post(session, found(database), post_id))


def found(database: Database) -> CourseRow:
    with database.reading() as session:
        return courses.course(session, "sample")


def test_face_media_and_content_have_pictures(database: Database) -> None:
    assert shown(database, set_up(database)) == {
        FACE,
        "https://c.example/three.jpg",
        "https://ada.example/one.png",
        "https://b.example/two.png?a=1&b",
    }


def test_of_an_excerpt_the_face_is_left(database: Database) -> None:
    assert shown(database, set_up(database, "excerpt")) == {FACE}


def test_what_is_erased_shows_nothing(database: Database) -> None:
    post_id = set_up(database)
    with database.reading() as session:
        asked = [post_id, "0199b1a0-7c1e-7000-8000-3f5c2f1e9a10"]
        assert pictures.visible(session, "sample", asked) == {post_id}
        assert pictures.visible(session, "other", asked) == set()
        assert pictures.visible(session, "sample", []) == set()
    with database.writing() as session:
        erasing.erase_posts(session, found(database).id, [post_id], AT)
    with pytest.raises(NotFound):
        shown(database, post_id)
    with database.reading() as session:
        assert pictures.visible(session, "sample", [post_id]) == set()
