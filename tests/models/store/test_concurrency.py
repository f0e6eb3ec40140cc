"""Several collectors and readers at once, on real databases."""

from dataclasses import replace
from functools import partial
from threading import Event

import pytest

from models.store import changelog, intake
from models.store.engine import Database
from models.store.touched import Counts
from tests.models.store.audit import audit
from tests.models.store.material import SAMPLE, Stage, raw
from tests.models.store.threads import at_once

ROUNDS = 12
COLLECTORS = 3


@pytest.fixture
def stage(database: Database) -> Stage:
    return Stage(database)


def test_the_same_answer_at_the_same_time_is_new_once(stage: Stage) -> None:
    for number in range(ROUNDS):
        answer = stage.answer("ada.example", *(raw(f"p{number}-{each}") for each in range(3)))
        found = at_once(*[partial(stage.take, answer)] * COLLECTORS)
        assert sum(found, Counts()) == Counts(new=3)
    audit(stage.database)


def test_the_same_post_of_several_sources_at_the_same_time_is_one(stage: Stage) -> None:
    hosts = [f"h{number}.example" for number in range(COLLECTORS)]
    for number in range(ROUNDS):
        answers = [stage.answer(host, raw(f"p{number}")) for host in hosts]
        found = at_once(*(partial(stage.take, answer) for answer in answers))
        assert sum(found, Counts()) == Counts(new=1)
    assert len(audit(stage.database).posts) == ROUNDS


def test_withdrawn_here_and_brought_there_comes_to_one_or_the_other(stage: Stage) -> None:
    names = [f"p{number}" for number in range(ROUNDS)]
    stage.bring("ada.example", *(raw(name) for name in names))
    for name in names:
        gone = stage.answer("ada.example", withdrawn=[f"https://ada.example/{name}"])
        copy = stage.answer("planet.example", raw(name))
        at_once(partial(stage.take, gone), partial(stage.take, copy))
    kept = audit(stage.database)
    assert [row.visible for row in kept.posts.values()] == [True] * ROUNDS


def test_a_reader_that_follows_misses_no_revision(stage: Stage) -> None:
    """Whoever polls "what is new since N" never sees N+2 before N+1."""
    done = Event()

    def write(host: str) -> int:
        for number in range(ROUNDS):
            stage.bring(host, raw(f"{host}-{number}"), raw(f"shared-{number}"))
        return 0

    def follow() -> int:
        since, finished = 0, False
        while not finished:
            finished = done.is_set()
            since = _follow(stage, since)
        return since

    def write_all() -> int:
        try:
            return sum(at_once(partial(write, "a.example"), partial(write, "b.example")))
        finally:
            done.set()

    _, seen = at_once(write_all, follow)
    assert seen == stage.row.revision == 3 * ROUNDS + _changes(stage)


def _follow(stage: Stage, since: int) -> int:
    with stage.database.reading() as session:
        found, _ = changelog.changes(session, stage.row, since)
    assert [entry.revision for entry in found] == list(range(since + 1, since + len(found) + 1))
    return since + len(found)


def _changes(stage: Stage) -> int:
    with stage.database.reading() as session:
        found, _ = changelog.changes(session, stage.row, 0, limit=1000)
    return sum(entry.change == "change" for entry in found)


def test_courses_do_not_wait_for_each_other(database: Database) -> None:
    if database.is_sqlite:
        pytest.skip("SQLite has one writer")
    one, other = Stage(database), Stage(database, replace(SAMPLE, slug="other"))
    answers = [stage.answer("ada.example", raw("one")) for stage in (one, other)]
    with database.writing() as session:
        intake.take_in(session, answers[0], one.now)
        other.take(answers[1])
    assert len(one.posts()) == len(other.posts()) == 1


def test_who_reads_while_another_writes_sees_the_state_before(stage: Stage) -> None:
    stage.bring("ada.example", raw("one"))
    answer = stage.answer("ada.example", raw("one", "More"), raw("two"))
    with stage.database.writing() as session:
        intake.take_in(session, answer, stage.now)
        assert [post.excerpt for post in stage.posts()] == ["Text"]
        assert stage.row.revision == 1
    assert len(stage.posts()) == 2
