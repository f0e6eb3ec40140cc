"""One account's posts, through whatever its instance offers."""

from typing import Any

import pytest

from collectors.contract import CollectError
from collectors.fediverse import FediverseCollector
from models.domain.source import Derived, Match, SourceSpec
from tests.collectors.specs import NOW, spec
from tests.servers.fediverse import OPENED, Instance
from tests.servers.web import Request, Response, run
from tests.sites import item, rss

PROFILE = "https://social.example/@muster"
KIND = FediverseCollector()


def source(url: str = PROFILE, *hashtags: str, **fields: Any) -> SourceSpec:
    return spec("fediverse", url, *hashtags, **fields)


def numbers(ids: list[str]) -> list[int]:
    return [int(each.rpartition("/")[2]) - 1000 for each in ids]


def test_by_its_profile_address() -> None:
    home = Instance()
    home.post(1)
    home.post(2, "something else")
    home.post(3, reblog={"id": "9"})
    made = run(KIND, source(), home.answer)
    assert numbers(made.ids) == [1]
    assert [ask.url.partition("?")[0].removeprefix("https://social.example") for ask in made.asks][
        :3
    ] == [
        "/.well-known/webfinger",
        "/api/v1/accounts/lookup",
        "/api/v1/accounts/7/statuses",
    ]
    found = made.batches[1]
    assert (found.title, found.homepage, found.address) == ("Muster (Beispiel)", PROFILE, PROFILE)
    (post,) = made.batches[2].posts
    assert post.from_origin
    assert post.author.handle == "@muster@social.example"
    assert post.local_key == "local:social.example:1001"


def test_a_handle_whose_host_is_not_the_instance() -> None:
    home = Instance(domain="example.org", web="https://social.example")
    home.post(1)
    delegating = Instance(domain="example.org", web="https://social.example", api=False)

    def answer(request: Request) -> Response:
        there = home if request.headers["host"] == "social.example" else delegating
        return there.answer(request)

    made = run(KIND, source("https://example.org/@muster"), answer)
    assert numbers(made.ids) == [1]
    assert made.batches[1].address == PROFILE
    (post,) = made.batches[2].posts
    assert post.from_origin
    assert not any(ask.with_secret for ask in made.asks), "the token belongs to the host registered"


def test_by_the_hosts_metadata() -> None:
    home = Instance(
        webfinger=False,
        host_meta='<XRD xmlns="http://docs.oasis-open.org/ns/xri/xrd-1.0"><Link rel="lrdd"'
        ' template="https://social.example/finger?resource={uri}"/></XRD>',
    )
    home.post(1)
    assert numbers(run(KIND, source(), home.answer).ids) == [1]


def test_without_webfinger_the_host_itself_is_asked() -> None:
    home = Instance(webfinger=False)
    home.post(1)
    assert numbers(run(KIND, source(), home.answer).ids) == [1]


def test_everything_once_page_by_page() -> None:
    home = Instance()
    for number in range(100):
        home.post(number)
    made = run(KIND, source(), home.answer)
    assert sorted(numbers(made.ids)) == list(range(100))
    for number in range(100, 190):
        home.post(number)
    later = run(KIND, source(cursor=made.cursor), home.answer)
    assert sorted(numbers(later.ids)) == list(range(100, 190))
    idle = run(KIND, source(cursor=later.cursor), home.answer)
    assert idle.ids == []
    assert len(idle.asks) == 1


def test_back_to_the_courses_start_and_no_further() -> None:
    home = Instance()
    for number in range(200):
        home.post(number)
    since = OPENED.timestamp() + 110 * 3600
    made = run(KIND, source(since=since), home.answer)
    assert sorted(numbers(made.ids)) == list(range(110, 200))
    assert made.cursor["complete"]
    assert len(made.asks) == 2 + 3


def test_a_long_past_is_fetched_in_several_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("collectors.fediverse.RUN", 80)
    home = Instance()
    for number in range(150):
        home.post(number)
    first = run(KIND, source(), home.answer)
    assert sorted(numbers(first.ids)) == list(range(70, 150))
    home.post(150)
    second = run(KIND, source(cursor=first.cursor), home.answer)
    third = run(KIND, source(cursor=second.cursor), home.answer)
    seen = numbers([*first.ids, *second.ids, *third.ids])
    assert set(seen) == set(range(151))
    assert third.cursor["complete"]


def test_a_server_that_ignores_the_paging_ends() -> None:
    home = Instance()
    for number in range(60):
        home.post(number)

    def answer(request: Request) -> Response:
        plain = {name: value for name, value in request.query.items() if "_id" not in name}
        return home.answer(Request("GET", request.path, plain, request.headers))

    made = run(KIND, source(), answer)
    assert len(made.asks) == 4
    again = run(KIND, source(cursor=made.cursor), answer)
    assert len(again.asks) == 1


