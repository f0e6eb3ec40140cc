"""Users for tests, and browsers and programs that act for them."""

from datetime import UTC, datetime

from selectolax.lexbor import LexborHTMLParser
from starlette.testclient import TestClient

from app.clock import now
from app.wiring import Services
from models.domain import coursefile, passwords
from models.domain.access import Role, TokenScope, new_api_token
from models.store import applying, tokens, users

ADA = "ada@example.org"
PASSWORD = "ein ganzer Satz"
OTHER = '[course]\nslug = "other"\ntitle = "Ein anderer Kurs"\nhashtags = ["other"]\n'
BROWSER = {"Accept": "text/html,*/*;q=0.8", "Accept-Language": "de", "Origin": "http://testserver"}
_HASH = passwords.hashed(PASSWORD)


def user(services: Services, *slugs: str, email: str = ADA, role: Role | None = None) -> str:
    """Adds an admin, or where courses are named, their facilitator; the e-mail address."""
    chosen = role or (Role.FACILITATOR if slugs else Role.ADMIN)
    with services.database.writing() as session:
        users.add(
            session,
            email=email,
            name="Ada (Muster)",
            role=chosen,
            password=_HASH,
            slugs=slugs,
            now=now(),
        )
    return email


def token(services: Services, email: str = ADA, scope: TokenScope = TokenScope.WRITE) -> str:
    """A new one of theirs."""
    secret = new_api_token()
    with services.database.writing() as session:
        tokens.create(session, email=email, name="test", scope=scope, secret=secret, now=now())
    return secret


def bearer(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


def another_course(services: Services) -> str:
    """Its slug."""
    with services.database.writing() as session:
        applying.apply(session, coursefile.parse(OTHER), datetime.now(UTC))
    return "other"


def log_in(client: TestClient, email: str = ADA, password: str = PASSWORD) -> int:
    """As the form does; the status."""
    return client.post(
        "/login",
        data={"email": email, "password": password},
        headers=BROWSER,
        follow_redirects=False,
    ).status_code


def form_token(client: TestClient) -> str:
    """As the page of the account has it."""
    page = LexborHTMLParser(client.get("/login", headers=BROWSER).text)
    field = page.css_first("input[name=form_token]")
    assert field is not None
    value = field.attributes["value"]
    assert value is not None
    return value
