"""The catalogue of contracts, and what is generated from it."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar, get_args

import pytest

from contracts import conversation, escalation, follow_up, person, spending
from contracts.base import Contract
from contracts.catalogue import (
    CATALOGUE,
    Line,
    UnknownContract,
    contract_of,
    is_heard,
    listeners,
    listening,
)
from contracts.upcasts import Fields, Upcast, upcast
from deploy.contracts import lines, pages, schema_of, stale, write
from services.adapters.keys import KeyVault
from services.adapters.mapper import FactMapper, StoredRow, UnreadableFact
from services.runtime.processes import PROCESSES

NAME = re.compile(r"^[a-z]+(\.[a-z_]+){0,2}\.v[1-9][0-9]*$")
# Who is no process: the command line, whichever process meets a dead letter, and the global agent.
ALSO_SPEAKING = {"cli", "any", "agent"}


def test_names_are_unique_and_end_in_a_version() -> None:
    names = [line.contract.name for line in lines()]

    assert len(names) == len(set(names))
    assert [name for name in names if not NAME.match(name)] == []


@pytest.mark.parametrize("line", lines(), ids=lambda line: line.contract.name)
def test_each_contract_is_said_and_heard_by_whom_there_is(line: Line) -> None:
    assert line.speakers
    assert set(line.speakers) - ALSO_SPEAKING <= PROCESSES.keys()
    assert set(line.listeners) - {"agent"} <= PROCESSES.keys()
    assert line.contract.__doc__


def test_each_fact_that_a_stream_knows_is_in_the_catalogue() -> None:
    known = {
        fact
        for facts in (
            conversation.ConversationFact,
            person.PersonFact,
            follow_up.FollowUpFact,
            escalation.EscalationFact,
        )
        for fact in get_args(facts)
    }

    assert known <= {line.contract for line in CATALOGUE}


def test_listeners_and_what_they_hear_are_the_same_list() -> None:
    turned = {(process, name) for name, heard in listeners().items() for process in heard}

    assert turned == {(process, name) for process, names in listening().items() for name in names}


def test_alerts_are_announced_although_no_process_reacts() -> None:
    for alert in (spending.ThresholdCrossed, spending.BudgetExhausted, spending.PriceExceeded):
        assert is_heard(alert.name, {})
        assert alert.name not in listeners()
    assert not is_heard(spending.BudgetSettled.name, {})


def test_an_unknown_name_is_named() -> None:
    with pytest.raises(UnknownContract, match=r"person\.vanished\.v1"):
        contract_of("person.vanished.v1")


def test_what_is_generated_is_current() -> None:
    assert stale() == [], "run: make contracts"


def test_a_changed_contract_and_a_leftover_are_noticed(tmp_path: Path) -> None:
    assert len(write(tmp_path)) == len(list(pages()))
    schema = tmp_path / "schemas" / "conversation.ended.v1.json"
    schema.write_text(schema.read_text() + " ")
    (tmp_path / "schemas" / "gone.v1.json").write_text("{}")

    assert stale(tmp_path) == ["schemas/conversation.ended.v1.json", "schemas/gone.v1.json"]
    write(tmp_path)
    assert stale(tmp_path) == []


def test_a_schema_marks_personal_text() -> None:
    schema = schema_of(conversation.MessageReceived)

    marked = [name for name, field in schema["properties"].items() if field.get("x-personal")]
    assert marked == ["text"]
    assert schema["$id"] == "conversation.message_received.v1"


class Left(Contract):
    """Somebody left: what `person.gone.v1` was renamed to, with a reason that is said now."""

    name: ClassVar[str] = "person.left.v1"
    reason: str


def widened(fields: Fields) -> tuple[str, Fields]:
    return "person.left.v1", {"reason": "unknown", **fields}


OLD = StoredRow(
    7,
    "person-x",
    1,
    "person.gone.v1",
    b'{"at":"2026-03-04T05:06:07Z","cause":"c","correlation":"c","previous":"","fact":{}}',
)


def mapper(upcasts: Mapping[str, Upcast]) -> FactMapper:
    def of(name: str) -> type[Contract]:
        return Left if name == Left.name else contract_of(name)

    return FactMapper.of(KeyVault(b"m" * 32), of, upcasts)


def test_an_old_shape_is_read_as_todays() -> None:
    assert mapper({"person.gone.v1": widened}).recall([OLD])[0].fact == Left(reason="unknown")


def test_an_old_shape_without_its_upcast_is_refused() -> None:
    with pytest.raises(UnreadableFact, match=r"person\.gone\.v1"):
        mapper({}).recall([OLD])


def test_upcasts_follow_each_other_and_a_name_is_cast_once() -> None:
    chain = {
        "a.v1": lambda fields: ("b.v1", {**fields, "first": True}),
        "b.v1": lambda fields: ("b.v1", {**fields, "second": True}),
    }

    assert upcast("a.v1", {}, chain) == ("b.v1", {"first": True, "second": True})
