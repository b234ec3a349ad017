"""Erasing whole people from a journal, a queue and a carrier, and what must be left of it."""

import base64
import hashlib
import json
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts.base import Contract
from contracts.identity import person_id, person_stream
from contracts.personal import ERASED
from contracts.recorded import Cause, Subject
from domain.conversation import conversation
from domain.person import person
from domain.person.erasure import Erase
from projections.catalogue import PROJECTIONS
from services.adapters.bus import NatsBus
from services.adapters.erasure_ledger import FileLedger
from services.adapters.journal import AsyncJournal, open_journal
from services.runtime.audit import verify
from services.runtime.erasing import Erasing, NobodyToErase
from services.runtime.ports import Belongs, Entry, Forgotten, LedgerRefused, Listed
from services.runtime.projecting import Following
from services.runtime.settings import Settings
from tests.adapters.nats_fixture import bus, nats_server
from tests.adapters.postgres_fixture import PostgresServer, database_url, postgres
from tests.domain.test_histories import STEPS, told
from tests.facts import ADA, NOON, NUMBER, later, sms
from tests.journal_in_memory import MemoryJournal

__all__ = ["bus", "database_url", "nats_server", "postgres"]

PEPPER = b"p" * 32
KEY = base64.b64encode(b"m" * 32).decode()
PEOPLE = 3
Steps = list[tuple[str, str]]


def _settings(url: str) -> Settings:
    told_: Any = {"database_url": url, "pepper": PEPPER.decode(), "master_key": KEY}
    return Settings(**told_)


class _Marking:
    """Marks every personal text of a fact as one person's, where it would be sealed."""

    def __init__(self, who: int) -> None:
        self.who = who

    def seal(self, text: str) -> str:
        return _number(self.who) if text == NUMBER else f"{text} (of {self.who})"

    def open(self, sealed: str) -> str:
        return sealed


def _number(who: int) -> str:
    return f"+1212556{who:04d}"


def _as(fact: Contract, who: int) -> Contract:
    """Return Ada's fact as another person's: other ids, other words."""

    def other(found: re.Match[str]) -> str:
        if found[0] == ADA:
            return person_id(PEPPER, _number(who))
        return hashlib.sha256(f"{found[0]}{who}".encode()).hexdigest()[:32]

    marking = _Marking(who)
    content = fact.__pydantic_serializer__.to_json(fact, context=marking).decode()
    content = re.sub(r"[0-9a-f]{32}", other, content)
    made: Contract = type(fact).__pydantic_validator__.validate_json(content, context=marking)
    return made


async def _live(journal: AsyncJournal, who: int, steps: Steps) -> None:
    """Append a whole history to the journal, as one save."""
    world = told(steps)
    subject = Subject(person_id(PEPPER, _number(who)), 1)
    entries = [
        Entry(_as_stream(stream, who), 0, "", tuple(_as(fact, who) for fact in facts), subject)
        for stream, facts in world.streams.items()
        if facts
    ]
    await journal.save(entries, Cause("test", "test"), NOON)


def _as_stream(stream: str, who: int) -> str:
    kind, _, name = stream.partition("-")
    fresh = hashlib.sha256(f"{name}{who}".encode()).hexdigest()[:32]
    if kind == "person":
        fresh = person_id(PEPPER, _number(who))
    return f"{kind}-{fresh if len(name) == 32 else name + str(who)}"


async def _everything(journal: AsyncJournal, url: str) -> str:
    """Return all that can be read: every fact with the keys there are, and every table."""
    facts = [each.fact.model_dump_json() for each in await journal.page(0, 100_000)]
    rows: list[str] = []
    with psycopg.connect(url) as connection:
        tables = connection.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
        ).fetchall()
        for (table,) in tables:
            rows += [str(row) for row in connection.execute(f"TABLE {table}".encode()).fetchall()]
    return "\n".join(facts + rows)


