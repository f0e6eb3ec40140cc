"""Pages that say they respond: the link is checked, the h-entry read."""

import pytest

from collectors.contract import Batch, CollectError, Reply
from collectors.webmention import WebmentionCollector
from models.domain.post import Kind
from models.domain.source import Match, Rule, SourceSpec

PAGE = "https://ben.example/answer"
TARGET = "https://feed.example/sample/posts/0199b1a0-7c1e-7000-8000-3f5c2f1e9a10"
POST = "https://ada.example/1"
ENTRY = f"""<html><head><title>Page</title></head><body><article class="h-entry">
<span class="p-author h-card"><img class="u-photo" src="/ben.png" alt="">
<a class="u-url p-name" href="/">Ben (Muster)</a></span>
<h1 class="p-name">Eine Antwort</h1>
<div class="e-content"><p>Ich sehe das <a href="{TARGET}">anders</a>.</p></div>
<time class="dt-published" datetime="2026-11-03T10:00:00+01:00">heute</time>
<a class="u-url" href="/answer?utm_source=x">Link</a> <a class="p-category" href="#">lernen</a>
</article></body></html>"""


def parse(body: str, status: int = 200, cursor: dict[str, bool] | None = None) -> Batch:
    source = SourceSpec(
        id="s1",
        kind="webmention",
        url=PAGE,
        rule=Rule(("sample",), Match.ALL, "de"),
        options={"target": TARGET, "post": POST},
        cursor=cursor or {},
    )
    return WebmentionCollector().parse(source, Reply(PAGE, status, {}, body.encode()))


def test_an_h_entry() -> None:
    (post,) = parse(ENTRY).posts
    assert (post.kind, post.external_id, post.in_reply_to) == (Kind.COMMENT, PAGE, POST)
    assert (post.title, post.author.name) == ("Eine Antwort", "Ben (Muster)")
    assert post.author.url == "https://ben.example/"
    assert post.author.avatar_url == "https://ben.example/ben.png"
    assert post.published_at is not None
    assert post.published_at.isoformat() == "2026-11-03T09:00:00+00:00"
    assert "anders" in post.content
    assert post.tags == ("lernen",)
    assert post.is_response


def test_a_page_without_h_entry_is_there_and_says_no_more() -> None:
    (post,) = parse(f"<a href='{TARGET}#x'>see</a>").posts
    assert (post.content, post.title, post.url) == ("", None, PAGE)


@pytest.mark.parametrize("odd", ["https://[x", "//[x", "https://x.example:port/", "\x01"])
def test_what_is_no_address_hides_no_link(odd: str) -> None:
    (post,) = parse(f"<a href='{odd}'>odd</a><a href='{TARGET}'>see</a>").posts
    assert post.url == PAGE


def test_a_name_that_only_repeats_the_text_is_no_title() -> None:
    text = f"Kurz <a href='{TARGET}'>dazu</a>"
    note = f"<div class='h-entry'><p class='p-name e-content'>{text}</p></div>"
    (post,) = parse(note).posts
    assert post.title is None


def test_no_link_no_mention() -> None:
    for body in ("", "<p>https://feed.example/</p>", f"<!-- <a href='{TARGET}'> -->"):
        with pytest.raises(CollectError) as caught:
            parse(body)
        assert caught.value.code == "no-link"


def test_what_links_no_longer_or_is_gone_is_taken_back() -> None:
    assert parse("<p>changed</p>", cursor={"verified": True}).withdrawn == (PAGE,)
    assert parse("", status=410).withdrawn == (PAGE,)


def test_an_address_on_another_host_is_not_believed() -> None:
    spoof = ENTRY.replace("/answer?utm_source=x", "https://ada.example/1")
    (post,) = parse(spoof).posts
    assert post.url == PAGE
