"""What sites answer in these tests."""

import json
from collections.abc import Callable
from datetime import timedelta
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from tests.collectors import instances
from tests.collectors.courses import BEGIN
from tests.sites import item, rss

FEED = rss(item(1, "One #sample"), item(2, "Another"))
OTHER = "127.0.0.2"

on_sqlite = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
"""For what is the same on every database."""


def written(
    body: bytes,
    *headers: tuple[str, str],
    status: int = 200,
    then: Callable[[], None] = lambda: None,
) -> Callable[[BaseHTTPRequestHandler], None]:
    """An answer with just these headers; `then` is called after it was asked for."""

    def write(handler: BaseHTTPRequestHandler) -> None:
        then()
        handler.send_response(status)
        for name, value in (*headers, ("Content-Length", str(len(body)))):
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)

    return write


LOGIN = b"<html><title>Log in</title><form><input type=password></form></html>"


def endless(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.end_headers()
    while True:
        handler.wfile.write(b"<item>" * 50_000)


def silent(handler: BaseHTTPRequestHandler) -> None:
    """Answers when the other side has given up."""
    handler.connection.settimeout(20)
    handler.connection.recv(1)


JSON = "application/json"
TIMELINE = "/api/v1/timelines/tag/sample"


def page_of(first: int, last: int, **fields: Any) -> bytes:
    """A page of a timeline."""
    return json.dumps(
        [
            {
                **instances.status(number, at=BEGIN - timedelta(minutes=100 - number)),
                "tags": [{"name": "sample"}],
                **fields,
            }
            for number in range(last, first - 1, -1)
        ]
    ).encode()
