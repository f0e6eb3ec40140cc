"""The sample's instances: enough of Mastodon's REST API, told by two servers in two ways.

`eins` speaks as Mastodon does; `zwei` as its kin: ids of letters, other addresses and markup, no
language on copies, no `statuses?id[]=`.
"""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from html import escape
from typing import Any
from urllib.parse import parse_qs

from app.demo import markup, pages, pictures
from app.demo.addresses import local_id, number_of, profile_path
from app.demo.blogsites import picture
from app.demo.loopback import Request, Response
from app.demo.material import Writer
from app.demo.sample import ELSEWHERE, SamplePost
from app.demo.stock import Stock

MASTODON = "eins"
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
        return _json([_status(instance, post, stock) for post in found])
    if path in {"/api/v1/instance", "/api/v2/instance"}:
        return _json(_about(instance, stock))
    if path == "/api/v1/statuses" and instance == MASTODON:
        asked = (stock.status(instance, id_) for id_ in query.get("id[]", [])[:20])
        return _json([_status(instance, post, stock) for post in asked if post])
    if path == "/api/v1/statuses":
        return _json({"error": "Method not allowed"}, status=405)
    found_path = _STATUS.fullmatch(path)
    post = stock.status(instance, found_path["id"]) if found_path else None
    if found_path is None or post is None:
        return _json({"error": "Record not found"}, status=404)
    if found_path["context"]:
        return _json(_context(instance, post, stock))
    return _json(_status(instance, post, stock))


def _json(value: object, status: int = 200) -> Response:
    body = json.dumps(value, ensure_ascii=False).encode()
    return Response(body, "application/json; charset=utf-8", status=status)


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
    return post.visibility == "public" and (post.tagged or kept)


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
        "ancestors": [_status(instance, each, stock) for each in stock.ancestors(post)],
        "descendants": [_status(instance, each, stock) for each in stock.answers(post)],
    }


def _status(instance: str, post: SamplePost, stock: Stock) -> Mapping[str, Any]:
    """https://docs.joinmastodon.org/entities/Status/"""
    addresses, parent = stock.addresses, stock.get(post.reply_to)
    is_copy = post.site != instance
    has_other_url = is_copy and instance != MASTODON and post.site != ELSEWHERE
    return {
        "id": local_id(instance, post),
        "uri": addresses.uid(post),
        "url": addresses.uid(post) if has_other_url else addresses.url(post),
        "created_at": _time(instance, post.at),
        "edited_at": _time(instance, post.edited_at) if post.edited_at else None,
        "in_reply_to_id": local_id(instance, parent) if parent else None,
        "in_reply_to_account_id": str(number_of(parent.author)) if parent else None,
        "account": _account(instance, stock.accounts[post.handle or ""], stock),
        "content": _content(instance, post, parent, stock),
        "visibility": post.visibility,
        "sensitive": post.warning is not None,
        "spoiler_text": post.warning or "",
        "language": None if is_copy and instance != MASTODON else post.language,
        "tags": [_tag(instance, stock)] if post.tagged else [],
        "mentions": [_mention(instance, parent, stock)] if parent else [],
        "media_attachments": [_picture(post, stock)] if post.picture else [],
        "emojis": [],
        "reblog": None,
        "poll": _poll(post),
        "card": None,
        "replies_count": sum(each.reply_to == post.key for each in stock.answers(post)),
        "reblogs_count": number_of(post.key) % 4,
        "favourites_count": number_of(post.key) % 9,
    }


def _time(instance: str, moment: datetime) -> str:
    form = "milliseconds" if instance == MASTODON else "seconds"
    return moment.astimezone(UTC).isoformat(timespec=form).replace("+00:00", "Z")


