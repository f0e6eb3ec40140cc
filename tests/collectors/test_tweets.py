"""Posts of X: text, addresses, pictures, what they answer."""

from typing import Any

import pytest

from collectors.statuses import Excluded
from collectors.tweets import Included, read_tweet
from models.domain.post import RawMedia, RawPost
from tests.servers.x import RecentSearch

USER = {
    "id": "11",
    "name": "Muster (Beispiel)",
    "username": "muster11",
    "profile_image_url": "https://pbs.example/a.jpg",
}


def tweet(text: str = "#muster", **fields: Any) -> dict[str, Any]:
    search = RecentSearch()
    search.post(1, text, **fields)
    return search.tweets[0]


def included(*media: dict[str, Any], **user: Any) -> Included:
    return Included({"includes": {"users": [{**USER, **user}], "media": list(media)}})


def read(text: str = "#muster", media: tuple[dict[str, Any], ...] = (), **fields: Any) -> RawPost:
    found = read_tweet(tweet(text, **fields), included(*media))
    assert isinstance(found, RawPost)
    return found


def test_what_names_it() -> None:
    mentioned = {"mentions": [{"username": "other", "id": "12"}]}
    post = read(id="20", edit_history_tweet_ids=["19", "20"], entities=mentioned)
    assert post.external_id == "https://x.com/i/web/status/19"
    assert post.url == "https://x.com/muster11/status/20"
    assert post.aliases == (
        "https://x.com/i/web/status/20",
        "https://twitter.com/muster11/status/20",
    )
    assert post.local_key == "local:x.com:19"
    assert (post.boosts, post.replies) == (2, 1)
    assert post.author.account == "https://x.com/i/user/11"
    assert post.author.url == "https://x.com/muster11"


def test_short_addresses_are_written_out() -> None:
    urls = [
        {
            "url": "https://t.co/a",
            "expanded_url": "https://blog.example/?a=1&b=2",
            "display_url": "blog.example/?a=1&b=2",
        },
        {
            "url": "https://t.co/ab",
            "expanded_url": "https://x.com/m/status/1/photo/1",
            "media_key": 3,
        },
    ]
    post = read(
        "A &amp; B &lt; C: https://t.co/a\n\n#muster https://t.co/ab", entities={"urls": urls}
    )
    assert post.content == (
        '<p>A &amp; B &lt; C: <a href="https://blog.example/?a=1&amp;b=2">'
        "blog.example/?a=1&amp;b=2</a></p><p>#muster</p>"
    )


def test_long_posts_come_whole() -> None:
    note = {"text": "lang " * 100 + "#muster", "entities": {"hashtags": [{"tag": "muster"}]}}
    post = read("lang lang…", note_tweet=note)
    assert post.content.endswith("#muster</p>")
    assert post.tags == ("muster",)


def test_pictures_and_stills() -> None:
    media = (
        {
            "media_key": "3_1",
            "type": "photo",
            "url": "https://pbs.example/1.jpg",
            "alt_text": "Ein Plakat",
            "width": 800,
            "height": 600,
        },
        {"media_key": "7_1", "type": "video", "preview_image_url": "https://pbs.example/2.jpg"},
    )
    post = read(media=media, attachments={"media_keys": ["3_1", "7_1", "9_9"]})
    assert post.media == (
        RawMedia("https://pbs.example/1.jpg", "image", "Ein Plakat", 800, 600),
        RawMedia("https://pbs.example/2.jpg", "image"),
    )


def test_answers_and_quotes() -> None:
    post = read(
        referenced_tweets=[{"type": "replied_to", "id": "5"}, {"type": "quoted", "id": "6"}],
        entities={"mentions": [{"username": "other", "id": "12"}]},
    )
    assert post.in_reply_to == "local:x.com:5"
    assert "RE: https://x.com/i/web/status/6" in post.content
    assert post.mentions == ("https://x.com/i/user/12",)
    urls = [{"url": "https://t.co/q", "expanded_url": "https://x.com/other/status/6"}]
    shown = read(
        "https://t.co/q",
        referenced_tweets=[{"type": "quoted", "id": "6"}],
        entities={"urls": urls},
    )
    assert "RE:" not in shown.content


def test_what_is_passed_on_is_no_post() -> None:
    assert (
        read_tweet(tweet(referenced_tweets=[{"type": "retweeted", "id": "5"}]), included()) is None
    )


def test_protected_accounts() -> None:
    found = read_tweet(tweet(), included(protected=True))
    assert isinstance(found, Excluded)
    assert found.reason == "not-public"


@pytest.mark.parametrize(("code", "language"), [("de", "de"), ("und", None), ("qme", None)])
def test_languages(code: str, language: str | None) -> None:
    assert read(lang=code).language == language


@pytest.mark.parametrize("value", [{}, {"id": 5, "text": "x"}, {"id": "x", "text": "x"}])
def test_what_is_no_post(value: dict[str, Any]) -> None:
    assert read_tweet(value, Included({"includes": []})) is None


def test_an_author_that_is_not_included() -> None:
    found = read_tweet(tweet(), Included({}))
    assert isinstance(found, RawPost)
    assert found.url == found.external_id
