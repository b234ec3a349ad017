"""`python -m deploy.bench [--json] [NAME ...]`: measure, print, say what was missed."""

import argparse
from collections.abc import Callable, Iterator

from deploy.bench import harness, line, runaway, spending, store, waiting
from deploy.bench.figure import Figure, show

BENCHES: dict[str, Callable[[], Iterator[Figure]]] = {
    "harness": harness.measured,
    "append": store.append,
    "replay": store.replay,
    "webhook": line.webhooks,
    "latency": line.latency,
    "turns": line.turns,
    "start": line.start,
    "spending": spending.measured,
    "runaway": runaway.measured,
    "waiting": waiting.measured,
}


def main() -> None:
    """Run the benches named, or all."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHES))
    parser.add_argument("--json", action="store_true", help="a line of JSON for each figure")
    given = parser.parse_args()
    unknown = [name for name in given.names if name not in BENCHES]
    if unknown:
        parser.error(f"there is no bench {unknown[0]}; there are: {', '.join(BENCHES)}")
    for name in given.names or BENCHES:
        for figure in BENCHES[name]():
            show(figure, as_json=given.json)


if __name__ == "__main__":
    main()
