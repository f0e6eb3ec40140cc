"""Which statuses only announce a post of their author's, and so stand under it.

A status and its post may come in either order, and either may change or vanish later: whatever is
projected brings the statuses with it that depend on it.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.domain import announce
from models.domain.announce import ANNOUNCED, Announced, Announcement
from models.domain.post import Kind
from models.domain.visibility import beneath
from models.store import contents
from models.store.chunks import chunks
from models.store.contents import Content
from models.store.touched import Projected, Regrouped, SightingId
from models.tables.posts import IdentityTable, LinkTable, PostTable

NO_CONTENT = Announced(None, "")


def concerned(
    session: Session, course_id: int, projected: Sequence[Projected], regrouped: Regrouped
) -> set[str]:
    """Statuses of the same people that announce these posts or link them."""
    posts = {post.touched.id: post for post in projected if _may_be_announced(post)}
    found = _announcing(session, course_id, posts)
    fresh = {
        post_id: post
        for post_id, post in posts.items()
        if post.shown is not None and (post.content is not None or post.touched.identity_keys)
    }
    keys = _keys(session, course_id, fresh, regrouped)
    for status_id, person_key, key in _linking(session, course_id, keys):
        if fresh[keys[key]].row["person_key"] == person_key:
            found.add(status_id)
    return found


def _may_be_announced(post: Projected) -> bool:
    kinds = {post.row["kind"]} | ({post.before.kind} if post.before is not None else set())
    return not kinds.isdisjoint(ANNOUNCED)


def _announcing(session: Session, course_id: int, post_ids: Collection[str]) -> set[str]:
    return {
        status_id
        for part in chunks(post_ids)
        for status_id in session.scalars(
            select(PostTable.id).where(
                PostTable.course_id == course_id, PostTable.announces_id.in_(part)
            )
        )
    }


def _keys(
    session: Session, course_id: int, posts: Mapping[str, Projected], regrouped: Regrouped
) -> dict[str, str]:
    """Identity key -> post, of all keys that these posts have, or will have once written."""
    stored = {post_id for post_id, post in posts.items() if post.before is not None}
    if any(post.touched.regrouped for post in posts.values()):
        stored |= set(regrouped.former.values())
    found = {
        row.key: regrouped.homes.get(row.own_id, row.post_id)
        for part in chunks(stored)
        for row in session.execute(
            select(IdentityTable.key, IdentityTable.post_id, IdentityTable.own_id).where(
                IdentityTable.course_id == course_id, IdentityTable.post_id.in_(part)
            )
        )
    }
    new = {key: post_id for post_id, post in posts.items() for key in post.touched.identity_keys}
    return {key: post_id for key, post_id in (found | new).items() if post_id in posts}


def _linking(
    session: Session, course_id: int, keys: Collection[str]
) -> Iterable[tuple[str, str, str]]:
    """(status, its person key, the key it links)."""
    for part in chunks(keys):
        rows = session.execute(
            select(PostTable.id, PostTable.person_key, LinkTable.link_key)
            .join(
                LinkTable,
                (LinkTable.course_id == PostTable.course_id) & (LinkTable.post_id == PostTable.id),
            )
            .where(
                LinkTable.course_id == course_id,
                LinkTable.link_key.in_(part),
                PostTable.kind == Kind.STATUS.value,
            )
        )
        for row in rows:
            yield row.id, row.person_key, row.link_key


def settle(
    session: Session,
    course_id: int,
    projected: Sequence[Projected],
    concerned: Collection[str],
    regrouped: Regrouped,
) -> set[str]:
    """Decides for the statuses among these what they announce, and where they stand.

    Returns the visible posts under which others stand than before.
    """
    statuses = [
        post
        for post in projected
        if post.row["kind"] == Kind.STATUS.value or post.row["announces_id"] is not None
    ]
    if not statuses:
        return set()
    said = _said(session, course_id, statuses, concerned)
    # What was taken back announces nothing; should it return, it is judged anew.
    chosen: dict[str, str | None] = {
        post.touched.id: post.row["announces_id"] if post.shown else None for post in statuses
    }
    chosen |= _candidates(session, course_id, projected, said, regrouped)
    former = {post.before.announces_id for post in statuses if post.before is not None}
    wanted = {post_id for post_id in (*chosen.values(), *former) if post_id is not None}
    targets = _targets(session, course_id, projected, wanted)
    judged = {post_id for status_id in said if (post_id := chosen[status_id]) is not None}
    told = _told(session, course_id, targets, judged)
    for post in statuses:
        _place(post, chosen[post.touched.id], said.get(post.touched.id), targets, told)
    changed = {post_id for post in statuses for post_id in _changes(post)}
    return {post_id for post_id in changed if post_id in targets and targets[post_id].visible}


def _said(
    session: Session, course_id: int, statuses: Sequence[Projected], concerned: Collection[str]
) -> dict[str, Content]:
    """What those statuses say that are to be judged anew."""
    shown = [post for post in statuses if post.shown is not None]
    found = {post.touched.id: post.content for post in shown if post.content is not None}
    missing = {
        post.touched.id: _shown_id(post)
        for post in shown
        if post.content is None and post.touched.id in concerned
    }
    kept = contents.read(session, course_id, set(missing.values())) if missing else {}
    return found | {post_id: kept[key] for post_id, key in missing.items()}


def _shown_id(post: Projected) -> SightingId:
    return post.row["shown_source_id"], post.row["shown_entry_key"]


def _candidates(
    session: Session,
    course_id: int,
    projected: Sequence[Projected],
    said: Mapping[str, Content],
    regrouped: Regrouped,
) -> dict[str, str | None]:
    """Status -> the one post it leads to."""
    owners = {
        row.key: regrouped.homes.get(row.own_id, row.post_id)
        for part in chunks({key for content in said.values() for key in content.link_keys})
        for row in session.execute(
            select(IdentityTable.key, IdentityTable.post_id, IdentityTable.own_id).where(
                IdentityTable.course_id == course_id, IdentityTable.key.in_(part)
            )
        )
    }
    owners |= {key: post.touched.id for post in projected for key in post.touched.identity_keys}
    return {
        status_id: announce.target(
            _announcement(content),
            {
                url: owners[key]
                for url, key in zip(content.links, content.link_keys, strict=True)
                if key in owners
            },
        )
        for status_id, content in said.items()
    }


def _announcement(content: Content) -> Announcement:
    return Announcement(
        content.content_html,
        content.links,
        content.mentions,
        content.hashtags,
        is_reply=content.reply_key is not None,
    )


@dataclass(frozen=True, slots=True)
class _Target:
    """A post, as far as being announced needs it."""

    kind: str
    person_key: str
    visible: bool
    shown: SightingId
    content: Content | None
    """Where it is at hand."""


def _targets(
    session: Session, course_id: int, projected: Sequence[Projected], post_ids: Collection[str]
) -> dict[str, _Target]:
    found = {
        row.id: _Target(
            row.kind,
            row.person_key,
            row.visible,
            (row.shown_source_id or "", row.shown_entry_key or ""),
            None,
        )
        for part in chunks(post_ids)
        for row in session.execute(
            select(
                PostTable.id,
                PostTable.kind,
                PostTable.person_key,
                PostTable.visible,
                PostTable.shown_source_id,
                PostTable.shown_entry_key,
            ).where(PostTable.course_id == course_id, PostTable.id.in_(part))
        )
    }
    return found | {
        post.touched.id: _Target(
            post.row["kind"],
            post.row["person_key"],
            post.placement.visible,
            _shown_id(post),
            post.content,
        )
        for post in projected
        if post.touched.id in post_ids
    }


def _told(
    session: Session,
    course_id: int,
    targets: Mapping[str, _Target],
    post_ids: Collection[str],
) -> dict[str, Announced]:
    """What the posts say that are to be compared with the statuses."""
    wanted = {post_id: targets[post_id] for post_id in post_ids if post_id in targets}
    missing = {target.shown for target in wanted.values() if target.content is None}
    kept = contents.read(session, course_id, missing) if missing else {}
    found = {
        post_id: target.content or kept.get(target.shown) for post_id, target in wanted.items()
    }
    return {
        post_id: Announced(content.title, content.content_html) if content else NO_CONTENT
        for post_id, content in found.items()
    }


def _place(
    status: Projected,
    target_id: str | None,
    said: Content | None,
    targets: Mapping[str, _Target],
    told: Mapping[str, Announced],
) -> None:
    """Writes into the status's row what it announces; `said` is None where that is known."""
    target = targets.get(target_id or "")
    if (
        target is None
        or target.kind not in ANNOUNCED
        or target.person_key != status.row["person_key"]
        or status.row["kind"] != Kind.STATUS.value
        or (said and not announce.announces(_announcement(said), told[target_id or ""]))
    ):
        status.row["announces_id"] = None
        return
    status.row["announces_id"] = target_id
    if target.visible:
        status.placement = beneath(status.placement)
        status.row["listed"] = status.placement.listed


def _changes(status: Projected) -> set[str]:
    """Posts that this status stands under now and did not before, or the other way round."""
    before, row = status.before, status.row
    was = (before.announces_id, before.url) if before is not None and before.visible else None
    now = (row["announces_id"], row["url"]) if status.placement.visible else None
    if was == now:
        return set()
    return {place[0] for place in (was, now) if place is not None and place[0] is not None}
