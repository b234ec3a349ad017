"""What an escalation must be to be taken in: a table of refusals."""

from typing import Any

import pytest

from contracts import person as p
from contracts.agent import EscalationWanted
from contracts.base import Contract
from domain.escalation.checks import Admitted, Asked, refusal
from domain.escalation.reading import Malformed, read
from domain.escalation.wording import worded
from domain.person.state import Person
from tests.facts import ADA, KNOWN, NOON, POLICY, evidence, later, registered, somebody

NONE = Admitted()
GOOD: dict[str, Any] = {
    "escalation_id": "5f3c1a7e-1111-4222-8333-444455556666",
    "to": {"user_id": "u-17"},
    "priority": "normal",
    "kind": "question",
    "text": "Deploy is blocked: roll back or wait?",
    "project_id": "p-1",
    "expects_reply": True,
    "not_before": None,
    "expires_at": None,
    "reply_options": ["1", "2"],
}


def reason(
    fields: dict[str, Any], person: Person | None = None, admitted: Admitted = NONE
) -> str | None:
    wanted = read(fields)
    if isinstance(wanted, Malformed):
        return wanted.reason
    return refusal(Asked(wanted, person or somebody(*KNOWN), admitted, NOON, POLICY))


def test_a_good_one_is_taken_in() -> None:
    assert reason(GOOD) is None
    assert reason({**GOOD, "told_by_a_newer_agent": 1}) is None
    bare = {"escalation_id": "e-1", "to": {"phone": "+12125550123"}, "text": "The aide is late."}
    assert reason(bare) is None


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"priority": "asap"}, "bad_priority"),
        ({"priority": None}, "bad_priority"),
        ({"kind": "banana"}, "bad_kind"),
        ({"kind": 7}, "bad_kind"),
        ({"to": {}}, "bad_recipient"),
        ({"to": {"user_id": "u-17", "phone": "+12125550123"}}, "bad_recipient"),
        ({"to": "u-17"}, "bad_recipient"),
        ({"to": {"user_id": ""}}, "bad_recipient"),
        ({"to": {"user_id": "u-\x0017"}}, "bad_recipient"),
        ({"project_id": "p\x00"}, "malformed"),
        ({"text": ""}, "empty"),
        ({"text": None}, "empty"),
        ({"text": " \n\u200b "}, "empty"),
        ({"text": 7}, "bad_text"),
        ({"text": "Transfer \u202edrawkcab now?"}, "bad_text"),
        ({"text": "word " * 100}, "too_long"),
        ({"text": "x" * 20_000}, "too_long"),
        ({"text": "Reply CANCEL to cancel the visit."}, "reserved_word"),
        ({"text": "Visit at 3? Answer STOP to decline."}, "reserved_word"),
        ({"text": "Please just say cancel if you do not want it."}, "reserved_word"),
        ({"text": "Answer: stop/go"}, "reserved_word"),
        ({"text": "Wait? STOP = no, GO = yes"}, "reserved_word"),
        ({"text": "Visit tomorrow. CANCEL or KEEP?"}, "reserved_word"),
        ({"reply_options": ["STOP", "go"]}, "bad_reply_options"),
        ({"reply_options": ["cancel", "keep"]}, "bad_reply_options"),
        ({"reply_options": ["end", "go on"]}, "bad_reply_options"),
        ({"reply_options": ["help", "wait"]}, "bad_reply_options"),
        ({"reply_options": ["1", "1."]}, "bad_reply_options"),
        ({"reply_options": ["", "2"]}, "bad_reply_options"),
        ({"reply_options": ["x" * 60]}, "bad_reply_options"),
        ({"reply_options": "1"}, "bad_reply_options"),
        ({"reply_options": list("abcdefghijkl")}, "bad_reply_options"),
        ({"expects_reply": False}, "bad_reply_options"),
        ({"expects_reply": "yes"}, "malformed"),
        ({"project_id": 7}, "malformed"),
        ({"expires_at": "soon"}, "bad_time"),
        ({"not_before": "2026-11-24T09:00:00"}, "bad_time"),
        ({"not_before": "9999-12-31T23:59:59Z"}, "bad_time"),
        ({"expires_at": "2029-01-01T00:00:00Z"}, "bad_time"),
        ({"expires_at": NOON.isoformat()}, "already_expired"),
        ({"expires_at": later(-1).isoformat()}, "already_expired"),
        (
            {"not_before": later(60).isoformat(), "expires_at": later(60).isoformat()},
            "bad_time",
        ),
    ],
)
def test_what_is_wrong_with_a_request_is_its_reason(wrong: dict[str, Any], why: str) -> None:
    assert reason({**GOOD, **wrong}) == why


