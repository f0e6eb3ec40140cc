import asyncio
import contextlib
import gzip
import logging
import pickle
import socket
import time
from collections.abc import AsyncIterator, Coroutine, Iterator
from typing import Any

import httpx2
import pytest

from collectors.contract import NO_ANSWER, Ask, CollectError
from collectors.guard import parse_allow
from collectors.http import Fetched, Fetcher, Hop, HttpError, Validators
from models.domain.links import host_key
from tests.collectors.loopback import (
    Answer,
    Piece,
    Seen,
    connects,
    policy,
    redirect,
    response,
    serving,
    trusting,
)

OTHER = "127.0.0.2"


async def _once(answer: Answer, policy_changes: dict[str, Any], **asked: Any) -> Fetched:
    async with serving(answer) as site, Fetcher(policy(**policy_changes)) as fetcher:
        return await fetcher.fetch(Ask(f"{site.origin}/feed", **asked))


def fetch(answer: Answer | bytes, *, policy_changes: Any = None, **asked: Any) -> Fetched:
    """What comes of one answer to one `Ask`."""
    said = answer
    always: Answer = (lambda _: said) if isinstance(said, bytes) else said
    return asyncio.run(_once(always, policy_changes or {}, **asked))


def fails(answer: Answer | bytes, **asked: Any) -> CollectError:
    with pytest.raises(CollectError) as caught:
        fetch(answer, **asked)
    assert caught.value.message.endswith(".")
    return caught.value


def pieces(*said: Piece) -> Answer:
    return lambda _: iter(said)


def run(scenario: Coroutine[Any, Any, None]) -> None:
    """Within a limit of its own, far above what any scenario needs."""
    asyncio.run(asyncio.wait_for(scenario, 20))


def test_a_request_and_its_answer() -> None:
    async def scenario() -> None:
        said = response(200, b"<rss/>", "Content-Type: text/xml", "Link: <a>", "link: <b>")
        async with serving(lambda _: said) as site, Fetcher(policy()) as fetcher:
            fetched = await fetcher.fetch(Ask(f"{site.origin}/feed?a=ü#x", accept="text/xml"))
        seen = site.requests[0]
        assert seen.target == "/feed?a=%C3%BC"
        assert seen.headers == {
            "host": f"127.0.0.1:{site.port}",
            "user-agent": "moocfeed/0 (+test)",
            "accept": "text/xml",
            "accept-encoding": "gzip, deflate",
        }
        assert fetched.reply.url == f"{site.origin}/feed?a=ü#x"
        assert (fetched.reply.status, fetched.reply.body) == (200, b"<rss/>")
        assert fetched.reply.headers["link"] == "<a>, <b>"
        assert (fetched.not_modified, fetched.moved_to, fetched.fresh_for) == (False, None, None)
        assert fetched.validators == Validators()
        assert fetched.seconds > 0

    run(scenario())


def test_no_cookies_and_no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.9:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.9:9")

    async def scenario() -> None:
        said = response(200, b"", "Set-Cookie: a=b; Path=/")
        async with serving(lambda _: said) as site, Fetcher(policy()) as fetcher:
            for _ in range(2):
                await fetcher.fetch(Ask(site.origin))
        assert [seen.headers.get("cookie") for seen in site.requests] == [None, None]
        assert site.connections == 1

    run(scenario())


def test_a_bearer_token() -> None:
    async def scenario() -> None:
        async with serving(lambda _: response(200)) as site, Fetcher(policy()) as fetcher:
            await fetcher.fetch(Ask(site.origin), token="secret")
        assert site.requests[0].headers["authorization"] == "Bearer secret"

    run(scenario())


def test_validators_are_echoed_byte_for_byte_and_kept_across_304() -> None:
    etag, modified = 'W/"\xfc -gzip"', "yesterday, \xe4bout noon"

    def answer(seen: Seen) -> bytes:
        if "if-none-match" in seen.headers:
            return response(304, b"", "Cache-Control: max-age=60")
        return response(200, b"feed", f"ETag: {etag}", f"Last-Modified: {modified}")

    async def scenario() -> None:
        async with serving(answer) as site, Fetcher(policy()) as fetcher:
            first = await fetcher.fetch(Ask(site.origin))
            second = await fetcher.fetch(Ask(site.origin), validators=first.validators)
            third = await fetcher.fetch(Ask(site.origin), validators=second.validators)
            whole = await fetcher.fetch(
                Ask(site.origin, conditional=False), validators=third.validators
            )
        assert first.validators == Validators(etag, modified)
        for fetched, seen in ((second, site.requests[1]), (third, site.requests[2])):
            assert seen.headers["if-none-match"] == etag
            assert seen.headers["if-modified-since"] == modified
            assert (fetched.not_modified, fetched.reply.status) == (True, 304)
            assert (fetched.reply.body, fetched.fresh_for) == (b"", 60)
            assert fetched.validators == first.validators
        assert "if-none-match" not in site.requests[3].headers
        assert whole.reply.body == b"feed"
        assert site.connections == 1

    run(scenario())


