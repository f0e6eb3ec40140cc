"""Kind `comments`: a post's feed of comments (`wfw:commentRss`, Atom `rel=replies`).

Derived from the posts of a course (`reading`), never registered by hand. Every entry is a response
to that post, whatever its tags; an entry that names its own parent (RFC 4685) answers that one.

Options: `post`, the address of the post commented on.
"""

from dataclasses import replace

from collectors import older
from collectors.contract import Ask, Batch, Reply
from collectors.feeds import ACCEPT, read_feed
from models.domain.post import Kind, RawPost
from models.domain.source import SourceSpec


class CommentsCollector:
    kind = "comments"
    pace = (1800.0, 86_400.0)
    comes_by_itself = True

    def ask(self, source: SourceSpec) -> Ask:
        return Ask(source.url, accept=ACCEPT)

    def parse(self, source: SourceSpec, reply: Reply) -> Batch:
        batch = read_feed(source.url, reply)
        post = source.options.get("post")
        comments = tuple(_comment(entry, post) for entry in batch.posts)
        return replace(batch, posts=comments, homepage=None, title=batch.title)

    def ways(self, source: SourceSpec) -> int:
        return 1

    def look_back(self, source: SourceSpec) -> Ask:
        return older.ask(source, source.url)

    def read_back(self, source: SourceSpec, reply: Reply) -> Batch:
        return older.read(source, reply, lambda answer: self.parse(source, answer))


def _comment(entry: RawPost, post: str | None) -> RawPost:
    """The post itself, which some feeds list first, is left without a parent."""
    parent = entry.in_reply_to or post
    return replace(
        entry,
        kind=Kind.COMMENT,
        is_response=True,
        in_reply_to=None if parent in {entry.url, entry.external_id} else parent,
        comments_url=None,
    )
