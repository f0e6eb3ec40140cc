"""Accounts and networks: recognised, let in with a token, collected over HTTP."""

import io
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from app import settings, wiring
from app.clock import now
from collectors.vault import Vault
from models.store import sources
from models.store.sources import SourceRow
from tests.app.cli.conftest import Ran, Run
from tests.app.cli.test_course import COURSE, written
from tests.servers import bluesky, fediverse, x
from tests.servers.web import Request, Response, Served, served
from tests.sites import item, rss


@pytest.fixture
def course(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("MOOCFEED_FETCH_ALLOW", "127.0.0.0/8")
    text = COURSE[: COURSE.index("[[sources]]")]
    assert run("course", "apply", written(tmp_path, text)).code == 0
    return "demo"


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Puts a text on standard input."""
    return lambda text: monkeypatch.setattr("sys.stdin", io.StringIO(text))


def stored() -> list[SourceRow]:
    with wiring.build(settings.load()).database.reading() as session:
        return list(sources.listed(session))


def opened(row: SourceRow) -> str:
    assert row.secret is not None
    return Vault(settings.load().secret_key).open(row.secret)


def added(ran: Ran) -> Any:
    assert ran.code == 0, ran.err
    return json.loads(ran.out)


def new(run: Run, *arguments: str, code: int = 0) -> int:
    ran = run("collect", "--once", "--json", *arguments)
    assert ran.code == code, ran.err
    count: int = json.loads(ran.out)["posts"]["new"]
    return count


def instance(home: fediverse.Instance, there: Served) -> fediverse.Instance:
    """An instance that knows where it is served."""
    home.domain, home.web = there.netloc, there.origin
    return home


def recent(home: fediverse.Instance, number: int, text: str = "#demo", **fields: Any) -> None:
    """A status of the last days."""
    moment = now() - timedelta(hours=200 - number)
    home.post(number, text, created_at=moment.isoformat(), **fields)


def test_a_handle(run: Run, course: str) -> None:
    home = fediverse.Instance()
    with served(home.answer) as there:
        instance(home, there)
        for number in range(60):
            recent(home, number)
        recent(home, 61, "etwas anderes")
        found = added(run("source", "add", f"@muster@{there.netloc}", "--course", course, "--json"))
        assert (found["kind"], found["url"]) == ("fediverse", f"{there.origin}/@muster")
        assert found["title"] == "Muster (Beispiel)"
        assert new(run) == 60
        recent(home, 70)
        assert new(run, "--all") == 1
        assert new(run, "--all") == 0


def test_a_profile_address_is_recognised(run: Run, course: str) -> None:
    home = fediverse.Instance()
    with served(home.answer) as there:
        instance(home, there)
        recent(home, 1)
        for path in ("/@muster", "/users/muster"):
            ran = run("source", "check", f"{there.origin}{path}", "--json")
            assert added(ran)["kind"] == "fediverse"


def test_an_api_that_has_moved_does_not_move_the_account(run: Run, course: str) -> None:
    home = fediverse.Instance()
    with served(home.answer, "127.0.0.2") as back:

        def answer(request: Request) -> Response:
            if request.path.endswith("/statuses"):
                query = "&".join(f"{name}={value[0]}" for name, value in request.query.items())
                to = {"Location": f"{back.origin}{request.path}?{query}"}
                return Response(b"", 301, headers=to)
            return home.answer(request)

        with served(answer) as there:
            instance(home, there)
            address = f"{there.origin}/@muster"
            assert run("source", "add", address, "--course", course).code == 0
            for _ in range(4):
                assert new(run, "--all") == 0
            (row,) = stored()
            assert row.url == address


def test_the_same_address_elsewhere_is_a_blog(run: Run, course: str) -> None:
    feed = rss(item(1, "Ein Beitrag #demo"))
    page = b"<link rel='alternate' type='application/rss+xml' href='/feed'>"

    def answer(request: Request) -> Response:
        if request.path == "/feed":
            return Response(feed, kind="application/rss+xml")
        known = request.path == "/@muster"
        return Response(page, 200 if known else 404, "text/html")

    with served(answer) as there:
        assert added(run("source", "check", f"{there.origin}/@muster", "--json"))["kind"] == "blog"


def test_a_handle_that_nobody_has(run: Run, course: str) -> None:
    home = fediverse.Instance()
    with served(home.answer) as there:
        ran = run("source", "add", f"@nobody@{there.netloc}", "--course", course)
        assert ran.code == 1
        assert "@nobody@" in ran.err
        assert ran.err.count("\n") == 1


def test_an_instance_that_wants_a_token(run: Run, course: str, typed: Any) -> None:
    home = fediverse.Instance(token="Gehe1m")
    with served(home.answer) as there:
        instance(home, there)
        recent(home, 1)
        address = f"{there.origin}/@muster"
        refused = run("source", "add", address, "--course", course)
        assert refused.code == 1
        assert "--token-stdin" in refused.err
        typed("Gehe1m\n")
        ran = run("source", "add", address, "--course", course, "--token-stdin", "--json")
        assert added(ran)["matching"] == 1
        assert "Gehe1m" not in ran.out + ran.err
        (row,) = stored()
        assert opened(row) == "Gehe1m"
        assert "Gehe1m" not in str(row.secret)
        assert new(run) == 1
        (listed,) = json.loads(run("source", "list", "--json").out)
        assert listed["has_secret"] is True
        assert "secret" not in listed
        assert str(row.secret) not in run("source", "list").out


def test_a_new_token_for_a_source_that_is_there(run: Run, course: str, typed: Any) -> None:
    home = fediverse.Instance(token="alt")
    with served(home.answer) as there:
        instance(home, there)
        recent(home, 1)
        add = ("source", "add", f"{there.origin}/@muster", "--course", course)
        typed("alt")
        first = added(run(*add, "--token-stdin", "--json"))["id"]
        home.token = "neu"
        assert new(run, code=3) == 0
        typed("neu")
        assert added(run(*add, "--token-stdin", "--json"))["id"] == first
        assert new(run) == 1
        (row,) = stored()
        assert (opened(row), row.failures) == ("neu", 0)
        assert run("source", "remove", first).code == 0
    services = wiring.build(settings.load())
    with services.database.reading() as session:
        assert sources.get(session, first).secret is None


def test_tokens_where_none_is_taken(run: Run, course: str, typed: Any) -> None:
    with served(lambda _: Response(rss(item(1, "#demo")), kind="application/rss+xml")) as there:
        typed("abc")
        ran = run("source", "add", f"{there.origin}/f", "--course", course, "--token-stdin")
        assert ran.code == 1
        assert "sources of kind feed take no token" in ran.err
        typed("\n")
        assert "no token on standard input" in run("source", "check", "x", "--token-stdin").err
        ran = run("source", "check", f"{there.origin}/f", "--option", "identifier=a")
        assert "take no option 'identifier'" in ran.err
        assert "has no value" in run("source", "check", "x", "--option", "identifier").err
    assert stored() == []


def test_a_hashtag_on_bluesky(run: Run, course: str, typed: Any) -> None:
    network = bluesky.Network()
    with served(network.answer) as there:
        for number in range(150):
            network.post(number, "#demo", now() - timedelta(hours=number))
        add = ("source", "add", there.origin, "--course", course, "--kind", "bluesky")
        refused = run(*add)
        assert refused.code == 1
        assert "app password" in refused.err
        name = f"identifier={bluesky.HANDLE}"
        assert "wants a password" in run(*add, "--option", name).err
        typed(bluesky.PASSWORD)
        found = added(run(*add, "--option", name, "--token-stdin", "--json"))
        assert (found["kind"], found["url"]) == ("bluesky", there.origin)
        assert new(run) == 150
        network.post(151, "#demo", now())
        assert new(run, "--all") == 1
        sent = [request for request in there.requests if request.token == bluesky.PASSWORD]
        assert sent == [], "the password goes to the session's request, in its body"


def test_a_profile_on_bluesky(run: Run, course: str) -> None:
    network = bluesky.Network()
    with served(network.answer) as there:
        for number, text in enumerate(("#demo", "etwas anderes", "noch einmal #Demo")):
            network.post(number, text, now())
        address = f"{there.origin}/profile/{bluesky.HANDLE}"
        add = ("source", "add", address, "--course", course, "--kind", "bluesky", "--json")
        assert added(run(*add))["matching"] == 2
        assert new(run) == 2


def tweeted(search: x.RecentSearch, count: int) -> None:
    search.now = now()
    for minute in range(count):
        search.post(minute / 60, "#demo")


def test_x_within_its_cap(run: Run, course: str, typed: Any) -> None:
    search = x.RecentSearch()
    tweeted(search, 120)
    with served(search.answer) as there:
        add = ("source", "add", there.origin, "--course", course, "--kind", "x")
        assert "max_reads_a_month" in run(*add).err
        assert "from 60 on" in run(*add, "--option", "max_reads_a_month=10").err
        typed(x.TOKEN)
        ran = run(*add, "--option", "max_reads_a_month=100", "--token-stdin", "--json")
        assert added(ran)["matching"] == 10
        assert "last seven days" in ran.err
        search.sold = 0
        assert new(run) == 46
        assert 0 < search.sold <= 100
        requests = len(there.requests)
        assert new(run, "--all", code=3) == 0
        assert len(there.requests) == requests
        (row,) = stored()
        assert "X is asked again on" in (row.last_error or "")
        assert row.failures == 0
        assert row.due_at is not None
        assert row.due_at.day == 1
        typed(x.TOKEN)
        assert run(*add, "--option", "max_reads_a_month=1000", "--token-stdin").code == 0
        assert new(run) == 74
        assert search.sold <= 1000


def test_other_hashtags_do_not_forget_what_was_bought(
    run: Run, course: str, typed: Any, tmp_path: Path
) -> None:
    search = x.RecentSearch()
    tweeted(search, 10)
    with served(search.answer) as there:
        typed(x.TOKEN)
        add = ("source", "add", there.origin, "--course", course, "--kind", "x", "--token-stdin")
        assert run(*add, "--option", "max_reads_a_month=500").code == 0
        assert new(run) == 10
        before = stored()[0].cursor["spent"]
        assert before["reads"] > 0
        text = COURSE[: COURSE.index("[[sources]]")].replace('["demo"', '["anders", "demo"')
        assert run("course", "apply", written(tmp_path, text)).code == 0
        assert stored()[0].cursor == {"spent": before}