def test_a_304_that_was_not_asked_for_is_an_error() -> None:
    assert fails(response(304)).code == "http-304"


def test_a_304_has_no_body_whatever_its_headers_say() -> None:
    async def scenario() -> None:
        said = response(304, b"", "Content-Encoding: br", "Content-Length: 99999999")
        async with serving(lambda _: said) as site, Fetcher(policy()) as fetcher:
            for _ in range(2):
                fetched = await fetcher.fetch(Ask(site.origin), validators=Validators('"a"'))
                assert (fetched.not_modified, fetched.reply.body) == (True, b"")

    run(scenario())


def test_permanent_redirects_tell_the_new_address() -> None:
    said = {
        "/feed": redirect(301, "/b"),
        "/b": redirect(308, "c"),
        "/c": response(200, b"here"),
        "/d": redirect(302, "/c"),
        "/e": redirect(301, "/d"),
    }

    async def scenario() -> None:
        async with serving(lambda seen: said[seen.target]) as site, Fetcher(policy()) as fetcher:
            fetched = await fetcher.fetch(Ask(f"{site.origin}/feed"))
            assert fetched.moved_to == fetched.reply.url == f"{site.origin}/c"
            assert fetched.reply.body == b"here"
            fetched = await fetcher.fetch(Ask(f"{site.origin}/e"))
            assert (fetched.moved_to, fetched.reply.url) == (None, f"{site.origin}/c")
        assert site.connections == 1

    run(scenario())


def test_a_redirect_to_another_host_takes_neither_token_nor_validators_along() -> None:
    async def scenario() -> None:
        async with serving(lambda _: response(200, b"there"), OTHER) as other:
            said = {"/feed": redirect(301, "/on"), "/on": redirect(301, f"{other.origin}/x")}
            async with (
                serving(lambda seen: said[seen.target]) as site,
                Fetcher(policy()) as fetcher,
            ):
                fetched = await fetcher.fetch(
                    Ask(f"{site.origin}/feed"), validators=Validators('"a"'), token="secret"
                )
        private = {"authorization", "if-none-match"}
        assert [private <= seen.headers.keys() for seen in site.requests] == [True, True]
        assert not private & other.requests[0].headers.keys()
        assert other.requests[0].headers["host"] == f"{OTHER}:{other.port}"
        assert fetched.moved_to == f"{other.origin}/x"

    run(scenario())


def test_hop_holds_each_further_host_until_the_end() -> None:
    story: list[str] = []

    @contextlib.asynccontextmanager
    async def hop(host: str) -> AsyncIterator[None]:
        story.append(f"take {host}")
        try:
            yield
        finally:
            story.append(f"leave {host}")

    async def scenario() -> None:
        def there(seen: Seen) -> bytes:
            story.append(seen.target)
            return redirect(302, "/last") if seen.target == "/x" else response(404)

        async with serving(there, OTHER) as other:
            said = {"/feed": redirect(301, "/on"), "/on": redirect(301, f"{other.origin}/x")}
            async with (
                serving(lambda seen: said[seen.target]) as site,
                Fetcher(policy()) as fetcher,
            ):
                with pytest.raises(HttpError):
                    await fetcher.fetch(Ask(f"{site.origin}/feed"), hop=hop)
        key = host_key(other.origin)
        assert story == [f"take {key}", "/x", "/last", f"leave {key}"]

    run(scenario())


def test_what_a_hop_raises_comes_through_and_nothing_is_asked() -> None:
    @contextlib.asynccontextmanager
    async def busy(host: str) -> AsyncIterator[None]:
        if host:
            raise LookupError(host)
        yield

    async def scenario(hop: Hop) -> None:
        async with serving(lambda _: response(200), OTHER) as other:
            said = redirect(302, other.origin)
            async with serving(lambda _: said) as site, Fetcher(policy()) as fetcher:
                with pytest.raises(LookupError):
                    await fetcher.fetch(Ask(site.origin), hop=hop)
        assert other.connections == 0

    run(scenario(busy))


