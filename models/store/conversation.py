"""Who answers whom: edges between posts, resolved as soon as both ends are known."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from models.domain.identity import key_of_url
from models.store.among import among
from models.store.bulk import insert_rows, update_rows
from models.store.chunks import chunks
from models.store.touched import Projected
from models.tables.posts import EdgeTable, IdentityTable, LinkTable, PostTable

RESPONDING = ("reply", "link")
"""Kinds of edges that make one post a response to another."""


@dataclass(frozen=True, slots=True)
class _Edge:
    post_id: str
    kind: str
    target_key: str


def connect(session: Session, course_id: int, projected: Sequence[Projected]) -> list[str]:
    """Renews the edges of these posts, and those of others that waited for them.

    Returns the visible posts whose number of responses changed.
    """
    fresh = [post for post in projected if post.content is not None]
    stale = [
        post.touched.id
        for post in projected
        if not post.touched.is_new and (post.content is not None or post.touched.regrouped)
    ]
    again = {post.touched.id for post in projected if post.reconnects}
    former = _targets(
        session, course_id, [post.touched.id for post in projected if not post.touched.is_new]
    )
    _forget(session, course_id, stale)
    _forget_responses(session, course_id, again)
    edges = {
        *_outgoing(session, course_id, fresh),
        *_incoming(session, course_id, projected, _keys(session, course_id, again)),
    }
    edges -= _existing(session, course_id, edges)
    insert_rows(
        session,
        EdgeTable,
        [
            {
                "course_id": course_id,
                "post_id": edge.post_id,
                "kind": edge.kind,
                "target_key": edge.target_key,
            }
            for edge in sorted(edges, key=lambda edge: (edge.post_id, edge.kind, edge.target_key))
        ],
    )
    answered = {edge.target_key for edge in edges if edge.kind in RESPONDING} | former | again
    return _recount(session, course_id, answered)


def _targets(session: Session, course_id: int, post_ids: Collection[str]) -> set[str]:
    return {
        target
        for part in chunks(post_ids)
        for target in session.scalars(
            select(EdgeTable.target_key).where(
                EdgeTable.course_id == course_id,
                EdgeTable.post_id.in_(part),
                EdgeTable.kind.in_(RESPONDING),
            )
        )
    }


def _forget(session: Session, course_id: int, post_ids: Collection[str]) -> None:
    for part in chunks(post_ids):
        session.execute(
            delete(EdgeTable)
            .where(EdgeTable.course_id == course_id, EdgeTable.post_id.in_(part))
            .execution_options(synchronize_session=False)
        )


def _forget_responses(session: Session, course_id: int, post_ids: Collection[str]) -> None:
    for part in chunks(post_ids):
        session.execute(
            delete(EdgeTable)
            .where(
                EdgeTable.course_id == course_id,
                EdgeTable.target_key.in_(part),
                EdgeTable.kind.in_(RESPONDING),
            )
            .execution_options(synchronize_session=False)
        )


def _keys(session: Session, course_id: int, post_ids: Collection[str]) -> Mapping[str, str]:
    """Identity key -> post, of all keys of these posts."""
    return {
        row.key: row.post_id
        for part in chunks(post_ids)
        for row in session.execute(
            select(IdentityTable.key, IdentityTable.post_id).where(
                IdentityTable.course_id == course_id, IdentityTable.post_id.in_(part)
            )
        )
    }


def _outgoing(session: Session, course_id: int, fresh: Sequence[Projected]) -> set[_Edge]:
    """From these posts to what they answer, link and name."""
    wanted = {key for post in fresh for key in _named_keys(post)}
    owners = _owners(session, course_id, wanted)
    persons = _persons(session, course_id, set(owners.values()))
    edges: set[_Edge] = set()
    for post in fresh:
        assert post.content is not None
        own, content = post.touched.id, post.content
        answered = owners.get(content.reply_key or "")
        if answered is not None and answered != own:
            edges.add(_Edge(own, "reply", answered))
        for key in content.link_keys:
            linked = owners.get(key)
            if linked not in (None, own, answered) and persons[linked] != post.row["person_key"]:
                edges.add(_Edge(own, "link", linked))
        edges |= {_Edge(own, "mention", key_of_url(url)) for url in content.mentions}
    return edges


def _named_keys(post: Projected) -> list[str]:
    assert post.content is not None
    reply = [post.content.reply_key] if post.content.reply_key else []
    return [*reply, *post.content.link_keys]


def _owners(session: Session, course_id: int, keys: Collection[str]) -> Mapping[str, str]:
    query = select(IdentityTable.key, IdentityTable.post_id).where(
        IdentityTable.course_id == course_id, among(session, IdentityTable.key, keys)
    )
    return {row.key: row.post_id for row in session.execute(query)} if keys else {}


def _persons(session: Session, course_id: int, post_ids: Collection[str]) -> Mapping[str, str]:
    return {
        row.id: row.person_key
        for part in chunks(post_ids)
        for row in session.execute(
            select(PostTable.id, PostTable.person_key).where(
                PostTable.course_id == course_id, PostTable.id.in_(part)
            )
        )
    }


def _incoming(
    session: Session, course_id: int, projected: Sequence[Projected], again: Mapping[str, str]
) -> set[_Edge]:
    """From earlier posts that answered or linked an address nobody had seen until now.

    `again`: known keys whose posts are others now, or another person's.
    """
    owner = {key: post.touched.id for post in projected for key in post.touched.identity_keys}
    owner |= again
    person = {post.touched.id: post.row["person_key"] for post in projected}
    if not owner:
        return set()
    replies = session.execute(
        select(PostTable.id, PostTable.reply_key).where(
            PostTable.course_id == course_id,
            PostTable.reply_key.is_not(None),  # the index is of those only
            among(session, PostTable.reply_key, owner),
        )
    )
    edges = {
        _Edge(row.id, "reply", owner[row.reply_key])
        for row in replies
        if row.id != owner[row.reply_key]
    }
    links = session.execute(
        select(LinkTable.post_id, LinkTable.link_key, PostTable.person_key)
        .join(
            PostTable,
            (PostTable.course_id == LinkTable.course_id) & (PostTable.id == LinkTable.post_id),
        )
        .where(LinkTable.course_id == course_id, among(session, LinkTable.link_key, owner))
    )
    for row in links:
        target = owner[row.link_key]
        if row.post_id != target and row.person_key != person[target]:
            edges.add(_Edge(row.post_id, "link", target))
    answering = {(edge.post_id, edge.target_key) for edge in edges if edge.kind == "reply"}
    return {
        edge
        for edge in edges
        if edge.kind == "reply" or (edge.post_id, edge.target_key) not in answering
    }


def _existing(session: Session, course_id: int, edges: Collection[_Edge]) -> set[_Edge]:
    return {
        _Edge(row.post_id, row.kind, row.target_key)
        for part in chunks({edge.post_id for edge in edges})
        for row in session.execute(
            select(EdgeTable.post_id, EdgeTable.kind, EdgeTable.target_key).where(
                EdgeTable.course_id == course_id, EdgeTable.post_id.in_(part)
            )
        )
    }


def _recount(session: Session, course_id: int, post_ids: Collection[str]) -> list[str]:
    """Counts the visible responses of these posts anew; returns the visible ones that changed."""
    changed: list[str] = []
    for part in chunks(post_ids):
        counts = {
            row.target_key: row.total
            for row in session.execute(
                select(
                    EdgeTable.target_key,
                    func.count(EdgeTable.post_id.distinct()).label("total"),
                )
                .join(
                    PostTable,
                    (PostTable.course_id == EdgeTable.course_id)
                    & (PostTable.id == EdgeTable.post_id),
                )
                .where(
                    EdgeTable.course_id == course_id,
                    EdgeTable.target_key.in_(part),
                    EdgeTable.kind.in_(RESPONDING),
                    PostTable.visible,
                )
                .group_by(EdgeTable.target_key)
            )
        }
        posts = session.execute(
            select(PostTable.id, PostTable.responses, PostTable.visible).where(
                PostTable.course_id == course_id, PostTable.id.in_(part)
            )
        ).all()
        differing = [row for row in posts if row.responses != counts.get(row.id, 0)]
        update_rows(
            session,
            PostTable,
            [
                {"course_id": course_id, "id": row.id, "responses": counts.get(row.id, 0)}
                for row in differing
            ],
        )
        changed += [row.id for row in differing if row.visible]
    return changed
