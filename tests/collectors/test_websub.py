"""WebSub, the pure part: offers, requests, signatures."""

import hashlib
import hmac
from urllib.parse import parse_qs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.contract import Hints
from collectors.linkheader import links_of
from collectors.websub import Offer, is_about, is_genuine, offer, request

URL = "https://ada.example/feed"
IN_FEED = Hints(hub="https://hub.example/", self_url="https://ada.example/feed.xml")


def test_an_offer_stands_in_the_feed_or_in_link_headers_which_count_more() -> None:
    assert offer(URL, {}, IN_FEED) == Offer("https://hub.example/", "https://ada.example/feed.xml")
    header = '<https://other.example/>; rel="hub", </self>; rel=self, <x>; rel="hub"'
    found = offer(URL, {"link": header}, IN_FEED)
    assert found == Offer("https://other.example/", "https://ada.example/self")
    assert offer(URL, {"link": "<https://other.example/>; rel=hub"}, Hints()) is None
    assert offer(URL, {}, Hints(hub="https://hub.example/")) is None


def test_what_a_hub_is_asked() -> None:
    ask = request("subscribe", "https://hub.example/", URL, "https://we.example/websub/1", "s")
    fields = {name: values[0] for name, values in parse_qs((ask.body or b"").decode()).items()}
    assert (ask.method, ask.url) == ("POST", "https://hub.example/")
    assert fields["hub.mode"] == "subscribe"
    assert fields["hub.topic"] == URL
    assert fields["hub.callback"] == "https://we.example/websub/1"
    assert fields["hub.secret"] == "s"
    ending = request("unsubscribe", "https://hub.example/", URL, "https://we.example/websub/1", "s")
    assert b"secret" not in (ending.body or b"")


@given(
    st.binary(),
    st.text(st.characters(codec="ascii"), min_size=1),
    st.sampled_from(["sha1", "sha256", "sha384", "sha512"]),
)
def test_signatures(body: bytes, secret: str, method: str) -> None:
    digest = hmac.new(secret.encode(), body, getattr(hashlib, method)).hexdigest()
    assert is_genuine(body, f"{method}={digest}", secret)
    assert is_genuine(body, f" {method.upper()}={digest.upper()} ", secret)
    assert not is_genuine(body + b"x", f"{method}={digest}", secret)
    assert not is_genuine(body, f"{method}={digest}", secret + "x")
    assert not is_genuine(body, digest, secret)


@pytest.mark.parametrize(
    "signature", ["", "=", "md5=x", "sha256", "sha256=", "sha256=ü", "sha256=\udcff"]
)
def test_what_is_no_signature(signature: str) -> None:
    assert not is_genuine(b"", signature, "secret")


def test_a_delivery_is_about_its_topic_or_says_nothing() -> None:
    assert is_about(URL, {})
    assert is_about(URL, {"link": f"<{URL}>; rel=self"})
    assert not is_about(URL, {"link": "<https://else.example/>; rel=self"})


@given(st.text(max_size=300))
def test_no_link_header_is_too_strange(value: str) -> None:
    for target, rel in links_of(value):
        assert ">" not in target
        assert rel == rel.lower()
