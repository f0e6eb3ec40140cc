"""What a person wrote, beside what tags, links and programs add."""

import pytest

from models.domain import prose

TEXT = "Ein ganz gewöhnlicher Satz mit zehn oder elf Wörtern. Und ein zweiter, der ihn fortsetzt."


def _read(html: str) -> prose.Prose:
    return prose.read(html)


@pytest.mark.parametrize(
    "html",
    [
        f"<p>{TEXT}</p>",
        f"{TEXT}<br><br>",
        f"<div><b>Ein</b> ganz {TEXT[9:]}</div>",
        f"<p>{TEXT} 😀</p>",
        f"<p>{TEXT}</p><p>#sample #e20mooc</p>",
        f'<p>{TEXT} <a href="https://a.example/x">https://a.example/x</a></p>',
        f"<p>{TEXT} @ada@social.example</p>",
        f"<p>{TEXT.replace('.', '!').upper()}</p>",
        f"<p>{TEXT.replace('ö', 'oe')}</p>",
        f"<p>{TEXT}</p><p>Der Beitrag Titel erschien zuerst auf Blog.</p>",
        f"<p>{TEXT} The post Title appeared first on Blog.</p>",
        f"<p>Dieser Text ist zuerst auf a.example erschienen.</p><p>{TEXT}</p>",
        f"<p>{TEXT}</p><p>via IFTTT</p><p>Kategorien: Allgemein, Netz</p>",
    ],
)
def test_is_the_same_however_it_is_dressed(html: str) -> None:
    assert _read(html).words == prose.fold(TEXT)


@pytest.mark.parametrize(
    "ending",
    [
        "Auch in kleinen Firmen lohnt sich das.",
        "Via Mastodon kam die Frage, ob wir das wollen.",
        "Zuerst war ich dagegen.",
        "Mehr dazu in der nächsten Woche.",
        "Like this one I have seen many.",
    ],
)
def test_a_sentence_of_the_author_is_no_footer(ending: str) -> None:
    assert _read(f"<p>{TEXT}</p><p>{ending}</p>").words.endswith(prose.fold(ending))


@pytest.mark.parametrize(
    ("ending", "cut"),
    [
        ("…", True),
        (" […]", True),
        (" [...]", True),
        ("...", True),
        (' … <a href="https://a.example/">Weiterlesen →</a>', True),
        ("</p><p>Read more", True),
        ("</p><p>Den ganzen Beitrag lesen", True),
        ("", False),
        (" Ach … na gut.", False),
        ("</p><p>Read more books, says my teacher.", False),
    ],
)
def test_a_text_says_that_it_goes_on_elsewhere(ending: str, cut: bool) -> None:
    assert _read(f"<p>{TEXT}{ending}</p>").cut is cut


def test_length_counts_what_is_the_authors_own() -> None:
    quote = f"<blockquote><p>{TEXT}</p><blockquote>{TEXT}</blockquote></blockquote>"
    tags = '<p>#sample <a href="https://a.example/">https://a.example/</a></p>'
    found = _read(f"{quote}<p>Genau so.</p>{tags}")
    assert found.own_length == len("Genau so.")
    assert found.words.count("gewoehnlicher") == 2


@pytest.mark.parametrize(
    "html",
    [
        "a-" * 20_000,
        "a." * 20_000,
        "@a" * 20_000,
        "#" * 40_000,
        "weiterlesen\n" * 4_000,
        "<q>" * 5_000,
        "Dieser Beitrag " * 3_000,
        "zuerst erschienen " * 2_000,
        "… " * 10_000,
    ],
)
def test_nothing_makes_it_work_long(html: str) -> None:
    """With quadratic patterns these would take minutes, and the worker would be killed."""
    assert len(_read(html).text) <= prose.LONGEST
