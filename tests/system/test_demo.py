"""The main job, from the command line to the page."""

import json
import signal
from pathlib import Path

import pytest

from app.demo.servers import SampleWeb
from tests.system.service import Installation, all_posts, answers, end, free_port, serving
from tests.waiting import wait_for

pytestmark = pytest.mark.system


def test_demo_once(tmp_path: Path) -> None:
    """The planned failures are no failure."""
    summary = Installation(tmp_path, {}).run_json("demo", "--once")
    assert summary["sources"]["failed"] == 3
    assert summary["posts"]["new"] >= 250
    assert summary["posts"]["changed"] >= 0


def test_demo_is_served_at_the_printed_address(tmp_path: Path) -> None:
    port = free_port()
    process = Installation(tmp_path, {}).start("demo", "--port", str(port))
    try:
        wait_for(lambda: answers(f"http://127.0.0.1:{port}/demo"))
    finally:
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=20)
    assert process.returncode == 0
    assert f"http://127.0.0.1:{port}/demo" in err


def test_collects_just_what_belongs(web: SampleWeb, installation: Installation) -> None:
    summary = installation.run_json("collect", "--once", code=3)
    expected = web.expected()
    assert summary["posts"]["new"] == expected.total
    assert summary["sources"]["failed"] == len(web.planned_failures())
    with serving(installation, "--no-collect") as (base, _):
        posts = all_posts(base, web.course.slug)
    assert {post["url"] for post in posts} == expected.urls
    assert len(posts) == expected.total


def test_a_further_run_changes_nothing(web: SampleWeb, installation: Installation) -> None:
    installation.run("collect", "--once", code=3)
    installation.run("collect", "--once", "--all", code=None)  # replies to what there is by now
    again = installation.run_json("collect", "--once", "--all", code=None)
    assert again["posts"] == {"new": 0, "changed": 0, "withdrawn": 0}
    assert again["sources"]["unchanged"] > again["sources"]["fetched"]
    assert installation.run_json("collect", "--once")["sources"] == {
        "fetched": 0,
        "unchanged": 0,
        "failed": 0,
    }


def test_a_new_post_appears_while_it_runs(web: SampleWeb, installation: Installation) -> None:
    with serving(installation) as (base, _):
        wait_for(lambda: len(all_posts(base, web.course.slug)) == web.expected().total)
        url = web.publish("eins", "Ein neuer Kurzbeitrag über das Ende der E-Mail")
        installation.run("collect", "--once", "--all", code=None)
        wait_for(lambda: url in {post["url"] for post in all_posts(base, web.course.slug)}, 20)


def test_summary_on_a_pipe_has_no_spinner(web: SampleWeb, installation: Installation) -> None:
    process = installation.start("collect", "--once", "--json")
    out, err = process.communicate(timeout=60)
    assert json.loads(out)
    assert "\x1b" not in out + err
    assert end(process) == 3
