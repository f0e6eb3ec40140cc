"""Courses: their weeks, links and people."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from app.api import documents, examples, schemas
from app.api.answers import described, json
from app.api.deps import PLAIN, ChosenCourse, Reading, Slug
from app.api.query import Text
from app.clock import now
from models.domain.explain import explain
from models.store import courses, evidence, sharedlinks

router = APIRouter(tags=["courses"])


class Asked(BaseModel):
    """What is to be explained."""

    model_config = ConfigDict(extra="forbid")

    url: Annotated[
        Text,
        Field(
            min_length=1,
            max_length=2000,
            description="A post's, a blog's or an account's address, or a handle.",
            examples=["https://blog.example/post"],
        ),
    ]


@router.get(
    "/courses",
    responses=described(schemas.Courses, examples.COURSES, 422),
    dependencies=PLAIN,
    summary="All courses",
)
def list_courses(session: Reading) -> Response:
    """All courses with their weeks and counts."""
    at = now()
    return json({"items": [documents.course(row, at) for row in courses.courses(session)]})


@router.get(
    "/courses/{course}",
    responses=described(schemas.Course, examples.COURSE, 404, 422),
    dependencies=PLAIN,
    summary="A course",
)
def show_course(session: Reading, slug: Slug) -> Response:
    """Title, hashtags, weeks with question, events and links, the current week, counts."""
    return json(documents.course(courses.course(session, slug), now()))


@router.get(
    "/courses/{course}/links",
    responses=described(schemas.Links, examples.LINKS, 404, 422),
    dependencies=PLAIN,
    summary="Links",
)
def list_links(session: Reading, course: ChosenCourse) -> Response:
    """What the organisers chose, by week, and what two people or more linked to."""
    curated = [
        {
            "week": week.number,
            "title": week.title,
            "links": [{"title": link.title, "url": link.url} for link in week.links],
        }
        for week in course.course.weeks
        if week.links
    ]
    shared = [documents.shared_link(row) for row in sharedlinks.most(session, course)]
    return json({"curated": curated, "shared": shared})


@router.get(
    "/courses/{course}/explain",
    responses=described(schemas.Explanation, examples.EXPLANATION, 404, 422),
    summary="Why a post is there, or not",
)
def explain_address(
    session: Reading, course: ChosenCourse, asked: Annotated[Asked, Query()]
) -> Response:
    """Step by step, from what is kept; nothing is fetched."""
    return json(documents.explanation(explain(evidence.facts(session, course, asked.url))))


@router.get(
    "/courses/{course}/participants",
    responses=described(schemas.People, examples.PEOPLE, 404, 422),
    dependencies=PLAIN,
    summary="Participants",
)
def list_participants(session: Reading, course: ChosenCourse) -> Response:
    """People who agreed to be listed."""
    return json({"items": [documents.person(row) for row in courses.participants(session, course)]})
