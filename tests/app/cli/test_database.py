"""Databases that cannot be used: one sentence each, and nothing is changed."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from models.store import engine
from tests.app.cli.conftest import Run


@pytest.fixture
def file(run: Run, tmp_path: Path) -> Path:
    assert run("migrate").code == 0
    return tmp_path / "var" / "moocfeed.db"


def test_migrate_twice(run: Run, file: Path) -> None:
    assert "newest already" in run("migrate").out


def test_a_schema_from_the_future(run: Run, file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    for command in (["migrate"], ["course", "list"], ["collect", "--once"], ["serve"]):
        ran = run(*command)
        assert ran.code == 1
        assert "newer moocfeed" in ran.err


def test_an_old_schema(run: Run, file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '0001'")
    for command in (["course", "list"], ["collect", "--once"]):
        ran = run(*command)
        assert ran.code == 1
        assert "run `moocfeed migrate`" in ran.err


def test_no_database_at_all(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "var" / "moocfeed.db"
    file.parent.mkdir()
    file.write_bytes(b"this is a text file, not a database" * 100)
    ran = run("course", "list")
    assert ran.code == 1
    assert "no SQLite database" in ran.err


@pytest.fixture
def short_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "LOCK_TIMEOUT", 0.1)


@pytest.mark.usefixtures("short_patience")
def test_a_locked_database(run: Run, file: Path, tmp_path: Path) -> None:
    course = tmp_path / "course.toml"
    course.write_text(
        '[course]\nslug="demo"\ntitle="x"\nhashtags=["demo"]\nlanguage="de"\ntimezone="Europe/Berlin"'
    )
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        ran = run("course", "apply", str(course))
        assert ran.code == 1
        assert "locked" in ran.err
        connection.rollback()
    assert run("course", "apply", str(course)).code == 0


def test_a_database_that_is_not_there(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOOCFEED_DATABASE_URL", "postgresql+psycopg://a:geheim@127.0.0.1:1/x")
    ran = run("course", "list")
    assert ran.code == 1
    assert "does not answer" in ran.err
    assert "geheim" not in ran.err
