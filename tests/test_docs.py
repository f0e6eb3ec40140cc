"""The papers against the code: what they name is there, and what is there they name."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from starlette.testclient import TestClient

from app import settings, wiring
from app.cli.commands import cli
from app.clock import now
from app.settings import SETTINGS
from app.web import create_app
from models.domain import coursefile
from models.store import applying, schema

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAPERS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
DECISIONS = sorted(path for path in (ROOT / "docs/decisions").glob("*.md") if path.stem != "README")


def _rows(heading: str) -> list[list[str]]:
    """The cells of the table under a heading of the README, without its head."""
    section = README.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines[2:]]


def _blocks(path: Path, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", path.read_text(encoding="utf-8"), re.DOTALL)


def _commands() -> set[str]:
    """Each command with its group's name before it."""
    return set(_walk(typer.main.get_command(cli), ""))


def _walk(command: Any, prefix: str) -> Iterator[str]:
    if (parts := getattr(command, "commands", None)) is None:
        yield prefix.strip()
        return
    for name, part in parts.items():
        yield from _walk(part, f"{prefix}{name} ")


def _targets() -> set[str]:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    return set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))


def test_the_readme_begins_with_what_to_type() -> None:
    first = [line.split()[2] for line in README.splitlines() if line.startswith("$ make ")]
    assert first[:3] == ["demo", "test", "run"]


def test_the_readme_lists_the_settings_as_they_are() -> None:
    written = _rows("Settings")
    expected = [
        [f"`{one.variable}`", f"`{one.default}`" if one.default else "empty", one.meaning]
        for one in SETTINGS
    ]
    assert written == expected


def test_the_readme_lists_the_commands_there_are() -> None:
    written = {row[0].strip("`") for row in _rows("Commands")}
    assert written == _commands()


def test_the_readme_names_addresses_that_answer(tmp_path: Path) -> None:
    chosen = settings.load({"MOOCFEED_DATA_DIR": str(tmp_path)}, tmp_path / "none")
    services = wiring.build(chosen)
    schema.migrate(services.database)
    file = coursefile.parse((ROOT / "courses/e20mooc.toml").read_text(encoding="utf-8"))
    with services.database.writing() as session:
        applying.apply(session, file, now())
    with TestClient(create_app(services)) as client:
        cells = " ".join(row[0] for row in _rows("The course page, feeds and API"))
        addresses = re.findall(r"`(/[^`]+)`", cells)
        assert len(addresses) > 10
        assert {path: client.head(path).status_code for path in addresses} == dict.fromkeys(
            addresses, 200
        )


@pytest.mark.parametrize("path", PAPERS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", path.read_text(encoding="utf-8")):
        if not target.startswith(("http://", "https://", "mailto:")):
            assert (path.parent / target).exists(), target


@pytest.mark.parametrize("path", PAPERS, ids=lambda path: str(path.relative_to(ROOT)))
def test_targets_commands_and_files_that_are_named_exist(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert set(re.findall(r"(?:^\$ |`)make ([a-z]+)", text, re.MULTILINE)) <= _targets()
    known = _commands()
    for words in re.findall(r"(?<![\w=])moocfeed((?: [a-z][a-z-]*)+)", "\n".join(_code(text))):
        first, second = [*words.split(), ""][:2]
        assert first in known or f"{first} {second}" in known, f"moocfeed{words}"
    for name in re.findall(r"`((?:app|collectors|models|docker|courses|docs)/[\w./-]*)`", text):
        assert (ROOT / name).exists(), name


def _code(text: str) -> list[str]:
    """What stands in backticks, or is typed after a prompt."""
    return [*re.findall(r"`([^`\n]+)`", text), *re.findall(r"^\$ (.*)$", text, re.MULTILINE)]


@pytest.mark.parametrize("path", PAPERS, ids=lambda path: str(path.relative_to(ROOT)))
def test_variables_that_are_named_exist(path: Path) -> None:
    known = {setting.variable for setting in SETTINGS}
    assert set(re.findall(r"MOOCFEED_[A-Z_]+", path.read_text(encoding="utf-8"))) <= known


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.stem)
def test_a_decision_says_why_what_else_and_when_to_look_again(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    sections = re.split(r"^## ", text, flags=re.MULTILINE)
    names = [section.partition("\n")[0] for section in sections[1:]]
    assert names == ["Context", "Choice", "Turned down", "Look again when"]
    assert all(section.partition("\n")[2].strip() for section in sections[1:])
    assert f"({path.name})" in (path.parent / "README.md").read_text(encoding="utf-8")


def test_course_files_in_the_papers_are_accepted() -> None:
    blocks = _blocks(ROOT / "docs/facilitators.md", "toml")
    assert blocks
    for block in blocks:
        assert coursefile.parse(block).sources


def test_the_example_names_every_key_of_the_course_table() -> None:
    block = _blocks(ROOT / "docs/facilitators.md", "toml")[0]
    dumped = tomllib.loads(coursefile.dump(coursefile.parse(block)))
    written = tomllib.loads(block)
    for part in ("course", "weeks", "sources"):
        first = [table[part] if part == "course" else table[part][0] for table in (dumped, written)]
        assert set(first[1]) <= set(first[0])
    assert set(dumped["course"]) == set(written["course"])


@pytest.mark.parametrize("path", sorted((ROOT / "courses").glob("*.toml")), ids=lambda p: p.stem)
def test_course_files_that_ship_are_accepted(path: Path) -> None:
    file = coursefile.parse(path.read_text(encoding="utf-8"))
    assert file.course.slug == path.stem
    assert coursefile.parse(coursefile.dump(file)) == file


def test_what_is_known_of_e20mooc() -> None:
    course = coursefile.parse((ROOT / "courses/e20mooc.toml").read_text(encoding="utf-8")).course
    assert course.hashtags == ("e20mooc",)
    assert [week.number for week in course.weeks] == [1, 2, 3, 4, 5, 6, 7]
    event = course.weeks[3].events[0]
    assert f"{event.starts_at.astimezone(course.zone):%A %d %B %Y %H:%M}" == (
        "Thursday 09 October 2014 11:00"
    )
    assert course.week_at(event.starts_at) == course.weeks[3]
    neutral = [week for week in course.weeks if week.number != 4]
    assert all(week.title == f"Woche {week.number}" for week in neutral)
    assert not any(week.question or week.events or week.links for week in neutral)
