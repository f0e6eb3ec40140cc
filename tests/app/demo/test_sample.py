"""The sample itself, and the sample web as the real collectors see it."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.demo import material
from app.demo.authoring import INSTANCES
from app.demo.blogsites import PLANET
from app.demo.coursefile import FAILING
from app.demo.sample import build
from app.demo.servers import SampleWeb
from collectors.contract import CollectError
from models.domain.coursefile import CourseFile, parse
from models.domain.post import Kind, Post, Unmatched
from tests.app.demo.reading import entries, fetch, posts, spec

NOW = datetime(2026, 10, 29, 21, 30, tzinfo=UTC)
"""A Thursday in the week after summer time ended."""


@pytest.fixture(scope="module")
def web() -> Iterator[SampleWeb]:
    """For tests that only read."""
    with SampleWeb(NOW) as served:
        yield served


@pytest.fixture
def own_web() -> Iterator[SampleWeb]:
    """For tests that change it."""
    with SampleWeb(NOW) as served:
        yield served


@pytest.fixture(scope="module")
def file(web: SampleWeb) -> CourseFile:
    return parse(web.course_toml())


@pytest.fixture(scope="module")
def collected(web: SampleWeb, file: CourseFile) -> Mapping[str, list[Post]]:
    """Source's address -> posts that matched."""
    failing = web.planned_failures()
    return {
        source.url: posts(spec(file, source), NOW)
        for source in file.sources
        if source.url not in failing
    }


def of_site(web: SampleWeb, site: str) -> list[Post]:
    file = parse(web.course_toml())
    source = next(each for each in file.sources if each.url == web.source_url(site))
    return posts(spec(file, source), NOW)


# The sample


def test_one_day_has_one_sample() -> None:
    morning, evening = NOW.replace(hour=1), NOW.replace(hour=22)
    assert build(morning) == build(evening)
    assert build(morning).until(morning) != build(evening).until(evening)


def test_another_seed_makes_another_sample() -> None:
    assert build(NOW, seed=1).posts != build(NOW, seed=2).posts


@pytest.mark.parametrize("days", range(7))
def test_the_days_of_a_week_show_ever_more_of_the_same(days: int) -> None:
    monday = datetime(2026, 10, 26, 12, tzinfo=UTC)
    earlier = build(monday + timedelta(days=days))
    whole = build(monday + timedelta(days=6))
    assert whole.posts[: len(earlier.posts)] == earlier.posts
    assert len(earlier.until(monday)) > 270


def test_the_course_is_in_week_five_of_six(web: SampleWeb) -> None:
    course = web.course
    current = course.week_at(NOW)
    assert current is not None
    assert (current.number, len(course.weeks)) == (5, 6)
    assert {week.starts_on.weekday() for week in course.weeks} == {0}
    assert all(week.question and week.events and week.links for week in course.weeks)
    assert [course.week_at(event.starts_at) for week in course.weeks for event in week.events] == [
        week for week in course.weeks for _ in week.events
    ]


def test_every_post_has_a_text_of_its_own() -> None:
    everything = build(NOW + timedelta(days=3)).posts
    told = Counter(post.text for post in everything if not post.key.startswith("q"))
    assert max(told.values()) == 1
    sentences = Counter(
        sentence
        for post in everything
        for sentence in re.split(r"(?<=[.?!])\s+", post.text)
        if len(sentence) > 80
    )
    assert max(sentences.values()) == 1


def test_posts_lie_in_their_week_and_answers_after_what_they_answer(web: SampleWeb) -> None:
    everything = {post.key: post for post in build(NOW + timedelta(days=3)).posts}
    for post in everything.values():
        week = web.course.week_at(post.at)
        assert week is not None
        assert week.number == post.week
        if post.reply_to is not None:
            assert everything[post.reply_to].at < post.at
            assert everything[post.reply_to].seen_on == post.seen_on


def test_nobody_but_who_began_a_thread_answers_themselves() -> None:
    everything = {post.key: post for post in build(NOW).posts}
    answers = [post for post in everything.values() if post.reply_to is not None]
    assert len(answers) > 100
    for post in answers:
        parent = everything[post.reply_to or ""]
        assert post.author != parent.author


