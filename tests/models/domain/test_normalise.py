import pickle
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.domain.hashtags import match_key
from models.domain.identity import key_of_url, reply_key
from models.domain.normalise import (
    AHEAD,
    EARLIEST,
    MAX_ALT,
    MAX_CONTENT,
    MAX_ID,
    MAX_LINKS,
    MAX_MEDIA,
    MAX_NAME,
    MAX_TAG,
    MAX_TAGS,
    MAX_TITLE,
)
from models.domain.post import Kind, Media, RawAuthor, RawMedia, RawPost, Unmatched
from models.domain.source import Match, Rule
from tests.models.domain.html.inspecting import offences
from tests.models.domain.samples import ALL, NOW, RULE, entry, post, raw, source

BLOG = source(rule=RULE)


# -- which entries are the course's


@pytest.mark.parametrize(
    "tagged",
    [
        {"tags": ("e20mooc",)},
        {"tags": ("#E20MOOC",)},
        {"tags": ("＃e20mooc",)},
        {"tags": (" &#35;e20mooc ",)},
        {"tags": (*(f"tag{number}" for number in range(500)), "e20mooc")},
        {"title": "Woche 4 #e20mooc"},
        {"title": "Woche 4 &#35;E20Mooc", "title_is_text": False},
        {"content": "<p>Text</p><p>#<b>e20mooc</b></p>"},
        {"content": "Text\n#e20mooc", "content_is_text": True},
        {"content": "", "summary": "<p>#e20mooc</p>"},
        {"content": "<script>x</script>", "summary": "#e20mooc"},
        {"title": "Füße", "tags": ("é20móóc",)},
    ],
)
def test_matches_in_categories_title_and_visible_text(tagged: dict[str, Any]) -> None:
    assert post(raw(**{"content": "", "title": None, **tagged}), BLOG).hashtags


@pytest.mark.parametrize(
    "other",
    [
        {"tags": ("e20moocs", "e20 mooc", "x e20mooc")},
        {"title": "e20mooc, C#e20mooc und https://blog.example/?x=,#e20mooc"},
        {"content": "<a href='https://blog.example/#e20mooc' title='#e20mooc'>x</a>"},
        {"content": "<code>#e20mooc</code><pre>#e20mooc</pre><img alt='#e20mooc' src=/x>"},
        {"content": "<!-- #e20mooc --><style>#e20mooc{}</style><script>'#e20mooc'</script>"},
        {"content": "<p>x</p>", "summary": "#e20mooc is not shown"},
        {"content": "&amp;#e20mooc", "title": "&#8211;"},
        {"content": "https://blog.example/x/#e20mooc", "content_is_text": True},
    ],
)
def test_and_nowhere_else(other: dict[str, Any]) -> None:
    found = entry(raw(**{"content": "", "title": None, **other}), BLOG)
    assert isinstance(found, Unmatched)
    assert found.reason == "no-hashtag"


def test_with_match_all_every_entry_counts() -> None:
    assert post(raw(content="x"), source(rule=ALL)).hashtags == ()


def test_any_of_the_courses_hashtags_counts() -> None:
    rule = Rule(hashtags=("e20mooc", "fusse"), match=Match.HASHTAG, language="de")
    assert post(raw(content="#Füße"), source(rule=rule)).hashtags == ("füsse",)


def test_an_entry_that_is_not_the_courses_changes_with_what_could_match() -> None:
    one = entry(raw(content="<p>x</p>"), BLOG)
    assert entry(raw(content="<p>x</p>", published_at=NOW), BLOG).digest == one.digest
    assert entry(raw(content="<p>y</p>"), BLOG).digest != one.digest
    assert entry(raw(content="<p>x</p>", title="z"), BLOG).digest != one.digest
    assert entry(raw(content="<p>x</p>", tags=("t",)), BLOG).digest != one.digest


# -- times


@pytest.mark.parametrize(
    ("published", "updated", "shown"),
    [
        (NOW - timedelta(days=9), None, NOW - timedelta(days=9)),
        (EARLIEST, None, EARLIEST),
        (NOW + timedelta(days=1), None, NOW + timedelta(days=1)),
        (NOW + timedelta(hours=23), None, NOW + timedelta(hours=23)),
        (None, NOW - timedelta(days=1), NOW - timedelta(days=1)),
        (datetime(1970, 1, 1, tzinfo=UTC), NOW - timedelta(days=1), NOW - timedelta(days=1)),
    ],
)
def test_times_that_can_be_believed(
    published: datetime | None, updated: datetime | None, shown: datetime
) -> None:
    found = post(raw(published_at=published, updated_at=updated))
    assert (found.published_at, found.dated) == (shown, True)


