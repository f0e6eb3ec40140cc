"""Many sources at once, from OPML and from a table."""

import json
import threading
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from app import settings, wiring
from app.clock import now
from models.domain.links import canonical
from models.store import barred
from tests.app.cli.conftest import Run
from tests.app.cli.test_course import COURSE, written
from tests.sites import Page, item, rss, site

FEED = rss(item(1, "#demo"), item(2, "anderes"))
ANSWER = b"HTTP/1.0 200 OK\r\nContent-Type: application/rss+xml\r\n\r\n" + FEED
HOME = b"<html><head><link rel=alternate type=application/rss+xml href=/feed></head></html>"


@pytest.fixture
def course(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("MOOCFEED_FETCH_ALLOW", "127.0.0.0/8")
    text = COURSE[: COURSE.index("[[sources]]")]
    assert run("course", "apply", written(tmp_path, text)).code == 0
    return "demo"


def imported(run: Run, path: Path, code: int = 0) -> list[dict[str, Any]]:
    ran = run("source", "import", str(path), "--course", "demo", "--json")
    assert ran.code == code, ran.err
    found: list[dict[str, Any]] = json.loads(ran.out)
    return found


def test_a_table_of_people(run: Run, course: str, tmp_path: Path) -> None:
    table = tmp_path / "people.csv"
    with (
        site({"/": Page(HOME, "text/html"), "/feed": Page(FEED)}) as ada,
        site({"/feed": Page(FEED)}, "127.0.0.2") as ben,
    ):
        lines = [
            "Name;Blog;Mastodon;Notiz",
            f'"Ada (Muster)";{ada.origin};;x',
            f"Ben (Muster);{ben.origin}/feed;;",
            f"Cem (Muster);{ben.origin}/nothing;;",
            f"Ada (Muster);{ada.origin};;twice",
            ";;;",
        ]
        table.write_bytes("\ufeff".encode() + "\r\n".join(lines).encode())
        found = imported(run, table, code=3)
        assert [(row["outcome"], row["kind"], row["matching"]) for row in found] == [
            ("added", "blog", 1),
            ("added", "feed", 1),
            ("failed", None, None),
        ]
        assert [row["line"] for row in found] == [2, 3, 4]
        assert found[2]["error"]
        again = imported(run, table, code=3)
        assert [row["outcome"] for row in again] == ["known", "known", "failed"]
    toml = run("course", "show", "demo", "--toml").out
    assert 'participant = "Ada (Muster)"' in toml


def test_hundreds_of_rows(run: Run, course: str, tmp_path: Path) -> None:
    """Each becomes what its row says; those at fault stop no other."""
    count, broken = 300, {7, 150, 299}
    table = tmp_path / "people.csv"
    with site() as blogs:
        for number in set(range(count)) - broken:
            home = HOME.replace(b"/feed", b"/%d/feed" % number)
            blogs.pages[f"/{number}/"] = Page(home, "text/html")
            blogs.pages[f"/{number}/feed"] = Page(FEED)
        lines = [f"Muster {number},{blogs.origin}/{number}/," for number in range(count)]
        table.write_text("\n".join(["name,blog,handle", *lines]), encoding="utf-8")
        found = imported(run, table, code=3)
        again = imported(run, table, code=3)
    assert [row["line"] for row in found] == list(range(2, count + 2))
    failed = {row["line"] - 2 for row in found if row["outcome"] == "failed"}
    assert failed == broken
    assert {row["outcome"] for row in found} == {"added", "failed"}
    listed = json.loads(run("source", "list", "--json").out)
    assert len(listed) == count - len(broken)
    toml = run("course", "show", "demo", "--toml").out
    assert toml.count('participant = "Muster ') == count - len(broken)
    assert {row["outcome"] for row in again} == {"known", "failed"}


def test_the_first_of_two_rows_with_one_address_stands(
    run: Run, course: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOOCFEED_FETCH_PER_HOST", "2")
    table, answered = tmp_path / "people.csv", threading.Event()

    def late(handler: BaseHTTPRequestHandler) -> None:
        assert answered.wait(30)
        handler.wfile.write(ANSWER)

    def at_once(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(ANSWER)
        answered.set()

    with site({"/feed?utm_source=x": Page(late), "/feed": Page(at_once)}) as ada:
        lines = f"Ada (Muster),{ada.origin}/feed?utm_source=x\n\nBen (Muster),{ada.origin}/feed\n"
        table.write_text(f"name,blog\n{lines}")
        first, second = imported(run, table)
    assert (first["line"], first["outcome"]) == (2, "added")
    assert (second["line"], second["outcome"]) == (4, "known")
    assert first["source"] == second["source"]


def test_whoever_opted_out_is_not_known(run: Run, course: str, tmp_path: Path) -> None:
    table = tmp_path / "people.csv"
    with site({"/feed": Page(FEED)}) as ada:
        services = wiring.build(settings.load())
        with services.database.writing() as session:
            barred.bar_people(session, [canonical(f"{ada.origin}/feed")], now())
        table.write_text(f"blog\n{ada.origin}/feed\n")
        (row,) = imported(run, table, code=3)
    assert (row["outcome"], row["source"]) == ("failed", None)


def test_opml_of_a_feed_reader(run: Run, course: str, tmp_path: Path) -> None:
    opml = tmp_path / "feeds.opml"
    with site({"/feed": Page(FEED)}) as ada:
        opml.write_text(
            '<?xml version="1.0"?><!DOCTYPE opml [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
            '<opml version="2.0"><body><outline text="Folder">'
            f'<outline type="rss" text="A &x;" xmlUrl="{ada.origin}/feed"/>'
            "</outline></body></opml>"
        )
        found = imported(run, opml)
        report = run("source", "import", str(opml), "--course", "demo")
    assert [(row["outcome"], row["url"]) for row in found] == [("added", f"{ada.origin}/feed")]
    assert "1 known" in report.out


@pytest.mark.parametrize(
    ("content", "word"),
    [
        ("<html></html>", "no OPML"),
        ("one,two\n1,2\n", "no column for addresses"),
        (None, "cannot be read"),
        ("", "no address"),
        ("name,blog\n", "no address"),
        ("<opml><body>", "no address"),
    ],
)
def test_what_is_no_list(
    run: Run, course: str, tmp_path: Path, content: str | None, word: str
) -> None:
    path = tmp_path / "list"
    if content is not None:
        path.write_text(content)
    ran = run("source", "import", str(path), "--course", "demo")
    assert ran.code == 1
    assert word in ran.err
