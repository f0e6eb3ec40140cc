"""Requests that are no plain GET: a body, headers of their own, a secret within."""

import asyncio
import json

import pytest

from collectors.contract import SECRET, Ask, CollectError, Reply
from collectors.http import Fetcher
from tests.collectors.loopback import Answer, Seen, Site, policy, redirect, response, serving

OTHER = "127.0.0.2"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def fetch(ask: Ask, answer: Answer, token: str | None = None) -> tuple[Reply, Site]:
    async def scenario() -> tuple[Reply, Site]:
        async with serving(answer) as site, Fetcher(policy()) as fetcher:
            there = Ask(site.origin + ask.url, ask.method, ask.body, ask.headers)
            return (await fetcher.fetch(there, token=token)).reply, site

    return asyncio.run(scenario())


def test_a_body_and_its_headers_go_along() -> None:
    ask = Ask("/hub", "POST", b"hub.mode=subscribe", FORM)
    reply, site = fetch(ask, lambda _: response(202))
    assert reply.status == 202
    (seen,) = site.requests
    assert (seen.method, seen.body) == ("POST", b"hub.mode=subscribe")
    assert seen.headers["content-type"] == FORM["Content-Type"]
    assert seen.headers["content-length"] == "18"


def test_a_secret_stands_in_the_body_or_in_the_header_and_never_in_both() -> None:
    body = json.dumps({"password": SECRET}).encode()
    _, site = fetch(Ask("/session", "POST", body), lambda _: response(200), token='a"b\\ü')
    (seen,) = site.requests
    assert json.loads(seen.body) == {"password": 'a"b\\ü'}
    assert "authorization" not in seen.headers
    _, site = fetch(Ask("/timeline"), lambda _: response(200), token="abc")
    assert site.requests[0].headers["authorization"] == "Bearer abc"


@pytest.mark.parametrize("status", [301, 302, 303])
def test_a_post_is_not_turned_into_a_get(status: int) -> None:
    with pytest.raises(CollectError) as caught:
        fetch(Ask("/hub", "POST", b"x"), lambda _: redirect(status, "/elsewhere"))
    assert caught.value.code == "redirected"


def test_a_post_is_repeated_where_307_says_so() -> None:
    def answer(seen: Seen) -> bytes:
        return redirect(307, "/new") if seen.target == "/hub" else response(202)

    _, site = fetch(Ask("/hub", "POST", b"x", FORM), answer)
    assert [(seen.target, seen.body) for seen in site.requests] == [("/hub", b"x"), ("/new", b"x")]


def test_a_secret_is_never_repeated() -> None:
    with pytest.raises(CollectError) as caught:
        fetch(Ask("/s", "POST", SECRET.encode()), lambda _: redirect(308, "/t"), token="abc")
    assert caught.value.code == "redirected"


def test_headers_of_its_own_stay_with_the_origin() -> None:
    async def scenario() -> None:
        async with serving(lambda _: response(200), OTHER) as other:
            said = redirect(302, f"{other.origin}/x")
            async with serving(lambda _: said) as site, Fetcher(policy()) as fetcher:
                await fetcher.fetch(Ask(f"{site.origin}/", headers={"X-Key": "k"}))
        assert site.requests[0].headers["x-key"] == "k"
        assert "x-key" not in other.requests[0].headers

    asyncio.run(scenario())
