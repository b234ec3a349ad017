"""
What the gates catch and what they take by mistake: `make gates`, with `--json` for machines.

The tuned part is judged by cross-validation: each phrase by weights that never saw its writer.  The
held parts, each of a writer of its own, are judged as a text on the wire is; nothing was fitted to
them.
"""

import argparse
import json
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass

from domain.turn.classifier import classify
from domain.turn.keywords import free_opt_out, is_stop
from domain.turn.tier.tier import shipped
from tests.domain.test_keywords import LEAVING, ORDINARY
from tests.gates.crossed import Crossed
from tests.gates.crossed import read as read_crossed
from tests.gates.phrases import PARTS, Phrase, held

ORDER = ("crisis", "passive_death", "burnout_escape", "isolation", "none")


@dataclass(frozen=True, slots=True)
class Judged:
    """One phrase and what became of it; `right` where it was gated as the class that it is."""

    safety: str
    about: str
    lang: str
    gated: bool
    watched: bool
    right: bool | None


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the report: how many, and which share was gated, watched, rightly classed."""

    part: str
    safety: str
    of: str
    count: int
    gated: float
    watched: float
    right: float | None


def crossed() -> list[Judged]:
    """Return the verdicts on the tuned part, by weights that never saw the writer."""
    limits = shipped().limits
    return [
        Judged(
            line.phrase.safety,
            line.phrase.about,
            line.phrase.lang,
            gated=line.counted >= limits["gate"],
            watched=line.counted >= limits["watch"],
            right=None,
        )
        for line in read_crossed()
    ]


def at_shares(
    lines: Sequence[Crossed], shares: Sequence[float]
) -> list[tuple[float, dict[str, float]]]:
    """Return what would be caught of each class if such shares of the harmless were gated."""
    harmless = sorted((line.counted for line in lines if not line.phrase.danger), reverse=True)
    found: list[tuple[float, dict[str, float]]] = []
    for share in shares:
        gate = harmless[int(share * len(harmless))]
        caught: dict[str, list[bool]] = defaultdict(list)
        for line in lines:
            caught[line.phrase.safety].append(line.counted > gate)
        found.append((share, {name: sum(each) / len(each) for name, each in caught.items()}))
    return found


def judged(phrases: Iterable[Phrase]) -> list[Judged]:
    """Return the verdicts of the classifier."""
    verdicts: list[Judged] = []
    for phrase in phrases:
        reading = classify(phrase.text, phrase.earlier)
        gated = reading.danger is not None
        verdicts.append(
            Judged(
                phrase.safety,
                phrase.about,
                phrase.lang,
                gated=gated,
                watched=gated or reading.labels.risk != "low",
                right=reading.danger is not None and reading.danger.safety == phrase.safety,
            )
        )
    return verdicts


def lines_of(part: str, verdicts: Sequence[Judged]) -> list[Line]:
    """Return a line for each class, and for each class in each language and of each kind."""
    keys: tuple[Callable[[Judged], str], ...] = (
        lambda one: "",
        lambda one: one.lang,
        lambda one: one.about,
    )
    lines: list[Line] = []
    for key in keys:
        sorted_out: dict[tuple[str, str], list[Judged]] = defaultdict(list)
        for one in verdicts:
            sorted_out[one.safety, key(one)].append(one)
        lines += [
            _line(part, safety, of, found)
            for (safety, of), found in sorted(
                sorted_out.items(), key=lambda item: (ORDER.index(item[0][0]), item[0][1])
            )
        ]
    return lines


def opt_outs() -> dict[str, float]:
    """Return which share of opt-outs is heard, and which share of ordinary texts is taken for one."""

    def leaves(text: str) -> bool:
        return is_stop(text) or bool(free_opt_out(text))

    return {
        "texts_that_leave": len(LEAVING),
        "heard": sum(map(leaves, LEAVING)) / len(LEAVING),
        "ordinary_texts": len(ORDINARY),
        "taken_by_mistake": sum(map(leaves, ORDINARY)) / len(ORDINARY),
    }


def speed() -> float:
    """Return how many held texts one core classifies in a second, each met for the first time."""
    phrases = held()
    classify("The first text finds nothing in the caches.")
    began = time.process_time()
    for phrase in phrases:
        classify(phrase.text)
    return len(phrases) / (time.process_time() - began)


def main(arguments: Sequence[str]) -> None:
    """Print the report."""
    parser = argparse.ArgumentParser(prog="make gates")
    parser.add_argument("--json", action="store_true")
    as_json = parser.parse_args(arguments).json
    quick = speed()
    lines = lines_of("tuned", crossed())
    for part in PARTS:
        lines += lines_of(part, judged(held(part)))
    if as_json:
        report = {
            "gates": [asdict(line) for line in lines],
            "opt_out": opt_outs(),
            "speed": quick,
        }
        print(json.dumps(report, indent=1))
        return
    print(
        f"{'part':6} {'class':15} {'of':13} {'texts':>6} {'gated':>7} {'watched':>8} {'class ok':>9}"
    )
    for line in lines:
        right = "" if line.right is None or line.safety == "none" else f"{line.right:9.1%}"
        print(
            f"{line.part:6} {line.safety:15} {line.of:13} {line.count:6} {line.gated:7.1%} "
            f"{line.watched:8.1%} {right}"
        )
    print("tuned part, recall if such a share of the harmless were gated:")
    for share, caught in at_shares(read_crossed(), (0.005, 0.01, 0.02, 0.03)):
        print(f"{share:6.1%}", " ".join(f"{name} {caught[name]:.1%}" for name in ORDER))
    print("opt-out", opt_outs())
    print(f"{quick:,.0f} texts a second on one core")


def _line(part: str, safety: str, of: str, found: Sequence[Judged]) -> Line:
    count = len(found)
    known = [one.right for one in found if one.right is not None]
    return Line(
        part,
        safety,
        of,
        count,
        sum(one.gated for one in found) / count,
        sum(one.watched for one in found) / count,
        sum(known) / count if known else None,
    )


if __name__ == "__main__":
    main(sys.argv[1:])
