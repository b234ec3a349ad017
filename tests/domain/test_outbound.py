"""May a text leave now?  A table by kind, then the attempts and their outcomes."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from contracts import conversation as c
from contracts import person as p
from contracts.base import Contract
from contracts.sms import DeliveryReport
from contracts.texts import SmsKind
from domain.outbound import Decided, Go, Look, Nothing, Reserve, Wait, dispatch
from domain.outcome import Answered, Hit, answered, looked, reported
from domain.policy import Policy, QuietHours
from domain.spending.funds import Funds, Held
from domain.spending.prices import Price
from tests.facts import (
    ADA,
    AMPLE,
    KNOWN,
    NOON,
    POLICY,
    TALK,
    evidence,
    later,
    registered,
    somebody,
    talk,
)

SID = "SM" + "f" * 32
STARTED = c.ConversationStarted(person_id=ADA, generation=1, initiated_by="person", at=NOON)
NIGHT = NOON + timedelta(hours=14)  # two at night in New York


def wanted(kind: SmsKind = "reply", sms_id: str = "s1", at: datetime = NOON) -> c.SmsRequested:
    return c.SmsRequested(
        sms_id=sms_id, turn_id=None, kind=kind, priority="normal", text="Hello there",
        encoding="gsm7", segments=1, estimated_microdollars=8300, at=at, answers_at=at,
        expires_at=at + timedelta(hours=20),
    )  # fmt: skip


def decide(
    *facts: Contract,
    who: tuple[Contract, ...] = KNOWN,
    at: datetime = NOON,
    sms_id: str = "s1",
    policy: Policy = POLICY,
    funds: Funds = AMPLE,
) -> object:
    return dispatch(TALK, somebody(*who), talk(STARTED, *facts), sms_id, at, policy, funds)


REVOKED = (*KNOWN, p.ConsentRevoked(evidence=evidence(later(-5))))
CONFIRMED = (*REVOKED, p.TextPermitted(attempt_id=f"{TALK}.2", kind="opt_out", at=NOON))
PENDING = (registered(),)


@pytest.mark.parametrize(
    ("kind", "who", "expected"),
    [
        ("reply", KNOWN, Go),
        ("reply", PENDING, "no_consent"),
        ("reply", REVOKED, "revoked"),
        ("notice", PENDING, Go),
        ("notice", REVOKED, "revoked"),
        ("crisis", PENDING, Go),
        ("crisis", REVOKED, "revoked"),
        ("opt_out", REVOKED, Go),
        ("opt_out", CONFIRMED, "already_confirmed"),
        ("opt_out", KNOWN, "withdrawn"),
        ("follow_up", PENDING, "no_consent"),
        ("escalation", KNOWN, Go),
        ("reply", (*KNOWN, p.NumberFailed(code=21211, at=NOON)), "number_failed"),
        ("reply", (*KNOWN, p.Erased(person_id=ADA, at=NOON)), "erased"),
        ("reply", (*KNOWN, registered(2)), "erased"),
    ],
)
def test_consent_by_kind(kind: SmsKind, who: tuple[Contract, ...], expected: object) -> None:
    step = decide(wanted(kind), who=who)

    if expected is Go:
        assert isinstance(step, Go)
    else:
        assert isinstance(step, Decided)
        assert isinstance(step.fact, c.SmsWithheld)
        assert step.fact.reason == expected


def test_an_attempt_and_its_permission_carry_the_same_id() -> None:
    step = decide(wanted())

    assert isinstance(step, Go)
    assert step.attempted.attempt_id == step.permitted.attempt_id == f"{TALK}.3"


@pytest.mark.parametrize(
    ("kind", "after", "leaves"),
    [
        ("reply", timedelta(minutes=9), True),
        ("reply", timedelta(minutes=11), False),
        ("notice", timedelta(minutes=11), False),
        ("follow_up", timedelta(minutes=1), False),
        ("escalation", timedelta(minutes=1), False),
        ("crisis", timedelta(hours=1), True),
        ("opt_out", timedelta(hours=1), True),
    ],
)
def test_quiet_hours_by_kind(kind: SmsKind, after: timedelta, leaves: bool) -> None:
    who = REVOKED if kind == "opt_out" else KNOWN

    step = decide(wanted(kind, at=NIGHT), at=NIGHT + after, who=who)

    if leaves:
        assert isinstance(step, Go)
    else:
        assert isinstance(step, Decided)
        assert isinstance(step.fact, c.SmsDeferred)
        assert step.fact.reason == "quiet_hours"
        assert step.fact.until == datetime(2026, 11, 25, 14, 0, tzinfo=NOON.tzinfo)


def test_the_hourly_rate_defers_and_crisis_passes() -> None:
    permits = [
        p.TextPermitted(attempt_id=f"{TALK}.{n}", kind="reply", at=later(-60 * n))
        for n in range(1, 4)
    ]
    policy = replace(POLICY, rate_limit_per_hour=3)

    step = decide(wanted(), who=(*KNOWN, *permits), policy=policy)
    urgent = decide(wanted("crisis"), who=(*KNOWN, *permits), policy=policy)

    assert isinstance(step, Decided)
    assert isinstance(step.fact, c.SmsDeferred)
    assert step.fact.until == later(-180 + 3600)
    assert isinstance(urgent, Go)


def test_a_text_waits_for_its_predecessor_but_not_for_one_that_is_unknown_for_long() -> None:
    first, second = wanted(sms_id="s1"), wanted(sms_id="s2")
    tried = attempted(4)
    unknown = c.SmsOutcomeUnknown(
        attempt_id=tried.attempt_id, sms_id="s1", reason="500", look_at=later(5)
    )

    assert isinstance(decide(first, second, sms_id="s2"), Wait)
    early = decide(first, second, tried, unknown, sms_id="s2", at=later(10))
    late = decide(first, second, tried, unknown, sms_id="s2", at=later(21))

    assert isinstance(early, Wait)
    assert isinstance(late, Go)


@pytest.mark.parametrize(("age", "wait"), [(0.1, 0.2), (4, 2), (3600, 10)])
def test_the_longer_a_predecessor_takes_the_seldomer_it_is_looked_at(
    age: float, wait: float
) -> None:
    step = decide(wanted(sms_id="s1"), wanted(sms_id="s2"), sms_id="s2", at=later(age))

    assert isinstance(step, Wait)
    assert step.seconds == pytest.approx(wait)


FAILED = (*KNOWN, p.NumberFailed(code=21614, at=later(60)))


@pytest.mark.parametrize(
    ("kind", "heard", "leaves"),
    [("reply", 0, False), ("reply", 61, True), ("crisis", 0, True), ("crisis", 61, True)],
)
def test_who_texts_from_a_failed_number_is_answered(
    kind: SmsKind, heard: float, *, leaves: bool
) -> None:
    step = decide(wanted(kind, at=later(heard)), who=FAILED, at=later(62))

    assert isinstance(step, Go) is leaves


def test_an_expired_text_never_leaves() -> None:
    step = decide(wanted(), at=NOON + timedelta(hours=20))

    assert isinstance(step, Decided)
    assert isinstance(step.fact, c.SmsWithheld)
    assert step.fact.reason == "expired"


def attempted(version: int, sms_id: str = "s1") -> c.SmsAttempted:
    return c.SmsAttempted(
        attempt_id=f"{TALK}.{version}", sms_id=sms_id, started_at=NOON, deadline_at=later(15)
    )


def test_an_attempt_under_way_is_waited_for_then_looked_for() -> None:
    tried = attempted(3)

    assert isinstance(decide(wanted(), tried, at=later(5)), Wait)
    assert isinstance(decide(wanted(), tried, at=later(16)), Look)


def test_a_crisis_text_may_go_again_after_twenty_seconds() -> None:
    tried = attempted(3)
    unknown = c.SmsOutcomeUnknown(
        attempt_id=tried.attempt_id, sms_id="s1", reason="500", look_at=later(5)
    )

    assert isinstance(decide(wanted("crisis"), tried, unknown, at=later(19)), Look)
    assert isinstance(decide(wanted("crisis"), tried, unknown, at=later(21)), Go)


def test_a_crisis_text_is_not_repeated_without_end() -> None:
    tries = tuple(attempted(version) for version in (3, 4, 5))

    assert isinstance(decide(wanted("crisis"), *tries[:2], at=later(21)), Go)
    assert isinstance(decide(wanted("crisis"), *tries, at=later(21)), Look)


def test_a_settled_text_is_nothing_again() -> None:
    sent = c.SmsSent(
        attempt_id=f"{TALK}.3", sms_id="s1", provider_sid=SID, status="queued", via="answer"
    )

    assert isinstance(decide(wanted(), attempted(3), sent), Nothing)


OPEN = talk(STARTED, wanted(), attempted(3))


@pytest.mark.parametrize(
    ("outcome", "code", "conversation", "person"),
    [
        ("accepted", None, ["SmsSent"], []),
        ("not_sent", 20429, ["SmsFailed"], []),
        ("rejected", 21211, ["SmsFailed"], ["NumberFailed"]),
        ("rejected", 21610, ["SmsFailed"], ["ConsentRevoked"]),
        ("refused", 20003, ["SmsFailed", "SmsDeferred"], []),
        ("unknown", None, ["SmsOutcomeUnknown"], []),
    ],
)
def test_the_carriers_answer(
    outcome: str, code: int | None, conversation: list[str], person: list[str]
) -> None:
    command = Answered(f"{TALK}.3", outcome, NOON, SID, code)  # type: ignore[arg-type]

    known = answered(OPEN, command, POLICY)

    assert [type(fact).__name__ for fact in known.conversation] == conversation
    assert [type(fact).__name__ for fact in known.person] == person


def report(status: str, code: int | None = None, sid: str = SID) -> DeliveryReport:
    return DeliveryReport(
        attempt_id=f"{TALK}.3", sid=sid, status=status, error_code=code, received_at=NOON
    )  # type: ignore[arg-type]


def test_callbacks_in_any_order_are_recorded_once_and_the_highest_shows() -> None:
    state = OPEN
    for status in ("delivered", "sent", "queued", "sent", "delivered"):
        facts = reported(state, report(status)).conversation
        state = talk_after(state, facts)

    text = state.outbox.texts["s1"]
    assert text.status == "delivered"
    assert text.tries[0].status == "delivered"
    assert text.tries[0].reported == {"delivered", "sent", "queued"}


def talk_after(state: object, facts: tuple[Contract, ...]) -> object:
    from domain.conversation import conversation

    return conversation.fold(facts, state)  # type: ignore[arg-type]


def test_a_temporary_failure_is_tried_again_and_a_late_word_of_it_does_not_stop_that() -> None:
    facts = reported(OPEN, report("failed", 30008)).conversation
    state = talk_after(OPEN, facts)
    state = talk_after(state, reported(state, report("sent")).conversation)  # type: ignore[arg-type]

    assert [type(fact).__name__ for fact in facts] == ["SmsFailed", "SmsDeferred"]
    assert state.outbox.texts["s1"].status == "deferred"  # type: ignore[attr-defined]


def test_another_sid_for_the_same_attempt_is_suspected() -> None:
    state = talk_after(OPEN, reported(OPEN, report("sent")).conversation)

    known = reported(state, report("sent", sid="SM" + "e" * 32))  # type: ignore[arg-type]

    assert [type(fact).__name__ for fact in known.conversation] == ["SmsDuplicateSuspected"]


def hit(text: str = "Hello there", seconds: float = 1, sid: str = SID) -> Hit:
    return Hit(sid, text, "delivered", later(seconds))


def test_a_listed_text_that_did_not_arrive_is_not_taken_for_sent() -> None:
    lost = Hit(SID, "Hello there", "failed", later(1), 21211)

    known = looked(OPEN, f"{TALK}.3", [lost], frozenset(), later(16), POLICY)

    assert isinstance(known.conversation[0], c.SmsFailed)
    assert [type(fact).__name__ for fact in known.person] == ["NumberFailed"]


def test_a_block_that_is_told_late_does_not_undo_a_start_since_then() -> None:
    told = reported(OPEN, report("failed", 21610)).person
    before, after = (p.ConsentGranted(evidence=evidence(later(seconds))) for seconds in (-60, 60))

    assert somebody(*KNOWN, before, *told).consent == "revoked"
    assert somebody(*KNOWN, after, *told).consent == "granted"


def test_a_listed_text_is_the_attempt() -> None:
    known = looked(OPEN, f"{TALK}.3", [hit()], frozenset(), later(16), POLICY)

    assert [type(fact).__name__ for fact in known.conversation] == ["SmsSent"]


@pytest.mark.parametrize("other", [hit("Hello"), hit(seconds=-30), hit(seconds=300)])
def test_another_text_is_not_the_attempt(other: Hit) -> None:
    known = looked(OPEN, f"{TALK}.3", [other], frozenset(), later(16), POLICY)

    assert [type(fact).__name__ for fact in known.conversation] == ["SmsOutcomeUnknown"]


def test_one_bound_elsewhere_is_not_the_attempt() -> None:
    known = looked(OPEN, f"{TALK}.3", [hit()], frozenset({SID}), later(16), POLICY)

    assert [type(fact).__name__ for fact in known.conversation] == ["SmsOutcomeUnknown"]


def test_absence_takes_a_quiet_period_and_two_looks() -> None:
    state = OPEN
    for seconds in (16, 40, 134):
        known = looked(state, f"{TALK}.3", [], frozenset(), later(seconds), POLICY)  # type: ignore[arg-type]
        state = talk_after(state, known.conversation)
        assert [type(fact).__name__ for fact in known.conversation] == ["SmsOutcomeUnknown"]

    known = looked(state, f"{TALK}.3", [], frozenset(), later(136), POLICY)  # type: ignore[arg-type]

    assert [type(fact).__name__ for fact in known.conversation] == ["SmsAbsent"]


def test_a_sign_of_life_after_absence_and_a_second_try_is_suspected() -> None:
    state = talk_after(OPEN, (c.SmsAbsent(attempt_id=f"{TALK}.3", sms_id="s1", looks=2),))
    state = talk_after(state, (attempted(5),))

    known = reported(state, report("sent"))  # type: ignore[arg-type]

    assert type(known.conversation[0]).__name__ == "SmsDuplicateSuspected"


@pytest.mark.parametrize("status", ["failed", "undelivered"])
def test_a_first_attempt_that_failed_after_all_repeats_nothing(status: str) -> None:
    state = talk_after(OPEN, (c.SmsAbsent(attempt_id=f"{TALK}.3", sms_id="s1", looks=2),))
    accepted = c.SmsSent(
        attempt_id=f"{TALK}.5", sms_id="s1", provider_sid="SM" + "e" * 32, status="queued",
        via="answer",
    )  # fmt: skip
    state = talk_after(state, (attempted(5), accepted))

    state = talk_after(state, reported(state, report(status, 30008)).conversation)  # type: ignore[arg-type]

    assert state.outbox.texts["s1"].status == "sent"  # type: ignore[attr-defined]


def test_a_failure_that_is_told_twice_is_tried_again_once() -> None:
    state = talk_after(OPEN, reported(OPEN, report("undelivered", 30008)).conversation)
    sent = c.SmsSent(
        attempt_id=f"{TALK}.5", sms_id="s1", provider_sid="SM" + "e" * 32, status="queued",
        via="answer",
    )  # fmt: skip
    state = talk_after(state, (attempted(5), sent))

    assert reported(state, report("failed", 30008)).conversation == ()  # type: ignore[arg-type]


def test_a_slow_look_for_an_old_attempt_changes_nothing() -> None:
    state = talk_after(OPEN, (attempted(4),))

    assert looked(state, f"{TALK}.3", [], frozenset(), later(600), POLICY).conversation == ()  # type: ignore[arg-type]
    unknown = Answered(f"{TALK}.3", "unknown", later(20))
    assert answered(state, unknown, POLICY).conversation == ()  # type: ignore[arg-type]


def test_quiet_hours_can_be_turned_off() -> None:
    from datetime import time

    always = QuietHours(time.min, time.max, time.min, time.max)

    step = decide(
        wanted("follow_up", at=NIGHT), at=NIGHT, policy=replace(POLICY, quiet_hours=always)
    )

    assert isinstance(step, Go)


ORDINARY, URGENT = Held("lot", 8300, urgent=False), Held("last", 8300, urgent=True)


def urgently(kind: SmsKind = "escalation") -> c.SmsRequested:
    return wanted(kind).model_copy(update={"priority": "urgent"})


@pytest.mark.parametrize(
    ("text", "held", "lot"),
    [
        (wanted(), (), None),
        (wanted(), (ORDINARY,), "lot"),
        (wanted(), (URGENT,), None),
        (urgently(), (URGENT,), "last"),
        (urgently(), (URGENT, ORDINARY), "lot"),
        (wanted(), (replace(ORDINARY, left=8299),), None),
    ],
)
def test_a_text_leaves_on_a_lot_or_asks_for_one(
    text: c.SmsRequested, held: tuple[Held, ...], lot: str | None
) -> None:
    step = decide(text, funds=Funds("account", held))

    if lot is None:
        assert step == Reserve(8300, urgent=False)
    else:
        assert isinstance(step, Go)
        assert step.attempted.charge == c.Charge(
            account="account", lot_id=lot, microdollars=8300, segments=1, kind=text.kind
        )


@pytest.mark.parametrize(("text", "reason"), [(wanted(), "near_cap"), (urgently(), "budget")])
def test_what_finds_no_room_waits_an_hour_at_most(text: c.SmsRequested, reason: str) -> None:
    step = decide(text, funds=Funds("account", refused=True))

    assert isinstance(step, Decided)
    assert step.fact == c.SmsDeferred(sms_id="s1", until=later(3600), reason=reason)  # type: ignore[arg-type]


def test_no_cap_holds_a_crisis_or_a_confirmation_back() -> None:
    spent = Funds("account", refused=True)

    for step in (
        decide(wanted("crisis"), funds=spent),
        decide(wanted("opt_out"), funds=spent, who=REVOKED),
    ):
        assert isinstance(step, Go)
        assert step.attempted.charge is not None
        assert step.attempted.charge.lot_id is None


def test_a_text_is_counted_at_the_price_of_its_country() -> None:
    abroad = (registered().model_copy(update={"country": "GB"}), *KNOWN[1:])
    own = replace(POLICY, prices={"GB": Price(52_000, 7_500)})

    assert decide(wanted(), who=abroad, policy=own, funds=Funds("a")) == Reserve(52_000, False)
    assert decide(wanted(), who=abroad, funds=Funds("a")) == Reserve(100_000, False)
