"""Kind `blog`: a homepage. Its feed is discovered, remembered, and looked for anew when it is gone.

Cursor: `{}` asks the homepage; `{"lost": url}` too, after the feed that was known there had gone;
`{"try": [url, …]}` asks candidates one after another; `{"feed": url}` asks the feed that was found;
`{"page": true}` reads the homepage's own entries, where no feed was.
"""

from dataclasses import replace

from collectors import microformats, older, olderpages
from collectors.contract import NO_ANSWER, PAGE_LIMIT, Ask, Batch, CollectError, Reply
from collectors.discovery import feed_candidates, is_second_rate
from collectors.feeds import ACCEPT, read_feed, sniff
from collectors.tagfeeds import tag_feeds
from models.domain.source import SourceSpec

PAGE_ACCEPT = f"text/html, application/xhtml+xml, {ACCEPT};q=0.8, */*;q=0.5"
REFUSALS = frozenset({NO_ANSWER, 400, 401, 402, 403, 404, 405, 406, 410, 500, 501})
"""Answers of a candidate that only mean: not this one."""
VANISHED = frozenset({404, 410})
MOST_CANDIDATES = 12


class BlogCollector:
    kind = "blog"
    pace = (600.0, 86_400.0)

    def ask(self, source: SourceSpec) -> Ask:
        if feed := source.cursor.get("feed"):
            return Ask(feed, accept=ACCEPT, answers=VANISHED)
        if candidates := source.cursor.get("try"):
            return Ask(candidates[0], accept=ACCEPT, conditional=False, answers=REFUSALS)
        if source.cursor.get("page"):
            return Ask(source.url, limit=PAGE_LIMIT, accept=PAGE_ACCEPT)
        return Ask(source.url, limit=PAGE_LIMIT, accept=PAGE_ACCEPT, conditional=False)

    def parse(self, source: SourceSpec, reply: Reply) -> Batch:
        if source.cursor.get("feed"):
            return self._known(source, reply)
        if candidates := source.cursor.get("try"):
            return self._candidate(source, list(candidates), reply)
        if source.cursor.get("page"):
            return _of_page(source, reply)
        return self._homepage(source, reply)

    def ways(self, source: SourceSpec) -> int:
        return 1

    def look_back(self, source: SourceSpec) -> Ask:
        if source.cursor.get("page"):
            return olderpages.ask(source)
        return older.ask(source, _feed_of(source))

    def read_back(self, source: SourceSpec, reply: Reply) -> Batch:
        if source.cursor.get("page"):
            return olderpages.read(source, reply)
        return older.read(source, reply, lambda answer: read_feed(_feed_of(source), answer))

    def _known(self, source: SourceSpec, reply: Reply) -> Batch:
        feed = source.cursor["feed"]
        if reply.status not in VANISHED:
            try:
                return self._found(source, feed, reply)
            except CollectError:
                if not _is_page(reply):
                    raise
        return Batch(cursor={"lost": feed}, more=True)  # the homepage knows where it is now

    def _homepage(self, source: SourceSpec, reply: Reply) -> Batch:
        try:
            return self._found(source, source.url, reply)  # a feed's address given as a blog's
        except CollectError:
            if not _is_page(reply):
                raise
        candidates = feed_candidates(reply)
        if "lost" in source.cursor:
            # What only stands in for the feed, like one of comments, must not take its place.
            candidates = [url for url in candidates if not is_second_rate(url)]
        return Batch(
            cursor={"try": candidates[:MOST_CANDIDATES]},
            more=True,
            derived=tuple(tag_feeds(reply, _slugs(source))),
        )

    def _candidate(self, source: SourceSpec, candidates: list[str], reply: Reply) -> Batch:
        candidate, *rest = candidates
        if reply.status not in REFUSALS:
            try:
                return self._found(source, candidate, reply)
            except CollectError:
                pass  # a page, or nothing that can be read: the next one may be it
        if rest:
            return Batch(cursor={"try": rest}, more=True)
        return Batch(cursor={"page": True}, more=True)  # the page itself may be one

    def _found(self, source: SourceSpec, url: str, reply: Reply) -> Batch:
        """`url` was asked; what a redirect led to is not remembered, it may lead elsewhere soon."""
        batch = read_feed(url, reply)
        return replace(batch, cursor={"feed": url}, homepage=batch.homepage or source.url)


def _slugs(source: SourceSpec) -> tuple[str, ...]:
    """As platforms may write the hashtags in addresses: some keep diacritics, others strip them."""
    return tuple(dict.fromkeys((*source.rule.asked_for, *source.rule.hashtags)))


def _feed_of(source: SourceSpec) -> str:
    """The feed that the ordinary collecting has found. Raises `CollectError`."""
    if feed := source.cursor.get("feed"):
        return str(feed)
    raise CollectError(
        "no-feed",
        f"the feed of {source.url} is not known yet",
        mend=f"collect it first, with `moocfeed collect --once --source {source.id}`",
    )


def _of_page(source: SourceSpec, reply: Reply) -> Batch:
    """The last resort: a page whose own markup says what its entries are (h-feed)."""
    posts = microformats.page(reply).posts
    if not posts:
        raise CollectError(
            "no-feed",
            f"no feed was found for {source.url}",
            mend="register the feed's own address as a source of kind feed",
        )
    return Batch(posts=posts, cursor={"page": True}, homepage=source.url)


def _is_page(reply: Reply) -> bool:
    """Whether there is anything to look for feeds in; a PDF or a picture is told as what it is."""
    sniff.refuse_other_data(reply.body)
    return "html" in reply.headers.get("content-type", "").lower() or sniff.is_page(reply.body)
