"""A text goes in, a judged answer comes out; and what happens to bursts, strangers and STOP."""

import concurrent.futures
import json
import time

from tests.journeys.system import System, parley


def test_a_registered_person_is_answered_and_the_journal_tells_the_same(
    system: System, phone: str
) -> None:
    system.text(phone, "How can I get a break this week?")
    system.answered(phone)
    system.text(phone, "Thank you so much for that")
    system.answered(phone, 2)

    shown = [(text["from"], text["body"]) for text in system.thread(phone)]
    rebuilt = _rebuilt(system, phone)

    assert rebuilt == [("person" if who == "phone" else "agent", body) for who, body in shown]


def _rebuilt(system: System, phone: str) -> list[tuple[str, str]]:
    """Return the person's transcript from the journal alone."""
    found: list[tuple[str, str]] = []
    user = f"u-{phone[-7:]}"
    rows = system.query(
        "SELECT inbox.conversation_id FROM inbox JOIN people USING (person_id)"
        " WHERE user_id = %s ORDER BY started_at",
        user,
    )
    for (conversation_id,) in rows:
        told = json.loads(
            parley(system.state, "replay", "conversation", conversation_id, "--json")
        )
        found += [(line["author"], line["text"]) for line in told["lines"]]
    return found


def test_copies_of_one_webhook_are_one_text(system: System, phone: str) -> None:
    sid = system.text(phone, "Where do I find help with meals?")
    with concurrent.futures.ThreadPoolExecutor(20) as pool:
        copies = [
            pool.submit(system.text, phone, "Where do I find help with meals?", sid=sid)
            for _ in range(100)
        ]
        for copy in copies:
            copy.result()
    system.answered(phone)
    time.sleep(1.0)

    assert len(system.received(phone)) == 1


def test_a_stranger_is_pointed_to_the_sign_up_page_once(system: System, stranger: str) -> None:
    system.text(stranger, "hello who is this")
    first = system.answered(stranger)
    system.text(stranger, "hello again")
    time.sleep(1.5)

    assert "signup" in first[0]
    assert len(system.received(stranger)) == 1


def test_stop_in_free_words_is_confirmed_once_and_start_brings_back(
    system: System, phone: str
) -> None:
    system.text(phone, "How do I talk to my brother about this?")
    system.answered(phone)
    system.text(phone, "please stop texting me")
    system.answered(phone, 2)
    system.text(phone, "are you still there?")
    time.sleep(1.5)

    assert len(system.received(phone)) == 2

    system.text(phone, "START")
    time.sleep(1.0)
    system.text(phone, "What should I do first?")

    assert len(system.answered(phone, 3)) == 3


def test_the_carrier_answers_a_bare_stop_and_we_stay_silent(system: System, phone: str) -> None:
    system.text(phone, "STOP")
    time.sleep(1.5)

    assert system.received(phone) == []
    assert any(text["automatic"] for text in system.thread(phone))


def test_a_crisis_text_is_met(system: System, phone: str) -> None:
    system.text(phone, "I want to kill myself")

    assert "988" in system.answered(phone)[0]
