"""Older posts at X: deletions are learned of, for a read each, within the cap."""

from typing import Any

import pytest

from collectors.x import XCollector
from models.domain.source import Errands, SourceSpec
from tests.collectors.specs import spec
from tests.servers.web import Request, Response, Run, as_json, run
from tests.servers.x import NOW, TOKEN, RecentSearch

KIND = XCollector()


def permalink(id_: str) -> str:
    return f"https://x.com/i/web/status/{id_}"


def source(cap: int, *ids: str, spent: dict[str, Any] | None = None) -> SourceSpec:
    return spec(
        "x",
        "https://x.com",
        now=NOW,
        options={"max_reads_a_month": cap},
        cursor={"newest": "1", **({"spent": spent} if spent else {})},
        errands=Errands(recheck=tuple((id_, permalink(id_)) for id_ in ids)),
    )


def lookups(made: Run) -> list[str]:
    return [ask.url for ask in made.asks if "/2/tweets?" in ask.url]


def checked(made: Run) -> list[str]:
    return [uri for batch in made.batches for uri in batch.checked]


def withdrawn(made: Run) -> list[str]:
    return [uri for batch in made.batches for uri in batch.withdrawn]


def old(search: RecentSearch, count: int) -> list[str]:
    """Posts that a search does not reach any more."""
    return [search.post(24 * 8 + number) for number in range(count)]


def test_what_is_not_found_is_gone_and_costs_nothing() -> None:
    search = RecentSearch()
    kept, deleted = old(search, 2)
    search.delete(deleted)
    made = run(KIND, source(5000, kept, deleted), search.answer, TOKEN)
    assert withdrawn(made) == [permalink(deleted)]
    assert checked(made) == [permalink(kept), permalink(deleted)]
    assert made.asks[-1].with_secret
    assert search.sold == 1
    assert made.cursor["spent"] == {"month": "2026-10", "reads": 1, "checks": 1}
    assert "round" not in made.cursor


def test_what_became_private_is_left_out() -> None:
    search = RecentSearch()
    (id_,) = old(search, 1)
    search.protected.add(id_)
    made = run(KIND, source(5000, id_), search.answer, TOKEN)
    assert made.excluded == [(permalink(id_), "not-public", permalink(id_))]
    assert withdrawn(made) == []


def test_a_hundred_in_one_request() -> None:
    search = RecentSearch()
    ids = old(search, 130)
    made = run(KIND, source(5000, *ids), search.answer, TOKEN)
    assert len(lookups(made)) == 2
    assert len(checked(made)) == 130


@pytest.mark.parametrize(
    ("cap", "spent", "affordable"),
    [
        (400, None, 100),
        (400, {"month": "2026-10", "reads": 90, "checks": 90}, 10),
        (400, {"month": "2026-10", "reads": 100, "checks": 100}, 0),
        (400, {"month": "2026-10", "reads": 330}, 70),
        (400, {"month": "2026-09", "reads": 400, "checks": 100}, 100),
    ],
)
def test_a_quarter_of_the_cap_and_never_more_than_is_left(
    cap: int, spent: dict[str, Any] | None, affordable: int
) -> None:
    search = RecentSearch()
    made = run(KIND, source(cap, *old(search, 150), spent=spent), search.answer, TOKEN)
    assert search.sold == affordable
    assert len(checked(made)) == affordable, "the others stay due"
    assert made.cursor["spent"]["reads"] <= cap


@pytest.mark.parametrize(
    "refusal",
    [
        as_json({"title": "Unauthorized", "type": "about:blank"}, 401),
        as_json({"title": "Forbidden", "type": "about:blank"}, 403),
        as_json({"title": "Not Found", "type": "about:blank"}, 404),
        as_json({"title": "Internal Error"}, 500),
        as_json({"meta": {}}),
        as_json({"errors": [{"message": "Over capacity"}]}),
        Response(b"<html>", kind="text/html"),
    ],
)
def test_an_answer_about_no_post_says_nothing_and_leaves_it_due(refusal: Response) -> None:
    search = RecentSearch()
    (id_,) = old(search, 1)

    def answer(request: Request) -> Response:
        return refusal if request.path == "/2/tweets" else search.answer(request)

    made = run(KIND, source(5000, id_), answer, TOKEN)
    assert (withdrawn(made), checked(made), made.excluded) == ([], [], [])
    assert len(lookups(made)) == 1
