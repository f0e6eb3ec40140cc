"""Why a post, a blog or an account is in the feed, or why not: facts in, steps and a mend out.

The steps follow the way of a post: source, fetch, entry, rule, post. The first that fails decides.
"""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from shlex import quote

from models.domain.course import Course
from models.domain.identity import is_handle
from models.domain.links import is_web_url
from models.domain.source import Match, SourceState


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the way, with what was found there."""

    name: str
    """`source`, `fetch`, `entry`, `rule` or `post`."""
    ok: bool
    finding: str
    evidence: tuple[str, ...] = ()
    mend: str | None = None
    """One sentence; only where `ok` is false."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """All steps up to the first that failed."""

    url: str
    shown: bool
    post_id: str | None
    steps: tuple[Step, ...]

    @property
    def mend(self) -> str | None:
        """What to do, in one sentence; None where there is nothing to mend."""
        return next((step.mend for step in reversed(self.steps) if step.mend), None)


@dataclass(frozen=True, slots=True)
class FetchFacts:
    """What became of a fetch."""

    at: datetime
    outcome: str
    status: int | None
    error: str | None


@dataclass(frozen=True, slots=True)
class SourceFacts:
    """A source that could bring what is asked about."""

    id: str
    kind: str
    url: str
    match: Match
    state: SourceState
    state_reason: str | None
    due_at: datetime | None
    last_success_at: datetime | None
    last_fetch: FetchFacts | None
    last_error: str | None
    entries: int
    """How many entries of it are known."""
    matching: int


@dataclass(frozen=True, slots=True)
class EntryFacts:
    """What a source said of the post."""

    source_id: str
    state: str
    """`live`, `withdrawn` or `unmatched`."""
    reason: str | None
    title: str | None
    hashtags: tuple[str, ...]
    first_seen_at: datetime
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class PostFacts:
    """What became of it."""

    id: str
    url: str
    visible: bool
    held: bool
    hidden: bool
    withdrawn: bool
    erased: bool
    merged_into: str | None
    announces: str | None
    registered: bool
    """Whether a registered participant wrote it."""


@dataclass(frozen=True, slots=True)
class Facts:
    """All that is kept of an address in a course."""

    url: str
    course: Course
    sources: tuple[SourceFacts, ...]
    entries: tuple[EntryFacts, ...]
    post: PostFacts | None
    barred: bool
    """It was erased, or its author opted out."""
    is_source: bool
    """The address is a source's own: the question is about the whole of it."""
    posts_by: int | None = None
    """Where the address is an account's: how many of its posts are in the course."""


REASONS = {
    "no-hashtag": "it carries none of the course's hashtags",
    "not-public": "it is not public",
    "opted-out": "its author does not want to be collected",
    "too-old": "it is older than the course",
    "deleted": "its source says that it was deleted",
    "not-listed": "its source, which lists everything it has, lists it no longer",
    "source-removed": "the source that brought it was removed",
}
"""What stands in `sightings.reason`, as the end of a sentence."""

MENDS = {
    "no-hashtag": "Write {tag} into the post, or give it that tag; the next fetch takes it in.",
    "not-public": "Make the post public; the next fetch takes it in.",
    "opted-out": "Nothing: whoever opted out stays out until they ask to be taken in again.",
    "too-old": "Nothing, unless the course file's first week begins too late.",
    "deleted": "Nothing: its author took it back; published again, it comes back.",
    "not-listed": "Nothing: its author took it back; published again, it comes back.",
    "source-removed": "Add the source again with `moocfeed source add`.",
}


def explain(facts: Facts) -> Explanation:
    """The way of what is asked about, as far as it went."""
    steps: list[Step] = []
    for take in (_barred, _source, _fetch, _entry, _rule, _post):
        step = take(facts)
        if step is not None:
            steps.append(step)
            if not step.ok:
                break
    shown = bool(steps) and all(step.ok for step in steps)
    return Explanation(facts.url, shown, facts.post.id if facts.post else None, tuple(steps))


def _barred(facts: Facts) -> Step | None:
    if not facts.barred:
        return None
    return Step(
        "source",
        False,
        "whoever wrote it had it erased or opted out",
        mend=MENDS["opted-out"],
    )


def _source(facts: Facts) -> Step | None:
    if facts.posts_by or (facts.post is not None and facts.entries):
        return None  # it came in: the sources stand with the entries
    if not facts.sources:
        return _unknown(facts)
    active = [source for source in facts.sources if source.state is SourceState.ACTIVE]
    if active:
        return Step("source", True, "known", tuple(map(_name, active)))
    stopped = facts.sources[0]
    reason = f" ({stopped.state_reason})" if stopped.state_reason else ""
    return Step(
        "source",
        False,
        f"it is known, but {stopped.state.value}{reason}",
        tuple(map(_name, facts.sources)),
        mend=_resume(stopped, facts.course.slug),
    )


def _unknown(facts: Facts) -> Step:
    if not (is_web_url(facts.url) or is_handle(facts.url)):
        mend = "Give an address that begins with https://, or a handle (@user@host)."
        return Step("source", False, "it is neither an address nor a handle", mend=mend)
    command = f"moocfeed source add {quote(facts.url)} --course {facts.course.slug}"
    mend = f"Register the blog or account: `{command}`."
    return Step("source", False, "no source of the course could bring it", mend=mend)


def _name(source: SourceFacts) -> str:
    return f"{source.id}: {source.kind} {source.url}"


def _resume(source: SourceFacts, slug: str) -> str:
    if source.state is SourceState.REMOVED:
        return f"Add it again: `moocfeed source add {quote(source.url)} --course {slug}`."
    return f"Ask it again: `moocfeed source resume {source.id}`."


