"""Kind `blog`: a homepage. Its feed is discovered, remembered, and looked for anew when it is gone.

Cursor: `{}` asks the homepage; `{"try": [url, …]}` asks candidates one after another;
`{"feed": url}` asks the feed that was found.
"""

from dataclasses import replace

from collectors.contract import PAGE_LIMIT, Ask, Batch, CollectError, Reply
from collectors.discovery import feed_candidates
from collectors.feeds import ACCEPT, read_feed
from models.domain.source import SourceSpec

PAGE_ACCEPT = f"text/html, application/xhtml+xml, {ACCEPT};q=0.8, */*;q=0.5"
REFUSALS = frozenset({400, 401, 402, 403, 404, 405, 406, 410, 500, 501})
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
        return Ask(source.url, limit=PAGE_LIMIT, accept=PAGE_ACCEPT, conditional=False)

    def parse(self, source: SourceSpec, reply: Reply) -> Batch:
        if source.cursor.get("feed"):
            return self._known(source, reply)
        if candidates := source.cursor.get("try"):
            return self._candidate(source, list(candidates), reply)
        return self._homepage(source, reply)

    def _known(self, source: SourceSpec, reply: Reply) -> Batch:
        if reply.status in VANISHED:
            return Batch(more=True)  # the homepage knows where its feed is now
        return self._found(source, source.cursor["feed"], reply)

    def _homepage(self, source: SourceSpec, reply: Reply) -> Batch:
        try:
            return self._found(source, reply.url, reply)  # a feed's address given as a blog's
        except CollectError:
            candidates = feed_candidates(reply)[:MOST_CANDIDATES]
        return Batch(cursor={"try": candidates}, more=True)

    def _candidate(self, source: SourceSpec, candidates: list[str], reply: Reply) -> Batch:
        if reply.status not in REFUSALS:
            try:
                return self._found(source, reply.url, reply)
            except CollectError:
                pass  # a page, or nothing that can be read: the next one may be it
        if rest := candidates[1:]:
            return Batch(cursor={"try": rest}, more=True)
        raise CollectError(
            "no-feed",
            f"no feed was found for {source.url}",
            mend="register the feed's own address as a source of kind feed",
        )

    def _found(self, source: SourceSpec, url: str, reply: Reply) -> Batch:
        batch = read_feed(url, reply)
        return replace(batch, cursor={"feed": url}, homepage=batch.homepage or source.url)
