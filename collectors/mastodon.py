"""Kind `mastodon`: the hashtag timeline of one instance (Mastodon's REST API and its kin).

https://docs.joinmastodon.org/methods/timelines/#tag

The first collection pages down from the newest to the course's start; from then on each poll pages
up from the newest id seen (`collectors.timeline`). Requests are built from ids alone, never from
the server's `Link`. What else a run looks after comes when the timeline is read
(`ROUNDS`); between the polls a stream brings what is new (`collectors.streaming`).

Cursor: the timeline's, and `asked`, the hashtags and rules its ids stand for: others begin anew;
`only` where an instance shows local or remote posts only; `probe` while it is asked what it is;
and what the rounds keep. Place of older posts: `below`, the oldest id seen.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from collectors import instance, overlap, rechecks, replies, rounds, streaming, timeline
from collectors.contract import Ask, Batch, Channel, CollectError, Event, Reply
from collectors.fields import document
from collectors.instance import REFUSED
from collectors.needs import Needs
from collectors.rounds import Part, Rounds
from models.domain.links import host_key
from models.domain.source import SourceSpec

ANSWERS = REFUSED | {404}
ROUNDS = Rounds(
    window=Part(overlap.first, overlap.ask, overlap.read),
    checks=Part(rechecks.first, rechecks.ask, rechecks.read),
    replies=Part(replies.first, replies.ask, replies.read),
)
"""The newest pages again, once an hour; then older posts that are due for a check; then the replies
to posts that have new ones."""
_PROBES = {"refused": "/api/v2/instance", "missing": "/api/v1/instance"}
"""Why an instance is asked what it is, and where."""


class MastodonCollector:
    kind = "mastodon"
    pace = (20.0, 120.0)
    needs = Needs(takes="the access token of a user of that instance")
    looks_after = True

    def ask(self, source: SourceSpec) -> Ask:
        if (state := rounds.state_of(source)) is not None:
            return ROUNDS.ask(source, state)
        cursor = _cursor(source)
        if probe := cursor.get("probe"):
            return instance.get(source, _PROBES[probe], answers=ANSWERS)
        return instance.timeline(source, cursor, timeline.bounds(cursor), answers=ANSWERS)

    def parse(self, source: SourceSpec, reply: Reply) -> Batch:
        if (state := rounds.state_of(source)) is not None:
            return ROUNDS.parse(source, state, reply)
        cursor = _cursor(source)
        probe = cursor.pop("probe", None)
        if probe == "refused":
            return _goes_on(cursor, only=_shown(source, reply))
        if probe == "missing":
            return _unused(source, reply, cursor)
        if reply.status in REFUSED:
            return _refused(source, cursor)
        answer = document(reply)
        if reply.status == 404 and answer is None:
            return _goes_on(cursor, probe="missing")
        found = [] if reply.status == 404 else instance.statuses(answer)
        if found is None:
            raise _not_mastodon(source)
        page = _page(source, cursor, found)
        return ROUNDS.begin(source, page if page.more else _with_window(source, page))

    def ways(self, source: SourceSpec) -> int:
        return 1

    def look_back(self, source: SourceSpec) -> Ask:
        bounds = [("max_id", source.past["below"])] if "below" in source.past else []
        return instance.timeline(source, source.cursor, bounds, answers=ANSWERS)

    def read_back(self, source: SourceSpec, reply: Reply) -> Batch:
        if reply.status in REFUSED:
            raise instance.wants_token(source)
        found = [] if reply.status == 404 else instance.statuses(document(reply))
        if found is None:
            raise _not_mastodon(source)
        ids = sorted((str(status["id"]) for status in found), key=timeline.order)
        below = source.past.get("below")
        if not ids or (below is not None and timeline.order(ids[0]) >= timeline.order(below)):
            return Batch()
        return replace(instance.read(source, found), cursor={"below": ids[0]}, more=True)

    def locate(self, source: SourceSpec) -> Ask:
        return streaming.locate(source)

    def channels(self, source: SourceSpec, reply: Reply) -> Sequence[Channel]:
        return streaming.channels(source, reply)

    def changes(self, source: SourceSpec, events: Sequence[Event]) -> Batch:
        return streaming.changes(source, events)


def _cursor(source: SourceSpec) -> dict[str, Any]:
    """Where the timeline that is asked for was left; what is known of the instance stays anyway."""
    asked = [
        *source.rule.asked_for,
        f"registered={source.rule.registered_only}",
        f"participant={source.rule.participant_registered}",
    ]
    cursor = {key: value for key, value in source.cursor.items() if key != rounds.KEY}
    if cursor.get("asked") == asked and not timeline.falls_short(cursor, source.rule.since):
        return cursor
    return {key: value for key, value in cursor.items() if key not in timeline.KEYS} | {
        "asked": asked
    }


def _page(
    source: SourceSpec, cursor: Mapping[str, Any], statuses: Sequence[Mapping[str, Any]]
) -> Batch:
    since = source.rule.since
    walked, more = timeline.advance(
        cursor,
        [str(status["id"]) for status in statuses],
        since=since,
        all_early=bool(statuses) and all(instance.is_early(status, since) for status in statuses),
    )
    kept = {key: value for key, value in cursor.items() if key not in timeline.KEYS}
    return replace(
        instance.read(source, statuses),
        cursor={**kept, **walked},
        more=more,
        title=f"#{instance.hashtags(source)[0]} · {host_key(source.url)}",
    )


def _with_window(source: SourceSpec, page: Batch) -> Batch:
    """The first round of all has read the newest pages just now."""
    return replace(page, cursor={"window": source.now, **page.cursor})


def _goes_on(cursor: Mapping[str, Any], **found: str) -> Batch:
    return Batch(cursor={**cursor, **found}, more=True, partial=True)


def _refused(source: SourceSpec, cursor: Mapping[str, Any]) -> Batch:
    """Ask once what the instance does show; where that was known already, it wants a token."""
    if cursor.get("only"):
        raise instance.wants_token(source)
    return _goes_on(cursor, probe="refused")


def _shown(source: SourceSpec, reply: Reply) -> str:
    """`local` or `remote`, by `configuration.timelines_access.hashtag_feeds` (Mastodon 4.5)."""
    about = document(reply)
    try:
        access = about["configuration"]["timelines_access"]["hashtag_feeds"]
        shown = [side for side in ("local", "remote") if access.get(side) == "public"]
    except (KeyError, TypeError, AttributeError):
        shown = []
    if len(shown) != 1:
        raise instance.wants_token(source)
    return shown[0]


def _unused(source: SourceSpec, reply: Reply, cursor: Mapping[str, Any]) -> Batch:
    """A page that says 404: an instance where nobody used the tag, or no instance at all."""
    about = document(reply)
    if not isinstance(about, dict) or about.keys().isdisjoint({"uri", "domain"}):
        raise _not_mastodon(source)
    return Batch(cursor=dict(cursor), partial=True)


def _not_mastodon(source: SourceSpec) -> CollectError:
    return CollectError(
        "not-mastodon",
        f"{instance.root(source.url)} does not answer as a Mastodon instance does",
        mend="check the instance's address; for a blog use the kind blog, for a feed feed",
    )
