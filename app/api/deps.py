"""What routes are given: the services, a session for the length of the request, the course."""

from collections.abc import Iterator
from typing import Annotated

from fastapi import Depends, Path, Request
from sqlalchemy.orm import Session

from app.wiring import Services
from models.store import courses
from models.store.rows import CourseRow


def services_of(request: Request) -> Services:
    """The services this app was made with."""
    services: Services = request.app.state.services
    return services


def reading(request: Request) -> Iterator[Session]:
    """A reading session, closed before the answer is sent."""
    with services_of(request).database.reading() as session:
        yield session


Slug = Annotated[
    str,
    Path(
        alias="course",
        pattern="^[a-z0-9-]+$",
        max_length=64,
        description="The course's slug.",
        examples=["e20mooc"],
    ),
]
Reading = Annotated[Session, Depends(reading, scope="function")]
ServicesOf = Annotated[Services, Depends(services_of)]


def chosen_course(session: Reading, slug: Slug) -> CourseRow:
    """The course of the path, without counts. Raises `NotFound`."""
    return courses.plain_course(session, slug)


ChosenCourse = Annotated[CourseRow, Depends(chosen_course, scope="function")]
