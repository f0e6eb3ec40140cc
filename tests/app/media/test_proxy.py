"""Many visitors, slow servers, ends: each picture is fetched once, and few at a time."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Coroutine, Iterator
from pathlib import Path
from time import time
from typing import Any

import pytest

from app.media import proxy as proxies
from app.media.proxy import FETCHES, PER_HOST, Busy, Proxy, Wanted
from app.media.shelf import Failed, Owner, Shelf
from collectors.pictures import AVATAR, WIDTHS
from tests.collectors.loopback import Piece, Seen, Site, policy, response, serving
from tests.pictures import opened, png_of

PICTURE = response(200, png_of(1400, 700), "Content-Type: image/png")
ADA = Owner("demo", "post-a")


class Gate:
    """A server that answers once it is told to; `asked` is set after so many requests."""

    def __init__(self, requests: int = 1) -> None:
        self.is_open = False
        self.asked = asyncio.Event()
        self._missing = requests

    def __call__(self, seen: Seen) -> Iterator[Piece]:
        self._missing -= 1
        if not self._missing:
            self.asked.set()
        while not self.is_open:
            yield 0.01
        yield PICTURE


def wanted(site: Site, path: str = "/one.png", width: int = 640) -> Wanted:
    return Wanted(f"{site.origin}{path}", f"name-of-{path[1:].replace('.', '-')}", width, ADA)


@contextlib.asynccontextmanager
async def running(folder: Path, **changes: Any) -> AsyncIterator[Proxy]:
    proxy = Proxy(Shelf(folder / "media"), policy(**changes), time)
    async with proxy.running():
        yield proxy


def run(scenario: Coroutine[Any, Any, None]) -> None:
    """Within a limit of its own, far above what any scenario needs."""
    asyncio.run(asyncio.wait_for(scenario, 30))


def test_however_many_ask_it_is_fetched_once(tmp_path: Path) -> None:
    async def scenario() -> None:
        gate = Gate()
        async with serving(gate) as site, running(tmp_path) as proxy:
            asking = [
                asyncio.create_task(proxy.picture(wanted(site, width=width)))
                for width in WIDTHS * 20
            ]
            await gate.asked.wait()
            asking[0].cancel()  # who leaves takes nothing away
            gate.is_open = True
            came = await asyncio.gather(*asking[1:])
            sizes = {opened(body).size for body in came if isinstance(body, bytes)}
            assert sizes == {(640, 320), (1280, 640)}
            assert len(site.requests) == 1

    run(scenario())


def test_few_are_fetched_at_once_and_fewer_of_one_host(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with contextlib.AsyncExitStack() as stack:
            gate = Gate(FETCHES)
            hosts = [f"127.0.0.{number}" for number in range(1, 8)]
            sites = [await stack.enter_async_context(serving(gate, host)) for host in hosts]
            proxy = await stack.enter_async_context(running(tmp_path))
            asking = [
                asyncio.create_task(proxy.picture(wanted(site, f"/{site.host}-{number}", AVATAR)))
                for site in sites
                for number in range(3)
            ]
            await gate.asked.wait()
            assert sum(len(site.requests) for site in sites) == FETCHES
            gate.is_open = True
            assert all(isinstance(body, bytes) for body in await asyncio.gather(*asking))
            assert max(site.most_busy for site in sites) <= PER_HOST
            assert [len(site.requests) for site in sites] == [3] * len(sites)

    run(scenario())


def test_a_server_that_does_not_end_is_given_up_and_left_alone(tmp_path: Path) -> None:
    async def scenario() -> None:
        slow = Gate()
        async with serving(slow) as site, running(tmp_path, total_timeout=0.2) as proxy:
            for _ in range(2):
                assert await proxy.picture(wanted(site)) == Failed("timeout")
            assert len(site.requests) == 1

    run(scenario())


def test_who_asks_for_too_many_is_told_to_come_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proxies, "WAITING", 2)

    async def scenario() -> None:
        gate = Gate(2)
        async with serving(gate) as site, running(tmp_path) as proxy:
            asking = [
                asyncio.create_task(proxy.picture(wanted(site, f"/{number}"))) for number in (1, 2)
            ]
            await gate.asked.wait()
            with pytest.raises(Busy):
                await proxy.picture(wanted(site, "/3"))
            gate.is_open = True
            assert all(isinstance(body, bytes) for body in await asyncio.gather(*asking))
            assert isinstance(await proxy.picture(wanted(site, "/3")), bytes)

    run(scenario())


def test_what_is_under_way_at_the_end_is_no_failure(tmp_path: Path) -> None:
    async def scenario() -> None:
        gate = Gate()
        async with serving(gate) as site:
            async with running(tmp_path) as proxy:
                asking = asyncio.create_task(proxy.picture(wanted(site)))
                await gate.asked.wait()
            with pytest.raises(asyncio.CancelledError):
                await asking
            gate.is_open = True
            async with running(tmp_path) as proxy:
                assert isinstance(await proxy.picture(wanted(site)), bytes)

    run(scenario())


def test_a_stale_picture_is_fetched_again_and_served_where_it_cannot_be(tmp_path: Path) -> None:
    async def scenario() -> None:
        said = [PICTURE, response(200, png_of(100, 100)), response(500)]
        async with serving(lambda _: said.pop(0)) as site:
            days = [0, 29, 31, 62, 63]
            proxy = Proxy(Shelf(tmp_path), policy(), lambda: time() + days[0] * 86400)
            async with proxy.running():
                sizes = []
                while days:
                    came = await proxy.picture(wanted(site))
                    assert isinstance(came, bytes)
                    sizes.append(opened(came).size)
                    days.pop(0)
            assert sizes == [(640, 320)] * 2 + [(100, 100)] * 3
            assert len(site.requests) == 3

    run(scenario())
