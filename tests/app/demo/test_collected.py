"""The sample web, collected by the whole service into a database of its own."""

from pathlib import Path

from sqlalchemy import select

from app import settings, wiring
from app.clock import now
from app.demo.servers import SampleWeb
from app.jobs import collecting
from app.wiring import Services
from models.domain import coursefile
from models.store import applying, schema
from models.tables.posts import PostTable


def served_from(folder: Path, web: SampleWeb) -> Services:
    environment = {"MOOCFEED_DATA_DIR": str(folder), "MOOCFEED_FETCH_ALLOW": web.allow()}
    services = wiring.build(settings.load(environment, dotenv=None))
    schema.migrate(services.database)
    with services.database.writing() as session:
        applying.apply(session, coursefile.parse(web.course_toml()), now())
    return services


def listed(services: Services) -> dict[str, int]:
    """Address -> responses of every visible post."""
    with services.database.reading() as session:
        rows = session.execute(
            select(PostTable.url, PostTable.responses).where(PostTable.visible, PostTable.listed)
        )
        return {row.url: row.responses for row in rows}


def comments(services: Services) -> set[str]:
    """Addresses of visible posts that only stand under others."""
    with services.database.reading() as session:
        found = select(PostTable.url).where(PostTable.visible, ~PostTable.listed)
        return set(session.scalars(found))


def test_the_course_shows_what_is_expected(tmp_path: Path) -> None:
    with SampleWeb() as web:
        services = served_from(tmp_path, web)
        summary = collecting.once(services, every=True)
        shown = listed(services)
        assert shown.keys() == web.expected().urls
        assert summary.posts.new == web.expected().total
        assert summary.sources["failed"] == len(web.planned_failures())
        assert sum(responses > 0 for responses in shown.values()) > 60

        url = web.publish("eins", "Noch etwas, eben erst geschrieben.")
        blogged = web.publish("clara", "Ein Beitrag von heute.", title="Von heute")
        again = collecting.once(services, every=True)
        replies = comments(services)
        assert replies
        assert replies.isdisjoint(web.expected().urls)
        assert again.posts.new == 2 + len(replies)
        assert listed(services).keys() == web.expected().urls
        assert {url, blogged} <= listed(services).keys()
