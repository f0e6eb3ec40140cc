"""Who asks, and what they may: sessions, tokens, roles, and requests that are forged."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from fastapi import FastAPI
from sqlalchemy import update
from starlette.testclient import TestClient

from app import errors
from app.access.identity import Admin, FacilitatorOf, KnownUser, MaybeKnown
from app.clock import now
from app.pages import login
from app.pages.problems import TAG, as_page
from app.wiring import Services
from models.domain.access import NOTED_AFTER, TokenScope
from models.store import sessions, tokens, users
from models.tables.users import SessionTable
from tests.app.people import (
    ADA,
    BROWSER,
    another_course,
    bearer,
    form_token,
    log_in,
    token,
    user,
)

QUEUE = "/api/v1/courses/sample/queue"


@pytest.fixture
def client(services: Services) -> Iterator[TestClient]:
    """A browser at an application with the login, and with a route for each guard."""
    app = FastAPI()
    app.state.services = services
    errors.install(app, as_page)
    app.include_router(login.router)

    @app.api_route("/maybe", methods=["GET", "POST"])
    def maybe(identity: MaybeKnown) -> str:
        return identity.user.email if identity else "a stranger"

    @app.api_route("/known", methods=["GET", "POST", "PATCH", "DELETE"])
    def known(identity: KnownUser) -> str:
        return identity.user.email

    @app.get("/settings", tags=[TAG])
    def settings(identity: Admin) -> str:
        return identity.user.email

    @app.api_route("/api/v1/courses/{course}/queue", methods=["GET", "PATCH"])
    def queue(identity: FacilitatorOf) -> str:
        return identity.user.email

    with TestClient(app, base_url="http://testserver") as browser:
        yield browser


def test_strangers_are_told_how_to_come_in(client: TestClient) -> None:
    assert client.get("/maybe").json() == "a stranger"
    for path in ("/known", "/settings", QUEUE, "/api/v1/courses/none/queue"):
        answer = client.get(path)
        assert answer.status_code == 401, path
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["www-authenticate"] == "Bearer"
        assert answer.headers["cache-control"] == "no-store"
        assert "/login" in answer.json()["detail"]


def test_on_pages_strangers_are_led_to_the_login_and_back(
    client: TestClient, services: Services
) -> None:
    user(services)
    asked = client.get("/settings?week=4", headers=BROWSER, follow_redirects=False)
    assert asked.status_code == 303
    assert asked.headers["cache-control"] == "no-store"
    place = asked.headers["location"]
    assert place == "/login?return_to=%2Fsettings%3Fweek%3D4"
    sent = {"email": ADA, "password": "ein ganzer Satz"}
    answer = client.post(place, data=sent, headers=BROWSER)
    assert (answer.url.path, answer.url.query) == ("/settings", b"week=4")
    assert answer.json() == ADA


def test_roles(client: TestClient, services: Services) -> None:
    people = {
        "admin": user(services, email="admin@example.org"),
        "own": user(services, "sample", email="own@example.org"),
        "other": user(services, another_course(services), email="other@example.org"),
    }
    statuses = {
        name: [
            client.get(path, headers=bearer(token(services, email))).status_code
            for path in ("/known", QUEUE, "/api/v1/courses/none/queue", "/settings")
        ]
        for name, email in people.items()
    }
    assert statuses == {
        "admin": [200, 200, 404, 200],
        "own": [200, 200, 404, 403],
        "other": [200, 403, 404, 403],
    }


def test_the_wrong_role_gets_a_page_in_its_language(client: TestClient, services: Services) -> None:
    user(services, "sample")
    log_in(client)
    answer = client.get("/settings", headers=BROWSER)
    assert answer.status_code == 403
    assert "Das ist nicht für Sie" in answer.text


def test_a_course_that_is_given_or_taken_counts_at_once(
    client: TestClient, services: Services
) -> None:
    user(services, "sample")
    secret = bearer(token(services))
    assert client.get(QUEUE, headers=secret).status_code == 200
    with services.database.writing() as session:
        users.set_courses(session, ADA, ())
    assert client.get(QUEUE, headers=secret).status_code == 403


@pytest.mark.parametrize(
    "value", ["Bearer", "Bearer ", "bearer nonsense", "Bearer moocfeed_x", "Bearer \xfc"]
)
def test_a_token_that_is_none(client: TestClient, services: Services, value: str) -> None:
    user(services)
    log_in(client)  # the token counts, not the cookie
    answer = client.get("/maybe", headers={b"Authorization": value.encode("latin-1")})
    assert answer.status_code == 401
    assert "invalid_token" in answer.headers["www-authenticate"]
    assert "nonsense" not in answer.text


def test_other_schemes_are_not_ours(client: TestClient, services: Services) -> None:
    """A proxy may want a password of its own."""
    user(services)
    log_in(client)
    assert client.get("/known", headers={"Authorization": "Basic YTpi"}).json() == ADA


def test_a_token_to_read_may_change_nothing(client: TestClient, services: Services) -> None:
    user(services)
    reading = bearer(token(services, scope=TokenScope.READ))
    writing = bearer(token(services))
    assert client.get(QUEUE, headers=reading).status_code == 200
    assert client.patch(QUEUE, headers=writing, json={}).status_code == 200
    for path in ("/maybe", "/known"):
        answer = client.post(path, headers=reading)
        assert answer.status_code == 403
        assert "insufficient_scope" in answer.headers["www-authenticate"]


def test_revoked_tokens_and_those_of_disabled_users(client: TestClient, services: Services) -> None:
    user(services)
    secret = token(services)
    with services.database.writing() as session:
        users.disable(session, ADA, now())
    assert client.get("/known", headers=bearer(secret)).status_code == 401
    with services.database.writing() as session:
        users.enable(session, ADA)
    assert client.get("/known", headers=bearer(secret)).status_code == 200
    with services.database.writing() as session:
        tokens.revoke(session, tokens.listing(session)[0].id, now())
    assert client.get("/known", headers=bearer(secret)).status_code == 401


def test_the_last_use_is_written_down(client: TestClient, services: Services) -> None:
    user(services)
    before = now()
    client.get("/known", headers=bearer(token(services)))
    log_in(client)
    earlier = before - NOTED_AFTER - timedelta(seconds=1)
    with services.database.writing() as session:
        session.execute(update(SessionTable).values(seen_at=earlier))
    client.get("/known")
    with services.database.reading() as session:
        (used,) = tokens.listing(session)
        login = sessions.find(session, client.cookies["moocfeed"], now())
    assert used.used_at is not None
    assert used.used_at >= before
    assert login is not None
    assert login.seen_at >= before


def test_a_session_that_is_over_is_a_stranger_s(client: TestClient, services: Services) -> None:
    user(services)
    log_in(client)
    assert client.get("/known").status_code == 200
    with services.database.writing() as session:
        session.execute(update(SessionTable).values(expires_at=now()))
    assert client.get("/known").status_code == 401
    assert client.get("/maybe").json() == "a stranger"


OWN = {"Sec-Fetch-Site": "same-origin"}


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://testserver"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "http://testserver.evil.example"}, 403),
        ({"Origin": "http://testserver:81"}, 403),
        ({"Origin": "https://testserver"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": ""}, 403),
        (OWN, 200),
        ({"Sec-Fetch-Site": "none"}, 200),
        ({"Origin": "http://testserver"}, 200),
        ({"Origin": "http://127.0.0.1:8000", "Host": "127.0.0.1:8000"}, 200),
        ({}, 200),
    ],
)
def test_where_a_request_with_a_session_may_come_from(
    client: TestClient, services: Services, headers: dict[str, str], status: int
) -> None:
    user(services)
    log_in(client)
    sent = {"form_token": form_token(client)}
    cookie = f"moocfeed={client.cookies['moocfeed']}"
    given = {**headers, "Cookie": cookie}  # also where the host is another name of ours
    assert client.post("/known", data=sent, headers=given).status_code == status
    assert client.patch("/known", json={}, headers=given).status_code == status
    assert client.delete("/known", headers=given).status_code == status
    assert client.get("/known", headers=given).status_code == 200


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "text/plain", None])
def test_what_a_form_could_be_needs_the_token(
    client: TestClient, services: Services, kind: str | None
) -> None:
    user(services)
    log_in(client)
    typed = {**OWN, **({"Content-Type": kind} if kind else {})}
    assert client.post("/known", content=b"", headers=typed).status_code == 403
    assert client.post("/known", content=b"form_token=x", headers=typed).status_code == 403
    right = {**typed, "X-Form-Token": form_token(client)}
    assert client.post("/known", content=b"", headers=right).status_code == 200
    assert client.post("/known", json={}, headers=OWN).status_code == 200


def test_the_token_of_another_session_is_none(client: TestClient, services: Services) -> None:
    user(services)
    log_in(client)
    first = form_token(client)
    log_in(client)
    assert form_token(client) != first
    assert client.post("/known", data={"form_token": first}, headers=OWN).status_code == 403


def test_a_token_is_no_cookie_and_needs_no_form(client: TestClient, services: Services) -> None:
    """No other site can make a browser send it."""
    user(services)
    headers = {**bearer(token(services)), "Sec-Fetch-Site": "cross-site"}
    assert client.post("/known", headers=headers).status_code == 200


@pytest.mark.parametrize(
    ("body", "status"), [(b"x=" + b"y" * 20_000, 413), (b"\xff", 400), (b"a=1&" * 99, 400)]
)
def test_forms_have_bounds(
    client: TestClient, services: Services, body: bytes, status: int
) -> None:
    kind = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
    assert client.post("/maybe", content=body, headers=kind).status_code == status
