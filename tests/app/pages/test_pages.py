"""The public pages: what they say, and what they never do."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from selectolax.lexbor import LexborHTMLParser
from sqlalchemy import update
from starlette.testclient import TestClient

from app.media.addresses import OnPage
from app.pages import render
from app.pages.listing import Addresses, PageQuery
from app.wiring import Services
from models.store import courses, sources
from models.tables.courses import WeekTable
from tests.app.conftest import entry, merge, publish
from tests.app.pages.reading import attribute, parsed, text
from tests.app.syndication.samples import COURSE, a_status
from tests.waiting import wait_for


def test_the_course_page(client: TestClient) -> None:
    tree = parsed(client, "/sample")
    assert text(tree, "title") == "Ein Beispielkurs"
    assert text(tree, "h1") == "Ein Beispielkurs"
    assert text(tree, "#week") == "Werkzeuge"
    assert text(tree, ".question") == "Welches Werkzeug hilft?"
    assert "jetzt" in text(tree, ".eyebrow")
    assert len(tree.css("article")) == 20
    assert attribute(tree, "html", "lang") == "de"
    assert text(tree, ".more a") == "Mehr laden"
    assert [link.attributes["href"] for link in tree.css(".weeks a")] == [
        "/sample",
        "/sample/weeks/1",
        "/sample/weeks/2",
    ]
    assert "25 Beiträge von 2 Personen" in text(tree, ".masthead")


def test_english(client: TestClient) -> None:
    tree = parsed(client, "/sample", "en-GB,en;q=0.9,de;q=0.5")
    assert text(tree, ".more a") == "Load more"
    assert text(parsed(client, "/sample?ui=de", "en"), ".more a") == "Mehr laden"
    assert text(parsed(client, "/sample", "fr"), ".more a") == "Mehr laden"


def test_load_more_reaches_every_post_once(client: TestClient) -> None:
    for path in ("/sample?limit=4", "/sample?limit=4&order=oldest&ui=en"):
        seen: list[str] = []
        following: str | None = path
        while following:
            tree = parsed(client, following)
            seen += [node.attributes["href"] or "" for node in tree.css("article .title a")]
            more = tree.css_first(".more a")
            following = more.attributes["href"] if more else None
        assert len(seen) == len(set(seen)) == 25


def test_a_week(client: TestClient) -> None:
    tree = parsed(client, "/sample/weeks/1?limit=1")
    assert text(tree, "h1") == "Anfang"
    assert attribute(tree, ".weeks a[aria-current=page]", "href") == "/sample/weeks/1"
    assert "Zum Einlesen" in text(tree, ".week")
    assert attribute(tree, ".masthead .name a", "href") == "/sample"
    more = attribute(tree, ".more a", "href")
    assert more is not None
    assert more.startswith("/sample/weeks/1?")
    assert parsed(client, more).css("article")
    for path in ("/sample/weeks/3", "/sample/weeks/x", "/sample/weeks/99999999999"):
        assert client.get(path).status_code == 404


def test_search(client: TestClient) -> None:
    tree = parsed(client, "/sample?q=hauser")
    assert len(tree.css("article")) == 1
    assert attribute(tree, "#q", "value") == "hauser"
    nothing = parsed(client, "/sample?q=nirgends")
    assert "Dazu passt kein Beitrag" in text(nothing, ".empty")
    assert len(parsed(client, "/sample?q=").css("article")) == 20


def test_the_form_keeps_what_it_does_not_ask_for(client: TestClient) -> None:
    tree = parsed(client, "/sample?tag=sample&q=text&order=oldest&ui=en")
    hidden = {
        node.attributes["name"]: node.attributes["value"] for node in tree.css("[type=hidden]")
    }
    assert hidden == {"tag": "sample", "ui": "en"}
    assert attribute(tree, "select[name=order] option[selected]", "value") == "oldest"
    assert [link.attributes["href"] for link in tree.css(".chips a")] == [
        "/sample?tag=sample&order=oldest&ui=en#posts",
        "/sample?q=text&order=oldest&ui=en#posts",
        "/sample?ui=en",
    ]


def test_a_hashtag_is_shown_with_one_sign(client: TestClient) -> None:
    for given in ("sample", "%23sample", "%EF%BC%83sample"):
        tree = parsed(client, f"/sample?tag={given}")
        assert text(tree, ".chips a").startswith("#sample ")


def test_posts_stand_under_their_days(client: TestClient) -> None:
    tree = parsed(client, "/sample")
    days = [node.attributes["datetime"] or "" for node in tree.css(".day time")]
    assert len(days) == len(set(days)) > 3
    assert days == sorted(days, reverse=True)
    assert not parsed(client, "/sample?order=discussed").css(".day")


def test_a_post_with_its_responses(client: TestClient) -> None:
    tree = parsed(client, "/sample?order=discussed&limit=1")
    assert text(tree, ".answers") == "1 Antwort"
    href = attribute(tree, ".answers", "href")
    assert href is not None
    page = parsed(client, href.removesuffix("#responses"))
    assert text(page, "h1") == "Post 1"
    assert attribute(page, "link[rel=canonical]", "href") == "https://ada.example/1"
    assert text(page, "#responses") == "1 Antwort"
    assert [node.text() for node in page.css("main h3")] == ["Post 1"]
    assert "Ben (Muster)" in text(page, ".thread .author")
    assert attribute(page, ".back a", "href") == "/sample"
    lonely = parsed(client, "/sample?q=werkzeug")
    own = attribute(lonely, ".when", "href")
    assert own is not None
    assert text(parsed(client, own), "#responses") == "Noch keine Antwort"


def test_a_post_leads_to_its_week_even_if_that_is_week_0(
    client: TestClient, services: Services
) -> None:
    with services.database.writing() as session:
        session.execute(update(WeekTable).where(WeekTable.number == 2).values(number=0))
        (found,) = courses.courses(session)
        sources.touch_course(session, found.id, found.updated_at + timedelta(seconds=1))
    week = "/api/v1/courses/sample/posts?week=0"
    wait_for(lambda: bool(client.get(week).json()["items"]))
    post = client.get(week).json()["items"][0]
    tree = parsed(client, f"/sample/posts/{post['id']}")
    assert "/sample/weeks/0" in {link.attributes["href"] for link in tree.css(".back a")}


def test_many_responses_are_paged(client: TestClient, services: Services) -> None:
    at = datetime.now(UTC) - timedelta(hours=1)
    answer = "&lt;a href='https://ada.example/1'>Ada&lt;/a>"
    publish(
        services,
        "https://ben.example/feed",
        *(
            entry("ben.example", number, at + timedelta(seconds=number), answer)
            for number in range(2, 32)
        ),
    )
    href = attribute(parsed(client, "/sample?order=discussed&limit=1&ui=en"), ".answers", "href")
    following: str | None = href
    seen: list[str | None] = []
    while following:
        tree = parsed(client, following)
        seen += [node.attributes["href"] for node in tree.css(".thread .title a")]
        more = tree.css_first(".more a")
        following = more.attributes["href"] if more else None
        assert text(tree, "#responses") == "31 responses"
    assert len(seen) == len(set(seen)) == 31


def test_what_is_sensitive_stays_closed(client: TestClient, services: Services) -> None:
    sensitive = replace(a_status(), content_warning="Spinnen", sensitive=True)
    page = (
        render.environment("de")
        .get_template("post.html")
        .make_module(
            {
                "course": COURSE,
                "addresses": Addresses(COURSE, None, PageQuery()),
                "pictures": OnPage(),
                "listed": {},
            }
        )
    )
    tree = LexborHTMLParser(str(page.article(sensitive, 3)))  # type: ignore[attr-defined]
    assert text(tree, "details.warned > summary") == "Spinnen"
    assert tree.css("details.warned .content")
    assert not tree.css("details[open]")
    assert text(tree, "h3.author") == "@ben@social.example"


def test_foreign_languages_are_marked(client: TestClient, services: Services) -> None:
    tree = parsed(client, "/sample", "en")
    assert attribute(tree, "html", "lang") == "en"
    for selector in ("h1", "#week", ".question", ".weeks .words[lang]"):
        assert attribute(tree, selector, "lang") == "de"
    assert tree.css("article .content[lang=de]")
    assert not parsed(client, "/sample", "de").css("article [lang=de]")


def test_what_people_wrote_finds_its_own_direction(client: TestClient) -> None:
    for path in ("/sample", "/sample?order=discussed", "/sample/links", "/sample/people"):
        tree = parsed(client, path)
        for node in tree.css("article :is(.title, .content, .excerpt, h2.author, h3.author)"):
            assert node.attributes.get("dir") == "auto", node.html
        names = tree.css("article .by > :is(.author, .handle), .people .who a > *")
        assert {node.tag for node in names} <= {"bdi"}
    assert names


def test_a_language_we_do_not_speak_is_refused(client: TestClient) -> None:
    answer = client.get("/sample?ui=fr")
    assert answer.status_code == 422
    assert "de, en" in answer.text


def test_nothing_is_asked_of_third_parties(client: TestClient, services: Services) -> None:
    at = datetime.now(UTC) - timedelta(minutes=1)
    hostile = (
        "<p onclick='x()'>Hallo<img src='https://track.example/a.gif' alt='Zählpixel'>"
        "<script>alert(1)</script><style>*{display:none}</style><iframe src='https://e.example'>"
        "</iframe><a href='javascript:x()'>x</a><svg onload=x()></svg></p>"
    )
    escaped = hostile.replace("&", "&amp;").replace("<", "&lt;")
    title = "&lt;script&gt;alert(2)&lt;/script&gt;"
    publish(
        services,
        "https://ben.example/feed",
        entry("ben.example", 3, at, escaped, title=title, author="&lt;b&gt;Ben"),
    )
    answer = client.get("/sample", headers={"Cookie": "past=the cache"})
    tree = LexborHTMLParser(answer.text)
    for tag in ("script", "iframe", "svg", "main style", "object", "embed"):
        assert not tree.css(tag), tag
    for node in tree.css("*"):
        assert not [name for name in node.attributes if name.startswith("on")]
        for name in ("src", "srcset", "style", "action"):
            for value in (node.attributes.get(name) or "/").split(", "):
                assert value.startswith("/"), (node.tag, name, value)
        if node.tag == "link" and node.attributes.get("rel") == "stylesheet":
            assert (node.attributes["href"] or "").startswith("/static/")
        assert not (node.attributes.get("href") or "").startswith("javascript:")
    (pixel,) = (node for node in tree.css("article img") if node.attributes["alt"])
    assert pixel.attributes["alt"] == "Zählpixel"
    assert (pixel.attributes["src"] or "").startswith("/media/sample/")
    assert "track.example" not in answer.text
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["x-robots-tag"] == "noindex"
    assert "set-cookie" not in answer.headers


def test_the_style_sheet_may_be_kept_for_ever(client: TestClient) -> None:
    href = attribute(parsed(client, "/sample"), "link[rel=stylesheet]", "href")
    assert href is not None
    answer = client.get(href)
    assert answer.headers["content-type"].startswith("text/css")
    assert "immutable" in answer.headers["cache-control"]
    assert client.get("/static/site.other.css").status_code == 404
    assert "Disallow: /api/" in client.get("/robots.txt").text


def test_all_courses(client: TestClient) -> None:
    tree = parsed(client, "/")
    assert attribute(tree, ".courses a", "href") == "/sample"


def test_the_page_of_a_merged_post_leads_to_the_other(
    client: TestClient, services: Services
) -> None:
    kept, merged = merge(services)
    answer = client.get(f"/sample/posts/{merged}?ui=en", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (307, f"/sample/posts/{kept}?ui=en")
    assert answer.headers["cache-control"] == "no-store"
    assert text(parsed(client, f"/sample/posts/{merged}"), "h1") == "Post 4"
