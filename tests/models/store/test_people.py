"""Who may be named in public: those who agreed to it, and nobody else."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from models.store import courses
from models.store.engine import Database
from models.tables.people import ParticipantTable
from tests.models.store.material import AT, Stage, raw

ADA, BEN = "ada.example", "ben.example"


@pytest.fixture
def stage(database: Database) -> Stage:
    made = Stage(database)
    for host, name in ((ADA, "Ada (Muster)"), (BEN, "Ben (Muster)")):
        made.source(host, participant=name)
    made.bring(ADA, raw("one", published_at=AT - timedelta(days=2)), raw("two"))
    made.bring(BEN, raw("three", external_id="three", url="https://ben.example/three"))
    with database.writing() as session:
        session.execute(
            update(ParticipantTable)
            .where(ParticipantTable.name == "Ben (Muster)")
            .values(consented_at=None)
        )
    return made


def test_posts_and_the_last_of_them(stage: Stage) -> None:
    row = stage.row
    with stage.database.reading() as session:
        (ada,) = courses.participants(session, row)
    assert (ada.name, ada.posts, ada.last_post_at) == ("Ada (Muster)", 2, AT - timedelta(hours=1))


def test_the_names_of_those_who_agreed(stage: Stage) -> None:
    row = stage.row
    ids = {post.author.participant or "" for post in stage.posts()}
    assert len(ids) == 2
    with stage.database.reading() as session:
        assert list(courses.listed_names(session, row, ids).values()) == ["Ada (Muster)"]
        assert courses.listed_names(session, row, ()) == {}
