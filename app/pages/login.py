"""Logging in and out. A page is all it takes: no script, no storage but one cookie."""

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session
from starlette.responses import RedirectResponse, Response

from app.access import cookies
from app.access.forgery import FIELD, check_origin
from app.access.forms import Fields
from app.access.identity import Identity, MaybeKnown
from app.access.logging_in import TooManyTries, log_in, log_out
from app.access.paths import LOGIN, LOGOUT, own_path
from app.api.deps import Reading, ServicesOf
from app.api.query import Text
from app.clock import now
from app.errors import Problem
from app.languages import LANGUAGES
from app.pages import problems, render
from app.pages.listing import Language
from models.domain.access import may_facilitate
from models.domain.course import Course
from models.store import courses

router = APIRouter(include_in_schema=False, tags=[problems.TAG])

# `no-referrer` would make browsers send `Origin: null` with a form of our own.
HEADERS = {**render.HEADERS, "Referrer-Policy": "same-origin", "Cache-Control": "no-store"}
ONCE = {"Cache-Control": "no-store"}
ALLOWED = "OPTIONS, POST"


class LoginQuery(BaseModel):
    """What the address of the login may hold."""

    model_config = ConfigDict(extra="forbid")

    ui: Language = None
    return_to: Annotated[Text, Field(max_length=2000)] = ""

    def address(self, **more: str) -> str:
        """Of the login with these parameters instead."""
        given = {**self.model_dump(), **more}
        named = urlencode({name: value for name, value in given.items() if value})
        return LOGIN + (f"?{named}" if named else "")

    def destination(self) -> str:
        """Where a login leads to; whatever is no address of ours leads to the login itself."""
        return own_path(self.return_to) or self.address(return_to="")


@router.get(LOGIN)
def show_login(
    request: Request,
    session: Reading,
    identity: MaybeKnown,
    query: Annotated[LoginQuery, Query()],
) -> Response:
    """The form; for somebody who is known, who they are, their courses, and the way out."""
    if identity is None:
        return _form(request, query)
    return _known(request, session, identity, query)


@router.post(LOGIN)
def receive_login(
    request: Request,
    services: ServicesOf,
    fields: Fields,
    query: Annotated[LoginQuery, Query()],
) -> Response:
    """303 with a new session; 401: not right; 429: too often. Another site's form is refused."""
    settings = services.settings
    check_origin(request, settings)
    email = fields.get("email", "")
    try:
        secret = log_in(
            services,
            email=email,
            password=fields.get("password", ""),
            host=request.client.host if request.client else "",
            old=cookies.secret_of(request, settings),
            now=now(),
        )
    except TooManyTries as refused:
        return _form(request, query, 429, email, {"Retry-After": str(refused.seconds)})
    if secret is None:
        return _form(request, query, 401, email, {"WWW-Authenticate": "Bearer"})
    response = RedirectResponse(query.destination(), 303, headers=ONCE)
    cookies.give(response, settings, secret)
    return response


@router.api_route(LOGOUT, methods=["GET", "PUT", "PATCH", "DELETE"])
def never_taken() -> Response:
    """A link, or a picture's address, logs nobody out. Raises `Problem`."""
    raise Problem("method-not-allowed", f"Allowed are {ALLOWED}.", {"Allow": ALLOWED})


@router.post(LOGOUT)
def receive_logout(request: Request, services: ServicesOf, identity: MaybeKnown) -> Response:
    """303 to the login; the session is over on the server, too. `identity` is what checks it."""
    secret = cookies.secret_of(request, services.settings)
    if secret is not None:
        log_out(services, secret)
    response = RedirectResponse(LOGIN, 303, headers=ONCE)
    cookies.take(response, services.settings)
    return response


def _form(
    request: Request,
    query: LoginQuery,
    code: int = 200,
    email: str = "",
    headers: dict[str, str] | None = None,
) -> Response:
    language = problems.language(request, None, query.ui)
    return render.page(
        language,
        "login.html",
        code=code,
        headers={**HEADERS, **(headers or {})},
        status=code,
        email=email,
        action=query.address(),
        translated={code: query.address(ui=code) for code in LANGUAGES},
    )


def _known(request: Request, session: Session, identity: Identity, query: LoginQuery) -> Response:
    language = problems.language(request, None, query.ui)
    return render.page(
        language,
        "account.html",
        headers=HEADERS,
        user=identity.user,
        courses=_own_courses(session, identity),
        field=FIELD,
        form_token=identity.form_token,
        logout=LOGOUT,
        query=query,
        translated={code: query.address(ui=code) for code in LANGUAGES},
    )


def _own_courses(session: Session, identity: Identity) -> list[Course]:
    known = courses.settings(session).values()
    found = [course for course in known if may_facilitate(identity.user, course.slug)]
    return sorted(found, key=lambda course: course.slug)
