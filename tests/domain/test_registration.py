"""What becomes known when an operator adds somebody, and what an operator cannot undo."""

from dataclasses import replace

import pytest

from contracts import person as p
from contracts.base import Contract
from domain.person import person
from domain.person.registration import Register, RegistrationRefused, register
from domain.person.state import Person
from tests.facts import ADA, NOON, NUMBER, evidence, later, registered, somebody

ADD = Register(ADA, NUMBER, NOON, zones=("America/New_York",), country="US")
AGREED = replace(ADD, consent="granted", evidence="Signed the paper form.")
MET = p.Registered(generation=1, number=NUMBER, source="sms")
STOPPED = p.ConsentRevoked(evidence=evidence(later(-3600)))


def after(state: Person, command: Register) -> tuple[Person, tuple[Contract, ...]]:
    facts = register(state, command)
    return person.fold(facts, state), facts


def names(facts: tuple[Contract, ...]) -> list[str]:
    return [type(fact).__name__ for fact in facts]


def test_somebody_new_is_registered_with_all_zones_they_could_be_in() -> None:
    state, facts = after(Person(), ADD)

    assert names(facts) == ["Registered"]
    assert (state.generation, state.known, state.consent) == (1, True, "pending")
    assert (state.number, state.zones, state.country) == (NUMBER, ("America/New_York",), "US")


def test_a_declared_zone_is_the_only_one() -> None:
    state, _ = after(Person(), replace(ADD, timezone="America/Denver"))

    assert (state.timezone, state.zones) == ("America/Denver", ("America/Denver",))


@pytest.mark.parametrize(
    "command",
    [
        ADD,
        AGREED,
        replace(AGREED, user_id="u-1", display_name="Ada", timezone="America/Denver"),
        replace(ADD, consent="pending", evidence="Asked at the desk."),
    ],
)
@pytest.mark.parametrize("start", [Person(), somebody(MET), somebody(registered())])
def test_saying_it_again_is_nothing(start: Person, command: Register) -> None:
    state, _ = after(start, command)

    assert register(state, command) == ()


def test_a_consent_is_granted_with_its_evidence() -> None:
    state, facts = after(Person(), replace(AGREED, agreed_at=later(-60)))

    granted = next(fact for fact in facts if isinstance(fact, p.ConsentGranted))
    assert (granted.evidence.words, granted.evidence.at) == ("Signed the paper form.", later(-60))
    assert (state.consent, state.loop_stage, state.phase) == ("granted", "active", "active")


def test_a_consent_without_evidence_is_refused() -> None:
    with pytest.raises(RegistrationRefused, match="evidence"):
        register(Person(), replace(AGREED, evidence=None))


def test_a_consent_from_the_future_is_refused() -> None:
    with pytest.raises(RegistrationRefused, match="not come yet"):
        register(Person(), replace(AGREED, agreed_at=later(60)))


def test_whoever_only_texted_becomes_known() -> None:
    stranger = somebody(MET)
    assert not stranger.known

    state, facts = after(stranger, AGREED)

    assert "Registered" not in names(facts)
    assert (state.known, state.generation, state.consent) == (True, 1, "granted")


@pytest.mark.parametrize("erased", [False, True])
def test_a_stop_outlives_a_table_that_is_imported_again(erased: bool) -> None:
    gone = (p.Erased(person_id=ADA, at=later(-60)),) if erased else ()
    state = somebody(registered(), STOPPED, *gone)

    with pytest.raises(RegistrationRefused, match="say when"):
        register(state, AGREED)
    with pytest.raises(RegistrationRefused, match="after they had agreed"):
        register(state, replace(AGREED, agreed_at=later(-3600)))
    assert "ConsentGranted" not in names(register(state, ADD))


def test_an_agreement_after_the_stop_counts() -> None:
    state, _ = after(somebody(registered(), STOPPED), replace(AGREED, agreed_at=later(-1800)))

    assert state.consent == "granted"


def test_whoever_was_erased_begins_a_new_generation() -> None:
    state = somebody(registered(), p.UserLinked(user_id="u-1"), p.Erased(person_id=ADA, at=NOON))

    state, facts = after(state, replace(AGREED, user_id="u-1"))

    assert names(facts)[:2] == ["Registered", "UserLinked"]
    assert (state.generation, state.erased, state.user_id) == (2, False, "u-1")


def test_an_operator_corrects_a_name_and_a_table_only_fills_it_in() -> None:
    state = somebody(registered())
    table = replace(ADD, source="csv", display_name="Ada")

    state, _ = after(state, table)
    assert state.display_name == "Ada"
    state, _ = after(state, replace(ADD, display_name="Adele"))
    assert state.display_name == "Adele"
    assert register(state, table) == ()


def test_whoever_was_asked_elsewhere_may_say_yes_here() -> None:
    state, facts = after(Person(), replace(ADD, consent="pending", evidence="Asked by letter."))

    assert names(facts) == ["Registered", "ConsentRequested"]
    assert state.asked_at == NOON
    assert register(somebody(registered(), STOPPED), replace(ADD, consent="pending")) == ()


def test_whoever_let_a_request_run_out_may_be_asked_elsewhere_again() -> None:
    command = replace(ADD, consent="pending", evidence="Asked by letter.")
    state, _ = after(Person(), command)
    state = person.fold([p.ConsentExpired(evidence=evidence(later(86_400)))], state)

    state, facts = after(state, replace(command, at=later(90_000)))

    assert names(facts) == ["ConsentRequested"]
    assert (state.consent, state.consent_open, state.asked_at) == ("pending", True, later(90_000))


def test_urgent_texts_at_any_time_are_agreed_to_with_evidence_and_once() -> None:
    anytime = replace(AGREED, urgent_anytime=True)
    state, facts = after(Person(), anytime)
    assert names(facts)[-1] == "UrgentAgreed"
    assert state.urgent_agreed
    assert register(state, anytime) == ()
    assert not person.fold([STOPPED], state).urgent_agreed

    for wrong in (replace(ADD, urgent_anytime=True), replace(anytime, evidence=None)):
        with pytest.raises(RegistrationRefused):
            register(Person(), wrong)