def test_circles_and_endless_redirects_end() -> None:
    assert fails(redirect(302, "/feed")).code == "redirect-loop"
    assert fails(redirect(302, "/elsewhere"), follows=False).code == "http-302"
    assert fails(lambda seen: redirect(302, seen.target + "x")).code == "too-many-redirects"

    def five(seen: Seen) -> bytes:
        more = len(seen.target) < len("/feedxxxxx")
        return redirect(302, seen.target + "x") if more else response(200, b"end")

    assert fetch(five).reply.body == b"end"


def test_a_redirect_inside_is_refused_without_a_connection() -> None:
    async def scenario() -> None:
        async with serving(lambda _: response(200), OTHER) as inside:
            said = redirect(302, f"{inside.origin}/")
            async with (
                serving(lambda _: said) as site,
                Fetcher(policy(allow=parse_allow("127.0.0.1"))) as fetcher,
            ):
                with connects.recorded() as made, pytest.raises(CollectError) as caught:
                    await fetcher.fetch(Ask(site.origin))
        assert caught.value.code == "refused-address"
        assert made == [("127.0.0.1", site.port)]
        assert inside.connections == 0

    run(scenario())


def test_a_redirect_without_a_target_is_an_error() -> None:
    assert fails(response(302)).code == "http-302"


@pytest.mark.parametrize(
    ("status", "code"), [(400, "http-400"), (404, "http-404"), (410, "gone"), (500, "http-500")]
)
def test_error_statuses(status: int, code: str) -> None:
    error = fails(response(status, b"sorry", "Retry-After: 9"))
    assert isinstance(error, HttpError)
    assert (error.status, error.code, error.retry_after) == (status, code, None)
    assert "127.0.0.1" in error.message
    assert error.mend


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("Retry-After: 120", 120),
        ("X-RateLimit-Reset: 120", 120),
        ("X-Other: 1", None),
    ],
)
def test_when_to_come_again(status: int, header: str, seconds: float | None) -> None:
    error = fails(response(status, b"", header))
    assert isinstance(error, HttpError)
    assert (error.status, error.retry_after) == (
        status,
        seconds if seconds is None else pytest.approx(seconds, abs=2),
    )


def test_statuses_that_are_wanted_are_returned() -> None:
    fetched = fetch(response(422, b"why", 'ETag: "a"'), answers=frozenset({422}))
    assert (fetched.reply.status, fetched.reply.body) == (422, b"why")
    assert fetched.validators == Validators()


def test_errors_survive_pickling() -> None:
    error = pickle.loads(pickle.dumps(HttpError(503, "blog.example", 7.0)))
    assert isinstance(error, HttpError)
    assert (error.status, error.code, error.retry_after) == (503, "http-503", 7.0)
    assert error.message == "blog.example is not available at the moment (503)."


def test_a_coded_body_is_decoded() -> None:
    body = gzip.compress(b"<rss>") + gzip.compress(b"</rss>")
    fetched = fetch(response(200, body, "Content-Encoding: gzip"))
    assert fetched.reply.body == b"<rss></rss>"


def chunked(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


ENDLESS_HEAD = response(200, b"", "Transfer-Encoding: chunked", length=False)
BROKEN_OFF = response(200, b"", "Content-Length: 100", length=False) + b"only this"


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ((response(200, gzip.compress(b"x" * 99)[:-9], "Content-Encoding: gzip"),), "bad-body"),
        ((response(200, b"x", "Content-Encoding: gzip, gzip"),), "bad-body"),
        ((response(200, b"x", "Content-Encoding: gzip", "Content-Encoding: gzip"),), "bad-body"),
        ((BROKEN_OFF, None), "bad-body"),
        ((ENDLESS_HEAD + chunked(b"only this"), None), "bad-body"),
        ((ENDLESS_HEAD + b"nonsense\r\n", None), "bad-body"),
        ((response(200, gzip.compress(b"0" * 10**7), "Content-Encoding: gzip"),), "too-large"),
        ((b"SSH-2.0-OpenSSH_9.2\r\n\r\n", None), "connect"),
        ((None,), "connect"),
        ((b"HTTP/1.1 200 OK\r\nA: " + b"b" * 200_000, None), "connect"),
    ],
)
def test_bodies_and_answers_that_are_no_use(said: tuple[Piece, ...], code: str) -> None:
    assert fails(pieces(*said)).code == code


