"""How each kind of source is asked for what is older, in memory."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from collectors.contract import NO_PAST, Ask, CollectError, LookingBack, Reply
from collectors.lookback import no_past
from collectors.registry import KINDS
from models.domain.backfill import WAY
from models.domain.source import Match, SourceSpec
from tests.collectors import instances
from tests.collectors.specs import NOW, spec
from tests.collectors.walks import Walked, walk, walked
from tests.servers import bluesky, fediverse
from tests.servers.bluesky import HANDLE, PASSWORD, Network
from tests.servers.web import Request, Response, as_json
from tests.sites import item, rss

every_pastless = pytest.mark.parametrize(
    "kind", [name for name, kind in KINDS.items() if not isinstance(kind, LookingBack)]
)


@every_pastless
def test_a_kind_without_a_past_says_why(kind: str) -> None:
    error = no_past(kind)
    assert error.code == NO_PAST
    assert error.mend
    assert "shows what is new only" not in error.message


def queries(made: Walked, name: str) -> list[str | None]:
    asked = (parse_qs(urlsplit(ask.url).query) for ask in made.asks)
    return [query.get(name, [None])[0] for query in asked]


# Mastodon


def test_a_timeline_that_ignores_max_id_ends() -> None:
    server = instances.Instance(knows_max_id=False)
    server.add(*(instances.status(number) for number in range(1, 60)))
    made = walked(instances.source(), lambda ask, token: server.answer(ask))
    assert len(made.asks) == 2
    assert len(set(made.ids)) == 40


def test_a_timeline_that_shows_one_side_only_is_asked_for_it() -> None:
    server = instances.Instance()
    server.add(*(instances.status(number) for number in range(1, 60)))
    source = instances.source("one", "two", cursor={"only": "local", "newest": "59"})
    made = walked(source, lambda ask, token: server.answer(ask))
    assert queries(made, "local") == ["true"] * 3
    assert queries(made, "any[]") == ["two"] * 3
    assert queries(made, "max_id") == [None, "20", "1"]


@pytest.mark.parametrize(("status", "code"), [(401, "wants-token"), (422, "wants-token")])
def test_a_timeline_for_users_only(status: int, code: str) -> None:
    with pytest.raises(CollectError) as caught:
        walk(instances.source(), lambda request: as_json({"error": "no"}, status))
    assert caught.value.code == code


def test_a_tag_that_is_not_there_has_no_past() -> None:
    made = walk(instances.source(), lambda request: Response(b"<h1>404", 404, "text/html"))
    assert (made.ids, len(made.asks)) == ([], 1)


def test_what_is_no_timeline_is_an_error() -> None:
    with pytest.raises(CollectError) as caught:
        walk(instances.source(), lambda request: Response(b"<h1>Hello", 200, "text/html"))
    assert caught.value.code == "not-mastodon"


# An account of the Fediverse

PROFILE = "https://social.example/@muster"
FOUND = {"user": "muster", "root": "https://social.example", "id": "7", "newest": "1090"}


def test_an_account_by_max_id() -> None:
    home = fediverse.Instance()
    for number in range(1, 91):
        home.post(number)
    made = walk(spec("fediverse", PROFILE, cursor=FOUND), home.answer)
    assert queries(made, "max_id") == [None, "1051", "1011", "1001"]
    assert queries(made, "tagged") == ["muster"] * 4
    assert queries(made, "min_id") == [None] * 4
    assert len(made.ids) == 90


def test_an_account_down_to_a_day() -> None:
    home = fediverse.Instance()
    for number in range(1, 91):
        home.post(number)
    source = spec("fediverse", PROFILE, cursor=FOUND)
    since = fediverse.OPENED + timedelta(hours=60)
    made = walk(source, home.answer, since=since)
    assert len(made.ids) == 31
    assert queries(made, "max_id") == [None, "1051"]
    further = walk(source, home.answer, since=since - timedelta(hours=20), before=made.walk)
    assert queries(further, "max_id") == [None, "1051", "1011"]


def test_an_account_whose_instance_refuses_to_narrow() -> None:
    home = fediverse.Instance()
    for number in range(1, 51):
        home.post(number)

    def answer(request: Request) -> Response:
        return as_json({}, 400) if request.value("tagged") else home.answer(request)

    made = walk(spec("fediverse", PROFILE, cursor=FOUND), answer)
    assert queries(made, "tagged") == ["muster", None, None, None]
    assert len(made.ids) == 50


def test_an_account_by_its_feed_has_what_the_feed_names() -> None:
    source = spec("fediverse", PROFILE, cursor={"feed": f"{PROFILE}.rss"})
    with pytest.raises(CollectError) as caught:
        walk(source, lambda request: Response(rss(item(1, "#muster"))))
    assert caught.value.code == NO_PAST


def test_an_account_that_was_not_found_yet() -> None:
    with pytest.raises(CollectError, match="not found yet"):
        walk(spec("fediverse", PROFILE), fediverse.Instance().answer)


# Bluesky


def filled(count: int) -> Network:
    network = Network()
    for number in range(count):
        network.post(number, "#muster #other")
    return network


def test_a_profile_by_the_servers_cursor() -> None:
    source = spec("bluesky", f"https://bsky.app/profile/{HANDLE}", cursor={"marks": {"feed": 9e9}})
    made = walk(source, filled(250).answer)
    assert queries(made, "cursor") == [None, "100", "200"]
    assert len(made.ids) == 250


def test_a_search_signs_in_for_each_hashtag_and_goes_each_way() -> None:
    network = filled(150)
    source = spec(
        "bluesky", "https://bsky.social", "muster", "other", options={"identifier": HANDLE}
    )
    made = walk(source, network.answer, token=PASSWORD)
    assert queries(made, "q") == [None, "#muster", "#muster", None, "#other", "#other"]
    assert queries(made, "cursor") == [None, None, "100"] * 2
    assert len(made.ids) == 300


def test_a_walk_that_goes_on_later_signs_in_again() -> None:
    network = filled(150)
    source = spec("bluesky", "https://bsky.social", options={"identifier": HANDLE})
    since = bluesky.OPENED + timedelta(hours=100)
    first = walk(source, network.answer, token=PASSWORD, since=since)
    later = NOW + timedelta(hours=1)
    made = walk(source, network.answer, token=PASSWORD, before=first.walk, now=later)
    assert [ask.method for ask in made.asks] == ["POST", "GET", "GET"]
    assert len(set(first.ids) | set(made.ids)) == 150


def test_a_session_that_runs_out_is_opened_anew() -> None:
    network, expired = filled(150), list[str]()

    def answer(request: Request) -> Response:
        if request.value("cursor") and not expired:
            expired.append("jwt-1")
            return as_json({"error": "ExpiredToken", "message": "Token has expired"}, 400)
        return network.answer(request)

    source = spec("bluesky", "https://bsky.social", options={"identifier": HANDLE})
    made = walk(source, answer, token=PASSWORD)
    assert network.sessions == 2
    assert queries(made, "cursor") == [None, None, "100", None, "100"]
    assert len(made.ids) == 150


# PeerTube


def videos(ask: Ask, token: str | None) -> Reply:
    query = parse_qs(urlsplit(ask.url).query)
    start, count = int(query["start"][0]), int(query["count"][0])
    tag = query.get("tagsOneOf", ["all"])[0]
    data = [
        {"uuid": f"{tag}-{number}", "name": f"Film {number}", "tags": []}
        for number in range(start, min(start + count, 120))
    ]
    return Reply(ask.url, 200, {}, json.dumps({"total": 120, "data": data}).encode())


def test_a_channels_videos_by_their_number() -> None:
    made = walked(spec("peertube", "https://tube.example/c/ada", "muster", "other"), videos)
    assert queries(made, "start") == ["0", "50", "100", "150"] * 2
    assert queries(made, "tagsOneOf") == ["muster"] * 4 + ["other"] * 4
    assert len(made.ids) == 240
    assert not any(ask.conditional for ask in made.asks)


def test_every_video_of_a_channel() -> None:
    source = spec("peertube", "https://tube.example/c/ada", "a", "b", match=Match.ALL)
    made = walked(source, videos)
    assert queries(made, "tagsOneOf") == [None] * 4
    assert len(made.ids) == 120


# What all have in common


@pytest.mark.parametrize("kind", [name for name in KINDS if isinstance(KINDS[name], LookingBack)])
def test_no_kind_changes_what_the_ordinary_collecting_asks(kind: str) -> None:
    """The place is none of `ask`'s business."""
    cursors: dict[str, Any] = {"fediverse": FOUND, "blog": {"feed": "https://a.example/feed"}}
    source: SourceSpec = spec(kind, "https://a.example/@ada", cursor=cursors.get(kind, {}))
    if kind == "bluesky":
        source = replace(source, options={"identifier": HANDLE})
    collector = KINDS[kind]
    placed = replace(source, past={"page": 3, "of": "https://a.example/", "below": "7", WAY: 0})
    assert collector.ask(placed) == collector.ask(source)
