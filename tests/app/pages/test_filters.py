"""A narrowed list says to what, how many posts that leaves, and what to do where it leaves none."""

from starlette.testclient import TestClient

from tests.app.pages.reading import parsed, text, texts


def test_each_filter_is_a_chip_that_takes_it_away(client: TestClient) -> None:
    query = "q=text&kind=blog&week=2&tag=sample&lang=de&since=2014-10-06&until=2100-01-01T00:00:00Z"
    tree = parsed(client, f"/sample?{query}&order=oldest&limit=5")
    assert texts(tree, ".chips bdi") == [
        "„text“",
        "Blogbeiträge",
        "Woche 2",
        "#sample",
        "Deutsch",
        "seit 6. Oktober 2014",
        "vor dem 1. Januar 2100, 01:00 Uhr",
    ]
    for link in tree.css(".chips li:not(.all) a"):
        fewer = parsed(client, (link.attributes["href"] or "").removesuffix("#posts"))
        assert len(fewer.css(".chips li:not(.all)")) == 6
        assert fewer.css("select[name=order] option[selected]")[0].attributes["value"] == "oldest"
    assert tree.css(".chips .all a")[0].attributes["href"] == "/sample"


def test_a_source_is_named_where_it_is_public(client: TestClient) -> None:
    posts = client.get("/api/v1/courses/sample/posts?limit=2").json()["items"]
    ben, ada = (post["sources"][0]["id"] for post in posts)
    assert texts(parsed(client, f"/sample?source={ada}"), ".chips bdi") == ["von Ada (Muster)"]
    assert texts(parsed(client, f"/sample?source={ben}"), ".chips bdi") == ["von ben.example/feed"]
    assert texts(parsed(client, "/sample?source=nobody"), ".chips bdi") == ["von einer Quelle"]


def test_how_many_there_are(client: TestClient) -> None:
    assert text(parsed(client, "/sample"), ".heading .meta") == "25 Beiträge"
    assert text(parsed(client, "/sample?q=werkzeug"), ".heading .meta") == "1 Beitrag"
    assert text(parsed(client, "/sample?kind=blog&limit=2"), ".heading .meta") == "25 Beiträge"
    more = parsed(client, "/sample?limit=2").css(".more a")[0].attributes["href"] or ""
    assert not parsed(client, more.removesuffix("#posts")).css(".heading .meta")


def test_nothing_says_why_and_what_to_do(client: TestClient) -> None:
    one = text(parsed(client, "/sample?q=nirgends"), ".empty")
    assert "Alle Wörter müssen" in one
    assert "zu eng" not in one
    several = parsed(client, "/sample?tag=nirgends&kind=video")
    assert "zu eng" in text(several, ".empty")
    assert several.css(".empty a")[0].attributes["href"] == "/sample"


def test_what_somebody_wrote_into_the_address_is_text(client: TestClient) -> None:
    query = "q=%3Cb%3Ex&tag=%3Cb%3Ex&participant=%3Cb%3Ex&lang=%3Cb%3E&source=%3Cb%3E"
    answer = client.get(f"/sample?{query}", headers={"Accept-Language": "de"})
    assert answer.status_code == 200
    assert "<b>" not in answer.text
