"""What became of many texts: counted at the phones and at the carrier."""

import json
import sys
from dataclasses import dataclass

from tests.journeys.system import System


@dataclass(frozen=True, slots=True)
class Tally:
    """
    Texts in, and what came back.

    `unheard` were never taken by us: no webhook of theirs was answered.  `lost` were, and their
    phone got nothing.
    """

    texts: int
    answered: int
    doubled: int
    unheard: int
    lost: int
    dead: int

    def say(self, **more: object) -> None:
        """Print the figures."""
        found = {name: getattr(self, name) for name in self.__slots__}
        sys.stdout.write(json.dumps({**more, **found}) + "\n")


def tally(system: System, texted: dict[str, str]) -> Tally:
    """Count what became of texts, each of another phone: SIDs by number."""
    got = {phone: len(system.received(phone)) for phone in texted}
    silent = [texted[phone] for phone, count in got.items() if count == 0]
    lost = len(_taken(system).intersection(silent))
    return Tally(
        texts=len(texted),
        answered=sum(count > 0 for count in got.values()),
        doubled=sum(count > 1 for count in got.values()),
        unheard=len(silent) - lost,
        lost=lost,
        dead=dead_letters(system),
    )


def dead_letters(system: System) -> int:
    """Return how many messages were put aside."""
    return _count(system, "deadletter")


def heard(system: System) -> int:
    """Return how many texts are in the journal."""
    return _count(system, "conversation.message_received.")


def _count(system: System, begin: str) -> int:
    query = "SELECT count(*) FROM stored_events WHERE topic LIKE %s"
    return int(system.query(query, f"{begin}%")[0][0])


def _taken(system: System) -> set[str]:
    """Return the SIDs of the texts whose webhook was answered 200."""
    log = system.http.get(f"{system.addresses['simulator']}/log").text
    calls = [json.loads(line) for line in log.splitlines()]
    return {call["sid"] for call in calls if call["kind"] == "inbound" and call["answer"] == 200}
