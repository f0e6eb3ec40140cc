"""Logging in and out, as a browser does it."""

import logging
from collections.abc import Iterator
from http.cookies import SimpleCookie
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from selectolax.lexbor import LexborHTMLParser
from sqlalchemy import select, update
from starlette.testclient import TestClient

from app.clock import now
from app.pages import login
from app.web import create_app
from app.wiring import Services
from models.domain import passwords
from models.store import users
from models.tables.users import SessionTable, UserTable
from tests.app.conftest import fill, made
from tests.app.people import (
    ADA,
    BROWSER,
    PASSWORD,
    another_course,
    bearer,
    form_token,
    log_in,
    token,
    user,
)


def sessions(services: Services) -> int:
    with services.database.reading() as session:
        return len(session.scalars(select(SessionTable)).all())


def log_out(client: TestClient, given: str | None = None) -> int:
    return client.post(
        "/logout",
        data={"form_token": given or form_token(client)},
        headers=BROWSER,
        follow_redirects=False,
    ).status_code


@pytest.mark.parametrize(("language", "words"), [("de", "Anmelden"), ("en", "Log in")])
def test_the_form(client: TestClient, language: str, words: str) -> None:
    answer = client.get(f"/login?ui={language}&return_to=/sample", headers=BROWSER)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert "form-action 'self'" in answer.headers["content-security-policy"]
    page = LexborHTMLParser(answer.text)
    assert [node.text() for node in page.css("h1, form button")] == [words, words]
    assert page.css_first("form").attributes == {  # type: ignore[union-attr]
        "method": "post",
        "action": f"/login?ui={language}&return_to=%2Fsample",
    }
    hints = [node.attributes["autocomplete"] for node in page.css("form input")]
    assert hints == ["username", "current-password"]


def test_in_and_out(client: TestClient, services: Services) -> None:
    user(services, "sample")
    answer = client.post(
        "/login",
        data={"email": " ADA@example.org ", "password": PASSWORD},
        headers=BROWSER,
        follow_redirects=False,
    )
    assert (answer.status_code, answer.headers["location"]) == (303, "/login")
    assert answer.headers["cache-control"] == "no-store"
    page = client.get("/login", headers=BROWSER)
    assert "Ada (Muster)" in page.text
    assert page.headers["cache-control"] == "no-store"
    assert [node.text() for node in LexborHTMLParser(page.text).css("main li a")] == [
        "Ein Beispielkurs"
    ]
    secret = client.cookies["moocfeed"]
    assert log_out(client) == 303
    assert "moocfeed" not in client.cookies
    assert sessions(services) == 0
    client.cookies.set("moocfeed", secret)
    assert "Anmelden" in client.get("/login", headers=BROWSER).text


def test_the_cookie(client: TestClient, services: Services) -> None:
    user(services)
    sent = {"email": ADA, "password": PASSWORD}
    answer = client.post("/login", data=sent, headers=BROWSER, follow_redirects=False)
    cookie = SimpleCookie(answer.headers["set-cookie"])["moocfeed"]
    assert (cookie["path"], cookie["samesite"], cookie["max-age"]) == ("/", "lax", "2592000")
    assert cookie["httponly"] is True
    assert not cookie["secure"]
    assert not cookie["domain"]
    assert len(cookie.value) >= 43


@pytest.fixture
def secure(tmp_path: Path) -> Iterator[TestClient]:
    """A browser at a service that is reached by https."""
    services = made(tmp_path / "secure", PUBLIC_URL="https://feed.example")
    fill(services)
    user(services)
    with TestClient(create_app(services), base_url="https://feed.example") as browser:
        yield browser
    services.database.dispose()


def test_the_cookie_of_https(secure: TestClient) -> None:
    headers = {**BROWSER, "Origin": "https://feed.example"}
    sent = {"email": ADA, "password": PASSWORD}
    answer = secure.post("/login", data=sent, headers=headers, follow_redirects=False)
    (name, cookie), *others = SimpleCookie(answer.headers["set-cookie"]).items()
    assert (name, others) == ("__Host-moocfeed", [])
    assert (cookie["path"], cookie["secure"], cookie["httponly"]) == ("/", True, True)
    assert not cookie["domain"]
    assert secure.get("/api/v1/me").status_code == 200
    secure.cookies.set("moocfeed", secure.cookies.pop("__Host-moocfeed"))
    assert secure.get("/api/v1/me").status_code == 401


