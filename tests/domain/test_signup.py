"""What the sign-up page sends: one text, to few, and never to whoever said no."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from contracts import conversation as c
from contracts import person as p
from contracts.base import Contract
from contracts.signup import SignupTexted
from domain.conversation import conversation
from domain.conversation.state import Conversation
from domain.outbound import Go, dispatch
from domain.person import person, wording
from domain.person.signup import A_DAY_IN_ALL, AN_HOUR_BY_ADDRESS, Ask, Asked, ask
from domain.person.state import Person
from tests.facts import (
    ADA,
    AMPLE,
    NOON,
    NUMBER,
    POLICY,
    TALK,
    World,
    evidence,
    later,
    registered,
    somebody,
)

FRESH = "f" * 32
ASK = Ask(ADA, NUMBER, "US", ("America/New_York",), "home", NOON, FRESH, "sms-1")
COUNTRIES = ("US", "CA")
MIDNIGHT = datetime(2026, 11, 25, 0, 10, tzinfo=UTC)
STOPPED = p.ConsentRevoked(evidence=evidence(later(-3600)))


def asked(
    state: Person = Person(),  # noqa: B008
    lately: Sequence[SignupTexted] = (),
    command: Ask = ASK,
    talk: Conversation = Conversation(),  # noqa: B008
) -> Asked:
    return ask(state, talk, lately, command, COUNTRIES, POLICY)


def texted(whom: int, at: datetime = NOON, address: str = "home") -> SignupTexted:
    return SignupTexted(person_id=f"{whom:032x}", address_hash=address, at=at)


def test_a_stranger_is_registered_asked_and_texted_in_one_save() -> None:
    facts = asked().facts

    assert set(facts) == {f"person-{ADA}", f"conversation-{FRESH}", "signups-2026-11-24"}
    of_person, of_talk = facts[f"person-{ADA}"], facts[f"conversation-{FRESH}"]
    assert [type(fact).__name__ for fact in of_person] == [
        "Registered", "ConsentRequested", "ConversationOpened",
    ]  # fmt: skip
    assert [type(fact).__name__ for fact in of_talk] == ["ConversationStarted", "SmsRequested"]
    state, talk = person.fold(of_person), conversation.fold(of_talk)
    assert (state.conversation_id, state.generation) == (FRESH, talk.generation)
    assert (talk.initiated_by, talk.status) == ("agent", "active")


def test_the_text_asks_for_yes_and_leaves_at_once_even_at_night() -> None:
    night = NOON.replace(hour=6)  # one o'clock in New York
    facts = asked(command=replace(ASK, at=night)).facts
    state = person.fold(facts[f"person-{ADA}"])
    talk = conversation.fold(facts[f"conversation-{FRESH}"])

    found = dispatch(FRESH, state, talk, "sms-1", night + timedelta(seconds=2), POLICY, AMPLE)

    assert isinstance(found, Go)
    assert (found.number, found.text.kind) == (NUMBER, "notice")
    assert "Reply YES" in found.text.text


def test_the_evidence_names_what_the_page_showed() -> None:
    requested = asked().facts[f"person-{ADA}"][1]

    assert isinstance(requested, p.ConsentRequested)
    assert wording.AGREED_TO[requested.evidence.wording or ""] == wording.AGREEMENT
    assert (requested.evidence.source, requested.evidence.address_hash) == ("form", "home")


def test_the_text_joins_the_conversation_that_is_open() -> None:
    started = c.ConversationStarted(person_id=ADA, generation=1, initiated_by="person", at=NOON)
    state = somebody(registered(), p.ConversationOpened(conversation_id=TALK))

    facts = asked(state, talk=conversation.fold([started])).facts

    assert [type(fact).__name__ for fact in facts[f"conversation-{TALK}"]] == ["SmsRequested"]
    assert [type(fact).__name__ for fact in facts[f"person-{ADA}"]] == ["ConsentRequested"]


def test_whoever_was_erased_is_met_anew() -> None:
    state = somebody(registered(), p.Erased(person_id=ADA, at=NOON))

    found = asked(state)

    assert found.subject.generation == 2
    assert isinstance(found.facts[f"person-{ADA}"][0], p.Registered)


SILENT: list[tuple[str, tuple[Contract, ...], list[SignupTexted], dict[str, object]]] = [
    ("who took consent back", (registered(), STOPPED), [], {}),
    ("who took it back and was erased", (registered(), STOPPED, p.Erased(person_id=ADA, at=NOON)), [], {}),
    ("who agreed already", (registered(), p.ConsentGranted(evidence=evidence())), [], {}),
    ("who may have meant to stop", (registered(), p.PhaseChanged(phase="paused")), [], {}),
    ("a number that cannot be reached", (registered(), p.NumberFailed(code=30006, at=NOON)), [], {}),
    ("another country", (), [], {"country": "RU"}),
    ("no country", (), [], {"country": None}),
    ("a number texted today", (), [SignupTexted(person_id=ADA, address_hash="x", at=later(-9))], {}),
    ("an address that asked five times", (), [texted(n, later(-60 * n)) for n in range(AN_HOUR_BY_ADDRESS)], {}),
    ("the hundred-and-first today", (), [texted(n, later(-n), f"a{n}") for n in range(A_DAY_IN_ALL)], {}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("facts", "lately", "change"), [row[1:] for row in SILENT], ids=[row[0] for row in SILENT]
)
def test_nothing_is_sent(
    facts: tuple[Contract, ...], lately: list[SignupTexted], change: dict[str, object]
) -> None:
    assert asked(somebody(*facts), lately, replace(ASK, **change)).facts == {}  # type: ignore[arg-type]


def test_a_number_is_texted_once_in_a_day_also_over_midnight() -> None:
    before = SignupTexted(
        person_id=ADA, address_hash="elsewhere", at=MIDNIGHT - timedelta(hours=1)
    )

    assert asked(lately=[before], command=replace(ASK, at=MIDNIGHT)).facts == {}
    next_day = MIDNIGHT + timedelta(hours=23, minutes=1)
    assert asked(lately=[before], command=replace(ASK, at=next_day)).facts


def test_an_hour_may_span_midnight() -> None:
    before = [texted(n, MIDNIGHT - timedelta(minutes=20)) for n in range(AN_HOUR_BY_ADDRESS)]

    assert asked(lately=before, command=replace(ASK, at=MIDNIGHT)).facts == {}
    assert asked(lately=before, command=replace(ASK, at=MIDNIGHT + timedelta(hours=1))).facts
    assert asked(lately=before, command=replace(ASK, at=MIDNIGHT, address_hash="x")).facts


def test_a_new_day_has_a_hundred_of_its_own() -> None:
    before = [texted(n, MIDNIGHT - timedelta(minutes=20), f"a{n}") for n in range(A_DAY_IN_ALL)]

    assert asked(lately=before, command=replace(ASK, at=MIDNIGHT)).facts


def test_yes_to_the_text_grants_and_is_answered() -> None:
    world = World()
    world.append(dict(asked().facts))
    before = world.person.consent

    answer = world.text("Yes", later(60))

    assert (before, world.person.consent) == ("pending", "granted")
    assert answer.facts
    assert any(
        isinstance(fact, c.TurnAnswered) and fact.reply == wording.WELCOME
        for fact in world.streams[f"conversation-{FRESH}"]
    )
