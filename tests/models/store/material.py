"""A course in a database, and sources whose answers are written down in a line."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from models.domain.course import Course, Week
from models.domain.coursefile import CourseFile
from models.domain.identity import entry_key
from models.domain.normalise import normalise
from models.domain.post import Entry, RawAuthor, RawPost
from models.store import applying, courses, feed, intake, people, sources
from models.store.engine import Database
from models.store.feed import Filter
from models.store.rows import CourseRow, FeedPost
from models.store.touched import Counts

AT = datetime(2026, 11, 3, 10, tzinfo=UTC)
"""A Tuesday in the sample course's second week."""
WEEKS = (
    Week(1, "Anfang", date(2026, 10, 26), date(2026, 11, 2)),
    Week(2, "Werkzeuge", date(2026, 11, 2), date(2026, 11, 9)),
    Week(4, "Ausblick", date(2026, 11, 16), date(2026, 11, 23)),
)
SAMPLE = Course("sample", "Ein Beispielkurs", ("sample",), weeks=WEEKS)


def raw(name: str, text: str = "Text", **more: Any) -> RawPost:
    """An entry of `ada.example` named `name`, with the hashtag, an hour before `AT`."""
    address = f"https://ada.example/{name}"
    values: dict[str, Any] = {
        "external_id": address,
        "url": address,
        "title": f"Title {name}",
        "content": f"<p>{text}</p>",
        "published_at": AT - timedelta(hours=1),
        "author": RawAuthor(name="Ada (Muster)"),
        "tags": ("sample",),
    }
    return RawPost(**(values | more))


@dataclass
class Stage:
    """A database with one course; sources come about when they are first named."""

    database: Database
    course: Course = SAMPLE
    now: datetime = AT
    source_ids: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        with self.database.writing() as session:
            applying.apply(session, CourseFile(self.course, ()), self.now)
        self.course_id = self.row.id

    @property
    def row(self) -> CourseRow:
        with self.database.reading() as session:
            return courses.course(session, self.course.slug)

    def source(self, host: str, participant: str | None = None, **more: Any) -> str:
        """The id of the feed of this host."""
        if host not in self.source_ids:
            with self.database.writing() as session:
                self.source_ids[host] = sources.add(
                    session,
                    self.course_id,
                    kind="feed",
                    url=f"https://{host}/feed",
                    now=self.now,
                    participant_id=(
                        people.ensure(session, self.course_id, participant, self.now)
                        if participant
                        else None
                    ),
                    **more,
                )
        return self.source_ids[host]

    def entries(self, host: str, *raws: RawPost) -> list[Entry]:
        """As a collector hands them over."""
        source_id = self.source(host)
        with self.database.reading() as session:
            spec = sources.spec(sources.get(session, source_id), self.course)
        return [normalise(entry, spec, self.now) for entry in raws]

    def answer(
        self,
        host: str,
        *raws: RawPost,
        withdrawn: Sequence[str] = (),
        complete: bool = False,
    ) -> intake.Answer:
        """What a fetch of this host's feed brought; `withdrawn` are external ids."""
        source_id = self.source(host)
        with self.database.reading() as session:
            participant_id = sources.get(session, source_id).participant_id
        return intake.Answer(
            self.course_id,
            source_id,
            self.entries(host, *raws),
            participant_id=participant_id,
            withdrawn=[entry_key(external_id) for external_id in withdrawn],
            complete=complete,
        )

    def take(self, *answers: intake.Answer) -> Counts:
        """Takes answers in together; what they came to."""
        with self.database.writing() as session:
            return sum(intake.take_in_all(session, answers, self.now), Counts())

    def bring(self, host: str, *raws: RawPost, **more: Any) -> Counts:
        """One answer of one host, taken in."""
        return self.take(self.answer(host, *raws, **more))

    def later(self, **delta: float) -> None:
        """Lets time pass."""
        self.now += timedelta(**delta)

    def posts(self, **chosen: Any) -> tuple[FeedPost, ...]:
        """The first hundred of a list."""
        with self.database.reading() as session:
            return feed.page(session, self.row, Filter(**chosen), limit=100).posts

    def post(self) -> FeedPost:
        """The only one in the list."""
        (found,) = self.posts()
        return found


def fresh(database: Database) -> Stage:
    """A further course in a database: one for each example of a property."""
    with database.reading() as session:
        count = len(courses.versions(session))
    return Stage(database, replace(SAMPLE, slug=f"sample-{count}"))