def _account(instance: str, writer: Writer, stock: Stock) -> Mapping[str, Any]:
    handle, origin = writer.handle or "", stock.addresses.origins[writer.site]
    avatar = f"{origin}/avatare/{handle}.png"
    return {
        "id": str(number_of(writer.name)),
        "username": handle,
        "acct": _acct(instance, writer.site, handle, stock),
        "display_name": writer.name,
        "url": stock.addresses.profile(writer.site, handle),
        "uri": f"{origin}/users/{handle}",
        "note": f"<p>{escape(writer.bio, quote=False)}</p>",
        "avatar": avatar,
        "avatar_static": avatar,
        "bot": False,
        "locked": False,
        "discoverable": not writer.noindex,
        "indexable": not writer.noindex,
        "noindex": writer.noindex,
    }


def _acct(instance: str, site: str, handle: str, stock: Stock) -> str:
    return handle if site == instance else f"{handle}@{stock.addresses.host(site)}"


def _content(instance: str, post: SamplePost, parent: SamplePost | None, stock: Stock) -> str:
    body = markup.status_html(post.text, stock.link)
    if parent is not None:
        profile = escape(stock.addresses.profile(parent.site, parent.handle or ""))
        mention = f'<a href="{profile}" class="u-url mention">@<span>{parent.handle}</span></a>'
        body = body.replace("<p>", f'<p><span class="h-card">{mention}</span> ', 1)
    if post.tagged:
        address = f"{stock.addresses.origins[post.site]}/tags/{stock.tag}"
        body += (
            f'<p><a href="{address}" class="mention hashtag" rel="tag">'
            f"#<span>{stock.tag}</span></a></p>"
        )
    return body if instance == MASTODON else _sanitised(body)


def _sanitised(body: str) -> str:
    """Other servers keep less of the markup."""
    bare = re.sub(r"</?span[^>]*>", "", body)
    return re.sub(r' (?:class|rel)="[^"]*"', "", bare).replace("</p><p>", "<br><br>")


def _tag(instance: str, stock: Stock) -> Mapping[str, str]:
    url = f"{stock.addresses.origins[instance]}/tags/{stock.tag}"
    return {"name": stock.tag, "url": url}


def _mention(instance: str, parent: SamplePost, stock: Stock) -> Mapping[str, str]:
    handle = parent.handle or ""
    return {
        "id": str(number_of(parent.author)),
        "username": handle,
        "acct": _acct(instance, parent.site, handle, stock),
        "url": stock.addresses.profile(parent.site, handle),
    }


def _picture(post: SamplePost, stock: Stock) -> Mapping[str, Any]:
    url = f"{stock.addresses.origins[post.site]}/bilder/{post.key}.png"
    size = {"width": pictures.WIDTH, "height": pictures.HEIGHT}
    return {
        "id": str(number_of(post.key)),
        "type": "image",
        "url": url,
        "preview_url": url,
        "remote_url": None,
        "description": post.picture,
        "meta": {"original": size},
    }


def _poll(post: SamplePost) -> Mapping[str, Any] | None:
    if not post.poll:
        return None
    votes = [number_of(f"{post.key}-{choice}") % 23 for choice in post.poll]
    options = [
        {"title": choice, "votes_count": count}
        for choice, count in zip(post.poll, votes, strict=True)
    ]
    return {
        "id": str(number_of(post.key)),
        "expired": False,
        "multiple": False,
        "votes_count": sum(votes),
        "options": options,
    }


def _page(instance: str, path: str, stock: Stock) -> Response:
    name = f"Beispielinstanz {instance.capitalize()}"
    if path == "/":
        return pages.page(name, "<p>Hier schreiben Beispielkonten.</p>")
    for post in stock.on_instance(instance) if instance != ELSEWHERE else stock.of_blog(instance):
        if post.site == instance and path in _paths(post, stock):
            body = _content(instance, post, stock.get(post.reply_to), stock)
            return pages.page(post.author, body, language=post.language)
    for writer in stock.accounts.values():
        if writer.site == instance and path == profile_path(instance, writer.handle or ""):
            return pages.page(writer.name, f"<p>{escape(writer.bio)}</p>")
    return pages.missing()


def _paths(post: SamplePost, stock: Stock) -> tuple[str, str]:
    origin = stock.addresses.origins[post.site]
    return stock.addresses.path(post), stock.addresses.uid(post).removeprefix(origin)
