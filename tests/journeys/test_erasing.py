"""Somebody is erased in the middle of a turn, and texts again."""

import asyncio
import json
import time
from contextlib import suppress

import nats
from nats.js.errors import NotFoundError

from tests.journeys.command import Command
from tests.journeys.system import System, parley


def _erase(system: System, phone: str) -> dict[str, object]:
    found: dict[str, object] = json.loads(parley(system.state, "people", "erase", phone, "--json"))
    return found


def _everywhere(system: System) -> dict[str, str]:
    """Return all that the queue, the tables, the logs and the metrics hold, as text."""
    health = json.loads((system.state / "health.json").read_text())
    names = system.query(
        "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
    )
    tables = [
        system.query(f"SELECT string_agg(each::text, '') FROM \"{name}\" AS each")
        for (name,) in names
    ]
    # Columns of bytes are in another writing there: the journal's are read as what they are.
    stored = system.query("SELECT string_agg(convert_from(state, 'UTF8'), '') FROM stored_events")
    return {
        "tables": f"{tables}{stored}",
        "queue": asyncio.run(_queued(system.addresses["nats"])),
        "logs": "".join(path.read_text() for path in (system.state / "logs").glob("*.log*")),
        "metrics": "".join(system.http.get(f"{url}/metrics").text for url in health.values()),
    }


async def _queued(url: str) -> str:
    client = await nats.connect(url)
    stream, found = client.jetstream(), list[str]()

    async def one(name: str, sequence: int) -> None:
        with suppress(NotFoundError):
            message = await stream.get_msg(name, seq=sequence)
            found.append(f"{message.subject} {message.headers} {(message.data or b'').decode()}")

    for told in await stream.streams_info():
        end = told.state.last_seq + 1
        for begin in range(max(told.state.first_seq, 1), end, 200):
            asked = range(begin, min(begin + 200, end))
            await asyncio.gather(*(one(told.config.name or "", each) for each in asked))
    await client.close()
    return "\n".join(found)


def _erase_mid_turn(system: System, phone: str) -> dict[str, object]:
    """Erase while the runner dies whenever it is about to ask the model."""
    told = system.state.parent / "erased.json"
    erasing = Command(("people", "erase", phone, "--json"), system.environment(), told)
    while erasing.poll() is None:
        if system.fired("runner.asking"):
            system.arm("runner.asking")
        time.sleep(0.01)
    assert erasing.returncode == 0, told.read_text()
    found: dict[str, object] = json.loads(told.read_text())
    (system.failpoints / "runner.asking").unlink(missing_ok=True)
    return found


def test_somebody_is_erased_in_the_middle_of_a_turn_and_begins_anew(
    system: System, phone: str
) -> None:
    secret = "My mother Wilhelmina fell again"
    system.text(phone, "How do I find respite care?")
    system.answered(phone, 1)
    system.arm("runner.asking")
    system.text(phone, secret)
    system.wait(lambda: system.fired("runner.asking"), 30, "the runner")

    erased = _erase_mid_turn(system, phone)

    assert isinstance(erased["facts"], int)
    assert erased["facts"] >= 3  # the turn, the conversation, the person
    who = str(erased["person_id"])
    assert system.thread(phone) == []  # the carrier has nothing any more
    system.quiet()
    [reason] = system.query(
        "SELECT convert_from(state, 'UTF8')::json->'fact'->>'reason' FROM stored_events"
        " WHERE topic = 'conversation.turn_superseded.v1' AND originator_id IN"
        " (SELECT 'conversation-' || conversation_id FROM inbox WHERE person_id = %s)",
        who,
    )[0]
    assert reason == "erased"
    exported = parley(system.state, "people", "export", phone)
    assert "Wilhelmina" not in exported
    assert phone not in exported
    assert "[erased]" in exported
    assert "person.consent_granted.v1" in exported  # the proof that there was a consent stays
    for where, told in _everywhere(system).items():
        assert len(told) > 500, where
        assert "Wilhelmina" not in told, where
        assert phone.removeprefix("+") not in told, where

    system.text(phone, "Hello?")
    [answer] = system.answered(phone, 1)
    assert "automated assistant" in answer
    system.wait(system.projected, 30, "the projections")
    known = "SELECT generation, consent, erased FROM people WHERE person_id = %s"
    assert system.query(known, who) == [(2, "pending", False)]
    found = json.loads(parley(system.state, "audit", "verify", "--json"))
    assert found["damage"] == []


def test_a_revocation_outlives_its_person(system: System, phone: str) -> None:
    """Erased at the console first, and then, as nobody remembers that, by a command."""
    system.text(phone, "STOP")
    system.wait(system.projected, 30, "the projections")
    system.quiet()

    [person] = system.console("people", user_id=f"u-{phone[-7:]}")["items"]
    who = person["person_id"]
    first = system.act(f"people/{who}/erase", confirm=who[:8])
    again = _erase(system, phone)

    assert first["facts"] > 0
    assert first["copies"] > 0
    assert system.thread(phone) == []
    assert (again["facts"], again["person_id"]) == (0, who)
    system.wait(system.projected, 30, "the projections")
    known = "SELECT erased, consent FROM people WHERE person_id = %s"
    assert system.query(known, who) == [(True, "revoked")]
    lines = (system.state / "erasures.jsonl").read_text().splitlines()
    [kept] = [line for line in lines if who in line]
    assert json.loads(kept)["revoked_at"] is not None
    assert phone not in kept


def test_the_past_is_decided_the_same_again_and_is_whole(system: System, phone: str) -> None:
    for count, words in enumerate(("How do I find respite care?", "SHARE", "I feel so alone"), 1):
        system.text(phone, words)
        system.answered(phone, count)
    system.quiet()

    *differing, summary = map(
        json.loads, parley(system.state, "replay", "policy", "--json").splitlines()
    )

    assert differing == []
    assert summary["differ"] == 0
    assert summary["texts"] >= 3
    assert summary["drafts"] >= 1
    signed = parley(system.state, "audit", "checkpoint", "--json")
    copies = system.state.parent / "checkpoints.jsonl"
    copies.write_text(signed)
    found = json.loads(
        parley(system.state, "audit", "verify", "--checkpoints", str(copies), "--json")
    )
    assert (found["damage"], found["checkpoints"]) == ([], 1)
    folder = system.state.parent / "export"
    manifest = json.loads(parley(system.state, "audit", "export", str(folder), "--json"))
    assert manifest["facts"] >= found["facts"]
    assert phone not in "".join(path.read_text() for path in folder.iterdir())
