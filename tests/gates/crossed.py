"""What each phrase scored by weights that never saw its writer: one line a phrase."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.gates.phrases import CORPUS, Phrase, tuned

CROSSED = CORPUS / "crossed.txt"
# How much less than others a text must weigh to be gated where a rule is certain, and how much
# more where it is brief; in thousandths.
CERTAIN_ADDS, BRIEF_TAKES = 1000, 1200


@dataclass(frozen=True, slots=True)
class Crossed:
    """A phrase, its score, whether a rule is certain of it, and whether it is brief."""

    phrase: Phrase
    certain: bool
    brief: bool
    score: int

    @property
    def counted(self) -> int:
        """Its score, what a rule that is certain adds to it, and what is taken for its brevity."""
        return self.score + CERTAIN_ADDS * self.certain - BRIEF_TAKES * self.brief


def write(lines: Sequence[Crossed], path: Path = CROSSED) -> None:
    """Write the scores, in the order of the phrases."""
    rows = (
        "\t".join((str(one.score), *("certain",) * one.certain, *("brief",) * one.brief))
        for one in lines
    )
    path.write_text("\n".join(rows) + "\n", "utf-8")


def read(path: Path = CROSSED) -> list[Crossed]:
    """Return the scores; they are those of the phrases as they are now, or it is an error."""
    lines = (line.split("\t") for line in path.read_text("utf-8").splitlines())
    return [
        Crossed(phrase, "certain" in marks, "brief" in marks, int(score))
        for phrase, (score, *marks) in zip(tuned(), lines, strict=True)
    ]
