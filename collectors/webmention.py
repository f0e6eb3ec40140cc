"""Kind `webmention`: a page that says it responds to a post of the course.

https://www.w3.org/TR/webmention/ sections 3.2.2 and 3.2.4; https://microformats.org/wiki/h-entry

Registered by whoever sends a Webmention, never by hand. The page must link to the target, and goes
on being looked at now and then: what no longer links, or is gone, is withdrawn.

Options: `target`, the address on our own pages; `post`, the address of the post it stands for, or
none for a course's page: then it is a post like any other, if it carries the hashtag.
"""

from dataclasses import replace

from selectolax.lexbor import LexborHTMLParser

from collectors import microformats
from collectors.contract import PAGE_LIMIT, Ask, Batch, CollectError, Reply
from models.domain.links import absolute, canonical, host_key
from models.domain.post import Kind, RawPost
from models.domain.source import SourceSpec

GONE = 410
ACCEPT = "text/html, application/xhtml+xml;q=0.9"


class WebmentionCollector:
    kind = "webmention"
    pace = (43_200.0, 86_400.0)
    comes_by_itself = True
    no_past = "a Webmention is one page, which has nothing before it"

    def ask(self, source: SourceSpec) -> Ask:
        return Ask(source.url, limit=PAGE_LIMIT, accept=ACCEPT, answers=frozenset({GONE}))

    def parse(self, source: SourceSpec, reply: Reply) -> Batch:
        if reply.status == GONE:
            return Batch(withdrawn=(source.url,))
        if not _links_to(reply, source.options.get("target", "")):
            if source.cursor.get("verified"):
                return Batch(withdrawn=(source.url,))
            raise CollectError(
                "no-link",
                f"{source.url} does not link to the post it says it responds to",
                mend="link to that post's page and send the Webmention again",
            )
        return Batch(posts=(_response(source, reply),), cursor={"verified": True})


def _links_to(reply: Reply, target: str) -> bool:
    tree = LexborHTMLParser(reply.body)
    wanted = canonical(target)
    found = (
        node.attributes.get(name) or ""
        for name in ("href", "src", "cite")
        for node in tree.css(f"[{name}]")
    )
    addresses = (absolute(address, reply.url) for address in found)
    return any(address is not None and canonical(address) == wanted for address in addresses)


def _response(source: SourceSpec, reply: Reply) -> RawPost:
    """What its h-entry says; of a page without one, no more than that it is there."""
    entry = next(microformats.entries(reply), {})
    found = microformats.post(entry, reply.url)
    url, post = found.url, source.options.get("post")
    return replace(
        found,
        external_id=source.url,
        kind=Kind.COMMENT if post else Kind.BLOG,
        url=url if url and host_key(url) == host_key(reply.url) else source.url,
        in_reply_to=post,
        is_response=post is not None,
    )
