"""The AsyncAPI document: what travels on NATS, as the processes' own subscribers declare it."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from faststream.specification import AsyncAPI

from contracts.catalogue import Line, listening
from services.adapters.bus_hearing import described
from services.runtime.process import (
    AgentSubscription,
    FactSubscription,
    InboundSubscription,
    StatusSubscription,
    Subscription,
)

_AGENT = "agent"


def document(travelling: Sequence[Line]) -> str:
    """Return the document; `travelling` are the contracts that travel with their content."""
    broker = described(tuple(_heard(travelling)))
    for line in travelling:
        if _AGENT in line.listeners:
            broker.publisher(
                _subject(line),
                schema=line.contract,
                title=f"{_subject(line)} of AGENT_OUT",
                description=f"The agent hears {line.contract.__name__}.",
            )
    told = AsyncAPI(broker, title="Parley", version="1").to_specification().to_jsonable()
    # Where the server is, is a setting.
    del told["servers"]
    for channel in told["channels"].values():
        del channel["servers"]
    return json.dumps(told, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def _heard(travelling: Sequence[Line]) -> Iterator[Subscription]:
    yield from (FactSubscription(process, _nothing) for process in sorted(listening()))
    yield InboundSubscription(_nothing)
    yield StatusSubscription(_nothing)
    for line in travelling:
        if _AGENT in line.speakers:
            yield AgentSubscription(_subject(line), line.contract, _nothing)


def _subject(line: Line) -> str:
    """Return the subject of what the agent says or hears: its contract's name, unversioned."""
    return line.contract.name.rpartition(".")[0]


async def _nothing(message: Any) -> None:
    """Stand for a handler: nothing is heard here."""