def test_a_server_that_ignores_the_tag_leaves_the_choice_to_us() -> None:
    home = Instance(knows_tagged=False)
    home.post(1)
    home.post(2, "no tag at all")
    made = run(KIND, source(), home.answer)
    assert set(numbers(made.ids)) == {1, 2}


def test_several_hashtags_or_every_post_are_not_narrowed() -> None:
    home = Instance()
    home.post(1)
    several = run(KIND, source(PROFILE, "muster", "other"), home.answer)
    assert not any("tagged" in ask.url for ask in several.asks)
    every = run(KIND, source(match=Match.ALL), home.answer)
    assert not any("tagged" in ask.url for ask in every.asks)


def test_unlisted_posts_count_where_a_participant_registered_the_account() -> None:
    home = Instance()
    home.post(1, visibility="unlisted")
    home.post(2, visibility="private")
    assert run(KIND, source(), home.answer).ids == []
    made = run(KIND, source(participant_registered=True), home.answer)
    assert numbers(made.ids) == [1]
    assert [reason for _, reason, _ in made.excluded] == ["not-public"]


@pytest.mark.parametrize("wish", [{"noindex": True}, {"note": "<p>Bitte <b>#nobot</b></p>"}])
def test_wishes_of_the_account(wish: dict[str, object]) -> None:
    home = Instance(account=wish)
    home.post(1)
    made = run(KIND, source(participant_registered=True), home.answer)
    assert made.ids == []
    assert [reason for _, reason, _ in made.excluded] == ["opted-out"]


def test_an_account_that_moved_is_followed() -> None:
    new = "https://other.example/@muster"
    home = Instance(account={"moved": {"url": new}})
    made = run(KIND, source(), home.answer)
    assert made.batches[1].derived == (Derived("fediverse", new),)


@pytest.mark.parametrize(
    "path",
    [
        "/@muster.rss",
        "/@muster/feed.rss",
        "/users/muster/feed.atom",
        "/users/muster.atom",
        "/@muster.atom",
    ],
)
def test_without_the_api_by_the_accounts_feed(path: str) -> None:
    home = Instance(api=False, feeds={path: rss(item(1, "Ein Beitrag #muster"))})
    made = run(KIND, source(), home.answer)
    (post,) = made.batches[-1].posts
    assert post.kind.value == "status"
    assert (post.author.account, post.author.handle) == (PROFILE, "@muster@social.example")
    assert made.cursor == {"feed": f"https://social.example{path}"}
    later = run(KIND, source(cursor=made.cursor), home.answer)
    assert later.ids == made.ids


def test_a_feed_that_vanished_is_looked_for_anew() -> None:
    home = Instance()
    home.post(1)
    made = run(KIND, source(cursor={"feed": "https://social.example/@muster.rss"}), home.answer)
    assert numbers(made.ids) == [1]


def test_an_api_for_users_only() -> None:
    home = Instance(token="abc")
    home.post(1)
    with pytest.raises(CollectError) as caught:
        run(KIND, source(), home.answer)
    assert caught.value.code == "wants-token"
    assert "read:statuses" in caught.value.mend
    assert numbers(run(KIND, source(), home.answer, "abc").ids) == [1]
    home.feeds = {"/@muster.rss": rss(item(1, "Ein Beitrag #muster"))}
    assert run(KIND, source(), home.answer).ids == ["https://blog.example/1"]


def test_nobody_of_that_name() -> None:
    with pytest.raises(CollectError) as caught:
        run(KIND, source("https://social.example/@nobody"), Instance().answer)
    assert caught.value.code == "no-account"
    assert "@nobody@social.example" in caught.value.message
    with pytest.raises(CollectError) as caught:
        KIND.ask(source("https://social.example/tags/muster"))
    assert caught.value.code == "no-account"


def test_another_id_after_a_move_of_the_database() -> None:
    home = Instance()
    home.post(1)
    made = run(KIND, source(), home.answer)
    home.account = {"id": "8"}
    again = run(KIND, source(cursor=made.cursor, now=NOW.replace(hour=13)), home.answer)
    assert again.cursor["id"] == "8"
    assert numbers(again.ids) == [1]


def test_a_search_that_was_broken_off_begins_anew() -> None:
    home = Instance()
    home.post(1)
    halfway = {"try": ["https://social.example/feed/muster"], "at": 1.0}
    assert numbers(run(KIND, source(cursor=halfway), home.answer).ids) == [1]


@pytest.mark.parametrize("body", [b"<html>", b"{}", b'{"error": "x"}', b"null"])
def test_answers_that_are_no_timeline(body: bytes) -> None:
    home = Instance()

    def answer(request: Request) -> Response:
        return Response(body) if "statuses" in request.path else home.answer(request)

    with pytest.raises(CollectError) as caught:
        run(KIND, source(), answer)
    assert caught.value.code == "not-mastodon"
