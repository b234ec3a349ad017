"""One line of `parley evaluate`: a text and a reply in, what is wrong with the reply out."""

from collections.abc import Mapping
from typing import Any

from contracts.labels import Labels
from domain.turn.checks.promises import Backed
from domain.turn.context import Resource, Said
from domain.turn.evaluator import Circumstances, examine, heard_in
from domain.turn.reading import Reading

MAX_SEGMENTS = 3
# Without a country the number is taken to be one of the country that Parley serves first.
_COUNTRY = "US"


def evaluate_line(record: Mapping[str, Any]) -> dict[str, Any]:
    """
    Return the action and the flags for one `{"id", "inbound", "reply", "phase"?, "country"?}`.

    There is no proposal here, so no effect stands behind what the reply promises.
    """
    inbound, reply = str(record["inbound"]), str(record["reply"])
    country = str(record.get("country") or _COUNTRY)
    reading = _read(inbound, country)
    around = Circumstances(
        pending=(Said("person", inbound, "inbound"),),
        labels=reading.labels,
        phase=str(record.get("phase") or "active"),
        country=country,
        resources=_resources(country),
        max_segments=MAX_SEGMENTS,
    )
    flags = examine(reply, heard_in(around, reading.danger), Backed(), MAX_SEGMENTS)
    acts = {flag.act for flag in flags}
    return {
        "id": record["id"],
        "action": "block" if "block" in acts else "repair" if "repair" in acts else "pass",
        "flags": [
            flag.model_dump(include={"flag", "failure_mode", "rule", "span", "act"})
            for flag in flags
        ],
    }


def _read(inbound: str, country: str) -> Reading:
    return Reading(Labels())


def _resources(country: str) -> tuple[Resource, ...]:
    return ()
