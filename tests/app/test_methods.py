"""What addresses say of the methods they take."""

import pytest
from starlette.testclient import TestClient

READ = "GET, HEAD, OPTIONS"
ADDRESSES = [
    ("/api/v1/courses", READ),
    ("/sample", READ),
    ("/sample/feed.atom", READ),
    ("/webmention", "OPTIONS, POST"),
    ("/websub/hub", "OPTIONS, POST"),
    (f"/websub/{'0' * 32}", "GET, HEAD, OPTIONS, POST"),
]


@pytest.mark.parametrize(("path", "allowed"), ADDRESSES)
def test_others_are_refused_and_those_taken_are_named(
    client: TestClient, path: str, allowed: str
) -> None:
    taken = allowed.split(", ")
    for method in {"GET", "POST", "PUT", "DELETE", "FOUND"} - set(taken):
        answer = client.request(method, path)
        assert (answer.status_code, answer.headers["allow"]) == (405, allowed), method
        assert answer.json()["detail"] == f"Allowed are {allowed}."


@pytest.mark.parametrize(("path", "allowed"), ADDRESSES)
def test_options_names_them(client: TestClient, path: str, allowed: str) -> None:
    answer = client.options(path)
    assert (answer.status_code, answer.headers["allow"]) == (204, allowed)


@pytest.mark.parametrize(("path", "allowed"), ADDRESSES)
def test_none_that_is_named_is_refused(client: TestClient, path: str, allowed: str) -> None:
    for method in allowed.split(", "):
        assert client.request(method, path).status_code != 405, method


def test_pages_elsewhere_may_only_read(client: TestClient) -> None:
    answer = client.options("/webmention", headers={"Origin": "https://a.example"})
    assert answer.headers["access-control-allow-methods"] == READ
