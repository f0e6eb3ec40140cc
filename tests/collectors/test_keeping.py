"""Connections that are kept: which are used again, and which are closed."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Coroutine
from typing import Any

import httpcore2
import pytest

from collectors import keeping
from collectors.guard import GuardedBackend
from collectors.keeping import Connections
from tests.collectors.loopback import LOOPBACK, Seen, Site, response, serving

HOSTS = ("127.0.0.1", "127.0.0.2", "127.0.0.3")


def run(scenario: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(scenario, 20))


@contextlib.asynccontextmanager
async def opened() -> AsyncIterator[Connections]:
    backend = GuardedBackend(LOOPBACK)
    connections = Connections(backend)
    try:
        yield connections
    finally:
        await connections.aclose()
        backend.close()


@contextlib.asynccontextmanager
async def sites() -> AsyncIterator[list[Site]]:
    async with contextlib.AsyncExitStack() as stack:
        yield [await stack.enter_async_context(serving(said, host)) for host in HOSTS]


def said(seen: Seen) -> bytes:
    return response(200, b"x" * 10)


def request(site: Site) -> httpcore2.Request:
    return httpcore2.Request("GET", f"{site.origin}/", headers={"Host": site.host})


async def ask(connections: Connections, site: Site, *, anew: bool = False) -> bytes:
    """The whole body."""
    answer = await connections.ask(request(site), anew=anew)
    try:
        return await answer.response.aread()
    finally:
        await answer.aclose()


def test_the_next_request_to_an_origin_goes_over_the_same_connection() -> None:
    async def scenario() -> None:
        async with sites() as (one, other, _), opened() as connections:
            for site in (one, other, one, other, one):
                assert await ask(connections, site) == b"x" * 10
            assert (one.connections, other.connections) == (1, 1)
            await ask(connections, one, anew=True)
            assert one.connections == 2

    run(scenario())


def test_requests_at_the_same_time_have_a_connection_each() -> None:
    async def scenario() -> None:
        async with sites() as (site, *_), opened() as connections:
            await asyncio.gather(*(ask(connections, site) for _ in range(3)))
            assert site.connections == 3
            await asyncio.gather(*(ask(connections, site) for _ in range(3)))
            assert site.connections == 3

    run(scenario())


def test_of_many_those_used_last_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "MOST_IDLE", 2)

    async def scenario() -> None:
        async with sites() as (first, second, third), opened() as connections:
            for site in (first, second, first, third):
                await ask(connections, site)
            await ask(connections, first)
            await ask(connections, second)
            assert [site.connections for site in (first, second, third)] == [1, 2, 1]

    run(scenario())


def test_after_a_while_it_is_not_used_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "IDLE_SECONDS", 0.0)

    async def scenario() -> None:
        async with sites() as (site, *_), opened() as connections:
            await ask(connections, site)
            await ask(connections, site)
            assert site.connections == 2

    run(scenario())


def test_a_connection_with_a_rest_on_it_is_closed() -> None:
    async def scenario() -> None:
        async with sites() as (site, *_), opened() as connections:
            answer = await connections.ask(request(site))
            await answer.aclose()
            await ask(connections, site)
            assert site.connections == 2

    run(scenario())


def test_who_gives_up_leaves_no_connection_behind() -> None:
    async def scenario() -> None:
        async with serving(lambda _: iter((30.0,))) as silent, opened() as connections:
            asking = asyncio.create_task(ask(connections, silent))
            async with asyncio.timeout(10):
                while not silent.busy:  # noqa: ASYNC110 - the server runs in this very loop
                    await asyncio.sleep(0.01)
            asking.cancel()
            with pytest.raises(asyncio.CancelledError):
                await asking
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.05):
                    await ask(connections, silent)
            assert silent.connections == 2

    run(scenario())
