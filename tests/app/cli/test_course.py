"""Course files: what goes in comes out again; what is wrong is named, with the mend."""

import json
from pathlib import Path

import pytest

from models.domain import coursefile
from tests.app.cli.conftest import Run

COURSE = """
[course]
slug = "demo"
title = "A sample course"
hashtags = ["demo"]
language = "de"
timezone = "Europe/Berlin"

[[weeks]]
number = 1
title = "First"
question = "Why?"
starts_on = 2026-11-02

[[sources]]
kind = "feed"
url = "https://example.org/feed.xml"
"""


def written(folder: Path, text: str | bytes) -> str:
    path = folder / "course.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return str(path)


def test_applies_and_shows_the_same_again(run: Run, tmp_path: Path) -> None:
    applied = run("course", "apply", written(tmp_path, COURSE))
    assert applied.code == 0
    assert "created; 1 sources named, 1 added" in applied.out
    shown = run("course", "show", "demo", "--toml")
    assert coursefile.parse(shown.out) == coursefile.parse(COURSE)
    again = run("course", "apply", written(tmp_path, shown.out))
    assert "unchanged" in again.out
    assert "0 added, 0 changed, 0 paused" in again.out


def test_what_was_applied_as_json(run: Run, tmp_path: Path) -> None:
    file = written(tmp_path, COURSE)
    first = json.loads(run("course", "apply", file, "--json").out)
    assert (first["slug"], first["created"], first["sources_added"]) == ("demo", True, 1)
    again = json.loads(run("course", "apply", file, "--json").out)
    assert (again["created"], again["changed"], again["sources_added"]) == (False, False, 0)
    assert run("course", "show", "demo", "--toml", "--json").code == 2


def test_a_source_that_is_no_longer_named_is_paused(run: Run, tmp_path: Path) -> None:
    run("course", "apply", written(tmp_path, COURSE))
    without = COURSE[: COURSE.index("[[sources]]")]
    assert "1 paused" in run("course", "apply", written(tmp_path, without)).out
    assert "paused" in run("source", "list").out


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (("title =", "titel ="), "titel"),
        (('language = "de"', 'language = "de"\ncolour = "red"'), "colour"),
        (("Europe/Berlin", "Europe/Bärlin"), "timezone"),
        (('["demo"]', '["de mo"]'), "hashtag"),
        (('slug = "demo"', 'slug = "admin"'), "slug"),
        (('slug = "demo"', 'slug = "De mo"'), "slug"),
        (("2026-11-02", '"gestern"'), "starts_on"),
        (
            (
                "[[sources]]",
                '[[weeks]]\nnumber = 2\ntitle = "x"\nstarts_on = 2026-11-05\n[[sources]]',
            ),
            "overlap",
        ),
        (('kind = "feed"', 'kind = "fax"'), "sources[0].kind"),
        (('kind = "feed"', 'kind = "comments"'), "sources[0].kind"),
        (('"https://example.org/feed.xml"', '"example"'), "url"),
        (("[course]", "[course"), "line"),
    ],
)
def test_what_is_wrong_is_named(
    run: Run, tmp_path: Path, change: tuple[str, str], named: str
) -> None:
    broken = COURSE.replace(*change)
    assert broken != COURSE
    ran = run("course", "apply", written(tmp_path, broken))
    assert ran.code == 1
    assert ran.out == ""
    assert ran.err.startswith("moocfeed: ")
    assert ran.err.count("\n") == 1
    assert named in ran.err
    assert run("course", "list", "--json").out.strip() == "[]"


def test_a_file_that_is_not_utf_8(run: Run, tmp_path: Path) -> None:
    ran = run("course", "apply", written(tmp_path, COURSE.encode("utf-16")))
    assert ran.code == 1
    assert "UTF-8" in ran.err


def test_a_file_that_is_not_there(run: Run) -> None:
    assert run("course", "apply", "nowhere.toml").code == 2


def test_an_unknown_course(run: Run) -> None:
    ran = run("course", "show", "nobody")
    assert ran.code == 1
    assert "course list" in ran.err


def test_the_empty_list_says_what_to_do(run: Run) -> None:
    assert "moocfeed course apply" in run("course", "list").out
    assert "moocfeed source add" in run("source", "list").out
