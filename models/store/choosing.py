"""Which sighting each touched post shows, and what that one says."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.domain.choose import ENDING, Seen, Shown, choose
from models.domain.decide import Known, SightingState
from models.store import contents
from models.store.assigning import participant_key
from models.store.chunks import chunks
from models.store.contents import Content
from models.store.sightings import stated_at
from models.store.touched import Regrouped, Sighted, SightingId, Touched, state_after
from models.tables.posts import PostTable, SightingTable

_LENGTH = func.length(SightingTable.content_html)


def seen(
    session: Session, course_id: int, posts: Sequence[Touched], regrouped: Regrouped
) -> dict[str, dict[SightingId, Seen]]:
    """What is kept of the posts' sightings, as far as choosing among them needs it.

    Parts that move are counted to where they go.
    """
    post_ids = {post.id for post in posts if not post.is_new}
    if any(post.regrouped for post in posts):
        post_ids |= set(regrouped.former.values())
    found: dict[str, dict[SightingId, Seen]] = {}
    for part in chunks(post_ids):
        rows = session.execute(
            select(
                SightingTable.post_id,
                SightingTable.own_id,
                SightingTable.source_id,
                SightingTable.entry_key,
                SightingTable.external_id,
                SightingTable.state,
                SightingTable.from_origin,
                _LENGTH.label("length"),
                SightingTable.excerpt,
                func.substr(SightingTable.content_html, _LENGTH - ENDING + 1).label("ending"),
                SightingTable.first_seen_at,
                SightingTable.stated_at,
                SightingTable.dated,
                SightingTable.url,
                SightingTable.person_key,
                SightingTable.participant_id,
            ).where(SightingTable.course_id == course_id, SightingTable.post_id.in_(part))
        )
        for row in rows:
            home = regrouped.homes.get(row.own_id, row.post_id)
            found.setdefault(home, {})[row.source_id, row.entry_key] = Seen(
                row.source_id,
                row.entry_key,
                row.external_id,
                SightingState(row.state),
                row.from_origin,
                row.length or 0,
                row.excerpt or "",
                row.ending or "",
                row.first_seen_at,
                row.stated_at,
                row.dated,
                row.url,
                row.person_key or "",
                row.participant_id,
            )
    return found


@dataclass(frozen=True, slots=True)
class Choice:
    """The sighting to show, if there is one."""

    shown: Shown | None
    is_live: bool
    """False where it is only what a row must be filled with: it is withdrawn."""
    sources_changed: bool
    """Whether the post is seen in other sources than before."""


def chosen(
    touched: Touched,
    kept: Mapping[SightingId, Seen],
    known: Mapping[SightingId, Known],
    now: datetime,
) -> Choice:
    """What a post shows, of what is kept of it and what this answer brings and takes back."""
    found = dict(kept)
    for key, sighted in touched.posts.items():
        found[key] = _as_seen(key, sighted, known.get(key), now)
    for key, reason in touched.taken_back.items():
        if key in found:
            found[key] = replace(found[key], state=state_after(reason))
    changed = _live_sources(kept) != _live_sources(found)
    if (shown := choose(list(found.values()))) is not None or not touched.is_new:
        return Choice(shown, is_live=True, sources_changed=changed)
    # A part that was merged before it ever stood by itself, and was taken back since.
    once = [replace(each, state=SightingState.LIVE) for each in found.values()]
    return Choice(choose(once), is_live=False, sources_changed=changed)


def _live_sources(sightings: Mapping[SightingId, Seen]) -> Collection[str]:
    """Ids of the sources that show a post, in the order in which they are shown."""
    live = sorted(
        (each.first_seen_at, each.source_id)
        for each in sightings.values()
        if each.state is SightingState.LIVE
    )
    return tuple(dict.fromkeys(source_id for _, source_id in live))


def _as_seen(key: SightingId, sighted: Sighted, known: Known | None, now: datetime) -> Seen:
    post = sighted.post
    return Seen(
        *key,
        post.external_id,
        SightingState.LIVE,
        post.from_origin,
        len(post.content_html),
        post.excerpt,
        post.content_html[-ENDING:],
        known.first_seen_at if known else now,
        stated_at(sighted, known),
        post.dated,
        post.url,
        sighted.person.key,
        sighted.person.participant_id,
    )


def contents_of(
    session: Session,
    course_id: int,
    posts: Sequence[Touched],
    before: Mapping[str, PostTable],
    choices: Mapping[str, Choice],
) -> dict[str, Content]:
    """What the shown sightings say, wherever another is shown or what hangs on it may differ."""
    found: dict[str, Content] = {}
    wanted: dict[str, SightingId] = {}
    for post in posts:
        chosen = choices[post.id].shown
        if chosen is None:
            continue
        key = chosen.sighting.source_id, chosen.sighting.entry_key
        if key in post.posts:
            found[post.id] = Content.of(post.posts[key].post)
        elif post.regrouped or _shows_another(before.get(post.id), chosen):
            wanted[post.id] = key
    kept = contents.read(session, course_id, set(wanted.values())) if wanted else {}
    return found | {post_id: kept[key] for post_id, key in wanted.items()}


def _shows_another(before: PostTable | None, shown: Shown) -> bool:
    return before is None or (
        before.shown_source_id,
        before.shown_entry_key,
        before.person_key,
    ) != (shown.sighting.source_id, shown.sighting.entry_key, person_key_of(shown))


def person_key_of(shown: Shown) -> str:
    """Whose the post is, for counting."""
    if shown.participant_id is not None:
        return participant_key(shown.participant_id)
    return shown.sighting.person_key
