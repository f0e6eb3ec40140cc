"""Sources: looked at before they are stored; what cannot be one is refused in a sentence."""

import json
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from tests.app.cli.conftest import Run
from tests.app.cli.test_course import COURSE, written
from tests.sites import Page, item, rss, site

FEED = rss(item(1, "Ein Beitrag #demo"), item(2, "Ein anderer"), item(3, "Noch einer #Demo"))
HOMEPAGE = (
    b"<html><head><title>Blog</title>"
    b"<link rel='alternate' type='application/rss+xml' href='/feed'></head>"
    b"<body>Hallo</body></html>"
)
LOGIN = (
    b"<html><head><title>Login</title></head><body><form><input type=password></form></body></html>"
)


@pytest.fixture
def course(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("MOOCFEED_FETCH_ALLOW", "127.0.0.1/32")
    text = COURSE[: COURSE.index("[[sources]]")]
    assert run("course", "apply", written(tmp_path, text)).code == 0
    return "demo"


def endless(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Type", "application/rss+xml")
    handler.end_headers()
    for _ in range(200):
        handler.wfile.write(b"<item>" * 20_000)


def test_a_blog_by_its_address_alone(run: Run, course: str) -> None:
    with site({"/": Page(HOMEPAGE, "text/html"), "/feed": Page(FEED)}) as blog:
        ran = run("source", "add", blog.netloc, "--course", course, "--json")
        assert ran.code == 0, ran.err
        found = json.loads(ran.out)
        assert (found["kind"], found["entries"], found["matching"]) == ("blog", 3, 2)
        assert found["feed_url"] == f"{blog.origin}/feed"
        assert [post["title"] for post in found["latest"]] == ["Post 3", "Post 1"]
        collected = run("collect", "--once", "--json")
        assert collected.code == 0, collected.err
        assert json.loads(collected.out)["posts"] == {"new": 2, "changed": 0, "withdrawn": 0}
        again = run("collect", "--once", "--all", "--json")
        assert json.loads(again.out)["sources"] == {"fetched": 0, "unchanged": 1, "failed": 0}


def test_check_stores_nothing(run: Run, course: str) -> None:
    with site({"/feed": Page(FEED)}) as blog:
        assert "2 of 3 entries" in run("source", "check", f"{blog.origin}/feed").out
    assert run("source", "list", "--json").out.strip() == "[]"


def test_the_same_source_twice(run: Run, course: str) -> None:
    with site({"/feed": Page(FEED)}) as blog:
        assert run("source", "add", f"{blog.origin}/feed", "--course", course).code == 0
        again = run("source", "add", f"{blog.origin}/feed", "--course", course)
        assert again.code == 1
        assert "registered already" in again.err


def test_pause_resume_remove(run: Run, course: str) -> None:
    with site({"/feed": Page(FEED)}) as blog:
        added = run("source", "add", f"{blog.origin}/feed", "--course", course, "--json")
        source_id = json.loads(added.out)["id"]
        paused = json.loads(run("source", "pause", source_id, "--json").out)
        assert (paused["id"], paused["state"], paused["due_at"]) == (source_id, "paused", None)
        assert json.loads(run("collect", "--once", "--all", "--json").out)["posts"]["new"] == 0
        assert "due at once" in run("source", "resume", source_id).out
        assert json.loads(run("collect", "--once", "--json").out)["posts"]["new"] == 2
        assert "withdrawn" in run("source", "remove", source_id).out
        assert json.loads(run("course", "list", "--json").out)[0]["posts"] == 0
        assert run("source", "resume", source_id).code == 1
    assert run("source", "pause", "nobody").code == 1


@pytest.mark.parametrize(
    ("page", "words"),
    [
        (Page(LOGIN, "text/html"), "web page"),
        (Page(b"%PDF-1.7 \x00\x01", "application/pdf"), ""),
        (Page(endless), "5 MiB"),
        (Page(b"", "text/plain", 302, {"Location": "/feed"}), "redirect"),
        (Page(b"", "text/plain", 500), "fault of its own"),
        (Page(b"", "text/plain", 401), "login"),
        (Page(b"", "application/rss+xml"), "empty"),
    ],
)
def test_what_cannot_be_a_source(run: Run, course: str, page: Page, words: str) -> None:
    with site({"/feed": page}) as blog:
        for kind in ("auto", "feed"):
            ran = run("source", "add", f"{blog.origin}/feed", "--course", course, "--kind", kind)
            assert ran.code == 1
            assert ran.out == ""
            assert ran.err.count("\n") == 1
            assert "Traceback" not in ran.err
            if kind == "feed":
                assert words in ran.err
    assert run("source", "list", "--json").out.strip() == "[]"


@pytest.mark.parametrize(
    "url",
    ["http://10.0.0.1/feed", "http://169.254.169.254/", "http://[::1]:8000/"],
)
def test_private_addresses_are_refused(run: Run, course: str, url: str) -> None:
    ran = run("source", "add", url, "--course", course)
    assert ran.code == 1
    assert "refused" in ran.err or "not allowed" in ran.err or "public" in ran.err


def test_nonsense(run: Run, course: str) -> None:
    assert run("source", "add", "ftp://example.org/x", "--course", course).code == 1
    assert run("source", "add", "http://example.invalid/", "--course", course).code == 1
    assert run("source", "add", "https://example.org/", "--course", "nobody").code == 1
    assert (
        run("source", "add", "https://example.org/", "--course", course, "--kind", "fax").code == 1
    )
    assert run("source", "add", "https://example.org/").code == 2
