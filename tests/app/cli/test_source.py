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
        latest = [(entry["title"], entry["matches"]) for entry in found["latest"]]
        assert latest == [("Post 3", True), ("Post 2", False), ("Post 1", True)]
        collected = run("collect", "--once", "--json")
        assert collected.code == 0, collected.err
        assert json.loads(collected.out)["posts"] == {"new": 2, "changed": 0, "withdrawn": 0}
        again = run("collect", "--once", "--all", "--json")
        assert json.loads(again.out)["sources"] == {"fetched": 0, "unchanged": 1, "failed": 0}


def test_check_stores_nothing(run: Run, course: str) -> None:
    with site({"/feed": Page(FEED)}) as blog:
        shown = run("source", "check", f"{blog.origin}/feed").out.splitlines()
        assert shown[1].startswith("2 of 3 entries")
        assert [line.split()[0] for line in shown[2:]] == ["✓", "–", "✓"]
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


def bent(handler: BaseHTTPRequestHandler) -> None:
    """A body that is not in the coding it names."""
    handler.send_response(200)
    handler.send_header("Content-Encoding", "gzip")
    handler.end_headers()
    handler.wfile.write(b"<rss/>")


def cut(handler: BaseHTTPRequestHandler) -> None:
    """A body that breaks off."""
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b"<rss/>")


@pytest.mark.parametrize(
    ("page", "words"),
    [
        (Page(LOGIN, "text/html"), "web page"),
        (Page(b"%PDF-1.7 \x00\x01", "application/pdf"), "PDF"),
        (Page(endless), "5 MiB"),
        (Page(bent), "decompressed"),
        (Page(cut), "broke"),
        (Page(b"", "text/plain", 302, {"Location": "http://10.0.0.1/"}), "public web addresses"),
        (Page(b"", "text/plain", 404), "nothing at this address"),
        (Page(b"", "text/plain", 410), "gone for good"),
        (Page(b"", "text/plain", 429), "fewer requests"),
        (Page(b"", "text/plain", 302, {"Location": "/feed"}), "redirect"),
        (Page(b"", "text/plain", 500), "fault of its own"),
        (Page(b"", "text/plain", 401), "login"),
        (Page(b"", "application/rss+xml"), "empty"),
    ],
)
def test_what_cannot_be_a_source(run: Run, course: str, page: Page, words: str) -> None:
    with site({"/feed": page}) as blog:
        for command in ("add", "check"):
            for kind in ("auto", "feed", "blog"):
                given = ("--course", course, "--kind", kind)
                ran = run("source", command, f"{blog.origin}/feed", *given)
                assert (ran.code, ran.out) == (1, "")
                assert ran.err.count("\n") == 1
                assert f"{blog.origin}/feed: " in ran.err
                if kind == "feed":
                    assert words in ran.err
    assert run("source", "list", "--json").out.strip() == "[]"


@pytest.mark.parametrize(
    "url",
    ["http://10.0.0.1/feed", "http://169.254.169.254/", "http://[::1]:8000/"],
)
def test_private_addresses_are_refused(run: Run, course: str, url: str) -> None:
    told = {run("source", command, url, "--course", course).err for command in ("add", "check")}
    assert told == {
        f"moocfeed: {url}: This address is not fetched: only public web addresses are."
        " Give the public http"
        " or https address of the site; whoever runs this service can permit others with"
        " MOOCFEED_FETCH_ALLOW.\n"
    }


def test_a_name_that_cannot_be_found(run: Run, course: str) -> None:
    for command in ("add", "check"):
        ran = run("source", command, "https://nowhere.invalid/feed", "--course", course)
        assert (ran.code, ran.err.count("\n")) == (1, 1)
        assert "nowhere.invalid cannot be found" in ran.err


def test_a_timeline_needs_a_course_whose_hashtags_count(run: Run) -> None:
    ran = run("source", "check", "https://instance.example", "--kind", "mastodon")
    assert (ran.code, ran.out, ran.err.count("\n")) == (1, "", 1)
    assert "--course" in ran.err


def test_an_instance_that_wants_a_token_says_how_to_make_one(run: Run, course: str) -> None:
    with site({"/api/v1/timelines/tag/demo": Page(b"{}", "application/json", 401)}) as instance:
        ran = run("source", "add", instance.origin, "--course", course, "--kind", "mastodon")
    assert ran.code == 1
    assert "wants a user's token" in ran.err
    assert "New application" in ran.err


def test_what_turns_bad_later_fails_alone(run: Run, course: str) -> None:
    """Through the whole of collecting: one sentence for each on standard error, exit code 3."""
    bad = {
        "/login": Page(LOGIN, "text/html"),
        "/pdf": Page(b"%PDF-1.7 \x00\x01", "application/pdf"),
        "/endless": Page(endless),
        "/loop": Page(b"", "text/plain", 302, {"Location": "/loop"}),
        "/inside": Page(b"", "text/plain", 301, {"Location": "http://192.168.0.1/feed"}),
    }
    with site(dict.fromkeys((*bad, "/fine"), Page(FEED))) as blog:
        for path in blog.pages:
            added = run("source", "add", f"{blog.origin}{path}", "--course", course)
            assert added.code == 0, added.err
        blog.pages |= bad
        ran = run("collect", "--once", "--json")
        assert ran.code == 3
        assert json.loads(ran.out)["sources"] == {"fetched": 1, "unchanged": 0, "failed": 5}
        assert json.loads(ran.out)["posts"]["new"] == 2
        assert "Traceback" not in ran.err
        for path in bad:
            assert f"{blog.origin}{path}\n" in ran.err
        health = json.loads(run("source", "list", "--json").out)
        assert {row["error_code"] for row in health} == {
            None, "not-a-feed", "too-large", "redirect-loop", "refused-address"
        }  # fmt: skip


def test_nonsense(run: Run, course: str) -> None:
    assert run("source", "add", "ftp://example.org/x", "--course", course).code == 1
    assert run("source", "add", "http://example.invalid/", "--course", course).code == 1
    assert run("source", "add", "https://example.org/", "--course", "nobody").code == 1
    for command in ("add", "check"):
        for kind in ("fax", "comments"):
            ran = run("source", command, "https://a.example/", "--course", course, "--kind", kind)
            assert (ran.code, ran.out) == (2, "")
            assert "choose from auto, feed, blog, " in ran.err
    assert run("source", "add", "https://example.org/").code == 2