def test_an_endless_body_ends_at_the_limit() -> None:
    def endless(_: Seen) -> Iterator[Piece]:
        yield ENDLESS_HEAD
        while True:
            yield chunked(b"x" * 60_000)

    assert fails(endless, limit=300_000).code == "too-large"


def test_a_length_beyond_the_limit_is_not_read_at_all() -> None:
    head = response(200, b"", "Content-Length: 300001", length=False)
    assert fails(pieces(head, 30.0), limit=300_000).code == "too-large"


@pytest.mark.parametrize(
    "said",
    [
        (30.0,),
        (b"HTTP/1.1 200 OK\r\n", *[piece for _ in range(300) for piece in (b"A: b\r\n", 0.1)]),
        (ENDLESS_HEAD, *[piece for _ in range(300) for piece in (chunked(b"x"), 0.1)]),
        (response(302, b"", "Location: /a", "Content-Length: 9", length=False), 30.0),
    ],
)
def test_a_slow_answer_ends_at_the_deadline(said: tuple[Piece, ...]) -> None:
    assert fails(pieces(*said), policy_changes={"total_timeout": 0.3}).code == "timeout"


def test_a_kept_connection_that_was_closed_is_replaced() -> None:
    """The server hangs up just when the second request arrives; that is nobody's fault."""
    asked: list[str] = []

    def answer(seen: Seen) -> Iterator[Piece]:
        asked.append(seen.target)
        return iter((None,) if len(asked) == 2 else (response(200, b"x"),))

    async def scenario() -> None:
        async with serving(answer) as site, Fetcher(policy()) as fetcher:
            for name in ("/1", "/2", "/3"):
                await fetcher.fetch(Ask(site.origin + name))
        assert asked == ["/1", "/2", "/2", "/3"]
        assert site.connections == 2

    run(scenario())


def test_what_arrives_unasked_on_a_kept_connection_is_no_answer() -> None:
    first = response(200, b"first")
    unasked = response(408, b"too slow", "Connection: close")

    def answer(seen: Seen) -> Iterator[Piece]:
        if seen.target == "/1":
            return iter((first, 0.05, unasked, None))
        return iter((response(200, b"second"),))

    async def scenario() -> None:
        async with serving(answer) as site, Fetcher(policy()) as fetcher:
            await fetcher.fetch(Ask(f"{site.origin}/1"))
            async with asyncio.timeout(10):
                while site.busy:  # noqa: ASYNC110 - the server runs in this very loop
                    await asyncio.sleep(0.01)
            fetched = await fetcher.fetch(Ask(f"{site.origin}/2"))
        assert fetched.reply.body == b"second"

    run(scenario())


def test_a_408_is_asked_once_more_on_a_new_connection() -> None:
    """A server that gives an idle connection up says so while the next request is on its way."""
    asked: list[str] = []

    def answer(seen: Seen) -> Iterator[Piece]:
        asked.append(seen.target)
        late = len(asked) == 2 or seen.target == "/never"
        return iter((response(408, b"too slow") if late else response(200, b"x"),))

    async def scenario() -> None:
        async with serving(answer) as site, Fetcher(policy()) as fetcher:
            await fetcher.fetch(Ask(f"{site.origin}/1"))
            await fetcher.fetch(Ask(f"{site.origin}/2"))
            assert (asked, site.connections) == (["/1", "/2", "/2"], 2)
            with pytest.raises(HttpError):
                await fetcher.fetch(Ask(f"{site.origin}/never"))
            assert asked[3:] == ["/never", "/never"]

    run(scenario())


def test_a_new_connection_that_is_closed_is_not_tried_twice() -> None:
    async def scenario() -> None:
        async with serving(pieces(None)) as site, Fetcher(policy()) as fetcher:
            with pytest.raises(CollectError):
                await fetcher.fetch(Ask(site.origin))
        assert (site.connections, len(site.requests)) == (1, 1)

    run(scenario())


def test_nobody_listens() -> None:
    async def scenario() -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
        async with Fetcher(policy()) as fetcher:
            with pytest.raises(CollectError) as caught:
                await fetcher.fetch(Ask(f"http://127.0.0.1:{port}/"))
        assert caught.value.code == "connect"

    run(scenario())


