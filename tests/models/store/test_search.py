"""Full text, which both databases have to find alike."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.domain.post import Post
from models.domain.search import LONGEST_WORD, MOST_WORDS, query
from models.store.engine import Database
from tests.models.store.material import SAMPLE, Stage, raw

LANGUAGES = ("de", "en")

POSTS = {
    "tools": "Werkzeuge im Netz, und ein Haus",
    "houses": "Viele Häuser über der Stadt",
    "english": "Running tools, e-mail and C++ code",
    "underscore": "snake_case und _rand_ und 2014_10",
    "digits": "Im Jahr 2014 um 11:00 Uhr, 3,14",
    "operators": "and or not near and AND NEAR OR NOT",
    "quotes": "Er sagte „nein“ und \"doch\" und 'vielleicht'",
    "greek": "Ελληνικά ΟΔΟΣ",
    "kanji": "教育 オンライン",
    "long": f"ein {'x' * LONGEST_WORD} und {'y' * (LONGEST_WORD + 1)}",
    "ligature": "eﬀektiv Straße ½ ² ﬃ",
    "marks": "Zoe\u0308 cafe\u0301 naïve",
    "newer": "\U0001e900 \ua7c2 ꞏ ᲀ 𞤀𞤣 \U00016e40",
}


@pytest.fixture
def stage(database: Database) -> Stage:
    made = Stage(database)
    made.bring(
        "ada.example",
        *(
            raw(name, content, title=None, language="en" if name == "english" else None)
            for name, content in POSTS.items()
        ),
    )
    return made


ASKED = {
    "Werkzeug": {"tools"},
    "werkzeuge": {"tools"},
    "WERKZEUGEN": {"tools"},
    "haus": {"tools", "houses"},
    "Häuser": {"tools", "houses"},
    "hauser": {"tools", "houses"},
    "uber": {"houses"},
    "über": {"houses"},
    "run": {"english"},
    "tool": {"english"},
    "haus netz": {"tools"},
    "haus nirgends": set(),
    "snake_case": {"underscore"},
    "snake": set(),
    "_rand_": {"underscore"},
    "2014_10": {"underscore"},
    "2014": {"digits"},
    "14": {"digits"},
    "AND": {"operators", "english"},
    "NEAR": {"operators"},
    "near(and or)": {"operators"},
    "NOT and": {"operators"},
    '"doch"': {"quotes"},
    "„nein“": {"quotes"},
    "'vielleicht'": {"quotes"},
    "do*": set(),
    "terms:doch": set(),
    "doch OR netz": set(),
    "!(doch) ^ & | <-> :*": {"quotes"},
    "οδος": {"greek"},
    "ελληνικα": {"greek"},
    "教育": {"kanji"},
    "x" * LONGEST_WORD: {"long"},
    "y" * LONGEST_WORD: {"long"},
    "y" * (LONGEST_WORD - 1): set(),
    "effektiv strasse": {"ligature"},
    "Strassen": {"ligature"},
    "zoe": {"marks"},
    "Zoë CAFÉ naive": {"marks"},
    "\U0001e900": {"newer"},
    "\ua7c2": {"newer"},
    "\U00016e40": {"newer"},
    "…": set(),
    "": set(),
    '"': set(),
    "\x00": set(),
    "'); DROP TABLE posts; --": set(),
}
"""Query, and the posts that are found."""


def test_finds(stage: Stage) -> None:
    found = {q: {post.url.rpartition("/")[2] for post in stage.posts(q=q)} for q in ASKED}
    assert found == ASKED


def test_a_query_has_only_so_many_words(stage: Stage) -> None:
    words = ["im", "netz", "und", "ein", "haus", "werkzeuge"]
    padded = [*words, *(f"nirgends{number}" for number in range(MOST_WORDS))]
    assert stage.posts(q=" ".join(words))
    assert not stage.posts(q=" ".join(padded))
    assert stage.posts(q=" ".join([*words * MOST_WORDS, "nirgends"]))


words = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


@settings(
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(texts=st.lists(words, min_size=3, max_size=3), asked=st.lists(words, max_size=4))
def test_the_stems_alone_decide(stage: Stage, texts: Sequence[str], asked: Sequence[str]) -> None:
    """Whatever characters there are, in posts that change again and again."""
    names = list(POSTS)[: len(texts)]
    raws = [raw(name, found, title=None) for name, found in zip(names, texts, strict=True)]
    stage.bring("ada.example", *raws)
    stems = {
        entry.url: set(entry.search_terms.split())
        for entry in stage.entries("ada.example", *raws)
        if isinstance(entry, Post)
    }
    for q in [*texts, *asked]:
        wanted = query(q, LANGUAGES)
        found = {post.url for post in stage.posts(q=q)} & stems.keys()
        assert found == {
            url for url in stems if wanted and all(forms & stems[url] for forms in wanted)
        }


def test_changes_and_vanishes_with_its_post(stage: Stage) -> None:
    stage.bring("ada.example", raw("tools", "Hämmer", title=None))
    assert not stage.posts(q="Werkzeug")
    assert [post.excerpt for post in stage.posts(q="Hammer")] == ["Hämmer"]
    stage.bring("ada.example", raw("tools", "Hämmer", tags=()))
    assert not stage.posts(q="Hammer")
    stage.bring("ada.example", raw("tools", "Sägen", title=None))
    assert stage.posts(q="Säge")


def test_keeps_courses_apart(stage: Stage) -> None:
    other = Stage(stage.database, replace(SAMPLE, slug="other"))
    other.bring("ada.example", raw("tools", "Ein fremdes Werkzeug"))
    assert len(stage.posts(q="Werkzeug")) == len(other.posts(q="Werkzeug")) == 1
    assert not stage.posts(q="fremd")


def test_a_post_of_nothing_but_long_words(stage: Stage) -> None:
    """PostgreSQL keeps a mebibyte of stems for a post, and loses what is beyond unsaid."""
    words = [f"{number:04d}" + "\U00016e60" * 60 for number in range(6000)]
    stage.bring("ada.example", raw("huge", " ".join(words)))
    assert [bool(stage.posts(q=words[at])) for at in (0, 4000, 4500)] == [True, True, False]
