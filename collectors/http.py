"""The one way out: every request of the service goes through a `Fetcher`.

Each request, redirects included, is built anew and connects to an address the guard has checked;
it sends no cookies, knows no proxies, and ends with its deadline. `httpx2` takes the URLs apart;
the requests go straight to `httpcore2`, below `httpx2`'s client: that would cost half as much
again, log every address, and take headers along to other origins.
"""

import asyncio
import contextlib
import json
import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, aclosing
from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

import httpcore2

from collectors.bodies import CODINGS, read_body, too_large
from collectors.connections import StaleConnectionError
from collectors.contract import NO_ANSWER, SECRET, Ask, CollectError, Reply
from collectors.guard import AllowList, GuardedBackend, check_url
from collectors.headers import (
    NO_VALIDATORS,
    Validators,
    fresh_for,
    joined,
    rest_for,
    retry_after,
    validators_of,
)
from collectors.httperror import HttpError
from collectors.keeping import Answer, Connections
from collectors.redirects import Route, redirect_target
from models.domain.links import host_key

__all__ = ["FetchPolicy", "Fetched", "Fetcher", "Hop", "HttpError", "Validators"]

DRAINED = 16 * 1024
"""Bytes of a redirect's body that are read, so that its connection can be kept."""

UNANSWERED = frozenset(
    {
        "refused-address",
        "dns",
        "connect",
        "timeout",
        "tls",
        "too-large",
        "bad-body",
        "redirect-loop",
        "too-many-redirects",
    }
)
"""Codes of errors that an `Ask` may want as `NO_ANSWER`."""

Hop = Callable[[str], AbstractAsyncContextManager[object]]
"""Takes the `host_key` of a further host a redirect leads to; held until the fetch ends."""


@dataclass(frozen=True, slots=True)
class FetchPolicy:
    """What holds for all requests. Times are in seconds."""

    user_agent: str
    allow: AllowList
    concurrency: int = 50
    """Requests under way at once, over all hosts."""
    connect_timeout: float = 10
    """For looking up a name, connecting and TLS."""
    total_timeout: float = 30
    """For a fetch, with its redirects and the last byte of its body."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """A usable answer."""

    reply: Reply
    validators: Validators
    """For the next request; on 304 those that were sent, unless it named others."""
    not_modified: bool
    """304: the body is empty, what is known still holds."""
    moved_to: str | None
    """The final address, if every redirect was permanent (301, 308) and there was one."""
    seconds: float
    """How long it took."""
    fresh_for: float | None
    """Seconds the answer is fresh, by `Cache-Control` or `Expires`; None if it does not say."""
    rest: float | None = None
    """Seconds the host wants no further request (`X-RateLimit-Remaining: 0`)."""


class Fetcher:
    """Fetches over connections of its own, which are kept for a while.

    A context manager, to be used from one event loop.
    """

    def __init__(self, policy: FetchPolicy) -> None:
        _keep_addresses_out_of_logs()
        self.policy = policy
        self._slots = asyncio.Semaphore(policy.concurrency)
        self._backend = GuardedBackend(policy.allow, threads=policy.concurrency)
        self._connections = Connections(self._backend)
        self._agent = policy.user_agent.encode("ascii", "replace")
        self._extensions = {"timeout": {"connect": policy.connect_timeout}}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._connections.aclose()
        self._backend.close()

    async def fetch(
        self,
        ask: Ask,
        *,
        validators: Validators = NO_VALIDATORS,
        token: str | None = None,
        hop: Hop | None = None,
    ) -> Fetched:
        """Asks, follows redirects, reads the answer.

        `token` goes along as a Bearer token, or in the body where the `ask` has a place for it, and
        `validators` if the `ask` is conditional; they and the `ask`'s own headers stay with the
        origin asked. Raises `CollectError`: `HttpError`, or one with the code
        `refused-address`, `dns`, `connect`, `timeout`, `tls`, `too-large`, `bad-body`,
        `redirect-loop`, `too-many-redirects`, `redirected`; and whatever `hop` raises.
        """
        started = time.monotonic()
        try:
            return await self._fetch(ask, validators, token, hop)
        except CollectError as error:
            if NO_ANSWER not in ask.answers or error.code not in UNANSWERED:
                raise
        return _unanswered(ask, time.monotonic() - started)

    async def _fetch(
        self, ask: Ask, validators: Validators, token: str | None, hop: Hop | None
    ) -> Fetched:
        url = check_url(ask.url, self.policy.allow)
        route = Route(url, validators if ask.conditional else NO_VALIDATORS, token)
        async with self._slots, AsyncExitStack() as held:
            started = time.monotonic()
            try:
                async with asyncio.timeout(self.policy.total_timeout):
                    return await self._travel(ask, route, held, hop, started)
            except TimeoutError:
                raise CollectError(
                    "timeout",
                    f"{route.host} did not finish its answer within "
                    f"{self.policy.total_timeout:g} seconds.",
                    passing=True,
                ) from None

    async def _travel(
        self, ask: Ask, route: Route, held: AsyncExitStack, hop: Hop | None, started: float
    ) -> Fetched:
        while True:
            answer = await self._answer(ask, route)
            try:
                response = answer.response
                headers = joined(response.headers)
                target = redirect_target(response.status, headers) if ask.follows else None
                if target is None:
                    return await _read(ask, route, response, headers, started)
                await _drain(response, headers)
                _check_repeat(ask, response.status, route)
            finally:
                await answer.aclose()
            route = route.follow(response.status, target, self.policy.allow)
            if hop is not None:
                await _enter_host(route, held, hop)

    async def _answer(self, ask: Ask, route: Route) -> Answer:
        """Asks a second time where the first request met a connection that was being closed.

        Some servers close idle connections with a 408 (RFC 9110 §15.5.9); it may cross a request.
        """
        with _told("connect", route.host, "broke the connection off before it answered."):
            with contextlib.suppress(StaleConnectionError):
                answer = await self._connections.ask(self._request(ask, route))
                if answer.response.status != 408:
                    return answer
                await answer.aclose()
            return await self._connections.ask(self._request(ask, route), anew=True)

    def _request(self, ask: Ask, route: Route) -> httpcore2.Request:
        url = route.url
        headers = [
            (b"Host", url.netloc().encode()),
            (b"User-Agent", self._agent),
            (b"Accept", ask.accept.encode("ascii", "replace")),
            (b"Accept-Encoding", CODINGS.encode()),
            *route.validators.headers(),
        ]
        if route.at_home:
            headers += [(_header(name), _header(value)) for name, value in ask.headers.items()]
        body = _with_secret(ask, route)
        if route.token is not None and body == ask.body:
            headers.append((b"Authorization", b"Bearer " + _header(route.token)))
        target = httpcore2.URL(
            scheme=url.scheme.encode(),
            host=url.host.removesuffix(".").encode(),
            port=url.own_port,
            target=url.target,
        )
        if body is not None:
            headers.append((b"Content-Length", str(len(body)).encode()))
        return httpcore2.Request(
            ask.method, target, headers=headers, content=body, extensions=self._extensions
        )


def _header(value: str) -> bytes:
    return value.encode("ascii", "replace")


def _with_secret(ask: Ask, route: Route) -> bytes | None:
    """The body with the source's secret at its place, as the content of a JSON string."""
    place = SECRET.encode()
    if ask.body is None or place not in ask.body:
        return ask.body
    if route.token is not None:
        return ask.body.replace(place, json.dumps(route.token)[1:-1].encode())
    if ask.with_secret:
        raise CollectError(
            "wants-token",
            f"{route.host} wants a password, and none is stored",
            mend="give it with `moocfeed source add … --token-stdin`",
        )
    return ask.body