@pytest.mark.parametrize(
    "stated",
    [
        None,
        datetime(1970, 1, 1, tzinfo=UTC),
        EARLIEST - timedelta(seconds=1),
        datetime.min.replace(tzinfo=UTC),
        NOW + timedelta(days=1, seconds=10),
        datetime.max.replace(tzinfo=UTC),
    ],
)
def test_without_one_it_is_the_moment_it_was_first_seen(stated: datetime | None) -> None:
    found = post(raw(published_at=stated, updated_at=stated))
    assert (found.published_at, found.dated, found.updated_at) == (NOW, False, None)
    later = post(raw(published_at=stated, updated_at=stated), now=NOW + timedelta(seconds=9))
    assert later.digest == found.digest


@pytest.mark.parametrize(
    ("updated", "kept"),
    [
        (NOW, NOW),
        (NOW - timedelta(hours=1), None),
        (NOW - timedelta(days=9), None),
        (NOW + timedelta(days=9), None),
    ],
)
def test_a_change_comes_after_the_publication(updated: datetime, kept: datetime | None) -> None:
    assert post(raw(updated_at=updated)).updated_at == kept


# -- texts


def test_titles_names_and_warnings_are_plain_text() -> None:
    found = post(
        raw(
            title="<b>Über</b> &amp;amp; <script>ran()</script>unter\x00",
            author=RawAuthor(name="<i>Ada</i> &lt;b&gt;Beispiel&lt;/b&gt;"),
            content_warning="<p>Vor<br>sicht</p>",
            tags=("<b>Tag</b>", "a &amp; b"),
            media=(RawMedia("/x.png", alt="<i>Ein</i> Bild"),),
        )
    )
    assert found.title == "Über & unter"
    assert found.author.name == "Ada Beispiel"
    assert found.content_warning == "Vor sicht"
    assert found.hashtags[:3] == ("e20mooc", "tag", "a & b")
    assert found.media[0].alt == "Ein Bild"


def test_a_title_that_is_declared_as_text_is_taken_at_its_word() -> None:
    assert post(raw(title=" Wie  man <b> &amp;\nschreibt ", title_is_text=True)).title == (
        "Wie man <b> &amp; schreibt"
    )


def test_content_that_is_text_becomes_html() -> None:
    found = post(raw(content="a < b\n\nhttps://a.example/x", content_is_text=True))
    assert found.content_html.startswith("<p>a &lt; b</p><p><a href=")
    assert found.links == ("https://a.example/x",)


def test_the_excerpt_is_plain_and_short() -> None:
    found = post(raw(content="<p>Wort &lt;b&gt; " + "Wort " * 200 + "</p>"))
    assert len(found.excerpt) <= 300
    assert found.excerpt.startswith("Wort <b> Wort")


def test_too_much_is_cut() -> None:
    found = post(
        raw(
            "x" * 5000,
            title="T" * 5000,
            content="".join(f"<a href=https://a.example/{n}>x</a>" for n in range(500)),
            author=RawAuthor(name="N" * 5000, handle=f"@{'a' * 5000}@b.example"),
            tags=(*(f"t{n}" for n in range(500)), "z" * 5000),
            media=tuple(RawMedia(f"/{n}.png", alt="A" * 5000) for n in range(50)),
        )
    )
    assert len(found.external_id) == MAX_ID
    assert len(found.title or "") == MAX_TITLE
    assert len(found.author.name) == MAX_NAME
    assert found.author.handle is None
    assert len(found.links) == len(found.link_keys) == MAX_LINKS
    assert len(found.hashtags) == MAX_TAGS
    assert max(map(len, found.hashtags)) <= MAX_TAG
    assert len(found.media) == MAX_MEDIA
    assert len(found.media[0].alt or "") == MAX_ALT


def test_the_courses_own_tag_is_not_cut() -> None:
    many = tuple(f"t{number}" for number in range(500))
    found = post(raw(tags=many, content=" ".join(f"#x{n}" for n in range(200)) + " #e20mooc"))
    assert found.hashtags[0] == "e20mooc"
    assert len(found.hashtags) == MAX_TAGS


def test_long_ids_stay_different_entries() -> None:
    one, other = post(raw("x" * 2000 + "1")), post(raw("x" * 2000 + "2"))
    assert one.external_id == other.external_id
    assert one.entry_key != other.entry_key