def test_a_new_id_at_each_login(client: TestClient, services: Services) -> None:
    user(services)
    client.cookies.set("moocfeed", "chosen by somebody else", domain="testserver.local", path="/")
    assert log_in(client) == 303
    first = client.cookies["moocfeed"]
    assert first != "chosen by somebody else"
    assert log_in(client) == 303
    assert client.cookies["moocfeed"] != first
    assert sessions(services) == 1


@pytest.mark.parametrize(
    ("email", "password"),
    [
        (ADA, "ein anderer Satz"),
        (ADA, ""),
        (ADA, "x" * 5000),
        ("ben@example.org", PASSWORD),
        ("no address", PASSWORD),
        ("", ""),
    ],
)
def test_what_is_wrong_is_not_told(
    client: TestClient, services: Services, email: str, password: str
) -> None:
    user(services)
    sent = {"email": email, "password": password}
    answer = client.post("/login", data=sent, headers=BROWSER)
    assert answer.status_code == 401
    assert answer.headers["cache-control"] == "no-store"
    assert "set-cookie" not in answer.headers
    page = LexborHTMLParser(answer.text)
    alert = page.css_first("[role=alert]")
    assert alert is not None
    assert alert.text() == "E-Mail-Adresse oder Passwort stimmt nicht."
    fields = {node.attributes["name"]: node.attributes for node in page.css("form input")}
    assert fields["email"]["value"] == email
    assert "value" not in fields["password"]
    assert sessions(services) == 0


def test_what_is_typed_is_no_markup(client: TestClient) -> None:
    sent = {"email": '"><b>x</b>', "password": "x"}
    answer = client.post("/login", data=sent, headers=BROWSER)
    assert "<b>x" not in answer.text


def test_who_is_disabled_is_as_unknown(client: TestClient, services: Services) -> None:
    user(services)
    with services.database.writing() as session:
        users.disable(session, ADA, now())
    assert log_in(client) == 401


def test_the_same_work_for_somebody_unknown(
    client: TestClient, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[bool] = []
    real = passwords.is_right

    def noted(kept: str | None, password: str) -> bool:
        asked.append(kept is None)
        return real(kept, password)

    monkeypatch.setattr(passwords, "is_right", noted)
    user(services)
    for email in (ADA, "ben@example.org", "no address"):
        assert log_in(client, email, "ein anderer Satz") == 401
    assert asked == [False, True, True]


def test_a_password_kept_in_an_older_way_is_kept_anew(
    client: TestClient, services: Services
) -> None:
    user(services)
    weak = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash(PASSWORD)
    with services.database.writing() as session:
        users.set_password(session, ADA, weak)
    assert log_in(client) == 303
    with services.database.reading() as session:
        kept = users.get(session, ADA).password
    assert kept != weak
    assert not passwords.is_outdated(kept)
    assert passwords.is_right(kept, PASSWORD)
    assert sessions(services) == 1


def test_who_was_shut_out_while_the_password_was_looked_at(
    client: TestClient, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    user(services)
    real = passwords.is_right

    def meanwhile(kept: str | None, password: str) -> bool:
        with services.database.writing() as session:
            users.set_password(session, ADA, passwords.hashed("ein neuer Satz"))
        return real(kept, password)

    monkeypatch.setattr(passwords, "is_right", meanwhile)
    assert log_in(client) == 401
    assert sessions(services) == 0


def test_ten_tries_then_a_while(client: TestClient, services: Services) -> None:
    user(services)
    assert [log_in(client, password="ein anderer Satz") for _ in range(10)] == [401] * 10
    sent = {"email": ADA, "password": PASSWORD}
    answer = client.post("/login", data=sent, headers=BROWSER)
    assert answer.status_code == 429
    assert 250 < int(answer.headers["retry-after"]) <= 300
    assert "zu oft" in answer.text
    assert "set-cookie" not in answer.headers


def test_several_processes_count_together(client: TestClient, services: Services) -> None:
    user(services)
    with TestClient(create_app(services), base_url="http://testserver") as another:
        found = [
            log_in(one, password="ein anderer Satz") for _ in range(6) for one in (client, another)
        ]
    assert found == [401] * 10 + [429] * 2


def test_who_gets_in_is_not_counted(client: TestClient, services: Services) -> None:
    user(services)
    assert [log_in(client) for _ in range(12)] == [303] * 12


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Origin": "null"},
    ],
)
def test_another_site_logs_nobody_in_or_out(
    client: TestClient, services: Services, headers: dict[str, str]
) -> None:
    user(services)
    sent = {"email": ADA, "password": PASSWORD}
    assert client.post("/login", data=sent, headers=headers).status_code == 403
    log_in(client)
    given = {"form_token": form_token(client)}
    assert client.post("/logout", data=given, headers=headers).status_code == 403
    assert log_out(client, "forged") == 403
    assert sessions(services) == 1


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE"])
def test_no_link_logs_anybody_out(client: TestClient, services: Services, method: str) -> None:
    user(services)
    log_in(client)
    answer = client.request(method, "/logout")
    assert (answer.status_code, answer.headers["allow"]) == (405, "OPTIONS, POST")
    assert sessions(services) == 1


