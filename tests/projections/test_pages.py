"""A page costs the same few statements, however many facts it holds."""

from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from psycopg.rows import tuple_row

from contracts.conversation import SmsSent
from contracts.identity import conversation_stream
from projections.catalogue import PROJECTIONS
from projections.positions import take_in
from projections.view import AnyProjection, FoldFailed, Rows
from tests.facts import KNOWN
from tests.projections.stage import PERSON, Stage, told
from tests.projections.stories import (
    admitted,
    approved,
    attempted,
    committed,
    drafted,
    ended,
    received,
    requested,
    sent,
    started,
)

STATEMENTS = 4  # the position, the rows read, dropped and written


class Counting(psycopg.Cursor[Any]):
    statements = 0

    def execute(self, *given: Any, **more: Any) -> Any:
        self.statements += 1
        return super().execute(*given, **more)


@pytest.mark.parametrize("projection", PROJECTIONS, ids=lambda each: each.name)
def test_a_page_costs_few_statements(
    stage: Callable[[AnyProjection], Stage], projection: AnyProjection
) -> None:
    told_to = stage(projection)
    facts = [(PERSON, fact) for fact in KNOWN]
    for number in range(100):
        text = f"t{number}"
        turn = (
            started(), received(number), admitted(number), drafted(number), approved(number),
            committed(number), requested(text), attempted(text), sent(text), ended(),
        )  # fmt: skip
        facts += [(conversation_stream(f"{number:032x}"), fact) for fact in turn]
    connection = told_to.connection
    with connection.transaction(), Counting(connection, row_factory=tuple_row) as cursor:
        take_in(cursor, [told_to.standing], told(facts))
        assert cursor.statements <= STATEMENTS


def test_a_row_that_was_not_asked_for_is_a_fault() -> None:
    rows: Rows[tuple[str, int]] = Rows(["a"], [])
    with pytest.raises(KeyError):
        rows.get("b")
    with pytest.raises(KeyError):
        rows.put(("b", 1))
    with pytest.raises(KeyError):
        rows.drop("b")


def test_only_what_changed_is_written() -> None:
    rows: Rows[tuple[str, int]] = Rows(["a", "b", "c", "d"], [("a", 1), ("b", 1), ("c", 1)])
    rows.put(("a", 1))
    rows.put(("b", 2))
    rows.put(("d", 1))
    rows.drop("d")
    rows.drop("c")
    assert (rows.changed(), rows.dropped()) == ([("b", 2)], ["c"])


def test_a_failing_fold_names_the_place_and_not_the_words(
    stage: Callable[[AnyProjection], Stage],
) -> None:
    told_to = stage(PROJECTIONS[0])
    empty: Any = SmsSent.model_construct
    with pytest.raises(FoldFailed) as failed:
        told_to.after(sent(), empty())
    assert failed.value.position == 2
    assert str(failed.value) == "due: AttributeError at conversation.sms_sent.v1 in position 2"
