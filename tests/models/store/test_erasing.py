"""Erasing and opting out: nothing is left to be read, and nothing comes back."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, func, select, text, update

from models.domain.coursefile import parse
from models.domain.errors import Conflict, Gone, NotFound
from models.domain.hashtags import match_key
from models.domain.identity import keyed_hash
from models.domain.normalise import normalise
from models.domain.post import RawAuthor, RawPost
from models.domain.source import Match, Rule, SourceSpec
from models.store import (
    applying,
    changelog,
    courses,
    erasing,
    feed,
    intake,
    reprojecting,
    schema,
    sources,
)
from models.store.engine import Database
from models.store.feed import Filter
from models.store.sources import SourceRow
from models.tables import Base
from models.tables.posts import PostTable
from tests.databases import opened, sqlite_url

AT = datetime(2026, 11, 3, 10, tzinfo=UTC)
WORD = "Quastenflosser"
"""Stands in every text that is to be erased."""
COURSES = ("sample", "other")
FILE = """
[course]
slug = "{slug}"
title = "A sample"
hashtags = ["sample"]
[[sources]]
kind = "feed"
url = "https://ada.example/feed"
participant = "Ada (Muster)"
[[sources]]
kind = "feed"
url = "https://planet.example/feed"
"""


def set_up(database: Database) -> Mapping[tuple[str, str], SourceRow]:
    """Two courses with the same two feeds, by slug and host."""
    for slug in COURSES:
        with database.writing() as session:
            applying.apply(session, parse(FILE.format(slug=slug)), AT)
    with database.reading() as session:
        return {(row.course, row.host): row for row in sources.listed(session)}


def entry(number: int, author: str = "ada", body: str = WORD) -> RawPost:
    address = f"https://{author}.example"
    return RawPost(
        external_id=f"{address}/{number}",
        url=f"{address}/{number}",
        title=f"Über {body} {number}",
        content=f"<p>{body} schwimmt, <a href='https://{author}.example/link'>hier</a> #sample</p>",
        published_at=AT - timedelta(hours=number),
        author=RawAuthor(f"{author} {body}", f"{address}/about"),
        tags=("sample", body),
        from_origin=True,
    )


def publish(database: Database, source: SourceRow, *entries: RawPost) -> int:
    """Takes entries in, as a collector does; how many became visible."""
    rule = Rule((match_key("sample"),), Match.HASHTAG, "de")
    spec = SourceSpec(id=source.id, kind="feed", url=source.url, rule=rule)
    posts = [normalise(raw, spec, AT) for raw in entries]
    answer = intake.Answer(source.course_id, source.id, posts, participant_id=source.participant_id)
    with database.writing() as session:
        return intake.take_in(session, answer, AT).new


def visible(database: Database, slug: str = "sample", q: str | None = None) -> list[str]:
    with database.reading() as session:
        course = courses.course(session, slug)
        found = feed.page(session, course, Filter(q=q), limit=100).posts
        assert course.posts == len(found) or q is not None
        return [post.url for post in found]


def rows_with(connection: Connection, word: str) -> Sequence[str]:
    """Tables that hold a word anywhere, as the database itself sees it."""
    found = []
    for table in Base.metadata.sorted_tables:
        rows = connection.execute(select(table)).all()
        if any(word.lower() in str(value).lower() for row in rows for value in row):
            found.append(table.name)
    documents = connection.execute(text("SELECT terms FROM post_search")).scalars()
    if any(word.lower() in str(document).lower() for document in documents):
        found.append("post_search")
    return found


def course_id(database: Database, slug: str = "sample") -> int:
    with database.reading() as session:
        return courses.plain_course(session, slug).id


def test_a_post_is_gone_for_good(database: Database) -> None:
    found = set_up(database)
    ada, planet = found["sample", "ada.example"], found["sample", "planet.example"]
    publish(database, ada, entry(1), entry(2, body="Hering"))
    publish(database, planet, entry(1), entry(3, "ben", "Makrele"))
    with database.reading() as session:
        course = courses.course(session, "sample")
        (post,) = feed.page(session, course, Filter(q=WORD)).posts
        before = course.revision
    with database.writing() as session:
        counts = erasing.erase_posts(session, course.id, [post.id], AT)
    assert (counts.new, counts.changed, counts.withdrawn) == (0, 0, 1)
    assert sorted(visible(database)) == ["https://ada.example/2", "https://ben.example/3"]
    assert visible(database, q=WORD) == []
    with database.reading() as session:
        with pytest.raises(Gone):
            feed.post(session, course, post.id)
        log, _ = changelog.changes(session, course, before)
        assert [(one.change, one.id, one.post) for one in log] == [("withdraw", post.id, None)]
        assert post.id in {gone.id for gone in changelog.tombstones(session, course)}
    with database.engine.connect() as connection:
        assert rows_with(connection, WORD) == []
    for source in (ada, planet):
        assert publish(database, source, entry(1)) == 0
    with database.engine.connect() as connection:
        assert rows_with(connection, WORD) == []
    assert "https://ada.example/1" not in visible(database)


def test_of_a_hidden_post_nothing_is_left_either(database: Database) -> None:
    """Not even its hashtags, by which it would be found."""
    source = set_up(database)["sample", "ada.example"]
    publish(database, source, entry(1))
    with database.writing() as session:
        session.execute(update(PostTable).values(hidden=True))
        reprojecting.reproject(session, source.course_id, AT)
    with database.writing() as session:
        erasing.erase_address(session, source.course_id, "https://ada.example/1", AT)
    with database.engine.connect() as connection:
        assert rows_with(connection, match_key(WORD)) == []
        assert rows_with(connection, WORD) == []


def test_erased_again_changes_nothing(database: Database) -> None:
    ada = set_up(database)["sample", "ada.example"]
    publish(database, ada, entry(1))
    address = "https://ada.example/1"
    with database.writing() as session:
        assert erasing.erase_address(session, ada.course_id, address, AT).withdrawn == 1
    with database.writing() as session, pytest.raises(NotFound):
        erasing.erase_address(session, ada.course_id, address, AT)


def test_an_address_nobody_has_is_barred_all_the_same(database: Database) -> None:
    ada = set_up(database)["sample", "ada.example"]
    with database.writing() as session, pytest.raises(NotFound, match="will not be collected"):
        erasing.erase_address(session, ada.course_id, "http://www.ada.example/1/", AT)
    assert publish(database, ada, entry(1), entry(2)) == 1


def test_responses_are_counted_anew(database: Database) -> None:
    found = set_up(database)
    publish(database, found["sample", "ada.example"], entry(1))
    answer = entry(5, "ben")
    linking = RawPost(
        external_id=answer.external_id,
        url=answer.url,
        content="<p>#sample <a href='https://ada.example/1'>dort</a></p>",
        author=answer.author,
        published_at=AT,
    )
    publish(database, found["sample", "planet.example"], linking)
    with database.reading() as session:
        course = courses.course(session, "sample")
        by_url = {post.url: post for post in feed.page(session, course, Filter()).posts}
    assert by_url["https://ada.example/1"].responses == 1
    with database.writing() as session:
        erasing.erase_posts(session, course.id, [by_url["https://ben.example/5"].id], AT)
    with database.reading() as session:
        (left,) = feed.page(session, courses.course(session, "sample"), Filter()).posts
        assert left.responses == 0


def test_an_author_is_erased_here_and_withdrawn_elsewhere(database: Database) -> None:
    found = set_up(database)
    for slug in COURSES:
        publish(database, found[slug, "planet.example"], entry(1), entry(2), entry(3, "ben", "Aal"))
    with database.writing() as session:
        counts = erasing.erase_author(
            session, course_id(database), "https://ada.example/about/", AT
        )
    assert counts.withdrawn == 2
    assert visible(database) == visible(database, "other") == ["https://ben.example/3"]
    for slug in COURSES:
        assert publish(database, found[slug, "planet.example"], entry(4)) == 0
    with database.reading() as session:
        erased = session.scalar(select(func.count()).where(PostTable.erased_at.is_not(None)))
    assert erased == 2


def test_a_participant_takes_everything_along(database: Database) -> None:
    found = set_up(database)
    ada = found["sample", "ada.example"]
    publish(database, ada, entry(1), entry(2))
    publish(database, found["sample", "planet.example"], entry(1), entry(3, "ben", "Aal"))
    assert ada.participant_id is not None
    with database.writing() as session:
        counts = erasing.erase_participant(session, ada.course_id, ada.participant_id, AT)
    assert counts.withdrawn == 2
    assert visible(database) == ["https://ben.example/3"]
    with database.reading() as session:
        left = [row.url for row in sources.listed(session, course="sample", removed=True)]
        assert left == ["https://planet.example/feed"]
        assert courses.participants(session, courses.course(session, "sample")) == []
    with database.writing() as session, pytest.raises(Conflict, match="asked not to be collected"):
        sources.add(session, ada.course_id, kind="feed", url=ada.url, now=AT)
    with database.writing() as session, pytest.raises(NotFound):
        erasing.erase_participant(session, ada.course_id, ada.participant_id, AT)


def test_who_opts_out_by_one_account_does_so_by_all(database: Database) -> None:
    found = set_up(database)
    ada, planet = found["sample", "ada.example"], found["sample", "planet.example"]
    account = "https://social.example/@ada"
    with database.writing() as session:
        sources.add(
            session,
            ada.course_id,
            kind="fediverse",
            url=account,
            now=AT,
            participant_id=ada.participant_id,
        )
    publish(database, ada, entry(1), entry(2))
    publish(database, planet, entry(3, "ben", "Aal"))
    with database.writing() as session:
        assert erasing.erase_author(session, ada.course_id, account, AT).withdrawn == 2
    assert visible(database) == ["https://ben.example/3"]
    for slug in COURSES:
        assert publish(database, found[slug, "planet.example"], entry(4)) == 0
    for kind, url in (("feed", ada.url), ("fediverse", account)):
        with database.writing() as session, pytest.raises(Conflict, match="asked not to be"):
            sources.add(session, ada.course_id, kind=kind, url=url, now=AT)


def test_a_guest_author_takes_only_their_own_posts_along(database: Database) -> None:
    ada = set_up(database)["sample", "ada.example"]
    publish(database, ada, entry(1), entry(2, "guest"))
    with database.writing() as session:
        counts = erasing.erase_author(session, ada.course_id, "https://guest.example/about", AT)
    assert counts.withdrawn == 1
    assert visible(database) == ["https://ada.example/1"]


def test_who_opted_out_is_noted_without_a_word(database: Database) -> None:
    planet = set_up(database)["sample", "planet.example"]
    with database.writing() as session, pytest.raises(NotFound):
        erasing.erase_author(session, planet.course_id, "https://ada.example/about", AT)
    assert publish(database, planet, entry(1)) == 0
    with database.engine.connect() as connection:
        # The participant of the same name was named by the course file, not by this.
        assert rows_with(connection, WORD) == []
        assert rows_with(connection, "ada.example/1") == []


def test_only_the_key_recognises_what_was_erased(database: Database) -> None:
    assert keyed_hash(b"one key", "x") != keyed_hash(b"another", "x")
    assert keyed_hash(b"one key", "x") == keyed_hash(b"one key", "x")
    assert len(keyed_hash(b"one key", "x")) == 64


def test_a_sqlite_file_holds_nothing_of_it(tmp_path: Path) -> None:
    """Looked at byte by byte, the write-ahead log included."""
    with opened(sqlite_url(tmp_path)) as database:
        schema.migrate(database)
        ada = set_up(database)["sample", "ada.example"]
        publish(database, ada, *(entry(number) for number in range(60)))
        publish(database, ada, *(entry(number, body="Hering") for number in range(60, 90)))
        publish(database, ada, entry(3, body=f"{WORD} edited"))
        with database.reading() as session:
            course = courses.course(session, "sample")
            posts = feed.page(session, course, Filter(q=WORD), limit=100).posts
        assert len(posts) == 60
        with database.writing() as session:
            erasing.erase_posts(session, course.id, [post.id for post in posts], AT)
        with database.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    content = b"".join(file.read_bytes().lower() for file in tmp_path.iterdir())
    assert b"hering" in content
    assert WORD[:10].lower().encode() not in content  # the stem, as the index holds it