def test_of_content_beyond_the_limit_the_beginning_is_kept_as_text() -> None:
    found = post(raw(content=f"<p>Wort <b>fett</b> {'Wort ' * 100}</p>" * 1_500))
    assert found.content_html.startswith("<p>Wort fett")
    assert len(found.content_html) < MAX_CONTENT
    assert "<b>" not in found.content_html
    assert offences(found.content_html) == []


@pytest.mark.parametrize(
    ("language", "kept"),
    [
        ("de", "de"),
        ("de-AT", "de"),
        ("EN_us", "en"),
        (" fr ", "fr"),
        ("gsw", "gsw"),
        (None, "de"),
        ("", "de"),
        ("und", "de"),
        ("mul", "de"),
        ("Deutsch", "de"),
        ("<x>", "de"),
    ],
)
def test_languages(language: str | None, kept: str) -> None:
    assert post(raw(language=language)).language == kept


# -- people


def author_of(author: RawAuthor, **given: Any) -> tuple[str, str]:
    found = post(raw(author=author), source(rule=ALL, **given)).author
    return found.name, found.key


def test_an_account_is_a_person_else_an_address_else_a_name_within_the_source() -> None:
    account = RawAuthor("Ada", "https://a.example/@ada", account="https://a.example/users/ada")
    assert author_of(account)[1] == "https://a.example/users/ada"
    address = RawAuthor("Ada", "http://www.a.example/ada/")
    assert author_of(address)[1] == "https://a.example/ada"
    named = RawAuthor("ADA")
    assert author_of(named)[1] == author_of(RawAuthor("ada"))[1]
    assert author_of(named)[1] != author_of(named, id="another")[1]


def test_a_site_that_several_share_is_no_person() -> None:
    ada, bert = (RawAuthor(name, "https://blog.example/") for name in ("Ada", "Bert"))
    assert author_of(ada)[1] != author_of(bert)[1]


def test_names() -> None:
    assert author_of(RawAuthor("Ada"), participant_name="Bert")[0] == "Ada"
    assert author_of(RawAuthor("<b></b>"), participant_name="Bert")[0] == "Bert"
    assert author_of(RawAuthor(handle="@ada@a.example"))[0] == "@ada@a.example"
    assert author_of(RawAuthor(), title="Ein Blog")[0] == "Ein Blog"
    assert author_of(RawAuthor())[0] == "blog.example"


@pytest.mark.parametrize("handle", ["ada", "@ada", "@ada@<b>", "@a da@b.example", "x@a@b"])
def test_handles_are_handles(handle: str) -> None:
    assert post(raw(author=RawAuthor("Ada", handle=handle))).author.handle is None


@pytest.mark.parametrize("url", ["javascript:ran()", "mailto:a@b.example", "https://u@a.example/"])
def test_addresses_are_web_addresses(url: str) -> None:
    found = post(
        raw(
            url=url,
            author=RawAuthor("Ada", url, avatar_url=url),
            media=(RawMedia(url),),
            in_reply_to=url,
            mentions=(url, "https://a.example/@bert", "https://a.example/@bert"),
        )
    )
    assert found.url == "https://blog.example/feed"
    assert (found.author.url, found.author.avatar_url, found.in_reply_to) == (None, None, None)
    assert found.media == ()
    assert found.mentions == ("https://a.example/@bert",)


def test_media_of_entry_and_text_come_once() -> None:
    found = post(
        raw(
            media=(RawMedia("/x.png", alt="X", width=3, height=2), RawMedia("/y", "application")),
            content="<img src=/x.png><img src=/z.png width=9 height=8>",
        )
    )
    assert found.media == (
        Media("https://blog.example/x.png", "image", "X", 3, 2),
        Media("https://blog.example/z.png", "image", None, 9, 8),
    )


def test_relative_addresses_are_resolved() -> None:
    found = post(raw(url="post", base_url="https://blog.example/2024/", content="<a href=x>y</a>"))
    assert found.url == "https://blog.example/2024/post"
    assert found.links == ("https://blog.example/2024/x",)
    assert found.link_keys == (key_of_url("https://blog.example/2024/x"),)


def test_replies() -> None:
    answered = "https://a.example/post"
    assert post(raw(in_reply_to=answered)).in_reply_to == answered
    assert post(raw(in_reply_to=answered)).reply_key == reply_key(answered)
    local = post(raw(in_reply_to="local:a.example:1"))
    assert local.in_reply_to is None
    assert local.reply_key == reply_key("local:a.example:1")


# -- who speaks for a post


