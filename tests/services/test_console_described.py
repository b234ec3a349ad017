"""The console answers as its own OpenAPI document says, whatever is asked."""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.adapters.postgres_fixture import PostgresServer, postgres
from tests.facts import ADA, TALK
from tests.pages.test_console_page import Running
from tests.services.console_seed import ACCOUNT, CASE, LETTER, key

__all__ = ["postgres"]

PARTS = {
    "conversation_id": TALK, "person_id": ADA, "case_id": CASE, "account_id": ACCOUNT,
    "version": "6", "sms_id": "t2", "letter_id": LETTER,
}  # fmt: skip
KEY: dict[str, str] = {}
WANTED: list[Any] = [
    not_a_server_error, status_code_conformance, content_type_conformance,
    response_schema_conformance,
]  # fmt: skip


@pytest.fixture(scope="module")
def operations(postgres: PostgresServer) -> Iterator[list[Any]]:
    """Every operation of a console that is running."""
    running = Running(postgres.new_database())
    running.start()
    schema = schemathesis.openapi.from_url(f"{running.url}/openapi.json")
    KEY.update(running.do(key(running.database_url)))
    yield [found.ok() for found in schema.get_all_operations()]
    running.stop()


@settings(
    max_examples=120, deadline=None, phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
@given(drawn=st.data())
def test_every_answer_is_one_that_is_described(
    operations: list[Any], drawn: st.DataObject
) -> None:
    operation = drawn.draw(st.sampled_from(operations))
    case = drawn.draw(operation.as_strategy())
    if drawn.draw(st.booleans()):
        case.path_parameters = {name: PARTS[name] for name in case.path_parameters or {}}

    case.call_and_validate(checks=WANTED, headers=KEY)
