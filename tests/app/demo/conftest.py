"""The sample web, served for one test or for all of a module."""

from collections.abc import Iterator, Mapping

import pytest

from app.demo.servers import SampleWeb
from models.domain.coursefile import CourseFile, parse
from models.domain.post import Post
from tests.app.demo.reading import NOW, posts, spec


@pytest.fixture(scope="module")
def web() -> Iterator[SampleWeb]:
    """For tests that only read."""
    with SampleWeb(NOW) as served:
        yield served


@pytest.fixture
def own_web() -> Iterator[SampleWeb]:
    """For tests that change it."""
    with SampleWeb(NOW) as served:
        yield served


@pytest.fixture(scope="module")
def file(web: SampleWeb) -> CourseFile:
    return parse(web.course_toml())


@pytest.fixture(scope="module")
def collected(web: SampleWeb, file: CourseFile) -> Mapping[str, list[Post]]:
    """Source's address -> posts that matched."""
    failing = web.planned_failures()
    return {
        source.url: posts(spec(file, source), NOW)
        for source in file.sources
        if source.url not in failing
    }
