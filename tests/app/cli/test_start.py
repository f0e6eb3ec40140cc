"""What a process does not load, because it would hold it for as long as it runs."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from app.cli.commands import COMMANDS, cli
from tests.app.cli.conftest import Run
from tests.app.cli.test_course import COURSE, written
from tests.sites import Page, Site, item, rss, site
from tests.system.service import answers, free_port
from tests.waiting import LONGEST, wait_for

ROOT = Path(__file__).parents[3]
PROGRAM = """
import json, sys
from app.cli import main
try:
    main()
finally:
    sys.stderr.write(json.dumps(sorted(sys.modules)) + chr(10))
"""
"""The command line, and at its end what it has loaded."""
PARSERS = frozenset({"feedparser", "mf2py", "bs4", "html5lib", "requests", "collectors.feeds.fast"})
RARE = frozenset({"alembic", "apscheduler", "cryptography", "websockets", "rich.progress"})
WEB = frozenset({"fastapi", "starlette", "uvicorn", "jinja2", "babel", "icalendar", "app.web"})
COLLECTING = frozenset({"collectors.pipeline", "collectors.reading", "collectors.registry"})


@pytest.fixture
def blog(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setenv("MOOCFEED_FETCH_ALLOW", "127.0.0.1/32")
    with site({"/feed": Page(rss(item(1, "Ein Beitrag #demo")))}) as served:
        source = f'[[sources]]\nkind = "feed"\nurl = "{served.origin}/feed"\n'
        text = COURSE[: COURSE.index("[[sources]]")] + source
        assert run("course", "apply", written(tmp_path, text)).code == 0
        assert run("collect", "--once").code == 0
        yield served


@contextmanager
def started(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, *arguments],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            yield process
        finally:
            process.kill()  # it has ended, unless the test failed


def loaded(process: subprocess.Popen[str]) -> set[str]:
    """The modules that a process has loaded in the end."""
    _, err = process.communicate(timeout=LONGEST)
    return set(json.loads(err.splitlines()[-1]))


def test_a_collector_with_nothing_new_loads_no_parser_and_no_web_framework(blog: Site) -> None:
    with started("collect", "--once", "--all") as process:
        found = loaded(process)
    unwanted = PARSERS | RARE | WEB | {"lxml", "pydantic", "rich", "structlog", "collectors.live"}
    assert not found & unwanted
    assert found >= COLLECTING


def test_a_web_process_that_serves_pages_loads_no_collector(blog: Site) -> None:
    port = free_port()
    with started("serve", "--no-collect", "--port", str(port)) as process:
        wait_for(lambda: answers(f"http://127.0.0.1:{port}/readyz"))
        for path in ("demo", "demo/feed.atom", "api/v1/courses/demo/posts"):
            assert answers(f"http://127.0.0.1:{port}/{path}")
        process.terminate()
        found = loaded(process)
    assert not found & (PARSERS | RARE | COLLECTING)
    assert found >= {"fastapi", "app.web"}


def test_the_help_names_all_commands() -> None:
    shown = CliRunner().invoke(cli, ["--help"])
    assert shown.exit_code == 0
    listed = [line.split()[0] for line in shown.output.partition("Commands:")[2].splitlines()[1:]]
    assert [name for name in listed if name in COMMANDS] == list(COMMANDS)
    assert all(command.name == name for name, command in get_command(cli).commands.items())  # type: ignore[attr-defined]


def test_a_command_misspelt_is_answered_with_those_that_are_like_it(run: Run) -> None:
    ran = run("colect")
    assert ran.code == 2
    assert "Did you mean 'collect'?" in ran.err