def test_a_stranger_who_logs_out(client: TestClient) -> None:
    assert log_out(client, "none") == 303


@pytest.mark.parametrize(
    ("return_to", "place"),
    [
        ("/sample?week=1", "/sample?week=1"),
        ("//evil.example", "/login"),
        ("https://evil.example/", "/login"),
        ("/\\evil.example", "/login"),
        ("", "/login"),
    ],
)
def test_where_it_leads(client: TestClient, services: Services, return_to: str, place: str) -> None:
    user(services)
    answer = client.post(
        "/login",
        params={"return_to": return_to},
        data={"email": ADA, "password": PASSWORD},
        headers=BROWSER,
        follow_redirects=False,
    )
    assert (answer.status_code, answer.headers["location"]) == (303, place)


def test_admins_have_all_courses_and_others_may_have_none(
    client: TestClient, services: Services
) -> None:
    another_course(services)
    user(services)
    log_in(client)
    page = client.get("/login", headers=BROWSER).text
    assert "Ein Beispielkurs" in page
    assert "Ein anderer Kurs" in page
    with services.database.writing() as session:
        session.execute(update(UserTable).values(role="facilitator"))
    page = client.get("/login", headers=BROWSER).text
    assert "Ein Beispielkurs" not in page
    assert f"moocfeed user courses {ADA}" in page


def test_public_pages_are_never_kept_for_who_is_logged_in(
    client: TestClient, services: Services
) -> None:
    user(services)
    public = client.get("/sample")
    assert "public" in public.headers["cache-control"]
    log_in(client)
    own = client.get("/sample", headers={"If-None-Match": public.headers["etag"]})
    assert (own.status_code, own.headers["cache-control"]) == (200, "no-store")
    assert "etag" not in own.headers


def test_logs_hold_no_secrets(
    client: TestClient, services: Services, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for name in ("httpx2", "httpcore2", "asyncio"):  # the test's own browser
        logging.getLogger(name).setLevel(logging.WARNING)
    user(services)
    secret = token(services)
    log_in(client, password="ein anderer Satz")
    log_in(client)
    session = client.cookies["moocfeed"]
    given = form_token(client)
    client.get("/api/v1/me", headers=bearer(secret))
    client.get("/api/v1/me", headers=bearer("moocfeed_wrong"))
    log_out(client)
    for _ in range(11):
        log_in(client, "somebody@example.org", "noch ein Satz")
    assert "logged in" in caplog.text
    assert "too many tries" in caplog.text
    for word in (PASSWORD, "ein anderer", "noch ein", secret, session, given, "moocfeed_wrong"):
        assert word not in caplog.text
    assert ADA not in caplog.text
    assert "$argon2" not in caplog.text


def test_the_login_is_reached_by_its_reserved_names() -> None:
    paths = {route.path for route in login.router.routes}  # type: ignore[attr-defined]
    assert paths == {"/login", "/logout"}
