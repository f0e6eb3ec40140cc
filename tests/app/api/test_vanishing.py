"""Whichever way a post vanishes, nothing of it is left to be seen."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from starlette.testclient import TestClient

from app.wiring import Services
from models.domain.course import Consent
from models.domain.errors import NotFound
from models.domain.source import SourceState
from models.store import applying, courses, erasing, intake, reprojecting, sources, withdrawing
from models.store.sources import SourceRow
from models.tables.posts import PostTable, SightingTable
from tests.app.conftest import entry, publish

ADA, BEN = "https://ada.example/feed", "https://ben.example/feed"
PAST = {"Cookie": "past=the cache"}
AT = datetime.now(UTC).replace(microsecond=0)
WORD = "Zwergwels"
Vanish = Callable[[Services, str], None]


def the_entry(**more: str) -> str:
    text = f"<a href='https://shared.example/x'>{WORD}</a>".replace("<", "&lt;")
    return entry("ben.example", 2, AT - timedelta(hours=2), text, author="Ben (Muster)", **more)


def _source(services: Services, url: str) -> SourceRow:
    with services.database.reading() as session:
        course = courses.plain_course(session, "sample")
        found = sources.find(session, course.id, "feed", url)
    assert found is not None
    return found


def tombstone(services: Services, post_id: str) -> None:
    source = _source(services, BEN)
    with services.database.reading() as session:
        key = session.scalars(
            select(SightingTable.entry_key).where(SightingTable.post_id == post_id)
        ).one()
    answer = intake.Answer(source.course_id, source.id, (), withdrawn=(key,))
    with services.database.writing() as session:
        intake.take_in(session, answer, AT)


def complete_feed(services: Services, post_id: str) -> None:
    source = _source(services, BEN)
    answer = intake.Answer(source.course_id, source.id, (), complete=True)
    with services.database.writing() as session:
        intake.take_in(session, answer, AT)


def tag_taken_out(services: Services, post_id: str) -> None:
    publish(services, BEN, the_entry(tag="elsewhere"))


def source_removed(services: Services, post_id: str) -> None:
    source = _source(services, BEN)
    with services.database.writing() as session:
        sources.set_state(session, source, SourceState.REMOVED, reason="by hand", now=AT)
        withdrawing.withdraw_source(session, source.course_id, source.id, AT)


def consent_registered(services: Services, post_id: str) -> None:
    with services.database.writing() as session:
        file = applying.course_file(session, "sample")
        course = replace(file.course, consent=Consent.REGISTERED)
        applying.apply(session, replace(file, course=course), AT)


def hidden(services: Services, post_id: str) -> None:
    source = _source(services, BEN)
    with services.database.writing() as session:
        session.execute(update(PostTable).where(PostTable.id == post_id).values(hidden=True))
        reprojecting.reproject(session, source.course_id, AT)


def opted_out(services: Services, post_id: str) -> None:
    """Asked in another course: withdrawn here."""
    with services.database.writing() as session:
        file = applying.course_file(session, "sample")
        other = replace(file.course, slug="other")
        applying.apply(session, replace(file, course=other, sources=()), AT)
        key = session.scalars(
            select(SightingTable.author_key).where(SightingTable.post_id == post_id)
        ).one()
        assert key is not None
        with pytest.raises(NotFound):
            erasing.erase_author(session, courses.course(session, "other").id, key, AT)


def erased(services: Services, post_id: str) -> None:
    source = _source(services, BEN)
    with services.database.writing() as session:
        erasing.erase_posts(session, source.course_id, [post_id], AT)


WAYS: list[tuple[Vanish, bool]] = [
    (tombstone, True),
    (complete_feed, True),
    (tag_taken_out, True),
    (source_removed, True),
    (consent_registered, False),
    (hidden, False),
    (opted_out, False),
    (erased, False),
]
"""Each with whether the same entry, seen again, shows the post again."""


def get(client: TestClient, path: str) -> Any:
    answer = client.get(f"/api/v1/courses/sample{path}", headers=PAST)
    assert answer.status_code == 200
    return answer.json()


@pytest.mark.parametrize(("vanish", "comes_back"), WAYS, ids=[way.__name__ for way, _ in WAYS])
def test_leaves_nothing(
    client: TestClient, services: Services, vanish: Vanish, comes_back: bool
) -> None:
    publish(services, BEN, the_entry())
    (post,) = get(client, f"/posts?q={WORD}")["items"]
    before = get(client, "")
    vanish(services, post["id"])
    path = f"/api/v1/courses/sample/posts/{post['id']}"
    assert client.get(path, headers=PAST).status_code == 410
    for query in (
        f"?q={WORD}",
        "?limit=100",
        "?source=" + _source(services, BEN).id,
        "?tag=sample",
    ):
        assert post["id"] not in {item["id"] for item in get(client, f"/posts{query}")["items"]}
    after = get(client, "")
    assert after["counts"]["posts"] < before["counts"]["posts"]
    log = get(client, f"/changes?since={before['revision']}")["changes"]
    assert ("withdraw", post["id"], None) in [
        (one["change"], one["id"], one["post"]) for one in log
    ]
    atom = client.get("/sample/feed.atom?limit=100", headers=PAST).text
    assert f'deleted-entry ref="urn:uuid:{post["id"]}"' in atom
    for page in ("/sample", "/sample/feed.rss", "/sample/feed.json"):
        assert WORD not in client.get(page, headers=PAST).text
    publish(services, BEN, the_entry(title="Again"))
    assert client.get(path, headers=PAST).status_code == (200 if comes_back else 410)
    assert (
        f'ref="urn:uuid:{post["id"]}"' in client.get("/sample/feed.atom", headers=PAST).text
    ) is (not comes_back)
