"""What stands around a post: its responses as threads, what announces it, where it was seen."""

import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from models.domain.post import RawAuthor, RawPost
from models.store import threads
from models.store.engine import Database
from models.store.rows import FeedPost
from models.store.threads import Thread
from tests.models.store.material import AT, Stage, raw
from tests.models.store.plans import GROWING, watching

ADA, BEN, PLANET = "ada.example", "ben.example", "planet.example"


@pytest.fixture
def stage(database: Database) -> Stage:
    return Stage(database)


def reply(name: str, to: str, minutes: int = 0, **more: Any) -> RawPost:
    """To another post of Ada's."""
    at = AT - timedelta(minutes=60 - minutes)
    answered = f"https://ada.example/{to}"
    return raw(name, published_at=at, in_reply_to=answered, **more)


def named(stage: Stage, name: str) -> FeedPost:
    (found,) = (post for post in stage.posts() if post.url == f"https://ada.example/{name}")
    return found


def responses(stage: Stage, name: str) -> Sequence[Thread]:
    row, post = stage.row, named(stage, name)
    with stage.database.reading() as session:
        return threads.responses(session, row, post.id)[0]


def shape(found: Sequence[Thread]) -> list[object]:
    return [[thread.post.url.rpartition("/")[2], *shape(thread.beneath)] for thread in found]


def test_responses_stand_under_what_they_answer_oldest_first(stage: Stage) -> None:
    stage.bring(
        ADA,
        raw("one"),
        reply("b", "one", 2),
        reply("a", "one", 1),
        reply("a2", "a", 9),
        reply("a1", "a", 3),
        reply("deep", "a1", 4),
        raw("other"),
    )
    assert shape(responses(stage, "one")) == [["a", ["a1", ["deep"]], ["a2"]], ["b"]]


def test_a_post_that_answers_several_stands_at_one_place(stage: Stage) -> None:
    both = raw(
        "both",
        '<a href="https://ada.example/one">eins</a>',
        in_reply_to="https://ada.example/a",
        author=RawAuthor(name="Ben (Muster)"),
    )
    stage.bring(ADA, raw("one"), reply("a", "one"))
    stage.bring(BEN, both)
    found = responses(stage, "one")
    assert sorted(post.url for thread in found for post in thread.posts()) == [
        "https://ada.example/a",
        "https://ada.example/both",
    ]


def test_who_answer_each_other_are_not_followed_for_ever(stage: Stage) -> None:
    stage.bring(ADA, reply("one", "two"), reply("two", "one"))
    assert shape(responses(stage, "one")) == [["two"]]


def test_what_lies_too_deep_is_known_to_be_missing(stage: Stage) -> None:
    count = threads.DEPTH + 3
    stage.bring(ADA, raw("p0"), *(reply(f"p{at}", f"p{at - 1}", at) for at in range(1, count)))
    (thread,) = responses(stage, "p0")
    chain = [thread]
    while chain[-1].beneath:
        chain.append(chain[-1].beneath[0])
    assert len(chain) == threads.DEPTH + 1
    assert [each.is_whole for each in chain] == [True] * threads.DEPTH + [False]


def test_there_is_an_end_to_one_page(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "MOST", 3)
    stage.bring(ADA, raw("one"), reply("a", "one"), *(reply(f"r{at}", "a", at) for at in range(9)))
    (thread,) = responses(stage, "one")
    assert shape(thread.beneath) == [["r0"], ["r1"], ["r2"]]
    assert not thread.is_whole


def test_what_was_withdrawn_is_in_no_thread(stage: Stage) -> None:
    stage.bring(ADA, raw("one"), reply("a", "one"), reply("a1", "a"))
    stage.bring(ADA, withdrawn=["https://ada.example/a1"])
    assert shape(responses(stage, "one")) == [["a"]]


def test_the_post_that_is_answered(stage: Stage) -> None:
    stage.bring(ADA, raw("one"), reply("a", "one"), reply("b", "elsewhere"))
    row = stage.row
    with stage.database.reading() as session:
        found = [
            threads.answered(session, row, named(stage, name).id) for name in ("one", "a", "b")
        ]
    assert [post and post.url for post in found] == [None, "https://ada.example/one", None]


def test_every_source_that_shows_it_with_its_own_address(stage: Stage) -> None:
    stage.bring(ADA, raw("one"))
    stage.later(hours=3)
    stage.bring(
        PLANET,
        raw(
            "x",
            external_id="x",
            url="https://planet.example/x",
            aliases=("https://ada.example/one",),
        ),
    )
    row, post = stage.row, named(stage, "one")
    with stage.database.reading() as session:
        found = threads.copies(session, row, post)
    assert [(copy.source.url, copy.url, copy.first_seen_at) for copy in found] == [
        ("https://ada.example/feed", "https://ada.example/one", AT),
        ("https://planet.example/feed", "https://planet.example/x", AT + timedelta(hours=3)),
    ]
    stage.bring(PLANET, withdrawn=["x"])
    with stage.database.reading() as session:
        assert len(threads.copies(session, row, post)) == 1


def test_nothing_is_read_through(stage: Stage) -> None:
    stage.bring(ADA, raw("one"), reply("a", "one"), reply("a1", "a"))
    row, post = stage.row, named(stage, "one")
    with stage.database.reading() as session, watching(stage.database) as seen:
        threads.responses(session, row, post.id)
        threads.answered(session, row, post.id)
        threads.announcing(session, row, post.id)
        threads.copies(session, row, post)
    tables = "|".join(GROWING)
    scans = (
        rf"SCAN ({tables})\b|\(course_id=\?\)"
        if stage.database.is_sqlite
        else rf"Seq Scan on ({tables})\b"
    )
    lines = [line for plan in seen.plans().values() for line in plan]
    assert lines
    assert [line for line in lines if re.search(scans, line)] == []
