"""Bluesky posts: facets, embeds, labels."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.postviews import read_post, rich_text
from collectors.statuses import Excluded
from models.domain.html import clean
from models.domain.post import RawMedia, RawPost
from tests.servers.bluesky import DID, Network

PROFILE = f"https://bsky.app/profile/{DID}"


def read(text: str = "#muster", view: dict[str, Any] | None = None, **record: Any) -> RawPost:
    made = {**Network().post(1, text, **record), **(view or {})}
    found = read_post(made)
    assert isinstance(found, RawPost)
    return found


def facet(text: str, words: str, **feature: Any) -> dict[str, Any]:
    """A facet over words of a text; its offsets count bytes."""
    start = text.encode().index(words.encode())
    kind = {"uri": "link", "tag": "tag", "did": "mention"}[next(iter(feature))]
    return {
        "index": {"byteStart": start, "byteEnd": start + len(words.encode())},
        "features": [{"$type": f"app.bsky.richtext.facet#{kind}", **feature}],
    }


def test_what_names_it() -> None:
    post = read(reply={"parent": {"uri": "at://did:plc:other/app.bsky.feed.post/1"}}, langs=["de"])
    assert post.external_id == f"at://{DID}/app.bsky.feed.post/000001"
    assert post.url == "https://bsky.app/profile/muster.example/post/000001"
    assert post.aliases == (f"{PROFILE}/post/000001",)
    assert post.in_reply_to == "at://did:plc:other/app.bsky.feed.post/1"
    assert (post.language, post.boosts, post.replies) == ("de", 2, 1)
    assert post.author.url == "https://bsky.app/profile/muster.example"
    assert post.author.account == PROFILE


def test_a_handle_that_leads_nowhere_is_not_shown() -> None:
    post = read(view={"author": {"did": DID, "handle": "handle.invalid"}})
    assert post.url == f"{PROFILE}/post/000001"
    assert post.author.name is None


def test_facets_count_bytes() -> None:
    text = "Größe 🎓 #fürAlle: siehe example.org/a… @other"
    facets = [
        facet(text, "@other", did="did:plc:other"),
        facet(text, "#fürAlle", tag="fürAlle"),
        facet(text, "example.org/a…", uri="https://example.org/a?b=1&c=2"),
    ]
    post = read(text, facets=facets, tags=["zusatz"])
    assert post.content == (
        "<p>Größe 🎓 "
        '<a href="https://bsky.app/hashtag/f%C3%BCrAlle">#fürAlle</a>: siehe '
        '<a href="https://example.org/a?b=1&amp;c=2">example.org/a…</a> '
        '<a href="https://bsky.app/profile/did:plc:other">@other</a></p>'
    )
    assert post.tags == ("fürAlle", "zusatz")
    assert post.mentions == ("https://bsky.app/profile/did:plc:other",)


@pytest.mark.parametrize(
    "index",
    [
        {"byteStart": 1, "byteEnd": 4},
        {"byteStart": 5, "byteEnd": 5},
        {"byteStart": -1, "byteEnd": 3},
        {"byteStart": 0, "byteEnd": 99},
        {"byteStart": "0", "byteEnd": 3},
        {},
    ],
)
def test_facets_that_cannot_be_right(index: dict[str, Any]) -> None:
    link = {"$type": "app.bsky.richtext.facet#link", "uri": "https://example.org"}
    assert rich_text("äöü & ß", [{"index": index, "features": [link]}]) == "<p>äöü &amp; ß</p>"


FACETS = st.lists(
    st.builds(
        lambda start, size, uri: {
            "index": {"byteStart": start, "byteEnd": start + size},
            "features": [{"uri": uri}],
        },
        st.integers(-2, 40),
        st.integers(-2, 20),
        st.text(max_size=20),
    ),
    max_size=6,
)


@given(st.text(max_size=40), FACETS)
def test_no_text_is_lost_whatever_the_facets(text: str, facets: list[dict[str, Any]]) -> None:
    shown = clean(rich_text(text, facets), None).text
    assert "".join(shown.split()) == "".join(clean(rich_text(text, []), None).text.split())


def test_paragraphs_and_lines() -> None:
    assert rich_text("a\nb\n\n\nc <i>", []) == "<p>a<br>b</p><p>c &lt;i&gt;</p>"
    assert rich_text("  ", []) == ""


def test_pictures() -> None:
    picture = {
        "thumb": "https://cdn.example/t.jpg",
        "fullsize": "https://cdn.example/f.jpg",
        "alt": "Ein Plakat",
        "aspectRatio": {"width": 800, "height": 600},
    }
    shown = RawMedia("https://cdn.example/f.jpg", "image", "Ein Plakat", 800, 600)
    for name, kind in (("images", "images"), ("items", "gallery")):
        embed = {"$type": f"app.bsky.embed.{kind}#view", name: [picture]}
        assert read(view={"embed": embed}).media == (shown,)


def test_a_video_shows_its_still() -> None:
    embed = {
        "$type": "app.bsky.embed.video#view",
        "playlist": "https://video.example/p.m3u8",
        "thumbnail": "https://video.example/t.jpg",
        "alt": "Eine Tafel",
    }
    (shown,) = read(view={"embed": embed}).media
    assert shown == RawMedia("https://video.example/t.jpg", "image", "Eine Tafel")


def quoted() -> dict[str, Any]:
    return {
        "$type": "app.bsky.embed.record#view",
        "record": {
            "$type": "app.bsky.embed.record#viewRecord",
            "uri": "at://did:plc:other/app.bsky.feed.post/9",
            "author": {"did": "did:plc:other", "handle": "other.example"},
            "value": {"text": "what was said"},
        },
    }


def test_cards_and_quotes_are_linked() -> None:
    card = {
        "$type": "app.bsky.embed.external#view",
        "external": {"uri": "https://blog.example/a", "title": "Ein <Beitrag>"},
    }
    assert read(view={"embed": card}).content == (
        '<p>#muster</p><p><a href="https://blog.example/a">Ein &lt;Beitrag&gt;</a></p>'
    )
    text = "blog.example/a #muster"
    linked = read(
        text,
        view={"embed": card},
        facets=[facet(text, "blog.example/a", uri="https://blog.example/a")],
    )
    assert linked.content.count("<a ") == 1
    both = {"$type": "app.bsky.embed.recordWithMedia#view", "record": quoted(), "media": card}
    content = read(view={"embed": both}).content
    assert "RE: https://bsky.app/profile/other.example/post/9" in content
    assert "https://blog.example/a" in content


def test_quotes_that_were_taken_back_are_left_out() -> None:
    embed = {"$type": "app.bsky.embed.record#view", "record": {"uri": "at://x", "notFound": True}}
    assert read(view={"embed": embed}).content == "<p>#muster</p>"


def test_labels() -> None:
    own = {"$type": "com.atproto.label.defs#selfLabels", "values": [{"val": "nudity"}]}
    post = read(labels=own)
    assert (post.sensitive, post.content_warning) == (True, "nudity")
    taken_back = {"labels": [{"val": "porn", "neg": True}]}
    assert not read(view=taken_back).sensitive
    assert read(view={"labels": [{"val": "!warn"}]}).content_warning == "warn"


@pytest.mark.parametrize(
    ("author", "post", "reason"),
    [("!no-unauthenticated", None, "opted-out"), (None, "!hide", "not-public")],
)
def test_what_is_not_for_everybody(author: str | None, post: str | None, reason: str) -> None:
    network = Network(labels=[{"val": author, "src": DID}] if author else [])
    view = {**network.post(1), "labels": [{"val": post}] if post else []}
    found = read_post(view)
    assert isinstance(found, Excluded)
    assert found.reason == reason


def test_a_clock_that_runs_ahead() -> None:
    post = read(createdAt="2031-01-01T00:00:00Z")
    assert post.published_at is not None
    assert post.published_at.year == 2026


@pytest.mark.parametrize(
    "view", [{}, {"uri": 7}, {"uri": "at://x/y/z", "record": {"text": ""}}, {"record": []}]
)
def test_what_is_no_post(view: dict[str, Any]) -> None:
    assert read_post(view) is None
