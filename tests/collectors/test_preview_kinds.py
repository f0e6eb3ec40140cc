"""Services whose addresses alone say what they are."""

import pytest

from collectors.preview import kind_of_host


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("https://bsky.app/profile/muster.example", "bluesky"),
        ("https://www.bsky.app/hashtag/muster", "bluesky"),
        ("https://bsky.social", "bluesky"),
        ("https://x.com/hashtag/muster", "x"),
        ("https://Twitter.com", "x"),
        ("https://muster.bsky.social", None),
        ("https://example.org/x.com", None),
        ("http://x.com:8080/", None),
        ("https://", None),
    ],
)
def test_addresses(url: str, kind: str | None) -> None:
    assert kind_of_host(url) == kind
