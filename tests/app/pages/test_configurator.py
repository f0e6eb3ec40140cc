"""The page that makes embed codes, as a form without script."""

from html import unescape

from selectolax.lexbor import LexborHTMLParser
from starlette.testclient import TestClient


def parsed(client: TestClient, path: str) -> LexborHTMLParser:
    answer = client.get(path, headers={"Accept-Language": "de"})
    assert answer.status_code == 200, answer.text
    return LexborHTMLParser(answer.text)


def code(tree: LexborHTMLParser, name: str) -> str:
    node = tree.css_first(f"textarea#{name}")
    assert node is not None
    return unescape(node.text())


def chosen(tree: LexborHTMLParser, name: str) -> list[str | None]:
    options = tree.css(f"select[name={name}] option[selected]")
    return [option.attributes["value"] for option in options]


def test_what_is_chosen_is_shown_and_stays_chosen(client: TestClient) -> None:
    course = "/api/v1/courses/sample"
    sources = [
        one["id"]
        for post in client.get(f"{course}/posts").json()["items"]
        for one in post["sources"]
    ]
    picked = sorted(set(sources))
    assert len(picked) == 2
    query = f"layout=compact&week=2&limit=5&lang=&source={picked[0]}&source={picked[1]}&search=on"
    tree = parsed(client, f"/sample/embed?{query}&ui=en")
    address = f"/embed/sample?week=2&layout=compact&sources={'%2C'.join(picked)}&limit=5&search=1"
    assert [frame.attributes["src"] for frame in tree.css("iframe")] == [address, address]
    assert code(tree, "wordpress") == f"http://testserver{address}"
    assert "<course-feed" in code(tree, "html")
    assert code(tree, "iframe").startswith("<iframe ")
    narrowed = f"limit=5&source={'%2C'.join(picked)}&week=2"
    assert code(tree, "rss") == f"http://testserver/sample/feed.rss?{narrowed}"
    assert chosen(tree, "layout") == ["compact"]
    assert chosen(tree, "week") == ["2"]
    assert sorted(map(str, chosen(tree, "source"))) == picked
    assert [box.attributes["name"] for box in tree.css("[type=checkbox][checked]")] == ["search"]
    hidden = {
        node.attributes["name"]: node.attributes["value"]
        for node in tree.css("form [hidden], form [type=hidden]")
    }
    assert hidden == {"ui": "en"}


def test_it_is_found_from_the_course(client: TestClient) -> None:
    tree = parsed(client, "/sample")
    assert tree.css("a[href='/sample/embed']")
    assert parsed(client, "/sample/embed").css("link[type='application/json+oembed']")


def test_what_cannot_be_chosen(client: TestClient) -> None:
    for query in ("layout=tower", "limit=0", "foo=1", "source=a%3Bb", "ui=fr"):
        answer = client.get(f"/sample/embed?{query}")
        assert answer.status_code == 422, query
    assert client.get("/nobody/embed").status_code == 404


def test_its_policy(client: TestClient) -> None:
    policy = client.get("/sample/embed").headers["content-security-policy"]
    for part in ("script-src 'self'", "frame-src 'self'", "frame-ancestors 'none'"):
        assert part in policy.split("; ")
