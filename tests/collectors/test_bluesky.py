"""Hashtags by search, and single profiles."""

import json
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.bluesky import BlueskyCollector
from collectors.contract import CollectError
from models.domain.source import SourceSpec
from tests.collectors.specs import NOW, spec
from tests.servers.bluesky import HANDLE, OPENED, PASSWORD, Network
from tests.servers.web import Request, Response, run

KIND = BlueskyCollector()
SERVER = "https://bsky.social"
PROFILE = f"https://bsky.app/profile/{HANDLE}"


def search(*hashtags: str, **fields: Any) -> SourceSpec:
    return spec("bluesky", SERVER, *hashtags, options={"identifier": HANDLE}, **fields)


def profile(**fields: Any) -> SourceSpec:
    return spec("bluesky", PROFILE, **fields)


def numbers(ids: list[str]) -> list[int]:
    return [int(each.rpartition("/")[2]) for each in ids]


def test_a_search_signs_in_for_the_run() -> None:
    network = Network()
    network.post(1)
    network.post(2, "something else")
    made = run(KIND, search(), network.answer, PASSWORD)
    assert numbers(made.ids) == [1]
    assert network.sessions == 1
    assert "session" not in made.cursor
    assert PASSWORD.encode() not in (made.asks[0].body or b"")
    later = run(
        KIND, search(cursor=made.cursor, now=NOW.replace(hour=13)), network.answer, PASSWORD
    )
    assert network.sessions == 2
    assert numbers(later.ids) == [1], "a day below the newest is read again"


def test_a_session_left_over_from_a_broken_run_is_not_used() -> None:
    ask = KIND.ask(search(cursor={"session": 1.0, "marks": {}}))
    assert ask.method == "POST"


def test_page_by_page_to_the_courses_start() -> None:
    network = Network()
    for number in range(450):
        network.post(number)
    since = OPENED.timestamp() + 250 * 3600
    made = run(KIND, search(since=since), network.answer, PASSWORD)
    assert sorted(numbers(made.ids)) == list(range(250, 450))
    for number in range(450, 460):
        network.post(number)
    later = run(
        KIND,
        search(since=since, cursor=made.cursor, now=NOW.replace(hour=13)),
        network.answer,
        PASSWORD,
    )
    assert set(range(450, 460)) <= set(numbers(later.ids))
    assert len(later.asks) == 2


def test_a_long_past_is_fetched_in_several_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("collectors.bluesky.RUN", 200)
    network = Network()
    for number in range(500):
        network.post(number)
    cursor: dict[str, object] = {}
    seen: set[int] = set()
    for hour in range(4):
        source = search(cursor=cursor, now=NOW.replace(hour=hour))
        made = run(KIND, source, network.answer, PASSWORD)
        seen |= set(numbers(made.ids))
        cursor = dict(made.cursor)
        network.post(500 + hour)
    assert seen == set(range(503))


@given(st.lists(st.integers(0, 9), min_size=1, max_size=6), st.integers(1, 12))
def test_nothing_is_missed_however_it_grows(growth: list[int], most: int) -> None:
    network = Network()
    cursor: dict[str, Any] = {}
    seen: set[int] = set()
    with patch("collectors.bluesky.PAGE", 3), patch("collectors.bluesky.RUN", most):
        for hour, new in enumerate([*growth, *[0] * 60]):
            for _ in range(new):
                network.post(len(network.views))
            made = run(
                KIND, profile(cursor=cursor, now=NOW + timedelta(hours=hour)), network.answer
            )
            seen |= set(numbers(made.ids))
            cursor = dict(made.cursor)
    assert seen == set(range(len(network.views)))


