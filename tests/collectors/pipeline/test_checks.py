"""Deletions and edits of older posts, of kinds whose polls do not look at them again."""

from models.store import sources
from models.tables.posts import SightingTable
from tests.collectors.courses import BEGIN, VAULT, Collecting
from tests.servers import bluesky, fediverse, x
from tests.servers.web import served

HOUR = {"hours": 1.1}


def test_a_profile_at_bluesky(collecting: Collecting) -> None:
    network = bluesky.Network()
    views = [network.post(number, "#sample", at=BEGIN) for number in range(3)]
    with served(network.answer) as appview:
        collecting.add(("bluesky", f"{appview.origin}/profile/{bluesky.HANDLE}"))
        assert collecting.run().posts.new == 3
        network.views.remove(views[1])
        assert collecting.later_run(**HOUR).posts.withdrawn == 1
        assert len(collecting.posts()) == 2
        lookups = [path for path in appview.paths if path.endswith("getPosts")]
        assert len(lookups) == 1
        collecting.later_run(hours=1)
        assert appview.paths.count(lookups[0]) == 1, "the next check comes a day after"


def test_an_account_of_the_fediverse(collecting: Collecting) -> None:
    home = fediverse.Instance()
    with served(home.answer) as instance:
        home.web, home.domain = instance.origin, instance.netloc
        for number in range(2):
            home.post(number, "#sample", created_at=BEGIN.isoformat())
        collecting.add(("fediverse", f"{instance.origin}/@muster"))
        assert collecting.run().posts.new == 2
        home.statuses.pop()
        home.statuses[0]["content"] = "<p>edited #sample</p>"
        summary = collecting.later_run(**HOUR)
        assert (summary.posts.changed, summary.posts.withdrawn) == (1, 1)
        assert len(collecting.posts()) == 1


def with_token(collecting: Collecting, source_id: str) -> None:
    with collecting.database.writing() as session:
        sources.equip(
            session,
            sources.get(session, source_id),
            secret=VAULT.seal(x.TOKEN),
            options={"max_reads_a_month": 100},
            now=collecting.now,
        )


def test_a_search_at_x_within_its_cap(collecting: Collecting) -> None:
    search = x.RecentSearch(now=BEGIN)
    ids = [search.post(hour, "#sample") for hour in range(3)]
    with served(search.answer) as api:
        (source,) = collecting.add(("x", api.origin))
        with_token(collecting, source)
        assert collecting.run().posts.new == 3
        search.delete(ids[1])
        search.protected.add(ids[2])
        assert collecting.later_run(**HOUR).posts.withdrawn == 2
        assert len(collecting.posts()) == 1
        spent = collecting.source(source).cursor["spent"]
        assert spent["checks"] == 1
        assert spent["reads"] == search.sold


def test_what_the_cap_does_not_allow_stays_due(collecting: Collecting) -> None:
    search = x.RecentSearch(now=BEGIN)
    for minute in range(30):
        search.post(minute / 60, "#sample")
    with served(search.answer) as api:
        (source,) = collecting.add(("x", api.origin))
        with_token(collecting, source)
        collecting.run()
        collecting.later_run(**HOUR)
        assert collecting.source(source).cursor["spent"]["checks"] <= 25
        assert search.sold <= 100
        with collecting.database.reading() as session:
            due = session.query(SightingTable).filter(SightingTable.check_at <= collecting.now)
            assert due.count() > 0
