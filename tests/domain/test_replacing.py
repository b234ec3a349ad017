"""The quick way to change a state is the way of `dataclasses`, whatever the state."""

import dataclasses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.conversation.state import Conversation
from domain.person.state import Person
from domain.replacing import replace
from tests.domain.test_histories import STEPS, told


@settings(max_examples=8, deadline=None)
@given(steps=st.lists(STEPS, max_size=20), version=st.integers(0, 9))
def test_it_replaces_as_dataclasses_do(steps: list[tuple[str, str]], version: int) -> None:
    world = told([("text", "hello"), *steps])

    for state in (world.person, world.talk, world.talk.outbox):
        before, change = repr(state), {}
        if isinstance(state, Person | Conversation):
            change = {"version": version}
        made = replace(state, **change)
        assert made == dataclasses.replace(state, **change)
        assert type(made) is type(state)
        assert repr(state) == before


def test_a_field_that_there_is_not_is_refused() -> None:
    with pytest.raises(TypeError, match="Person has no field mood"):
        replace(Person(), mood="good")  # type: ignore[call-arg]


def test_a_class_that_does_something_when_it_is_made_is_refused() -> None:
    @dataclasses.dataclass(frozen=True, slots=True)
    class Careful:
        number: int

        def __post_init__(self) -> None:
            assert self.number > 0

    with pytest.raises(TypeError, match="Careful is no plain class"):
        replace(Careful(1), number=-1)
