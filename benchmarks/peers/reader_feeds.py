"""The feed reader library `reader`, as a command: `python -m benchmarks.peers.reader_feeds`.

`add DATABASE` registers the addresses that stand on standard input, `update DATABASE WORKERS`
updates every feed and prints how many entries there are then.
"""

import sys

from reader import make_reader


def main(action: str, database: str, workers: str = "1") -> None:
    with make_reader(database) as reader:
        if action == "add":
            for url in sys.stdin.read().split():
                reader.add_feed(url)
            return
        reader.update_feeds(scheduled=False, workers=int(workers))
        print(reader.get_entry_counts().total)


if __name__ == "__main__":
    main(*sys.argv[1:])