def test_a_source_speaks_for_its_own_host_only() -> None:
    assert post(raw()).from_origin
    assert not post(raw(from_origin=False)).from_origin
    assert not post(raw(url="https://victim.example/post")).from_origin
    assert not post(raw("https://victim.example/?p=1", url=None)).from_origin
    assert post(raw("1", url=None)).from_origin


# -- digests and everything


@pytest.mark.parametrize(
    "changed",
    [
        {"title": "Ein anderer"},
        {"content": "<p>Anders #e20mooc</p>"},
        {"url": "https://blog.example/other"},
        {"published_at": NOW - timedelta(hours=2)},
        {"updated_at": NOW},
        {"tags": ("x",)},
        {"kind": Kind.VIDEO},
        {"language": "en"},
        {"author": RawAuthor("Bert")},
        {"author": RawAuthor("Ada", account="https://a.example/ada")},
        {"media": (RawMedia("/x.png"),)},
        {"in_reply_to": "https://a.example/x"},
        {"mentions": ("https://a.example/@x",)},
        {"sensitive": True},
        {"content_warning": "Vorsicht"},
        {"from_origin": False},
    ],
    ids=lambda changed: str(*changed),
)
def test_a_change_that_can_be_seen_changes_the_digest(changed: dict[str, Any]) -> None:
    plain = raw(author=RawAuthor("Ada"))
    assert post(replace(plain, **changed)).digest != post(plain).digest


@pytest.mark.parametrize(
    "changed",
    [
        {"content": "<p class='x'>Ein Text #e20mooc</p>\n"},
        {"title": " Ein\n Titel"},
        {"summary": "Ein"},
        {"content": "<p>Ein Text #e20mooc<script>ran(1)</script></p>"},
    ],
)
def test_a_change_that_nobody_sees_does_not(changed: dict[str, Any]) -> None:
    assert post(replace(raw(), **changed)).digest == post(raw()).digest


texts = st.text(st.characters(), max_size=20)
optional = st.one_of(st.none(), texts)
addresses = st.one_of(
    st.none(),
    texts,
    st.sampled_from(["https://blog.example/x", "https://./", "//a", "https://[", "/x", "x\ud800"]),
)
moments = st.one_of(st.none(), st.datetimes(timezones=st.just(UTC)))
entries = st.builds(
    RawPost,
    external_id=st.one_of(texts, addresses.map(lambda url: url or "")),
    url=addresses,
    title=optional,
    title_is_text=st.booleans(),
    content=texts,
    content_is_text=st.booleans(),
    base_url=addresses,
    summary=optional,
    language=optional,
    published_at=moments,
    updated_at=moments,
    author=st.builds(
        RawAuthor, name=optional, url=addresses, handle=optional, avatar_url=addresses,
        account=st.one_of(st.none(), texts),
    ),
    tags=st.lists(texts, max_size=4).map(tuple),
    media=st.lists(
        st.builds(RawMedia, url=addresses.map(lambda url: url or ""), alt=optional), max_size=3
    ).map(tuple),
    in_reply_to=addresses,
    mentions=st.lists(texts, max_size=3).map(tuple),
    aliases=st.lists(addresses.map(lambda url: url or ""), max_size=3).map(tuple),
    from_origin=st.booleans(),
    content_warning=optional,
)  # fmt: skip


@given(entries, st.sampled_from(["https://blog.example/feed", "http://[::1]:8080"]))
def test_whatever_a_source_says_what_comes_out_is_safe(one: RawPost, address: str) -> None:
    by = source(address, rule=ALL)
    found = post(one, by)
    assert post(one, by) == found
    assert pickle.loads(pickle.dumps(found)) == found
    assert offences(found.content_html) == []
    assert found.identity_keys
    assert len(set(found.identity_keys)) == len(found.identity_keys)
    assert found.author.name
    assert EARLIEST <= found.published_at <= NOW + AHEAD
    assert found.updated_at is None or found.published_at < found.updated_at <= NOW + AHEAD
    assert len(found.excerpt) <= 300
    shown = [found.author.url, found.author.avatar_url, found.in_reply_to]
    shown += [*found.links, *found.mentions, *(media.url for media in found.media)]
    assert all(url.startswith(("http://", "https://")) for url in shown if url)
    keys = [match_key(tag) for tag in found.hashtags]
    assert len(set(keys)) == len(keys)
    for field in fields(found):
        value = getattr(found, field.name)
        if isinstance(value, str):
            value.encode("utf-8")
            assert "\x00" not in value
