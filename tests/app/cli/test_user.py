"""`user` and `token`: what they say, what they keep, and their exit codes."""

import io
import json
from pathlib import Path
from typing import Any

import pytest

from app import settings, wiring
from app.cli import user as command
from app.wiring import Services
from models.domain import passwords
from models.store import tokens, users
from tests.app.cli.conftest import Ran, Run
from tests.app.cli.test_course import COURSE, written

ADA = "ada@example.org"
PASSWORD = "ein ganzer Satz"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def course(run: Run, tmp_path: Path) -> str:
    """The slug of the one there is."""
    assert run("course", "apply", written(tmp_path, COURSE)).code == 0
    return "demo"


@pytest.fixture
def give(run: Run, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command that reads a password, `PASSWORD` if none is given as the first argument."""

    def given(*arguments: str, password: str = PASSWORD) -> Ran:
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{password}\n"))
        return run(*arguments, "--password-stdin")

    return given


def services() -> Services:
    return wiring.build(settings.load())


def kept(email: str = ADA) -> str:
    """The hash of a user's password."""
    with services().database.reading() as session:
        return users.get(session, email).password


def listed(run: Run) -> Any:
    return json.loads(run("user", "list", "--json").out)


def test_a_facilitator_of_a_course(run: Run, give: Run, course: str) -> None:
    ran = give("user", "add", "Ada@Example.org", "--role", "facilitator", "--course", course)
    assert (ran.code, ran.out, ran.err) == (0, f"{ADA} may log in as facilitator of demo.\n", "")
    (row,) = listed(run)
    assert row.pop("created_at").endswith("Z")
    assert row == {
        "email": ADA,
        "name": "ada",
        "role": "facilitator",
        "courses": ["demo"],
        "disabled_at": None,
    }
    assert passwords.is_right(kept(), PASSWORD)


def test_an_admin(run: Run, give: Run, course: str) -> None:
    ran = give("user", "add", ADA, "--role", "admin", "--name", "Ada (Muster)", "--json")
    assert ran.code == 0
    made = json.loads(ran.out)
    assert (made["name"], made["role"], made["courses"]) == ("Ada (Muster)", "admin", [])
    assert PASSWORD not in ran.out + ran.err
    assert "$argon2" not in ran.out + ran.err
    refused = give("user", "add", "b@example.org", "--role", "admin", "--course", course)
    assert refused.code == 2
    assert "leave --course out" in refused.err


@pytest.mark.parametrize(
    ("arguments", "password", "code", "words"),
    [
        ((ADA, "--role", "admin"), "zu kurz", 1, "10 characters or more"),
        ((ADA, "--role", "admin"), "", 1, "10 characters or more"),
        ((ADA, "--role", "owner"), PASSWORD, 2, "'facilitator'"),
        ((ADA,), PASSWORD, 2, "--role"),
        (("ada", "--role", "admin"), PASSWORD, 1, "name@host.example"),
        ((ADA, "--role", "facilitator", "--course", "none"), PASSWORD, 1, "course list"),
    ],
)
def test_nobody_is_added(
    run: Run, give: Any, arguments: tuple[str, ...], password: str, code: int, words: str
) -> None:
    ran = give("user", "add", *arguments, password=password)
    assert (ran.code, ran.out) == (code, "")
    assert words in ran.err
    assert not password or password not in ran.err
    assert listed(run) == []


def test_there_is_one_user_for_an_address(run: Run, give: Run) -> None:
    assert give("user", "add", ADA, "--role", "facilitator").code == 0
    ran = give("user", "add", ADA.upper(), "--role", "admin")
    assert ran.code == 1
    assert f"there is a user {ADA} already" in ran.err
    assert [row["role"] for row in listed(run)] == ["facilitator"]


def test_without_a_terminal_the_password_has_to_come_from_standard_input(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(PASSWORD))
    ran = run("user", "add", ADA, "--role", "admin")
    assert ran.code == 2
    assert "--password-stdin" in ran.err


@pytest.mark.parametrize(("second", "code"), [(PASSWORD, 0), ("another sentence", 1)])
def test_on_a_terminal_it_is_asked_for_twice(
    run: Run, monkeypatch: pytest.MonkeyPatch, second: str, code: int
) -> None:
    typed = iter([PASSWORD, second])
    monkeypatch.setattr("sys.stdin", Terminal())
    monkeypatch.setattr(command, "getpass", lambda prompt: next(typed))
    ran = run("user", "add", ADA, "--role", "admin")
    assert ran.code == code
    assert ("differ" in ran.err) is (code == 1)
    assert len(listed(run)) == 1 - code


def test_a_new_password(run: Run, give: Any) -> None:
    give("user", "add", ADA, "--role", "admin")
    ran = give("user", "password", ADA, password="  another sentence ")
    assert ran.code == 0
    assert "logged out everywhere" in ran.out
    assert passwords.is_right(kept(), "  another sentence ")
    assert give("user", "password", "b@example.org").code == 1


def test_courses_are_set(run: Run, give: Run, course: str) -> None:
    ran = give("user", "add", ADA, "--role", "facilitator")
    assert f"moocfeed user courses {ADA}" in ran.err
    assert run("user", "courses", ADA, course).out == f"{ADA} is facilitator of demo.\n"
    assert listed(run)[0]["courses"] == ["demo"]
    assert "no course yet" in run("user", "courses", ADA).out
    assert run("user", "courses", ADA, "none").code == 1


def test_disabling_and_enabling(run: Run, give: Run) -> None:
    give("user", "add", ADA, "--role", "admin")
    assert "is disabled" in run("user", "disable", ADA).out
    assert "already" in run("user", "disable", ADA).out
    assert listed(run)[0]["disabled_at"].endswith("Z")
    assert "disabled" in run("user", "list").out
    refused = run("token", "create", "--user", ADA, "--name", "x")
    assert (refused.code, refused.out) == (1, "")
    assert "may log in again" in run("user", "enable", ADA).out
    assert "was not disabled" in run("user", "enable", ADA).out
    assert run("user", "disable", "b@example.org").code == 1


def test_lists_for_people(run: Run, give: Run, course: str) -> None:
    assert "user add" in run("user", "list").out
    assert "token create" in run("token", "list").out
    give("user", "add", ADA, "--role", "facilitator", "--course", course)
    give("user", "add", "ben@example.org", "--role", "admin")
    lines = run("user", "list").out.splitlines()[1:]
    assert [line.split() for line in lines] == [
        [ADA, "ada", "facilitator", "demo", "active"],
        ["ben@example.org", "ben", "admin", "all", "active"],
    ]


def test_a_token_is_shown_once(run: Run, give: Run) -> None:
    give("user", "add", ADA, "--role", "admin")
    made = json.loads(run("token", "create", "--user", ADA, "--name", "report", "--json").out)
    assert list(made) == ["id", "token"]
    ran = run("token", "create", "--user", ADA, "--name", "watch", "--scope", "read")
    assert ran.out.startswith("moocfeed_")
    assert len(ran.out.split()) == 1
    for shown in (run("token", "list").out, run("token", "list", "--json").out):
        assert made["id"] in shown
        assert made["token"] not in shown
    rows = json.loads(run("token", "list", "--json").out)
    assert [(row["name"], row["scope"], row["last_used_at"]) for row in rows] == [
        ("report", "write", None),
        ("watch", "read", None),
    ]
    with services().database.reading() as session:
        found = tokens.find(session, made["token"])
    assert found is not None
    assert found.id == made["id"]


def test_revoking(run: Run, give: Run) -> None:
    give("user", "add", ADA, "--role", "admin")
    made = json.loads(run("token", "create", "--user", ADA, "--name", "x", "--json").out)
    assert "is revoked" in run("token", "revoke", made["id"]).out
    assert "was already revoked" in run("token", "revoke", made["id"]).out
    assert "revoked" in run("token", "list").out
    ran = run("token", "revoke", "unknown")
    assert ran.code == 1
    assert "token list" in ran.err


@pytest.mark.parametrize("name", ["", "  ", "x" * 101])
def test_a_token_has_a_name(run: Run, name: str) -> None:
    assert run("token", "create", "--user", ADA, "--name", name).code == 1


def test_a_token_is_somebodys(run: Run) -> None:
    ran = run("token", "create", "--user", ADA, "--name", "x")
    assert ran.code == 1
    assert "user list" in ran.err
