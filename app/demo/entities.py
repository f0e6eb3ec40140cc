"""Statuses and accounts as the sample's instances tell them, each in its own way."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from html import escape
from typing import Any

from app.demo import markup, pictures
from app.demo.addresses import local_id, number_of
from app.demo.authoring import ELSEWHERE
from app.demo.material import Writer
from app.demo.posts import SamplePost
from app.demo.stock import Stock

MASTODON = "eins"
"""The instance that is a Mastodon; the other one is kin."""


def status(instance: str, post: SamplePost, stock: Stock) -> Mapping[str, Any]:
    """A status as one instance tells it. https://docs.joinmastodon.org/entities/Status/"""
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
        "content": content(instance, post, parent, stock),
        "visibility": "public",
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


def content(instance: str, post: SamplePost, parent: SamplePost | None, stock: Stock) -> str:
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
