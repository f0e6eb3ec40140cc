"""Every route of the application says who may ask it, and is asked by everybody.

A new route fails here until it stands in `WHO`.
"""

import re
from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from starlette.testclient import TestClient

from app.access.identity import Admin, FacilitatorOf
from app.web import create_app
from app.wiring import Services
from tests.app.people import another_course, bearer, token, user

COURSE = "/api/v1/courses/{course}"
DOCUMENTS = ("feed.rss", "feed.atom", "feed.json", "sources.opml", "calendar.ics")


class Who(Enum):
    """Who may: the statuses of a stranger, another course's facilitator, the course's, an admin.

    True stands for any answer but 401 and 403.
    """

    ANYBODY = (True, True, True, True)
    KNOWN = (401, True, True, True)
    FACILITATOR = (401, 403, True, True)
    ADMIN = (401, 403, 403, True)


WHO: Mapping[Who, frozenset[str]] = {
    Who.ANYBODY: frozenset(
        {
            *("GET /", "GET /robots.txt", "GET /static/{name}", "GET /{course}"),
            *("GET /{course}/weeks/{number}", "GET /{course}/posts/{id}"),
            *("GET /{course}/links", "GET /{course}/people", "GET /{course}/embed"),
            *("GET /embed/{course}", "GET /oembed", "GET /go/{id}"),
            *("GET /login", "POST /login", "POST /logout"),
            *(f"{method} /logout" for method in ("GET", "PUT", "PATCH", "DELETE")),
            *(f"{method} /webmention" for method in ("GET", "PUT", "PATCH", "DELETE", "POST")),
            *("GET /healthz", "GET /readyz", "GET /metrics", "GET /api/v1/openapi.json"),
            *("GET /api/v1/courses", f"GET {COURSE}"),
            *(f"GET {COURSE}/{name}" for name in ("links", "explain", "participants", "posts")),
            *(f"GET {COURSE}/{name}" for name in ("changes", "events", "posts/{id}")),
            f"GET {COURSE}/posts/{{id}}/responses",
            *(f"GET {place}/{name}" for place in (COURSE, "/{course}") for name in DOCUMENTS),
            *("GET /embed/v1/course-feed.js", "GET /embed/v1/qr/{course}.svg"),
            "GET /media/{course}/{id}/{width}/{name}.webp",
            *(
                "GET /websub/hub",
                "POST /websub/hub",
                "GET /websub/{callback}",
                "POST /websub/{callback}",
            ),
        }
    ),
    Who.KNOWN: frozenset({"GET /api/v1/me"}),
    Who.FACILITATOR: frozenset(),
    Who.ADMIN: frozenset(),
}


def routes(app: FastAPI) -> Iterator[str]:
    """Method and path of each."""
    for route in iter_route_contexts(app.routes):
        for method in (route.methods or set()) - {"HEAD", "OPTIONS"}:
            yield f"{method} {route.path}"


def inner(app: Any) -> FastAPI:
    """The application behind the streams and the cache."""
    found = app._app._app
    assert isinstance(found, FastAPI)
    return found


def asked(client: TestClient, route: str, headers: Mapping[str, str]) -> int:
    method, path = route.split(" ")
    given = path.replace("{course}", "sample").replace("{number}", "1")
    address = re.sub(r"\{[^}]*\}", "x", given)
    if path.endswith("/events"):
        address += "?last_event_id=none"  # a stream has no end to wait for
    answer = client.request(method, address, headers=headers, follow_redirects=False)
    return answer.status_code


@pytest.fixture
def people(services: Services) -> tuple[Mapping[str, str], ...]:
    """What each sends: nothing, and the tokens of the others, as in `Who`."""
    facilitators = (another_course(services), "sample")
    emails = [user(services, slug, email=f"{slug}@example.org") for slug in facilitators]
    emails.append(user(services, email="admin@example.org"))
    return ({}, *(bearer(token(services, email)) for email in emails))


def check(who: Who, statuses: tuple[int, ...]) -> bool:
    """Whether everybody got what is theirs; who may all get the same."""
    got = [
        status == wanted if wanted is not True else status not in {401, 403}
        for status, wanted in zip(statuses, who.value, strict=True)
    ]
    allowed = {status for status, wanted in zip(statuses, who.value, strict=True) if wanted is True}
    return all(got) and len(allowed) == 1


def test_every_route_says_who_may(services: Services) -> None:
    found = set(routes(inner(create_app(services))))
    assert found == frozenset().union(*WHO.values())


def test_everybody_gets_what_is_theirs(
    client: TestClient, services: Services, people: tuple[Mapping[str, str], ...]
) -> None:
    for who, declared in WHO.items():
        for route in sorted(declared - {"POST /login"}):
            statuses = tuple(asked(client, route, headers) for headers in people)
            assert check(who, statuses), (route, statuses)


def test_the_login_is_for_everybody(
    client: TestClient, people: tuple[Mapping[str, str], ...]
) -> None:
    """Its 401 is the answer to a wrong password."""
    assert {asked(client, "POST /login", headers) for headers in people} == {401}


@pytest.mark.parametrize("declared", list(Who))
def test_a_route_that_is_declared_wrongly_is_found(
    services: Services, people: tuple[Mapping[str, str], ...], declared: Who
) -> None:
    app = create_app(services)

    @inner(app).get("/api/v1/courses/{course}/probe/facilitator")
    def facilitator(identity: FacilitatorOf) -> str:
        return "ok"

    @inner(app).delete("/api/v1/courses/{course}/probe/admin")
    def admin(identity: Admin) -> str:
        return "ok"

    probes = {
        Who.FACILITATOR: f"GET {COURSE}/probe/facilitator",
        Who.ADMIN: f"DELETE {COURSE}/probe/admin",
    }
    with TestClient(app, base_url="http://testserver") as client:
        for who, route in probes.items():
            statuses = tuple(asked(client, route, headers) for headers in people)
            assert check(declared, statuses) is (declared is who), (route, statuses)
