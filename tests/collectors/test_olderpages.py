"""The past of a page that is its own feed: along its navigation, and where that ends."""

from collections.abc import Mapping

import pytest

from collectors.contract import NO_PAST, CollectError
from models.domain.source import SourceSpec
from tests.collectors.specs import spec
from tests.collectors.walks import Walked, walk
from tests.servers.web import Request, Response

URL = "https://blog.example/"
ENTRY = """<article class="h-entry"><a class="u-url" href="/{0}"><span class="p-name">Post {0}
#muster</span></a><time class="dt-published" datetime="2026-10-{0:02}T10:00:00Z"></time>
</article>"""


def page(*days: int, links: str = "") -> bytes:
    entries = "".join(ENTRY.format(day) for day in days)
    return f'<html><body><div class="h-feed">{entries}</div><nav>{links}</nav></html>'.encode()


def walk_over(pages: Mapping[str, bytes]) -> Walked:
    """By path; what is not there is a 404."""

    def answer(request: Request) -> Response:
        body = pages.get(request.path)
        return Response(body or b"<h1>Nothing", 200 if body else 404, "text/html")

    return walk(source(), answer)


def source() -> SourceSpec:
    return spec("blog", URL, cursor={"page": True})


def paths(made: Walked) -> list[str]:
    return [ask.url.removeprefix("https://blog.example") for ask in made.asks]


@pytest.mark.parametrize(("older", "newer"), [("next", "prev"), ("prev", "next")])
def test_the_navigation_is_followed_in_one_direction(older: str, newer: str) -> None:
    made = walk_over(
        {
            "/": page(9, 8, links=f'<a rel="{older}" href="/2">Older</a>'),
            "/2": page(
                7, 6, links=f'<a rel="{newer}" href="/">-</a><a rel="{older}" href="/3">-</a>'
            ),
            "/3": page(5, links=f'<a rel="{newer}" href="/2">Newer</a>'),
        }
    )
    assert paths(made) == ["/", "/2", "/3"]
    assert made.ids == [f"https://blog.example/{day}" for day in (9, 8, 7, 6, 5)]


@pytest.mark.parametrize(
    "last", [{}, {"/2": page()}, {"/2": page(9, links='<a rel="next" href="/2">-</a>')}]
)
def test_it_ends_where_nothing_comes(last: Mapping[str, bytes]) -> None:
    made = walk_over({"/": page(9, links='<link rel="next" href="/2">'), **last})
    assert paths(made) == ["/", "/2"]
    assert set(made.ids) == {"https://blog.example/9"}


def test_a_circle_ends_too() -> None:
    link = '<a rel="next" href="{}">-</a>'
    made = walk_over({"/": page(9, links=link.format("/2")), "/2": page(8, links=link.format("/"))})
    assert paths(made) == ["/", "/2", "/"]


@pytest.mark.parametrize(
    "links",
    [
        "",
        '<a rel="next" href="https://else.example/2">-</a>',
        '<a rel="next" href="https://[">-</a>',
        '<a rel="next" href="/">-</a>',
        '<a rel="author" href="/me">-</a>',
    ],
)
def test_a_page_that_leads_nowhere_has_no_past(links: str) -> None:
    with pytest.raises(CollectError) as caught:
        walk_over({"/": page(9, links=links)})
    assert caught.value.code == NO_PAST
    assert URL in caught.value.text
    assert "kind feed" in caught.value.mend


def test_never_from_https_to_http() -> None:
    link = '<a rel="next" href="http://blog.example/2">-</a>'
    made = walk_over({"/": page(9, links=link), "/2": page(8)})
    assert [ask.url for ask in made.asks] == [URL, "https://blog.example/2"]
