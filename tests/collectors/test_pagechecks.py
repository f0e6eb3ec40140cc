"""Older posts of an account that is read by its feed, looked at again by their own pages."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from collectors.contract import Batch
from collectors.fediverse import FediverseCollector
from models.domain.source import Errands, SourceSpec
from tests.collectors.specs import spec
from tests.servers.fediverse import Instance
from tests.servers.web import Request, Response, Run, run
from tests.sites import item, rss

KIND = FediverseCollector()
ROOT = "https://social.example"
FEED = f"{ROOT}/@muster.rss"
PAGE = Response(b"<h1>Ein Beitrag", kind="text/html")


def url_of(number: int) -> str:
    return f"{ROOT}/@muster/{number}"


def source(
    *numbers: int, cursor: Mapping[str, Any] | None = None, others: tuple[str, ...] = ()
) -> SourceSpec:
    pairs = [
        *((url_of(number), url_of(number)) for number in numbers),
        *((id_, id_) for id_ in others),
    ]
    made = spec("fediverse", f"{ROOT}/@muster", cursor=cursor or {"feed": FEED})
    return replace(made, errands=Errands(recheck=tuple(pairs)))


def collected(made: SourceSpec, there: Mapping[int, Response], *listed: int) -> Run:
    """A server whose feed lists some posts, and that has pages of some."""
    entries = (
        item(n, "#muster").replace("blog.example/", "social.example/@muster/") for n in listed
    )
    pages = {f"/@muster/{number}": answer for number, answer in there.items()}
    home = Instance(api=False, feeds={"/@muster.rss": rss(*entries)})

    def answer(request: Request) -> Response:
        return pages.get(request.path) or home.answer(request)

    return run(KIND, made, answer)


def outcome(found: Run) -> Batch:
    return Batch(
        withdrawn=tuple(each for batch in found.batches for each in batch.withdrawn),
        checked=tuple(each for batch in found.batches for each in batch.checked),
    )


def asked(found: Run) -> list[str]:
    return [ask.url.removeprefix(ROOT) for ask in found.asks]


def test_its_own_posts_can_be_asked_for() -> None:
    found = collected(source(), {}, 1)
    (post,) = found.batches[-1].posts
    assert post.remote_id == url_of(1)
    elsewhere = Instance(api=False, feeds={"/@muster.rss": rss(item(1, "#muster"))})
    (post,) = run(KIND, source(), elsewhere.answer).batches[-1].posts
    assert post.remote_id is None


def test_what_the_feed_lists_needs_no_page() -> None:
    found = collected(source(1), {}, 1)
    assert asked(found) == ["/@muster.rss"]
    assert outcome(found) == Batch(checked=(url_of(1),))


def test_what_fell_off_the_feed_and_has_no_page_twice_is_gone() -> None:
    first = collected(source(1, 2, 3), {2: PAGE}, 3)
    assert asked(first) == ["/@muster.rss", "/@muster/1", "/@muster/2"]
    assert outcome(first) == Batch(checked=(url_of(3), url_of(2)))
    second = collected(source(1, cursor=first.cursor), {})
    assert outcome(second) == Batch(withdrawn=(url_of(1),), checked=(url_of(1),))
    assert collected(source(cursor=second.cursor), {}).cursor == {"feed": FEED}


@pytest.mark.parametrize("status", [200, 401, 403, 500, 502])
def test_what_says_nothing_of_a_post(status: int) -> None:
    made = source(1, cursor={"feed": FEED, "missing": [url_of(1)]})
    found = collected(made, {1: Response(b"<h1>Sorry", status, "text/html")})
    assert outcome(found) == Batch(checked=(url_of(1),))
    assert found.cursor["missing"] == []


def test_ids_of_the_api_and_pages_are_told_apart() -> None:
    """An account may be read by its feed after its API, or the other way round."""
    by_feed = collected(source(1, others=("1002",)), {1: PAGE})
    assert asked(by_feed) == ["/@muster.rss", "/@muster/1"]
    assert outcome(by_feed).checked == ("1002", url_of(1))
    home = Instance()
    home.post(2)
    pages = {"/@muster/1": PAGE}
    made = source(1, others=("1002",))
    by_api = run(
        KIND,
        replace(made, cursor={}),
        lambda request: pages.get(request.path) or home.answer(request),
    )
    assert any("/api/v1/statuses?id%5B%5D=1002" in path for path in asked(by_api))
    assert asked(by_api)[-1] == "/@muster/1"


def test_a_feed_that_is_as_before_does_not_end_the_run() -> None:
    assert KIND.ask(source()).conditional
    assert not KIND.ask(source(1)).conditional
