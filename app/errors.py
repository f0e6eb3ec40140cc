"""Errors of the service: `application/problem+json` (RFC 9457), never with the input in it.

Each exception is explained as a `Problem`; people who read pages get it as a page.
"""

import logging
from collections.abc import Callable, Mapping
from typing import Any

import orjson
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from sqlalchemy.exc import DatabaseError, DataError, IntegrityError, InterfaceError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException
from starlette.responses import Response

from app.methods import allowed_at
from models.domain.errors import Conflict, Gone, Invalid, NotFound
from models.store.schema import explain as explain_database

log = logging.getLogger(__name__)

TYPE = "urn:moocfeed:problem:"
TITLES: Mapping[str, tuple[int, str]] = {
    "bad-request": (400, "The request cannot be understood"),
    "unauthorized": (401, "It has to be known who asks"),
    "forbidden": (403, "This is not allowed"),
    "not-found": (404, "There is nothing at this address"),
    "method-not-allowed": (405, "This address does not take this method"),
    "conflict": (409, "This contradicts what is already kept"),
    "gone": (410, "This is no longer here"),
    "too-large": (413, "The request is too large"),
    "invalid-parameter": (422, "A parameter cannot be used"),
    "invalid-cursor": (422, "The cursor is not one this service gave out"),
    "too-many": (429, "Too much is waiting already"),
    "internal": (500, "The service failed"),
    "not-implemented": (501, "The service does not have this format"),
    "unavailable": (503, "The service is not ready"),
}
"""Name -> status and title: all kinds of problems there are."""


class Problem(Exception):
    """Ends a request with a problem of one of the kinds in `TITLES`.

    `detail` is one sentence that says what to do.
    """

    def __init__(
        self, name: str, detail: str, headers: Mapping[str, str] | None = None, **extra: Any
    ) -> None:
        super().__init__(detail)
        self.name = name
        self.detail = detail
        self.headers = {"Cache-Control": "no-store", **(headers or {})}
        self.extra = extra

    @property
    def status(self) -> int:
        return TITLES[self.name][0]

    def document(self) -> dict[str, Any]:
        """As RFC 9457 has it."""
        status, title = TITLES[self.name]
        own = {"type": TYPE + self.name, "title": title, "status": status, "detail": self.detail}
        return own | self.extra


def response(problem: Problem) -> Response:
    """For programs."""
    return Response(
        orjson.dumps(problem.document()),
        problem.status,
        headers=problem.headers,
        media_type="application/problem+json",
    )


AsPage = Callable[[Request, Problem], Response | None]
"""A problem as a page; None where a program asked."""


def install(app: FastAPI, as_page: AsPage) -> None:
    """Makes every error of the app a problem."""

    def handle(request: Request, error: Exception) -> Response:
        if isinstance(error, HTTPException) and error.status_code == 405:
            problem = method_refused(request.url.path)
        else:
            problem = explain(error)
        return as_page(request, problem) or response(problem)

    for kind in _EXPLANATIONS:
        app.add_exception_handler(kind, handle)


def method_refused(path: str) -> Problem:
    """Of whichever route: one address may have several, and the cache answers for it as well."""
    allowed = allowed_at(path)
    return Problem("method-not-allowed", f"Allowed are {allowed}.", {"Allow": allowed})


def explain(error: Exception) -> Problem:
    """The problem that an exception amounts to."""
    kind = next(kind for kind in type(error).__mro__ if kind in _EXPLANATIONS)
    return _EXPLANATIONS[kind](error)


def _itself(error: Problem) -> Problem:
    return error


def _not_found(error: Exception) -> Problem:
    return Problem(
        "not-found", "Check the course's slug and the id: /api/v1/courses lists courses."
    )


def _gone(error: Gone) -> Problem:
    if error.merged_into is not None:
        detail = "It turned out to be the same post as another; read that one, and drop this copy."
        return Problem("gone", detail, merged_into=error.merged_into)
    return Problem("gone", "Its author or a facilitator took it back; drop any copy of it.")


def _invalid(error: Exception) -> Problem:
    return Problem("invalid-parameter", "See the API's description for what is allowed.")


def _conflict(error: Exception) -> Problem:
    return Problem("conflict", "Read the present state, then try again.")


def _validation(error: RequestValidationError | ValidationError) -> Problem:
    """A validator's first complaint. The name of an unknown parameter is input, too."""
    first = error.errors()[0]
    if first["type"] == "extra_forbidden":
        detail = "This address does not know one of the parameters; leave it out."
    else:
        detail = f"{first['loc'][-1] if first['loc'] else 'parameter'}: {_reason(first)}."
    return Problem("invalid-parameter", detail)


_REASONS: Mapping[str, str] = {
    "enum": "must be one of {expected}",
    "greater_than_equal": "must be {ge} or more",
    "int_parsing": "must be a whole number",
    "int_parsing_size": "must be a whole number",
    "less_than_equal": "must be {le} or less",
    "literal_error": "must be one of {expected}",
    "missing": "must be given",
    "too_long": "must have {max_length} characters at most",
    "too_short": "must not be empty",
    "value_error": "{error}",
}
"""A validator's type of complaint -> what is allowed: its own words may quote the input."""


def _reason(complaint: Mapping[str, Any]) -> str:
    return _REASONS.get(complaint["type"], "cannot be read").format(**complaint.get("ctx", {}))


def _http(error: HTTPException) -> Problem:
    if error.status_code == 404:
        return _not_found(error)
    return Problem("bad-request", "See the API's description for what is allowed.")


def _unavailable(error: SQLAlchemyError) -> Problem:
    log.warning("the database cannot be used: %s", explain_database(error))
    return Problem("unavailable", "Try again in a moment.", {"Retry-After": "5"})


def _internal(error: Exception) -> Problem:
    return Problem("internal", "It is in the service's log; try again later.")


def _ours(error: SQLAlchemyError) -> Problem:
    log.error("a query of ours was refused", exc_info=error)
    return _internal(error)


_EXPLANATIONS: Mapping[type, Callable[[Any], Problem]] = {
    Problem: _itself,
    NotFound: _not_found,
    Gone: _gone,
    Invalid: _invalid,
    Conflict: _conflict,
    RequestValidationError: _validation,
    ValidationError: _validation,
    HTTPException: _http,
    DataError: _ours,
    IntegrityError: _ours,
    DatabaseError: _unavailable,
    InterfaceError: _unavailable,
    PoolTimeout: _unavailable,
    Exception: _internal,
}
