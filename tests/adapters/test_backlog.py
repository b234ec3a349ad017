"""What waits, measured on a real PostgreSQL: for whoever watches, and for the alarms."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any, cast

import psycopg
from prometheus_client import REGISTRY

from contracts.person import Erased
from contracts.recorded import Cause, Subject
from contracts.safety import SafetyCaseAcknowledged, SafetyCaseOpened
from domain.policy import Policy
from projections.catalogue import PROJECTIONS
from projections.positions import prepare
from services.adapters.journal import open_journal
from services.adapters.keys import Secrets
from services.adapters.recorder import prepare_database
from services.adapters.relay_state import PostgresRelayState
from services.runtime.backlog_watch import BacklogWatch
from services.runtime.console.views import Views
from services.runtime.erasure_watch import ErasureWatch
from services.runtime.outside import Outside
from services.runtime.ports import Entry, ErasureLedger, Forgotten, Unavailable
from services.runtime.projecting import Following
from services.runtime.settings import Settings
from tests.facts import NOON, registered

SECRETS = Secrets(b"k" * 32, b"p" * 32)
CAUSE = Cause("test", "test")


class Announced:
    """A bus that remembers so much."""

    def __init__(self, position: int | None) -> None:
        self.position = position

    async def announced(self) -> int:
        if self.position is None:
            raise Unavailable("away")
        return self.position

    async def fullness(self) -> dict[str, float]:
        return {"FACTS": 0.25}


def value(name: str, **labels: str) -> float | None:
    return REGISTRY.get_sample_value(name, labels)


def opened(tier: str, minutes: int) -> SafetyCaseOpened:
    return SafetyCaseOpened(
        person_id=None, conversation_id=None, kind="crisis", tier=cast("Any", tier), quotes=(),
        at=NOON - timedelta(minutes=minutes),
    )  # fmt: skip


async def test_what_waits_is_measured(database_url: str) -> None:
    prepare_database(database_url, SECRETS)
    relay = PostgresRelayState(database_url)
    await relay.prepare()
    with psycopg.connect(database_url, autocommit=True) as connection:
        prepare(connection, PROJECTIONS)
    journal = await open_journal(database_url, SECRETS)
    bus = Announced(None)
    outside = SimpleNamespace(
        settings=Settings(database_url=database_url), policy=Policy(), journal=journal,
        bus=bus, clock=SimpleNamespace(now=lambda: NOON),
    )  # fmt: skip
    watch = BacklogWatch(cast("Outside", outside))
    try:
        for number, fact in enumerate((opened("critical", 9), opened("critical", 4)), 1):
            await journal.save([Entry(f"safety-{number}", 0, "", (fact,), None)], CAUSE, NOON)
        seen = SafetyCaseAcknowledged(by="ana", at=NOON)
        await journal.save([Entry("safety-1", 1, "", (seen,), None)], CAUSE, NOON)
        following = Following(journal, database_url, PROJECTIONS)
        while await following.step():
            pass
        await following.aclose()
        await watch.look()
        assert value("parley_safety_cases_open", tier="critical") == 2
        assert value("parley_safety_case_oldest_seconds", tier="critical") == 9 * 60
        assert value("parley_safety_case_unacknowledged_seconds", tier="critical") == 4 * 60
        assert value("parley_relay_behind_facts") == 3
        standing = await relay.acquire()
        assert standing is not None
        await relay.advance(standing._replace(position=2))
        bus.position = 8
        await watch.look()
        assert value("parley_relay_behind_facts") == 1
        assert value("parley_journal_behind_facts") == 8 - 3
        assert value("parley_stream_fullness", stream="FACTS") == 0.25
    finally:
        await watch._aclose()
        await relay.aclose()
        await journal.aclose()


async def test_a_projection_that_cannot_take_in_a_fact_says_so(database_url: str) -> None:
    prepare_database(database_url, SECRETS)
    journal = await open_journal(database_url, SECRETS)
    following = Following(journal, database_url, PROJECTIONS[:1])
    table = PROJECTIONS[0].name
    try:
        await following.step()
        assert value("sms_projection_failing", projection=table) == 0
        following.followers[0].failed(ValueError("x"))
        await following.step()
        assert value("sms_projection_failing", projection=table) == 1
    finally:
        await following.aclose()
        await journal.aclose()


async def test_an_erasure_that_was_left_half_way_is_seen(database_url: str) -> None:
    prepare_database(database_url, SECRETS)
    journal = await open_journal(database_url, SECRETS)
    who = f"{1:032x}"
    entry = Entry(f"person-{who}", 0, "", (registered(),), Subject(who, 1))
    views = Views(database_url)
    ledger = SimpleNamespace(read=lambda: [Forgotten(who, NOON + timedelta(days=1), None)])
    watch = ErasureWatch(cast("ErasureLedger", ledger), views)
    try:
        await journal.save([entry], CAUSE, NOON)
        following = Following(journal, database_url, PROJECTIONS)
        while await following.step():
            pass
        await watch.look()
        assert value("parley_erasures_unfinished") == 1
        erased = Erased(person_id=who, at=NOON)
        await journal.save([Entry(f"person-{who}", 1, "", (erased,), None)], CAUSE, NOON)
        while await following.step():
            pass
        await following.aclose()
        await watch.look()
        assert value("parley_erasures_unfinished") == 0
    finally:
        await views.aclose()
        await journal.aclose()
