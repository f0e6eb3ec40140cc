"""The sample web as any client sees it."""

from collections.abc import Mapping

import pytest

from app.demo.servers import SampleWeb
from collectors.contract import CollectError
from models.domain.coursefile import CourseFile
from models.domain.post import Post
from tests.app.demo.reading import fetch


def test_unchanged_answers_cost_no_body(web: SampleWeb) -> None:
    first = fetch(web.source_url("doerte"))
    assert fetch(web.source_url("doerte"), If_None_Match=first.headers["etag"]).status == 304
    stamp = first.headers["last-modified"]
    again = fetch(web.source_url("doerte"), If_Modified_Since=stamp)
    assert (again.status, again.body) == (304, b"")
    stale = fetch(web.source_url("doerte"), If_None_Match='"other"', If_Modified_Since=stamp)
    assert stale.status == 200


def test_every_address_leads_to_a_page(web: SampleWeb) -> None:
    for url in web.expected().urls:
        reply = fetch(url)
        assert (reply.status, b"e20demo" in reply.body) == (200, True), url


def test_pictures_are_pictures(collected: Mapping[str, list[Post]]) -> None:
    urls = {media.url for each in collected.values() for post in each for media in post.media}
    urls |= {
        post.author.avatar_url
        for each in collected.values()
        for post in each
        if post.author.avatar_url
    }
    assert len(urls) > 10
    for url in urls:
        assert fetch(url).body.startswith(b"\x89PNG"), url


def test_the_allow_list_names_every_site_and_nothing_else(web: SampleWeb, file: CourseFile) -> None:
    from collectors.guard import check_url, parse_allow

    allowed = parse_allow(web.allow())
    for source in file.sources:
        check_url(source.url, allowed)
    with pytest.raises(CollectError):
        check_url("http://127.0.0.1:1/", allowed)