def test_people_are_marked_as_samples() -> None:
    marked = re.compile(r"(Beispiel|Muster|Test|Sample)")
    assert len(material.writers()) >= 40
    assert all(marked.match(writer.name) for writer in material.writers())
    assert all(marked.search(blog.title) or "(" in blog.title for blog in material.blogs())


# The sample web and the real collectors


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


# Instances


def test_instances_overlap_with_ids_and_addresses_of_their_own(web: SampleWeb) -> None:
    one, two = ({post.external_id: post for post in of_site(web, site)} for site in INSTANCES)
    both = one.keys() & two.keys()
    assert len(both) > 60
    assert one.keys() - both
    assert two.keys() - both
    assert any(one[uid].url != two[uid].url for uid in both)
    assert all(one[uid].author.key == two[uid].author.key for uid in both)
    assert all(not (one[uid].from_origin and two[uid].from_origin) for uid in both)


@pytest.mark.parametrize("site", INSTANCES)
def test_a_timeline_is_paged_downwards_and_upwards(web: SampleWeb, site: str) -> None:
    timeline = f"{web.origin(site)}/api/v1/timelines/tag/e20demo"
    first = json.loads(fetch(f"{timeline}?limit=10").body)
    ids = [status["id"] for status in first]
    assert ids == sorted(ids, key=lambda id_: (len(id_), id_), reverse=True)
    below = json.loads(fetch(f"{timeline}?limit=10&max_id={ids[4]}").body)
    assert [status["id"] for status in below[:5]] == ids[5:]
    above = json.loads(fetch(f"{timeline}?limit=2&min_id={ids[4]}").body)
    assert [status["id"] for status in above] == ids[2:4]
    since = json.loads(fetch(f"{timeline}?limit=2&since_id={ids[4]}").body)
    assert [status["id"] for status in since] == ids[:2]
    assert json.loads(fetch(timeline.replace("e20demo", "anderes")).body) == []


@pytest.mark.parametrize("site", INSTANCES)
def test_single_statuses_and_their_context(web: SampleWeb, site: str) -> None:
    api = f"{web.origin(site)}/api/v1"
    timeline = json.loads(fetch(f"{api}/timelines/tag/e20demo?limit=40").body)
    answer = next(status for status in timeline if status["in_reply_to_id"])
    assert json.loads(fetch(f"{api}/statuses/{answer['id']}").body) == answer
    context = json.loads(fetch(f"{api}/statuses/{answer['id']}/context").body)
    assert context["ancestors"][-1]["id"] == answer["in_reply_to_id"]
    parent = json.loads(fetch(f"{api}/statuses/{answer['in_reply_to_id']}/context").body)
    assert answer["id"] in {status["id"] for status in parent["descendants"]}
    assert fetch(f"{api}/statuses/1").status == 404
    assert json.loads(fetch(f"{api.replace('v1', 'v2')}/instance").body)["version"]


def test_answers_name_what_they_answer(collected: Mapping[str, list[Post]]) -> None:
    statuses = [post for each in collected.values() for post in each if post.kind is Kind.STATUS]
    keys = {key for post in statuses for key in post.identity_keys}
    replies = [post for post in statuses if post.reply_key]
    assert len(replies) > 100
    assert sum(post.reply_key in keys for post in replies) > 0.85 * len(replies)
    assert all(post.mentions for post in replies)


def test_posts_link_each_other(collected: Mapping[str, list[Post]]) -> None:
    everything = [post for each in collected.values() for post in each]
    keys = {key for post in everything for key in post.identity_keys}
    linking = {post.external_id: post for post in everything if keys & set(post.link_keys)}
    kinds = Counter(post.kind for post in linking.values())
    assert kinds[Kind.STATUS] > 20
    assert kinds[Kind.BLOG] > 8


def test_statuses_have_what_statuses_have(collected: Mapping[str, list[Post]]) -> None:
    statuses = [post for each in collected.values() for post in each if post.kind is Kind.STATUS]
    assert any(post.content_warning and post.sensitive for post in statuses)
    assert any(post.media and post.media[0].alt for post in statuses)
    assert any("<ul>" in post.content_html for post in statuses)
    assert {post.language for post in statuses} == {"de", "en"}


