"""Older posts of one account, by its instance's API."""

from collectors.fediverse import FediverseCollector
from models.domain.source import Errands, SourceSpec
from tests.collectors.specs import spec
from tests.servers.fediverse import Instance
from tests.servers.web import Request, Response, Run, as_json, run

PROFILE = "https://social.example/@muster"
KIND = FediverseCollector()


def source(home: Instance, *numbers: int, url: str = PROFILE) -> SourceSpec:
    pairs = tuple(
        (str(1000 + number), f"{home.web}/users/muster/statuses/{1000 + number}")
        for number in numbers
    )
    return spec("fediverse", url, errands=Errands(recheck=pairs))


def withdrawn(made: Run) -> list[str]:
    return [uri for batch in made.batches for uri in batch.withdrawn]


def checked(made: Run) -> list[str]:
    return [uri for batch in made.batches for uri in batch.checked]


def test_what_its_instance_does_not_know_any_more_is_gone() -> None:
    home = Instance()
    home.post(1)
    home.post(3)
    made = run(KIND, source(home, 1, 2), home.answer)
    assert withdrawn(made) == [f"{PROFILE.replace('@', 'users/')}/statuses/1002"]
    assert len(checked(made)) == 2
    assert "round" not in made.cursor


def test_an_edit_of_an_older_post_is_read() -> None:
    home = Instance()
    home.post(1, "edited #muster", edited_at="2026-10-12T08:00:00Z")
    home.post(2)
    first = run(KIND, source(home), home.answer)
    later = spec("fediverse", PROFILE, cursor=first.cursor, errands=source(home, 1).errands)
    made = run(KIND, later, home.answer)
    (post,) = [post for batch in made.batches for post in batch.posts]
    assert post.updated_at is not None
    assert "edited" in (post.content or "")


def test_an_instance_without_lists_is_asked_one_by_one_from_then_on() -> None:
    home = Instance()
    home.post(1)

    def answer(request: Request) -> Response:
        several = request.path == "/api/v1/statuses"
        return as_json({"error": "no"}, 405) if several else home.answer(request)

    made = run(KIND, source(home, 1, 2), answer)
    assert len(withdrawn(made)) == 1
    assert made.cursor["singly"]
    again = spec("fediverse", PROFILE, cursor=made.cursor, errands=source(home, 1).errands)
    later = run(KIND, again, answer)
    assert [ask.url.rpartition("/")[2] for ask in later.asks[1:]] == ["1001"]
    assert later.cursor["singly"]
    assert later.cursor["proven"]


def test_a_fault_says_nothing() -> None:
    home = Instance()
    home.post(1)
    for status in (401, 403, 500):

        def answer(request: Request, status: int = status) -> Response:
            checks = request.path.startswith("/api/v1/statuses")
            return Response(b"<html>", status, "text/html") if checks else home.answer(request)

        made = run(KIND, source(home, 1), answer)
        assert withdrawn(made) == []


def test_the_token_stays_with_the_host_it_was_registered_for() -> None:
    home = Instance(domain="example.org", web="https://social.example")
    home.post(1)
    delegated = run(KIND, source(home, 1, url="https://example.org/@muster"), home.answer)
    assert delegated.asks[-1].url.startswith("https://social.example/api/v1/statuses")
    assert not delegated.asks[-1].with_secret
    assert run(KIND, source(home, 1), home.answer).asks[-1].with_secret
