"""Pages of the combined feed among few and among very many posts, past the cache."""

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from urllib.parse import quote

from benchmarks.corpus.feeds import HASHTAG
from benchmarks.corpus.published import SLUG
from benchmarks.figures import Limit, Size, Table, seconds, times
from benchmarks.installation import Installation
from benchmarks.many import filled, offset
from benchmarks.run import Run
from benchmarks.service import Service, serving
from benchmarks.turns import medians

FEW = {Size.FULL: 10_000, Size.QUICK: 1000, Size.TINY: 100}
MANY = {Size.FULL: 1_000_000, Size.QUICK: 20_000, Size.TINY: 200}
DEEP = {Size.FULL: 1000, Size.QUICK: 500, Size.TINY: 5}
"""The page that is compared with the first."""
ROUNDS = 60
LIMIT = 20
PATH = f"/api/v1/courses/{SLUG}/posts?limit={LIMIT}"


def run(run: Run) -> Iterable[Table]:
    """A table for each kind of database, another for its filters."""
    few, many = run.of(FEW), run.of(MANY)
    run.say(f"SQLite: {many:,} posts")
    yield from _tables(run, "SQLite", filled.sqlite(run, few), filled.sqlite(run, many))
    with filled.postgresql() as server:
        run.say(f"PostgreSQL: {many:,} posts")
        yield from _tables(run, "PostgreSQL", filled.on(server, few), filled.on(server, many))


def _tables(run: Run, name: str, few: str, many: str) -> Iterator[Table]:
    with _serving(run, few) as small, _serving(run, many) as large:
        run.say(f"{name}: walking to page {run.of(DEEP):,}")
        deep = large.follow(PATH, run.of(DEEP) - 1)
        asked = {
            f"first page of {run.of(FEW):,}": (small, PATH),
            f"first page of {run.of(MANY):,}": (large, PATH),
            f"page {run.of(DEEP):,} of {run.of(MANY):,}": (large, deep),
        }
        run.say(f"{name}: pages")
        spent = medians(
            {key: _asking(*value) for key, value in asked.items()}, run.rounds_or(ROUNDS)
        )
        run.say(f"{name}: queries")
        queries = offset.compared(many, run.of(DEEP), LIMIT, run.rounds_or(ROUNDS // 2))
        yield _pages(run, name, spent, queries)
        run.say(f"{name}: filters")
        yield _filters(run, name, small, large)


@contextlib.contextmanager
def _serving(run: Run, url: str) -> Iterator[Service]:
    with serving(Installation(run.scratch("serve"), url)) as service:
        service.get(PATH)
        yield service


def _asking(service: Service, path: str) -> Callable[[], float]:
    return lambda: service.get(path).seconds


def _pages(run: Run, name: str, spent: Mapping[str, float], queries: Mapping[str, float]) -> Table:
    few, many, deep = spent.values()
    rows = [(key, seconds(value), times(value / few)) for key, value in spent.items()]
    own = next(iter(queries.values()))
    rows += [(key, seconds(value), times(value / own)) for key, value in queries.items()]
    return Table(
        f"Pages of posts on {name}",
        ("", "median", "ratio"),
        rows,
        notes=[f"{LIMIT} posts a page, rendered anew each time, over HTTP; the peer is OFFSET"],
        limits=[
            Limit("first page, beside that of few posts", many / few, 1.5),
            Limit("deep page, beside the first", deep / many, 1.2),
            Limit("first page, in seconds", many, 0.005, binding=False),
        ],
    )


def _filters(run: Run, name: str, small: Service, large: Service) -> Table:
    filters = _filters_of(large)
    count = run.rounds_or(ROUNDS // 4)
    rows = []
    for label, query in filters.items():
        path = f"{PATH}&{query}"
        few, many = medians(
            {"few": _asking(small, path), "many": _asking(large, path)}, count
        ).values()
        rows.append((label, seconds(few), seconds(many), times(many / few)))
    return Table(
        f"First pages with filters on {name}",
        ("", f"of {run.of(FEW):,}", f"of {run.of(MANY):,}", "ratio"),
        rows,
    )


def _filters_of(service: Service) -> Mapping[str, str]:
    """One of each kind, named by a post in the midst of the list, so that all let posts through."""
    path = f"{PATH}&until=2026-02-15&participant={_participant(service)}"
    post = service.get(path).json()["items"][0]
    word = max(post["excerpt"].split(), key=len).strip(".,")
    return {
        "tag": f"tag={HASHTAG}",
        "source": f"source={post['sources'][0]['id']}",
        "three sources": f"source={_sources(service, 3)}",
        "twenty sources": f"source={_sources(service, 20)}",
        "participant": f"participant={post['author']['participant']}",
        "week": "week=6",
        "kind": "kind=status",
        "lang": "lang=en",
        "since": "since=2026-02-15",
        "until": "until=2026-02-15",
        "discussed": "order=discussed",
        "oldest": "order=oldest",
        "q, a frequent word": f"q={HASHTAG}",
        "q, a rare word": f"q={quote(word)}",
        "tag and lang": f"tag={HASHTAG}&lang=en",
        "source and kind": f"source={post['sources'][0]['id']}&kind=status",
        "week, discussed": "week=6&order=discussed",
        "source, discussed": f"source={post['sources'][0]['id']}&order=discussed",
    }


def _sources(service: Service, count: int) -> str:
    """Ids of so many of the sources whose posts are among the latest."""
    items = service.get(f"/api/v1/courses/{SLUG}/posts?limit=100").json()["items"]
    ids = dict.fromkeys(item["sources"][0]["id"] for item in items)
    return ",".join(list(ids)[:count])


def _participant(service: Service) -> str:
    """Of one of the latest posts."""
    items = service.get(f"/api/v1/courses/{SLUG}/posts?limit=100").json()["items"]
    return next(str(found) for item in items if (found := item["author"]["participant"]))
