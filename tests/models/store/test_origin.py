"""A feed that repeats another's ids, all the way into the database and out again."""

from dataclasses import dataclass

import pytest

from models.domain.course import Course
from models.domain.coursefile import CourseFile
from models.domain.identity import entry_key
from models.domain.normalise import normalise
from models.domain.post import RawPost
from models.store import applying, courses, feed, intake, sources
from models.store.engine import Database
from models.store.feed import Filter
from models.store.rows import FeedPost
from tests.models.domain.samples import NOW, raw

COURSE = Course("sample", "Ein Beispielkurs", ("e20mooc",))
SENTENCE = "Werkzeuge machen die Arbeit sichtbar, und das gefällt nicht jedem im Haus. "
SPAM = "Kaufen Sie hier. " * 100


@dataclass
class Sources:
    """Two feeds of one course: Ada's blog, and a stranger's."""

    database: Database

    def __post_init__(self) -> None:
        with self.database.writing() as session:
            applying.apply(session, CourseFile(COURSE, ()), NOW)
        with self.database.reading() as session:
            self.course_id = courses.course(session, COURSE.slug).id
        self.ada = self._add("https://ada.example/feed")
        self.stranger = self._add("https://stranger.example/feed")

    def _add(self, url: str) -> str:
        with self.database.writing() as session:
            return sources.add(session, self.course_id, kind="feed", url=url, now=NOW)

    def bring(self, source_id: str, *entries: RawPost, withdrawn: tuple[str, ...] = ()) -> None:
        with self.database.writing() as session:
            spec = sources.spec(sources.get(session, source_id), COURSE)
            answer = intake.Answer(
                self.course_id,
                source_id,
                [normalise(entry, spec, NOW) for entry in entries],
                withdrawn=[entry_key(external_id) for external_id in withdrawn],
            )
            intake.take_in(session, answer, NOW)

    def shown(self) -> list[FeedPost]:
        with self.database.reading() as session:
            row = courses.course(session, COURSE.slug)
            return list(feed.page(session, row, Filter(), limit=10).posts)


@pytest.fixture
def feeds(database: Database) -> Sources:
    return Sources(database)


UID = "https://ada.example/?p=1"
MINE = raw(UID, url="https://ada.example/post", content=f"<p>{SENTENCE * 9} #e20mooc</p>")
FORGED = [
    raw(UID, url="https://ada.example/post", content=f"<p>{SPAM} #e20mooc</p>"),
    raw(UID, url="https://stranger.example/x", content=f"<p>{SPAM} #e20mooc</p>"),
    raw(UID, url=None, content=f"<p>{SPAM} #e20mooc</p>"),
]


@pytest.mark.parametrize("forged", FORGED, ids=["both", "own-address", "no-address"])
@pytest.mark.parametrize("comes_first", [True, False])
def test_who_repeats_an_id_changes_nothing(
    feeds: Sources, forged: RawPost, comes_first: bool
) -> None:
    answers = [(feeds.stranger, forged), (feeds.ada, MINE)]
    for source_id, entry in answers if comes_first else reversed(answers):
        feeds.bring(source_id, entry)
    (post,) = feeds.shown()
    assert post.url == "https://ada.example/post"
    assert "Kaufen" not in post.content_html
    assert post.excerpt.startswith("Werkzeuge")
    feeds.bring(feeds.stranger, withdrawn=(UID,))
    assert [post.url for post in feeds.shown()] == ["https://ada.example/post"]
    feeds.bring(feeds.stranger, forged)
    feeds.bring(feeds.ada, withdrawn=(UID,))
    assert feeds.shown() == []


def test_a_summary_is_shown_in_full_where_another_has_it_in_full(feeds: Sources) -> None:
    summary = raw(UID, url="https://ada.example/post", content=f"<p>{SENTENCE * 2}[…] #e20mooc</p>")
    feeds.bring(feeds.ada, summary)
    feeds.bring(feeds.stranger, MINE)
    (post,) = feeds.shown()
    assert post.content_html.count("Werkzeuge") == 9
    feeds.bring(feeds.ada, raw(UID, url="https://ada.example/post", content="<p>Neu #e20mooc</p>"))
    (post,) = feeds.shown()
    assert post.content_html == "<p>Neu #e20mooc</p>"
