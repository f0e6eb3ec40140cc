"""A post's own page: the post in full, its responses as threads, and what stands around it."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import RedirectResponse, Response

from app.api.deps import PostId, Reading, ServicesOf
from app.api.query import Cursor
from app.pages import previewing, problems
from app.pages.framing import FrontQuery, ShownCourse, course_page, names_of
from app.pages.listing import Addresses, PageQuery
from app.syndication.words import words_of
from models.store import feed, threads

router = APIRouter(include_in_schema=False, tags=[problems.TAG])


class PostQuery(FrontQuery):
    """What a post's address may hold: where its responses go on."""

    cursor: Cursor = None


@router.get("/{course}/posts/{id}")
def show_post(
    request: Request,
    session: Reading,
    services: ServicesOf,
    row: ShownCourse,
    post_id: PostId,
    query: Annotated[PostQuery, Query()],
) -> Response:
    """One post in full, with its responses, oldest first. A merged post's leads to the other's."""
    addresses = Addresses(row.course, None, PageQuery(ui=query.ui))
    post = feed.post_or_merged(session, row, post_id)
    if post.id != post_id:  # not for good: it may be split again
        return RedirectResponse(addresses.of_post(post.id), headers={"Cache-Control": "no-store"})
    settings, name = services.settings, f"responses/{post_id}"
    paging = PageQuery(cursor=query.cursor, ui=query.ui)
    after = paging.after(row, settings.secret_key, name)
    found, rest = threads.responses(session, row, post_id, after=after, limit=paging.limit)
    following = paging.following(row, rest, settings.secret_key, name) if rest else None
    answered = threads.answered(session, row, post_id)
    announcing = threads.announcing(session, row, post_id)
    posts = (post, *(each for thread in found for each in thread.posts()))
    values = {
        "post": post,
        "canonical": post.url,
        "week": None if post.week is None else row.course.week(post.week),
        "answered": answered,
        "announcing": announcing,
        "copies": threads.copies(session, row, post),
        "threads": found,
        "listed": names_of(session, row, posts),
        "more": _with_query(addresses.of_post(post_id), following),
    }
    card = previewing.of_post(post, settings.public_url, words_of(row.course))
    return course_page(
        *(request, row, query.ui, "single.html", addresses, values),
        embeds=f"/{row.course.slug}/posts/{post_id}",
        card=card,
    )


def _with_query(address: str, query: str | None) -> str | None:
    if query is None:
        return None
    return f"{address}{'&' if '?' in address else '?'}{query}#responses"
