"""What a process does not load, because it would hold it for as long as it runs."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from app.cli.commands import COMMANDS, cli
from tests.app.cli.conftest import Run
from tests.app.cli.test_course import COURSE, written
from tests.sites import Page, Site, item, rss, site

ROOT = Path(__file__).parents[3]
COLLECTING = """
import json, sys
from app.cli import main
try:
    main()
finally:
    sys.stderr.write(json.dumps(sorted(sys.modules)))
"""
SERVING = """
import json, sys
import app.cli.serve
from app import settings, wiring
from app.serving import create_app
create_app(wiring.build(settings.load()))
sys.stderr.write(json.dumps(sorted(sys.modules)))
"""


@pytest.fixture
def blog(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setenv("MOOCFEED_FETCH_ALLOW", "127.0.0.1/32")
    with site({"/feed": Page(rss(item(1, "Ein Beitrag #demo")))}) as served:
        source = f'[[sources]]\nkind = "feed"\nurl = "{served.origin}/feed"\n'
        text = COURSE[: COURSE.index("[[sources]]")] + source
        assert run("course", "apply", written(tmp_path, text)).code == 0
        assert run("collect", "--once").code == 0
        yield served


def loaded(program: str, *arguments: str) -> set[str]:
    """The modules that a process has loaded in the end."""
    ended = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return set(json.loads(ended.stderr.splitlines()[-1]))


def test_a_collector_with_nothing_new_loads_no_parser_and_no_web_framework(blog: Site) -> None:
    found = loaded(COLLECTING, "collect", "--once", "--all")
    assert found.isdisjoint(
        {"fastapi", "starlette", "feedparser", "mf2py", "bs4", "html5lib", "requests"}
        | {"alembic", "cryptography", "apscheduler", "icalendar", "app.web"}
    )
    assert "collectors.pipeline" in found


def test_a_web_process_loads_no_collectors(tmp_path: Path) -> None:
    found = loaded(SERVING)
    assert found.isdisjoint(
        {"feedparser", "mf2py", "bs4", "html5lib", "requests", "alembic", "apscheduler"}
        | {"collectors.pipeline", "collectors.reading", "collectors.registry"}
        | {"PIL", "collectors.remaking", "collectors.parsing"}
    )
    assert "app.media.proxy" in found


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
