import tomllib
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from models.domain.course import Consent, Course, CuratedLink, Event, Moderation, Show, Week
from models.domain.coursefile import CourseFile, SourceEntry, dump, parse
from models.domain.links import canonical
from models.domain.source import Match

ZONES = ("Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Apia", "UTC")
texts = (
    st.text(st.one_of(st.characters(exclude_categories=["Cc", "Cs"]), st.just("\n")), max_size=30)
    .map(str.strip)
    .filter(bool)
)
addresses = st.sampled_from(
    [
        *("https://a.example", "https://a.example/x?y=1&z=%20#w", "http://[::1]:8080/"),
        *("https://bücher.example/ü", 'https://a.example/"quoted"', "https://b.example/\\"),
    ]
)
optional_address = st.one_of(st.none(), addresses)
moments = st.one_of(
    st.datetimes(datetime(1991, 1, 1), datetime(2199, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    # The hour that comes twice, and those around it.
    st.integers(-180, 180).map(
        lambda minutes: datetime(2014, 10, 26, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    ),
)
events = st.lists(st.builds(Event, texts, moments, optional_address), max_size=3).map(tuple)
links = st.lists(st.builds(CuratedLink, texts, addresses), max_size=3).map(tuple)
slugs = st.text("abcdefghijklmnopqrstuvwxyz0123456789-", min_size=1, max_size=20).map("k-".__add__)
hashtags = st.lists(
    st.sampled_from(["e20mooc", "übung", "a_1", "किताब", "tools"]), min_size=1, unique=True
).map(tuple)


@st.composite
def weeks(draw: st.DrawFn) -> tuple[Week, ...]:
    day = draw(st.dates(date(1991, 1, 1), date(2150, 1, 1)))
    numbers = draw(st.lists(st.integers(0, 999), max_size=4, unique=True))
    found = []
    for number in numbers:
        starts_on = day + timedelta(days=draw(st.integers(0, 9)))
        day = starts_on + timedelta(days=draw(st.integers(1, 9)))
        question = draw(st.one_of(st.none(), texts))
        found.append(Week(number, draw(texts), starts_on, day, question, draw(events), draw(links)))
    return tuple(found)


sources = st.lists(
    st.builds(
        SourceEntry,
        st.sampled_from(["feed", "blog", "mastodon"]),
        addresses,
        st.sampled_from(Match),
        st.one_of(st.none(), texts),
        st.one_of(st.none(), texts),
    ),
    max_size=4,
    unique_by=lambda source: (source.kind, canonical(source.url)),
).map(tuple)
files = st.builds(
    CourseFile,
    st.builds(
        Course,
        slug=slugs,
        title=texts,
        hashtags=hashtags,
        language=st.sampled_from(["de", "en", "de-AT", "gsw"]),
        timezone=st.sampled_from(ZONES),
        homepage=optional_address,
        consent=st.sampled_from(Consent),
        show=st.sampled_from(Show),
        index=st.booleans(),
        imprint=optional_address,
        privacy=optional_address,
        moderation=st.sampled_from(Moderation),
        weeks=weeks(),
    ),
    sources,
)


@given(files)
def test_what_is_dumped_is_read_back(file: CourseFile) -> None:
    assert parse(dump(file)) == file
    assert dump(parse(dump(file))) == dump(file)


def test_it_is_written_as_people_write_it() -> None:
    """Each table under a heading of its own, the course first, however short they are."""
    week = Week(
        1,
        "Erste",
        date(2014, 10, 20),
        date(2014, 10, 27),
        events=(Event("Treffen", datetime(2014, 10, 23, 9, tzinfo=UTC)),),
        links=(CuratedLink("Lesen", "https://a.example"),),
    )
    course = Course("sample", "Ein Kurs", ("sample",), weeks=(week,))
    sources = (SourceEntry("feed", "https://a.example"), SourceEntry("blog", "https://b.example"))
    headings = [line for line in dump(CourseFile(course, sources)).splitlines() if line[:1] == "["]
    assert headings == [
        *("[course]", "[[weeks]]", "[[weeks.events]]", "[[weeks.links]]"),
        *("[[sources]]", "[[sources]]"),
    ]


def of(event: Event, zone: str = "Europe/Berlin") -> datetime:
    """The event's time as the file has it."""
    week = Week(1, "Erste", date(2014, 10, 20), date(2014, 10, 27), events=(event,))
    course = Course("sample", "Ein Kurs", ("sample",), timezone=zone, weeks=(week,))
    written = tomllib.loads(dump(CourseFile(course)))
    found = written["weeks"][0]["events"][0]["starts_at"]
    assert isinstance(found, datetime)
    return found


def test_times_are_written_by_the_courses_clock() -> None:
    event = Event("Treffen", datetime(2014, 10, 23, 9, tzinfo=UTC))
    assert of(event).isoformat() == "2014-10-23T11:00:00"
    assert of(event, "America/New_York").isoformat() == "2014-10-23T05:00:00"


def test_of_an_hour_that_comes_twice_the_second_is_told_by_its_offset() -> None:
    first = datetime(2014, 10, 26, 2, 30, tzinfo=ZoneInfo("Europe/Berlin"))
    assert of(Event("x", first.astimezone(UTC))).isoformat() == "2014-10-26T02:30:00"
    second = first.replace(fold=1).astimezone(UTC)
    assert of(Event("x", second)) == second
    assert of(Event("x", second)).tzinfo is not None


def test_what_is_not_set_is_left_out() -> None:
    written = tomllib.loads(dump(CourseFile(Course("sample", "Ein Kurs", ("sample",)))))
    assert set(written) == {"course"}
    assert set(written["course"]) == {
        *("slug", "title", "hashtags", "language", "timezone", "consent", "show", "index"),
        "moderation",
    }
