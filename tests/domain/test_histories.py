"""Properties over generated histories: whatever happens in whatever order, these hold."""

import contextlib
from collections.abc import Callable
from dataclasses import replace
from typing import Literal

from hypothesis import given, settings
from hypothesis import strategies as st

from contracts import conversation as c
from contracts import person as p
from contracts.base import Contract
from domain.conversation.decisions import Draft, drafted
from domain.conversation.ending import idle
from domain.conversation.reviewing import (
    Facts,
    ReviewRefused,
    Write,
    end,
    hand_back,
    take_over,
    write,
)
from domain.conversation.state import Conversation
from domain.outbound import Decided, Go, dispatch
from domain.outcome import Answered, answered
from domain.turn.settlement import settle
from tests.facts import ADA, AMPLE, KNOWN, POLICY, World, later, proposal, usage

TEXTS = (
    "How do I get a break?", "ok and then?", "STOP", "please stop texting me", "START", "YES",
    "HELP", "I want to kill myself", "thanks", "done", "hola", "", "wish I could not wake up",
)  # fmt: skip
STEPS = st.one_of(
    st.tuples(st.just("text"), st.sampled_from(TEXTS)),
    st.tuples(
        st.sampled_from(
            ["draft", "approve", "settle", "send", "fail", "idle", "take", "write", "back", "end"]
        ),
        st.just(""),
    ),
)
OWNED = replace(POLICY, opt_out_owner="service", rate_limit_per_hour=1000)


class Story:
    """A world in which steps happen, and a record of what was attempted."""

    def __init__(self) -> None:
        self.world = World(*KNOWN, policy=OWNED)
        self.second = 0
        self.steps: dict[str, Callable[[], None]] = {
            "draft": self.draft,
            "approve": self.approve,
            "settle": self.settle,
            "send": lambda: self.send("accepted"),
            "fail": lambda: self.send("not_sent"),
            "idle": self.idle,
            "take": lambda: self.review(lambda talk: take_over(talk, "grace", self.world.at)),
            "write": lambda: self.review(self.write),
            "back": lambda: self.review(lambda talk: hand_back(talk, "grace", self.world.at)),
            "end": lambda: self.review(lambda talk: end(talk, self.world.at)),
        }

    def step(self, name: str, words: str) -> None:
        self.second += 7
        self.world.at = later(self.second)
        if name == "text":
            self.world.text(words)
        elif self.world.talk_id:
            self.steps[name]()

    def draft(self) -> None:
        turn = self.world.talk.open_turn
        if turn is not None:
            made = Draft(turn.turn_id, turn.covers_from, turn.covers_through, usage(), proposal())
            self.world.said(*drafted(self.world.talk, made))

    def approve(self) -> None:
        turn = self.world.talk.open_turn
        for draft in turn.drafts if turn is not None else ():
            if turn is not None and draft.verdict is None:
                self.world.said(
                    c.DraftApproved(
                        turn_id=turn.turn_id, draft_version=draft.version, text="One thing.",
                        rule_set="r",
                    )
                )  # fmt: skip

    def settle(self) -> None:
        world = self.world
        settled = settle(world.talk_id, world.person, world.talk, world.at, world.policy)
        world.append(dict(settled.facts))

    def send(self, outcome: str) -> None:
        world = self.world
        for sms_id in world.talk.outbox.texts:
            step = dispatch(
                world.talk_id, world.person, world.talk, sms_id, world.at, OWNED, AMPLE
            )
            if isinstance(step, Decided):
                world.said(step.fact)
            elif isinstance(step, Go):
                world.said(step.attempted)
                world.append({f"person-{ADA}": (step.permitted,)})
                told = Answered(
                    step.attempted.attempt_id,
                    outcome,
                    world.at,
                    "SM" + "d" * 32,  # type: ignore[arg-type]
                )
                world.said(*answered(world.talk, told, OWNED).conversation)
                return

    def review(self, what: Callable[[Conversation], Facts]) -> None:
        with contextlib.suppress(ReviewRefused):
            self.world.said(*what(self.world.talk))
        self.closed("operator")

    def write(self, talk: Conversation) -> Facts:
        command = Write(self.world.fresh(), "This is Grace.", "grace", self.world.at)
        return write(talk, command, OWNED)

    def idle(self) -> None:
        self.second += 3_600
        self.world.at = later(self.second)
        self.world.said(*idle(self.world.talk, self.world.at, 30))
        self.closed("timeout")

    def closed(self, reason: Literal["timeout", "operator"]) -> None:
        if self.world.talk.status == "ended":
            closed = p.ConversationClosed(conversation_id=self.world.talk_id, reason=reason)
            self.world.append({f"person-{ADA}": (closed,)})


