"""The service as a whole: it starts, ends, and mends itself."""

import contextlib
import json
import signal

import psutil
import pytest

from app.demo.servers import SampleWeb
from tests.system.service import (
    Installation,
    alive,
    all_posts,
    answers,
    end,
    free_port,
    serving,
)
from tests.waiting import wait_for

pytestmark = pytest.mark.system


def test_sigterm_ends_everything_soon(web: SampleWeb, installation: Installation) -> None:
    port = free_port()
    process = installation.start("serve", "--port", str(port))
    wait_for(lambda: answers(f"http://127.0.0.1:{port}/healthz"))
    wait_for(lambda: psutil.Process(process.pid).children())
    family = psutil.Process(process.pid).children(recursive=True)
    assert end(process, 10) == 0
    wait_for(lambda: not [child for child in family if alive(child)], 2)


def test_a_killed_collector_is_started_again(web: SampleWeb, installation: Installation) -> None:
    with serving(installation) as (base, process):
        collector = wait_for(lambda: collector_of(process))
        collector.kill()
        wait_for(lambda: not alive(collector))
        assert wait_for(lambda: collector_of(process)) != collector
        wait_for(lambda: len(all_posts(base, web.course.slug)) == web.expected().total)


def test_nothing_outlives_a_killed_service(web: SampleWeb, installation: Installation) -> None:
    port = free_port()
    process = installation.start("serve", "--port", str(port))
    wait_for(lambda: answers(f"http://127.0.0.1:{port}/healthz"))
    wait_for(lambda: collector_of(psutil.Process(process.pid)))
    family = psutil.Process(process.pid).children(recursive=True)
    process.kill()
    process.communicate()
    wait_for(lambda: not [child for child in family if alive(child)], 12)


def test_several_web_processes(web: SampleWeb, installation: Installation) -> None:
    installation.run("collect", "--once", code=3)
    with serving(installation, "--workers", "2", "--no-collect") as (base, process):
        assert len(all_posts(base, web.course.slug)) == web.expected().total
        wait_for(lambda: len(process.children()) >= 2)


def test_a_port_in_use(installation: Installation) -> None:
    with serving(installation, "--no-collect") as (base, _):
        port = base.rsplit(":", 1)[1]
        process = installation.start("serve", "--port", port)
        _, err = process.communicate(timeout=20)
        assert process.returncode == 1
        assert "--port" in err


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGINT])
def test_collect_ends_cleanly(installation: Installation, signum: signal.Signals) -> None:
    process = installation.start("collect", "--json")
    assert process.stderr is not None
    assert "collecting" in process.stderr.readline()
    process.send_signal(signum)
    out, _ = process.communicate(timeout=10)
    assert process.returncode == 0
    assert set(json.loads(out)) == {"sources", "posts", "seconds"}


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_signal_while_it_starts(
    installation: Installation, signum: signal.Signals, workers: str
) -> None:
    """The web service is not up yet when it is told to end."""
    process = installation.start("serve", "--port", "0", "--workers", workers)
    assert process.stderr is not None
    assert "serves on" in process.stderr.readline()
    process.send_signal(signum)
    process.communicate(timeout=20)
    assert process.returncode == 0


def collector_of(process: psutil.Process) -> psutil.Process | None:
    """The collecting child: the one that was spawned."""
    for child in process.children():
        with contextlib.suppress(psutil.NoSuchProcess):  # zombies are that, too
            if alive(child) and "spawn_main" in " ".join(child.cmdline()):
                return child
    return None
