"""What the course page says of the present: the week, its neighbours, before and after it all."""

from datetime import UTC, datetime, timedelta

from starlette.testclient import TestClient

from app.wiring import Services
from models.domain import coursefile
from models.store import applying
from tests.app.conftest import course_text
from tests.app.pages.reading import attribute, parsed, text, texts
from tests.waiting import wait_for


def move(client: TestClient, services: Services, by: timedelta) -> None:
    """The course's weeks lie elsewhere now."""
    at = datetime.now(UTC)
    before = client.get("/sample").text
    with services.database.writing() as session:
        file = coursefile.parse(course_text(at + by))
        applying.apply(session, file, at + timedelta(seconds=1))
    wait_for(lambda: client.get("/sample").text != before)


def test_before_the_course(client: TestClient, services: Services) -> None:
    move(client, services, timedelta(days=60))
    tree = parsed(client, "/sample")
    assert "Der Kurs beginnt am Montag, " in text(tree, ".eyebrow")
    assert text(tree, "#week") == "Anfang"
    assert "jetzt" not in text(tree, ".weeks")
    coming = parsed(client, "/sample/weeks/2")
    assert "Diese Woche beginnt am Montag, " in text(coming, ".empty")


def test_after_the_course(client: TestClient, services: Services) -> None:
    move(client, services, timedelta(days=-90))
    tree = parsed(client, "/sample")
    assert "die Beiträge bleiben" in text(tree, "#week")
    assert "Sie endeten am Sonntag, " in text(tree, ".week .meta")
    assert texts(tree, ".turning a") == ["Woche 2: Werkzeuge"]
    assert "mit #sample geschrieben" in text(parsed(client, "/sample/weeks/1"), ".empty")


def test_weeks_are_turned_like_pages(client: TestClient) -> None:
    assert texts(parsed(client, "/sample"), ".turning a") == ["Woche 1: Anfang"]
    first = parsed(client, "/sample/weeks/1?ui=de")
    assert texts(first, ".turning a") == ["Woche 2: Werkzeuge"]
    assert attribute(first, ".turning a", "href") == "/sample/weeks/2?ui=de"
    assert attribute(first, ".turning a", "rel") == "next"


def test_calendars_subscribe_at_a_click(client: TestClient) -> None:
    tree = parsed(client, "/sample/weeks/1")
    hrefs = [link.attributes["href"] or "" for link in tree.css(".calendar a")]
    assert hrefs == ["webcal://testserver/sample/calendar.ics", "/sample/calendar.ics"]
    assert client.get(hrefs[1]).headers["content-type"].startswith("text/calendar")
