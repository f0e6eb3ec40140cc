"""Which texts are one post; the labelled pairs hold the rule as a whole."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks import likeness as benchmark
from models.domain import likeness, prose
from models.domain.likeness import SAME, SHORTEST, WITHIN, Text, alike, is_cut_down, text_of
from models.domain.post import Kind

TEXT = """Wer die Treppe nimmt, trifft im Durchschnitt zwei Menschen und bleibt mit einem davon
stehen. Ich habe das im letzten Monat gezählt, auf einem Zettel neben dem Telefon. Wenn wir über
Plattformen reden, reden wir fast immer über Aufzüge: schneller, weniger Klicks, ans Ziel."""
HOUR = timedelta(hours=1)


def _text(content: str, title: str | None = "Die Treppe", kind: Kind = Kind.BLOG) -> Text:
    return text_of(kind, title, f"<p>{content}</p>")


def test_labelled_pairs() -> None:
    judged = [(pair, benchmark.judge(pair)) for pair in benchmark.pairs()]
    assert len(judged) >= 300
    wrong = [(pair.id, verdict) for pair, verdict in judged if verdict != pair.label]
    for score in benchmark.scores(judged):
        assert score.precision >= benchmark.PRECISION >= 0.99, wrong
        assert score.recall >= benchmark.RECALL >= 0.95, wrong


def test_held_out_pairs_are_others() -> None:
    """Their figures are printed, and held by nothing: no rule is to be made to fit them."""
    made_with, held_out = (
        list(benchmark.pairs(path)) for path in (benchmark.PAIRS, benchmark.HELD_OUT)
    )
    assert len(held_out) >= 100
    assert len({pair.id for pair in held_out}) == len(held_out)
    assert {pair.label for pair in held_out} == {*benchmark.LABELS, "different"}
    known, others = (
        {side.content.html for pair in each for side in (pair.one, pair.other)}
        for each in (made_with, held_out)
    )
    assert known.isdisjoint(others)


def test_bounds_of_length_and_time() -> None:
    exact = ("wort " * 100)[: SHORTEST - 1] + "s"
    assert len(exact) == SHORTEST
    one, short = _text(exact), _text(exact[:-1])
    assert alike(one, one, WITHIN) == alike(one, one, -WITHIN) == 1
    assert not alike(one, one, WITHIN + timedelta(seconds=1))
    assert not alike(short, one, HOUR)
    assert not alike(short, short, HOUR)


def test_tags_and_links_make_no_text_long_enough() -> None:
    padded = TEXT[:150] + " #sample" * 20 + " https://ada.example/treppe" * 5
    assert not alike(_text(padded), _text(padded), HOUR)


@pytest.mark.parametrize(
    ("title", "other", "same"),
    [
        ("Brief, Woche 3", "Brief, Woche 4", False),
        ("Brief am Montag", "Brief am Dienstag", False),
        ("Erster Brief", "Zweiter Brief", False),
        ("Brief", "Brief (Woche 4)", True),
        ("Brief 2026, Woche 4", "Brief, Woche 4", True),
        ("Ganz anders", "Betitelt", True),
    ],
)
def test_numbers_in_titles_tell_instalments(title: str, other: str, same: bool) -> None:
    assert bool(alike(_text(TEXT, title), _text(TEXT, other), HOUR)) is same


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        ("Durchschnitt", "Durchschnit", True),
        ("gezählt", "geschätzt", True),
        ("zwei Menschen", "drei Menschen", False),
        ("im letzten Monat", "im letzten Jahr", True),
    ],
)
def test_what_differs_counts(old: str, new: str, same: bool) -> None:
    assert bool(alike(_text(TEXT), _text(TEXT.replace(old, new)), HOUR)) is same


def test_another_passage_in_the_same_frame_is_another_post() -> None:
    frame = TEXT * 4
    one, other = (
        _text(f"{frame} {passage} {frame}", title)
        for title, passage in (
            ("Wikis", "Diesmal lesen wir gemeinsam über Wikis und ihre geduldigen Gärtner."),
            ("Vorstände", "Heute streiten sich die Gäste darum, ob Vorstände bloggen müssen."),
        )
    )
    assert not alike(one, other, HOUR)


def test_an_excerpt_needs_the_title_and_the_day() -> None:
    full, excerpt = _text(TEXT * 2), _text(TEXT[:240] + " […]")
    assert alike(full, excerpt, HOUR) >= SAME
    assert not alike(full, excerpt, timedelta(days=3))
    assert not alike(full, _text(TEXT[:240] + " […]", "Wochenschau"), HOUR)
    assert not alike(full, _text(TEXT[:240] + " […]", None, Kind.STATUS), HOUR)


def test_only_a_summary_that_says_so_is_cut_down() -> None:
    kept = prose.read(f"<p>{TEXT}</p>")
    assert is_cut_down(prose.read(f"<p>{TEXT[:100]} […]</p>"), kept)
    assert not is_cut_down(prose.read(f"<p>{TEXT[:100]}</p>"), kept)
    assert not is_cut_down(prose.read("<p>Etwas ganz anderes […]</p>"), kept)
    assert not is_cut_down(prose.read(f"<p>{TEXT} …</p>"), kept)


@given(st.text(max_size=600), st.text(max_size=600), st.integers(-9, 9))
def test_is_symmetric_and_never_raises(one: str, other: str, days: int) -> None:
    first, second = _text(TEXT + one), _text(TEXT + other)
    gap = timedelta(days=days)
    found = alike(first, second, gap)
    assert found == alike(second, first, -gap)
    assert found == 0 or SAME <= found <= 1


def test_the_longest_texts_are_compared_by_their_beginning() -> None:
    long = "wort und satz " * 40_000
    assert len(_text(long).prose.text) <= prose.LONGEST
    assert alike(_text(long), _text(long + " mehr"), HOUR)
    assert likeness.SHORTEST == 200
