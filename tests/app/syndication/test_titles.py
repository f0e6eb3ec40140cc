"""Titles of posts that have none."""

import pytest

from app.syndication.titles import LONGEST, title_of
from app.syndication.words import words_of
from models.domain.course import Course
from models.domain.post import Media
from models.store.rows import FeedAuthor
from tests.app.syndication.samples import WORDS, a_picture, a_post


def said(text: str) -> str:
    """What stands behind the author's name."""
    title = title_of(a_post(title=None, excerpt=text), WORDS)
    assert title.startswith("Ada (Muster): ")
    return title.removeprefix("Ada (Muster): ")


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Ein kurzer Satz.", "Ein kurzer Satz."),
        ("Ein Satz. #e20 #mooc #lernen", "Ein Satz."),
        ("#e20 #mooc Ein Satz", "Ein Satz"),
        ("@ben@social.example, @clara Danke euch!", "Danke euch!"),
        ("Passt zur Frage: https://ada.example/2014/10/lang #e20", "Passt zur Frage"),
        ("Siehe https://ada.example/x und antworte", "Siehe und antworte"),
        ("Warum #Werkzeuge bleiben", "Warum #Werkzeuge bleiben"),
        ("C# und C++", "C# und C++"),
        ("#e20", "#e20"),
        ("https://ada.example/x #e20", "https://ada.example/x #e20"),
        ("@ben", "@ben"),
    ],
)
def test_the_words_make_the_title(text: str, title: str) -> None:
    assert said(text) == title


@pytest.mark.parametrize("piece", ["https://a.b/,,,,,", "#a", "#a,,,", "@a", "@a:", "@a.@-", "#"])
def test_many_of_them_are_read_as_quickly(piece: str) -> None:
    assert said(" ".join([piece] * 40) + " x").endswith(("x", "…"))


def test_long_texts_are_cut_between_words() -> None:
    long = "Ein Kurzbeitrag, der länger ist als ein Titel sein darf, und noch weiter geht"
    assert said(long) == "Ein Kurzbeitrag, der länger ist als ein Titel sein darf…"
    assert len(said("x" * 300)) == LONGEST


def test_a_warning_stands_for_what_it_warns_of() -> None:
    long = "Ein Text, den nicht alle sehen wollen"
    warned = a_post(title=None, content_warning="Essen", excerpt=long)
    assert title_of(warned, WORDS) == "Ada (Muster): Essen"
    sensitive = a_post(title=None, sensitive=True, excerpt=long)
    assert title_of(sensitive, WORDS) == "Ada (Muster): Heikler Inhalt"


def test_pictures_without_words_are_named_in_the_courses_language() -> None:
    assert title_of(a_picture(), WORDS) == "Ada (Muster): Bild"
    assert title_of(a_picture(excerpt="#e20"), WORDS) == "Ada (Muster): Bild"
    recording = a_picture(media=(Media("https://x.example/a.mp3", "audio", None, None, None),))
    for language, word in (("en", "Recording"), ("de-AT", "Aufnahme"), ("fr", "Recording")):
        words = words_of(Course("x", "x", ("x",), language=language))
        assert title_of(recording, words) == f"Ada (Muster): {word}"


def test_of_nothing_only_the_author_is_left() -> None:
    nobody = FeedAuthor(" ", None, None, None, None)
    assert title_of(a_post(title=" ", author=nobody), WORDS) == "Adas Blog: Text"
    assert title_of(a_post(title=None, excerpt=""), WORDS) == "Ada (Muster)"