async def _project(journal: AsyncJournal, url: str) -> None:
    following = Following(journal, url, PROJECTIONS)
    while await following.step():
        pass
    await following.aclose()


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    histories=st.lists(st.lists(STEPS, max_size=25), min_size=PEOPLE, max_size=PEOPLE),
    gone=st.sets(st.integers(0, PEOPLE - 1), min_size=1),
)
async def test_whoever_is_erased_is_gone_everywhere_and_the_rest_replays(
    postgres: PostgresServer, tmp_path: Path, histories: list[Steps], gone: set[int]
) -> None:
    url = postgres.new_database()
    async with await open_journal(url, _settings(url).secrets()) as journal:
        for who, steps in enumerate(histories):
            await _live(journal, who, [("text", "Who can help me?"), *steps])
        await _project(journal, url)
        erasing = Erasing(journal, NoBus(), None, FileLedger(tmp_path / "ledger"), PEPPER)
        for who in gone:
            await erasing.erase(person_id(PEPPER, _number(who)), later(90_000))
        await _project(journal, url)

        remains = await _everything(journal, url)
        for who in range(PEOPLE):
            held = f"(of {who})" in remains or _number(who) in remains
            assert held == (who not in gone)
            whom = await journal.read(person, person_stream(person_id(PEPPER, _number(who))))
            assert whom.state.erased == (who in gone)
        for each in await journal.page(0, 100_000):
            if each.stream.startswith("conversation-"):
                talk = conversation.fold(
                    found.fact for found in await journal.history(each.stream)
                )
                lines = [line.text for line in talk.lines if line.author == "person"]
                mine = talk.person_id in {person_id(PEPPER, _number(who)) for who in gone}
                assert all((line == ERASED) == mine for line in lines)
                if mine:
                    assert (talk.open_turn, dict(talk.answers)) == (None, {})
                    assert talk.status == "ended"
                    assert all(text.settled for text in talk.outbox.texts.values())
    found = await verify(_settings(url))
    assert found["damage"] == []
    with psycopg.connect(url) as connection:
        ids = [person_id(PEPPER, _number(who)) for who in gone]
        unfinished = connection.execute(
            "SELECT kind FROM due JOIN inbox ON due.stream = 'conversation-' || conversation_id"
            " WHERE person_id = ANY (%s) AND kind NOT IN ('package', 'shift')",
            [ids],
        ).fetchall()
        assert unfinished == []


class NoBus:
    """A queue without messages."""

    async def shred(self, belongs: Belongs) -> Mapping[str, int]:
        del belongs
        return {}


class Carrier:
    """What the carrier keeps: texts by SID, and those that are on their way."""

    def __init__(self, texts: Sequence[Listed], on_their_way: Sequence[str] = ()) -> None:
        self.texts = {text.sid: text for text in texts}
        self.on_their_way = set(on_their_way)

    async def exchanged(self, number: str) -> Sequence[Listed]:
        return [text for text in self.texts.values() if number in (text.to, text.sender)]

    async def delete(self, sid: str) -> bool:
        if sid in self.on_their_way:
            self.on_their_way.discard(sid)  # delivered by the time it is asked again
            return False
        self.texts.pop(sid, None)
        return True


def _listed(sid: str, sender: str, to: str) -> Listed:
    return Listed(sid, to, sender, "words", "delivered", NOON)


def _erasing(journal: Any, tmp_path: Path, bus: Any = None, sms: Any = None) -> Erasing:
    return Erasing(journal, bus or NoBus(), sms, FileLedger(tmp_path / "ledger"), PEPPER)


async def _known(journal: MemoryJournal, number: str) -> str:
    who = person_id(PEPPER, number)
    world = told([("text", "Who can help me?")])
    subject = Subject(who, 1)
    for stream, facts in world.streams.items():
        name = person_stream(who) if stream.startswith("person-") else stream
        await journal.save([Entry(name, 0, "", tuple(facts), subject)], Cause("t", "t"), NOON)
    return who


async def test_the_carriers_copies_go_both_ways_and_what_is_on_its_way_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.runtime.erasing._PAUSE_S", 0.0)
    ours, other = "+14155550100", "+12125550999"
    texts = [
        _listed("SM1", NUMBER, ours),
        _listed("SM2", ours, NUMBER),
        _listed("SM3", other, ours),
    ]
    carrier = Carrier(texts, on_their_way=["SM2"])
    journal = MemoryJournal()
    who = await _known(journal, NUMBER)

    erased = await _erasing(journal, tmp_path, sms=carrier).erase(who, later(60))

    assert (erased.copies, erased.left) == (2, 0)
    assert list(carrier.texts) == ["SM3"]


async def test_the_ledger_knows_who_was_erased_and_that_they_had_opted_out(tmp_path: Path) -> None:
    journal = MemoryJournal()
    who = await _known(journal, NUMBER)
    erasing = _erasing(journal, tmp_path)

    await erasing.erase(who, later(60))
    again = await erasing.erase(who, later(70))

    assert again.facts == 0
    assert FileLedger(tmp_path / "ledger").read() == [Forgotten(who, later(60), None)]
    assert NUMBER not in (tmp_path / "ledger").read_text()


