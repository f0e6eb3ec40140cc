"""Jobs in workers: each may loop, crash or eat memory, and no other job notices."""

import asyncio
import logging
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import psutil
import pytest

from collectors.contract import CollectError, Reply
from collectors.parsing import PARSERS, ParserPool
from tests.collectors import jobs

SECONDS = 0.5
"""CPU time of a job here."""
ROOT = Path(__file__).parents[2]
FEEDS = ROOT / "tests/fixtures/feeds"
PAGE = b'<p class="h-entry"><a class="u-url" href="/1">Ein Beitrag</a></p>'


def run(scenario: Callable[[ParserPool], Coroutine[Any, Any, None]], **options: Any) -> None:
    async def main() -> None:
        usual: dict[str, Any] = {
            "workers": 2,
            "seconds": SECONDS,
            "preload": ("tests.collectors.jobs",),
        }
        with ParserPool(**(usual | options)) as pool:
            async with asyncio.timeout(60):
                await scenario(pool)

    asyncio.run(main())


async def server_of(pool: ParserPool) -> psutil.Process:
    """The process that forks the pool's workers."""
    server = psutil.Process(await pool.run(jobs.pid)).parent()
    assert server is not None
    return server


async def error_of(work: Coroutine[Any, Any, Any]) -> CollectError:
    with pytest.raises(CollectError) as caught:
        await work
    assert "\n" not in caught.value.text
    return caught.value


def test_values_come_back_and_workers_are_used_again() -> None:
    async def scenario(pool: ParserPool) -> None:
        assert [await pool.run(jobs.double, n) for n in range(3)] == [0, 2, 4]
        assert len({await pool.run(jobs.pid) for _ in range(5)}) == 1

    run(scenario)


@pytest.mark.parametrize("name", ["ghost.xml", "truncated.xml", "json_feed.json"])
def test_a_worker_has_what_reads_feeds_loaded(name: str) -> None:
    reply = Reply("https://blog.example/feed", 200, {}, (FEEDS / name).read_bytes())

    async def scenario(pool: ParserPool) -> None:
        assert await pool.run(jobs.loaded_by_feed, reply) == []

    run(scenario, preload=PARSERS, seconds=10)


def test_a_worker_has_what_reads_pages_loaded() -> None:
    async def scenario(pool: ParserPool) -> None:
        reply = Reply("https://blog.example/", 200, {}, PAGE)
        assert await pool.run(jobs.loaded_by_page, reply) == []

    run(scenario, preload=PARSERS, seconds=10)


def test_no_more_at_once_than_there_are_workers() -> None:
    async def scenario(pool: ParserPool) -> None:
        pids = await asyncio.gather(*(pool.run(jobs.pid) for _ in range(20)))
        assert 1 <= len(set(pids)) <= 2

    run(scenario)


def test_a_job_without_end_is_killed_and_others_go_on_meanwhile() -> None:
    async def scenario(pool: ParserPool) -> None:
        endless = asyncio.create_task(pool.run(jobs.spin))
        done = 0
        while not endless.done():
            assert await pool.run(jobs.double, done) == 2 * done
            done += 1
        assert done > 1
        error = await error_of(endless)  # type: ignore[arg-type]
        assert (error.code, f"{SECONDS:g} s" in error.message) == ("parse-timeout", True)
        assert await pool.run(jobs.double, 4) == 8

    run(scenario)


def test_a_job_that_only_sleeps_is_given_up_too() -> None:
    async def scenario(pool: ParserPool) -> None:
        assert (await error_of(pool.run(jobs.sleep, 60))).code == "parse-timeout"

    run(scenario, seconds=0.1)


@pytest.mark.parametrize(
    ("job", "told"),
    [
        ((jobs.die,), "SIGKILL"),
        ((jobs.die, signal.SIGSEGV), "SIGSEGV"),
        ((jobs.leave, 3), "exit code 3"),
    ],
)
def test_a_worker_that_dies_fails_its_job_alone(job: tuple[Any, ...], told: str) -> None:
    async def scenario(pool: ParserPool) -> None:
        living = asyncio.create_task(pool.run(jobs.double, 2))
        dying = await error_of(pool.run(*job))
        assert (dying.code, told in dying.message, await living) == ("parse-crash", True, 4)
        assert await pool.run(jobs.double, 3) == 6

    run(scenario)


def test_a_worker_that_died_idle_is_replaced() -> None:
    async def scenario(pool: ParserPool) -> None:
        process = psutil.Process(await pool.run(jobs.pid))
        process.kill()
        psutil.wait_procs([process], 10)
        assert await pool.run(jobs.pid) != process.pid

    run(scenario, workers=1)


