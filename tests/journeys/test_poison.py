"""What nobody can process, on every subject: put aside, seen by a command, sent again, dropped."""

import asyncio
import json

import nats

from tests.journeys.system import System, parley

SUBJECTS = {
    "sms.inbound": "policy_gate",
    "sms.status": "sender",
    "fact.conversation.turn_admitted.v1": "turn_runner",
    "fact.conversation.reply_drafted.v1": "evaluator",
    "fact.conversation.turn_answered.v1": "committer",
    "fact.conversation.turn_answered.v1.urgent": "committer_urgent",
    "fact.conversation.sms_requested.v1": "sender",
    "fact.conversation.sms_requested.v1.urgent": "sender_urgent",
}
BODIES = (b"", b"{", b"\xff", b'{"schema_version": 9}', b"[1]")


async def _publish(url: str, run: str) -> None:
    connection = await nats.connect(url)
    stream = connection.jetstream()
    for subject in SUBJECTS:
        for number, body in enumerate(BODIES):
            headers = {"Nats-Msg-Id": f"poison:{run}:{subject}:{number}"}
            await stream.publish(subject, body, headers=headers)
    await connection.close()


def _letters(system: System) -> list[dict[str, object]]:
    printed = parley(system.state, "dead-letters", "list", "--json")
    return [json.loads(line) for line in printed.splitlines()]


def test_poison_is_put_aside_on_every_subject(system: System, phone: str) -> None:
    wanted = len(SUBJECTS) * len(BODIES)
    before = {letter["id"] for letter in _letters(system)}
    asyncio.run(_publish(system.addresses["nats"], phone))

    letters = system.wait(
        lambda: fresh if len(fresh := _fresh(system, before)) >= wanted else [], 40, "the letters"
    )

    assert len(letters) == wanted
    assert {letter["consumer"] for letter in letters} == set(SUBJECTS.values())
    counted = "SELECT count(*) FROM stored_events WHERE topic = 'deadletter.put_aside.v1'"
    assert system.query(counted)[0][0] >= wanted

    again, dropped, *_ = (str(letter["id"]) for letter in letters)
    parley(system.state, "dead-letters", "replay", again)
    parley(system.state, "dead-letters", "drop", dropped)
    left = {letter["id"] for letter in _letters(system)}
    assert again not in left
    assert dropped not in left

    system.text(phone, "How do I get a break after all that?")
    assert len(system.answered(phone)) == 1


def _fresh(system: System, before: set[object]) -> list[dict[str, object]]:
    return [letter for letter in _letters(system) if letter["id"] not in before]
