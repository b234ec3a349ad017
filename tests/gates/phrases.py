"""The phrases that the gates are measured on: those they were trained on, and those held back."""

import json
import re
from dataclasses import dataclass
from pathlib import Path

from domain.turn.context import Said
from domain.turn.words import collapsed

CORPUS = Path(__file__).parents[1] / "corpus"
NONE = "none"
# What is held back, a file of each of two writers.
PARTS = ("held", "second")
# The class of what is told of; everything else is harmless.
_CLASS_OF = {
    "self": "crisis", "means": "crisis", "other_harm": "crisis", "third_party": "crisis",
    "medical": "crisis", "abuse": "crisis", "passive": "passive_death",
    "escape": "burnout_escape", "alone": "isolation",
}  # fmt: skip
_SPEAKER = re.compile(r"^[AP]: ?")


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
    def key(self) -> str:
        """What makes it the same as another: its words, and what they answer."""
        words = collapsed(self.text)
        return f"{self.earlier[-1].text} / {words}" if self.earlier else words

    @property
    def danger(self) -> bool:
        """Whether a person must be met with at once."""
        return self.safety != NONE


def read(path: Path) -> list[Phrase]:
    """Return the phrases of a file, one JSON object a line."""
    return [_phrase(json.loads(line), path.stem) for line in path.read_text("utf-8").splitlines()]


def listed(path: Path) -> list[Phrase]:
    """
    Return the phrases of a file of plain lines, `<kind>.<language>.txt`, one text a line.

    What was said before a text stands before it, ` || ` between, `A: ` before what the agent said
    and `P: ` before what the person did.  The folder is the writer.
    """
    about, lang = path.name.split(".")[:2]
    phrases: list[Phrase] = []
    for line in path.read_text("utf-8").splitlines():
        *before, text = line.split(" || ")
        said = tuple(
            Said("agent" if each.startswith("A:") else "person", _SPEAKER.sub("", each))
            for each in before
        )
        safety = _CLASS_OF.get(about, NONE)
        phrases.append(Phrase(_SPEAKER.sub("", text), safety, about, lang, said, path.parent.name))
    return phrases


def tuned() -> list[Phrase]:
    """Return what rules and weights may be fitted to, each once, and nothing that is held back."""
    folder = CORPUS / "phrases"
    found = [
        *(each for path in sorted(folder.glob("*.jsonl")) for each in read(path)),
        *(each for path in sorted(folder.glob("*/*.txt")) for each in listed(path)),
        *(each for path in sorted(CORPUS.glob("danger_*.jsonl")) for each in read(path)),
    ]
    seen = {phrase.key for phrase in held()}
    kept: list[Phrase] = []
    for phrase in found:
        if collapsed(phrase.text) and phrase.key not in seen:
            seen.add(phrase.key)
            kept.append(phrase)
    return kept


def held(*parts: str) -> list[Phrase]:
    """Return what nothing may be fitted to, of some parts or all; only its sums are looked at."""
    return [
        phrase for part in parts or PARTS for phrase in read(CORPUS / "held" / f"{part}.jsonl")
    ]


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
