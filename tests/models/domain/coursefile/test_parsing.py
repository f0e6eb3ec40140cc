import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.domain.course import Consent, Course, CuratedLink, Event, Moderation, Show, Week
from models.domain.coursefile import RESERVED, CourseFile, SourceEntry, parse
from models.domain.errors import Invalid
from models.domain.source import Match

COURSES = sorted((Path(__file__).parents[4] / "courses").glob("*.toml"))

LEAST = """
[course]
slug = "sample"
title = "Ein Beispielkurs"
hashtags = ["#Sample", "samplE", "Übung"]
"""

WHOLE = """
[course]
slug = "sample"
title = " Ein Beispielkurs "
hashtags = ["sample"]
language = "en-GB"
timezone = "America/New_York"
homepage = "https://course.example"
consent = "registered"
show = "excerpt"
index = true
imprint = "https://course.example/imprint"
privacy = "https://course.example/privacy"
moderation = "before"

[[weeks]]
number = 2
title = "Zweite"
starts_on = 2014-10-20
ends_on = 2014-10-23

[[weeks]]
number = 1
title = "Erste"
question = "Warum?"
starts_on = 2014-10-06
[[weeks.events]]
title = "Treffen"
starts_at = 2014-10-09T11:00:00
url = "https://course.example/live"
[[weeks.events]]
title = "Noch eins"
starts_at = 2014-10-09T11:00:00+02:00
[[weeks.links]]
title = "Zum Lesen"
url = "https://a.example/"

[[sources]]
kind = "feed"
url = "https://blog.example/feed"
match = "all"
participant = "Ada (Muster)"
title = "Ein Blog"
"""


def test_the_least_a_file_needs() -> None:
    assert parse(LEAST) == CourseFile(Course("sample", "Ein Beispielkurs", ("sample", "übung")))
    course = parse(LEAST).course
    assert (course.language, course.timezone) == ("de", "Europe/Berlin")
    assert (course.consent, course.show, course.moderation, course.index) == (
        Consent.OPEN,
        Show.FULL,
        Moderation.AFTER,
        False,
    )


def test_everything_a_file_may_hold() -> None:
    first = Week(
        1,
        "Erste",
        date(2014, 10, 6),
        date(2014, 10, 13),
        "Warum?",
        (
            Event("Treffen", datetime(2014, 10, 9, 15, tzinfo=UTC), "https://course.example/live"),
            Event("Noch eins", datetime(2014, 10, 9, 9, tzinfo=UTC)),
        ),
        (CuratedLink("Zum Lesen", "https://a.example/"),),
    )
    second = Week(2, "Zweite", date(2014, 10, 20), date(2014, 10, 23))
    assert parse(WHOLE) == CourseFile(
        Course(
            "sample",
            "Ein Beispielkurs",
            ("sample",),
            "en-GB",
            "America/New_York",
            "https://course.example",
            Consent.REGISTERED,
            Show.EXCERPT,
            True,
            "https://course.example/imprint",
            "https://course.example/privacy",
            Moderation.BEFORE,
            (first, second),
        ),
        (SourceEntry("feed", "https://blog.example/feed", Match.ALL, "Ada (Muster)", "Ein Blog"),),
    )


def test_a_byte_order_mark_and_other_line_ends_are_no_mistake() -> None:
    assert parse("\ufeff" + LEAST.replace("\n", "\r\n")) == parse(LEAST)


@pytest.mark.parametrize("path", COURSES, ids=lambda path: path.stem)
def test_course_files_that_ship(path: Path) -> None:
    assert parse(path.read_text(encoding="utf-8")).course.slug == path.stem


def test_there_is_e20mooc() -> None:
    assert [path.stem for path in COURSES] == ["e20mooc"]


def test_of_an_hour_that_comes_twice_the_first_is_meant() -> None:
    text = WHOLE.replace("2014-10-09T11:00:00\n", "2014-11-02T01:30:00\n")
    assert parse(text).course.weeks[0].events[0].starts_at == datetime(
        2014, 11, 2, 5, 30, tzinfo=UTC
    )


EVENT = "weeks[1].events[0].starts_at"
OVERLAPPING = '[[weeks]]\nnumber = 3\ntitle = "x"\nstarts_on = 2014-10-22\n'
SOURCE = '[[sources]]\nkind = "{}"\nurl = "{}"\n'

