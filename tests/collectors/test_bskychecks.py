"""Older posts at Bluesky: those that are left out are gone."""

from typing import Any

import pytest

from collectors.bluesky import BlueskyCollector
from models.domain.source import Errands, SourceSpec
from tests.collectors.specs import spec
from tests.servers.bluesky import HANDLE, PASSWORD, Network
from tests.servers.web import Request, Response, Run, as_json, run

KIND = BlueskyCollector()
PROFILE = f"https://bsky.app/profile/{HANDLE}"
LOOKUP = "app.bsky.feed.getPosts"


def due(*views: dict[str, Any]) -> Errands:
    return Errands(recheck=tuple((view["uri"], view["uri"]) for view in views))


def profile(errands: Errands) -> SourceSpec:
    return spec("bluesky", PROFILE, errands=errands)


def search(server: str, errands: Errands) -> SourceSpec:
    return spec("bluesky", server, options={"identifier": HANDLE}, errands=errands)


def lookups(made: Run) -> list[str]:
    return [ask.url for ask in made.asks if LOOKUP in ask.url]


def checked(made: Run) -> list[str]:
    return [uri for batch in made.batches for uri in batch.checked]


def withdrawn(made: Run) -> list[str]:
    return [uri for batch in made.batches for uri in batch.withdrawn]


def test_what_the_answer_leaves_out_is_gone() -> None:
    network = Network()
    views = [network.post(number) for number in range(60)]
    network.views.remove(views[7])
    network.views.remove(views[59])
    made = run(KIND, profile(due(*views)), network.answer)
    assert len(lookups(made)) == 3
    assert withdrawn(made) == [views[7]["uri"], views[59]["uri"]]
    assert checked(made) == [view["uri"] for view in views]
    assert made.cursor.keys() == {"marks"}


def test_nothing_is_due_nothing_is_asked() -> None:
    network = Network()
    network.post(1)
    assert lookups(run(KIND, profile(Errands()), network.answer)) == []


def test_what_is_there_is_read_anew() -> None:
    network = Network()
    view = network.post(1)
    view["repostCount"] = 9
    made = run(KIND, profile(due(view)), network.answer)
    (post,) = made.batches[-1].posts
    assert (post.external_id, post.boosts) == (view["uri"], 9)


@pytest.mark.parametrize(
    ("label", "reason"), [("!no-unauthenticated", "opted-out"), ("!takedown", "not-public")]
)
def test_wishes_and_moderation_that_came_later(label: str, reason: str) -> None:
    network = Network()
    view = network.post(1)
    view["author"]["labels"] = [{"val": label}]
    made = run(KIND, profile(due(view)), network.answer)
    assert [why for _, why, _ in made.batches[-1].excluded] == [reason]
    assert withdrawn(made) == []


def test_one_post_that_fails_a_whole_list_hides_no_other() -> None:
    network = Network()
    views = [network.post(number) for number in range(30)]
    network.failing = frozenset({views[3]["uri"]})
    network.views.remove(views[4])
    made = run(KIND, profile(due(*views)), network.answer)
    assert len(lookups(made)) == 1 + 25 + 1
    assert withdrawn(made) == [views[4]["uri"]]
    assert checked(made) == [view["uri"] for view in views]


@pytest.mark.parametrize(
    "refusal",
    [
        as_json({"error": "InvalidRequest"}, 400),
        as_json({"error": "Forbidden"}, 403),
        as_json({"error": "MethodNotImplemented"}, 501),
        as_json([]),
        as_json({"posts": None}),
        Response(b"<html>", kind="text/html"),
    ],
)
def test_an_answer_that_cannot_be_read_says_nothing(refusal: Response) -> None:
    network = Network()
    views = [network.post(number) for number in range(2)]

    def answer(request: Request) -> Response:
        return refusal if LOOKUP in request.path else network.answer(request)

    made = run(KIND, profile(due(*views)), answer)
    assert withdrawn(made) == []
    assert len(lookups(made)) == 3


def test_a_search_asks_the_public_appview_without_its_session() -> None:
    network = Network()
    view = network.post(1)
    made = run(KIND, search("https://bsky.social", due(view)), network.answer, PASSWORD)
    assert made.asks[-1].url.startswith(f"https://public.api.bsky.app/xrpc/{LOOKUP}?")
    assert not made.asks[-1].with_secret


def test_another_server_is_asked_itself_with_the_session() -> None:
    network = Network()
    view = network.post(1)
    made = run(KIND, search("https://pds.example", due(view)), network.answer, PASSWORD)
    assert made.asks[-1].url.startswith(f"https://pds.example/xrpc/{LOOKUP}?")
    assert made.asks[-1].with_secret
    assert network.sessions == 1