async def test_nobody_is_no_one_to_erase(tmp_path: Path) -> None:
    with pytest.raises(NobodyToErase):
        await _erasing(MemoryJournal(), tmp_path).erase("f" * 32, NOON)


async def test_an_erasure_that_no_ledger_keeps_is_refused_before_anything_is_lost(
    tmp_path: Path,
) -> None:
    journal = MemoryJournal()
    who = await _known(journal, NUMBER)
    (tmp_path / "ledger").mkdir()

    with pytest.raises(LedgerRefused):
        await _erasing(journal, tmp_path).erase(who, later(60))

    assert not (await journal.read(person, person_stream(who))).state.erased


def test_a_torn_last_line_of_the_ledger_is_passed_over_and_a_damaged_one_is_not(
    tmp_path: Path,
) -> None:
    path = tmp_path / "ledger"
    ledger = FileLedger(path)
    ledger.add(Forgotten("a" * 32, NOON))
    with path.open("ab") as file:
        file.write(b'{"person_id": "bb')
    ledger.add(Forgotten("c" * 32, NOON, later(1)))

    assert [each.person_id for each in ledger.read()] == ["a" * 32, "c" * 32]

    path.write_text('{"person": 1}\n' + path.read_text())
    with pytest.raises(LedgerRefused, match="line 1"):
        ledger.read()


@pytest.fixture
async def journal(database_url: str) -> AsyncIterator[AsyncJournal]:
    async with await open_journal(database_url, _settings(database_url).secrets()) as opened:
        yield opened


async def test_the_queue_keeps_nothing_of_theirs_but_what_must_be_heard(
    journal: AsyncJournal, bus: NatsBus, tmp_path: Path
) -> None:
    await _live(journal, 1, [("text", "Who can help me?")])
    who = person_id(PEPPER, _number(1))
    [talk] = [
        each.stream.removeprefix("conversation-")
        for each in await journal.page(0, 1000)
        if each.fact.name == "conversation.started.v1"
    ]
    mine, other = _number(1), _number(2)
    queued = [
        ("sms.inbound", sms(1, "When is it open?", later(50), sender=mine).model_dump_json()),
        ("sms.inbound", sms(2, "STOP", later(50), sender=mine).model_dump_json()),
        ("sms.inbound", sms(3, "I am back", later(70), sender=mine).model_dump_json()),
        ("sms.inbound", sms(4, "When is it open?", later(50), sender=other).model_dump_json()),
        ("sms.status", json.dumps({"attempt_id": f"{talk}.7", "sid": "SM"})),
        ("sms.status", json.dumps({"attempt_id": f"{'9' * 32}.7", "sid": "SM"})),
        ("agent.shifts.requested", json.dumps({"conversation_id": talk, "transcript": ["x"]})),
        ("agent.shifts.requested", json.dumps({"conversation_id": "9" * 32})),
        ("dlq.INBOUND.policy_gate", f"not JSON, sent by {mine}"),
        ("dlq.INBOUND.policy_gate", "not JSON"),
    ]
    for number, (subject, body) in enumerate(queued):
        await bus.publish(subject, body.encode(), f"id{number}")

    erased = await _erasing(journal, tmp_path, bus).erase(who, later(60), number=mine)

    assert erased.messages == {"INBOUND": 1, "STATUS": 1, "AGENT_OUT": 1, "DLQ": 1}
    left: list[str] = []
    for stream in ("INBOUND", "STATUS", "AGENT_OUT", "DLQ"):
        state = (await bus.stream.stream_info(stream)).state
        for sequence in range(1, state.last_seq + 1):
            try:
                message = await bus.stream.get_msg(stream, seq=sequence)
            except Exception:  # it was deleted
                continue
            left.append((message.data or b"").decode())
    assert sorted(left) == sorted(
        body for n, (_, body) in enumerate(queued) if n not in (0, 4, 6, 8)
    )


async def test_forgetting_in_the_journal_alone_is_what_a_restore_repeats(tmp_path: Path) -> None:
    journal = MemoryJournal()
    who = await _known(journal, NUMBER)
    erasing = _erasing(journal, tmp_path)

    assert await erasing.forget(Erase(who, later(60), revoked_at=later(1)), by="recover")
    state = (await journal.read(person, person_stream(who))).state

    assert (state.erased, state.consent) == (True, "revoked")
