"""A status as a post: what servers fill in differs, so nothing is relied upon."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.contract import Reply
from collectors.mastodon import MastodonCollector
from collectors.reading import read
from collectors.statuses import Excluded, read_status
from models.domain.post import Post, RawPost
from tests.collectors.instances import STARTS, TAG, URL, source, status


def post(**fields: Any) -> RawPost:
    found = read_status(status(7, **fields), source())
    assert isinstance(found, RawPost)
    return found


def excluded(account: dict[str, Any] | None = None, fields: Any = None, **rule: Any) -> str | None:
    """Why a status is left out; None if it is not."""
    given = dict(fields or {})
    if account is not None:
        given["account"] = {**status(7)["account"], **account}
    found = read_status(status(7, **given), source(**rule))
    assert found is not None
    return found.reason if isinstance(found, Excluded) else None


class TestWhoseAndWhere:
    def test_a_status_of_the_instance_itself(self) -> None:
        found = post()
        assert found.external_id == f"{URL}/users/ada/statuses/7"
        assert (found.url, found.base_url) == (f"{URL}/@ada/7", f"{URL}/@ada/7")
        assert found.author.handle == "@ada@instance.example"
        assert found.author.account == f"{URL}/@ada"
        assert (found.from_origin, found.local_key) == (True, "local:instance.example:7")
        assert found.tags == (TAG,)

    def test_a_copy_of_another_instances(self) -> None:
        ben = {"acct": "ben@there.example", "display_name": "", "username": "ben"}
        found = post(
            uri="https://there.example/o/1", url="https://there.example/@ben/1", account=ben
        )
        assert not found.from_origin
        assert (found.author.handle, found.author.name) == ("@ben@there.example", "ben")

    def test_what_is_no_address_has_no_home(self) -> None:
        assert not post(uri="https://[instance.example/7").from_origin

    def test_without_an_address_the_uri_is_one(self) -> None:
        assert post(url=None).url == f"{URL}/users/ada/statuses/7"
        assert post(url="  ").url == f"{URL}/users/ada/statuses/7"

    def test_an_account_may_lack_everything(self) -> None:
        author = post(account={}).author
        assert (author.name, author.url, author.handle, author.account) == (None, None, None, None)
        assert post(account={"uri": "https://a.example/1"}).author.account == "https://a.example/1"

    @pytest.mark.parametrize(
        "fields", [{"uri": None}, {"uri": ""}, {"account": None}, {"account": 3}]
    )
    def test_without_uri_or_account_it_is_none(self, fields: dict[str, Any]) -> None:
        assert read_status(status(7, **fields), source()) is None

    def test_a_boost_is_no_post(self) -> None:
        assert read_status(status(7, reblog=status(6)), source()) is None


class TestWhen:
    @pytest.mark.parametrize(
        ("text", "moment"),
        [
            ("2026-10-06T07:08:09.123Z", datetime(2026, 10, 6, 7, 8, 9, 123000, UTC)),
            ("2026-10-06T07:08:09Z", datetime(2026, 10, 6, 7, 8, 9, 0, UTC)),
            ("2026-10-06T07:08:09.123456Z", datetime(2026, 10, 6, 7, 8, 9, 123456, UTC)),
            ("2026-10-06T09:08:09+02:00", datetime(2026, 10, 6, 7, 8, 9, 0, UTC)),
            ("2026-10-06T07:08:09", datetime(2026, 10, 6, 7, 8, 9, 0, UTC)),
            ("0001-01-01T00:00:00+14:00", None),
            ("9999-12-31T23:59:59-14:00", None),
            ("soon", None),
            ("", None),
            (1791151200, None),
            (None, None),
        ],
    )
    def test_times_of_every_precision(self, text: Any, moment: datetime | None) -> None:
        assert post(created_at=text).published_at == moment
        assert post(edited_at=text).updated_at == moment


class TestWhatIsLeftOut:
    @pytest.mark.parametrize(
        "visibility", ["private", "direct", "local", "mutuals_only", 3, [], {}]
    )
    def test_what_is_not_public(self, visibility: Any) -> None:
        fields = {"visibility": visibility}
        expected = None if not visibility else "not-public"
        assert excluded(fields=fields) == expected
        assert excluded(fields=fields, participant_registered=True) == expected

    def test_unlisted_only_counts_of_registered_participants(self) -> None:
        fields = {"visibility": "unlisted"}
        assert excluded(fields=fields) == "not-public"
        assert excluded(fields=fields, participant_registered=True) is None

    def test_some_servers_do_not_say(self) -> None:
        assert excluded(fields={"visibility": None}) is None

    def test_who_does_not_want_it(self) -> None:
        assert excluded({"noindex": True}) == "opted-out"
        assert excluded({"noindex": None}) is None

    def test_who_is_not_indexable_where_people_register(self) -> None:
        assert excluded({"indexable": False}) is None
        assert excluded({"indexable": False}, registered_only=True) == "opted-out"
        assert excluded({"indexable": True}, registered_only=True) is None
        assert excluded({}, registered_only=True) is None

    @pytest.mark.parametrize(
        ("note", "reason"),
        [
            ("<p>#nobot</p>", "opted-out"),
            (
                '<p>Hi <a href="https://x.example/tags/NoBot">#<span>NoBot</span></a></p>',
                "opted-out",
            ),
            ("#noindex", "opted-out"),
            ("<p>#nobots, please</p>", "opted-out"),
            ("<p>I build #nobotany sites; nobot</p>", None),
            ("<p><a href='https://x.example/#nobot'>here</a></p>", None),
            (None, None),
            (3, None),
        ],
    )
    def test_who_says_so_in_the_bio(self, note: Any, reason: str | None) -> None:
        assert excluded({"note": note}) == reason

    def test_the_address_stays_known_so_that_it_can_be_explained(self) -> None:
        found = read_status(status(7, visibility="private"), source())
        assert found == Excluded(f"{URL}/users/ada/statuses/7", "not-public", f"{URL}/@ada/7")


class TestContent:
    def test_content_warnings(self) -> None:
        found = post(sensitive=True, spoiler_text="Spinnen")
        assert (found.sensitive, found.content_warning) == (True, "Spinnen")
        assert (post(spoiler_text="").content_warning, post().sensitive) == (None, False)

    def test_a_polls_choices_follow_the_text(self) -> None:
        poll = {"options": [{"title": "A & B"}, {"title": "<b>C</b>"}, {"title": None}, 3]}
        content = post(content="<p>x</p>", poll=poll).content
        assert content == "<p>x</p><ul><li>A &amp; B</li><li>&lt;b&gt;C&lt;/b&gt;</li></ul>"
        assert post(content="x", poll={"options": None}).content == "x"

    @pytest.mark.parametrize(
        "quote",
        [
            {"state": "accepted", "quoted_status": {"url": "https://a.example/1"}},
            {"id": "1", "url": "https://a.example/1", "content": "x"},  # Akkoma
        ],
    )
    def test_a_quoted_status_is_linked(self, quote: Any) -> None:
        content = post(content="", quote=quote).content
        assert content == '<p><a href="https://a.example/1">RE: https://a.example/1</a></p>'
        linked = '<p><a href="https://a.example/1">see</a></p>'
        assert post(content=linked, quote=quote).content == linked

    @pytest.mark.parametrize(
        "quote", [None, {}, {"state": "pending", "quoted_status": None}, {"quoted_status": 3}, "x"]
    )
    def test_a_quote_that_is_not_shown(self, quote: Any) -> None:
        assert post(content="x", quote=quote).content == "x"

    def test_a_cards_address_is_kept(self) -> None:
        card = {"url": "https://a.example/?a=1&b=2", "title": '"Read" <this>'}
        assert post(content="", card=card).content == (
            '<p><a href="https://a.example/?a=1&amp;b=2">&quot;Read&quot; &lt;this&gt;</a></p>'
        )
        linked = '<a href="https://a.example/?a=1&amp;b=2">x</a>'
        assert post(content=linked, card=card).content == linked

    def test_media_with_alternative_texts(self) -> None:
        original = {"width": 1200, "height": 800}
        found = post(
            media_attachments=[
                {
                    "type": "image", "url": "https://f.example/copy.png",
                    "remote_url": "https://there.example/1.png", "description": "A spider",
                    "meta": {"original": original},
                },
                {"type": "gifv", "url": "https://f.example/2.mp4", "meta": None},
                {"type": "audio", "url": "https://f.example/3.ogg", "meta": {"original": 3}},
                {"type": "unknown", "url": "https://f.example/4"},
                {"type": "image", "url": None},
                {"type": [], "url": "https://f.example/5"},
                None,
            ]
        ).media  # fmt: skip
        assert [(m.url, m.type, m.alt, m.width) for m in found] == [
            ("https://there.example/1.png", "image", "A spider", 1200),
            ("https://f.example/2.mp4", "video", None, None),
            ("https://f.example/3.ogg", "audio", None, None),
        ]

    def test_replies_and_mentions(self) -> None:
        mentions = [{"url": f"{URL}/@ben"}, {"url": None}, {}, 3]
        found = post(in_reply_to_id="6", mentions=mentions)
        assert found.in_reply_to == "local:instance.example:6"
        assert found.mentions == (f"{URL}/@ben",)

    @pytest.mark.parametrize("odd", [None, "", 0, []])
    def test_what_answers_nothing(self, odd: Any) -> None:
        assert post(in_reply_to_id=odd).in_reply_to is None


NOW = datetime(2026, 12, 1, tzinfo=UTC)
NONSENSE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
    | st.sampled_from(["https://a.example/1", "\ud800", "a\0b", "public", "http://[", "//x"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["url", "title", "name", "type", "options", "original", "quoted_status"]),
        inner, max_size=4,
    ),
    max_leaves=6,
)  # fmt: skip


@given(
    st.fixed_dictionaries(
        {},
        optional={
            name: NONSENSE
            for name in (*status(1), "edited_at", "sensitive", "spoiler_text", "language", "poll",
                         "card", "quote", "media_attachments", "mentions", "in_reply_to_id")
            if name not in {"id", "reblog"}
        },
    ),
    st.dictionaries(st.sampled_from(["acct", "url", "uri", "note", "display_name"]), NONSENSE),
)  # fmt: skip
def test_no_field_is_too_odd(fields: dict[str, Any], account: dict[str, Any]) -> None:
    """Whatever one status holds, the others of its page are read, and all can be stored."""
    odd: dict[str, Any] = {**status(2, account={"acct": "ada", **account}), **fields}
    body = json.dumps([odd, status(1, at=STARTS)]).encode()
    spec = source()
    reply = Reply(MastodonCollector().ask(spec).url, 200, {}, body)
    entries = read(spec, reply, NOW).entries
    assert any(entry.external_id.endswith("/1") for entry in entries)
    for entry in entries:
        json.dumps(entry.external_id).encode()
        assert entry.external_id.encode().count(b"\0") == 0
        if isinstance(entry, Post):
            told = (entry.url, entry.content_html, entry.excerpt, entry.author.name,
                    entry.author.key, entry.author.url or "", *entry.links, *entry.mentions,
                    *entry.hashtags, *(media.url for media in entry.media))  # fmt: skip
            assert all("\0" not in text and text.encode() is not None for text in told)
