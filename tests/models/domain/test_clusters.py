"""Which parts make one post, and whose id it keeps."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from models.domain.clusters import IDENTICAL, Part, Standing, Tie, clusters, staying

AT = datetime(2026, 11, 3, tzinfo=UTC)


def _parts(*places: str, apart: str = "") -> dict[str, Part]:
    """Parts a, b, c, … at these places, one letter each."""
    return {
        name: Part(name, frozenset(place), name in apart, (name,))
        for name, place in zip("abcdefgh", places, strict=False)
    }


def _found(parts: dict[str, Part], *ties: tuple[str, float]) -> set[str]:
    found = clusters(parts, [Tie(ends[0], ends[1], score, 0) for ends, score in ties])
    assert sorted(part for cluster in found for part in cluster) == sorted(parts)
    return {"".join(sorted(cluster)) for cluster in found}


def test_likeness_joins() -> None:
    assert _found(_parts("1", "2", "3"), ("ab", 0.95)) == {"ab", "c"}


def test_never_two_entries_of_one_place() -> None:
    assert _found(_parts("1", "2", "1"), ("ab", 0.92), ("bc", 0.99)) == {"a", "bc"}
    assert _found(_parts("12", "2"), ("ab", 1.0)) == {"a", "b"}


def test_identity_joins_whatever_the_places() -> None:
    assert _found(_parts("1", "2", "1"), ("ab", IDENTICAL), ("bc", IDENTICAL)) == {"abc"}
    assert _found(_parts("1", "2", "1"), ("ab", IDENTICAL), ("bc", 1.0)) == {"ab", "c"}


def test_what_a_person_split_is_tied_to_nothing() -> None:
    assert _found(_parts("1", "2", apart="b"), ("ab", IDENTICAL)) == {"a", "b"}


def test_of_equally_strong_ties_the_closer_in_time_holds() -> None:
    parts = _parts("1", "1", "2")
    found = clusters(parts, [Tie("a", "c", 1.0, 60), Tie("b", "c", 1.0, 59)])
    assert set(found) == {frozenset("a"), frozenset("bc")}


def test_ties_of_unknown_parts_are_left_aside() -> None:
    assert _found(_parts("1"), ("ax", 1.0)) == {"a"}


@given(
    st.lists(st.sampled_from("12345"), min_size=2, max_size=7),
    st.lists(
        st.tuples(
            st.sampled_from("abcdefg"),
            st.sampled_from("abcdefg"),
            st.sampled_from([0.9, 0.95, 1.0, IDENTICAL]),
        ),
        max_size=12,
    ),
    st.randoms(),
)
def test_the_order_of_ties_does_not_matter(places, ends, chance) -> None:  # type: ignore[no-untyped-def]
    parts = _parts(*places)
    ties = [Tie(one, other, score, ord(one) + ord(other)) for one, other, score in ends]
    ties = [tie for tie in ties if tie.one != tie.other]
    shuffled = [
        Tie(tie.other, tie.one, tie.score, tie.gap) if chance.random() < 0.5 else tie
        for tie in chance.sample(ties, len(ties))
    ]
    assert set(clusters(parts, ties)) == set(clusters(parts, shuffled))
    likenesses = [tie for tie in ties if tie.score < IDENTICAL]
    for cluster in clusters(parts, likenesses):
        assert len({parts[part].places for part in cluster}) == len(cluster)


def _standing(name: str, **more: object) -> Standing:
    values: dict[str, object] = {
        "stands": True,
        "decided": False,
        "from_origin": False,
        "length": 100,
        "first_seen_at": AT,
    }
    return Standing(name, **(values | more))  # type: ignore[arg-type]


def test_who_stays() -> None:
    """Each reason counts only where those before it are equal."""
    others = [
        _standing("e", first_seen_at=AT + timedelta(hours=1)),
        _standing("d"),
        _standing("c", length=101),
        _standing("b", from_origin=True, length=1),
        _standing("a", decided=True, length=1),
    ]
    for known in range(2, len(others) + 1):
        assert staying(others[:known]) == others[known - 1].id
    unknown = _standing("z", stands=False, decided=True, from_origin=True, length=999)
    assert staying([others[0], unknown]) == "e"
    assert staying([unknown]) == "z"
