"""What a form sends, read once for a request and within bounds."""

from collections.abc import Mapping
from typing import Annotated
from urllib.parse import parse_qsl

from fastapi import Depends, Request

from app.bodies import read_body
from app.errors import Problem

LONGEST = 16 * 1024
"""Bytes."""
MOST_FIELDS = 50
FORM = "application/x-www-form-urlencoded"


def media_type(request: Request) -> str:
    """Of the body, without parameters; empty where none is named."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


async def fields_of(request: Request) -> Mapping[str, str]:
    """Of a form; nothing where the body is none, which is left to be read then. Raises `Problem`.

    Of a field that is there twice, the last counts.
    """
    if media_type(request) != FORM:
        return {}
    body = await read_body(request, LONGEST)
    if body is None:
        raise Problem("too-large", f"A form has {LONGEST} bytes at most.")
    try:
        pairs = parse_qsl(body.decode("utf-8"), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        raise Problem("bad-request", "A form is text in UTF-8, with few fields.") from None
    return dict(pairs)


Fields = Annotated[Mapping[str, str], Depends(fields_of)]
"""One dependency for all, so that the body is read once."""
