"""The pages of a course among few and among very many posts, rendered anew each time."""

from collections.abc import Callable, Iterable, Mapping

from benchmarks.corpus.feeds import HASHTAG
from benchmarks.corpus.published import SLUG
from benchmarks.figures import Limit, Size, Table, seconds, times
from benchmarks.installation import Installation
from benchmarks.many import filled
from benchmarks.run import Run
from benchmarks.service import Service, serving
from benchmarks.turns import medians

FEW = {Size.FULL: 10_000, Size.QUICK: 1000, Size.TINY: 100}
MANY = {Size.FULL: 1_000_000, Size.QUICK: 200_000, Size.TINY: 200}
ROUNDS = 30
COURSE = f"/{SLUG}"


def run(run: Run) -> Iterable[Table]:
    """A table for each kind of database."""
    few, many = run.of(FEW), run.of(MANY)
    run.say(f"SQLite: {many:,} posts")
    yield _table(run, "SQLite", filled.sqlite(run, few), filled.sqlite(run, many))
    with filled.postgresql() as server:
        run.say(f"PostgreSQL: {many:,} posts")
        yield _table(run, "PostgreSQL", filled.on(server, few), filled.on(server, many))


def _table(run: Run, name: str, few: str, many: str) -> Table:
    rows, spent = [], {}
    with (
        serving(Installation(run.scratch("serve"), few)) as small,
        serving(Installation(run.scratch("serve"), many)) as large,
    ):
        for label, (there, here) in _pages(small, large).items():
            asked = {"few": _asking(small, there), "many": _asking(large, here)}
            found = medians(asked, run.rounds_or(ROUNDS))
            spent[label] = found["many"]
            ratio = times(found["many"] / found["few"])
            rows.append((label, seconds(found["few"]), seconds(found["many"]), ratio))
    return Table(
        f"Pages of a course on {name}",
        ("", f"of {run.of(FEW):,}", f"of {run.of(MANY):,}", "ratio"),
        rows,
        notes=["medians over HTTP, past the cache"],
        limits=[Limit("course page, in seconds", spent["course"], 0.005, binding=False)],
    )


def _pages(small: Service, large: Service) -> Mapping[str, tuple[str, str]]:
    """By label, the address of the same page in both."""
    same = {
        "course": COURSE,
        "week": f"{COURSE}/weeks/6",
        "kind": f"{COURSE}?kind=status",
        "tag": f"{COURSE}?tag={HASHTAG}",
        "kind and language": f"{COURSE}?kind=status&lang=en",
        "discussed": f"{COURSE}?order=discussed",
        "frequent word": f"{COURSE}?q={HASHTAG}",
        "links": f"{COURSE}/links",
        "people": f"{COURSE}/people",
    }
    pairs = {label: (path, path) for label, path in same.items()}
    own = [_own(service) for service in (small, large)]
    return pairs | {label: (own[0][label], own[1][label]) for label in own[0]}


def _own(service: Service) -> Mapping[str, str]:
    """Pages that are named by what is in the database."""
    items = service.get(f"/api/v1/courses/{SLUG}/posts?order=discussed&limit=100").json()["items"]
    person = next(one for item in items if (one := item["author"]["participant"]))
    return {
        "person": f"{COURSE}?participant={person}",
        "source": f"{COURSE}?source={items[0]['sources'][0]['id']}",
        "post": f"{COURSE}/posts/{items[0]['id']}",
    }


def _asking(service: Service, path: str) -> Callable[[], float]:
    return lambda: service.get(path).seconds
