"""Kind `x`: a hashtag's posts of the last seven days, by X's recent search (API v2).

https://docs.x.com/x-api/posts/search/introduction

X sells every post, author and picture it answers with, so each source has a cap:
`max_reads_a_month` resources in a calendar month (UTC). A request is made only if the most it may
bring is left.

Cursor: `spent` month and reads; `newest` id seen; of the walk under way `since` the id it began at,
`next` the server's token, `top` its newest id; and what `collectors.rounds` keeps, for the checks
of older posts that follow.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from collectors import fields, rounds, xchecks
from collectors.contract import RESTS, Ask, Batch, CollectError, Reply
from collectors.headers import retry_after
from collectors.needs import Needs, count
from collectors.rounds import Part, Rounds
from collectors.statuses import Excluded
from collectors.tweets import Included, read_tweet
from collectors.xapi import API, account, api, month, next_month, spent
from models.domain.post import RawPost
from models.domain.source import SPENT, SourceSpec

LEAST, MOST = 10, 100
"""Posts of a page."""
EACH = 6
"""The most resources one post brings: itself, its author, four pictures."""
REACH = 7 * 86_400 - 600
"""Seconds an id may be old that a search begins at; the reference says seven days."""
SNOWFLAKE_EPOCH = 1_288_834_974.657
"""Unix time from which X's ids count: milliseconds in all but their last 22 bits."""
FIELDS = {
    "tweet.fields": "attachments,author_id,created_at,edit_history_tweet_ids,entities,lang,"
    "note_tweet,possibly_sensitive,public_metrics,referenced_tweets",
    "expansions": "author_id,attachments.media_keys",
    "user.fields": "id,name,username,profile_image_url,protected",
    "media.fields": "media_key,type,url,preview_image_url,alt_text,width,height",
}
ROUNDS = Rounds(checks=Part(xchecks.first, xchecks.ask, xchecks.read))
HOW_TO_BE_LET_IN = (
    "make an app at https://console.x.com, buy credits, and give its bearer token with"
    " `moocfeed source add https://x.com --option max_reads_a_month=5000 --token-stdin`"
)


class XCollector:
    kind = "x"
    pace = (900.0, 86_400.0)
    no_past = "X shows the last seven days only"
    needs = Needs(
        takes="an app's bearer token",
        options={"max_reads_a_month": count(EACH * LEAST)},
        note="X shows the last seven days only, and sells each read: older posts cannot be had.",
    )

    looks_after = True

    def ask(self, source: SourceSpec) -> Ask:
        if (state := rounds.state_of(source)) is not None:
            return ROUNDS.ask(source, state)
        size = _affordable(source)
        cursor = source.cursor
        # A first look is a small one: it may be no more than a look.
        query = {"max_results": str(size if "top" in cursor or "newest" in cursor else LEAST)}
        if since := _since(source):
            query["since_id"] = since
        elif start := _start(source):
            query["start_time"] = start
        if token := cursor.get("next"):
            query["next_token"] = token
        return Ask(
            f"{api(source)}/2/tweets/search/recent?"
            f"{urlencode({'query': _query(source), **query, **FIELDS})}",
            accept="application/json",
            conditional=False,
            with_secret=True,
            answers=frozenset({400, 401, 402, 403, 429}),
        )

    def parse(self, source: SourceSpec, reply: Reply) -> Batch:
        if (state := rounds.state_of(source)) is not None:
            return ROUNDS.parse(source, state, reply)
        answer = fields.answer(reply)
        if reply.status == 400 and source.cursor.get("next"):
            return Batch(cursor=_without_walk(source), more=True)  # the token has run out
        if reply.status != 200:
            raise _failed(source, reply, answer)
        if "meta" not in answer:
            raise CollectError(
                "not-x",
                f"{api(source)} does not answer as X's search does",
                mend="register https://x.com",
            )
        included = Included(answer)
        posts, excluded = _read(source, answer, included)
        reads = spent(source) + len(list(fields.items(answer, "data"))) + included.count
        cursor, more = _advance(source, answer, account(source, reads))
        batch = Batch(
            posts=posts,
            cursor=cursor,
            more=more,
            title=f"#{source.rule.asked_for[0]} (X)",
            homepage=f"https://x.com/hashtag/{source.rule.asked_for[0]}",
            address="https://x.com" if api(source) == API else None,
            excluded=excluded,
            partial=True,
        )
        return ROUNDS.begin(source, batch)


