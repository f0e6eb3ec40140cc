"""No statement of everyday use goes through a whole course, and none is run for each post."""

import re
from datetime import timedelta

import pytest

from models.domain.source import SourceState
from models.store import changelog, courses, feed, leases, schedule, sources, withdrawing
from models.store.engine import Database
from models.store.schedule import FetchRecord
from tests.models.store.material import AT, Stage, raw
from tests.models.store.plans import GROWING, Watched, watching

ADA, PLANET = "ada.example", "planet.example"


@pytest.fixture
def stage(database: Database) -> Stage:
    return Stage(database)


def scans(seen: Watched) -> dict[str, list[str]]:
    """By statement, the lines of its plan that cost more the longer a course lasts."""
    tables = "|".join(GROWING)
    if seen.database.is_sqlite:
        # What was withdrawn, and the first of the people, stand at one end of an index.
        ends = "ix_changes_withdrawn|ix_posts_people"
        pattern = (
            rf"SCAN ({tables})\b(?! VIRTUAL)"
            rf"|SEARCH ({tables})\b(?!.*({ends})).*\(course_id=\?\)"
        )
    else:
        pattern = rf"Seq Scan on ({tables})\b"
    found = {
        said: [line for line in plan if re.search(pattern, line)]
        for said, plan in seen.plans().items()
    }
    return {said: lines for said, lines in found.items() if lines}


def linked(name: str, to: str) -> str:
    return f'{name}: <a href="https://ada.example/{to}">dort</a>'


def test_taking_in(stage: Stage) -> None:
    names = [f"p{number}" for number in range(10)]
    with watching(stage.database) as seen:
        for text in ("Text", "More"):
            for host, origin in ((ADA, True), (PLANET, False)):
                stage.bring(
                    host,
                    *(
                        raw(
                            name,
                            linked(text, f"p{at + 1}"),
                            in_reply_to=f"https://ada.example/p{at + 2}",
                            mentions=("https://social.example/@ada",),
                            from_origin=origin,
                        )
                        for at, name in enumerate(names)
                    ),
                )
        stage.bring(
            ADA, raw("p1", tags=()), raw("n", tags=()), withdrawn=["https://ada.example/p2"]
        )
        stage.bring(PLANET, raw("x", external_id="x", aliases=("https://ada.example/p3",)))
        stage.bring(PLANET, complete=True)
        with stage.database.writing() as session:
            withdrawing.withdraw_source(session, stage.course_id, stage.source(ADA), AT)
    assert scans(seen) == {}


def test_statements_do_not_grow_with_the_posts(stage: Stage) -> None:
    def said(count: int) -> int:
        raws = [
            raw(f"{count}-{number}", linked("Text", f"{count}-{number + 1}"))
            for number in range(count)
        ]
        again = [raw(entry.external_id.rpartition("/")[2], "More") for entry in raws]
        answers = [
            stage.answer(ADA, *raws),
            stage.answer(PLANET, *raws),
            stage.answer(ADA, *again),
            stage.answer(PLANET, complete=True),
            stage.answer(ADA, *(raw(entry.external_id, tags=()) for entry in raws)),
        ]
        with watching(stage.database) as seen:
            for answer in answers:
                stage.take(answer)
        return seen.count

    said(3)  # PostgreSQL's statistics are renewed with the first posts
    assert said(60) == said(5)


def test_reading(stage: Stage) -> None:
    stage.bring(ADA, raw("one"), raw("two", linked("Text", "one")))
    post = stage.posts()[0]
    with stage.database.reading() as session, watching(stage.database) as seen:
        row = courses.course(session, "sample")
        feed.post(session, row, post.id)
        feed.responses(session, row, post.id)
        changelog.changes(session, row, 1)
        changelog.tombstones(session, row)
        courses.participants(session, row)
        courses.public_sources(session, row)
        courses.versions(session)
    assert scans(seen) == {}


def test_collecting(stage: Stage) -> None:
    source_id = stage.source(ADA)
    with stage.database.writing() as session, watching(stage.database) as seen:
        (claim,) = leases.claim(session, AT, slots=5)
        (source,) = schedule.due(session, [claim[0]], AT)
        leases.renew(session, [claim], AT)
        leases.held(session, [claim])
        values = {"due_at": AT + timedelta(hours=1), "etag": "x"}
        record = FetchRecord(stage.course_id, source_id, AT, "fetched", 200, 5, 9, values)
        schedule.record(session, [record])
        leases.release(session, [claim])
        sources.set_state(session, source, SourceState.PAUSED, reason="by hand", now=AT)
        schedule.history(session, source)
    assert scans(seen) == {}
