"""Webmention receiving (https://www.w3.org/TR/webmention/ section 3.2): pages of ours are targets.

The page that mentions is looked at later, by a collector and through its guard.
"""

from dataclasses import dataclass
from urllib.parse import parse_qs
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from sqlalchemy.orm import Session
from starlette.responses import PlainTextResponse, Response

from app.api.deps import services_of
from app.bodies import read_body
from app.clock import now
from app.errors import Problem, method_refused
from app.wiring import Services
from models.domain.errors import Conflict, Gone, NotFound
from models.domain.links import is_web_url, path
from models.store import courses, feed, mentions
from models.store.rows import CourseRow

router = APIRouter(include_in_schema=False)

PATH = "/webmention"
LONGEST = 8192
"""Bytes of a request: two addresses."""
MOST_FIELDS = 20


def advertised(public_url: str) -> str:
    """The `Link` header by which a page says where its Webmentions go."""
    return f'<{public_url}{PATH}>; rel="webmention"'


@dataclass(frozen=True, slots=True)
class Mention:
    """A page, and the page of ours that it says it responds to."""

    source: str
    target: str


def _refused(why: str) -> Problem:
    """It cannot be a Webmention."""
    return Problem("bad-request", why)


@router.api_route(PATH, methods=["GET", "PUT", "PATCH", "DELETE"])
def never_taken() -> Response:
    """Without this route the address would be read as a course's. Raises `Problem`."""
    raise method_refused(PATH)


@router.post(PATH)
async def receive(request: Request) -> Response:
    """202: it will be looked at; 400: it cannot be one; 429: too many wait."""
    mention = _mention(await _body(request))
    try:
        await run_in_threadpool(_keep, services_of(request), mention)
    except Conflict:
        raise Problem("too-many", "Send it again later: others wait to be looked at.") from None
    return PlainTextResponse("it will be looked at\n", 202)


async def _body(request: Request) -> bytes:
    body = await read_body(request, LONGEST)
    if body is None:
        raise _refused("This is more than two addresses.")
    return body


def _mention(body: bytes) -> Mention:
    try:
        fields = parse_qs(body.decode("utf-8", "replace"), max_num_fields=MOST_FIELDS)
    except ValueError:
        raise _refused("A Webmention has two fields, source and target.") from None
    source, target = (next(iter(fields.get(name, ())), "") for name in ("source", "target"))
    if not (is_web_url(source) and is_web_url(target)) or source == target:
        raise _refused("Source and target must be two different web addresses.")
    return Mention(source, target)


def _keep(services: Services, mention: Mention) -> None:
    path = _path(services.settings.public_url, mention.target)
    with services.database.writing() as session:
        try:
            course = courses.plain_course(session, path[0])
            post = _post(session, course, path[1:])
        except (NotFound, Gone):
            raise _refused("Target is no page of a course.") from None
        mentions.received(
            session, course.id, page=mention.source, target=mention.target, post=post, now=now()
        )


def _path(public_url: str, target: str) -> list[str]:
    if not (target == public_url or target.startswith(f"{public_url}/")):
        raise _refused("Target is no page of this service.")
    return path(target).strip("/").split("/")


def _post(session: Session, course: CourseRow, rest: list[str]) -> str | None:
    """The address of the post that the page is about; None for the course's own pages."""
    if not rest or (len(rest) == 2 and rest[0] == "weeks"):
        return None
    try:
        post_id = str(UUID(rest[1])) if len(rest) == 2 and rest[0] == "posts" else None
    except ValueError:
        post_id = None
    if post_id is None:
        raise _refused("Target is no page of a course.")
    return feed.post_or_merged(session, course, post_id).url
