"""The API's description: a snapshot that changes only on purpose, and examples that fit.

Renew the snapshot after a wanted change: `MOOCFEED_RENEW=1 make test ARGS=tests/app/api`. Whether
the service keeps its description is asked of the running one, in tests/system.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from icalendar import Calendar
from lxml import etree
from pydantic import BaseModel
from starlette.testclient import TestClient

from app.api import examples, schemas

SNAPSHOT = Path(__file__).parent / "openapi.json"


@pytest.fixture
def described(client: TestClient) -> dict[str, Any]:
    found: dict[str, Any] = client.get("/api/v1/openapi.json").json()
    return found


def operations(described: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in described["paths"].items():
        for operation in methods.values():
            yield path, operation


def test_the_description_is_as_agreed(described: dict[str, Any]) -> None:
    del described["info"]["version"]
    if os.environ.get("MOOCFEED_RENEW"):
        SNAPSHOT.write_text(json.dumps(described, indent=1, ensure_ascii=False) + "\n")
    assert described == json.loads(SNAPSHOT.read_text())


def test_every_public_address_is_described(described: dict[str, Any]) -> None:
    course = "/api/v1/courses/{course}"
    assert set(described["paths"]) == {
        *("/api/v1/courses", course, f"{course}/posts", f"{course}/posts/{{id}}"),
        *(f"{course}/posts/{{id}}/responses", f"{course}/changes", f"{course}/links"),
        *(f"{course}/participants", f"{course}/feed.rss", f"{course}/feed.atom"),
        *(f"{course}/feed.json", f"{course}/sources.opml", f"{course}/calendar.ics"),
        *(f"{course}/events", f"{course}/explain", "/healthz", "/readyz"),
        "/api/v1/me",
    }


def test_every_answer_has_an_example(described: dict[str, Any]) -> None:
    for path, operation in operations(described):
        assert "200" in operation["responses"], path
        for status, answer in operation["responses"].items():
            for media_type, content in answer["content"].items():
                assert content.get("example"), (path, status, media_type)


def test_every_parameter_has_an_example_and_a_meaning(described: dict[str, Any]) -> None:
    for path, operation in operations(described):
        for parameter in operation.get("parameters", []):
            schema = parameter["schema"]
            shown = {*parameter, *schema} & {"example", "examples", "default"}
            assert shown, (path, parameter["name"])
            assert parameter.get("description") or schema.get("description"), parameter["name"]


def test_examples_of_problems_are_those_of_their_status(described: dict[str, Any]) -> None:
    for path, operation in operations(described):
        for status, answer in operation["responses"].items():
            if status != "200":
                content = answer["content"]["application/problem+json"]
                assert content["example"]["status"] == int(status), path
                schemas.Problem.model_validate(content["example"])


@pytest.mark.parametrize(
    ("model", "example"),
    [
        (schemas.Courses, examples.COURSES),
        (schemas.Course, examples.COURSE),
        (schemas.Posts, examples.POSTS),
        (schemas.Posts, examples.RESPONSES),
        (schemas.Post, examples.POST),
        (schemas.Changes, examples.CHANGES),
        (schemas.Links, examples.LINKS),
        (schemas.People, examples.PEOPLE),
        (schemas.Health, examples.HEALTH),
        (schemas.Me, examples.ME),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else "",
)
def test_examples_have_the_described_shape(model: type[BaseModel], example: Any) -> None:
    model.model_validate_json(json.dumps(example), strict=False)


def test_examples_of_documents_can_be_read() -> None:
    for document, name in ((examples.RSS, "rss"), (examples.ATOM, "feed"), (examples.OPML, "opml")):
        assert etree.QName(etree.fromstring(document.encode())).localname == name
    assert Calendar.from_ical(examples.ICS).walk("VEVENT")
    assert examples.JSON_FEED["version"] == "https://jsonfeed.org/version/1.1"


def test_examples_say_nothing_of_real_people() -> None:
    told = json.dumps([examples.POSTS, examples.COURSES, examples.PEOPLE, examples.LINKS])
    hosts = {part.split("/")[0] for part in told.split("https://")[1:]}
    assert hosts
    assert all(host.split('"')[0].endswith(".example") for host in hosts)