def _fetch(facts: Facts) -> Step | None:
    asked = [source for source in facts.sources if source.state is SourceState.ACTIVE]
    if facts.post is not None or facts.posts_by or not asked:
        return None
    evidence = tuple(_fetched(source) for source in asked)
    known = facts.is_source or bool(facts.entries)
    if any(source.last_success_at and (known or not _is_failing(source)) for source in asked):
        return Step("fetch", True, "fetched", evidence)
    source = next(filter(_is_failing, asked), asked[0])
    if source.last_fetch is None:
        return Step(
            "fetch",
            False,
            "it was not asked yet",
            evidence,
            mend=f"Wait for the collector, or run `moocfeed collect --once --source {source.id}`.",
        )
    since = source.last_success_at
    return Step(
        "fetch",
        False,
        f"it has not answered with anything that can be read since {_time(since)}"
        if since
        else "it never answered with anything that can be read",
        evidence,
        mend=source.last_error or f"Look at it with `moocfeed source check {quote(source.url)}`.",
    )


def _is_failing(source: SourceFacts) -> bool:
    return source.last_fetch is not None and source.last_fetch.outcome == "failed"


def _fetched(source: SourceFacts) -> str:
    last = source.last_fetch
    if last is None:
        return f"{source.id}: not asked yet"
    status = f", status {last.status}" if last.status else ""
    due = f"; next {_time(source.due_at)}" if source.due_at else ""
    said = f": {source.last_error}" if last.outcome == "failed" and source.last_error else ""
    return f"{source.id}: {last.outcome} {_time(last.at)}{status}{said}{due}"


def _time(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def _entry(facts: Facts) -> Step | None:
    if facts.posts_by:
        return Step("entry", True, f"{facts.posts_by} posts of this account are in the course")
    if facts.is_source:
        return _entries_of_source(facts)
    if facts.entries:
        evidence = tuple(
            f"{entry.source_id}: first seen {_time(entry.first_seen_at)}, "
            f"read last {_time(entry.seen_at)}"
            for entry in facts.entries
        )
        return Step("entry", True, "seen", evidence)
    due = min((source.due_at for source in facts.sources if source.due_at), default=None)
    when = f" ({_time(due)})" if due else ""
    return Step(
        "entry",
        False,
        "no answer of these sources has held it so far",
        mend=f"If it was published just now, wait for the next fetch{when}; if it is old,"
        f" `moocfeed backfill --course {facts.course.slug}` looks further back.",
    )


def _entries_of_source(facts: Facts) -> Step:
    total = sum(source.entries for source in facts.sources)
    matching = sum(source.matching for source in facts.sources)
    finding = f"{matching} of {total} entries belong to the course"
    if matching:
        return Step("entry", True, finding)
    tag = f"#{facts.course.hashtags[0]}"
    return Step(
        "entry",
        False,
        finding,
        mend=MENDS["no-hashtag"].format(tag=tag) if total else "Wait until something is posted.",
    )


def _rule(facts: Facts) -> Step | None:
    if facts.is_source or not facts.entries:
        return None
    live = [entry for entry in facts.entries if entry.state == "live"]
    if live:
        tags = sorted({f"#{tag}" for entry in live for tag in entry.hashtags})
        return Step("rule", True, "it belongs to the course", tuple(tags))
    entry = facts.entries[0]
    reason = entry.reason or "no-hashtag"
    return Step(
        "rule",
        False,
        REASONS.get(reason, reason),
        _tag_evidence(facts.course.hashtags, entry) if reason == "no-hashtag" else (),
        mend=_rule_mend(reason, facts.course.hashtags, entry),
    )


def _tag_evidence(hashtags: Sequence[str], entry: EntryFacts) -> tuple[str, ...]:
    wanted = "wanted: " + ", ".join(f"#{tag}" for tag in hashtags)
    found = ", ".join(f"#{tag}" for tag in entry.hashtags) or "none"
    return wanted, f"found in categories, title and visible text: {found}", f"title: {entry.title}"


def _rule_mend(reason: str, hashtags: Sequence[str], entry: EntryFacts) -> str:
    if reason == "no-hashtag":
        return tag_mend(hashtags, entry.hashtags)
    return MENDS.get(reason, "Ask who runs the service.")


def tag_mend(wanted: Sequence[str], found: Sequence[str]) -> str:
    """What the author of a post without the hashtag can do; a slip of the pen is named."""
    for tag in wanted:
        if alike := difflib.get_close_matches(tag, found, n=1, cutoff=0.75):
            return f"#{alike[0]} is not #{tag}: correct the tag; the next fetch takes the post in."
    return MENDS["no-hashtag"].format(tag=f"#{wanted[0]}")


def _post(facts: Facts) -> Step | None:
    post = facts.post
    if facts.is_source or post is None:
        return None
    for failed, finding, mend in (
        (post.erased, "it was erased", MENDS["opted-out"]),
        (
            post.merged_into is not None,
            f"it is the same as post {post.merged_into}, which is shown",
            "Nothing; a facilitator can split the two.",
        ),
        (post.hidden, "a facilitator hid it", "Ask the course's facilitators."),
        (post.held, "it waits for a facilitator", "Ask the course's facilitators to approve it."),
        (post.withdrawn, "it was withdrawn", MENDS["deleted"]),
        (
            not post.visible and not post.registered,
            "the course shows registered participants' posts only",
            "Register the person: add the source with `--participant NAME`.",
        ),
    ):
        if failed:
            return Step("post", False, finding, mend=mend)
    where = f"under the post it announces ({post.announces})" if post.announces else "in the feed"
    return Step("post", True, f"shown {where}", (post.url,))
