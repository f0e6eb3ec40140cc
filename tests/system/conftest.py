"""The sample web, and an installation that collects it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.demo.servers import SampleWeb
from tests.system.service import Installation


@pytest.fixture
def web() -> Iterator[SampleWeb]:
    with SampleWeb() as sample:
        yield sample


@pytest.fixture
def installation(web: SampleWeb, tmp_path: Path) -> Installation:
    """With the sample course applied, nothing collected yet."""
    return install(web, tmp_path)


def install(web: SampleWeb, folder: Path, **settings: str) -> Installation:
    """An installation in a folder of its own."""
    folder.mkdir(exist_ok=True)
    made = Installation(folder, {"MOOCFEED_FETCH_ALLOW": web.allow(), **settings})
    (folder / "course.toml").write_text(web.course_toml(), encoding="utf-8")
    made.run("course", "apply", "course.toml")
    return made
