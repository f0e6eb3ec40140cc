"""From an address to a source: looked at first, stored only then."""

from collections.abc import Iterator

import pytest
from sqlalchemy import select

from app import settings
from app.registering import Registration, Unusable, preview, register
from app.wiring import Services
from models.domain.course import Course
from models.domain.errors import Conflict, Invalid, NotFound
from models.domain.source import Match
from models.store import courses, sources
from models.tables.people import ParticipantTable
from tests.sites import Page, Site, item, rss, site

FEED = rss(item(1, "Ein Beitrag #sample"), item(2, "Ein anderer"), item(3, "Noch einer #Sample"))


@pytest.fixture
def permitted(services: Services) -> Services:
    """Services that may fetch from loopback."""
    allow = {"MOOCFEED_FETCH_ALLOW": "127.0.0.1/32"}
    return Services(settings.load({**services.settings.environ(), **allow}), services.database)


@pytest.fixture
def course(services: Services) -> Course:
    with services.database.reading() as session:
        return courses.plain_course(session, "sample").course


def known(services: Services) -> int:
    with services.database.reading() as session:
        return len(sources.listed(session))


@pytest.fixture
def blog() -> Iterator[Site]:
    with site({"/feed": Page(FEED), "/page": Page(b"<p>Hallo</p>", "text/html")}) as served:
        yield served


def test_looking_stores_nothing(permitted: Services, course: Course, blog: Site) -> None:
    before = known(permitted)
    found = preview(permitted, Registration(f"{blog.origin}/feed"), [course])
    assert (found.kind, found.entries, found.matching) == ("feed", 3, 2)
    assert [entry.title for entry in found.latest] == ["Post 3", "Post 2", "Post 1"]
    assert known(permitted) == before


def test_every_entry_where_all_count(permitted: Services, course: Course, blog: Site) -> None:
    wanted = Registration(f"{blog.origin}/feed", match=Match.ALL)
    assert preview(permitted, wanted, [course]).matching == 3


def test_no_course_at_all(permitted: Services, blog: Site) -> None:
    found = preview(permitted, Registration(f"{blog.origin}/feed"), [])
    assert (found.entries, found.matching) == (3, 0)


def test_an_address_without_a_scheme(permitted: Services, course: Course, blog: Site) -> None:
    """https is tried first; only where nobody speaks it, http."""
    found = preview(permitted, Registration(f"  {blog.netloc}/feed"), [course])
    assert found.url == f"{blog.origin}/feed"


def test_what_is_looked_at_is_stored(permitted: Services, course: Course, blog: Site) -> None:
    wanted = Registration(f"{blog.origin}/feed", participant="Carla (Muster)")
    found = preview(permitted, wanted, [course])
    source_id = register(permitted, "sample", wanted, found)
    with permitted.database.reading() as session:
        row = sources.get(session, source_id)
        names = session.execute(select(ParticipantTable.name)).scalars().all()
    assert (row.kind, row.url, row.match) == ("feed", f"{blog.origin}/feed", Match.HASHTAG)
    assert row.participant_id is not None
    assert names.count("Carla (Muster)") == 1
    with pytest.raises(Conflict, match=source_id):
        register(permitted, "sample", wanted, found)
    with pytest.raises(NotFound):
        register(permitted, "nobody", wanted, found)


@pytest.mark.parametrize(
    "url", ["ftp://a.example/feed", "https://", "javascript://x", "", " ", "@ada", "//", "a b"]
)
def test_what_is_no_web_address(permitted: Services, url: str) -> None:
    with pytest.raises(Invalid):
        preview(permitted, Registration(url), [])


def test_an_unknown_kind(permitted: Services, blog: Site) -> None:
    with pytest.raises(Invalid, match="fax"):
        preview(permitted, Registration(f"{blog.origin}/feed", kind="fax"), [])
    assert blog.requests == []


@pytest.mark.parametrize("kind", ["comments", "webmention"])
def test_a_kind_that_nobody_registers(permitted: Services, blog: Site, kind: str) -> None:
    with pytest.raises(Invalid, match=f"sources of kind '{kind}' come by themselves"):
        preview(permitted, Registration(f"{blog.origin}/feed", kind=kind), [])
    assert blog.requests == []


def test_what_cannot_be_a_source(permitted: Services, blog: Site) -> None:
    with pytest.raises(Unusable, match=f"{blog.origin}/page"):
        preview(permitted, Registration(f"{blog.origin}/page", kind="feed"), [])


def test_a_private_address(services: Services, blog: Site) -> None:
    with pytest.raises(Unusable, match="not fetched"):
        preview(services, Registration(f"{blog.origin}/feed"), [])
    assert blog.requests == []
