"""The link collection, and the people who agreed to be listed."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import update
from starlette.testclient import TestClient

from app.wiring import Services
from models.store import courses, sources
from models.tables.people import ParticipantTable
from tests.app.conftest import entry, publish
from tests.app.pages.reading import attribute, parsed, text, texts
from tests.waiting import wait_for

LINK = "&lt;a href='{url}'>dort&lt;/a>"


def share(services: Services, url: str, *blogs: str) -> None:
    at = datetime.now(UTC) - timedelta(minutes=9)
    for number, blog in enumerate(blogs):
        author = {"ada.example": "Ada (Muster)", "ben.example": "Ben (Muster)"}[blog]
        publish(
            services,
            f"https://{blog}/feed",
            entry(blog, 900 + number, at, LINK.format(url=url), author=author),
        )


def test_what_was_chosen_and_what_was_shared(client: TestClient, services: Services) -> None:
    before = parsed(client, "/sample/links")
    assert texts(before, ".links a") == ["Zum Einlesen"]
    assert "zwei Personen" in text(before, "#shared ~ .empty")
    share(services, "https://www.reading.example/two/", "ada.example", "ben.example")
    wait_for(lambda: bool(parsed(client, "/sample/links").css(".shared li")))
    tree = parsed(client, "/sample/links")
    assert text(tree, ".shared .what a") == "reading.example/two"
    assert attribute(tree, ".shared .what a", "href") == "https://www.reading.example/two/"
    assert "nofollow" in (attribute(tree, ".shared .what a", "rel") or "")
    said = text(tree, ".shared .meta")
    assert said == "2 Beiträge von 2 Personen: Ada (Muster), Ben (Muster)"
    for link in tree.css(".shared .meta a"):
        assert client.get(link.attributes["href"] or "").status_code == 200
    assert client.get("/sample/links?q=x").status_code == 422


def test_a_link_the_organisers_chose_has_their_title(
    client: TestClient, services: Services
) -> None:
    share(services, "http://reading.example/one?utm_medium=mail", "ada.example", "ben.example")
    wait_for(lambda: bool(parsed(client, "/sample/links").css(".shared li")))
    assert text(parsed(client, "/sample/links"), ".shared .what a") == "Zum Einlesen"


def test_a_post_of_the_course_is_shown_as_one(client: TestClient, services: Services) -> None:
    share(services, "https://ada.example/5", "ben.example", "ada.example")
    wait_for(lambda: bool(parsed(client, "/sample/links").css(".shared li")))
    tree = parsed(client, "/sample/links")
    assert text(tree, ".shared .what a") == "Post 5"
    own = attribute(tree, ".shared .own", "href")
    assert own is not None
    assert text(parsed(client, own), "h1") == "Post 5"


def test_people_who_agreed_and_no_one_else(client: TestClient, services: Services) -> None:
    tree = parsed(client, "/sample/people")
    assert texts(tree, ".people .who") == ["Ada (Muster)"]
    assert "24 Beiträge" in text(tree, ".people .meta")
    assert "zuletzt am" in text(tree, ".people .meta")
    theirs = attribute(tree, ".people .who a", "href")
    assert theirs is not None
    page = parsed(client, theirs.removesuffix("#posts"))
    assert set(texts(page, "article .author")) == {"Ada (Muster)"}
    assert texts(page, ".chips bdi") == ["Ada (Muster)"]
    assert "Ben" not in client.get("/sample/people").text


def test_who_takes_it_back_is_named_nowhere_but_over_their_posts(
    client: TestClient, services: Services
) -> None:
    path = attribute(parsed(client, "/sample"), "article .author a", "href")
    assert path is not None
    path = path.removesuffix("#posts")
    with services.database.writing() as session:
        session.execute(update(ParticipantTable).values(consented_at=None))
        (found,) = courses.courses(session)
        sources.touch_course(session, found.id, found.updated_at + timedelta(seconds=1))
    wait_for(lambda: not parsed(client, "/sample/people").css(".people li"))
    assert "Noch hat niemand" in text(parsed(client, "/sample/people"), ".empty")
    tree = parsed(client, path)
    assert texts(tree, ".chips bdi") == ["eine Person"]
    assert not tree.css("article .author a")


def test_pages_lead_to_each_other(client: TestClient) -> None:
    for path, current in (
        ("/sample", "/sample?ui=en"),
        ("/sample/links", "/sample/links?ui=en"),
        ("/sample/people", "/sample/people?ui=en"),
        ("/sample/weeks/1", "/sample?ui=en"),
    ):
        tree = parsed(client, f"{path}?ui=en")
        assert texts(tree, ".places a") == ["Posts", "Links", "People"]
        assert attribute(tree, ".places [aria-current]", "href") == current