def _query(source: SourceSpec) -> str:
    tags = " OR ".join(f"#{tag}" for tag in source.rule.asked_for)
    return f"({tags}) -is:retweet" if len(source.rule.asked_for) > 1 else f"{tags} -is:retweet"


def _affordable(source: SourceSpec) -> int:
    """Posts that the next page may hold. Raises `CollectError`: no cap was given, or it is used."""
    cap = source.options.get("max_reads_a_month")
    if not isinstance(cap, int):
        raise CollectError(
            "wants-option",
            "X sells every read, and this source says not how many it may buy",
            mend="add it again with --option max_reads_a_month=5000, or how many you want",
        )
    size = min((cap - spent(source)) // EACH, MOST)
    if size < LEAST:
        raise _used_up(source, f"{spent(source)} of {cap} reads of {month(source)} are used")
    return size


def _used_up(source: SourceSpec, what: str) -> CollectError:
    again = next_month(source)
    return CollectError(
        RESTS,
        f"{what}: X is asked again on {again:%Y-%m-%d}",
        mend="to go on before, add it again, with its token and a higher"
        " --option max_reads_a_month=N",
        retry_after=again.timestamp() - source.now,
    )


def _since(source: SourceSpec) -> str | None:
    """The id to begin at; none where that is out of the search's reach, which would be refused."""
    cursor = source.cursor
    id_ = cursor.get("since") if "next" in cursor else cursor.get("newest")
    if not id_:
        return None
    written = (int(id_) >> 22) / 1000 + SNOWFLAKE_EPOCH
    return id_ if source.now - written < REACH else None


def _start(source: SourceSpec) -> str | None:
    """The course's start, where the search reaches it; it refuses what is not in its days."""
    since = source.rule.since
    if since is None or not source.now - REACH < since < source.now - 60:
        return None
    return datetime.fromtimestamp(since, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _without_walk(source: SourceSpec) -> Mapping[str, Any]:
    return {key: value for key, value in source.cursor.items() if key in {SPENT, "newest"}}


def _read(
    source: SourceSpec, answer: Mapping[str, Any], included: Included
) -> tuple[tuple[RawPost, ...], tuple[tuple[str, str, str | None], ...]]:
    posts: list[RawPost] = []
    excluded: list[tuple[str, str, str | None]] = []
    for tweet in fields.items(answer, "data"):
        read = read_tweet(tweet, included)
        if isinstance(read, Excluded):
            excluded.append(read)
        elif read is not None and not _is_early(read, source.rule.since):
            posts.append(read)
    return tuple(posts), tuple(excluded)


def _is_early(post: RawPost, since: float | None) -> bool:
    written = post.published_at
    return since is not None and written is not None and written.timestamp() < since


def _advance(
    source: SourceSpec, answer: Mapping[str, Any], account: Mapping[str, Any]
) -> tuple[Mapping[str, Any], bool]:
    """The next cursor, and whether to ask again at once: not where the cap forbids it."""
    before = source.cursor
    meta = fields.inner(answer, "meta")
    ids = [meta.get("newest_id"), before.get("top"), before.get("newest")]
    top = max(
        (id_ for id_ in ids if isinstance(id_, str) and id_.isdecimal()), key=int, default=None
    )
    token = meta.get("next_token")
    if not isinstance(token, str) or token == before.get("next"):
        return {SPENT: account, **({"newest": top} if top else {})}, False
    walk = {"since": _since(source), "next": token, "top": top}
    newest = {"newest": before["newest"]} if "newest" in before else {}
    cursor = {SPENT: account, **newest, **walk}
    left = source.options["max_reads_a_month"] - account["reads"]
    return cursor, left // EACH >= LEAST


def _failed(source: SourceSpec, reply: Reply, answer: Mapping[str, Any]) -> CollectError:
    """https://docs.x.com/x-api/fundamentals/response-codes-and-errors"""
    if reply.status in {401, 403}:
        return CollectError(
            "wants-token", "X does not accept the bearer token", mend=HOW_TO_BE_LET_IN
        )
    if reply.status == 402:
        return CollectError(
            "no-credits",
            "X says that the account has no credits left",
            mend="buy some at https://console.x.com",
        )
    if reply.status == 400:
        return CollectError(
            "refused", "X does not understand the search", mend="check the course's hashtags"
        )
    if "usage" in f"{answer.get('title')} {answer.get('type')}".lower():
        return _used_up(source, "X says that the account's monthly reads are used up")
    return CollectError(
        "http-429",
        "X asks for fewer requests",
        passing=True,
        retry_after=retry_after(reply.headers, datetime.fromtimestamp(source.now, UTC)),
    )
