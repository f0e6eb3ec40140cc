"""`GET /api/v1/me`: who asks."""

import pytest
from starlette.testclient import TestClient

from app.wiring import Services
from models.domain.access import TokenScope
from tests.app.people import ADA, another_course, bearer, log_in, token, user


def test_by_a_session(client: TestClient, services: Services) -> None:
    user(services, "sample")
    log_in(client)
    answer = client.get("/api/v1/me")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json() == {
        "email": ADA,
        "name": "Ada (Muster)",
        "role": "facilitator",
        "courses": ["sample"],
        "authenticated_by": "session",
        "token": None,
        "scope": "write",
    }


@pytest.mark.parametrize("scope", list(TokenScope))
def test_by_a_token(client: TestClient, services: Services, scope: TokenScope) -> None:
    another_course(services)
    user(services)
    answer = client.get("/api/v1/me", headers=bearer(token(services, scope=scope)))
    assert answer.headers["cache-control"] == "no-store"
    found = answer.json()
    assert (found["role"], found["courses"]) == ("admin", ["other", "sample"])
    assert (found["authenticated_by"], found["scope"]) == ("token", scope.value)
    assert found["token"]["name"] == "test"


def test_strangers(client: TestClient) -> None:
    answer = client.get("/api/v1/me", headers={"Accept": "text/html"})
    assert answer.status_code == 401
    assert answer.json()["type"] == "urn:moocfeed:problem:unauthorized"
    assert answer.headers["www-authenticate"] == "Bearer"
