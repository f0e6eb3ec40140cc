"""The running service keeps the description that it gives of itself."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import schemathesis
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from app.api import examples
from app.demo.servers import SampleWeb
from tests.app.api.conformance import conforms
from tests.app.api.test_openapi import SNAPSHOT
from tests.system.service import Installation, get_json, serving
from tests.waiting import wait_for

pytestmark = pytest.mark.system


def test_the_service_keeps_its_description(web: SampleWeb, installation: Installation) -> None:
    installation.run("collect", "--once", code=3)
    with serving(installation, "--no-collect") as (base, _):
        page = get_json(f"{base}/api/v1/courses/{web.course.slug}/posts?order=discussed&limit=5")
        known = {
            "course": [web.course.slug],
            "id": [post["id"] for post in page["items"]],
            "url": [post["url"] for post in page["items"]],
        }
        user = ["ada@example.org", "--role", "admin", "--password-stdin"]
        installation.run("user", "add", *user, given="ein ganzer Satz\n")
        made = installation.run_json("token", "create", "--user", user[0], "--name", "test")
        credentials = {"Authorization": f"Bearer {made['token']}"}
        answered = conforms(base, known, examples=20, credentials=credentials)
    assert len(answered) == 17
    assert all(200 in statuses for statuses in answered.values()), answered
    about_courses = [statuses for path, statuses in answered.items() if "{course}" in path]
    assert all(404 in statuses for statuses in about_courses), answered
    assert 422 in answered["/api/v1/courses/{course}/posts"]


@contextmanager
def another_service(course: Any, status: int = 200) -> Iterator[str]:
    """A service with our description, where `/courses/{course}` answers like this."""
    described = json.loads(SNAPSHOT.read_text())
    path = "/api/v1/courses/{course}"
    described["paths"] = {path: described["paths"][path]}
    described["info"]["version"] = "0"

    def describe(request: Request) -> Response:
        return JSONResponse(described)

    def answer(request: Request) -> Response:
        return JSONResponse(course, status)

    routes = [Route("/api/v1/openapi.json", describe), Route(path, answer)]
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(Starlette(routes=routes), log_config=None))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        wait_for(lambda: server.started)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        listening.close()


KNOWN = {"course": ["sample"]}


def test_who_keeps_it_passes() -> None:
    with another_service(examples.COURSE) as base:
        assert conforms(base, KNOWN, examples=3) == {"/api/v1/courses/{course}": {200}}


@pytest.mark.parametrize(
    ("course", "status"),
    [
        ({**examples.COURSE, "title": 7}, 200),
        ({**examples.COURSE, "secret": "more than is described"}, 200),
        ({name: value for name, value in examples.COURSE.items() if name != "weeks"}, 200),
        (examples.COURSE, 201),
        (examples.COURSE, 500),
    ],
    ids=["type", "more", "less", "status", "fault"],
)
def test_who_breaks_it_is_found_out(course: Any, status: int) -> None:
    with (
        another_service(course, status) as base,
        pytest.raises(schemathesis.errors.FailureGroup),
    ):
        conforms(base, KNOWN, examples=3)
