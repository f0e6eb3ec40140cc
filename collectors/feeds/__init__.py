"""Reading feeds: RSS 0.9x/1.0/2.0, Atom 0.3/1.0 and JSON Feed, from bytes to a `Batch`."""

from collectors.contract import Batch, CollectError, Reply


def read_feed(source_url: str, reply: Reply) -> Batch:
    """The entries of a feed, and what it says of itself.

    `source_url` is the address that was asked (the base of last resort). Pure: equal answers give
    equal batches. Raises `CollectError` with code `not-a-feed` or `empty-body`.
    """
    raise CollectError("not-a-feed", f"{source_url} cannot be read yet")


def warm() -> None:
    """Imports what the slow way needs, so that a forked worker inherits it."""
    import feedparser  # noqa: F401 -- imported for its side effect: it fills sys.modules
