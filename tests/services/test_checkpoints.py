"""The journal is signed, so that whoever owns the database cannot rewrite it unseen."""

import base64
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from pydantic_core import from_json, to_json

from contracts.base import Contract
from contracts.checkpoint import CheckpointSigned
from contracts.conversation import MessageReceived
from contracts.person import Erased
from contracts.recorded import Cause, Subject
from domain.checkpoint import Tree, root_of, statement
from services.adapters.clock import SystemClock
from services.adapters.journal import AsyncJournal, open_journal
from services.adapters.mapper import digest_of
from services.adapters.signing import Ed25519Signer
from services.runtime.audit import verify
from services.runtime.checkpointing import Checkpointing
from services.runtime.ports import Entry
from services.runtime.settings import Settings
from tests.adapters.postgres_fixture import database_url, postgres
from tests.facts import ADA, NOON, later, registered, sid
from tests.journal_in_memory import MemoryJournal
from tests.projections.stories import started

__all__ = ["database_url", "postgres"]

KEY = base64.b64encode(b"m" * 32).decode()
SIGNER = Ed25519Signer(b"m" * 32)
FIRST, SECOND = f"conversation-{'1' * 32}", f"conversation-{'2' * 32}"
PERSON = f"person-{ADA}"


@pytest.fixture
def settings(database_url: str) -> Settings:
    told: Any = {"database_url": database_url, "pepper": "p" * 32, "master_key": KEY}
    return Settings(**told)


@pytest.fixture
async def journal(settings: Settings) -> AsyncIterator[AsyncJournal]:
    async with await open_journal(settings.database_url, settings.secrets()) as opened:
        yield opened


def _received(number: int) -> Contract:
    return MessageReceived(sid=sid(number), text=f"text {number}", received_at=NOON)


async def _talk(journal: Any) -> None:
    """Append Ada and two conversations of three facts each."""
    subject = Subject(ADA, 1)
    entries = [Entry(PERSON, 0, "", (registered(),), subject)]
    entries += [
        Entry(stream, 0, "", (started(), _received(1), _received(2)), subject)
        for stream in (FIRST, SECOND)
    ]
    for entry in entries:
        await journal.save([entry], Cause("test", "test"), NOON)


def _as_superuser(settings: Settings, *statements: str) -> None:
    """Do what the table refuses: its owner can turn its triggers off."""
    with psycopg.connect(settings.database_url) as connection:
        connection.execute("ALTER TABLE stored_events DISABLE TRIGGER ALL")
        for each in statements:
            connection.execute(each.encode())


def _rewrite_last(settings: Settings, stream: str, change: Callable[[bytes], bytes]) -> None:
    with psycopg.connect(settings.database_url) as connection:
        connection.execute("ALTER TABLE stored_events DISABLE TRIGGER ALL")
        row = connection.execute(
            "SELECT notification_id, state FROM stored_events WHERE originator_id = %s"
            " ORDER BY originator_version DESC LIMIT 1",
            [stream],
        ).fetchone()
        assert row is not None
        connection.execute(
            "UPDATE stored_events SET state = %s WHERE notification_id = %s",
            [change(row[1]), row[0]],
        )


async def _what(settings: Settings, *kept: CheckpointSigned) -> list[str]:
    found = await verify(settings, kept)
    return [each["what"] for each in found["damage"]]


async def _signed(journal: AsyncJournal, seconds: float = 60) -> CheckpointSigned:
    signed = await Checkpointing(journal, SIGNER, SystemClock()).sign(later(seconds))
    assert signed is not None
    return signed


async def test_a_signed_past_is_whole_also_after_an_erasure(
    journal: AsyncJournal, settings: Settings
) -> None:
    await _talk(journal)
    first = await _signed(journal)
    stands = await journal.history(PERSON)
    erased = Erased(person_id=ADA, at=later(70))
    entry = Entry(PERSON, 1, stands[-1].digest, (erased,), None)
    await journal.save([entry], Cause("test", "test"), later(70), forget=ADA)
    second = await _signed(journal, 80)

    found = await verify(settings, [first, second])

    assert found["damage"] == []
    assert (found["checkpoints"], found["unsigned"]) == (2, 1)
    assert (first.facts, second.facts, second.after) == (7, 2, first.through)


async def test_nothing_new_is_not_signed_again(journal: AsyncJournal) -> None:
    checkpointing = Checkpointing(journal, SIGNER, SystemClock())
    assert await checkpointing.sign(NOON) is None
    await _talk(journal)
    assert await checkpointing.sign(NOON) is not None
    assert await checkpointing.sign(later(60)) is None


async def test_a_changed_byte_shows_though_no_chain_goes_on_from_it(
    journal: AsyncJournal, settings: Settings
) -> None:
    await _talk(journal)
    await _signed(journal)

    _rewrite_last(settings, FIRST, lambda state: state.replace(b'"segments":1', b'"segments":2'))

    assert await _what(settings) == ["the checkpoint summed up other facts than there are now"]


