from urllib.parse import quote, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from models.domain.links import (
    LONGEST,
    absolute,
    best_address,
    canonical,
    host_key,
    is_short,
    is_site_root,
    is_web_url,
    same_site,
    without_tracking,
)

splinters = st.sampled_from(
    [
        *("http://", "https://", "HTTPS://", "//", "/", "\\", ":", ":80", ":0", ":99999", "@"),
        *("www.", "WWW.", "a.example", "ä", "ß", "İ", "。", ".", "..", "xn--", "[::1]", "[", "]"),
        *("?", "&", "=", "+", ";", "amp=1", "utm_source=x", "source=rss", "%", "%2F", "%e4", "%41"),
        *("#", "comment-1", "#C12", "/amp", ".amp", "/AMP/", " ", "\n", "\t", "\x00", "\x85"),
        *("\ud800", "javascript:", "data:", "mailto:"),
    ]
)
texts = st.lists(st.one_of(splinters, st.text(st.characters(), max_size=4)), max_size=10).map(
    "".join
)
addresses = st.one_of(texts, texts.map("https://a.example/".__add__), texts.map("http://".__add__))

words = st.text("abcdefghijklmnopqrstuvwxyzäöü0123456789-_~.", min_size=1, max_size=8).filter(
    lambda word: not word.lower().endswith("amp") and set(word) != {"."}
)
paths = st.lists(words, min_size=1, max_size=3).map(lambda parts: "/" + "/".join(parts))
queries = st.dictionaries(st.sampled_from("pqrxyz"), words, max_size=3).map(
    lambda pairs: [f"{name}={quote(value)}" for name, value in pairs.items()]
)
TRACKING = ["utm_source=feed", "utm_campaign=x%20y", "fbclid=Ab1", "mc_cid=1", "source=rss----1"]


@given(addresses, st.one_of(st.none(), addresses))
def test_nothing_raises_and_doing_it_twice_changes_nothing(text: str, base: str | None) -> None:
    assert canonical(canonical(text)) == canonical(text)
    assert without_tracking(without_tracking(text)) == without_tracking(text)
    url = absolute(text, base)
    if url is None:
        return
    assert absolute(url, None) == url
    assert is_web_url(url)
    assert host_key(url)
    parts = urlsplit(url)
    assert parts.scheme in {"http", "https"}
    assert "@" not in parts.netloc
    assert len(url) <= LONGEST
    assert not set(url) & set("\x00\t\r\n \ud800")
    assert canonical(without_tracking(url)) == canonical(url)


@given(paths, queries, st.data())
def test_spellings_of_one_page_are_equal(path: str, query: list[str], data: st.DataObject) -> None:
    plain = f"https://blog.example{path}" + ("?" + "&".join(query) if query else "")
    scheme = data.draw(st.sampled_from(["http://", "https://", "HTTP://"]))
    host = data.draw(st.sampled_from(["blog.example", "www.blog.example", "BLOG.example.", "{}"]))
    host = host.format(f"blog.example:{443 if scheme == 'https://' else 80}")
    spelled = data.draw(st.sampled_from([path, quote(path), quote(path).lower(), f"/{path}"]))
    ending = data.draw(st.sampled_from(["", "/", "/amp", "/amp/", ".amp", "//"]))
    noise = data.draw(st.lists(st.sampled_from([*TRACKING, "amp", "amp=1"]), unique=True))
    mixed = data.draw(st.permutations([*query, *noise]))
    fragment = data.draw(st.sampled_from(["", "#", "#more-1", "#respond", "#comments", "#abc"]))
    other = scheme + host + spelled + ending + ("?" + "&".join(mixed) if mixed else "") + fragment
    assert canonical(other) == canonical(plain)


