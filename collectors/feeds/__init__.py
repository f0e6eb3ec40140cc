"""Reading feeds: RSS 0.9x/1.0/2.0, Atom 0.3/1.0 and JSON Feed, from bytes to a `Batch`.

`fast` reads what is well-formed and usual, `slow` (feedparser) everything else, `jsonfeed` JSON.
"""

from collectors.contract import Batch, Reply

ACCEPT = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml;q=0.9, "
    "application/xml;q=0.8, text/xml;q=0.8, application/json;q=0.7, */*;q=0.1"
)
"""What to ask of a server that has several forms of a feed."""


def read_feed(source_url: str, reply: Reply) -> Batch:
    """The entries of a feed, and what it says of itself.

    `source_url` is the address that was asked (the base of last resort). Pure: equal answers give
    equal batches. Raises `CollectError` with code `not-a-feed` or `empty-body`.
    """
    # A collector knows this function and never calls it: its workers do, who have it all loaded.
    from collectors.feeds import fast, jsonfeed, slow, sniff

    body, address = reply.body, reply.url or source_url
    batch = fast.read(body, address)
    if batch is not None:
        return batch
    sniff.refuse_other_data(body)
    if body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in {b"{", b"["}:
        return jsonfeed.read(body, address)
    if sniff.is_page(body):
        raise sniff.no_feed(body, address)
    batch = slow.read(body, reply.headers.get("content-type", ""), address)
    if batch is None:
        raise sniff.no_feed(body, address)
    return batch
