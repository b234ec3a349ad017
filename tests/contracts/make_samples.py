"""Adds the samples that are missing; those that are there stay as they are, for ever."""

from contracts.catalogue import CATALOGUE
from tests.contracts.examples import example
from tests.contracts.stored import SAMPLES, Sample


def main() -> None:
    """Write a sample of each fact that has none, and name it."""
    for line in CATALOGUE:
        path = SAMPLES / f"{line.contract.name}.json"
        if not path.exists():
            Sample.of(example(line.contract)).write(path)
            print(path.name)


if __name__ == "__main__":
    main()
