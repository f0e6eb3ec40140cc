"""What all API routes share: JSON as bytes, and the answers their description names."""

from collections.abc import Sequence
from typing import Any

import orjson
from starlette.responses import Response

from app.api.schemas import Problem

PREFIX = "/api/v1"
WORDS = {
    404: "Unknown",
    410: "Withdrawn or erased",
    422: "A parameter cannot be used",
    503: "Not ready",
}
Described = dict[int | str, dict[str, Any]]


def json(value: Any, headers: dict[str, str] | None = None) -> Response:
    """JSON in UTF-8."""
    return Response(orjson.dumps(value), headers=headers, media_type="application/json")


def described(model: type, *problems: int) -> Described:
    """`responses` of a route: its model, and problems by status."""
    return {200: {"model": model}, **_problems(problems)}


def documented(media_type: str, *problems: int) -> Described:
    """`responses` of a route whose answer is a document of its own format."""
    return {
        200: {"description": "The document", "content": {media_type: {}}},
        **_problems(problems),
    }


def _problems(statuses: Sequence[int]) -> Described:
    shape = {"application/problem+json": {"schema": Problem.model_json_schema()}}
    return {status: {"description": WORDS[status], "content": shape} for status in (*statuses, 503)}