@given(paths, paths, queries, queries)
def test_different_pages_stay_different(
    one: str, other: str, query: list[str], further: list[str]
) -> None:
    first = f"https://blog.example{one}" + ("?" + "&".join(query) if query else "")
    second = f"https://blog.example{other}" + ("?" + "&".join(further) if further else "")
    equal = one == other and sorted(query) == sorted(further)
    assert (canonical(first) == canonical(second)) == equal


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://a.example/x", "https://b.example/x"),
        ("https://a.example/x", "https://a.example/X"),
        ("https://a.example/x", "https://a.example/x/y"),
        ("https://a.example/x", "https://a.example:8443/x"),
        ("https://a.example/a/b", "https://a.example/a%2Fb"),
        ("https://a.example/?p=1", "https://a.example/?p=2"),
        ("https://a.example/?p=1", "https://a.example/"),
        ("https://a.example/?q=%E4", "https://a.example/?q=%F6"),
        ("https://a.example/?a=b%26c=d", "https://a.example/?a=b&c=d"),
        ("https://a.example/?t=a&t=b", "https://a.example/?t=b&t=a"),
        ("https://a.example/?source=print", "https://a.example/"),
        ("https://a.example/lamp", "https://a.example/l"),
        ("https://a.example/x#comment-1", "https://a.example/x#comment-2"),
        ("https://a.example/x#comment-1", "https://a.example/x"),
        ("http://[::1]:8080/", "http://[::1:8080]/"),
        ("ftp://a.example/x", "https://a.example/x"),
        ("tag:a.example,2024:1", "tag:www.a.example,2024:1"),
    ],
)
def test_these_are_different(one: str, other: str) -> None:
    assert canonical(one) != canonical(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://bücher.example/ü", "http://xn--bcher-kva.example/%C3%BC"),
        ("https://a.example/%7Eada", "https://a.example/~ada"),
        ("https://a.example/a+b", "https://a.example/a%2Bb"),
        ("https://a.example/?q=a+b", "https://a.example/?q=a%20b"),
        ("https://a.example/?b=2&a=1&", "https://a.example/?a=1&b=2"),
        ("https://a.example/x#Comment-12", "https://www.a.example/x/#comment-12"),
        ("https://a.example/x/amp/?utm_medium=rss#top", "http://a.example/x"),
        ("https://www.a.example", "http://a.example/"),
        ("https://a.example//x", "https://a.example/x"),
    ],
)
def test_these_are_equal(one: str, other: str) -> None:
    assert canonical(one) == canonical(other)


@pytest.mark.parametrize(
    "fragment",
    [
        "comment-12",
        "comment12",
        "comment_12",
        "c123",
        "li-comment-1",
        "div-comment-1",
        "kommentar-1",
        "issuecomment-99",
        "IDComment5",
    ],
)
def test_comments_keep_their_fragment(fragment: str) -> None:
    assert canonical(f"http://a.example/x/#{fragment}") == (
        f"https://a.example/x#{fragment.lower()}"
    )


def test_what_is_too_long_for_an_address_is_left_as_it_is() -> None:
    long = "HTTP://a.example/" + "x" * LONGEST
    assert canonical(long) == long
    assert absolute("x", f"https://a.example/{'y' * LONGEST}/") is None


def test_long_runs_of_endings_cost_no_search() -> None:
    """With a pattern of nested repetitions, thirty of them took hours."""
    assert canonical("https://a.example" + "/amp" * 400 + "/x").endswith("/amp/x")
    assert canonical("https://a.example" + "/amp" * 400) == "https://a.example"


@given(texts)
@example("\ud800")
def test_what_is_no_web_address_is_its_own_canonical_form(text: str) -> None:
    assert canonical(f"tag:{text}") == f"tag:{text}"
    assert canonical(f"urn:uuid:{text}") == f"urn:uuid:{text}"


@pytest.mark.parametrize(
    ("url", "base", "found"),
    [
        ("https://a.example/x?y#z", None, "https://a.example/x?y#z"),
        (" https://a.example/ \n", None, "https://a.example/"),
        ("HTTPS://A.example/Ä", None, "https://A.example/Ä"),
        ("https://a.example/a b", None, "https://a.example/a%20b"),
        ("https://a.example/a\n\tb", None, "https://a.example/ab"),
        ("//b.example/x", "https://a.example/", "https://b.example/x"),
        ("/x", "https://a.example/y/z", "https://a.example/x"),
        ("x", "https://a.example/y/z", "https://a.example/y/x"),
        ("?p=1", "https://a.example/y", "https://a.example/y?p=1"),
        ("#top", "https://a.example/y", "https://a.example/y#top"),
        ("http://[2001:db8::1]:8080/x", None, "http://[2001:db8::1]:8080/x"),
        ("https://bücher.example/", None, "https://bücher.example/"),
    ],
)
def test_absolute(url: str, base: str | None, found: str) -> None:
    assert absolute(url, base) == found


