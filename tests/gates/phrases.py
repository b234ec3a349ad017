"""The phrases that the gates are measured on: those they were trained on, and those held back."""

import json
from dataclasses import dataclass
from pathlib import Path

from domain.turn.context import Said

CORPUS = Path(__file__).parents[1] / "corpus"
NONE = "none"


@dataclass(frozen=True, slots=True)
class Phrase:
    """One text, what it is (`safety`, `about`), its language, and what was said before it."""

    text: str
    safety: str
    about: str
    lang: str
    earlier: tuple[Said, ...]
    source: str

    @property
    def danger(self) -> bool:
        """Whether a person must be met with at once."""
        return self.safety != NONE


def read(path: Path) -> list[Phrase]:
    """Return the phrases of a file, one JSON object a line."""
    return [_phrase(json.loads(line), path.stem) for line in path.read_text("utf-8").splitlines()]


def tuned() -> list[Phrase]:
    """Return what rules and weights may be fitted to."""
    paths = (*sorted((CORPUS / "phrases").glob("*.jsonl")), *sorted(CORPUS.glob("danger_*.jsonl")))
    return [phrase for path in paths for phrase in read(path)]


def held() -> list[Phrase]:
    """Return what nothing may be fitted to; only its sums are looked at."""
    return [phrase for path in sorted((CORPUS / "held").glob("*.jsonl")) for phrase in read(path)]


def _phrase(line: dict[str, object], source: str) -> Phrase:
    danger = line.get("danger", line.get("safety") not in (None, NONE))
    before = line.get("context") or ()
    assert isinstance(before, list | tuple)
    return Phrase(
        text=str(line["text"]),
        safety=str(line.get("safety") or ("crisis" if danger else NONE)),
        about=str(line.get("about") or ""),
        lang=str(line.get("lang") or "en"),
        earlier=tuple(
            Said("agent" if said["from"] == "agent" else "person", said["text"]) for said in before
        ),
        source=source,
    )