async def test_a_rewritten_past_whose_chains_were_mended_shows(
    journal: AsyncJournal, settings: Settings
) -> None:
    await _talk(journal)
    await _signed(journal)
    with psycopg.connect(settings.database_url) as connection:
        connection.execute("ALTER TABLE stored_events DISABLE TRIGGER ALL")
        rows = connection.execute(
            "SELECT notification_id, originator_version, topic, state FROM stored_events"
            " WHERE originator_id = %s ORDER BY originator_version",
            [FIRST],
        ).fetchall()
        previous = ""
        for position, version, topic, state in rows:
            told = from_json(state)
            told |= {"previous": previous, "cause": "forged"}
            forged = to_json(told)
            previous = digest_of(FIRST, version, topic, forged)
            connection.execute(
                "UPDATE stored_events SET state = %s WHERE notification_id = %s",
                [forged, position],
            )

    assert await _what(settings) == ["the checkpoint summed up other facts than there are now"]


async def test_a_removed_fact_shows_though_it_was_the_last_of_its_stream(
    journal: AsyncJournal, settings: Settings
) -> None:
    await _talk(journal)
    await _signed(journal)

    _as_superuser(
        settings,
        f"DELETE FROM stored_events WHERE originator_id = '{SECOND}' AND originator_version = 3",
    )

    assert await _what(settings) == ["the checkpoint counted 7 facts, and there are 6"]


async def test_a_removed_fact_in_the_middle_breaks_its_chain(
    journal: AsyncJournal, settings: Settings
) -> None:
    await _talk(journal)

    _as_superuser(
        settings,
        f"DELETE FROM stored_events WHERE originator_id = '{SECOND}' AND originator_version = 2",
    )

    assert "follows version 1" in await _what(settings)


async def test_a_swapped_pair_shows(journal: AsyncJournal, settings: Settings) -> None:
    await _talk(journal)
    await _signed(journal)

    # The last facts of two streams trade places: versions and chains of both stay whole.
    _as_superuser(
        settings,
        "UPDATE stored_events SET notification_id = -notification_id WHERE originator_version = 3",
        f"UPDATE stored_events AS one SET notification_id = -other.notification_id"
        f" FROM stored_events AS other WHERE one.originator_version = 3"
        f" AND other.originator_version = 3 AND one.originator_id <> other.originator_id"
        f" AND one.originator_id IN ('{FIRST}', '{SECOND}')"
        f" AND other.originator_id IN ('{FIRST}', '{SECOND}')",
    )

    assert "the checkpoint summed up other facts than there are now" in await _what(settings)


async def test_a_forged_position_shows(journal: AsyncJournal, settings: Settings) -> None:
    await _talk(journal)
    signed = await _signed(journal)

    _as_superuser(
        settings,
        f"UPDATE stored_events SET notification_id = {signed.through + 1000}"
        f" WHERE notification_id = {signed.through}",
    )

    assert "the checkpoint counted 7 facts, and there are 6" in await _what(settings)


async def test_a_journal_cut_off_with_its_checkpoints_shows_by_the_copies_kept_outside(
    journal: AsyncJournal, settings: Settings
) -> None:
    await _talk(journal)
    first = await _signed(journal)
    await journal.save(
        [Entry("conversation-" + "3" * 32, 0, "", (started(),), Subject(ADA, 1))],
        Cause("test", "test"), NOON,
    )  # fmt: skip
    second = await _signed(journal, 120)

    _as_superuser(settings, f"DELETE FROM stored_events WHERE notification_id > {first.through}")

    assert await _what(settings) == []
    assert await _what(settings, first, second) == [
        "the checkpoint was kept outside and is missing in the journal",
        "the checkpoint was kept outside and is missing in the journal",
        "the checkpoint counted 2 facts, and there are 0",
    ]


async def test_a_checkpoint_that_another_key_signed_shows(
    journal: AsyncJournal, settings: Settings
) -> None:
    await _talk(journal)
    forger = Ed25519Signer(b"f" * 32)

    await Checkpointing(journal, forger, SystemClock()).sign(NOON)

    assert await _what(settings) == ["the checkpoint is not signed by this deployment's key"]


async def test_a_checkpoint_is_due_when_a_day_has_ended() -> None:
    journal = MemoryJournal()
    checkpointing = Checkpointing(journal, SIGNER, SystemClock())
    tomorrow = NOON + timedelta(days=1)

    assert not await checkpointing.due(tomorrow)  # there is nothing to sign
    await _talk(journal)
    assert not await checkpointing.due(later(3600))
    assert await checkpointing.due(tomorrow)
    signed = await checkpointing.sign(tomorrow)
    assert signed is not None
    assert not await checkpointing.due(tomorrow)


def test_the_root_is_that_of_rfc_6962() -> None:
    # The test vectors of RFC 6962 implementations: leaves 00, 10, 20 21 in order.
    leaves = [b"", b"\x00", b"\x10", bytes.fromhex("2021")]
    roots = [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]
    tree = Tree()
    for leaf, root in zip(leaves, roots, strict=True):
        tree.add(leaf)
        assert tree.root() == root


def test_a_position_is_part_of_what_is_summed_up() -> None:
    assert root_of([(1, "a"), (2, "b")]) != root_of([(1, "a"), (3, "b")])


def test_a_statement_holds_everything_but_its_signature() -> None:
    fact = CheckpointSigned(
        number=1, after=0, through=7, facts=7, root="r", previous="", at=NOON, key="k",
        signature="s",
    )  # fmt: skip
    assert statement(fact) == statement(fact.model_copy(update={"signature": "other"}))
    assert statement(fact) != statement(fact.model_copy(update={"through": 8}))
