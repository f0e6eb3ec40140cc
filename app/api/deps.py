"""What routes are given: the services, a session for the length of the request, the course."""

import re
from collections.abc import Iterator
from typing import Annotated

from fastapi import Depends, Path, Request
from sqlalchemy.orm import Session

from app.errors import Problem
from app.wiring import Services
from models.domain.errors import NotFound
from models.store import courses
from models.store.rows import CourseRow

_SLUG = re.compile(r"[a-z0-9-]{1,64}")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def services_of(request: Request) -> Services:
    """The services this app was made with."""
    services: Services = request.app.state.services
    return services


def reading(request: Request) -> Iterator[Session]:
    """A reading session, closed before the answer is sent."""
    with services_of(request).database.reading() as session:
        yield session


def slug_of(
    text: Annotated[
        str,
        Path(
            alias="course",
            description="The course's slug.",
            examples=["e20mooc"],
            json_schema_extra={"pattern": "^[a-z0-9-]+$"},
        ),
    ],
) -> str:
    """What may be a course's slug. Raises `NotFound`: no other course can be there."""
    if not _SLUG.fullmatch(text):
        raise NotFound("no course has such a slug")
    return text


def post_id_of(
    text: Annotated[
        str,
        Path(
            alias="id",
            description="The post's id.",
            examples=["0199b1a0-7c1e-7000-8000-3f5c2f1e9a10"],
            json_schema_extra={"format": "uuid"},
        ),
    ],
) -> str:
    """What may be a post's id, in the one way ids are written. Raises `NotFound`."""
    if not _UUID.fullmatch(text):
        raise NotFound("no post has such an id")
    return text


def nothing_asked(request: Request) -> None:
    """For addresses without parameters. Raises `Problem` where some are given."""
    if request.url.query:
        raise Problem("invalid-parameter", "This address takes no parameters; leave them out.")


Slug = Annotated[str, Depends(slug_of)]
PostId = Annotated[str, Depends(post_id_of)]
Reading = Annotated[Session, Depends(reading, scope="function")]
ServicesOf = Annotated[Services, Depends(services_of)]
PLAIN = [Depends(nothing_asked)]
"""`dependencies` of a route that takes no parameters."""


def chosen_course(session: Reading, slug: Slug) -> CourseRow:
    """The course of the path, without counts. Raises `NotFound`."""
    return courses.plain_course(session, slug)


ChosenCourse = Annotated[CourseRow, Depends(chosen_course, scope="function")]
