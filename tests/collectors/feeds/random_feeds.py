"""Feeds made at random: usual elements in any order, in several spellings, with noise between.

Everything is drawn from one `Random`, so that a seed names a feed. All words are invented.
"""

from collections.abc import Callable
from random import Random
from xml.sax.saxutils import escape, quoteattr

_WORDS = (
    *("Zettel", "Kasten", "Übung", "Maß", "#e20mooc", "&", "<", ">", "Papier", "lantern"),
    *("größer", "„quoted“", "–", "5€", "it's", '"so"', "naïve", "Schluß", "日本", "😀"),
    *("a&amp;b", "&nbsp;", "Ã¤h"),
)
_TAGS = ("<p>", "</p>", "<br/>", "<b>", "</b>", '<a href="/x?a=1&amp;b=2">', "</a>", "<img src=x>")
_ZONES = ("+0000", "GMT", "+0200", "-0730", "EST", "PDT", "Z", "+02:00")
_NAMESPACES = {
    "dc": "http://purl.org/dc/elements/1.1/",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "media": "http://search.yahoo.com/mrss/",
    "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "atom": "http://www.w3.org/2005/Atom",
    "slash": "http://purl.org/rss/1.0/modules/slash/",
    "own": "https://example.com/own#",
    "thr": "http://purl.org/syndication/thread/1.0",
}


def feed(random: Random) -> bytes:
    """An RSS 2.0, RSS 1.0 or Atom feed of up to eight entries."""
    make = random.choice((_rss, _rss, _atom, _atom, _rdf))
    declaration = random.choice(
        ('<?xml version="1.0" encoding="utf-8"?>\n', "<?xml version='1.0'?>", "")
    )
    return (declaration + make(random)).encode()


def _declared(random: Random) -> str:
    names = list(_NAMESPACES.items())
    random.shuffle(names)
    return " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in names)


def _rss(random: Random) -> str:
    head = [_element(random, "title", _line(random)), "<link>https://blog.example.org/</link>"]
    head += _some(random, "<language>de</language>", "<ttl>30</ttl>", "<generator>G</generator>")
    head += _some(random, _element(random, "managingEditor", "a@example.org (Beispiel Ada)"))
    items = "\n".join(f"<item>{_rss_item(random)}</item>" for _ in range(random.randrange(9)))
    return f'<rss version="2.0" {_declared(random)}><channel>{"".join(head)}{items}</channel></rss>'


def _rdf(random: Random) -> str:
    items = []
    for _ in range(random.randrange(9)):
        about = f"https://blog.example.org/{random.randrange(10**6)}"
        inner = _shuffled(
            random,
            [
                f"<link>{about}</link>",
                _element(random, "title", _line(random)),
                *_some(random, _element(random, "description", _markup(random)), *_dublin(random)),
            ],
        )
        items.append(f'<item rdf:about="{about}">{inner}</item>')
    return (
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
        f' xmlns="http://purl.org/rss/1.0/" {_declared(random)}>'
        f'<channel rdf:about="https://blog.example.org/">{_element(random, "title", _line(random))}'
        f"<link>https://blog.example.org/</link></channel>{''.join(items)}</rdf:RDF>"
    )


def _rss_item(random: Random) -> str:
    number = random.randrange(10**6)
    permanent = random.choice(("", ' isPermaLink="false"', ' isPermaLink="true"'))
    guid = random.choice(
        (f"https://blog.example.org/?p={number}", f"tag:example.org,2024:{number}")
    )
    parts = _some(
        random,
        _element(random, "title", _line(random)),
        f"<guid{permanent}>{guid}</guid>",
        f"<link>{escape(_link(random, number))}</link>",
        _element(random, "pubDate", _rfc_822(random)),
        _element(random, "description", _markup(random)),
        _element(random, "content:encoded", _markup(random) * 3),
        *(_element(random, "category", _line(random, 2)) for _ in range(random.randrange(4))),
        _element(random, "author", "b@example.org (Beispiel Bert)"),
        f'<enclosure url="https://blog.example.org/{number}.mp3" type="audio/mpeg" length="1"/>',
        '<atom:link rel="replies" href="https://blog.example.org/replies"/>',
        *_dublin(random),
        *_noise(random),
    )
    return _shuffled(random, parts or ["<title>Beispiel</title>"])


def _dublin(random: Random) -> list[str]:
    return [
        _element(random, "dc:creator", "Beispiel Cleo"),
        _element(random, "dc:date", _rfc_3339(random)),
        _element(random, "dc:subject", _line(random, 2)),
    ]


