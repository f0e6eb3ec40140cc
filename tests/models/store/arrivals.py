"""A small course whose people write at several places, and what arrives from there."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import insert

from models.domain.coursefile import parse
from models.domain.identity import person_key
from models.domain.normalise import normalise
from models.domain.post import Entry, Kind, RawAuthor, RawPost
from models.store import applying, courses, feed, intake, sources
from models.store.engine import Database
from models.store.intake import Answer
from models.store.rows import CourseRow, FeedPost
from models.store.sources import SourceRow
from models.store.touched import Counts
from models.tables.people import AccountTable

AT = datetime(2026, 11, 3, 10, tzinfo=UTC)
ADA = "https://social.example/@ada"
BEN = "https://social.example/@ben"
COURSE = """
[course]
slug = "sample"
title = "Ein Beispielkurs"
hashtags = ["sample"]
language = "de"

[[sources]]
kind = "feed"
url = "https://ada.example/feed"
participant = "Ada (Muster)"
[[sources]]
kind = "feed"
url = "https://ada-zwei.example/feed"
participant = "Ada (Muster)"
[[sources]]
kind = "feed"
url = "https://planet.example/feed"
match = "all"
[[sources]]
kind = "feed"
url = "https://ben.example/feed"
participant = "Ben (Muster)"
[[sources]]
kind = "mastodon"
url = "https://social.example"
[[sources]]
kind = "mastodon"
url = "https://far.example"
"""


@dataclass(frozen=True)
class Arrival:
    """An entry of one of the sources, named by its host."""

    host: str
    raw: RawPost


@dataclass
class Course:
    """The course in a database, and its clock."""

    database: Database
    now: datetime = AT
    hosts: dict[str, SourceRow] = field(default_factory=dict)

    @classmethod
    def of(cls, database: Database, text: str = COURSE) -> "Course":
        """Set up, with Ada's and Ben's accounts linked to them."""
        with database.writing() as session:
            applying.apply(session, parse(text), AT)
        with database.reading() as session:
            rows = {row.host: row for row in sources.listed(session)}
        course = cls(database, hosts=rows)
        with database.writing() as session:
            for host, account in (("ada.example", ADA), ("ben.example", BEN)):
                session.execute(
                    insert(AccountTable).values(
                        course_id=rows[host].course_id,
                        key=person_key(account),
                        participant_id=rows[host].participant_id,
                        kind="fediverse",
                        label=account,
                    )
                )
        return course

    @property
    def id(self) -> int:
        return next(iter(self.hosts.values())).course_id

    def take(self, *arrivals: Arrival, withdrawn: Iterable[Arrival] = ()) -> Counts:
        """One answer of each source that is named; a minute passes."""
        return self.store(self.answers(*arrivals, withdrawn=withdrawn))

    def store(self, answers: Sequence[Answer]) -> Counts:
        self.now += timedelta(minutes=1)
        with self.database.writing() as session:
            counts = intake.take_in_all(session, answers, self.now)
        return sum(counts, Counts())

    def answers(self, *arrivals: Arrival, withdrawn: Iterable[Arrival] = ()) -> list[Answer]:
        """What one fetch of each source brought."""
        by_host: dict[str, list[Entry]] = {}
        gone: dict[str, list[str]] = {}
        for arrival in arrivals:
            by_host.setdefault(arrival.host, []).append(self.entry(arrival))
        for arrival in withdrawn:
            by_host.setdefault(arrival.host, [])
            gone.setdefault(arrival.host, []).append(self.entry(arrival).entry_key)
        return [
            Answer(
                self.id,
                self.hosts[host].id,
                entries,
                withdrawn=gone.get(host, ()),
                participant_id=self.hosts[host].participant_id,
            )
            for host, entries in by_host.items()
        ]

    def entry(self, arrival: Arrival) -> Entry:
        """As a worker would read it."""
        row = self.row()
        names = {"ada.example": "Ada (Muster)", "ada-zwei.example": "Ada (Muster)"}
        spec = sources.spec(
            self.hosts[arrival.host], row.course, participant_name=names.get(arrival.host)
        )
        return normalise(arrival.raw, spec, self.now)

    def row(self) -> CourseRow:
        with self.database.reading() as session:
            return courses.course(session, "sample")

    def posts(self, **chosen: object) -> Sequence[FeedPost]:
        """What the list shows, newest first."""
        with self.database.reading() as session:
            row = courses.course(session, "sample")
            return feed.page(session, row, feed.Filter(**chosen), limit=100).posts  # type: ignore[arg-type]


def blog(
    path: str, text: str, *, host: str = "ada.example", hours: float = 0, title: str = "Ein Titel"
) -> Arrival:
    """An entry of a blog's own feed."""
    url = f"https://{host}/{path}/"
    return Arrival(
        host,
        RawPost(
            external_id=url,
            url=url,
            title=title,
            content="".join(f"<p>{part}</p>" for part in text.split("\n\n")),
            base_url=url,
            published_at=AT - timedelta(days=6) + timedelta(hours=hours),
            author=RawAuthor(name="Wer auch immer"),
            tags=("sample",),
            from_origin=True,
        ),
    )


def relayed(arrival: Arrival, *aliases: str, content: str | None = None) -> Arrival:
    """The same entry in the planet's feed, which knows its address and perhaps others."""
    raw = arrival.raw
    return Arrival(
        "planet.example",
        replace(
            raw,
            external_id=f"tag:planet.example:{raw.url}",
            content=content or raw.content,
            author=RawAuthor(name="Planet"),
            aliases=aliases,
            from_origin=False,
        ),
    )


def status(
    number: int,
    text: str,
    *,
    by: str = ADA,
    at: str = "social.example",
    hours: float = 1,
    reply_to: int | None = None,
) -> Arrival:
    """A status of an account of social.example, as an instance shows it."""
    uri = f"{by}/{number}"
    return Arrival(
        at,
        RawPost(
            external_id=uri,
            kind=Kind.STATUS,
            url=uri,
            content=text if text.startswith("<") else f"<p>{linked(text)}</p>",
            base_url=uri,
            published_at=AT - timedelta(days=6) + timedelta(hours=hours),
            author=RawAuthor(name=by[-3:].title(), url=by, account=by),
            tags=("sample",),
            in_reply_to=f"{by}/{reply_to}" if reply_to else None,
            local_key=f"local:{at}:{number}",
            from_origin=at == "social.example",
        ),
    )


def linked(text: str) -> str:
    """Addresses in a text as links."""
    words = (
        f'<a href="{word}">{word}</a>' if word.startswith("http") else word for word in text.split()
    )
    return " ".join(words)
