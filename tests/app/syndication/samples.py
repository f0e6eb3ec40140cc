"""Sample posts for the formatters: frozen rows, no database."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from app.syndication.channel import Archive, Channel
from app.syndication.words import words_of
from models.domain.course import Course, Event, Week
from models.domain.post import Media
from models.store.rows import FeedAuthor, FeedPost, FeedSource, PublicSource, Withdrawn

AT = datetime(2026, 11, 3, 10, tzinfo=UTC)
WEEKS = (
    Week(
        number=1,
        title="Anfang",
        starts_on=date(2026, 10, 19),
        ends_on=date(2026, 10, 26),
        question="Womit fangen wir an, und mit wem?",
        events=(
            Event(
                "Sprechstunde",
                datetime(2026, 10, 22, 9, tzinfo=UTC),
                "https://course.example/talk",
            ),
        ),
    ),
    Week(2, "Werkzeuge; Wege", date(2026, 10, 26), date(2026, 11, 2)),
)
COURSE = Course(slug="sample", title="Ein Beispielkurs", hashtags=("sample",), weeks=WEEKS)
WORDS = words_of(COURSE)


def a_post(**values: Any) -> FeedPost:
    """A sample entry; `values` replace its fields."""
    given: dict[str, Any] = {
        "id": "0199b1a0-7c1e-7000-8000-3f5c2f1e9a10",
        "course": "sample",
        "kind": "blog",
        "url": "https://ada.example/1",
        "title": "Ein Titel",
        "content_html": "<p>Text</p>",
        "excerpt": "Text",
        "language": "de",
        "published_at": AT,
        "updated_at": AT + timedelta(hours=1),
        "first_seen_at": AT + timedelta(hours=2),
        "author": FeedAuthor("Ada (Muster)", "https://ada.example/", None, None, None),
        "sources": (FeedSource("s1", "feed", "Adas Blog", "https://ada.example/feed"),),
        "hashtags": ("sample",),
        "links": (),
        "media": (),
        "in_reply_to": None,
        "announced_by": (),
        "responses": 0,
        "week": None,
        "pinned": False,
        "sensitive": False,
        "content_warning": None,
        "revision": 1,
    }
    return FeedPost(**{**given, **values})


def a_status() -> FeedPost:
    """A sample status: no title, an answer, markup that has to be escaped."""
    return a_post(
        id="0199b1a0-7c1e-7000-8000-3f5c2f1e9a11",
        kind="status",
        url="https://social.example/@ben/2?a=1&b=2",
        title=None,
        content_html='<p>Größer &amp; "kleiner" als ]]&gt; das</p>',
        excerpt='Größer & "kleiner" als ]]> das',
        published_at=AT - timedelta(days=1),
        updated_at=AT - timedelta(days=1),
        author=FeedAuthor("", None, "@ben@social.example", None, None),
        sources=(FeedSource("s2", "mastodon", "social.example", "https://social.example"),),
        hashtags=("sample", "tools"),
        in_reply_to="https://ada.example/1",
    )


def channel(*posts: FeedPost, **values: Any) -> Channel:
    """A sample document; `values` replace its fields."""
    given: dict[str, Any] = {
        "course": COURSE,
        "words": WORDS,
        "title": "Ein Beispielkurs",
        "description": "Beiträge mit #sample",
        "home_url": "https://feed.example/sample",
        "feed_id": "https://feed.example/sample/feed.atom",
        "self_url": "https://feed.example/sample/feed.atom?limit=2",
        "updated_at": AT + timedelta(hours=2),
        "posts": posts,
    }
    return Channel(**{**given, **values})


def a_picture(**values: Any) -> FeedPost:
    """A sample status that is a picture, a film and no word."""
    media = (
        Media("https://social.example/a.jpg", "image", "Ein Whiteboard", 800, 600),
        Media("https://social.example/b.mp4?x=1", "video", None, None, None),
    )
    given: dict[str, Any] = {"title": None, "content_html": "", "excerpt": "", "media": media}
    return a_post(**{**given, **values})


def subscription(suffix: str) -> Channel:
    """The newest document, with a tombstone and more behind it."""
    own = f"https://feed.example/sample/feed.{suffix}"
    return channel(
        a_post(),
        a_status(),
        a_picture(id="0199b1a0-7c1e-7000-8000-3f5c2f1e9a13", kind="status"),
        withdrawn=(Withdrawn("0199b1a0-7c1e-7000-8000-3f5c2f1e9a12", 9, AT),),
        feed_id=own,
        self_url=f"{own}?limit=2",
        archive=Archive(previous=f"{own}?limit=100&week=2"),
        next_page=f"{own}?cursor=abc&limit=2",
        hub="https://feed.example/websub/hub",
    )


def archive(suffix: str) -> Channel:
    """The document of a week that is over."""
    own = f"https://feed.example/sample/feed.{suffix}"
    return channel(
        a_status(),
        title="Ein Beispielkurs – Woche 2: Werkzeuge; Wege",
        feed_id=own,
        self_url=f"{own}?limit=100&week=2",
        archive=Archive(own, f"{own}?limit=100&week=1", f"{own}?limit=100&week=3"),
    )


SOURCES = (
    PublicSource(
        "s1", "feed", "Adas Blog", "https://ada.example/", "https://ada.example/feed", "Ada"
    ),
    PublicSource("s2", "mastodon", "social.example", "https://social.example", None, None),
)
