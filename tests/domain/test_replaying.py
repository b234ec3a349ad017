"""The past decided again: by the same rules nothing differs, by others exactly what they change."""

from collections.abc import Iterable
from dataclasses import replace
from itertools import groupby

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts import conversation as c
from contracts.base import Contract
from contracts.personal import ERASED
from contracts.recorded import Recorded, Subject
from domain import gates
from domain.policy import Policy
from domain.replaying import Difference, Replay, read
from tests.domain.test_histories import OWNED, STEPS, Story
from tests.facts import ADA, KNOWN, later


class Recording(Story):
    """A story whose facts are recorded in the order they happened, a save at a time."""

    def __init__(self) -> None:
        super().__init__()
        self.log: list[Recorded[Contract]] = []
        self._taken: dict[str, int] = {}
        self.record("begin")

    def step(self, name: str, words: str) -> None:
        super().step(name, words)
        self.record(f"{name}:{self.second}")

    def record(self, cause: str) -> None:
        """Take what is new in the world as one save."""
        # As the policy gate saves: the person's facts first.
        streams = sorted(self.world.streams, key=lambda stream: not stream.startswith("person-"))
        for stream in streams:
            facts = self.world.streams[stream]
            for version in range(self._taken.get(stream, 0), len(facts)):
                self.log.append(
                    Recorded(
                        facts[version], stream, version + 1, len(self.log) + 1, self.world.at,
                        Subject(ADA, 1), cause, cause, None, "", "",
                    )
                )  # fmt: skip
            self._taken[stream] = len(facts)


def _recorded(steps: Iterable[tuple[str, str]]) -> list[Recorded[Contract]]:
    story = Recording()
    for name, words in steps:
        story.step(name, words)
    return story.log


def _replayed(
    log: list[Recorded[Contract]], policy: Policy = OWNED
) -> tuple[Replay, list[Difference]]:
    replay = Replay(policy)
    return replay, list(replay.take(log))


@settings(max_examples=60, deadline=None)
@given(st.lists(STEPS.filter(lambda step: step[0] != "approve"), max_size=30))
def test_by_the_same_rules_no_text_is_decided_otherwise(steps: list[tuple[str, str]]) -> None:
    log = _recorded(steps)

    replay, found = _replayed(log)

    assert found == []
    assert replay.texts == sum(isinstance(each.fact, c.MessageReceived) for each in log)


def test_another_policy_shows_exactly_what_it_changes() -> None:
    log = _recorded([("text", "How do I get a break?"), ("text", "SHARE"), ("text", "HELP")])

    _, found = _replayed(log, replace(OWNED, signup_url="https://other.example"))

    [difference] = found
    assert (difference.what, difference.text) == ("gate", "SHARE")
    assert set(difference.was) == set(difference.now) == {"reply"}
    assert "other.example" in difference.now["reply"]


def test_a_draft_that_today_would_be_refused_is_shown() -> None:
    log = _recorded([("text", "How do I get a break?"), ("draft", ""), ("approve", "")])

    replay, found = _replayed(log)

    # The story approves whatever was drafted, in other words than the draft's own.
    assert replay.drafts == 1
    assert [each.what for each in found] == ["verdict"]
    assert found[0].was["text"] == "One thing."


def test_what_was_erased_is_counted_and_not_decided() -> None:
    log = [
        each._replace(fact=each.fact.model_copy(update={"text": ERASED}))
        if isinstance(each.fact, c.MessageReceived)
        else each
        for each in _recorded([("text", "STOP"), ("text", "hola")])
    ]

    replay, found = _replayed(log)

    assert (replay.erased, replay.texts, found) == (2, 0, [])


@pytest.mark.parametrize(("seconds", "texts"), [(0, 2), (10, 1), (100, 0)])
def test_only_what_was_decided_since_is_decided_again(seconds: int, texts: int) -> None:
    log = _recorded([("text", "SHARE"), ("text", "HELP")])
    replay = Replay(OWNED, since=later(seconds))

    assert list(replay.take(log)) == []
    assert replay.texts == texts


def test_somebody_known_is_still_known() -> None:
    assert KNOWN  # the story's person is registered, so that no gate takes them for a stranger
    _, found = _replayed(_recorded([("text", "Who are you?")]))
    assert found == []


def test_shares_decide_everything_once_between_them() -> None:
    log = _recorded([("text", "SHARE"), ("text", "HELP"), ("draft", "")])
    shares = [Replay(OWNED, share=(which, 3)) for which in range(3)]

    for each in shares:
        assert list(each.take(log)) == []

    assert sorted(each.texts for each in shares) == [0, 0, 2]


def test_a_changed_gate_shows_exactly_the_texts_that_it_rules_otherwise(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    texts = ("How do I get a break?", "SHARE", "HELP", "share", "I share a room with him")
    log = _recorded(("text", text) for text in texts)
    without = tuple(gate for gate in gates.GATES if gate is not gates.share)
    monkeypatch.setattr(gates, "GATES", without)

    replay, found = _replayed(log)

    assert replay.texts == len(texts)
    assert [each.text for each in found] == ["SHARE", "share"]
    assert {each.was["gate"] for each in found} == {"share"}


@settings(max_examples=15, deadline=None)
@given(st.lists(STEPS, min_size=5, max_size=25))
def test_what_is_left_unread_decides_nothing(steps: list[tuple[str, str]]) -> None:
    log, other = _recorded([*steps, ("text", "SHARE")]), replace(OWNED, signup_url="https://o.e")
    left = [each for each in log if read(each.stream, each.fact.name)]
    assert len(left) < len(log)

    (whole, found), (sifted, same) = _replayed(log, other), _replayed(left, other)

    assert (sifted.texts, sifted.drafts, same) == (whole.texts, whole.drafts, found)


@settings(max_examples=10, deadline=None)
@given(steps=st.lists(STEPS, min_size=1, max_size=25), cut=st.integers(0, 25))
def test_one_that_was_interrupted_goes_on_as_if_it_had_not_been(
    steps: list[tuple[str, str]], cut: int
) -> None:
    log, other = _recorded([*steps, ("text", "SHARE")]), replace(OWNED, signup_url="https://o.e")
    whole, found = _replayed(log, other)
    saves = [next(group).position for _, group in groupby(log, key=lambda each: each.cause)]
    stopped = Replay(other)
    list(stopped.take(log[: saves[min(cut, len(saves) - 1)] - 1]))

    on = Replay(
        other, None, (0, 1), stopped.texts, stopped.drafts, stopped.erased, stopped.through,
        set(stopped.differed),
    )  # fmt: skip

    assert list(on.take(log)) == found
    assert (on.texts, on.drafts, on.through) == (whole.texts, whole.drafts, log[-1].position)
