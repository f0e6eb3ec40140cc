"""A collecting run's summary for people."""

from collectors.pipeline import Done
from collectors.summary import Summary


def sentences(summary: Summary) -> str:
    """The summary for people."""
    sources, posts = summary.sources, summary.posts
    asked = sum(sources.values())
    return (
        f"{asked} {'source' if asked == 1 else 'sources'} in {summary.seconds:.1f} s: "
        f"{sources['fetched']} fetched, {sources['unchanged']} unchanged, "
        f"{sources['failed']} failed.\n"
        f"Posts: {posts.new} new, {posts.changed} changed, {posts.withdrawn} withdrawn."
    )


def failure(done: Done) -> str:
    """Which source it is; below, what happened and what mends it."""
    assert done.error is not None
    return f"{done.source.id}  {done.source.url}\n        {done.error.text}"
