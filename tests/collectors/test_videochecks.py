"""Older videos, asked for by their ids: missing twice, hidden, or without the hashtag."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from collectors.contract import Batch
from collectors.peertube import PeertubeCollector
from models.domain.source import Errands, Match, SourceSpec
from tests.collectors.specs import spec
from tests.servers.web import Request, Response, Run, as_json, run

KIND = PeertubeCollector()
ONE, TWO = "0f1e2d3c-0000-4000-8000-000000000001", "0f1e2d3c-0000-4000-8000-000000000002"
THERE = {"uuid": ONE, "name": "Ein Film", "tags": ["Muster"], "privacy": {"id": 1}}
NOT_FOUND = as_json({"status": 404, "detail": "Video not found"}, 404)
NOT_FOLLOWED = as_json({"status": 403, "code": "does_not_respect_follow_constraints"}, 403)
PRIVATE = as_json({"status": 403, "detail": "Cannot fetch"}, 403)


def url_of(uuid: str) -> str:
    return f"https://tube.example/videos/watch/{uuid}"


def source(*uuids: str, cursor: Mapping[str, Any] = {}, match: Match = Match.HASHTAG) -> SourceSpec:
    pairs = tuple((uuid, url_of(uuid)) for uuid in uuids)
    made = spec("peertube", "https://tube.example/c/ada", "muster", match=match, cursor=cursor)
    return replace(made, errands=Errands(recheck=pairs))


def checked(answers: Mapping[str, Response], made: SourceSpec) -> Run:
    """An instance whose list is empty."""

    def answer(request: Request) -> Response:
        id_ = request.path.rpartition("/")[2]
        return answers.get(id_, as_json({"total": 0, "data": []}))

    return run(KIND, made, answer)


def outcome(found: Run) -> Batch:
    """All answers together."""
    return Batch(
        withdrawn=tuple(each for batch in found.batches for each in batch.withdrawn),
        excluded=tuple(each for batch in found.batches for each in batch.excluded),
        checked=tuple(each for batch in found.batches for each in batch.checked),
    )


def test_what_is_missing_twice_is_gone() -> None:
    answers = {ONE: NOT_FOUND, TWO: as_json({**THERE, "uuid": TWO})}
    first = checked(answers, source(ONE, TWO))
    assert outcome(first) == Batch(checked=(url_of(TWO),))
    assert first.cursor == {"missing": [url_of(ONE)]}
    second = checked(answers, source(ONE, cursor=first.cursor))
    assert outcome(second) == Batch(withdrawn=(url_of(ONE),), checked=(url_of(ONE),))
    assert second.cursor == {"missing": []}


def test_what_is_there_again_was_not_gone() -> None:
    first = checked({ONE: NOT_FOUND}, source(ONE))
    second = checked({ONE: as_json(THERE)}, source(ONE, cursor=first.cursor))
    assert outcome(second) == Batch(checked=(url_of(ONE),))
    third = checked({ONE: NOT_FOUND}, source(ONE, cursor=second.cursor))
    assert outcome(third) == Batch()


def test_what_was_missed_is_remembered_while_nothing_is_due() -> None:
    first = checked({ONE: NOT_FOUND}, source(ONE))
    assert checked({}, source(cursor=first.cursor)).cursor == first.cursor


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (as_json({**THERE, "privacy": {"id": 3}}), "not-public"),
        (as_json({**THERE, "tags": ["other"]}), "no-hashtag"),
        (as_json({**THERE, "tags": []}), "no-hashtag"),
    ],
)
def test_what_is_the_courses_no_longer(answer: Response, reason: str) -> None:
    found = outcome(checked({ONE: answer}, source(ONE)))
    assert found.excluded == ((url_of(ONE), reason, url_of(ONE)),)
    assert found.checked == (url_of(ONE),)


def test_a_private_video_answers_as_if_it_were_a_mistake() -> None:
    first = checked({ONE: PRIVATE}, source(ONE))
    assert outcome(first) == Batch()
    second = outcome(checked({ONE: PRIVATE}, source(ONE, cursor=first.cursor)))
    assert second.excluded == ((url_of(ONE), "not-public", url_of(ONE)),)


@pytest.mark.parametrize(
    "answer",
    [
        as_json(THERE),
        as_json({**THERE, "tags": ["other"], "description": "mit #Muster"}),
        as_json({"uuid": ONE}),
        as_json({**THERE, "uuid": TWO, "tags": []}),
        as_json([]),
        as_json({}, 500),
        Response(b"<h1>Not found", 404, "text/html"),
        NOT_FOLLOWED,
    ],
)
def test_what_speaks_for_a_video_or_says_nothing(answer: Response) -> None:
    found = checked({ONE: answer}, source(ONE))
    assert outcome(found) == Batch(checked=(url_of(ONE),))
    assert "missing" not in found.cursor or not found.cursor["missing"]


def test_of_a_channel_that_is_the_courses_own_no_tag_is_wanted() -> None:
    found = checked({ONE: as_json({**THERE, "tags": []})}, source(ONE, match=Match.ALL))
    assert outcome(found) == Batch(checked=(url_of(ONE),))


def test_a_list_that_is_as_before_does_not_end_the_run() -> None:
    assert KIND.ask(source()).conditional
    assert not KIND.ask(source(ONE)).conditional


def edited(uuid: str) -> Response:
    return as_json(
        {
            **THERE,
            "uuid": uuid,
            "url": url_of(uuid),
            "name": "Ein neuer Name",
            "description": "Die ganze Beschreibung",
        }
    )


def test_edits_are_read_of_what_the_list_shows_no_more() -> None:
    found = checked({ONE: edited(ONE)}, source(ONE))
    (post,) = [post for batch in found.batches for post in batch.posts]
    assert (post.external_id, post.title) == (url_of(ONE), "Ein neuer Name")
    assert (post.content, post.tags, post.remote_id) == (
        "<p>Die ganze Beschreibung</p>",
        ("Muster",),
        ONE,
    )


def test_what_the_list_shows_is_read_there() -> None:
    """It cuts descriptions off: the two would replace each other."""
    listed = {"uuid": ONE, "url": url_of(ONE), "name": "Ein neuer Name", "description": "Die …"}

    def answer(request: Request) -> Response:
        if request.path.endswith(ONE):
            return edited(ONE)
        return as_json({"total": 1, "data": [listed]})

    found = run(KIND, source(ONE), answer)
    (post,) = [post for batch in found.batches for post in batch.posts]
    assert post.content == "<p>Die …</p>"
    assert outcome(found).checked == (url_of(ONE),)


def test_another_video_under_the_id_says_nothing() -> None:
    found = checked({ONE: as_json({**THERE, "url": url_of(TWO)})}, source(ONE))
    assert [post for batch in found.batches for post in batch.posts] == []
