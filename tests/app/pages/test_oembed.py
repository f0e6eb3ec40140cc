"""oEmbed: what is said of a page, and what WordPress makes of it."""

from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest
from selectolax.lexbor import LexborHTMLParser
from starlette.testclient import TestClient

from app.wiring import Services
from tests.app.conftest import entry, publish
from tests.app.pages import wordpress

BASE = "http://testserver"


def described(client: TestClient, url: str, more: str = "") -> dict[str, object]:
    answer = client.get(f"/oembed?url={quote(url, safe='')}{more}")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/json"
    found: dict[str, object] = answer.json()
    return found


def frame_of(html: object) -> dict[str, str | None]:
    node = LexborHTMLParser(str(html)).css_first("iframe")
    assert node is not None
    return dict(node.attributes)


def first(client: TestClient) -> str:
    return str(client.get("/api/v1/courses/sample/posts?limit=1").json()["items"][0]["id"])


def test_a_course(client: TestClient) -> None:
    found = described(client, f"{BASE}/sample", "&format=json")
    html = found.pop("html")
    assert found == {
        "version": "1.0",
        "type": "rich",
        "title": "Ein Beispielkurs",
        "provider_name": "Ein Beispielkurs",
        "provider_url": f"{BASE}/sample",
        "cache_age": 3600,
        "width": 600,
        "height": 600,
    }
    assert str(html).startswith(
        f'<blockquote><a href="{BASE}/sample">Ein Beispielkurs</a></blockquote><iframe src='
    )
    frame = frame_of(html)
    assert frame["src"] == f"{BASE}/embed/sample"
    assert "allow-scripts" in (frame["sandbox"] or "").split()
    assert "allow-same-origin" not in (frame["sandbox"] or "")


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("/sample/", "/embed/sample"),
        ("/sample?week=1&ui=en", "/embed/sample?week=1&lang=en"),
        ("/sample?q=text&kind=blog", "/embed/sample"),
        ("/sample/weeks/1", "/embed/sample?week=1"),
        ("/sample/weeks/1?ui=de", "/embed/sample?week=1&lang=de"),
        ("/embed/sample?layout=grid&live", "/embed/sample?layout=grid&live=1"),
        ("/embed/sample?q=text&cursor=x", "/embed/sample?q=text"),
    ],
)
def test_what_stands_in_the_frame(client: TestClient, path: str, source: str) -> None:
    for base in (BASE, "HTTP://TestServer:80", "https://testserver"):
        assert frame_of(described(client, base + path)["html"])["src"] == BASE + source


def test_a_post(client: TestClient) -> None:
    post = client.get("/api/v1/courses/sample/posts?limit=1").json()["items"][0]
    found = described(client, f"{BASE}/sample/posts/{post['id']}")
    assert found["title"] == post["title"]
    assert found["author_name"] == post["author"]["name"]
    source = frame_of(found["html"])["src"]
    assert source == f"{BASE}/embed/sample?post={post['id']}"
    assert client.get(source).status_code == 200


def test_it_is_no_larger_than_there_is_room(client: TestClient) -> None:
    for more, size in (
        ("&maxwidth=320&maxheight=240", (320, 240)),
        ("&maxwidth=900&maxheight=2000", (900, 600)),
        ("&maxwidth=5000", (1200, 600)),
    ):
        found = described(client, f"{BASE}/sample", more)
        assert (found["width"], found["height"]) == size
        frame = frame_of(found["html"])
        assert (frame["width"], frame["height"]) == tuple(map(str, size))


@pytest.mark.parametrize(
    ("query", "status"),
    [
        (f"url={BASE}/sample&format=xml", 501),
        (f"url={BASE}/sample&format=yaml", 501),
        (f"url={BASE}/nobody", 404),
        (f"url={BASE}/", 404),
        (f"url={BASE}/sample/feed.rss", 404),
        (f"url={BASE}/api/v1/courses/sample", 404),
        (f"url={BASE}/sample/weeks/9", 404),
        (f"url={BASE}/sample/posts/0199b1a0-7c1e-7000-8000-3f5c2f1e9a10", 404),
        (f"url={BASE}/sample/posts/{'a' * 36}", 404),
        (f"url={BASE}/embed/sample%3Flayout=tower", 404),
        ("url=https://elsewhere.example/sample", 404),
        ("url=http://testserver:8080/sample", 404),
        ("url=http://testserver@elsewhere.example/sample", 404),
        ("url=http://testserver:x/sample", 404),
        ("url=http://[/sample", 404),
        ("url=javascript:alert(1)", 404),
        ("url=//testserver/sample", 404),
        ("url=nothing", 404),
        ("", 422),
        ("url=", 404),
        (f"url={BASE}/sample&maxwidth=0", 422),
        (f"url={BASE}/sample&maxheight=high", 422),
    ],
)
def test_refusals(client: TestClient, query: str, status: int) -> None:
    answer = client.get(f"/oembed?{query}", headers={"Accept": "text/html"})
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert "elsewhere" not in answer.text


def test_a_title_is_text(client: TestClient, services: Services) -> None:
    at = datetime.now(UTC) - timedelta(minutes=1)
    title = "&lt;/a&gt;&lt;script&gt;&quot;quoted&quot;"
    publish(services, "https://ben.example/feed", entry("ben.example", 2, at, "Text", title=title))
    html = str(described(client, f"{BASE}/sample/posts/{first(client)}")["html"])
    tree = LexborHTMLParser(html)
    assert not tree.css("script")
    assert len(tree.css("*")) == len(
        LexborHTMLParser(str(described(client, f"{BASE}/sample")["html"])).css("*")
    )


def test_wordpress_finds_asks_and_keeps(client: TestClient) -> None:
    paths = ("/sample", "/sample/weeks/1", f"/sample/posts/{first(client)}", "/sample?ui=en")
    for path in (*paths, "/embed/sample?layout=grid&search", "/sample/weeks/1?ui=en"):
        provider = wordpress.discovered(client.get(path).text)
        assert provider is not None, path
        assert provider.startswith(f"{BASE}/oembed?url=")
        assert client.get(provider).status_code == 200, provider
        answer = client.get(wordpress.asked(provider, BASE + path))
        assert answer.status_code == 200, answer.text
        left = wordpress.filtered(answer.json()["html"])
        assert left is not None
        tree = LexborHTMLParser(left)
        source = tree.css_first("iframe").attributes["src"] or ""  # type: ignore[union-attr]
        assert source.endswith("#?secret=abcdefghij")
        assert client.get(source.split("#")[0]).status_code == 200
        link = tree.css_first("blockquote > a")
        assert link is not None
        assert link.attributes["href"] == BASE + path
        assert client.get(path).status_code == 200
