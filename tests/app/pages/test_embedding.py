"""The page that stands in frames of other sites, and the way from there to a post."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from selectolax.lexbor import LexborHTMLParser
from sqlalchemy import update
from starlette.testclient import TestClient

from app.web import create_app
from app.wiring import Services
from models.store import courses, sources, withdrawing
from models.tables.posts import PostTable
from tests.app.conftest import entry, fill, made, merge, publish

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8", "Accept-Language": "de"}


def parsed(client: TestClient, path: str) -> LexborHTMLParser:
    answer = client.get(path, headers=BROWSER)
    assert answer.status_code == 200, answer.text
    return LexborHTMLParser(answer.text)


def titles(tree: LexborHTMLParser) -> list[str]:
    return [node.text().strip() for node in tree.css("article h2")]


def attribute(tree: LexborHTMLParser, selector: str, name: str) -> str:
    node = tree.css_first(selector)
    assert node is not None, selector
    return node.attributes[name] or ""


def policy(client: TestClient, path: str) -> dict[str, str]:
    answer = client.get(path, headers=BROWSER)
    assert "x-frame-options" not in answer.headers
    assert "set-cookie" not in answer.headers
    directives = answer.headers["content-security-policy"].split("; ")
    return dict(one.split(" ", 1) for one in directives)


def test_posts_lead_through_us_into_tabs_of_their_own(client: TestClient) -> None:
    tree = parsed(client, "/embed/sample")
    assert len(tree.css("article")) == 20
    assert attribute(tree, "base", "target") == "_blank"
    assert attribute(tree, ".more a", "target") == "_self"
    ids = [post["id"] for post in client.get("/api/v1/courses/sample/posts").json()["items"]]
    assert [node.attributes["href"] for node in tree.css("article .when")] == [
        f"/go/{post}" for post in ids
    ]
    assert attribute(tree, "html", "lang") == "de"
    assert [node.text() for node in tree.css("[data-plural]")] != []


@pytest.mark.parametrize("query", ["limit=4&layout=grid&lang=en", "limit=2&week=current"])
def test_load_more_reaches_every_post_once(client: TestClient, query: str) -> None:
    seen: list[str] = []
    following: str | None = f"/embed/sample?{query}"
    while following:
        tree = parsed(client, following)
        seen += [node.attributes["id"] or "" for node in tree.css("article")]
        assert attribute(tree, "main", "class") == ("grid" if "grid" in query else "list")
        more = tree.css_first(".more a")
        following = more.attributes["href"] if more else None
    course = client.get("/api/v1/courses/sample").json()
    week = {"week": course["current_week"]} if "week" in query else {}
    listed = client.get("/api/v1/courses/sample/posts", params={"limit": 100, **week}).json()
    assert seen == [f"p{post['id']}" for post in listed["items"]]
    assert len(seen) > 4


def test_it_shows_what_the_api_lists(client: TestClient) -> None:
    posts = "/api/v1/courses/sample/posts?limit=100"
    source = client.get(posts).json()["items"][0]["sources"][0]["id"]
    for query, same in (("week=1", "&week=1"), (f"sources={source}", f"&source={source}")):
        listed = [post["id"] for post in client.get(posts + same).json()["items"]]
        tree = parsed(client, f"/embed/sample?limit=100&{query}")
        assert [node.attributes["id"] for node in tree.css("article")] == [f"p{i}" for i in listed]
        assert listed


def test_a_search_field_where_it_is_wanted(client: TestClient) -> None:
    assert not parsed(client, "/embed/sample").css(".search")
    for wish in ("search", "search=1", "search=true", "search=on"):
        assert parsed(client, f"/embed/sample?{wish}").css(".search")
    assert not parsed(client, "/embed/sample?search=0").css(".search")
    tree = parsed(client, "/embed/sample?search&layout=compact&q=hauser")
    assert len(tree.css("article")) == 1
    kept = {node.attributes["name"]: node.attributes["value"] for node in tree.css("[type=hidden]")}
    assert kept == {"layout": "compact", "search": "1"}


def test_one_post_alone(client: TestClient, services: Services) -> None:
    stays, gone = merge(services)
    for post in (stays, gone):
        assert [
            node.attributes["id"]
            for node in parsed(client, f"/embed/sample?post={post}").css("article")
        ] == [f"p{stays}"]


def test_the_theme_and_the_language(client: TestClient) -> None:
    tree = parsed(client, "/embed/sample?theme=dark&lang=en")
    assert attribute(tree, "html", "data-theme") == "dark"
    assert attribute(tree, "html", "lang") == "en"
    assert attribute(tree, ".head a", "href") == "/sample?ui=en"


def test_pictures_can_be_left_out(client: TestClient, services: Services) -> None:
    at = datetime.now(UTC) - timedelta(minutes=1)
    html = "Sieh &lt;img src='https://pics.example/1.png' alt='Ein Hund'&gt; an"
    publish(services, "https://ben.example/feed", entry("ben.example", 2, at, html))
    post = client.get("/api/v1/courses/sample/posts?limit=1").json()["items"][0]["id"]
    assert "Ein Hund" in client.get(f"/embed/sample?post={post}").text
    left_out = client.get(f"/embed/sample?post={post}&media=none").text
    assert "Ein Hund" not in left_out
    assert "Sieh" in left_out


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("layout=tower", "layout"),
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("week=first", "week"),
        ("week=-1", "week"),
        ("lang=fr", "lang"),
        ("theme=pink", "theme"),
        ("media=some", "media"),
        ("live=perhaps", "live"),
        ("sources=a;b", "sources"),
        ("cursor=x", "cursor"),
        ("foo=1", "parameters"),
        ("post=0199b1a0-7c1e-7000-8000-3f5c2f1e9a10&q=x", "post"),
    ],
)
def test_what_cannot_be_used_is_said_in_the_frame(
    client: TestClient, query: str, says: str
) -> None:
    path = f"/embed/sample?{query}"
    problem = client.get(path)
    assert problem.status_code == 422
    assert problem.headers["content-type"] == "application/problem+json"
    assert says in problem.json()["detail"]
    page = client.get(path, headers=BROWSER)
    assert page.status_code == 422
    assert says in page.text
    assert policy(client, path)["frame-ancestors"] == "*"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/embed/nobody", 404),
        ("/embed/sample?post=nothing", 404),
        ("/embed/sample?post=0199b1a0-7c1e-7000-8000-3f5c2f1e9a10", 404),
    ],
)
def test_what_is_not_there(client: TestClient, path: str, status: int) -> None:
    assert client.get(path, headers=BROWSER).status_code == status
    assert policy(client, path)["frame-ancestors"] == "*"


def test_everything_but_framing_is_strict(client: TestClient) -> None:
    assert policy(client, "/embed/sample") == {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self'",
        "connect-src": "'self'",
        "form-action": "'self'",
        "base-uri": "'none'",
        "frame-ancestors": "*",
    }
    assert policy(client, "/sample")["frame-ancestors"] == "'none'"


def test_the_operator_says_who_may_frame_it(tmp_path: Path) -> None:
    etags: list[str] = []
    for ancestors in ("https://course.example https://*.example", "'none'"):
        services = made(tmp_path, FRAME_ANCESTORS=ancestors)
        if not etags:
            fill(services)
        with TestClient(create_app(services)) as client:
            for path in ("/embed/sample", "/embed/sample", "/embed/nobody", "/embed/sample?foo=1"):
                assert policy(client, path)["frame-ancestors"] == ancestors
            etags.append(client.get("/embed/sample").headers["etag"])
            form = LexborHTMLParser(client.get("/sample/embed").text)
            assert not form.css("iframe")  # it would stay empty
        services.database.dispose()
    assert etags[0] != etags[1]


def test_a_post_is_gone_to_by_its_id(client: TestClient) -> None:
    post = client.get("/api/v1/courses/sample/posts?limit=1").json()["items"][0]
    answer = client.get(f"/go/{post['id']}", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (307, post["url"])
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert client.head(f"/go/{post['id']}", follow_redirects=False).status_code == 307


def test_a_merged_post_leads_to_the_others_place(client: TestClient, services: Services) -> None:
    stays, gone = merge(services)
    places = {
        client.get(f"/go/{post}", follow_redirects=False).headers["location"]
        for post in (stays, gone)
    }
    assert len(places) == 1


@pytest.mark.parametrize(
    "path",
    [
        "/go/0199b1a0-7c1e-7000-8000-3f5c2f1e9a10",
        "/go/https://elsewhere.example",
        "/go/https%3A%2F%2Felsewhere.example",
        "/go/nothing",
        "/go/",
    ],
)
def test_nobody_is_led_anywhere_else(client: TestClient, path: str) -> None:
    answer = client.get(path, follow_redirects=False)
    assert answer.status_code in {404, 308}
    assert "elsewhere" not in answer.headers.get("location", "")


def test_no_address_is_taken_from_a_query(client: TestClient) -> None:
    post = client.get("/api/v1/courses/sample/posts?limit=1").json()["items"][0]
    answer = client.get(f"/go/{post['id']}?url=https://elsewhere.example", follow_redirects=False)
    assert answer.status_code == 422


def test_a_post_that_was_held_all_along_is_nowhere(client: TestClient, services: Services) -> None:
    post = client.get("/api/v1/courses/sample/posts?limit=1").json()["items"][0]
    with services.database.writing() as session:
        session.execute(
            update(PostTable).where(PostTable.id == post["id"]).values(visible=False, revision=0)
        )
    assert client.get(f"/go/{post['id']}", follow_redirects=False).status_code == 404


def test_a_withdrawn_post_is_gone(client: TestClient, services: Services) -> None:
    post = client.get("/api/v1/courses/sample/posts?limit=1").json()["items"][0]
    with services.database.writing() as session:
        course = courses.course(session, "sample")
        source = sources.get(session, post["sources"][0]["id"])
        withdrawing.withdraw_source(session, course.id, source.id, datetime.now(UTC))
    for path in (f"/go/{post['id']}", f"/embed/sample?post={post['id']}&limit=3"):
        assert client.get(path, follow_redirects=False).status_code == 410


def test_only_addresses_of_the_web_are_led_to(
    client: TestClient, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dataclasses import replace

    from models.store import feed

    post = client.get("/api/v1/courses/sample/posts?limit=1").json()["items"][0]
    found = feed.anywhere

    def odd(session: object, post_id: str) -> object:
        return replace(found(session, post_id), url="javascript:alert(1)")  # type: ignore[arg-type]

    monkeypatch.setattr(feed, "anywhere", odd)
    assert client.get(f"/go/{post['id']}", follow_redirects=False).status_code == 404
