"""Comments of a course's posts: found, followed, and shown as responses."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from collectors.comments import CommentsCollector
from collectors.contract import Reply
from collectors.reading import COMMENTED, read, read_back
from models.domain.coursefile import parse
from models.domain.post import Kind, Post
from models.domain.source import Derived, Match, Rule, SourceSpec
from models.store import applying, courses, feed, intake, sources
from models.store.engine import Database
from models.store.feed import Filter

FIXTURES = Path(__file__).parents[1] / "fixtures"
AT = datetime(2026, 11, 3, 12, tzinfo=UTC)
POST = "https://ada.example/2026/woche-2/"
RULE = Rule(("sample",), Match.HASHTAG, "de")
ENTRY = """<rss version="2.0" xmlns:wfw="http://wellformedweb.org/CommentAPI/"
 xmlns:slash="http://purl.org/rss/1.0/modules/slash/"><channel><title>Adas Blog (Muster)</title>
<link>https://ada.example/</link><item><title>Woche 2 {tag}</title><link>{post}</link>
<guid isPermaLink="false">https://ada.example/?p=12</guid><pubDate>{at:%a, %d %b %Y %H:%M:%S} +0000
</pubDate><description>Text</description><slash:comments>2</slash:comments>
<wfw:commentRss>{post}feed/</wfw:commentRss></item></channel></rss>"""
OLDER = """<link rel="next" href="https://ada.example/feed/2"
 xmlns="http://www.w3.org/2005/Atom"/></channel>"""
FILE = """
[course]
slug = "sample"
title = "A sample"
hashtags = ["sample"]
[[sources]]
kind = "feed"
url = "https://ada.example/feed/"
"""


def reply(body: str) -> Reply:
    return Reply("https://ada.example/feed/", 200, {"content-type": "text/xml"}, body.encode())


def derived(
    at: datetime, tag: str = "#sample", taught: tuple[float, float] | None = None
) -> tuple[Derived, ...]:
    rule = replace(RULE, taught=taught)
    source = SourceSpec("s1", "feed", "https://ada.example/feed/", rule)
    return read(source, reply(ENTRY.format(post=POST, at=at, tag=tag)), AT).derived


def test_the_comments_of_the_courses_posts_are_followed() -> None:
    found = Derived("comments", f"{POST}feed/", Match.ALL, {"post": POST})
    assert derived(AT - timedelta(days=1)) == (found,)
    assert derived(AT - timedelta(days=1), tag="") == ()
    assert derived(AT - COMMENTED) == ()


@pytest.mark.parametrize(("day", "followed"), [(-1, False), (0, True), (6, True), (7, False)])
def test_of_the_courses_weeks_also_those_of_long_ago(day: int, followed: bool) -> None:
    """A course that begins to collect late gets the conversation of its past."""
    begins = AT - 20 * COMMENTED
    taught = begins.timestamp(), (begins + timedelta(days=7)).timestamp()
    at = begins + timedelta(days=day)
    assert bool(derived(at, taught=taught)) is followed
    source = SourceSpec("s1", "feed", "https://ada.example/feed/", replace(RULE, taught=taught))
    page = reply(ENTRY.format(post=POST, at=at, tag="#sample").replace("</channel>", OLDER))
    assert bool(read_back(source, page, begins - timedelta(days=9), AT).derived) is followed


def test_every_comment_answers_its_post_or_the_comment_it_names() -> None:
    body = (FIXTURES / "comments" / "wordpress.xml").read_text("utf-8")
    options = {"post": POST}
    source = SourceSpec("s2", "comments", f"{POST}feed/", RULE, options=options)
    first, second = CommentsCollector().parse(source, reply(body)).posts
    assert (first.kind, first.in_reply_to, first.is_response) == (Kind.COMMENT, POST, True)
    assert second.in_reply_to == f"{POST}#comment-5"


def test_a_post_listed_among_its_comments_does_not_answer_itself() -> None:
    source = SourceSpec("s2", "comments", "https://ada.example/c", RULE, options={"post": POST})
    (post,) = CommentsCollector().parse(source, reply(ENTRY.format(post=POST, at=AT, tag=""))).posts
    assert post.in_reply_to is None


def test_they_stand_under_their_post_and_not_in_the_list(database: Database) -> None:
    with database.writing() as session:
        applying.apply(session, parse(FILE), AT)
        (blog,) = sources.listed(session)
        course = courses.course(session, "sample")
    text = ENTRY.format(post=POST, at=AT - timedelta(hours=5), tag="#sample")
    with database.writing() as session:
        reading = read(sources.spec(blog, course.course), reply(text), AT)
        intake.take_in(session, intake.Answer(blog.course_id, blog.id, reading.entries), AT)
        sources.derive(session, blog, reading.derived, AT)
    with database.reading() as session:
        (child,) = (row for row in sources.listed(session) if row.parent_id == blog.id)
    body = (FIXTURES / "comments" / "wordpress.xml").read_text("utf-8")
    comments = read(sources.spec(child, course.course), reply(body), AT)
    assert all(isinstance(entry, Post) for entry in comments.entries)
    with database.writing() as session:
        intake.take_in(session, intake.Answer(child.course_id, child.id, comments.entries), AT)
    with database.reading() as session:
        (post,) = feed.page(session, course, Filter()).posts
        assert post.responses == 1
        (answer,) = feed.responses(session, course, post.id).posts
        assert (answer.kind, answer.author.name, answer.responses) == (
            "comment",
            "Ben (Muster)",
            1,
        )
        assert len(feed.page(session, course, Filter(kind="comment")).posts) == 2