def told(steps: list[tuple[str, str]]) -> World:
    story = Story()
    for name, words in steps:
        story.step(name, words)
    return story.world


@settings(max_examples=150, deadline=None)
@given(st.lists(STEPS, max_size=40))
def test_nobody_is_texted_after_a_revocation_but_once(steps: list[tuple[str, str]]) -> None:
    world = told(steps)

    revoked, confirmed = False, 0
    for fact in world.streams[f"person-{ADA}"]:
        if isinstance(fact, p.ConsentRevoked):
            revoked, confirmed = True, 0
        elif isinstance(fact, p.ConsentGranted):
            revoked = False
        elif isinstance(fact, p.TextPermitted) and revoked and fact.kind != "notice":
            assert fact.kind == "opt_out"
            confirmed += 1
            assert confirmed == 1


@settings(max_examples=150, deadline=None)
@given(st.lists(STEPS, max_size=40))
def test_a_turn_is_committed_once_and_says_one_text(steps: list[tuple[str, str]]) -> None:
    world = told(steps)

    for stream, facts in world.streams.items():
        if not stream.startswith("conversation-"):
            continue
        committed = [fact.turn_id for fact in facts if isinstance(fact, c.TurnCommitted)]
        asked = [fact.sms_id for fact in facts if isinstance(fact, c.SmsRequested)]
        _nothing_is_drafted_while_taken_over(facts)
        assert len(committed) == len(set(committed))
        assert len(asked) == len(set(asked))
        ends = [fact for fact in facts if isinstance(fact, c.ConversationEnded)]
        assert len(ends) <= 1


def _nothing_is_drafted_while_taken_over(facts: list[Contract]) -> None:
    taken = False
    for fact in facts:
        if isinstance(fact, c.ConversationTakenOver | c.ConversationHandedBack):
            taken = isinstance(fact, c.ConversationTakenOver)
        if isinstance(fact, c.TurnCommitted) and taken:
            assert fact.trace.mode == "deterministic"
        assert not (taken and isinstance(fact, c.ReplyDrafted))


@settings(max_examples=100, deadline=None)
@given(st.lists(STEPS, max_size=30))
def test_settling_and_drafting_again_decide_nothing(steps: list[tuple[str, str]]) -> None:
    world = told(steps)
    if not world.talk_id:
        return
    for _ in range(40):
        settled = settle(world.talk_id, world.person, world.talk, world.at, world.policy)
        if not settled.facts:
            break
        world.append(dict(settled.facts))

    assert not settle(world.talk_id, world.person, world.talk, world.at, world.policy).facts


@settings(max_examples=100, deadline=None)
@given(st.lists(STEPS, max_size=30))
def test_no_crisis_goes_without_a_case_or_an_answer(steps: list[tuple[str, str]]) -> None:
    world = told([*steps, ("text", "I want to kill myself")])

    answer = world.last(c.TurnAnswered)

    assert isinstance(answer, c.TurnAnswered)
    assert answer.safety is not None
    assert (answer.reply is not None) == (world.person.consent != "revoked")
