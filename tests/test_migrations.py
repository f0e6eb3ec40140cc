"""Migrations from empty, on both databases, and databases that cannot be migrated."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from models.store import engine, schema
from models.store.engine import Database, open_database
from tests.databases import hash_key, opened, sqlite_url

FIRST = Path(__file__).parent / "fixtures" / "migrations" / "0001.sql"
"""A course with one post of 240 characters, as the first schema had it."""


def test_from_empty_and_again(empty_url: str) -> None:
    with opened(empty_url) as database:
        assert schema.check(database).current is None
        with pytest.raises(schema.SchemaError, match="moocfeed migrate"):
            schema.require(database)
        assert not schema.migrate(database).ok
        assert schema.migrate(database).ok
        schema.require(database)


def test_the_tables_are_what_the_models_say(empty_url: str) -> None:
    """`alembic check`: nothing is left to be migrated."""
    with opened(empty_url) as database:
        schema.migrate(database)
        config = Config()
        config.set_main_option("script_location", str(schema.MIGRATIONS))
        with database.engine.connect() as connection:
            config.attributes["connection"] = connection
            command.check(config)


def test_files_of_migrations_are_named_by_their_revision() -> None:
    config = Config()
    config.set_main_option("script_location", str(schema.MIGRATIONS))
    scripts = ScriptDirectory.from_config(config)
    oldest_first = [script.revision for script in scripts.walk_revisions()][::-1]
    assert schema.revisions() == oldest_first


def test_a_schema_from_the_future(empty_url: str) -> None:
    with opened(empty_url) as database:
        schema.migrate(database)
        with database.writing() as session:
            session.connection().exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
        for attempt in (schema.migrate, schema.require):
            with pytest.raises(schema.SchemaError, match="newer moocfeed"):
                attempt(database)


def test_a_read_only_database(tmp_path: Path) -> None:
    with opened(sqlite_url(tmp_path)) as database:
        schema.migrate(database)
    url = f"sqlite:///file:{tmp_path / 'moocfeed.db'}?mode=ro&uri=true"
    with opened(url) as database:
        schema.require(database)
        with pytest.raises(OperationalError) as refused, database.writing() as session:
            session.connection().exec_driver_sql("DELETE FROM courses")
        assert "read-only" in schema.explain(refused.value)


def test_a_locked_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "LOCK_TIMEOUT", 0.1)
    url = sqlite_url(tmp_path)
    with closing(sqlite3.connect(tmp_path / "moocfeed.db")) as holder:
        holder.execute("PRAGMA journal_mode=WAL")
        holder.execute("BEGIN IMMEDIATE")
        database = open_database(url, key=hash_key)
        with pytest.raises(schema.SchemaError, match="locked"):
            schema.migrate(database)
        holder.rollback()
        schema.migrate(database)
        database.dispose()


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "moocfeed.db").write_bytes(b"this is a letter to my aunt" * 200)
    wanted = pytest.raises(schema.SchemaError, match="no SQLite database")
    with opened(sqlite_url(tmp_path)) as database, wanted:
        schema.check(database)


def test_rows_survive_every_step_up_and_down(empty_url: str) -> None:
    """From the first schema with a course in it to the newest, back, and up again."""
    with opened(empty_url) as database:
        _step(database, command.upgrade, "0001")
        with database.writing() as session:
            session.execute(
                text(
                    "INSERT INTO courses (id, slug, title, hashtags, language, timezone, consent,"
                    ' show, moderation, "index", created_at, updated_at, revision, posts_numbered,'
                    " posts_listed) VALUES (1, 'kept', 'Kept', '[]', 'de', 'Europe/Berlin', 'open',"
                    " 'full', 'after', false, '2026-01-01', '2026-01-01', 0, 0, 0)"
                )
            )
        schema.migrate(database)
        _step(database, command.downgrade, "0001")
        schema.migrate(database)
        with database.reading() as session:
            assert session.scalars(text("SELECT slug FROM courses")).all() == ["kept"]
            # A step that builds a table anew takes SQLite's statistics of it along.
            if database.is_sqlite:
                told = text("SELECT count(*) FROM sqlite_stat1 WHERE tbl = 'identities'")
                assert session.scalar(told) == 2


def test_a_post_of_the_first_schema_is_a_part_that_may_have_copies(empty_url: str) -> None:
    with opened(empty_url) as database:
        _step(database, command.upgrade, "0001")
        with database.writing() as session:
            for statement in FIRST.read_text("utf-8").split(";\n")[:-1]:
                session.connection().exec_driver_sql(statement)
        schema.migrate(database)
        with database.reading() as session:
            post_id, person = session.execute(text("SELECT id, person_key FROM posts")).one()
            columns = "own_id, person_key, reply_key, text_length"
            sighting = session.execute(text(f"SELECT {columns} FROM sightings")).one()
            assert tuple(sighting) == (post_id, person, "e" * 32, 240)
            assert session.scalars(text("SELECT own_id FROM identities")).all() == [post_id]


def test_links_of_earlier_posts_are_counted_once_they_are_counted_along(empty_url: str) -> None:
    with opened(empty_url) as database:
        _step(database, command.upgrade, "0001")
        link = (
            "INSERT INTO post_links (course_id, post_id, link_key, url) VALUES"
            f" (1, '0199b1a0-7c1e-7000-8000-3f5c2f1e9a10', '{'a' * 32}', 'https://a.example/')"
        )
        with database.writing() as session:
            for statement in [*FIRST.read_text("utf-8").split(";\n")[:-1], link]:
                session.connection().exec_driver_sql(statement)
        schema.migrate(database)
        with database.reading() as session:
            shares = session.execute(text("SELECT link_key, person_key, posts FROM shares")).all()
            assert [tuple(row) for row in shares] == [("a" * 32, "b" * 32, 1)]
            links = session.execute(text("SELECT link_key, people, posts FROM shared_links")).all()
            assert [tuple(row) for row in links] == [("a" * 32, 1, 1)]


def _step(database: Database, run: Callable[[Config, str], None], revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(schema.MIGRATIONS))
    with database.engine.begin() as connection:
        config.attributes["connection"] = connection
        run(config, revision)