def test_the_next_address_is_tried_when_one_takes_no_connections(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def two(_: Any, port: int, **__: Any) -> list[Any]:
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))
            for address in ("127.0.0.4", "127.0.0.1")
        ]

    async def scenario() -> None:
        async with serving(lambda _: response(200)) as site, Fetcher(policy()) as fetcher:
            monkeypatch.setattr(socket, "getaddrinfo", two)
            await fetcher.fetch(Ask(f"http://blog.example:{site.port}/"))

    run(scenario())


def test_a_look_up_that_hangs_ends_and_holds_up_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    real = socket.getaddrinfo

    def slow(host: str, *rest: Any, **named: Any) -> Any:
        time.sleep(1)
        return real("127.0.0.1", *rest, **named)

    async def scenario() -> None:
        async with (
            serving(lambda _: response(200)) as site,
            Fetcher(policy(connect_timeout=0.2)) as fetcher,
        ):
            monkeypatch.setattr(socket, "getaddrinfo", slow)
            hanging = asyncio.create_task(fetcher.fetch(Ask(f"http://blog.example:{site.port}/")))
            await fetcher.fetch(Ask(site.origin))
            assert not hanging.done()
            with pytest.raises(CollectError) as caught:
                await hanging
        assert caught.value.code == "timeout"

    run(scenario())


