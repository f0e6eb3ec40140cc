import pytest

from collectors.feeds import pieces, read_feed
from tests.collectors.feeds.batches import ADDRESS, reply_of


def test_entries_begin_outside_of_sections_and_comments() -> None:
    text = (
        "<rss><channel><title>t</title><items/>"
        "<item>1 <![CDATA[<item>]]> <!-- <item> --></item>\n"
        "<a:entry>2</a:entry><item>3<![CDATA[ <b>open</channel></rss><item"
    )
    assert pieces.entries(text) == [
        "<item>1 <![CDATA[<item>]]> <!-- <item> --></item>\n",
        "<a:entry>2</a:entry>",
        "<item>3<![CDATA[ <b>open</channel></rss><item",
    ]
    assert [pieces.is_whole(entry) for entry in pieces.entries(text)] == [True, True, False]


@pytest.mark.parametrize(
    ("text", "frame"),
    [
        ("<rss a='b'><channel><item>", ("<rss a='b'><channel>", "</channel></rss>")),
        ("<feed xmlns='x'><entry>", ("<feed xmlns='x'>", "</feed>")),
        ("<rdf:RDF><channel/><item>", ("<rdf:RDF>", "</rdf:RDF>")),
        ("<item>", ("", "")),
    ],
)
def test_the_frame_of_a_feed(text: str, frame: tuple[str, str]) -> None:
    assert pieces.frame(text) == frame


@pytest.mark.parametrize(
    ("entry", "mended"),
    [
        ("<item><title>a</title></item></channel>", "<item><title>a</title></item>"),
        ("<item><title>a<link>b</link></item>", "<item><title>a</title><link>b</link></item>"),
        ("<item><title>a</item>", "<item><title>a</title></item>"),
        (
            "<item><description>a<p>b<br>c<dc:date>d</item>",
            "<item><description>a<p>b<br>c</description><dc:date>d</dc:date></item>",
        ),
        (
            "<entry><summary><![CDATA[<id>]]><id>1</id></entry>",
            "<entry><summary><![CDATA[<id>]]></summary><id>1</id></entry>",
        ),
        ("<entry><link href='a'/><id>1</id></entry>", "<entry><link href='a'/><id>1</id></entry>"),
    ],
)
def test_a_text_ends_where_the_next_element_begins(entry: str, mended: str) -> None:
    assert pieces.mended(entry) == mended


@pytest.mark.parametrize(
    "body",
    [
        "<rss><channel><title>t</title>{}</channel></rss>",
        "<rss><channel><title>t{}</channel></rss>",
        "<feed xmlns='http://www.w3.org/2005/Atom'><title type='text'>t{}</feed>",
    ],
)
def test_what_one_entry_leaves_open_is_not_missing_in_the_next(body: str) -> None:
    tag = "entry" if "Atom" in body else "item"
    items = "<item><title>a<guid>1</guid></item><item><title>b</title><guid>2</guid></item>"
    if tag == "entry":
        items = items.replace("item", "entry").replace("guid", "id")
    batch = read_feed(ADDRESS, reply_of(body.format(items).encode()))
    assert [(post.external_id, post.title) for post in batch.posts] == [("1", "a"), ("2", "b")]