@pytest.mark.parametrize(
    "url",
    [
        *("", "x", "/x", "//a.example/", "a.example/x", "https:", "https://", "https:///x"),
        *("https:a.example", "https://./", "https://../x", "https://?x", "https://#x"),
        *("javascript:alert(1)", "java\nscript:alert(1)", "data:text/html,x", "mailto:a@b.example"),
        *("ftp://a.example/", "file:///etc/passwd", "blob:https://a.example/1", "tel:1"),
        *("https://ada@a.example/", "https://ada:pw@a.example/", "https://@a.example/"),
        *("https://a.example:0/", "https://a.example:99999/", "https://a.example:x/"),
        *("https://a example/", "https://a%41.example/", "https://a<b>.example/", "https://a|b/"),
        *(
            "https://a.example\\@b.example/",
            "https://a.example\\x/",
            "https://[::1/",
            "https://[x]/",
        ),
        *("https://a[b]c/", "https://a]/", "\x00https://a.example/", "https://\u2003/"),
        "https://a.example/" + "x" * LONGEST,
    ],
)
def test_what_is_no_web_address(url: str) -> None:
    assert absolute(url, None) is None
    assert absolute("\n ", url) is None
    assert not is_web_url(url)


@pytest.mark.parametrize(
    ("url", "root"),
    [
        ("https://a.example", True),
        ("https://a.example/", True),
        ("https://a.example/#", True),
        ("https://a.example/x", False),
        ("https://a.example/?p=1", False),
        ("https://a.example/#x", False),
        ("https://[", False),
    ],
)
def test_site_root(url: str, root: bool) -> None:
    assert is_site_root(url) == root


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("https://A.Example./x", "a.example"),
        ("https://a.example:443/", "a.example"),
        ("http://a.example:443/", "a.example:443"),
        ("http://a.example:80", "a.example"),
        ("http://a.example:8080/x", "a.example:8080"),
        ("http://127.0.0.1:50123?x", "127.0.0.1:50123"),
        ("http://a.example:08080/", "a.example:8080"),
        ("https://bücher.example", "xn--bcher-kva.example"),
        ("http://[::1]:8080/", "[::1]:8080"),
    ],
)
def test_host_key(url: str, key: str) -> None:
    assert host_key(url) == key


@pytest.mark.parametrize("url", ["", "x", "https://", "https://./", "https://a:b/", "https://["])
def test_a_key_needs_a_host(url: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        host_key(url)


def test_same_site() -> None:
    assert same_site("https://www.a.example/x", "http://a.example")
    assert not same_site("https://a.example:8443/x", "https://a.example")
    assert not same_site("https://b.a.example/", "https://a.example")
    assert not same_site("tag:a.example,2024:1", "tag:a.example,2024:1")
    assert not same_site("https://[", "https://[")


@pytest.mark.parametrize(
    ("url", "without"),
    [
        ("https://a.example/?utm_source=x", "https://a.example/"),
        ("https://a.example/?p=1&utm_source=x&q=%E4#c", "https://a.example/?p=1&q=%E4#c"),
        ("https://a.example/?p=1&&Q", "https://a.example/?p=1&&Q"),
        ("https://medium.example/x?source=rss-1----2", "https://medium.example/x"),
        ("https://a.example/x", "https://a.example/x"),
        ("https://[?utm_source=x", "https://[?utm_source=x"),
    ],
)
def test_without_tracking(url: str, without: str) -> None:
    assert without_tracking(url) == without


OWN, SECURE, CLEAN, TRACKED, FIRST = (
    ("http://own.example/?utm_source=x", True),
    ("https://b.example/?utm_source=x", False),
    ("https://c.example/", False),
    ("http://d.example/?utm_source=x", False),
    ("http://e.example/", False),
)


@pytest.mark.parametrize(
    ("seen", "shown"),
    [
        ([CLEAN, SECURE, OWN], OWN),
        ([FIRST, SECURE], SECURE),
        ([SECURE, CLEAN], CLEAN),
        ([TRACKED, FIRST], FIRST),
        ([FIRST, ("http://f.example/", False)], FIRST),
        ([OWN, ("https://own.example/?utm_source=x", True)], ("https://own.example/", True)),
    ],
)
def test_the_address_to_show(seen: list[tuple[str, bool]], shown: tuple[str, bool]) -> None:
    assert best_address(seen).startswith(shown[0])


@pytest.mark.parametrize(
    ("url", "short"),
    [
        ("https://a.example/?p=1", True),
        ("http://www.a.example/blog/?p=12&utm_source=rss", True),
        ("https://a.example/?p=", False),
        ("https://a.example/?p=treppe", False),
        ("https://a.example/?page=1", False),
        ("https://a.example/?p=1&preview=2", False),
        ("https://a.example/?top=1", False),
        ("https://a.example/treppe/", False),
        ("tag:a.example,2026:?p=1", False),
    ],
)
def test_addresses_by_a_number_alone(url: str, short: bool) -> None:
    assert is_short(url) is short
