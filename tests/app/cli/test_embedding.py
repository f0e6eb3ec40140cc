"""`embed-code`: what is printed is what is pasted."""

import json
from pathlib import Path

import pytest

from tests.app.cli.conftest import Run

COURSE = '[course]\nslug = "sample"\ntitle = "Ein Kurs"\nhashtags = ["sample"]\n'


@pytest.fixture(autouse=True)
def course(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOOCFEED_PUBLIC_URL", "https://feed.example")
    Path("sample.toml").write_text(COURSE, encoding="utf-8")
    assert run("course", "apply", "sample.toml").code == 0


def test_all_ways(run: Run) -> None:
    ran = run("embed-code", "--course", "sample")
    assert ran.code == 0
    lines = ran.out.splitlines()
    for line in ("https://feed.example/sample", "https://feed.example/sample/feed.rss"):
        assert line in lines
    script = '<script type="module" src="https://feed.example/embed/v1/course-feed.js"></script>'
    assert script in lines
    assert (
        '<course-feed src="https://feed.example/api/v1/courses/sample" lang="de">'
        '<a href="https://feed.example/sample">Ein Kurs</a></course-feed>'
    ) in lines
    assert any(line.startswith("<iframe ") for line in lines)


def test_as_json(run: Run) -> None:
    ran = run("embed-code", "--course", "sample", "--layout", "grid", "--live", "--json")
    found = json.loads(ran.out)
    assert found.keys() == {"course", "wordpress", "html", "iframe", "rss"}
    assert found["wordpress"] == "https://feed.example/embed/sample?layout=grid&live=1"


@pytest.mark.parametrize(
    ("option", "value"), [("--limit", "900"), ("--week", "first"), ("--lang", "fr")]
)
def test_what_cannot_be_used(run: Run, option: str, value: str) -> None:
    ran = run("embed-code", "--course", "sample", option, value)
    assert ran.code == 2
    assert option.removeprefix("--") in ran.err
    assert ran.out == ""


def test_a_course_that_is_not_there(run: Run) -> None:
    ran = run("embed-code", "--course", "nobody")
    assert ran.code == 1
    assert "nobody" in ran.err
