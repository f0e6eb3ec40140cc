"""Sources that turn out to be another participant's."""

from datetime import timedelta

import pytest
from sqlalchemy import insert

from models.domain.coursefile import CourseFile, SourceEntry
from models.domain.identity import person_key
from models.domain.post import RawAuthor
from models.domain.source import Derived, Match
from models.store import applying, people, sources
from models.store.engine import Database
from models.store.reassigning import hand_over
from models.store.touched import Counts
from models.tables.people import AccountTable
from tests.models.store.audit import audit
from tests.models.store.material import AT, Stage, raw

BLOG, TAGGED = "https://ada.example/feed", "https://ada.example/tag/sample/feed"
CHANGED, NOTHING = Counts(changed=1), Counts()


@pytest.fixture
def stage(database: Database) -> Stage:
    return Stage(database)


def apply(stage: Stage, participant: str | None) -> applying.Applied:
    """A course file that gives the blog to that person."""
    file = CourseFile(stage.course, (SourceEntry("feed", BLOG, participant=participant),))
    with stage.database.writing() as session:
        return applying.apply(session, file, stage.now)


def give(stage: Stage, host: str, participant: str | None) -> Counts:
    with stage.database.writing() as session:
        person = people.ensure(session, stage.course_id, participant, AT) if participant else None
        return hand_over(session, sources.get(session, stage.source(host)), person, stage.now)


def test_a_course_file_gives_all_posts_of_a_source_to_another(stage: Stage) -> None:
    stage.source("ada.example", "Ada (Muster)")
    stage.bring("ada.example", raw("one"), raw("two"))
    ada = stage.posts()[0].author.participant
    assert apply(stage, "Ben (Muster)").sources_changed == 1
    (ben,) = {post.author.participant for post in stage.posts()}
    assert ben not in (None, ada)
    assert (len(stage.posts(participant=ben)), len(stage.posts(participant=ada))) == (2, 0)
    assert stage.row.people == 1
    audit(stage.database)
    apply(stage, None)
    assert {post.author.participant for post in stage.posts()} == {None}
    audit(stage.database)


def test_what_was_derived_goes_along(stage: Stage) -> None:
    blog = stage.source("ada.example", "Ada (Muster)")
    with stage.database.writing() as session:
        derived = [Derived("feed", TAGGED, Match.ALL)]
        sources.derive(session, sources.get(session, blog), derived, AT)
        (tagged,) = (row for row in sources.listed(session) if row.url == TAGGED)
    stage.source_ids["tagged"] = tagged.id
    stage.bring("tagged", raw("one"))
    assert give(stage, "ada.example", "Ben (Muster)") == CHANGED
    with stage.database.reading() as session:
        owners = {row.participant_id for row in sources.listed(session)}
    assert owners == {stage.post().author.participant} != {tagged.participant_id}


def test_whoever_wrote_from_an_account_keeps_what_nobody_s_source_shows(stage: Stage) -> None:
    account = "https://social.example/@ada"
    stage.source("planet.example", "Ben (Muster)")
    author = RawAuthor(name="Ada (Muster)", url=account, account=account)
    stage.bring("planet.example", raw("one", author=author))
    with stage.database.writing() as session:
        ada = people.ensure(session, stage.course_id, "Ada (Muster)", AT)
        values = {"kind": "fediverse", "label": account, "key": person_key(account)}
        row = {"course_id": stage.course_id, "participant_id": ada, **values}
        session.execute(insert(AccountTable).values(row))
    assert give(stage, "planet.example", None) == CHANGED
    assert stage.post().author.participant == ada
    audit(stage.database)


def test_who_has_it_already_is_given_nothing(stage: Stage) -> None:
    stage.source("ada.example", "Ada (Muster)")
    stage.bring("ada.example", raw("one"))
    stage.now += timedelta(days=1)
    assert give(stage, "ada.example", "Ada (Muster)") == NOTHING
    assert stage.row.revision == 1
