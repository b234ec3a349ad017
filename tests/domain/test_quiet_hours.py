"""Quiet hours over generated days: what we begin waits for the day, save what was agreed to."""

from datetime import datetime, timedelta
from typing import Literal

from hypothesis import given, settings
from hypothesis import strategies as st

from contracts import conversation as c
from contracts import person as p
from domain.conversation.decisions import released
from domain.outbound import ANSWER_WITHIN
from domain.person import person
from domain.person.state import Person
from domain.schedule import is_quiet
from tests.escalation_world import Needed
from tests.facts import ADA, KNOWN, POLICY, evidence

HOUR = 3_600
STEPS = st.one_of(
    st.tuples(st.just("ask"), st.sampled_from(["urgent", "high", "low"])),
    st.tuples(st.just("wish"), st.sampled_from(["follow_up", "reply", "notice"])),
    st.tuples(st.just("wait"), st.sampled_from([60, 20 * 60, 3 * HOUR, 9 * HOUR, 22 * HOUR])),
    st.tuples(st.just("zone"), st.sampled_from(["America/Los_Angeles", "Pacific/Honolulu"])),
    st.tuples(st.just("text"), st.sampled_from(["1", "How do I get a break?"])),
    st.tuples(st.sampled_from(["send", "agree"]), st.just("")),
)


def _step(world: Needed, count: int, what: str, detail: str | int) -> None:
    match what:
        case "ask":
            world.ask(f"e-{count}", priority=detail, expects_reply=False)
        case "wish":
            _wish(world, count, str(detail))  # type: ignore[arg-type]
        case "wait":
            world.at += timedelta(seconds=int(detail))
        case "zone":
            zone = str(detail)
            moved = p.ProfileChanged(
                field="timezone", value=zone, zones=(zone,), evidence_sid="SM" + "0" * 32
            )
            world.append({f"person-{ADA}": (moved,)})
        case "text":
            world.text(str(detail))
        case "agree":
            world.append({f"person-{ADA}": (p.UrgentAgreed(evidence=evidence(world.at)),)})
        case _:
            _send(world)


def _wish(world: Needed, count: int, kind: Literal["follow_up", "reply", "notice"]) -> None:
    if world.person.conversation_id is None:
        return
    heard_at = world.talk.last_heard_at if kind == "reply" else None
    world.said(
        c.SmsRequested(
            sms_id=f"{count:032x}", turn_id=None, kind=kind, priority="normal", text="Rested?",
            encoding="gsm7", segments=1, estimated_microdollars=8_300, at=world.at,
            answers_at=heard_at,
        )
    )  # fmt: skip


def _send(world: Needed) -> None:
    """Release what waited long enough, look at what the agent needs, and send what may leave."""
    for stream in [name for name in world.streams if name.startswith("conversation-")]:
        for sms_id in world.talk_of(stream.partition("-")[2]).outbox.texts:
            talk = world.talk_of(stream.partition("-")[2])
            world.append({stream: released(talk, sms_id, world.at)})
    world.look_at_all()
    world.send("accepted")


@settings(max_examples=80, deadline=None)
@given(st.lists(STEPS, max_size=30))
def test_quiet_hours_are_kept_except_where_an_exception_is_recorded(
    steps: list[tuple[str, str | int]],
) -> None:
    world = Needed(*KNOWN, p.ConversationOpened(conversation_id="c" * 32))
    world.append({f"conversation-{'c' * 32}": (_begun(world.at),)})
    for count, (what, detail) in enumerate(steps):
        world.at += timedelta(seconds=7)
        _step(world, count, what, detail)
    _send(world)

    texts = {
        attempt.attempt_id: asked
        for facts in world.streams.values()
        for attempt in facts
        if isinstance(attempt, c.SmsAttempted)
        for asked in facts
        if isinstance(asked, c.SmsRequested) and asked.sms_id == attempt.sms_id
    }
    state = person.initial
    for fact in world.streams[f"person-{ADA}"]:
        if isinstance(fact, p.TextPermitted):
            _was_right(fact, texts[fact.attempt_id], state)
        state = person.fold([fact], state)


def _begun(at: datetime) -> c.ConversationStarted:
    return c.ConversationStarted(person_id=ADA, generation=1, initiated_by="person", at=at)


def _was_right(permit: p.TextPermitted, text: c.SmsRequested, state: Person) -> None:
    zones = (state.timezone,) if state.timezone else state.zones
    quiet = is_quiet(permit.at, zones, POLICY.quiet_hours)
    if not quiet:
        assert not permit.through_quiet_hours
    elif text.kind in ("reply", "notice"):
        assert permit.at <= (text.answers_at or text.at) + ANSWER_WITHIN
    else:
        assert permit.through_quiet_hours
        assert (text.kind, text.priority, state.urgent_agreed) == ("escalation", "urgent", True)