def test_several_hashtags_one_after_another() -> None:
    network = Network()
    network.post(1, "#eins")
    network.post(2, "#zwei")
    made = run(KIND, search("eins", "zwei"), network.answer, PASSWORD)
    assert sorted(numbers(made.ids)) == [1, 2]
    assert network.sessions == 1
    assert set(made.cursor["marks"]) == {"eins", "zwei"}
    changed = run(KIND, search("zwei", cursor=made.cursor), network.answer, PASSWORD)
    assert set(changed.cursor["marks"]) == {"zwei"}


def test_the_password_that_is_wrong_or_missing() -> None:
    for source, token in ((search(), "wrong"), (spec("bluesky", SERVER), PASSWORD)):
        with pytest.raises(CollectError) as caught:
            run(KIND, source, Network().answer, token)
        assert caught.value.code == "wants-token"
        assert "App passwords" in caught.value.mend


def test_the_web_applications_address_is_no_server() -> None:
    source = spec("bluesky", "https://bsky.app/hashtag/muster", options={"identifier": HANDLE})
    assert KIND.ask(source).url == "https://bsky.social/xrpc/com.atproto.server.createSession"
    network = Network()
    assert run(KIND, source, network.answer, PASSWORD).batches[-1].address == SERVER


def test_a_profile_needs_no_password() -> None:
    network = Network()
    network.post(1)
    network.post(2, "without a tag")
    made = run(KIND, profile(), network.answer)
    assert sorted(numbers(made.ids)) == [1, 2]
    (ask,) = made.asks
    assert ask.url.startswith("https://public.api.bsky.app/xrpc/app.bsky.feed.getAuthorFeed?")
    assert not ask.with_secret
    assert made.batches[0].title == "Muster (Beispiel)"


def test_a_posts_address_stands_for_its_authors_profile() -> None:
    network = Network()
    network.post(1)
    made = run(KIND, spec("bluesky", f"{PROFILE}/post/000001"), network.answer)
    assert numbers(made.ids) == [1]
    assert made.batches[0].address == PROFILE


def test_what_a_profile_passes_on_is_no_post_of_it() -> None:
    network = Network()
    network.post(1)
    view = Network().post(2)
    item = {
        "post": {**view, "uri": "at://did:plc:other/app.bsky.feed.post/2"},
        "reason": {
            "$type": "app.bsky.feed.defs#reasonRepost",
            "indexedAt": "2026-10-19T10:00:00Z",
        },
    }

    def answer(request: Request) -> Response:
        own = json.loads(network.answer(request).body)
        return Response(json.dumps({"feed": [item, *own["feed"]]}).encode())

    made = run(KIND, profile(), answer)
    assert numbers(made.ids) == [1]
    assert made.cursor["marks"]["feed"] > OPENED.timestamp() + 17 * 86_400


def test_a_profile_nobody_has() -> None:
    with pytest.raises(CollectError) as caught:
        run(KIND, spec("bluesky", "https://bsky.app/profile/nobody.example"), Network().answer)
    assert caught.value.code == "no-account"


def test_whoever_wants_to_be_seen_by_users_only_is_left_out() -> None:
    network = Network(labels=[{"val": "!no-unauthenticated"}])
    network.post(1)
    for source, token in ((profile(), None), (search(), PASSWORD)):
        made = run(KIND, source, network.answer, token)
        assert made.ids == []
        assert [reason for _, reason, _ in made.excluded] == ["opted-out"]


def test_a_server_that_repeats_its_cursor_ends() -> None:
    network = Network()
    for number in range(3):
        network.post(number)

    def answer(request: Request) -> Response:
        own = json.loads(network.answer(request).body)
        return Response(json.dumps({**own, "cursor": "0"}).encode())

    assert len(run(KIND, profile(), answer).asks) == 2


@pytest.mark.parametrize("body", [b"<html>", b"[]", b'{"posts": 7}', b'{"feed": null}'])
def test_answers_that_are_no_feed(body: bytes) -> None:
    with pytest.raises(CollectError) as caught:
        run(KIND, profile(), lambda _: Response(body))
    assert caught.value.code == "not-bluesky"
