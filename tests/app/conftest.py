"""A small course in a real database, and the whole application around it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from app import settings, wiring
from app.clock import now
from app.web import create_app
from app.wiring import Services
from collectors.contract import Reply
from collectors.reading import read
from models.domain import coursefile
from models.store import applying, courses, intake, schema, sources
from models.tables.posts import PostTable

COURSE = """
[course]
slug = "sample"
title = "Ein Beispielkurs"
hashtags = ["sample"]
language = "de"
timezone = "Europe/Berlin"
imprint = "https://course.example/imprint"

[[weeks]]
number = 1
title = "Anfang"
question = "Womit fangen wir an?"
starts_on = {first}
[[weeks.events]]
title = "Sprechstunde"
starts_at = {event}
url = "https://course.example/talk"
[[weeks.links]]
title = "Zum Einlesen"
url = "https://reading.example/one"

[[weeks]]
number = 2
title = "Werkzeuge"
question = "Welches Werkzeug hilft?"
starts_on = {second}

[[sources]]
kind = "feed"
url = "https://ada.example/feed"
participant = "Ada (Muster)"

[[sources]]
kind = "feed"
url = "https://ben.example/feed"
"""

POST = """<entry><id>tag:{blog},2026:{number}</id><title>{title}</title>
<link href="https://{blog}/{number}"/><published>{at}</published><updated>{at}</updated>
<author><name>{author}</name></author><category term="{tag}"/>
<content type="html">{text}</content></entry>"""


def course_text(at: datetime) -> str:
    """Two weeks; the second is the present one."""
    monday = at.date() - timedelta(days=at.weekday())
    return COURSE.format(
        first=monday - timedelta(days=7),
        second=monday,
        event=f"{monday - timedelta(days=4)}T11:00:00",
    )


def entry(blog: str, number: int, at: datetime, text: str, **more: str) -> str:
    """An Atom entry that carries the hashtag as a category, unless `tag` says otherwise."""
    values = {"title": f"Post {number}", "author": "Ada (Muster)", "tag": "sample", **more}
    return POST.format(
        blog=blog, number=number, at=at.strftime("%Y-%m-%dT%H:%M:%SZ"), text=text, **values
    )


def publish(services: Services, url: str, *entries: str) -> None:
    """Takes in what a feed with these entries holds."""
    body = f'<feed xmlns="http://www.w3.org/2005/Atom"><title>Blog</title>{"".join(entries)}</feed>'
    deliver(services, url, body.encode(), "application/atom+xml")


def deliver(services: Services, url: str, body: bytes, kind: str) -> None:
    """Takes in an answer of a feed of the course, as a collector does."""
    with services.database.writing() as session:
        course = courses.course(session, "sample")
        source = sources.find(session, course.id, "feed", url)
        assert source is not None
        spec = sources.spec(source, course.course, participant_name="Ada (Muster)")
        reply = Reply(url, 200, {"content-type": kind}, body)
        reading = read(spec, reply, now())
        intake.take_in(
            session,
            intake.Answer(
                course_id=course.id,
                source_id=source.id,
                entries=reading.entries,
                withdrawn=reading.withdrawn,
                participant_id=source.participant_id,
            ),
            now(),
        )


def merge(services: Services) -> tuple[str, str]:
    """Makes one post of Ada's third and fourth: Ben's feed has the third under the fourth's id.

    Returns the id that stays, and the one that is gone.
    """
    bridge = entry("ada.example", 3, datetime.now(UTC), "Text 3", title="Post 3")
    other = bridge.replace("<id>tag:ada.example,2026:3<", "<id>tag:ada.example,2026:4<")
    publish(services, "https://ben.example/feed", other)
    merged = select(PostTable.merged_into, PostTable.id).where(PostTable.merged_into.is_not(None))
    with services.database.reading() as session:
        row = session.execute(merged).one()
    assert row.merged_into is not None
    return row.merged_into, row.id


def made(folder: Path, **given: str) -> Services:
    """Services on a database with the newest schema; `given` are further settings."""
    variables = {
        "DATA_DIR": str(folder / "var"),
        "SECRET_KEY": "a key for tests only",
        "PUBLIC_URL": "http://testserver",
        **given,
    }
    environ = {f"MOOCFEED_{name}": value for name, value in variables.items()}
    services = wiring.build(settings.load(environ, folder / ".env"))
    schema.migrate(services.database)
    return services


def fill(services: Services) -> None:
    """The course and 25 posts: 24 of Ada's, one of Ben's that answers her first."""
    at = datetime.now(UTC).replace(microsecond=0)
    with services.database.writing() as session:
        applying.apply(session, coursefile.parse(course_text(at)), at)
    publish(
        services,
        "https://ada.example/feed",
        *(
            entry("ada.example", number, at - timedelta(hours=10 * number), f"<p>Text {number}</p>")
            for number in range(1, 24)
        ),
        entry("ada.example", 24, at - timedelta(hours=3), "<p>Viele Häuser, ein Werkzeug</p>"),
    )
    answer = "<p>Wie <a href='https://ada.example/1'>Ada schrieb</a></p>".replace("<", "&lt;")
    publish(
        services,
        "https://ben.example/feed",
        entry("ben.example", 1, at - timedelta(hours=1), answer, author="Ben (Muster)"),
    )


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    """A database that is filled."""
    services = made(tmp_path)
    fill(services)
    yield services
    services.database.dispose()


@pytest.fixture
def client(services: Services) -> Iterator[TestClient]:
    """A browser at the application's door."""
    with TestClient(create_app(services), base_url="http://testserver") as browser:
        yield browser
