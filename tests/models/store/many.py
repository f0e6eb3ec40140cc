"""A course with thousands of posts, written straight into the tables."""

import random
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from sqlalchemy import insert, text, update

from models.store import search
from models.store.engine import Database
from models.store.ids import new_post_id
from models.tables.base import rows_of
from models.tables.courses import CourseTable
from models.tables.posts import PostTable, SightingTable, TagTable
from tests.models.store.material import AT, Stage

HOSTS = [f"h{number}.example" for number in range(20)]
WEEKS = 8
WORDS = [f"wort{number}" for number in range(500)]


def crowd(database: Database, count: int) -> Stage:
    """`count` posts of `HOSTS` over the last `WEEKS` weeks: kinds, languages, people and tags of
    very different frequency; the rarest of each stand for one post in hundreds.
    """
    stage = Stage(database)
    sources = [stage.source(host) for host in HOSTS]
    chance = random.Random(7)
    posts = list(_posts(stage, sources, chance, count))
    documents = [
        (post["number"], " ".join(["sampl", *chance.sample(WORDS, 5), *_rare(post)]))
        for post in posts
    ]
    with database.writing() as session:
        session.execute(insert(rows_of(PostTable)), posts)
        session.execute(insert(rows_of(SightingTable)), [_sighting(post) for post in posts])
        session.execute(insert(rows_of(TagTable)), [row for post in posts for row in _tags(post)])
        search.index(session, stage.course_id, documents)
        session.execute(update(CourseTable).values(posts_numbered=count, posts_listed=count))
        if not database.is_sqlite:
            session.execute(text("ANALYZE"))
    return stage


def _posts(
    stage: Stage, sources: list[str], chance: random.Random, count: int
) -> Iterator[dict[str, Any]]:
    for number in range(1, count + 1):
        at = AT - timedelta(seconds=chance.randrange(WEEKS * 7 * 86_400))
        kind = chance.choices(["status", "blog", "comment", "video"], [70, 25, 4, 1])[0]
        yield {
            "course_id": stage.course_id,
            "id": new_post_id(),
            "number": number,
            "kind": kind,
            "url": f"https://ada.example/{number}",
            "language": chance.choices(["de", "en", "it"], [80, 19, 1])[0],
            "published_at": at,
            "updated_at": at,
            "first_seen_at": at,
            "person_key": f"{chance.randrange(200):032x}",
            "participant_id": f"p{_often(chance, 200)}",
            "responses": _often(chance, 4),
            "revision": number,
            "shown_source_id": sources[_often(chance, len(sources))],
            "shown_entry_key": f"{number:032x}",
            "visible": True,
            "listed": kind != "comment",
            "pinned": False,
            "held": False,
            "hidden": False,
        }


def _often(chance: random.Random, below: int) -> int:
    """Small numbers more often than large ones."""
    return min(int(chance.expovariate(8 / below)), below - 1)


def _rare(post: dict[str, Any]) -> list[str]:
    return ["selten"] if post["number"] % 500 == 1 else []


def _sighting(post: dict[str, Any]) -> dict[str, Any]:
    same = ("course_id", "kind", "url", "language", "published_at", "listed", "first_seen_at")
    return {name: post[name] for name in same} | {
        "source_id": post["shown_source_id"],
        "entry_key": post["shown_entry_key"],
        "external_id": post["url"],
        "post_id": post["id"],
        "digest": post["shown_entry_key"],
        "state": "live",
        "seen_at": post["first_seen_at"],
        "stated_at": post["published_at"],
        "title": "Title",
        "content_html": "<p>Text</p>",
        "excerpt": "Text",
        "dated": True,
        "from_origin": True,
        "author_name": "Ada (Muster)",
        "author_key": "ada",
        "hashtags": ["sample"],
        "links": [],
        "media": [],
        "mentions": [],
        "sensitive": False,
        "profile": 1,
    }


def _tags(post: dict[str, Any]) -> Iterator[dict[str, Any]]:
    same = ("course_id", "published_at", "listed")
    for tag in ("sample", f"t{post['number'] % 50}"):
        yield {name: post[name] for name in same} | {"post_id": post["id"], "tag": tag}
