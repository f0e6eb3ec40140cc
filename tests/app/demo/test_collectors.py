"""The sample web as the real collectors see it."""

import re
from collections import Counter
from collections.abc import Mapping

import pytest

from app.demo import material
from app.demo.blogsites import PLANET
from app.demo.sample import build
from app.demo.servers import SampleWeb
from collectors.contract import CollectError
from models.domain.coursefile import CourseFile
from models.domain.post import Post, Unmatched
from tests.app.demo.reading import NOW, entries, fetch, of_site, spec


def test_exactly_the_expected_posts_match(
    web: SampleWeb, collected: Mapping[str, list[Post]]
) -> None:
    expected = web.expected()
    found = {post.external_id for each in collected.values() for post in each}
    assert found == expected.uids
    assert expected.total == len(expected.uids) == sum(expected.by_kind.values())
    assert expected.total > 300
    assert sum(expected.by_week.values()) == expected.total


def test_posts_have_the_expected_addresses_kinds_and_times(
    web: SampleWeb, collected: Mapping[str, list[Post]]
) -> None:
    expected = web.expected()
    uid_url = {uid: url for url, uid in expected.posts.items()}
    best: dict[str, Post] = {}
    for each in collected.values():
        for post in each:
            known = best.get(post.external_id)
            best[post.external_id] = post if known is None or post.from_origin else known
    assert {uid: post.url for uid, post in best.items()} == uid_url
    assert all(post.dated for post in best.values())
    assert Counter(post.kind.value for post in best.values()) == expected.by_kind
    weeks = Counter(
        week.number for post in best.values() if (week := web.course.week_at(post.published_at))
    )
    assert weeks == expected.by_week


@pytest.mark.parametrize("blog", material.blogs(), ids=lambda blog: f"{blog.site}-{blog.platform}")
def test_every_format_keeps_what_was_written(web: SampleWeb, blog: material.Blog) -> None:
    written = {
        (post.title, post.at, post.author)
        for post in build(NOW).until(NOW)
        if post.site == blog.site and post.tagged
    }
    found = {
        ((post.title or "").removesuffix(" #e20demo"), post.published_at, post.author.name)
        for post in of_site(web, blog.site)
    }
    assert found == written


def test_texts_come_whole_whatever_the_format(web: SampleWeb) -> None:
    pages = {site: of_site(web, site) for site in ("doerte", "emil", "gero", "hanne", "clara")}
    for site, found in pages.items():
        written = {post.title: post for post in build(NOW).posts if post.site == site}
        assert found
        for post in found:
            first_words = written[post.title or ""].text.split("\n")[0][:60]
            assert first_words in post.content_html.replace("&amp;", "&")


def test_posts_without_the_hashtag_are_there_and_stay_out(web: SampleWeb, file: CourseFile) -> None:
    reasons = Counter(
        entry.reason
        for source in file.sources
        if source.url not in web.planned_failures()
        for entry in entries(spec(file, source), NOW)
        if isinstance(entry, Unmatched)
    )
    assert reasons["no-hashtag"] > 15
    assert reasons["opted-out"] == 2


def test_sources_fail_as_planned_and_no_others(web: SampleWeb, file: CourseFile) -> None:
    failed: dict[str, str] = {}
    for source in file.sources:
        try:
            list(entries(spec(file, source), NOW))
        except CollectError as error:
            failed[source.url] = error.code
    assert sorted(failed) == sorted(web.planned_failures())
    assert sorted(failed.values()) == ["not-a-feed", "status-410", "status-500"]


def test_kinds_of_sources_are_all_there(file: CourseFile) -> None:
    kinds = Counter(source.kind for source in file.sources)
    assert kinds["mastodon"] == 2
    assert kinds["blog"] >= 8
    assert kinds["feed"] >= 8


def test_a_feed_that_lists_a_post_twice_and_one_that_is_empty(web: SampleWeb) -> None:
    body = fetch(web.source_url("pit")).body.decode()
    guids = re.findall(r"<guid[^>]*>([^<]+)", body)
    assert len(guids) == len(set(guids)) + 1
    assert of_site(web, "quirin") == []


def test_encodings_are_what_they_say(web: SampleWeb) -> None:
    body = fetch(web.source_url("doerte")).body
    with pytest.raises(UnicodeDecodeError):
        body.decode("utf-8")
    assert "ü" in body.decode("iso-8859-1")


def test_the_planet_repeats_posts_without_speaking_for_them(
    web: SampleWeb, collected: Mapping[str, list[Post]]
) -> None:
    planet = next(each for url, each in collected.items() if url.startswith(web.origin(PLANET)))
    assert len(planet) > 5
    assert {post.url for post in planet} <= web.expected().urls
    assert not any(post.from_origin for post in planet)
