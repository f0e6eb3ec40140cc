"""Sample documents for the API's description; a test holds them against the shapes."""

from typing import Any

import orjson

from app.errors import Problem

POST_ID = "0199b1a0-7c1e-7000-8000-3f5c2f1e9a10"
CURSOR = "kB1W0lq2mB8Qx3uZWzE0MTI2MDAwMDAwMDAwMDAsIjAxOTliMWEwIiwwXQ"
FEED = "https://feed.example/api/v1/courses/e20mooc"

WEEK: dict[str, Any] = {
    "number": 4,
    "title": "Social Business Tools",
    "question": "Which tools help you at work, and where do you have doubts?",
    "starts_on": "2014-10-06",
    "ends_on": "2014-10-13",
    "starts_at": "2014-10-05T22:00:00Z",
    "ends_at": "2014-10-12T22:00:00Z",
    "events": [
        {
            "title": "Expert hangout",
            "starts_at": "2014-10-09T09:00:00Z",
            "url": "https://course.example/hangout",
        }
    ],
    "links": [{"title": "To read", "url": "https://reading.example/tools"}],
}

COURSE: dict[str, Any] = {
    "slug": "e20mooc",
    "title": "Enterprise 2.0 MOOC",
    "hashtags": ["e20mooc"],
    "language": "de",
    "timezone": "Europe/Berlin",
    "homepage": "https://course.example/",
    "imprint": "https://course.example/imprint",
    "privacy": None,
    "weeks": [WEEK],
    "current_week": 4,
    "counts": {"posts": 312, "sources": 44, "people": 38},
    "revision": 1207,
}

POST: dict[str, Any] = {
    "id": POST_ID,
    "course": "e20mooc",
    "kind": "blog",
    "url": "https://blog.example/2014/10/werkzeuge",
    "title": "Werkzeuge, die bleiben",
    "content_html": "<p>Nach vier Wochen weiß ich: <em>ein</em> Wiki genügt. #e20mooc</p>",
    "excerpt": "Nach vier Wochen weiß ich: ein Wiki genügt. #e20mooc",
    "language": "de",
    "published_at": "2014-10-07T06:30:00Z",
    "updated_at": "2014-10-07T06:30:00Z",
    "first_seen_at": "2014-10-07T06:41:12Z",
    "author": {
        "name": "A sample participant",
        "url": "https://blog.example/",
        "handle": None,
        "avatar_url": None,
        "participant": "2vb52tgwf5",
    },
    "sources": [
        {
            "id": "3jfrw5fdd4",
            "kind": "blog",
            "title": "A sample blog",
            "url": "https://blog.example/",
        }
    ],
    "hashtags": ["e20mooc", "tools"],
    "links": ["https://wiki.example/"],
    "media": [
        {
            "url": "https://blog.example/desk.jpg",
            "type": "image",
            "alt": "A desk with two screens",
            "width": 800,
            "height": 600,
        }
    ],
    "in_reply_to": None,
    "announced_by": ["https://social.example/@sample/109"],
    "responses": 3,
    "week": 4,
    "pinned": False,
    "sensitive": False,
    "content_warning": None,
}

