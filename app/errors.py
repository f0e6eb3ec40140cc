"""Errors of the API: `application/problem+json` (RFC 9457), never with the input in it."""

import logging
from collections.abc import Mapping
from typing import Any

import orjson
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from sqlalchemy.exc import InterfaceError, OperationalError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from models.domain.errors import Conflict, Gone, Invalid, NotFound

log = logging.getLogger(__name__)

TYPE = "urn:moocfeed:problem:"
TITLES: Mapping[str, tuple[int, str]] = {
    "not-found": (404, "There is nothing at this address"),
    "method-not-allowed": (405, "This address does not take this method"),
    "gone": (410, "This post was withdrawn"),
    "conflict": (409, "This contradicts what is already kept"),
    "invalid-parameter": (422, "A parameter cannot be used"),
    "invalid-cursor": (422, "The cursor is not one this service gave out"),
    "internal": (500, "The service failed"),
    "unavailable": (503, "The service is not ready"),
}
"""Name -> status and title: all kinds of problems there are."""


class Problem(Exception):
    """Ends a request with a problem of one of the kinds in `TITLES`."""

    def __init__(self, name: str, detail: str, **extra: Any) -> None:
        super().__init__(detail)
        self.name = name
        self.detail = detail
        self.extra = extra


def problem(
    name: str, detail: str, headers: Mapping[str, str] | None = None, **extra: Any
) -> Response:
    """A problem as a response; `detail` is one sentence that says what to do."""
    status, title = TITLES[name]
    body = {"type": TYPE + name, "title": title, "status": status, "detail": detail, **extra}
    return Response(
        orjson.dumps(body),
        status,
        headers={"Cache-Control": "no-store", **(headers or {})},
        media_type="application/problem+json",
    )


def install(app: FastAPI) -> None:
    """Makes every error of the app a problem."""
    app.add_exception_handler(Problem, _problem)
    app.add_exception_handler(NotFound, _not_found)
    app.add_exception_handler(Gone, _gone)
    app.add_exception_handler(Invalid, _invalid)
    app.add_exception_handler(Conflict, _conflict)
    app.add_exception_handler(RequestValidationError, _validation)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(OperationalError, _unavailable)
    app.add_exception_handler(InterfaceError, _unavailable)
    app.add_exception_handler(Exception, _internal)


def _problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)
    return problem(error.name, error.detail, **error.extra)


def _not_found(request: Request, error: Exception) -> Response:
    return problem(
        "not-found", "Check the course's slug and the id: /api/v1/courses lists courses."
    )


def _gone(request: Request, error: Exception) -> Response:
    return problem("gone", "Its author or a facilitator took it back; drop any copy of it.")


def _invalid(request: Request, error: Exception) -> Response:
    return problem("invalid-parameter", "See the API's description for what is allowed.")


def _conflict(request: Request, error: Exception) -> Response:
    return problem("conflict", "Read the present state, then try again.")


def _validation(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    return problem("invalid-parameter", *explained(error.errors()))


def explained(errors: Any) -> tuple[str]:
    """A validator's first complaint as a sentence. An unknown parameter's name is input, too."""
    first = errors[0]
    place = first["loc"][-1] if first["loc"] else "parameter"
    if first["type"] == "extra_forbidden":
        return ("This address does not know one of the parameters; leave it out.",)
    return (f"{place}: {_reason(first)}.",)


def _reason(error: Mapping[str, Any]) -> str:
    if error["type"] == "value_error":
        return str(error["ctx"]["error"])
    _, should, rule = str(error["msg"]).partition(" should ")
    return f"must {rule}" if should else "cannot be read"


def of_validation(error: ValidationError) -> str:
    """The sentence for a model that was filled by hand."""
    return explained(error.errors())[0]


def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == 405:
        return problem("method-not-allowed", "Only GET and HEAD are answered here.", error.headers)
    if error.status_code == 404:
        return _not_found(request, error)
    return problem("invalid-parameter", "The request cannot be understood.")


def _unavailable(request: Request, error: Exception) -> Response:
    log.warning("the database is away: %s", type(error).__name__)
    return problem("unavailable", "Try again in a moment.", {"Retry-After": "5"})


def _internal(request: Request, error: Exception) -> Response:
    return problem("internal", "It is in the service's log; try again later.")
