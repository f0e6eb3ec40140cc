"""The sample's instances: timelines, statuses, threads."""

import json
from collections import Counter
from collections.abc import Mapping

import pytest

from app.demo.authoring import INSTANCES
from app.demo.servers import SampleWeb
from models.domain.post import Kind, Post
from tests.app.demo.reading import fetch, of_site


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
