"""The rules alone, on one core: texts classified a second, replies judged a second."""

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from contracts.proposal import TurnProposal
from deploy.bench.figure import Figure
from deploy.commands.classify import Question, classified
from domain.turn.classifier import classify
from domain.turn.context import Said
from domain.turn.evaluate_lines import evaluate_line
from domain.turn.evaluator import Circumstances, judge
from domain.turn.resources import resources_for

T = TypeVar("T")

CORPUS = Path(__file__).parents[2] / "tests/corpus"
_ROUNDS = 8


def measured() -> Iterator[Figure]:
    """
    Yield what one core does in a second, by its own time: what else runs takes none of it.

    The texts are those that the rules are tested on.  Of several rounds the best counts, because
    neighbours that push each other out of the caches can only slow one down.
    """
    records = [
        json.loads(line)
        for name in ("good_replies.jsonl", "bad_replies.jsonl")
        for line in (CORPUS / name).read_text("utf-8").splitlines()
    ]
    inbound = [str(record["inbound"]) for record in records]
    yield _rate("classify", "texts/s", inbound, classify, 2_000)
    questions = [Question(id=count, text=text) for count, text in enumerate(inbound)]
    yield _rate("parley classify, gates included", "texts/s", questions, classified, None)
    good = [_draft(record) for record in records if "flag" not in record]
    yield _rate("evaluate good replies", "replies/s", good, lambda pair: judge(*pair), 5_000)
    yield _rate("parley evaluate, classifier included", "replies/s", records, evaluate_line, None)


def _draft(record: Mapping[str, str]) -> tuple[TurnProposal, Circumstances]:
    labels = classify(record["inbound"], (), "US").labels
    around = Circumstances(
        pending=(Said("person", record["inbound"], "SM1"),),
        labels=labels,
        country="US",
        resources=resources_for("US", labels.domain),
    )
    return TurnProposal(reply=record["reply"]), around


def _rate(
    name: str, unit: str, items: Sequence[T], does: Callable[[T], object], reach: float | None
) -> Figure:
    took = float("inf")
    for _ in range(_ROUNDS):
        begun = time.process_time()
        for item in items:
            does(item)
        took = min(took, time.process_time() - begun)
    return Figure(name, len(items) / took, unit, reach)