def _noise(random: Random) -> list[str]:
    return [
        "<slash:comments>3</slash:comments>",
        "<own:box><own:title>Nicht der Titel</own:title><own:link>x</own:link></own:box>",
        "<comments>https://blog.example.org/#c</comments>",
        "<!-- ein Kommentar -->",
        '<media:thumbnail url="https://blog.example.org/t.png" width="9" height="9"/>',
        '<media:content url="https://blog.example.org/b.png" medium="image"/>',
        '<thr:in-reply-to ref="tag:example.org,2024:0" href="https://blog.example.org/0"/>',
        "<itunes:duration>1:00</itunes:duration>",
        "<own:xy/>",
    ]


def _atom(random: Random) -> str:
    head = [
        _construct(random, "title", _line(random)),
        "<id>tag:example.org,2024:feed</id>",
        '<link href="https://blog.example.org/"/>',
        '<link rel="self" href="https://blog.example.org/feed"/>',
        *_some(random, "<author><name>Beispiel Dora</name></author>"),
        *_some(random, "<updated>2024-01-01T00:00:00Z</updated>"),
    ]
    entries = "".join(f"<entry>{_entry(random)}</entry>" for _ in range(random.randrange(9)))
    language = random.choice(("", ' xml:lang="de"'))
    return (
        f'<feed xmlns="http://www.w3.org/2005/Atom"{language} {_declared(random)}>'
        f"{''.join(head)}{entries}</feed>"
    )


def _entry(random: Random) -> str:
    number = random.randrange(10**6)
    term = quoteattr(_line(random, 1))
    parts = _some(
        random,
        f"<id>tag:example.org,2024:{number}</id>",
        f"<link href={quoteattr(_link(random, number))}/>",
        f'<link rel="enclosure" type="image/png" href="https://blog.example.org/{number}.png"/>',
        _construct(random, "title", _line(random)),
        _construct(random, "summary", _markup(random)),
        _construct(random, "content", _markup(random) * 3),
        f"<published>{_rfc_3339(random)}</published>",
        f"<updated>{_rfc_3339(random)}</updated>",
        f"<category term={term}/>",
        f"<category term={term} label={quoteattr(_line(random, 2))}/>",
        "<author><name>Beispiel Emil</name><email>e@example.org</email></author>",
        "<contributor><name>Beispiel Fritz</name></contributor>",
        "<rights>keine</rights>",
        *_noise(random)[:5],
    )
    return _shuffled(random, parts or ["<title>Beispiel</title>"])


def _construct(random: Random, name: str, text: str) -> str:
    kind = random.choice(("", ' type="text"', ' type="html"', ' type="html"', ' type="xhtml"'))
    if kind == ' type="xhtml"':
        inner = f"{escape(_line(random))}<b class='x'>{escape(_line(random))}</b><br/>"
        return f'<{name}{kind}><div xmlns="http://www.w3.org/1999/xhtml">{inner}</div></{name}>'
    return _element(random, name, text, kind)


def _element(random: Random, name: str, text: str, attributes: str = "") -> str:
    if random.random() < 0.4 and "]]>" not in text:
        return f"<{name}{attributes}><![CDATA[{text}]]></{name}>"
    return f"<{name}{attributes}>{escape(text)}</{name}>"


def _line(random: Random, words: int = 6) -> str:
    return " ".join(random.choice(_WORDS) for _ in range(random.randrange(1, words + 1)))


def _markup(random: Random) -> str:
    pieces: tuple[Callable[[], str], ...] = (
        lambda: escape(_line(random)),
        lambda: random.choice(_TAGS),
        lambda: "\n ",
    )
    return "".join(random.choice(pieces)() for _ in range(random.randrange(12)))


def _link(random: Random, number: int) -> str:
    address = random.choice(
        (
            "https://blog.example.org/{}/",
            "http://other.example.net/?p={}&x=ü",
            "/relative/{}",
            "r{}#f",
        )
    )
    return address.format(number)


def _rfc_822(random: Random) -> str:
    day = random.choice(("Mon, ", "Tue, ", ""))
    month = random.choice(("Jan", "Mar", "May", "Oct", "Dec"))
    zone = random.choice(_ZONES)
    date = f"{random.randrange(1, 29):02} {month} 20{random.randrange(10, 26)}"
    return f"{day}{date} {_clock(random)} {zone}"


def _rfc_3339(random: Random) -> str:
    zone = random.choice(("Z", "+00:00", "-05:00", "+05:30", ".123Z"))
    date = f"20{random.randrange(10, 26)}-{random.randrange(1, 13):02}-{random.randrange(1, 29):02}"
    return random.choice((date, f"{date}T{_clock(random)}{zone}", f"{date}T{_clock(random)}{zone}"))


def _clock(random: Random) -> str:
    return f"{random.randrange(24):02}:{random.randrange(60):02}:{random.randrange(60):02}"


def _some(random: Random, *parts: str) -> list[str]:
    return [part for part in parts if random.random() < 0.7]


def _shuffled(random: Random, parts: list[str]) -> str:
    random.shuffle(parts)
    return random.choice(("", "\n  ")).join(parts)
