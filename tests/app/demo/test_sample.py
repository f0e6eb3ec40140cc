"""The sample itself: its weeks, people, texts and threads."""

import re
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from app.demo import material
from app.demo.sample import build
from app.demo.servers import SampleWeb
from tests.app.demo.reading import NOW


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
