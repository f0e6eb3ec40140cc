"""The combined feed, single posts, their responses, and the change log."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from app.api import documents, examples, schemas
from app.api.answers import PREFIX, described, json
from app.api.deps import PLAIN, ChosenCourse, PostId, Reading, ServicesOf
from app.api.query import Cursor, Paging
from app.wiring import Services
from models.store import changelog, feed
from models.store.rows import CourseRow, Page

router = APIRouter(tags=["posts"])

CHANGES = 100


class Since(BaseModel):
    """Where the change log is read on."""

    model_config = ConfigDict(extra="forbid")

    since: Annotated[int, Field(ge=0, le=2**53, description="A revision.", examples=[1205])] = 0


class Responses(BaseModel):
    """A page of responses."""

    model_config = ConfigDict(extra="forbid")

    limit: Annotated[int, Field(ge=1, le=100, description="Posts on a page.")] = 20
    cursor: Cursor = None


@router.get(
    "/courses/{course}/posts",
    responses=described(schemas.Posts, examples.POSTS, 404, 422),
    summary="Posts",
)
def list_posts(
    session: Reading, services: ServicesOf, course: ChosenCourse, query: Annotated[Paging, Query()]
) -> Response:
    """The combined feed, newest first."""
    key = services.settings.secret_key
    chosen = query.filter(course.course)
    page = feed.page(session, course, chosen, after=query.after(course, key), limit=query.limit)
    following = query.following(course, page.after, key) if page.after else None
    return _page(services, course, page, "posts", following)


@router.get(
    "/courses/{course}/posts/{id}",
    responses=described(schemas.Post, examples.POST, 404, 410, 422),
    dependencies=PLAIN,
    summary="A post",
)
def show_post(session: Reading, course: ChosenCourse, post_id: PostId) -> Response:
    """One post. 410 once it was withdrawn or erased, or turned out to be the same post as another:
    then `merged_into` is the other's id."""
    return json(documents.post(feed.post(session, course, post_id)))


@router.get(
    "/courses/{course}/posts/{id}/responses",
    responses=described(schemas.Posts, examples.RESPONSES, 404, 410, 422),
    summary="Responses",
)
def list_responses(
    session: Reading,
    services: ServicesOf,
    course: ChosenCourse,
    post_id: PostId,
    query: Annotated[Responses, Query()],
) -> Response:
    """Replies, comments and links to a post, oldest first."""
    feed.post(session, course, post_id)
    key, name = services.settings.secret_key, f"responses/{post_id}"
    paging = Paging(limit=query.limit, cursor=query.cursor)
    page = feed.responses(
        session,
        course,
        post_id,
        after=paging.after(course, key, name),
        limit=query.limit,
    )
    following = paging.following(course, page.after, key, name) if page.after else None
    return _page(services, course, page, f"posts/{post_id}/responses", following)


@router.get(
    "/courses/{course}/changes",
    responses=described(schemas.Changes, examples.CHANGES, 404, 422),
    summary="Changes",
)
def list_changes(
    session: Reading, course: ChosenCourse, query: Annotated[Since, Query()]
) -> Response:
    """What became visible, changed or vanished after a revision, in order: for mirrors."""
    found, more = changelog.changes(session, course, query.since, limit=CHANGES)
    last = found[-1].revision if found else 0
    return json(
        {
            "revision": last if more else max(last, course.revision),
            "more": more,
            "changes": [documents.change(row) for row in found],
        }
    )


def _page(
    services: Services, course: CourseRow, page: Page, name: str, following: str | None
) -> Response:
    base = f"{services.settings.public_url}{PREFIX}/courses/{course.course.slug}/{name}"
    url = f"{base}?{following}" if following else None
    return json(
        {
            "items": [documents.post(row) for row in page.posts],
            "next": url,
            "revision": course.revision,
        },
        {"Link": f'<{url}>; rel="next"'} if url else None,
    )
