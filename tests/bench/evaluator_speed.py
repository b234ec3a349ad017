"""How many replies one core judges in a second: `python -m tests.bench.evaluator_speed`."""

import json
import time
from pathlib import Path

from contracts.proposal import TurnProposal
from domain.turn.classifier import classify
from domain.turn.context import Said
from domain.turn.evaluator import Circumstances, judge
from domain.turn.resources import resources_for

CORPUS = Path(__file__).parents[1] / "corpus"
ROUNDS = 10


def main() -> None:
    items: list[tuple[TurnProposal, Circumstances]] = []
    for line in (CORPUS / "good_replies.jsonl").read_text().splitlines():
        record = json.loads(line)
        labels = classify(record["inbound"]).labels
        around = Circumstances(
            pending=(Said("person", record["inbound"], "SM1"),),
            labels=labels,
            country="US",
            resources=resources_for("US", labels.domain),
        )
        items.append((TurnProposal(reply=record["reply"]), around))
    began = time.perf_counter()
    for _ in range(ROUNDS):
        for proposal, around in items:
            judge(proposal, around)
    each = (time.perf_counter() - began) / (ROUNDS * len(items))
    print(f"{1 / each:,.0f} replies a second, {each * 1e6:.0f} us each")


if __name__ == "__main__":
    main()