REVOKED: tuple[Contract, ...] = (*KNOWN, p.ConsentRevoked(evidence=evidence()))


@pytest.mark.parametrize(
    ("past", "why"),
    [
        ((), "unknown_user"),
        ((*KNOWN, p.Erased(person_id=ADA, at=NOON)), "unknown_user"),
        ((registered(),), "consent_missing"),
        ((registered(), p.ConsentRequested(evidence=evidence())), "consent_missing"),
        ((*KNOWN, p.ConsentExpired(evidence=evidence())), "consent_missing"),
        (REVOKED, "revoked"),
        ((*REVOKED, registered(2)), "revoked"),
    ],
)
def test_whom_it_is_for_may_be_a_reason(past: tuple[Contract, ...], why: str) -> None:
    assert reason(GOOD, somebody(*past)) == why


def test_a_runaway_agent_is_refused_for_one_person_and_for_all() -> None:
    def taken_in(number: int, at: float) -> Contract:
        return p.QuestionWaiting(
            escalation_id=f"e-{number}", priority="low", expects_reply=False, at=later(at)
        )

    most = POLICY.escalations_per_person_hour
    many = [taken_in(number, -60) for number in range(most)]
    long_ago = [taken_in(number, -3601) for number in range(most)]
    urgent = {**GOOD, "priority": "urgent"}

    assert reason(urgent, somebody(*KNOWN, *many)) == "rate_limited"
    assert reason(urgent, somebody(*KNOWN, *many[1:])) is None
    assert reason(urgent, somebody(*KNOWN, *long_ago)) is None
    hour, minute = POLICY.escalations_per_hour, POLICY.escalations_per_minute
    for one_too_many, fits in (
        (Admitted(hour=hour), Admitted(hour=hour - 1)),
        (Admitted(minute=minute), Admitted(minute=minute - 1)),
    ):
        assert reason(urgent, admitted=one_too_many) == "rate_limited"
        assert reason(urgent, admitted=fits) is None


@pytest.mark.parametrize("priority", ["high", "normal", "low"])
def test_the_last_quarter_is_for_what_is_urgent(priority: str) -> None:
    hour, minute = POLICY.escalations_per_hour * 3 // 4, POLICY.escalations_per_minute * 3 // 4
    wanted = {**GOOD, "priority": priority}

    for full, fits in (
        (Admitted(hour=hour), Admitted(hour=hour - 1)),
        (Admitted(minute=minute), Admitted(minute=minute - 1)),
    ):
        assert reason(wanted, admitted=full) == "rate_limited"
        assert reason(wanted, admitted=fits) is None
        assert reason({**GOOD, "priority": "urgent"}, admitted=full) is None


@pytest.mark.parametrize("fields", [{}, {"escalation_id": None}, {"escalation_id": "a b"}])
def test_one_whose_id_cannot_be_read_cannot_be_answered(fields: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"escalation_id|string"):
        read({**GOOD, "escalation_id": "", **fields})


def test_the_answers_are_named_where_the_text_does_not() -> None:
    def told(text: str) -> str:
        return worded(EscalationWanted.model_validate({**GOOD, "text": text}))

    assert told("Roll back?") == "Roll back?\nAnswer with 1 or 2."
    assert told("Answer 1 to roll back, 2 to wait.") == "Answer 1 to roll back, 2 to wait."