def _check_repeat(ask: Ask, status: int, route: Route) -> None:
    """RFC 9110 §15.4: what is not a GET goes on only by 307 and 308, and never with a secret."""
    if ask.method != "GET" and (status not in {307, 308} or route.token is not None):
        raise CollectError(
            "redirected",
            f"{route.host} redirects a request that must not be repeated elsewhere.",
            mend="Give the address it ends at.",
        )


def _keep_addresses_out_of_logs() -> None:
    """Both libraries log whole addresses, one also headers: tokens may be in them."""
    for name in ("httpx2", "httpcore2"):
        logging.getLogger(name).setLevel(logging.WARNING)


def _unanswered(ask: Ask, seconds: float) -> Fetched:
    reply = Reply(ask.url, NO_ANSWER, {}, b"")
    return Fetched(
        reply, NO_VALIDATORS, not_modified=False, moved_to=None, seconds=seconds, fresh_for=None
    )


async def _enter_host(route: Route, held: AsyncExitStack, hop: Hop) -> None:
    host = host_key(str(route.url))
    if host not in map(host_key, route.passed):
        await held.enter_async_context(hop(host))


async def _read(
    ask: Ask,
    route: Route,
    response: httpcore2.Response,
    headers: Mapping[str, str],
    started: float,
) -> Fetched:
    now = datetime.now(UTC)
    not_modified = response.status == 304 and bool(route.validators)
    usable = 200 <= response.status < 300 or not_modified
    if not usable and response.status not in ask.answers:
        wait = retry_after(headers, now) if response.status in {429, 503} else None
        raise HttpError(response.status, host_key(str(route.url)), wait)
    body = await _body(ask, route, response, {} if not_modified else headers)
    known = route.validators if not_modified else NO_VALIDATORS
    final = str(route.url) if route.passed else ask.url
    return Fetched(
        reply=Reply(final, response.status, headers, body),
        validators=validators_of(headers, known) if usable else NO_VALIDATORS,
        not_modified=not_modified,
        moved_to=route.moved_to if usable else None,
        seconds=time.monotonic() - started,
        fresh_for=fresh_for(headers, now),
        rest=rest_for(headers, now),
    )


async def _body(
    ask: Ask, route: Route, response: httpcore2.Response, headers: Mapping[str, str]
) -> bytes:
    if _length(headers) > ask.limit:
        raise too_large(ask.limit)
    with _told("bad-body", route.host, "broke its answer off."):
        async with aclosing(response.aiter_stream()) as chunks:
            return await read_body(chunks, headers.get("content-encoding", ""), ask.limit)


async def _drain(response: httpcore2.Response, headers: Mapping[str, str]) -> None:
    """Reads a short body away; a connection with a rest on it would have to be closed."""
    if 0 <= _length(headers) <= DRAINED:
        with contextlib.suppress(httpcore2.NetworkError, httpcore2.ProtocolError):
            async with aclosing(response.aiter_stream()) as chunks:
                async for _ in chunks:
                    pass


def _length(headers: Mapping[str, str]) -> int:
    """The `Content-Length`; -1 if there is none."""
    value = headers.get("content-length", "")
    return int(value) if value.isdecimal() and len(value) < 20 else -1


@contextlib.contextmanager
def _told(code: str, host: str, message: str) -> Iterator[None]:
    """Turns what the connection did into a `CollectError`."""
    try:
        yield
    except (httpcore2.NetworkError, httpcore2.ProtocolError) as error:
        raise CollectError(code, f"{host} {message}", passing=True) from error
