"""What a run looks after once the timeline is read: late statuses, older posts, replies."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from collectors.contract import CollectError
from collectors.http import HttpError
from collectors.mastodon import MastodonCollector
from collectors.overlap import PAGES
from models.domain.source import NO_ERRANDS, Errands, SourceSpec
from tests.collectors.specs import NOW, spec
from tests.servers.mastodon import Differences, Instance
from tests.servers.web import Request, Response, Run, as_json, run

URL = "https://social.example"
COLLECTOR = MastodonCollector()
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def social() -> Instance:
    return Instance()


def source(
    cursor: Mapping[str, Any] = {}, *, now: datetime = NOW, errands: Errands = NO_ERRANDS
) -> SourceSpec:
    kept = json.loads(json.dumps(cursor))
    return spec("mastodon", URL, now=now, cursor=kept, errands=errands)


def collected(social: Instance, spec: SourceSpec, token: str | None = None) -> Run:
    return run(COLLECTOR, spec, social.answer, token)


def paths(found: Run) -> list[str]:
    return [ask.url.removeprefix(URL) for ask in found.asks]


def pair(status: Mapping[str, Any]) -> tuple[str, str]:
    return status["id"], status["uri"]


def checked(found: Run) -> list[str]:
    return [id_ for batch in found.batches for id_ in batch.checked]


def withdrawn(found: Run) -> list[str]:
    return [id_ for batch in found.batches for id_ in batch.withdrawn]


def answered(found: Run) -> list[str]:
    return [id_ for batch in found.batches for id_ in batch.answered]


class TestOverlap:
    def test_what_arrives_late_below_the_newest_is_found_within_the_hour(
        self, social: Instance
    ) -> None:
        social.post("eins #muster", id=2000)
        first = collected(social, source())
        late = social.post("spät #muster", id=1999)
        soon = collected(social, source(first.cursor, now=LATER - timedelta(seconds=1)))
        assert soon.ids == []
        after = collected(social, source(soon.cursor, now=LATER))
        assert late["uri"] in after.ids
        assert after.cursor["window"] == LATER.timestamp()
        assert after.cursor["newest"] == "2000"
        again = collected(social, source(after.cursor, now=LATER + timedelta(minutes=1)))
        assert again.ids == []

    def test_only_the_last_pages_are_read_again(self, social: Instance) -> None:
        for number in range(200):
            social.post(f"{number} #muster")
        first = collected(social, source())
        assert len(first.ids) == 200
        again = collected(social, source(first.cursor, now=LATER))
        assert len(again.ids) == PAGES * 40
        assert len(set(again.ids)) == PAGES * 40

    def test_a_clock_that_was_set_back_does_not_put_it_off(self, social: Instance) -> None:
        status = social.post("eins #muster")
        first = collected(social, source(now=LATER + timedelta(days=9)))
        assert collected(social, source(first.cursor, now=NOW)).ids == [status["uri"]]

    def test_several_hashtags_and_sides_are_asked_for_again(self, social: Instance) -> None:
        social.post("eins #muster")
        first = collected(social, source())
        cursor = {**first.cursor, "only": "local"}
        found = collected(social, source(cursor, now=LATER))
        assert "local=true" in found.asks[-1].url

    @pytest.mark.parametrize("status", [400, 401, 404, 500])
    def test_a_fault_there_does_not_fail_the_source(self, social: Instance, status: int) -> None:
        social.post("eins #muster")
        first = collected(social, source())

        def answer(request: Request) -> Response:
            polls = request.value("min_id") is not None
            return social.answer(request) if polls else as_json({"error": "x"}, status)

        found = run(COLLECTOR, source(first.cursor, now=LATER), answer)
        assert found.cursor["window"] == LATER.timestamp()
        assert "round" not in found.cursor

    def test_a_server_that_ignores_max_id_is_not_asked_for_ever(self, social: Instance) -> None:
        for number in range(40):
            social.post(f"{number} #muster")
        first = collected(social, source())

        def answer(request: Request) -> Response:
            query = {name: value for name, value in request.query.items() if name != "max_id"}
            return social.answer(replace(request, query=query))

        found = run(COLLECTOR, source(first.cursor, now=LATER), answer)
        assert len(found.asks) == 3


class TestRechecks:
    def errands(self, *statuses: Mapping[str, Any], **more: Any) -> Errands:
        return Errands(recheck=tuple(map(pair, statuses)), **more)

    def test_twenty_in_one_request(self, social: Instance) -> None:
        posted = [social.post(f"{number} #muster") for number in range(45)]
        found = collected(social, source(errands=self.errands(*posted)))
        assert sum(path.startswith("/api/v1/statuses?") for path in paths(found)) == 3
        assert checked(found) == [status["uri"] for status in posted]
        assert withdrawn(found) == []
        assert "round" not in found.cursor

    def test_edits_are_read(self, social: Instance) -> None:
        status = social.post("eins #muster")
        first = collected(social, source())
        social.edit(status["id"], "zwei #muster")
        found = collected(social, source(first.cursor, errands=self.errands(status)))
        contents = [post.content for batch in found.batches for post in batch.posts]
        assert contents == ["<p>zwei #muster</p>"]

    def test_what_is_missing_is_asked_for_by_its_own_address(self, social: Instance) -> None:
        here, gone = social.post("bleibt #muster"), social.post("geht #muster")
        social.delete(gone["id"])
        found = collected(social, source(errands=self.errands(here, gone)))
        assert withdrawn(found) == [gone["uri"]]
        assert checked(found) == [here["uri"], gone["uri"]]
        assert paths(found)[-1] == f"/api/v1/statuses/{gone['id']}"

    def test_a_list_that_leaves_everything_out_is_not_believed(self, social: Instance) -> None:
        posted = [social.post(f"{number} #muster") for number in range(3)]

        def answer(request: Request) -> Response:
            return as_json([]) if request.path == "/api/v1/statuses" else social.answer(request)

        found = run(COLLECTOR, source(errands=self.errands(*posted)), answer)
        assert withdrawn(found) == []
        assert sorted(checked(found)) == [status["uri"] for status in posted]

    def test_one_by_one_where_there_is_no_other_way(self, social: Instance) -> None:
        social.differences = Differences(batch=False)
        posted = [social.post(f"{number} #muster") for number in range(25)]
        social.delete(posted[3]["id"])
        found = collected(social, source(errands=self.errands(*posted)))
        assert withdrawn(found) == [posted[3]["uri"]]
        assert checked(found) == [status["uri"] for status in posted]
        assert sum(path.startswith("/api/v1/statuses?") for path in paths(found)) == 1
        again = collected(social, source(found.cursor, errands=self.errands(posted[0])))
        assert not [path for path in paths(again) if path.startswith("/api/v1/statuses?")]

    def test_a_page_that_says_404_is_believed_once_the_request_is_known(
        self, social: Instance
    ) -> None:
        social.differences = Differences(batch=False, html_404=True)
        here, gone = social.post("bleibt #muster"), social.post("geht #muster")
        social.delete(gone["id"])
        doubtful = collected(social, source(errands=self.errands(gone)))
        assert (withdrawn(doubtful), checked(doubtful)) == ([], [gone["uri"]])
        sure = collected(social, source(doubtful.cursor, errands=self.errands(here, gone)))
        assert withdrawn(sure) == [gone["uri"]]

    @pytest.mark.parametrize("code", [400, 401, 403, 405, 500])
    def test_a_refusal_says_nothing_of_the_post(self, social: Instance, code: int) -> None:
        status = social.post("eins #muster")

        def answer(request: Request) -> Response:
            refused = request.path.startswith("/api/v1/statuses")
            return as_json({"error": "x"}, code) if refused else social.answer(request)

        found = run(COLLECTOR, source(errands=self.errands(status)), answer)
        assert (withdrawn(found), checked(found)) == ([], [status["uri"]])

    def test_a_busy_server_ends_the_run(self, social: Instance) -> None:
        status = social.post("eins #muster")
        social.differences = Differences(limit=2)
        with pytest.raises(HttpError) as caught:
            collected(social, source(errands=self.errands(status)))
        assert caught.value.status == 429

    def test_an_id_that_names_another_status_says_nothing(self, social: Instance) -> None:
        status = social.post("eins #muster")
        errands = Errands(recheck=((status["id"], "https://elsewhere.example/1"),))
        first = collected(social, source())
        found = collected(social, source(first.cursor, errands=errands))
        assert (found.ids, checked(found)) == ([], ["https://elsewhere.example/1"])

    def test_responses_stay_responses(self, social: Instance) -> None:
        parent = social.post("eins #muster")
        reply = social.post("Antwort", in_reply_to_id=parent["id"])
        errands = self.errands(parent, reply, responses=frozenset({reply["uri"]}))
        found = collected(social, source(errands=errands))
        marked = {
            post.external_id: post.is_response for batch in found.batches for post in batch.posts
        }
        assert marked == {parent["uri"]: False, reply["uri"]: True}

    def test_what_another_run_left_unfinished_is_begun_anew(self, social: Instance) -> None:
        posted = [social.post(f"{number} #muster") for number in range(30)]
        spec = source(errands=self.errands(*posted))
        ask = COLLECTOR.ask(spec)
        cut = collected(social, spec).batches[-2].cursor
        assert cut["round"]["part"] == "checks"
        later = source(cut, now=NOW + timedelta(minutes=1), errands=self.errands(posted[0]))
        assert COLLECTOR.ask(later).url != ask.url
        found = collected(social, later)
        assert checked(found) == [posted[0]["uri"]]
        assert "round" not in found.cursor


class TestReplies:
    def test_public_replies_become_responses(self, social: Instance) -> None:
        parent = social.post("eins #muster")
        reply = social.post("Antwort", in_reply_to_id=parent["id"])
        further = social.post("Rückfrage", in_reply_to_id=reply["id"])
        first = collected(social, source())
        found = collected(social, source(first.cursor, errands=Errands(answers_to=(pair(parent),))))
        posts = [post for batch in found.batches for post in batch.posts]
        assert [post.external_id for post in posts] == [reply["uri"], further["uri"]]
        assert all(post.is_response for post in posts)
        assert posts[1].in_reply_to == f"local:social.example:{reply['id']}"
        assert answered(found) == [parent["uri"]]

    def test_others_leave_no_trace(self, social: Instance) -> None:
        parent = social.post("eins #muster")
        for fields in (
            {"visibility": "unlisted"},
            {"visibility": "private"},
            {"account": {"noindex": True}},
            {"account": {"note": "<p>#nobot</p>"}},
        ):
            social.post("Antwort", in_reply_to_id=parent["id"], **fields)
        first = collected(social, source())
        found = collected(social, source(first.cursor, errands=Errands(answers_to=(pair(parent),))))
        assert (found.ids, found.excluded, answered(found)) == ([], [], [parent["uri"]])

    @pytest.mark.parametrize("code", [401, 404, 405, 500])
    def test_an_instance_that_does_not_show_them_is_let_be(
        self, social: Instance, code: int
    ) -> None:
        posted = [social.post(f"{number} #muster") for number in range(2)]

        def answer(request: Request) -> Response:
            if request.path.endswith("/context"):
                return Response(b"<h1>no</h1>", code, "text/html")
            return social.answer(request)

        errands = Errands(answers_to=tuple(map(pair, posted)))
        found = run(COLLECTOR, source(errands=errands), answer)
        assert answered(found) == [status["uri"] for status in posted]


class TestTokens:
    @pytest.mark.parametrize("code", [400, 401, 403, 422])
    def test_a_token_opens_what_is_for_users_only(self, social: Instance, code: int) -> None:
        social.differences = Differences(anonymous=code)
        status = social.post("eins #muster")
        with pytest.raises(CollectError) as caught:
            collected(social, source())
        assert caught.value.code == "wants-token"
        errands = Errands(recheck=(pair(status),), answers_to=(pair(status),))
        found = collected(social, source(errands=errands), social.token)
        assert found.ids == [status["uri"]] * 2
        assert answered(found) == [status["uri"]]

    def test_it_goes_to_the_instance_only(self, social: Instance) -> None:
        status = social.post("eins #muster")
        errands = Errands(recheck=(pair(status),), answers_to=(pair(status),))
        found = collected(social, source(errands=errands), social.token)
        assert all(ask.with_secret and ask.url.startswith(f"{URL}/") for ask in found.asks)


@pytest.mark.parametrize(
    "differences",
    [
        Differences(link_header=False),
        Differences(batch=False, html_404=True),
        Differences(replies_listed=False),
        Differences(keeps_untagged=True),
    ],
)
def test_servers_that_differ_are_collected_all_the_same(
    social: Instance, differences: Differences
) -> None:
    social.differences = differences
    posted = [social.post(f"{number} #muster") for number in range(50)]
    reply = social.post("Antwort #muster", in_reply_to_id=posted[0]["id"])
    first = collected(social, source())
    errands = Errands(recheck=(pair(posted[1]),), answers_to=(pair(posted[0]),))
    found = collected(social, source(first.cursor, now=LATER, errands=errands))
    assert {*first.ids, *found.ids} == {status["uri"] for status in [*posted, reply]}
