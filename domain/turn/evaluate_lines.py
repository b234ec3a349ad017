"""One line of `parley evaluate`: a text and a reply in, what is wrong with the reply out."""

from collections.abc import Mapping
from typing import Any

from domain.turn.checks.promises import Backed
from domain.turn.classifier import classify
from domain.turn.context import Resource, Said
from domain.turn.evaluator import Circumstances, examine, heard_in
from domain.turn.resources import resources_for

MAX_SEGMENTS = 3
# Without a country the number is taken to be one of the country that Parley serves first.
_COUNTRY = "US"
# Nothing was looked up for a bare line, so the public lines of a country count as given.
WELL_KNOWN: Mapping[str, tuple[Resource, ...]] = {
    "US": (
        Resource("dementia", "Alzheimer's Association helpline", "1-800-272-3900"),
        Resource("benefits", "Medicare", "1-800-633-4227"),
        Resource("benefits", "Social Security", "1-800-772-1213"),
        Resource("respite", "VA Caregiver Support Line", "1-855-260-3274"),
        Resource("safety", "National Domestic Violence Hotline", "1-800-799-7233"),
        Resource("safety", "Poison Control", "1-800-222-1222"),
        Resource("safety", "SAMHSA helpline", "1-800-662-4357"),
        Resource("crisis", "Veterans Crisis Line", "838255"),
    ),
}


def evaluate_line(record: Mapping[str, Any]) -> dict[str, Any]:
    """
    Return the action and the flags for one `{"id", "inbound", "reply", "phase"?, "country"?}`.

    There is no proposal here, so no effect stands behind what the reply promises.
    """
    inbound, reply = str(record["inbound"]), str(record["reply"])
    country = str(record.get("country") or _COUNTRY)
    reading = classify(inbound, (), country)
    around = Circumstances(
        pending=(Said("person", inbound, "inbound"),),
        labels=reading.labels,
        phase=str(record.get("phase") or "active"),
        country=country,
        resources=(*resources_for(country, reading.labels.domain), *WELL_KNOWN.get(country, ())),
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
