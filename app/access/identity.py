"""Who asks: a user with a session, a program with a user's token, or a stranger.

    @router.get("/courses/{course}/queue")
    def show_queue(identity: FacilitatorOf, …)

`KnownUser`, `FacilitatorOf` (of the path's course) and `Admin` answer 401 to strangers and 403 to
the wrong role; pages lead strangers to the login. A request that changes something is checked on
the way: a token must be one to write, a session's request must come from a page of ours.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy.orm import Session

from app.access import cookies
from app.access.forgery import SAFE, check_origin, check_token, form_token
from app.access.forms import Fields
from app.api.deps import ChosenCourse, Reading, ServicesOf
from app.clock import now
from app.errors import Problem
from app.wiring import Services
from models.domain.access import Role, TokenScope, User, may_facilitate
from models.store import sessions, tokens, users
from models.store.tokens import Token

SCHEME = "bearer"


@dataclass(frozen=True, slots=True)
class Identity:
    """Somebody who is known."""

    user: User
    token: Token | None = None
    """None: a browser with a session."""
    form_token: str = ""
    """Of a session: what forms have to bring along."""

    @property
    def scope(self) -> TokenScope:
        return TokenScope.WRITE if self.token is None else self.token.scope


def identity_of(
    request: Request, session: Reading, services: ServicesOf, fields: Fields
) -> Identity | None:
    """None for strangers. Raises `Problem` for a token that is none, and for what is forged.

    A token counts before a cookie.
    """
    at = now()
    if (secret := _bearer(request)) is not None:
        return _by_token(request, session, services, secret, at)
    secret = cookies.secret_of(request, services.settings)
    if secret is None:
        return None
    return _by_session(request, session, services, secret, fields, at)


def _bearer(request: Request) -> str | None:
    """RFC 6750 §2.1. Other schemes are a proxy's affair."""
    scheme, _, value = request.headers.get("authorization", "").strip().partition(" ")
    return value.strip() if scheme.lower() == SCHEME else None


def _by_token(
    request: Request, session: Session, services: Services, secret: str, at: datetime
) -> Identity:
    token = tokens.find(session, secret)
    user = users.of_id(session, token.user_id) if token is not None else None
    if token is None or user is None:
        raise Problem(
            "unauthorized",
            "This token is unknown or was revoked; make one with `moocfeed token create`.",
            {"WWW-Authenticate": 'Bearer error="invalid_token"'},
        )
    if request.method not in SAFE and token.scope is TokenScope.READ:
        raise Problem(
            "forbidden",
            "This token may only read; make one with `--scope write`.",
            {"WWW-Authenticate": 'Bearer error="insufficient_scope"'},
        )
    if not token.is_noted(at):
        with services.database.writing() as writing:
            tokens.note_use(writing, token, at)
    return Identity(user, token)


def _by_session(
    request: Request,
    session: Session,
    services: Services,
    secret: str,
    fields: Mapping[str, str],
    at: datetime,
) -> Identity | None:
    login = sessions.find(session, secret, at)
    user = users.of_id(session, login.user_id) if login is not None else None
    if login is None or user is None:
        return None
    settings = services.settings
    if request.method not in SAFE:
        check_origin(request, settings)
        check_token(request, fields, settings, secret)
    if not login.is_noted(at):
        with services.database.writing() as writing:
            sessions.note_use(writing, login, at)
    return Identity(user, form_token=form_token(settings, secret))


MaybeKnown = Annotated[Identity | None, Depends(identity_of, scope="function")]


def known_user(identity: MaybeKnown) -> Identity:
    """Raises `Problem` for strangers."""
    if identity is None:
        raise Problem(
            "unauthorized",
            "Log in at /login, or send an API token: Authorization: Bearer TOKEN.",
            {"WWW-Authenticate": "Bearer"},
        )
    return identity


KnownUser = Annotated[Identity, Depends(known_user, scope="function")]


def admin(identity: KnownUser) -> Identity:
    """Raises `Problem` for everybody else."""
    if identity.user.role is not Role.ADMIN:
        raise Problem("forbidden", "Only admins may do this; ask one of them.")
    return identity


def facilitator_of(identity: KnownUser, course: ChosenCourse) -> Identity:
    """Of the path's course. Raises `Problem` for everybody else, `NotFound` without the course."""
    if not may_facilitate(identity.user, course.course.slug):
        raise Problem("forbidden", "Only facilitators of this course may do this; ask an admin.")
    return identity


Admin = Annotated[Identity, Depends(admin, scope="function")]
FacilitatorOf = Annotated[Identity, Depends(facilitator_of, scope="function")]
