"""Whatever happens, in whatever order: live equals rebuilt, and both equal what the domain says."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Literal, get_args, get_origin

import psycopg
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts import conversation as c
from contracts import person as p
from contracts.base import Contract
from contracts.dead_letter import DeadLettered
from contracts.escalation import EscalationRequested
from contracts.follow_up import FollowUpScheduled
from contracts.safety import SafetyCaseOpened
from contracts.spending import BudgetAllotted
from domain.conversation import conversation
from domain.person import person
from projections.catalogue import PROJECTIONS
from projections.view import AnyProjection, by_name
from tests.contracts.examples import example
from tests.facts import ADA, TALK, evidence, later, registered
from tests.projections.stage import PERSON, Stage
from tests.projections.stories import (
    absent,
    admitted,
    answered,
    approved,
    attempted,
    committed,
    contradicted,
    deferred,
    delivered,
    drafted,
    ended,
    failed,
    failed_model,
    offered,
    packaged,
    processed,
    received,
    refused,
    released,
    requested,
    sent,
    started,
    superseded,
    unknown,
    withheld,
)

turns = st.integers(1, 2)
texts = st.sampled_from(["t1", "t2"])
times = st.integers(0, 99).map(later)
conversation_facts: st.SearchStrategy[Contract] = st.one_of(
    st.builds(received, st.integers(1, 3), times),
    st.builds(admitted, turns, times),
    st.builds(drafted, turns),
    st.builds(approved, turns),
    st.builds(refused, turns, st.sampled_from(["repair", "fallback"])),
    st.builds(failed_model, turns),
    st.builds(superseded, turns, st.one_of(st.none(), times)),
    st.builds(answered, turns, closes=st.booleans()),
    st.builds(committed, turns),
    st.builds(requested, texts, times),
    st.builds(attempted, texts),
    st.builds(sent, texts),
    st.builds(delivered, texts),
    st.builds(failed, texts, final=st.booleans()),
    st.builds(unknown, texts, times),
    st.builds(absent, texts),
    st.builds(deferred, texts, times),
    st.builds(released, texts),
    st.builds(withheld, texts),
    st.builds(c.ConversationTakenOver, by=st.sampled_from(["grace", "eve"]), at=times),
    st.builds(c.ConversationHandedBack, by=st.just("grace"), at=times),
    st.builds(ended),
    st.builds(packaged),
    st.builds(offered, st.integers(1, 3)),
    st.builds(processed),
    st.builds(contradicted),
)
person_facts: st.SearchStrategy[Contract] = st.one_of(
    st.builds(registered, st.integers(1, 3)),
    st.builds(p.UserLinked, user_id=st.sampled_from(["u-1", "u-2"])),
    st.builds(p.ConsentGranted, evidence=times.map(evidence)),
    st.builds(p.ConsentRevoked, evidence=times.map(evidence)),
    st.builds(p.ConsentRequested, evidence=times.map(evidence)),
    st.builds(p.ConsentExpired, evidence=times.map(evidence)),
    st.builds(p.PhaseChanged, phase=st.sampled_from(["active", "paused", "crisis"])),
    st.builds(p.ConversationOpened, conversation_id=st.just(TALK)),
    st.builds(p.ConversationClosed, conversation_id=st.just(TALK), reason=st.just("done")),
    st.builds(p.Erased, person_id=st.just(ADA), at=times),
)
History = Sequence[tuple[str, Contract]]
talking = st.tuples(st.sampled_from([f"conversation-{TALK}"]), conversation_facts)
being = st.tuples(st.just(PERSON), person_facts)
histories: st.SearchStrategy[History] = st.lists(st.one_of(talking, being), max_size=40)


def _anew(connection: psycopg.Connection[Any], projection: AnyProjection, page: int) -> Stage:
    Stage(connection, projection, page)
    connection.execute(f"DELETE FROM {projection.table}".encode())
    connection.execute(b"UPDATE projection_positions SET position = 0")
    return Stage(connection, projection, page)  # which reads the position anew


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(history=histories, page=st.integers(1, 7))
def test_live_equals_rebuilt_and_agrees_with_the_domain(
    connection: psycopg.Connection[Any], history: History, page: int
) -> None:
    history = [(f"conversation-{TALK}", started()), *history]
    rows: dict[str, list[Any]] = {}
    for projection in PROJECTIONS:
        live = _anew(connection, projection, page).after_all(history).rows()
        rows[projection.name] = _anew(connection, projection, 1000).after_all(history).rows()
        assert live == rows[projection.name], projection.name
    _agrees_on_the_conversation(rows, [fact for stream, fact in history if stream != PERSON])
    _agrees_on_the_person(rows, [fact for stream, fact in history if stream == PERSON])


HEARD: Sequence[type[Contract]] = sorted(
    {contract for projection in PROJECTIONS for contract in projection.hears},
    key=lambda contract: contract.name,
)
FIRST = (
    c.ConversationStarted, SafetyCaseOpened, EscalationRequested, FollowUpScheduled, DeadLettered,
    BudgetAllotted,
)  # fmt: skip


def _stream(contract: type[Contract], which: str) -> str:
    kind = contract.name.partition(".")[0]
    return (
        f"{kind}-0123456789abcdef-2026-1{which}" if kind == "spending" else f"{kind}-{which * 32}"
    )


def _some(contract: type[Contract]) -> st.SearchStrategy[Contract]:
    """Return facts of a kind: one of its words wherever it has several, now or later."""
    varied: dict[str, st.SearchStrategy[Any]] = {}
    for name, field in contract.model_fields.items():
        if get_origin(field.annotation) is Literal:
            varied[name] = st.sampled_from(get_args(field.annotation))
        elif field.annotation is datetime:
            varied[name] = times
    made = example(contract)
    return st.fixed_dictionaries(varied).map(lambda update: made.model_copy(update=update))


def _anywhere(contracts: Iterable[type[Contract]]) -> st.SearchStrategy[tuple[str, Contract]]:
    found = [
        st.tuples(st.sampled_from([_stream(each, "1"), _stream(each, "2")]), _some(each))
        for each in contracts
    ]
    return st.one_of(found)


@settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(history=st.lists(_anywhere(HEARD), min_size=20, max_size=120), page=st.integers(1, 9))
def test_live_equals_rebuilt_whatever_is_told_of_any_kind(
    connection: psycopg.Connection[Any], history: History, page: int
) -> None:
    begun = [(_stream(each, which), example(each)) for each in FIRST for which in "12"]
    history = [*begun, *history]
    for projection in PROJECTIONS:
        live = _anew(connection, projection, page).after_all(history).rows()
        rebuilt = _anew(connection, projection, 1000).after_all(history).rows()
        assert live == rebuilt, projection.name


def _agrees_on_the_conversation(rows: dict[str, list[Any]], facts: Sequence[Contract]) -> None:
    state = conversation.fold(facts)
    [line] = rows["inbox"]
    open_turns = [row for row in rows["due"] if row.id.startswith("open/")]
    if state.open_turn is None:
        assert (line.open_turn, open_turns) == (None, [])
    else:
        assert line.open_turn == open_turns[0].key == state.open_turn.turn_id
        if open_turns[0].kind == "turn":
            assert open_turns[0].version == state.open_turn.trigger_version
    assert {row.key for row in rows["due"] if row.kind == "answer"} <= set(state.answers)
    texts = {text.sms_id: text for text in state.outbox.texts.values()}
    assert {row.sms_id: row.status for row in rows["outbox"]} == {
        sms_id: text.status for sms_id, text in texts.items()
    }
    assert line.status == state.status
    assert line.heard == state.heard
    assert line.taken_by == state.taken_by


def _agrees_on_the_person(rows: dict[str, list[Any]], facts: Sequence[Contract]) -> None:
    if not any(type(fact) in by_name(PROJECTIONS)["people"].hears for fact in facts):
        assert rows["people"] == []
        return
    state, [row] = person.fold(facts), rows["people"]
    for name in (
        "consent", "phase", "known", "country", "generation", "conversation_id", "revoked_at",
        "user_id", "erased",
    ):  # fmt: skip
        assert getattr(row, name) == getattr(state, name), name
