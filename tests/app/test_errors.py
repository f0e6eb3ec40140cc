"""Exceptions as problems: each of its kind, none with the input in it."""

from collections.abc import Iterator

import pytest
from sqlalchemy.exc import (
    DatabaseError,
    DataError,
    IntegrityError,
    InterfaceError,
    OperationalError,
    ProgrammingError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException

from app.errors import TITLES, Problem, explain, response
from models.domain.errors import Conflict, Gone, Invalid, NotFound

ORIGINAL = Exception('relation "hunter2" failed')


def exceptions() -> Iterator[tuple[Exception, str]]:
    yield NotFound("hunter2"), "not-found"
    yield Gone("hunter2"), "gone"
    yield Invalid("hunter2", "hunter2"), "invalid-parameter"
    yield Conflict("hunter2"), "conflict"
    yield HTTPException(404, "hunter2"), "not-found"
    yield HTTPException(400, "hunter2"), "bad-request"
    for away in (OperationalError, InterfaceError, DatabaseError, ProgrammingError):
        yield away("SELECT hunter2", {}, ORIGINAL), "unavailable"
    yield PoolTimeout("hunter2"), "unavailable"
    for ours in (IntegrityError, DataError):
        yield ours("INSERT hunter2", {}, ORIGINAL), "internal"
    yield ZeroDivisionError("hunter2"), "internal"


@pytest.mark.parametrize(
    ("error", "name"), list(exceptions()), ids=lambda value: value if isinstance(value, str) else ""
)
def test_kinds(error: Exception, name: str) -> None:
    problem = explain(error)
    assert problem.name == name
    answer = response(problem)
    assert answer.status_code == TITLES[name][0]
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    assert b"hunter2" not in bytes(answer.body)


def test_a_database_that_is_away_is_asked_again_later() -> None:
    assert explain(OperationalError("SELECT", {}, ORIGINAL)).headers["Retry-After"] == "5"


def test_a_problem_is_itself() -> None:
    problem = Problem("not-found", "Look elsewhere.", {"Link": "<x>"}, instance="/x")
    assert explain(problem) is problem
    assert problem.document() == {
        "type": "urn:moocfeed:problem:not-found",
        "title": "There is nothing at this address",
        "status": 404,
        "detail": "Look elsewhere.",
        "instance": "/x",
    }
    assert response(problem).headers["link"] == "<x>"
