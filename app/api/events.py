"""The event stream as the API describes it, and what is wrong with requests that get none.

`app.events` answers those that can be answered, before they come here.
"""

from typing import Annotated

from fastapi import APIRouter, Header, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from app.api import examples
from app.api.answers import documented
from app.api.deps import ChosenCourse
from app.errors import Problem

router = APIRouter(tags=["posts"])

PARAMETER = "last_event_id"
POSITION = "[0-9]{0,15}"
"""A revision in decimal digits; none at all is as good as no position."""

_Position = Annotated[str, Field(pattern=f"^{POSITION}$", examples=["1205"])]


class Place(BaseModel):
    """Where a stream begins."""

    model_config = ConfigDict(extra="forbid")

    last_event_id: Annotated[
        _Position,
        Field(description="The revision after which to begin; the header goes before it."),
    ] = ""


@router.get(
    "/courses/{course}/events",
    responses=documented("text/event-stream", examples.EVENTS, 404, 422),
    response_class=Response,
    summary="Events",
)
def stream_events(
    course: ChosenCourse,
    query: Annotated[Place, Query()],
    last_event_id: Annotated[
        _Position,
        Header(
            alias="Last-Event-ID",
            description="The revision of the last event that was received.",
        ),
    ] = "",
) -> Response:
    """What becomes visible, changes or vanishes, as it happens: Server-Sent Events `post`,
    `change` and `withdraw`, each with its revision as id. `data` is the post as it is now, as
    `/posts/{id}` has it; of one that is not visible now, `{"id"}`. `Last-Event-ID` resumes exactly
    after that revision, however long ago; without one, the stream begins now. 503 with
    `Retry-After` where there are too many streams."""
    raise Problem("unavailable", "This course was made just now; try again.", {"Retry-After": "1"})
