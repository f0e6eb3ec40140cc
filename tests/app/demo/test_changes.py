"""The sample web, changed while it runs."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from app.demo import material
from app.demo.authoring import INSTANCES
from app.demo.blogsites import PLANET
from app.demo.coursefile import FAILING
from app.demo.servers import SampleWeb
from models.domain.coursefile import CourseFile
from tests.app.demo.reading import NOW, fetch, of_site


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
