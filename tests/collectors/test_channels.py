"""Streams over real connections: event streams, WebSocket, and what servers do wrong."""

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.channels import Channels, StreamBroken
from collectors.contract import Channel, CollectError, Event
from collectors.guard import parse_allow
from collectors.http import FetchPolicy, HttpError
from collectors.stream import LONGEST_PAUSE, pause
from models.domain.pace import DAY
from tests.servers.mastodon import Differences, Instance, instance, websockets
from tests.servers.web import Answer, Request, Response, Served, as_json, served

TOKEN = "a-token"


def policy(*allowed: str) -> FetchPolicy:
    return FetchPolicy("test", parse_allow(",".join(allowed)))


def channel(base: str, tag: str = "muster") -> Channel:
    return Channel(
        f"{base}/api/v1/streaming/hashtag?tag={tag}",
        f"{base}/api/v1/streaming?stream=hashtag&tag={tag}",
    )


async def heard(
    base: str,
    most: int,
    *allowed: str,
    up: threading.Event | None = None,
    silence: float = 30,
    token: str = TOKEN,
) -> list[Event]:
    """The first events of a stream."""
    found: list[Event] = []
    async with (
        Channels(policy(*allowed), silence=silence) as channels,
        channels.open(channel(base), token) as events,
    ):
        if up is not None:
            up.set()
        async for event in events:
            found.append(event)
            if len(found) == most:
                break
    return found


def listen(base: str, most: int, *allowed: str, **more: object) -> list[Event]:
    return asyncio.run(heard(base, most, *allowed, **more))  # type: ignore[arg-type]


def heard_by_someone(social: Instance) -> bool:
    """Whether somebody listens, after a while at the most."""
    for _ in range(2000):
        if social.listeners:
            return True
        threading.Event().wait(0.01)
    return False


@contextmanager
def saying(social: Instance, up: threading.Event) -> Iterator[None]:
    """Posts twice as soon as somebody listens."""

    def say() -> None:
        if not up.wait(20) or not heard_by_someone(social):
            return
        social.post("größer #muster")
        social.post("other #else")
        social.delete(social.post("short #muster", told=False)["id"])

    thread = threading.Thread(target=say)
    thread.start()
    try:
        yield
    finally:
        thread.join()


def names(events: list[Event]) -> list[str]:
    return [event.name for event in events]


def test_an_event_stream() -> None:
    social, up = Instance(), threading.Event()
    with instance(social) as server, saying(social, up):
        events = listen(server.origin, 2, server.netloc, up=up)
    assert names(events) == ["update", "delete"]
    assert json.loads(events[0].data)["content"] == "<p>größer #muster</p>"
    (asked,) = server.requests
    assert asked.headers["authorization"] == f"Bearer {TOKEN}"
    assert asked.headers["accept"] == "text/event-stream"
    assert "cookie" not in asked.headers


def test_a_websocket_where_there_is_nothing_else() -> None:
    social, up = Instance(differences=Differences(event_stream=False)), threading.Event()
    with websockets(social) as address, saying(social, up):
        base = address.replace("ws", "http", 1)
        events = listen(base, 2, address.removeprefix("ws://"), up=up)
    assert names(events) == ["update", "delete"]
    assert json.loads(events[0].data)["content"] == "<p>größer #muster</p>"


@contextmanager
def answering(answer: Answer) -> Iterator[Served]:
    with served(answer) as server:
        yield server


def failure(answer: Answer, **more: object) -> CollectError:
    with answering(answer) as server, pytest.raises(CollectError) as caught:
        listen(server.origin, 1, server.netloc, **more)
    return caught.value


@pytest.mark.parametrize("status", [401, 403, 429, 500, 503])
def test_refusals_are_told_apart(status: int) -> None:
    error = failure(lambda request: as_json({"error": "x"}, status, Retry_After="70"))
    assert isinstance(error, HttpError)
    assert error.status == status
    assert error.retry_after == (70 if status in {429, 503} else None)


@pytest.mark.parametrize("status", [400, 404, 405, 426])
def test_without_either_kind_of_stream_there_is_none(status: int) -> None:
    asked: list[Request] = []

    def answer(request: Request) -> Response:
        asked.append(request)
        return as_json({"error": "x"}, status)

    error = failure(answer)
    assert isinstance(error, HttpError)
    assert error.status == status
    assert [request.headers.get("upgrade") for request in asked] == [None, "websocket"]


def test_a_page_is_no_stream() -> None:
    error = failure(lambda request: Response(b"<h1>Welcome</h1>", kind="text/html"))
    assert error.code == "no-stream"


def test_a_redirect_is_not_followed() -> None:
    """The token would go along."""
    asked: list[Request] = []
    with served(lambda request: asked.append(request) or Response()) as other:  # type: ignore[func-returns-value]
        target = f"{other.origin}/api/v1/streaming/hashtag"
        error = failure(lambda request: Response(b"", 307, headers={"Location": target}))
    assert isinstance(error, HttpError)
    assert asked == []


@pytest.mark.parametrize("base", ["http://127.0.0.1", "http://169.254.169.254", "http://[::1]"])
def test_addresses_are_guarded(base: str) -> None:
    with pytest.raises(CollectError) as caught:
        listen(base, 1)
    assert caught.value.code == "refused-address"


def stream(*pieces: bytes, wait: threading.Event | None = None) -> Answer:
    def write(handler: BaseHTTPRequestHandler) -> None:
        for piece in pieces:
            handler.wfile.write(piece)
        if wait is not None:
            wait.wait(20)

    return lambda request: Response(kind="text/event-stream", stream=write)


def test_one_that_ends_is_broken() -> None:
    error = failure(stream(b":)\n"))
    assert isinstance(error, StreamBroken)


def test_one_that_falls_silent_is_broken() -> None:
    done = threading.Event()
    try:
        error = failure(stream(b":)\n", wait=done), silence=0.2)
    finally:
        done.set()
    assert isinstance(error, StreamBroken)
    assert "0.2 seconds" in error.message


def test_an_endless_event_is_given_up() -> None:
    error = failure(stream(*[b"data: " + b"x" * 65_000 + b"\n"] * 20))
    assert error.code == "too-large"


def test_messages_that_are_none_are_passed_over() -> None:
    social = Instance()

    def say() -> None:
        assert heard_by_someone(social)
        for _, listener in social.listeners:
            listener.put(b"event: update\ndata: last\n\n")

    with websockets(social, before=["no JSON", "[]", '{"event": 7}', "7"]) as address:
        thread = threading.Thread(target=say)
        thread.start()
        base = address.replace("ws", "http", 1)
        events = listen(base, 1, address.removeprefix("ws://"))
        thread.join()
    assert events == [Event("update", "last")]


CODES = st.sampled_from(["stream-broken", "wants-token", "no-stream", "timeout"])


@given(st.integers(1, 60), CODES, st.floats(0, 1, exclude_max=True))
def test_pauses_grow_and_end(failures: int, code: str, chance: float) -> None:
    error = CollectError(code, "x")
    wait = pause(failures, error, chance)
    lasting = code in {"wants-token", "no-stream"}
    assert (1800 if lasting else 0.5) <= wait <= (DAY if lasting else LONGEST_PAUSE)
    assert pause(failures + 1, error, chance) >= wait


def test_a_server_that_names_a_time_is_obeyed() -> None:
    assert pause(1, CollectError("http-429", "x", retry_after=900), 0) == 900
    assert pause(1, CollectError("http-429", "x", retry_after=1e9), 0) == DAY
