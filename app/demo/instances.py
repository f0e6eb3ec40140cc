"""The sample's instances: enough of Mastodon's REST API, told by two servers in two ways.

`eins` speaks as Mastodon does; `zwei` as its kin: ids of letters, other addresses and markup, no
language on copies, no `statuses?id[]=`.
"""

import json
import re
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any
from urllib.parse import parse_qs

from app.demo import pages, pictures
from app.demo.addresses import local_id, profile_path
from app.demo.authoring import ELSEWHERE
from app.demo.blogsites import picture
from app.demo.entities import MASTODON, content, status
from app.demo.loopback import Request, Response
from app.demo.posts import SamplePost
from app.demo.stock import Stock

_TIMELINE = "/api/v1/timelines/tag/"
_STATUS = re.compile(r"/api/v1/statuses/(?P<id>\w+)(?P<context>/context)?")
_MOST = 40
_USUAL = 20


def answer(instance: str, request: Request, stock: Stock) -> Response:
    """What an instance says to a request."""
    path = request.target.path
    if instance != ELSEWHERE and path.startswith("/api/"):
        return _api(instance, request, stock)
    if path.startswith("/avatare/"):
        return Response(pictures.avatar(path), "image/png", modified=pages.OPENED)
    if path.startswith("/bilder/"):
        return picture(path)
    return _page(instance, path, stock)


def _api(instance: str, request: Request, stock: Stock) -> Response:
    path, query = request.target.path, parse_qs(request.target.query)
    if path.startswith(_TIMELINE):
        tag = path.removeprefix(_TIMELINE).casefold()
        found = _timeline(instance, query, stock) if tag == stock.tag else []
        return _json([status(instance, post, stock) for post in found])
    if path in {"/api/v1/instance", "/api/v2/instance"}:
        return _json(_about(instance, stock))
    if path == "/api/v1/statuses" and instance == MASTODON:
        asked = (stock.status(instance, id_) for id_ in query.get("id[]", [])[:20])
        return _json([status(instance, post, stock) for post in asked if post])
    if path == "/api/v1/statuses":
        return _json({"error": "Method not allowed"}, code=405)
    found_path = _STATUS.fullmatch(path)
    post = stock.status(instance, found_path["id"]) if found_path else None
    if found_path is None or post is None:
        return _json({"error": "Record not found"}, code=404)
    if found_path["context"]:
        return _json(_context(instance, post, stock))
    return _json(status(instance, post, stock))


def _json(value: object, code: int = 200) -> Response:
    body = json.dumps(value, ensure_ascii=False).encode()
    return Response(body, "application/json; charset=utf-8", status=code)


def _timeline(
    instance: str, query: Mapping[str, Sequence[str]], stock: Stock
) -> Sequence[SamplePost]:
    """Newest first. `min_id` pages upwards from an id, `since_id` only bounds the newest page.

    https://docs.joinmastodon.org/methods/timelines/#tag
    """
    found = [post for post in stock.on_instance(instance) if _is_listed(instance, post)]
    if "local" in query:
        found = [post for post in found if post.site == instance]
    if "remote" in query:
        found = [post for post in found if post.site != instance]
    for name, within in (("max_id", _is_below), ("since_id", _is_above), ("min_id", _is_above)):
        if name in query:
            found = [post for post in found if within(local_id(instance, post), query[name][0])]
    wanted = query.get("limit", [""])[0]
    limit = min(_MOST, int(wanted)) if wanted.isdigit() else _USUAL
    return found[-limit:] if "min_id" in query else found[:limit]


def _is_listed(instance: str, post: SamplePost) -> bool:
    """Mastodon's own server keeps a status in the timeline that an edit took the tag from."""
    kept = instance == MASTODON and post.edited_at is not None
    return post.tagged or kept


def _is_below(id_: str, bound: str) -> bool:
    return (len(id_), id_) < (len(bound), bound)


def _is_above(id_: str, bound: str) -> bool:
    return (len(id_), id_) > (len(bound), bound)


def _about(instance: str, stock: Stock) -> Mapping[str, Any]:
    host = stock.addresses.host(instance)
    about: dict[str, Any] = {
        "domain": host,
        "uri": host,
        "title": f"Beispielinstanz {instance.capitalize()}",
        "description": "Eine Beispielinstanz des moocfeed-Demokurses.",
        "version": "4.5.0" if instance == MASTODON else "2.7.2 (compatible; sample 1.0)",
        "languages": ["de"],
    }
    if instance == MASTODON:
        access = {"hashtag_feeds": {"local": "public", "remote": "public"}}
        about["configuration"] = {"timelines_access": access}
    return about


def _context(instance: str, post: SamplePost, stock: Stock) -> Mapping[str, Any]:
    return {
        "ancestors": [status(instance, each, stock) for each in stock.ancestors(post)],
        "descendants": [status(instance, each, stock) for each in stock.answers(post)],
    }


def _page(instance: str, path: str, stock: Stock) -> Response:
    name = f"Beispielinstanz {instance.capitalize()}"
    if path == "/":
        return pages.page(name, "<p>Hier schreiben Beispielkonten.</p>")
    if path == f"/tags/{stock.tag}":
        return pages.page(f"#{stock.tag}", f"<p>Auf der {name} gesehen.</p>")
    for post in stock.on_instance(instance) if instance != ELSEWHERE else stock.of_blog(instance):
        if post.site == instance and path in _paths(post, stock):
            body = content(instance, post, stock.get(post.reply_to), stock)
            return pages.page(post.author, body, language=post.language)
    for writer in stock.accounts.values():
        if writer.site == instance and path == profile_path(instance, writer.handle or ""):
            return pages.page(writer.name, f"<p>{escape(writer.bio)}</p>")
    return pages.missing()


def _paths(post: SamplePost, stock: Stock) -> tuple[str, str]:
    origin = stock.addresses.origins[post.site]
    return stock.addresses.path(post), stock.addresses.uid(post).removeprefix(origin)
