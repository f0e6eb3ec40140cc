"""What the sighting that a post shows says: from the answer at hand, or read back."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from models.domain.html import visible_text
from models.domain.identity import key_of_url
from models.domain.post import Kind, Post
from models.domain.search import terms
from models.store.chunks import chunks
from models.tables.posts import SightingTable


@dataclass(frozen=True, slots=True)
class Content:
    """What everything that hangs on a post is made from: tags, links, edges, search document."""

    kind: Kind
    title: str | None
    content_html: str
    language: str | None
    updated_at: datetime | None
    reply_key: str | None
    hashtags: tuple[str, ...]
    links: tuple[str, ...]
    link_keys: tuple[str, ...]
    mentions: tuple[str, ...]
    author: tuple[str, ...]
    """Name and handle."""
    search_terms: str | None
    """None where they are not kept: `stems` makes them anew."""

    @classmethod
    def of(cls, post: Post) -> "Content":
        """Of a post that was just read."""
        return cls(
            kind=post.kind,
            title=post.title,
            content_html=post.content_html,
            language=post.language,
            updated_at=post.updated_at,
            reply_key=post.reply_key,
            hashtags=post.hashtags,
            links=post.links,
            link_keys=post.link_keys,
            mentions=post.mentions,
            author=(post.author.name, post.author.handle or ""),
            search_terms=post.search_terms,
        )

    def stems(self, language: str) -> str:
        """What it is found by, in a course of this language."""
        if self.search_terms is not None:
            return self.search_terms
        texts = (self.title or "", *self.author, *self.hashtags, visible_text(self.content_html))
        return terms(texts, (self.language or language, language))


def read(
    session: Session, course_id: int, sightings: Collection[tuple[str, str]]
) -> Mapping[tuple[str, str], Content]:
    """What is kept of these sightings, by source id and entry key."""
    table = SightingTable
    query = select(
        table.source_id,
        table.entry_key,
        table.kind,
        table.title,
        table.content_html,
        table.language,
        table.updated_at,
        table.reply_key,
        table.hashtags,
        table.links,
        table.mentions,
        table.author_name,
        table.author_handle,
    ).where(table.course_id == course_id)
    found: dict[tuple[str, str], Content] = {}
    for part in chunks(sightings):
        for row in session.execute(query.where(tuple_(table.source_id, table.entry_key).in_(part))):
            found[row.source_id, row.entry_key] = Content(
                kind=Kind(row.kind),
                title=row.title,
                content_html=row.content_html or "",
                language=row.language,
                updated_at=row.updated_at,
                reply_key=row.reply_key,
                hashtags=tuple(row.hashtags),
                links=tuple(row.links),
                link_keys=tuple(key_of_url(url) for url in row.links),
                mentions=tuple(row.mentions),
                author=(row.author_name or "", row.author_handle or ""),
                search_terms=None,
            )
    return found