BAD = [
    # What is wrong in WHOLE, where the sentence says it is, and what to do.
    ('title = " Ein', 'titel = " Ein', "course.title", '"titel" is there'),
    ('language = "en-GB"', 'colour = "red"', "course.colour", "what may stand there is slug"),
    ('language = "en-GB"', 'langauge = "en"', "course.langauge", 'did you mean "language"?'),
    ("[[sources]]", "[[source]]", "source", 'did you mean "sources"?'),
    ("[[weeks.links]]", "[[weeks.link]]", "weeks[1].link", 'did you mean "links"?'),
    ('participant = "Ada (Muster)"', 'name = "Ada"', "sources[0].name", "participant"),
    ("[course]", "[kurs]", "course", "write [course]"),
    ("[course]", "course = 5\n[x]", "course", "write [course]"),
    ("America/New_York", "Europe/Bärlin", "course.timezone", 'did you mean "Europe/Berlin"?'),
    ("America/New_York", "Neverland", "course.timezone", 'like "Europe/Berlin"'),
    ("America/New_York", "localtime", "course.timezone", "no known time zone"),
    ("America/New_York", "right/Europe/Berlin", "course.timezone", 'mean "Europe/Berlin"?'),
    ("America/New_York", "../../etc/passwd", "course.timezone", "no known time zone"),
    ("America/New_York", "Europe", "course.timezone", "no known time zone"),
    ('["sample"]', '["sam ple"]', "course.hashtags", "without spaces"),
    ('["sample"]', '["sample", "a-b"]', "course.hashtags", '"a-b"'),
    ('["sample"]', '["12"]', "course.hashtags", "at least one letter"),
    ('["sample"]', f'["{"a" * 101}"]', "course.hashtags", "100 characters"),
    ('["sample"]', "[]", "course.hashtags", "one or more"),
    ('["sample"]', '"sample"', "course.hashtags", "must be a list"),
    ('["sample"]', "[7]", "course.hashtags", "7, which is no hashtag"),
    ('hashtags = ["sample"]\n', "", "course.hashtags", 'write hashtags = ["e20mooc"]'),
    ('slug = "sample"', 'slug = "Sam ple"', "course.slug", "a-z, 0-9 and - only"),
    ('slug = "sample"', 'slug = "übung"', "course.slug", "a-z, 0-9 and - only"),
    ('slug = "sample"', f'slug = "{"a" * 65}"', "course.slug", "64 at most"),
    ('slug = "sample"', 'slug = ""', "course.slug", "not empty"),
    ('slug = "sample"\n', "", "course.slug", 'write slug = "…"'),
    ('title = " Ein Beispielkurs "', "title = 5", "course.title", "text in quotes"),
    ('title = " Ein Beispielkurs "', 'title = "a\\u0000b"', "course.title", "U+0000"),
    ('title = " Ein Beispielkurs "', "title = true", "course.title", "(is true)"),
    ('"en-GB"', '"Deutsch"', "course.language", '"de" or "en"'),
    ('"en-GB"', '"de-aaaaaaaa-bbbbbbbb"', "course.language", '"de" or "en"'),
    ('"registered"', '"maybe"', "course.consent", '"open" or "registered"'),
    ('"registered"', "true", "course.consent", "(is true)"),
    ('"excerpt"', '["full"]', "course.show", '"full" or "excerpt"'),
    ('"before"', "2014-10-06", "course.moderation", '"after" or "before"'),
    ("index = true", 'index = "yes"', "course.index", "true or false, without quotes"),
    ("index = true", "index = 1", "course.index", "true or false"),
    ('"https://course.example"', '"course.example"', "course.homepage", "https://"),
    ('"https://course.example/privacy"', '"javascript:x"', "course.privacy", "https://"),
    ("number = 2", 'number = "2"', "weeks[0].number", "without quotes"),
    ("number = 2", "number = true", "weeks[0].number", "whole number"),
    ("number = 2", "number = 1000", "weeks[0].number", "from 0 to 999"),
    ("number = 2", "number = 2.5", "weeks[0].number", "whole number"),
    ("number = 2\n", "", "weeks[0].number", "write number = 1"),
    ("number = 2", "number = 1", "weeks[1].number", "give each week its own"),
    ("2014-10-20", '"2014-10-20"', "weeks[0].starts_on", "without quotes"),
    ("2014-10-20", "2014-10-20T00:00:00", "weeks[0].starts_on", "without quotes or time"),
    ("2014-10-20", "0001-01-01", "weeks[0].starts_on", "between 1990 and 2199"),
    ("starts_on = 2014-10-20\n", "", "weeks[0].starts_on", "write starts_on = 2014-10-06"),
    ("2014-10-23", "2014-10-20", "weeks[0].ends_on", "must come after starts_on, 2014-10-20"),
    ("2014-10-23", "9999-12-31", "weeks[0].ends_on", "between 1990 and 2199"),
    ("2014-10-20", "2014-10-12", "weeks[0].starts_on", "end the earlier with ends_on"),
    ("2014-10-20", "2014-10-04", "weeks[1].starts_on", "end the earlier with ends_on"),
    ("[[sources]]", OVERLAPPING + "[[sources]]", "weeks[2].starts_on", "overlap"),
    ('title = "Zweite"\n', "", "weeks[0].title", 'write title = "…"'),
    ("[[weeks]]\nnumber = 2", "[weeks]\nnumber = 2", "", "TOML"),
    ("[[weeks.events]]\n" * 1, "[weeks.events]\n", "", "TOML"),
    ("2014-10-09T11:00:00\n", "2014-10-09\n", EVENT, "like 2014-10-09T"),
    ("2014-10-09T11:00:00\n", "11:00:00\n", EVENT, "(is 11:00:00)"),
    ("2014-10-09T11:00:00\n", '"bald"\n', EVENT, "without quotes"),
    ("2014-10-09T11:00:00\n", "2014-03-09T02:30:00\n", EVENT, "an hour later"),
    ("2014-10-09T11:00:00\n", "9999-12-31T23:59:59-12:00\n", EVENT, "2199"),
    ("starts_at = 2014-10-09T11:00:00\n", "", EVENT, "write starts_at ="),
    ('url = "https://a.example/"', "", "weeks[1].links[0].url", 'write url = "https://…"'),
    ('url = "https://a.example/"', 'link = "x"', "weeks[1].links[0].url", "write url"),
    ('kind = "feed"', 'kind = "Feed!"', "sources[0].kind", 'like "feed"'),
    ('kind = "feed"\n', "", "sources[0].kind", "write kind"),
    ('"https://blog.example/feed"', '"blog"', "sources[0].url", "https://"),
    ('"https://blog.example/feed"', '"https://u:p@blog.example"', "sources[0].url", "https://"),
    ('match = "all"', 'match = "some"', "sources[0].match", '"hashtag" or "all"'),
    ('participant = "Ada (Muster)"', 'participant = " "', "sources[0].participant", "not empty"),
    (
        "[[sources]]",
        SOURCE.format("feed", "http://www.blog.example/feed/") + "[[sources]]",
        "sources[1].url",
        "sources[0]",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("part", "instead", "place", "mend"), BAD)
def test_what_is_wrong_is_said_in_one_sentence(
    part: str, instead: str, place: str, mend: str
) -> None:
    broken = WHOLE.replace(part, instead, 1)
    assert broken != WHOLE
    with pytest.raises(Invalid) as caught:
        parse(broken)
    told = str(caught.value)
    assert "\n" not in told
    assert len(told) < 400
    assert caught.value.field == place
    assert place in told
    assert mend in told


def test_lists_of_tables_are_written_with_two_brackets() -> None:
    for text, header in (
        ("weeks = 5\n" + LEAST, "[[weeks]]"),
        ("sources = [1]\n" + LEAST, "[[sources]]"),
        (LEAST + "[weeks]\nnumber = 1\n", "[[weeks]]"),
        (
            LEAST + '[[weeks]]\nnumber = 1\ntitle = "x"\nstarts_on = 2014-10-06\nevents = "x"\n',
            "[[weeks.events]]",
        ),
    ):
        with pytest.raises(Invalid, match="list of tables") as caught:
            parse(text)
        assert f"write {header} before each" in str(caught.value)


@pytest.mark.parametrize("slug", sorted(RESERVED))
def test_paths_of_the_service_are_no_slugs(slug: str) -> None:
    with pytest.raises(Invalid, match=rf'course\.slug may not be "{slug}".*choose another'):
        parse(LEAST.replace('slug = "sample"', f'slug = "{slug}"'))


def test_reserved_slugs_are_those_of_the_contract() -> None:
    told = "api admin assets docs embed go healthz hub login logout media metrics oembed"
    further = "openapi-json readyz robots-txt static webmention websub"
    assert sorted(RESERVED) == sorted(f"{told} {further}".split())


@pytest.mark.parametrize("text", ["", "x", "[course", "a = 1\na = 2", "=" * 10, "\x00", "[[" * 9])
def test_what_is_no_toml(text: str) -> None:
    with pytest.raises(Invalid) as caught:
        parse(text)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_nested_too_deeply() -> None:
    with pytest.raises(Invalid, match="too deeply"):
        parse("a = " + "[" * 100_000)


values = st.recursive(
    st.one_of(
        st.text(st.characters(exclude_categories=["Cs"]), max_size=5).map(json.dumps),
        st.sampled_from(["true", "7", "-1.5", "inf", "2014-10-06", "11:00:00", '"de"']),
        st.sampled_from(
            ["2014-10-06T11:00:00", "0001-01-01T00:00:00+14:00", '"https://a.example"']
        ),
    ),
    lambda inner: st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]"),
    max_leaves=4,
)
keys = st.sampled_from(
    [
        *("slug", "title", "hashtags", "timezone", "language", "number", "starts_on", "ends_on"),
        *("url", "kind", "match", "index", "consent", "events", "links", "starts_at", "x"),
    ]
)
headers = st.sampled_from(
    ["[course]", "[[weeks]]", "[[weeks.events]]", "[[weeks.links]]", "[[sources]]", "[x]", ""]
)
files = st.lists(st.tuples(headers, st.dictionaries(keys, values, max_size=5)), max_size=5).map(
    lambda parts: "\n".join(
        "\n".join([header, *(f"{key} = {value}" for key, value in table.items())])
        for header, table in parts
    )
)


@given(files, st.booleans())
def test_whatever_stands_there_it_is_read_or_refused(text: str, begun: bool) -> None:
    told = "" if (error := refusal(LEAST + text if begun else text)) is None else str(error)
    assert "\n" not in told
    assert len(told) < 500


def refusal(text: str) -> Invalid | None:
    try:
        assert parse(text).course.slug
    except Invalid as error:
        return error
    return None
