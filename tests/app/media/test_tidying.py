"""When the shelf is gone through: after changes, once an hour, and when much was put there."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from time import time

import pytest

from app.media.proxy import Proxy
from app.media.shelf import Owner, Shelf
from app.media.tidying import HOUR, MUCH, Tidying
from app.wiring import Services
from tests.app.conftest import made
from tests.collectors.loopback import policy
from tests.pictures import png_of

GONE = Owner("sample", "0199b1a0-7c1e-7000-8000-3f5c2f1e9a10")
"""A post that is not there."""


class Story:
    """A shelf with a picture of a post that is gone, put there again before each look."""

    def __init__(self, services: Services, folder: Path) -> None:
        self.version = 1
        self.folder = folder / "media"
        self.proxy = Proxy(Shelf(self.folder), policy(), time)
        self.tidying = Tidying(self.proxy, services.database, lambda: self.version)

    def is_tidied(self, at: float) -> bool:
        self.proxy.shelf.put("name", GONE, {96: png_of(1, 1)}, at)
        asyncio.run(self.tidying.look(at))
        return not list(self.folder.glob("*/*.webp"))


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    services = made(tmp_path)
    yield services
    services.database.dispose()


def test_there_has_to_be_a_reason(services: Services, tmp_path: Path) -> None:
    story, at = Story(services, tmp_path), 1_800_000_000.0
    assert story.is_tidied(at)  # after a restart
    assert not story.is_tidied(at + 60)
    story.version += 1
    assert story.is_tidied(at + 120)
    assert not story.is_tidied(at + 180)
    story.proxy.stored += MUCH + 1
    assert story.is_tidied(at + 240)
    assert not story.is_tidied(at + 300)
    assert story.is_tidied(at + 240 + HOUR)


def test_without_a_database_nothing_is_taken_away(
    services: Services, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    story = Story(services, tmp_path)
    with services.database.writing() as session:
        session.connection().exec_driver_sql("ALTER TABLE posts RENAME TO posts_away")
    assert not story.is_tidied(1_800_000_000.0)
    assert "could not be tidied" in caplog.text
    with services.database.writing() as session:
        session.connection().exec_driver_sql("ALTER TABLE posts_away RENAME TO posts")
    assert story.is_tidied(1_800_000_060.0)
