"""What all API routes share: JSON as bytes, and the answers their description names."""

from typing import Any

import orjson
from starlette.responses import Response

from app.api.schemas import Problem

PREFIX = "/api/v1"


def json(value: Any, headers: dict[str, str] | None = None) -> Response:
    """JSON in UTF-8."""
    return Response(orjson.dumps(value), headers=headers, media_type="application/json")


def described(model: type, *problems: int) -> dict[int | str, dict[str, Any]]:
    """`responses` of a route: its model, and problems by status."""
    words = {404: "Unknown", 410: "Withdrawn or erased", 422: "A parameter cannot be used"}
    found: dict[int | str, dict[str, Any]] = {200: {"model": model}}
    for status in (*problems, 503):
        found[status] = {
            "description": words.get(status, "Not ready"),
            "content": {"application/problem+json": {"schema": Problem.model_json_schema()}},
        }
    return found