def test_tls_asks_for_the_name_and_its_failure_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[bytes] = []

    async def hello(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.read(4096))
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await writer.drain()
        writer.close()

    async def scenario() -> None:
        server = await asyncio.start_server(hello, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        found = socket.getaddrinfo("127.0.0.1", port, type=socket.SOCK_STREAM)
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
        async with server, Fetcher(policy()) as fetcher:
            with pytest.raises(CollectError) as caught:
                await fetcher.fetch(Ask(f"https://blog.example.:{port}/"))
        assert caught.value.code == "tls"
        assert b"\x00\x0cblog.example" in heard[0]

    run(scenario())


def test_tls_that_never_answers_ends_with_the_time_to_connect() -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.read(4096):
            pass
        writer.close()

    async def scenario() -> None:
        server = await asyncio.start_server(silent, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        async with server, Fetcher(policy(connect_timeout=0.2)) as fetcher:
            with pytest.raises(CollectError) as caught:
                await fetcher.fetch(Ask(f"https://127.0.0.1:{port}/"))
        assert caught.value.code == "timeout"

    run(scenario())


def test_no_more_requests_at_once_than_allowed() -> None:
    async def scenario() -> None:
        async with (
            serving(pieces(0.02, response(200))) as site,
            Fetcher(policy(concurrency=3)) as fetcher,
        ):
            asks = (fetcher.fetch(Ask(f"{site.origin}/{number}")) for number in range(12))
            await asyncio.gather(*asks)
        assert site.most_busy == 3

    run(scenario())


def test_waiting_for_a_slot_does_not_count_as_slowness() -> None:
    async def scenario() -> None:
        async with (
            serving(pieces(0.2, response(200))) as site,
            Fetcher(policy(concurrency=1, total_timeout=1)) as fetcher,
        ):
            asks = (fetcher.fetch(Ask(f"{site.origin}/{number}")) for number in range(7))
            await asyncio.gather(*asks)

    run(scenario())


def test_cancelled_and_failed_fetches_give_their_slots_back() -> None:
    def answer(seen: Seen) -> Iterator[Piece]:
        return iter((response(200),) if seen.target == "/" else (ENDLESS_HEAD, 30.0))

    async def scenario() -> None:
        async with (
            serving(answer) as site,
            Fetcher(policy(concurrency=1, total_timeout=10)) as fetcher,
        ):
            for _ in range(5):
                with pytest.raises(TimeoutError):
                    async with asyncio.timeout(0.05):
                        await fetcher.fetch(Ask(f"{site.origin}/hangs"))
            await fetcher.fetch(Ask(f"{site.origin}/"))

    run(scenario())


def test_neither_addresses_nor_tokens_are_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)

    async def scenario() -> None:
        async with serving(lambda _: response(200)) as site, Fetcher(policy()) as fetcher:
            await fetcher.fetch(Ask(f"{site.origin}/hidden"), token="secret")

    run(scenario())
    assert "hidden" not in caplog.text
    assert "secret" not in caplog.text


@pytest.fixture
def trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    """The servers of these tests have a certificate that counts."""
    monkeypatch.setattr(httpx2, "create_ssl_context", lambda **_: trusting())


@pytest.mark.usefixtures("trusted")
def test_over_tls_to_the_address_that_was_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    found = socket.getaddrinfo("127.0.0.1", 1, type=socket.SOCK_STREAM)

    async def scenario() -> None:
        async with (
            serving(lambda _: response(200, b"hello"), tls=True) as site,
            Fetcher(policy()) as fetcher,
        ):
            for _ in range(2):
                fetched = await fetcher.fetch(Ask(f"{site.origin}/feed"))
                assert fetched.reply.body == b"hello"
            assert site.connections == 1
            monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
            by_name = await fetcher.fetch(Ask(f"https://blog.example:{site.port}/feed"))
            assert by_name.reply.body == b"hello"
            with pytest.raises(CollectError) as caught:
                await fetcher.fetch(Ask(f"https://other.example:{site.port}/feed"))
        assert caught.value.code == "tls"
        assert "certificate of other.example" in caught.value.message

    run(scenario())


def test_a_certificate_nobody_vouches_for_is_refused() -> None:
    async def scenario() -> None:
        async with (
            serving(lambda _: response(200), tls=True) as site,
            Fetcher(policy()) as fetcher,
        ):
            with pytest.raises(CollectError) as caught:
                await fetcher.fetch(Ask(site.origin), token="secret")
        assert caught.value.code == "tls"
        assert site.requests == []

    run(scenario())


@pytest.mark.usefixtures("trusted")
def test_https_is_never_left_for_http() -> None:
    async def scenario() -> None:
        async with serving(lambda _: response(200)) as plain:
            said = redirect(301, f"{plain.origin}/feed")
            async with serving(lambda _: said, tls=True) as site, Fetcher(policy()) as fetcher:
                with pytest.raises(CollectError) as caught:
                    await fetcher.fetch(Ask(f"{site.origin}/feed"))
        assert caught.value.code == "refused-address"
        assert plain.connections == 0

    run(scenario())


@pytest.mark.usefixtures("trusted")
def test_a_change_from_http_to_https_leaves_token_and_validators_behind() -> None:
    async def scenario() -> None:
        async with serving(lambda _: response(200), tls=True) as safe:
            said = redirect(301, f"{safe.origin}/feed")
            async with serving(lambda _: said) as site, Fetcher(policy()) as fetcher:
                fetched = await fetcher.fetch(
                    Ask(f"{site.origin}/feed"), validators=Validators('"a"'), token="secret"
                )
        assert fetched.moved_to == f"{safe.origin}/feed"
        assert not {"authorization", "if-none-match"} & safe.requests[0].headers.keys()

    run(scenario())


@pytest.mark.parametrize(
    "said",
    [
        pieces(30.0),
        pieces(None),
        response(200, b"x" * 100),
        response(200, b"x", "Content-Encoding: gzip"),
        redirect(302, "http://10.0.0.1/"),
        redirect(302, "/feed"),
    ],
)
def test_no_usable_answer_is_one_where_that_is_wanted(said: Answer | bytes) -> None:
    wanted = frozenset({NO_ANSWER})
    fetched = fetch(said, policy_changes={"total_timeout": 0.3}, answers=wanted, limit=50)
    assert (fetched.reply.status, fetched.reply.body) == (NO_ANSWER, b"")
    assert fetched.validators == Validators()


def test_but_not_in_place_of_a_status() -> None:
    with pytest.raises(HttpError):
        fetch(response(503), answers=frozenset({NO_ANSWER}))


def test_the_host_that_said_so_is_named_with_its_port() -> None:
    async def scenario() -> None:
        async with serving(lambda _: response(429), OTHER) as other:
            said = redirect(302, other.origin)
            async with serving(lambda _: said) as site, Fetcher(policy()) as fetcher:
                with pytest.raises(HttpError) as caught:
                    await fetcher.fetch(Ask(site.origin))
        assert caught.value.host == host_key(other.origin)

    run(scenario())


def test_the_last_allowed_request_says_so() -> None:
    limits = ("X-RateLimit-Remaining: 0", "X-RateLimit-Reset: 45")
    assert fetch(response(200, b"x", *limits)).rest == 45
    assert fetch(response(200, b"x", "X-RateLimit-Remaining: 7", limits[1])).rest is None
