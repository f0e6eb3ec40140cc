"""A feed that is read again after it changed: what becomes of its posts in a database."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from collectors.feeds import slow
from collectors.reading import read
from models.domain.course import Course
from models.domain.coursefile import CourseFile
from models.store import applying, courses, feed, intake, sources
from models.store.engine import Database
from models.store.feed import Filter
from models.store.rows import FeedPost
from models.store.touched import Counts
from tests.collectors.feeds.batches import ADDRESS, reply_of

COURSE = Course("sample", "A sample course", ("samplecourse",))
AT = datetime(2026, 11, 3, 10, tzinfo=UTC)


@dataclass
class Stage:
    """A course with one feed as its source."""

    database: Database
    now: datetime = AT
    source_id: str = field(init=False)

    def __post_init__(self) -> None:
        with self.database.writing() as session:
            applying.apply(session, CourseFile(COURSE), self.now)
            self.course = courses.course(session, COURSE.slug)
            self.source_id = sources.add(
                session, self.course.id, kind="feed", url=ADDRESS, now=self.now
            )

    def take(self, body: str) -> Counts:
        """What an answer an hour later came to."""
        self.now += timedelta(hours=1)
        with self.database.writing() as session:
            spec = sources.spec(sources.get(session, self.source_id), COURSE)
            reading = read(spec, reply_of(body.encode()), self.now)
            answer = intake.Answer(
                self.course.id,
                self.source_id,
                reading.entries,
                withdrawn=reading.withdrawn,
                complete=reading.complete,
            )
            return intake.take_in(session, answer, self.now)

    def posts(self) -> dict[str, FeedPost]:
        """By title, all that is shown."""
        with self.database.reading() as session:
            page = feed.page(session, self.course, Filter(), limit=100)
        return {str(post.title): post for post in page.posts}


@pytest.fixture
def stage(database: Database) -> Stage:
    return Stage(database)


def item(title: str, guid: str, link: str, text: str = "Text") -> str:
    return (
        f'<item><title>{title}</title><guid isPermaLink="false">{guid}</guid><link>{link}</link>'
        f"<category>samplecourse</category><description>{text}</description></item>"
    )


def rss(*items: str, head: str = "") -> str:
    return (
        '<rss version="2.0" xmlns:fh="http://purl.org/syndication/history/1.0"><channel>'
        f"<title>Sample blog</title><link>https://blog.example.org/</link>{head}{''.join(items)}"
        "</channel></rss>"
    )


def blog(guid: str, link: str = "https://blog.example.org/{}", head: str = "") -> str:
    numbers = range(20)
    return rss(*(item(f"n{n}", guid.format(n), link.format(n)) for n in numbers), head=head)


@pytest.mark.parametrize(
    ("guid", "link"),
    [
        ("new-{}", "https://blog.example.org/{}"),
        ("tag:blog.example.org,2026:{}", "https://blog.example.org/{}"),
        ("new-{}", "http://www.blog.example.org/{}/?utm_source=feed#more"),
    ],
)
@pytest.mark.parametrize("head", ["", "<fh:complete/>"])
def test_new_guids_double_and_lose_no_post(stage: Stage, guid: str, link: str, head: str) -> None:
    stage.take(blog("old-{}", head=head))
    before = stage.posts()
    counts = stage.take(blog(guid, link, head))
    after = stage.posts()
    assert (counts.new, counts.withdrawn) == (0, 0)
    assert {title: post.id for title, post in after.items()} == {
        title: post.id for title, post in before.items()
    }


def test_an_undated_post_keeps_the_time_it_was_first_seen(stage: Stage) -> None:
    stage.take(blog("old-{}"))
    stage.take(blog("new-{}"))
    assert {post.published_at for post in stage.posts().values()} == {AT + timedelta(hours=1)}


def test_one_guid_for_all_entries_as_the_feed_moves_on(stage: Stage) -> None:
    entries = [item(f"n{n}", "1", f"https://blog.example.org/{n}") for n in range(6)]
    for first in range(4):
        stage.take(rss(*entries[first : first + 3]))
    shown = {title: post.url for title, post in stage.posts().items()}
    assert shown == {f"n{n}": f"https://blog.example.org/{n}" for n in range(6)}


def test_what_falls_out_of_the_window_stays(stage: Stage) -> None:
    entries = [item(f"n{n}", f"{n}", f"https://blog.example.org/{n}") for n in range(4)]
    stage.take(rss(*entries[:2]))
    assert stage.take(rss(*entries[2:])).withdrawn == 0
    assert stage.take(rss()).withdrawn == 0
    assert sorted(stage.posts()) == ["n0", "n1", "n2", "n3"]


def test_a_complete_feed_retires_what_it_no_longer_lists(stage: Stage) -> None:
    entries = [item(f"n{n}", f"{n}", f"https://blog.example.org/{n}") for n in range(3)]
    stage.take(rss(*entries, head="<fh:complete/>"))
    assert stage.take(rss(*entries[:2], head="<fh:complete/>")).withdrawn == 1
    assert sorted(stage.posts()) == ["n0", "n1"]


@pytest.mark.parametrize("head", ["", "<fh:complete/>"])
@pytest.mark.parametrize("end", ["<category>samplecourse", "<description>Te", "</item>"])
def test_an_answer_that_breaks_off_takes_nothing_back(stage: Stage, head: str, end: str) -> None:
    entries = [item(f"n{n}", f"{n}", f"https://blog.example.org/{n}") for n in range(3)]
    whole = rss(*entries, head=head)
    stage.take(whole)
    before = stage.posts()
    cut = whole[: whole.index(end, whole.index("n1")) + (len(end) if end == "</item>" else 0)]
    assert slow.read(cut, ADDRESS) is not None
    assert stage.take(cut) == Counts()
    assert stage.posts() == before


def test_what_breaks_off_is_new_all_the_same_and_made_whole_later(stage: Stage) -> None:
    whole = rss(item("n0", "0", "https://blog.example.org/0", "The whole text"))
    assert stage.take(whole[: whole.index("whole text")]).new == 1
    assert stage.posts()["n0"].excerpt == ""
    stage.take(whole)
    assert stage.posts()["n0"].excerpt == "The whole text"
