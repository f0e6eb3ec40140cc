"""Timelines of Mastodon and its kin: what is asked, and what servers answer in their ways."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from collectors.contract import Ask, Batch, CollectError, Reply
from collectors.instance import PAGE
from collectors.mastodon import MastodonCollector
from models.domain.source import SourceSpec
from tests.collectors.instances import (
    STARTS,
    TAG,
    URL,
    Instance,
    ids,
    run,
    source,
    status,
)

COLLECTOR = MastodonCollector()
TIMELINE = f"{URL}/api/v1/timelines/tag/{TAG}"
HTML = b"<!doctype html><html><body>Something</body></html>"


def answer(spec: SourceSpec, body: Any, code: int = 200, headers: Mapping[str, str] = {}) -> Batch:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return COLLECTOR.parse(spec, Reply(COLLECTOR.ask(spec).url, code, headers, raw))


def following(spec: SourceSpec, batch: Batch) -> SourceSpec:
    return replace(spec, cursor=batch.cursor)


def query(ask: Ask) -> list[tuple[str, str]]:
    return parse_qsl(urlsplit(ask.url).query)


class TestAsking:
    def test_the_first_page_is_the_newest(self) -> None:
        ask = COLLECTOR.ask(source())
        assert ask.url == f"{TIMELINE}?limit={PAGE}"
        assert not ask.conditional

    def test_several_hashtags_go_into_one_request(self) -> None:
        ask = COLLECTOR.ask(source("eins", "zwei", "drei"))
        assert urlsplit(ask.url).path == "/api/v1/timelines/tag/eins"
        assert query(ask)[1:] == [("any[]", "zwei"), ("any[]", "drei")]

    def test_paging_keeps_the_other_hashtags_whatever_the_servers_link_says(self) -> None:
        spec = source("eins", "zwei")
        link = {"link": '<https://evil.example/?max_id=1>; rel="next", <x>; rel="prev"'}
        down = following(spec, answer(spec, [status(7), status(5)], headers=link))
        assert urlsplit(COLLECTOR.ask(down).url).netloc == urlsplit(URL).netloc
        assert query(COLLECTOR.ask(down))[1:] == [("any[]", "zwei"), ("max_id", "5")]
        up = following(down, answer(down, []))
        assert query(COLLECTOR.ask(up))[1:] == [("any[]", "zwei"), ("min_id", "7")]

    def test_ids_and_hashtags_are_quoted(self) -> None:
        spec = source("größe")
        assert "/tag/gr%C3%B6%C3%9Fe?" in COLLECTOR.ask(spec).url
        batch = answer(spec, [status(1, id="a&limit=1#")])
        assert ("max_id", "a&limit=1#") in query(COLLECTOR.ask(following(spec, batch)))

    @pytest.mark.parametrize("url", [URL, f"{URL}/", f"{URL}/tags/x", f"{URL}/@ada"])
    def test_any_page_of_an_instance_names_it(self, url: str) -> None:
        assert COLLECTOR.ask(replace(source(), url=url)).url == f"{TIMELINE}?limit={PAGE}"

    def test_without_a_hashtag_there_is_nothing_to_ask(self) -> None:
        spec = source()
        spec = replace(spec, rule=replace(spec.rule, hashtags=()))
        with pytest.raises(CollectError, match="hashtag") as caught:
            COLLECTOR.ask(spec)
        assert "--course" in caught.value.mend


class TestBeginningAnew:
    @pytest.mark.parametrize(
        "changed",
        [
            source("other"),
            source(TAG, "other"),
            source(registered_only=True),
            source(participant_registered=True),
        ],
    )
    def test_other_rules_do_not_go_on_where_the_old_ones_stopped(self, changed: SourceSpec) -> None:
        instance = Instance()
        instance.add(*(status(n) for n in range(1, 4)))
        spec, _ = run(instance, source())
        assert query(COLLECTOR.ask(spec))[-1] == ("min_id", "3")
        assert query(COLLECTOR.ask(replace(changed, cursor=spec.cursor)))[-1][0] != "min_id"

    def test_what_an_instance_shows_is_still_known(self) -> None:
        cursor = {"asked": ["old"], "newest": "9", "oldest": "1", "only": "local"}
        assert query(COLLECTOR.ask(source(cursor=cursor)))[1:] == [("local", "true")]


class TestRefusals:
    @pytest.mark.parametrize("code", [400, 401, 403, 422])
    @pytest.mark.parametrize("body", [{"error": "This method requires a user"}, HTML, b""])
    def test_the_instance_is_asked_what_it_does_show(self, code: int, body: Any) -> None:
        spec = source()
        probing = following(spec, answer(spec, body, code))
        assert COLLECTOR.ask(probing).url == f"{URL}/api/v2/instance"

    @pytest.mark.parametrize(
        ("access", "shown"),
        [
            ({"local": "public", "remote": "authenticated"}, "local"),
            ({"local": "disabled", "remote": "public"}, "remote"),
        ],
    )
    def test_what_is_public_is_asked_for(self, access: Mapping[str, str], shown: str) -> None:
        about = {"configuration": {"timelines_access": {"hashtag_feeds": access}}}
        probing = source(cursor={"probe": "refused"})
        asked = following(probing, answer(probing, about))
        assert query(COLLECTOR.ask(asked))[1:] == [(shown, "true")]
        spec = following(asked, answer(asked, [status(1)]))
        assert query(COLLECTOR.ask(spec))[1:] == [(shown, "true"), ("max_id", "1")]

    @pytest.mark.parametrize(
        "access",
        [
            {"local": "authenticated", "remote": "authenticated"},
            {"local": "public", "remote": "public"},  # and refused all the same
            {},
            [],
            None,
        ],
    )
    def test_where_no_side_is_public_it_wants_a_token(self, access: Any) -> None:
        about = {"configuration": {"timelines_access": {"hashtag_feeds": access}}}
        self._wants_a_token(source(cursor={"probe": "refused"}), about, 200)

    @pytest.mark.parametrize(
        ("about", "code"),
        [({}, 200), ([], 200), (HTML, 200), (b"", 401), ({"error": "x"}, 404), (b"[" * 9999, 200)],
    )
    def test_or_where_it_does_not_say(self, about: Any, code: int) -> None:
        self._wants_a_token(source(cursor={"probe": "refused"}), about, code)

    def test_or_where_that_side_is_refused_too(self) -> None:
        self._wants_a_token(source(cursor={"only": "local"}), {"error": "x"}, 401)

    def _wants_a_token(self, spec: SourceSpec, body: Any, code: int) -> None:
        with pytest.raises(CollectError) as caught:
            answer(spec, body, code)
        error = caught.value
        assert (error.code, URL in error.message) == ("wants-token", True)
        assert "New application" in error.mend
        assert "--token-stdin" in error.mend


class TestOddAnswers:
    def test_404_for_a_tag_nobody_used_is_an_empty_timeline(self) -> None:
        batch = answer(source(), {"error": "Record not found"}, 404)
        assert (batch.posts, batch.more) == ((), False)

    def test_a_page_that_says_404_is_one_too_if_there_is_an_instance(self) -> None:
        for cursor in ({}, run_once().cursor):
            spec = source(cursor=cursor)
            probing = following(spec, answer(spec, HTML, 404))
            assert COLLECTOR.ask(probing).url == f"{URL}/api/v1/instance"
            batch = answer(probing, {"uri": "instance.example", "version": "0.11"})
            assert (batch.posts, batch.more, batch.cursor.get("probe")) == ((), False, None)
            assert batch.cursor.get("newest") == cursor.get("newest")

    @pytest.mark.parametrize(
        ("body", "code"), [(HTML, 404), (b"nothing", 404), ([], 200), ({}, 200)]
    )
    def test_else_it_is_none(self, body: Any, code: int) -> None:
        with pytest.raises(CollectError) as caught:
            answer(source(cursor={"probe": "missing"}), body, code)
        assert caught.value.code == "not-mastodon"

    @pytest.mark.parametrize(
        "body", [HTML, b"plain text", b"", b"null", b"3", b"{}", b'{"error": "x"}', b"\xff\xfe"]
    )
    def test_what_is_no_timeline_is_an_error(self, body: bytes) -> None:
        with pytest.raises(CollectError, match="Mastodon") as caught:
            answer(source(), body)
        assert (caught.value.code, bool(caught.value.mend)) == ("not-mastodon", True)

    def test_it_is_called_by_its_hashtag_and_its_instance(self) -> None:
        assert answer(source("Eins", "zwei"), []).title == f"#Eins · {urlsplit(URL).netloc}"

    def test_what_is_no_status_is_left_out(self) -> None:
        odd: list[Any] = [
            None,
            1,
            "x",
            [],
            {},
            {"id": None},
            {"id": True},
            {"id": ""},
            {"id": "a\0b"},
            {"id": " "},
        ]
        batch = answer(source(), [*odd, status(3), {"id": 2}])
        assert ids([batch]) == ["3"]
        assert (batch.cursor["newest"], batch.cursor["oldest"]) == ("3", "2")

    def test_numbers_as_ids(self) -> None:
        batch = answer(source(), [status(12, id=12), status(9, id=9)])
        assert (batch.cursor["newest"], batch.cursor["oldest"]) == ("12", "9")


def run_once() -> SourceSpec:
    instance = Instance()
    instance.add(status(1), status(2))
    return run(instance, source())[0]


class TestWhatIsTaken:
    def test_what_is_older_than_the_course_is_left_out_and_noted(self) -> None:
        old = status(1, at=STARTS - timedelta(minutes=1))
        batch = answer(source(), [status(2, at=STARTS), old])
        assert ids([batch]) == ["2"]
        assert [(uid, reason) for uid, reason, _ in batch.excluded] == [(old["uri"], "too-old")]

    def test_without_a_start_everything_is(self) -> None:
        batch = answer(source(since=None), [status(1, at=STARTS - timedelta(days=900))])
        assert ids([batch]) == ["1"]

    def test_what_has_no_time_is(self) -> None:
        batch = answer(source(), [status(1, created_at=None), status(2, created_at="yesterday")])
        assert sorted(ids([batch])) == ["1", "2"]
        assert [post.published_at for post in batch.posts] == [None, None]

    def test_it_is_only_what_is_new(self) -> None:
        assert answer(source(), [status(1)]).partial
