"""Databases that cannot be used: one sentence each, and nothing is changed."""

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
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
def course_file(tmp_path: Path) -> str:
    course = tmp_path / "course.toml"
    course.write_text(
        '[course]\nslug="demo"\ntitle="x"\nhashtags=["demo"]\nlanguage="de"\ntimezone="Europe/Berlin"'
    )
    return str(course)


@pytest.fixture
def short_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "LOCK_TIMEOUT", 0.1)


@pytest.fixture
def locked(file: Path) -> Iterator[None]:
    """Another process is writing, and does not come to an end."""
    holding = (
        "import sqlite3, sys; connection = sqlite3.connect(sys.argv[1]);"
        "connection.execute('BEGIN IMMEDIATE'); print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", holding, str(file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        yield
        process.communicate(b"")


@pytest.mark.usefixtures("short_patience", "locked")
def test_a_locked_database(run: Run, course_file: str) -> None:
    for command in (["course", "apply", course_file], ["collect", "--once"], ["migrate"]):
        ran = run(*command)
        assert (ran.code, ran.out) == (1, "")
        assert "locked" in ran.err
        assert ran.err.count("\n") == 1
    assert run("course", "list").code == 0
    assert run("source", "list").code == 0


@pytest.mark.usefixtures("short_patience")
def test_a_lock_that_is_given_back(run: Run, course_file: str, file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        assert run("course", "apply", course_file).code == 1
        connection.rollback()
        assert run("course", "apply", course_file).code == 0


def test_a_database_that_may_only_be_read(
    run: Run, course_file: str, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Path(course_file).with_name("other.toml")
    other.write_text(Path(course_file).read_text().replace('"x"', '"y"'))
    run("course", "apply", course_file)
    # Whoever runs the tests may write every file: the URL says that this one may not be.
    monkeypatch.setenv("MOOCFEED_DATABASE_URL", f"sqlite:///file:{file}?mode=ro&uri=true")
    for command in (["course", "apply", str(other)], ["collect", "--once"], ["serve"]):
        ran = run(*command)
        assert (ran.code, ran.out) == (1, "")
        assert "read-only" in ran.err
        assert ran.err.count("\n") == 1
    assert "demo" in run("course", "list").out


@pytest.mark.parametrize("command", [["course", "list"], ["collect", "--once"], ["serve"]])
def test_a_database_that_is_not_there(
    run: Run, monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    monkeypatch.setenv("MOOCFEED_DATABASE_URL", "postgresql+psycopg://a:geheim@127.0.0.1:1/x")
    ran = run(*command)
    assert (ran.code, ran.out) == (1, "")
    assert "does not answer" in ran.err
    assert "geheim" not in ran.err
    assert ran.err.count("\n") == 1
