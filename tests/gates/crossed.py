"""What each phrase scored by weights that never saw its writer: one line a phrase."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from tests.gates.phrases import CORPUS

CROSSED = CORPUS / "crossed.txt"


class Crossed(NamedTuple):
    """A phrase's class, kind, language and writer; whether a rule is certain; its score."""

    safety: str
    about: str
    lang: str
    source: str
    certain: bool
    score: int


def write(path: Path, lines: Sequence[Crossed]) -> None:
    """Write the scores, in the order of the phrases."""
    rows = (
        "\t".join(str(int(each) if isinstance(each, bool) else each) for each in line)
        for line in lines
    )
    path.write_text("\n".join(rows) + "\n", "utf-8")


def read(path: Path = CROSSED) -> list[Crossed]:
    """Return the scores."""
    lines = (line.split("\t") for line in path.read_text("utf-8").splitlines())
    return [Crossed(a, b, c, d, e == "1", int(f)) for a, b, c, d, e, f in lines]