COURSES = {"items": [COURSE]}
POSTS = {"items": [POST], "next": f"{FEED}/posts?cursor={CURSOR}", "revision": 1207}
RESPONSES = {"items": [POST], "next": None, "revision": 1207}
CHANGES = {
    "revision": 1207,
    "more": False,
    "changes": [
        {"revision": 1206, "change": "post", "id": POST_ID, "post": POST},
        {
            "revision": 1207,
            "change": "withdraw",
            "id": "0199b1a0-91d2-7000-8000-8c40d1b0a7e3",
            "post": None,
        },
    ],
}
EVENTS = f"""retry: 3000

id: 1206
event: post
data: {orjson.dumps(POST).decode()}

id: 1207
event: withdraw
data: {{"id":"0199b1a0-91d2-7000-8000-8c40d1b0a7e3"}}

"""
LINKS = {
    "curated": [{"week": 4, "title": WEEK["title"], "links": WEEK["links"]}],
    "shared": [{"url": "https://wiki.example/", "title": None, "people": 2, "posts": 3}],
}
PEOPLE = {
    "items": [
        {"id": "2vb52tgwf5", "name": "A sample participant", "role": "participant", "posts": 7}
    ]
}
EXPLANATION = {
    "url": "https://blog.example/post",
    "shown": False,
    "post": None,
    "mend": "Write #e20mooc into the post; the next fetch takes it in.",
    "steps": [
        {
            "name": "rule",
            "ok": False,
            "finding": "it carries none of the course's hashtags",
            "evidence": ["wanted: #e20mooc"],
            "mend": "Write #e20mooc into the post; the next fetch takes it in.",
        }
    ],
}
ME = {
    "email": "facilitator@course.example",
    "name": "A sample facilitator",
    "role": "facilitator",
    "courses": ["e20mooc"],
    "authenticated_by": "token",
    "token": {"id": "7wq4mzk2xc", "name": "weekly report"},
    "scope": "read",
}
HEALTH = {"status": "ok"}

RSS = """<?xml version='1.0' encoding='utf-8'?>
<rss version="2.0"><channel><title>Enterprise 2.0 MOOC</title>
<link>https://feed.example/e20mooc</link><description>#e20mooc</description>
<item><title>Werkzeuge, die bleiben</title><link>https://blog.example/2014/10/werkzeuge</link>
<guid isPermaLink="false">urn:uuid:0199b1a0-7c1e-7000-8000-3f5c2f1e9a10</guid></item>
</channel></rss>"""
ATOM = """<?xml version='1.0' encoding='utf-8'?>
<feed xmlns="http://www.w3.org/2005/Atom"><id>https://feed.example/e20mooc/feed.atom</id>
<title>Enterprise 2.0 MOOC</title><updated>2014-10-07T06:41:12Z</updated>
<entry><id>urn:uuid:0199b1a0-7c1e-7000-8000-3f5c2f1e9a10</id><title>Werkzeuge, die bleiben</title>
<updated>2014-10-07T06:30:00Z</updated><link href="https://blog.example/2014/10/werkzeuge"/></entry>
</feed>"""
JSON_FEED = {
    "version": "https://jsonfeed.org/version/1.1",
    "title": "Enterprise 2.0 MOOC",
    "home_page_url": "https://feed.example/e20mooc",
    "items": [
        {
            "id": f"urn:uuid:{POST_ID}",
            "url": POST["url"],
            "title": POST["title"],
            "content_html": POST["content_html"],
            "date_published": POST["published_at"],
        }
    ],
}
OPML = """<?xml version='1.0' encoding='utf-8'?>
<opml version="2.0"><head><title>Enterprise 2.0 MOOC</title></head><body>
<outline type="rss" text="A sample participant" xmlUrl="https://blog.example/feed"/></body></opml>"""
ICS = "\r\n".join(
    [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//moocfeed//course calendar//EN",
        "BEGIN:VEVENT",
        "UID:week-4@e20mooc.moocfeed",
        "DTSTAMP:20141001T080000Z",
        "DTSTART;VALUE=DATE:20141006",
        "DTEND;VALUE=DATE:20141013",
        "SUMMARY:Enterprise 2.0 MOOC 4: Social Business Tools",
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ]
)

PROBLEMS: dict[int, Problem] = {
    401: Problem(
        "unauthorized", "Log in at /login, or send an API token: Authorization: Bearer TOKEN."
    ),
    403: Problem("forbidden", "Only facilitators of this course may do this; ask an admin."),
    404: Problem("not-found", "Check the course's slug and the id: /api/v1/courses lists courses."),
    410: Problem("gone", "Its author or a facilitator took it back; drop any copy of it."),
    422: Problem("invalid-parameter", "limit: must be 100 or less."),
    503: Problem("unavailable", "Try again in a moment."),
}