# HTTP


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


# Changes while it runs


@pytest.mark.parametrize("site", [*INSTANCES, "ada", "clara", "gero", "emil", "inga"])
def test_what_is_published_is_expected_and_found(own_web: SampleWeb, site: str) -> None:
    at = NOW + timedelta(minutes=5)
    before = own_web.expected().urls
    url = own_web.publish(site, "Ein neuer Beitrag.", title="Ganz neu", at=at)
    hidden = own_web.publish(site, "Ohne Hashtag.", title="Daneben", at=at, tagged=False)
    assert own_web.expected().urls == before | {url}
    found = {post.url: post for post in of_site(own_web, site)}
    assert "Ein neuer Beitrag." in found[url].content_html
    assert hidden not in found


def test_a_published_status_answers_another(own_web: SampleWeb) -> None:
    question = own_web.publish("eins", "Wer kommt mit?", at=NOW)
    answer = own_web.publish("zwei", "Ich.", reply_to=question, at=NOW + timedelta(minutes=1))
    found = {post.url: post for post in of_site(own_web, "zwei")}
    uids = own_web.expected().posts
    asked = next(post for post in found.values() if post.external_id == uids[question])
    assert found[answer].reply_key in asked.identity_keys


@pytest.mark.parametrize("site", ["eins", "zwei", "clara", "doerte"])
def test_edits_change_what_is_served(own_web: SampleWeb, site: str) -> None:
    url = (
        of_site(own_web, site)[0].url
        if site not in INSTANCES
        else own_web.publish(site, "Alt", at=NOW)
    )
    tag = fetch(own_web.source_url(site)).headers.get("etag")
    assert own_web.edit(url, text="Ganz anders geschrieben.") == url
    found = {post.url: post for post in of_site(own_web, site)}
    assert "Ganz anders geschrieben." in found[url].content_html
    assert (
        site in INSTANCES or fetch(own_web.source_url(site), If_None_Match=tag or "").status == 200
    )


def test_an_edit_that_takes_the_tag_out(own_web: SampleWeb) -> None:
    url = own_web.publish("eins", "Mit Hashtag", at=NOW)
    own_web.edit(url, tagged=False)
    assert url not in own_web.expected().urls
    timeline = fetch(f"{own_web.origin('eins')}/api/v1/timelines/tag/e20demo?limit=1")
    assert json.loads(timeline.body)[0]["url"] == url
    assert url not in {post.url for post in of_site(own_web, "eins")}


def test_deleted_statuses_are_gone_everywhere(own_web: SampleWeb) -> None:
    url = own_web.publish("zwei", "Gleich wieder weg", at=NOW)
    timelines = [
        f"{own_web.origin(site)}/api/v1/timelines/tag/e20demo?limit=1" for site in INSTANCES
    ]
    ids = [json.loads(fetch(timeline).body)[0]["id"] for timeline in timelines]
    own_web.delete(url)
    assert fetch(url).status == 404
    for site, id_ in zip(INSTANCES, ids, strict=True):
        assert fetch(f"{own_web.origin(site)}/api/v1/statuses/{id_}").status == 404
    assert url not in own_web.expected().urls


def test_sites_fail_and_are_mended(own_web: SampleWeb) -> None:
    own_web.fail("ada", 503)
    assert fetch(own_web.source_url("ada")).status == 503
    own_web.fail("ada", None)
    assert fetch(own_web.source_url("ada")).status == 200


def test_sites_are_named_one_way(web: SampleWeb, file: CourseFile) -> None:
    named = {web.source_url(blog.site) for blog in material.blogs()}
    named |= {web.source_url(site) for site in (*INSTANCES, *FAILING, PLANET)}
    assert named == {source.url for source in file.sources}


def test_the_course_file_comes_back_the_same(web: SampleWeb, file: CourseFile) -> None:
    assert replace(file.course) == web.course
    assert file.course.slug == "demo"
    assert file.course.hashtags == ("e20demo",)
