"""What all API routes share: JSON as bytes, and the answers their description names."""

from collections.abc import Sequence
from typing import Any

import orjson
from starlette.responses import Response

from app.api import examples, schemas

PREFIX = "/api/v1"
WORDS = {
    401: "Not logged in, and no valid token",
    403: "Not for this role, or this token",
    404: "Unknown",
    410: "Withdrawn or erased",
    422: "A parameter cannot be used",
    503: "Not ready",
}
Described = dict[int | str, dict[str, Any]]


def json(value: Any, headers: dict[str, str] | None = None) -> Response:
    """JSON in UTF-8."""
    return Response(orjson.dumps(value), headers=headers, media_type="application/json")


def described(model: type, example: Any, *problems: int) -> Described:
    """`responses` of a route: its model, an example of it, and problems by status."""
    answer = {"model": model, "content": {"application/json": {"example": example}}}
    return {200: answer, **_problems(problems)}


def documented(media_type: str, example: Any, *problems: int) -> Described:
    """`responses` of a route whose answer is a document of its own format."""
    answer = {"description": "The document", "content": {media_type: {"example": example}}}
    return {200: answer, **_problems(problems)}


def _problems(statuses: Sequence[int]) -> Described:
    return {status: _problem(status) for status in (*statuses, 503)}


def _problem(status: int) -> dict[str, Any]:
    shape = {
        "schema": schemas.Problem.model_json_schema(),
        "example": examples.PROBLEMS[status].document(),
    }
    return {"description": WORDS[status], "content": {"application/problem+json": shape}}