def test_a_fork_server_that_died_is_replaced() -> None:
    async def scenario(pool: ParserPool) -> None:
        server = await server_of(pool)
        orphans.extend(server.children())
        server.kill()
        psutil.wait_procs([server], 10)
        pids = await asyncio.gather(*(pool.run(jobs.pid) for _ in range(2)))
        assert psutil.Process(pids[0]).ppid() != server.pid

    orphans: list[psutil.Process] = []
    run(scenario)
    assert psutil.wait_procs(orphans, 10)[1] == []


def test_memory_has_a_bound() -> None:
    async def scenario(pool: ParserPool) -> None:
        error = await error_of(pool.run(jobs.hoard, 2000))
        assert (error.code, "memory" in error.message) == ("parse-failed", True)
        assert await pool.run(jobs.double, 2) == 4

    run(scenario, memory=300 * 1024 * 1024)


def test_a_worker_that_has_grown_large_is_replaced() -> None:
    async def scenario(pool: ParserPool) -> None:
        before = await pool.run(jobs.pid)
        await pool.run(jobs.hoard, 150)
        assert await pool.run(jobs.pid) != before

    run(scenario, workers=1)


def test_errors_of_the_job_come_through_and_faults_are_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def scenario(pool: ParserPool) -> None:
        refusal = await error_of(pool.run(jobs.refuse))
        assert (refusal.code, refusal.mend, refusal.retry_after) == ("no-use", "use another", 7.0)
        fault = await error_of(pool.run(jobs.fail))
        assert (fault.code, "LookupError" in fault.message) == ("parse-failed", True)
        assert (await error_of(pool.run(jobs.odd))).code == "parse-failed"
        assert (await error_of(pool.run(jobs.large, 40))).code == "parse-failed"

    run(scenario)
    assert "a fault of our own" in caplog.text


def test_logs_arrive_and_standard_output_stays_for_data(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    async def scenario(pool: ParserPool) -> None:
        with caplog.at_level(logging.WARNING):
            await pool.run(jobs.say, "hello there")

    run(scenario)
    assert "hello there" in caplog.text
    assert capfd.readouterr().out == ""


def test_workers_see_no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOOCFEED_SECRET_KEY", "a secret")
    monkeypatch.setenv("MOOCFEED_DATABASE_URL", "postgresql+psycopg://ada:secret@db/x")
    monkeypatch.setenv("PGPASSWORD", "a secret")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "a secret")

    async def scenario(pool: ParserPool) -> None:
        seen = await pool.run(jobs.environment)
        assert "secret" not in str(seen.values())
        assert not [name for name in seen if name.startswith(("MOOCFEED", "PG", "AWS"))]

    run(scenario)


def test_a_cancelled_job_ends_at_once_and_gives_its_place_back() -> None:
    async def scenario(pool: ParserPool) -> None:
        for _ in range(3):
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.05):
                    await pool.run(jobs.sleep, 60)
        server = await server_of(pool)
        async with asyncio.timeout(10):
            while len(server.children()) > 1:  # noqa: ASYNC110 - processes tell nobody
                await asyncio.sleep(0.01)

    run(scenario, workers=1, seconds=60.0)


def test_a_closed_pool_leaves_no_process_and_takes_no_job() -> None:
    async def scenario() -> None:
        pool = ParserPool(2, SECONDS, preload=("tests.collectors.jobs",))
        server = await server_of(pool)
        running = asyncio.create_task(pool.run(jobs.sleep, 60))
        await asyncio.sleep(0)
        processes = [server, *server.children(recursive=True)]
        pool.close()
        _, alive = await asyncio.to_thread(psutil.wait_procs, processes, 10)
        assert (len(processes) >= 2, alive) == (True, [])
        with pytest.raises((CollectError, RuntimeError)):
            await running
        with pytest.raises(RuntimeError, match="closed"):
            await pool.run(jobs.double, 1)

    asyncio.run(scenario())


@pytest.mark.parametrize("busy", [True, False])
def test_nothing_is_orphaned_when_the_collector_is_killed(busy: bool) -> None:
    program = f"""
        import asyncio
        from collectors.parsing import ParserPool
        from tests.collectors import jobs

        async def main():
            pool = ParserPool(2, 60.0, preload=("tests.collectors.jobs",))
            await pool.run(jobs.double, 1)
            if {busy}:
                tasks = [asyncio.create_task(pool.run(jobs.spin)) for _ in range(2)]
                await asyncio.sleep(0.1)
            print("ready", flush=True)
            await asyncio.sleep(60)

        asyncio.run(main())
    """
    collector = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(program)],
        stdout=subprocess.PIPE,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    with collector:
        assert collector.stdout is not None
        assert collector.stdout.readline() == b"ready\n"
        processes = psutil.Process(collector.pid).children(recursive=True)
        assert len(processes) >= 2
        collector.kill()
    _, alive = psutil.wait_procs(processes, 10)
    assert alive == []
