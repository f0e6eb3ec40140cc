"""What is known of courses is kept, and read again when it changed."""

from datetime import timedelta

from sqlalchemy import update

from collectors.contexts import Contexts
from models.domain.coursefile import SourceEntry
from models.store import applying
from models.store.applying import course_file
from models.tables.courses import CourseTable
from tests.collectors.courses import BEGIN, SLUG, Collecting


def test_it_is_read_again_when_a_course_changed(collecting: Collecting) -> None:
    contexts = Contexts(collecting.database)
    assert contexts.read() == {}
    collecting.apply()
    assert len(contexts.read()) == 1
    assert contexts.read() is contexts.read()
    with collecting.database.writing() as session:
        changed = {"title": "Another", "updated_at": BEGIN + timedelta(seconds=1)}
        session.execute(update(CourseTable).values(changed))
    assert [each.course.title for each in contexts.read().values()] == ["Another"]


def test_participants_are_named(collecting: Collecting) -> None:
    collecting.apply()
    with collecting.database.writing() as session:
        known = course_file(session, SLUG)
        entry = SourceEntry("feed", "https://blog.example/feed", participant="Ada (Muster)")
        applying.apply(session, type(known)(known.course, (entry,)), BEGIN)
    (context,) = Contexts(collecting.database).read().values()
    (source,) = collecting.sources()
    assert context.name_of(source.participant_id) == "Ada (Muster)"
    assert context.name_of(None) is None
